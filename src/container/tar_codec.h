/* What a plain tar begins with. */
#ifndef SB_CONTAINER_TAR_CODEC_H
#define SB_CONTAINER_TAR_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SB_TAR_MAGIC_SIZE = 262 }; /* as many bytes are needed to tell */

bool sb_tar_magic(const uint8_t *bytes, size_t len);

#endif
