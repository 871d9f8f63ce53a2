/* What a plain tar begins with. */
#ifndef SB_CONTAINER_TAR_CODEC_H
#define SB_CONTAINER_TAR_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SB_TAR_MAGIC_SIZE = 262 }; /* as many bytes are needed to tell */

/* Whether a header stands here. */
bool sb_tar_magic(const uint8_t *bytes, size_t len);
/* Whether the file is one: not if it begins like one that is packed, whatever else it looks like.
 */
bool sb_tar_begins(const uint8_t *bytes, size_t len);
/* How a packed file begins. */
bool sb_gz_magic(const uint8_t *bytes, size_t len);
bool sb_zip_magic(const uint8_t *bytes, size_t len);

#endif
