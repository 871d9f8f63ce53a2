/* The character encoding of a bag's tag files (RFC 8493, section 2.1.1): from what bagit.txt names
 * to UTF-8. By code and tables of our own: where bundles are read, the C library cannot load its
 * tables, and what a bag says must not depend on those that a machine happens to have. */
#ifndef SB_BAG_ENCODING_H
#define SB_BAG_ENCODING_H

#include "base/buf.h"

/* An encoding is its number in a table. These have a name. */
enum { SB_UTF8 = 0, SB_ENCODING_UNKNOWN = 0xff };

/* By one of its names in the registry of IANA, in either case. */
unsigned sb_encoding_find(const char *name, size_t len);

enum { SB_ENCODING_NAME = 16 };

/* The name to show. Returns out; NULL when it is not known. */
const char *sb_encoding_name(char out[SB_ENCODING_NAME], unsigned encoding);

/* Appends the text as UTF-8, which has at most three times as many bytes. 1; 0 when the bytes are
 * none of that encoding, to the last, or in UTF-8 begin with a byte order mark, which a tag file
 * must not have; or SEALBAG_ERR_MEMORY. */
int sb_encoding_decode(struct sb_buf *out, unsigned encoding, const uint8_t *bytes, size_t len);

#endif
