/* Media types (RFC 6838), by the first bytes of a file: a small table instead of a library, since
 * what is not known here is only left empty, and hostile bytes are not parsed for it. */
#ifndef SB_BASE_MEDIA_H
#define SB_BASE_MEDIA_H

#include <stddef.h>
#include <stdint.h>

enum { SB_MEDIA_BYTES = 4096 };

/* The type of a file that begins so (SB_MEDIA_BYTES are enough), such as "image/jpeg": a static
 * string. NULL: not known. */
const char *sb_media_type(const uint8_t *bytes, size_t len);

#endif
