/* One tar header block, and the two kinds of extended header, as POSIX.1-2017 (pax, ustar
 * interchange format) and GNU tar define them. Bytes in, values out. */
#ifndef SB_CONTAINER_TAR_HEADER_H
#define SB_CONTAINER_TAR_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define SB_TAR_USTAR_SIZE_MAX UINT64_C(077777777777)

struct sb_tar_header {
    char type; /* '0' file, '5' folder, 'x' pax header, 'L' GNU long name */
    uint64_t size;
    char path[257]; /* prefix, slash, name */
};

/* Checks the checksum, the magic and the type flag. */
int sb_tar_header_parse(struct sb_tar_header *out, const uint8_t block[512],
                        struct sb_error *error);

/* Whether other programs may take it for a header, in whatever kind of tar: its checksum is right
 * in one of the ways in which they read and compute it, and it has the magic or what they want
 * without one. What is only random does not: less than one block in 10^11. */
bool sb_tar_header_resembles(const uint8_t block[512]);

/* The error for a tar's first block when it is a header of the time before POSIX (1988), which has
 * no magic; else 0. */
int sb_tar_header_refuse_old(const uint8_t block[512], struct sb_error *error);

struct sb_pax {
    const char *path; /* within the parsed bytes; NULL when there is none */
    size_t path_len;
    uint64_t size;
    bool has_size;
};

/* Records "<length> <key>=<value>\n" that fill the bytes exactly. Keys that could change what an
 * entry is (links, sparse maps, character sets, unknown ones) are refused; what only describes its
 * maker (times, owners, attributes) is passed over. */
int sb_pax_parse(struct sb_pax *out, const uint8_t *bytes, size_t len, struct sb_error *error);

/* A GNU long name: the path and one NUL. */
int sb_longname_parse(struct sb_pax *out, const uint8_t *bytes, size_t len, struct sb_error *error);

#endif
