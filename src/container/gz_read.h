/* Reads gzip strictly: a sealbag file's members whole and checked against their length subfield,
 * any other conforming gzip file (RFC 1952) as a stream. Every byte of the input is accounted for.
 */
#ifndef SB_CONTAINER_GZ_READ_H
#define SB_CONTAINER_GZ_READ_H

#include <stdbool.h>

#include "container/input.h"

struct sb_gz_reader;

/* `input` is borrowed. With `salvage` a damaged member of a sealbag file is a gap, not an error. */
int sb_gz_reader_new(struct sb_gz_reader **out, struct sb_input *input, bool salvage,
                     struct sb_error *error);
void sb_gz_reader_free(struct sb_gz_reader *reader);

/* 1 and the next bytes (valid until the next call); 0 at the end; or a negative code. *gap, when
 * salvaging: bytes were lost before these; they began at a multiple of 1 MiB. */
int sb_gz_read(struct sb_gz_reader *reader, const uint8_t **bytes, size_t *len, bool *gap,
               struct sb_error *error);

#endif
