/* QR codes. */
#ifndef SB_REPORT_QR_H
#define SB_REPORT_QR_H

#include <stddef.h>
#include <stdint.h>

/* The squares of a code, row after row; 1 is dark. */
struct sb_qr {
    unsigned width;
    uint8_t *dark;
};

/* The code of a text, without a margin. 0 or SEALBAG_ERR_MEMORY; SEALBAG_ERR_SYSTEM when it is too
 * long for one. Free with sb_qr_free. */
int sb_qr_make(struct sb_qr *out, const char *text);
void sb_qr_free(struct sb_qr *qr);

#endif
