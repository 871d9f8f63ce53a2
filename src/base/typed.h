/* Ids and fingerprints as people give them: copied from paper, a letter or a report, where they are
 * printed in groups. White space before, between and behind their digits is left out (ASCII's and
 * the no-break space); everything else is as strict as elsewhere. */
#ifndef SB_BASE_TYPED_H
#define SB_BASE_TYPED_H

#include <sealbag/sealbag.h>

enum { SB_TYPED_HEX = 65 };

/* `least` to 64 hex digits of any case, in lower case to out. False when it is something else. */
bool sb_typed_hex(char out[SB_TYPED_HEX], const char *text, size_t least);

/* "SHA256:", as one word, and the 43 digits of a fingerprint, in which capital and small letters
 * differ. The same. */
bool sb_typed_fingerprint(char out[SEALBAG_FINGERPRINT_SIZE], const char *text);

#endif
