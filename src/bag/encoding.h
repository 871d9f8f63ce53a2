/* The character encoding of a bag's tag files (RFC 8493, section 2.1.1): from what bagit.txt names
 * to UTF-8. The encodings that bags are found in, by code of our own: where bundles are read, the C
 * library cannot load its tables. */
#ifndef SB_BAG_ENCODING_H
#define SB_BAG_ENCODING_H

#include <stdbool.h>

#include "base/buf.h"

enum sb_encoding {
    SB_UTF8,
    SB_ASCII,
    SB_LATIN1, /* ISO-8859-1 */
    SB_WINDOWS1252,
    SB_UTF16, /* with a byte order mark; without one, the high byte first (RFC 2781) */
    SB_UTF16BE,
    SB_UTF16LE,
    SB_ENCODINGS /* none of these */
};

/* By its name in the registry of IANA, in either case. */
enum sb_encoding sb_encoding_find(const char *name, size_t len);

/* Appends the text as UTF-8. 1; 0 when the bytes are none of that encoding, or in UTF-8 begin with
 * a byte order mark, which a tag file must not have; or SEALBAG_ERR_MEMORY. */
int sb_encoding_decode(struct sb_buf *out, enum sb_encoding encoding, const uint8_t *bytes,
                       size_t len);

#endif
