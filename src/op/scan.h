/* One pass over a bundle: every file is hashed, the small files that say what the bag is are kept,
 * and a sink may take the bytes on the way. Nothing is judged here but the container. */
#ifndef SB_OP_SCAN_H
#define SB_OP_SCAN_H

#include "bag/inventory.h"
#include "container/reader.h"
#include "hash/digest.h"

struct sb_kept {
    const char *path;
    struct sb_buf bytes;
    uint8_t digest[SB_DIGEST_SIZE]; /* of exactly these bytes */
};

/* Zero-initialise; free with sb_scan_free. */
struct sb_scan {
    char *top; /* the top-level folder: the first entry's, unless it is set before the scan */
    struct sb_inventory inventory;
    struct sb_kept *kept;
    size_t kept_count, kept_cap;
    bool ended; /* the container was read to its proper end */
};

/* Takes files as they are read. Each function returns 0 or a negative code, which ends the scan and
 * is returned by it. */
struct sb_sink {
    void *context;
    /* *want: whether to call data and end for this file. */
    int (*begin)(void *context, bool *want, const char *top, const char *path,
                 struct sb_error *error);
    int (*data)(void *context, const void *bytes, size_t len, struct sb_error *error);
    /* digest NULL: the file could not be read to its end (only when salvaging). */
    int (*end)(void *context, const char *path, const uint8_t *digest, struct sb_error *error);
};

/* Reads from fd. What is wrong with the bundle becomes findings and 0; negative codes are the
 * caller's or the sink's. `sink` may be NULL. */
int sb_scan_read(struct sb_scan *scan, struct sb_findings *findings, int fd,
                 const struct sb_reader_options *options, const struct sb_sink *sink,
                 struct sb_error *error);

/* A tag or seal file that was kept, and its bytes; NULL when there is none. */
const struct sb_kept *sb_scan_kept_file(const struct sb_scan *scan, const char *path);
const struct sb_buf *sb_scan_kept(const struct sb_scan *scan, const char *path);
void sb_scan_free(struct sb_scan *scan);

#endif
