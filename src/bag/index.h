/* index.tsv: where each file of the bag starts in the tar. Nobody signed it: it is a hint, and what
 * is found by it must be checked. Written and read in exactly one form:
 *
 *   offset <tab> size <tab> path
 *   <where the file's first header starts> <tab> <bytes of the file> <tab> <path as in manifests>
 *   ...
 *
 * one line for each file in the order of the tar, but not for index.tsv itself, which is the last.
 */
#ifndef SB_BAG_INDEX_H
#define SB_BAG_INDEX_H

#include <stdbool.h>

#include "base/buf.h"

#define SB_INDEX_TSV    "seal/index.tsv"
#define SB_INDEX_HEADER "offset\tsize\tpath\n"

/* Appends a line. 0 or MEMORY. */
int sb_index_append(struct sb_buf *out, uint64_t offset, uint64_t size, const char *path);

/* What is still to be read of an index. */
struct sb_index_lines {
    const char *at, *end;
    size_t name_len;      /* of the bag's name */
    bool name_plain;      /* it is ASCII */
    uint64_t least, most; /* what the next offset must lie between */
};

struct sb_index_line {
    uint64_t offset, size;
    const char *path; /* encoded as in manifests, path_len bytes */
    size_t path_len;
};

/* Checks the first line. `name` is the bag's, before every path in the tar. False when it is not an
 * index. */
bool sb_index_open(struct sb_index_lines *lines, const uint8_t *bytes, size_t len,
                   const char *name);
/* 1 and the next line; 0 at the end; -1 when it is malformed, or when the files would not stand one
 * directly behind the other from the tar's beginning, each with as much for its headers as sealbag
 * needs: there must be no room for anything else between them. */
int sb_index_next(struct sb_index_lines *lines, struct sb_index_line *line);

#endif
