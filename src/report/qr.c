#include "report/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <stdlib.h>

#include <sealbag/sealbag.h>

int sb_qr_make(struct sb_qr *out, const char *text)
{
    *out = (struct sb_qr){0};
    /* Version 0 is the smallest that holds it. A quarter of level Q is more than a crease in paper
     * takes, but makes the squares too small: M, 15 percent. */
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (code == NULL)
        return errno == ENOMEM ? SEALBAG_ERR_MEMORY : SEALBAG_ERR_SYSTEM;
    size_t width = (size_t)code->width;
    out->dark = malloc(width * width);
    if (out->dark != NULL) {
        out->width = (unsigned)width;
        for (size_t i = 0; i < width * width; i++)
            out->dark[i] = code->data[i] & 1; /* the other bits say what a square is for */
    }
    QRcode_free(code);
    return out->dark != NULL ? 0 : SEALBAG_ERR_MEMORY;
}

void sb_qr_free(struct sb_qr *qr)
{
    free(qr->dark);
    *qr = (struct sb_qr){0};
}
