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
    size_t number;                  /* of the file, in the order in which they were read */
};

/* What a scan finds out about index.tsv: it makes its own from what it reads. */
struct sb_scan_index {
    struct sb_digest *digest; /* of the one that it makes */
    struct sb_buf line;
    bool found, last; /* it is there; and the last file */
    size_t number;    /* of the file, in the order in which they were read */
    uint64_t at;
    uint8_t expected[SB_SHA256_SIZE];
    bool hint; /* set before the scan: a wrong index is only a warning */
    /* of the container */
    bool could_point; /* it is of the kind that has a pointer */
    uint64_t pointer;
};

/* Zero-initialise; free with sb_scan_free. */
struct sb_scan {
    char *top; /* the top-level folder: the first entry's, unless it is set before the scan */
    struct sb_inventory inventory;
    struct sb_kept *kept;
    size_t kept_count, kept_cap;
    size_t *kept_by_path, kept_by_path_cap; /* their numbers, sorted by path */
    size_t custody_count;                   /* how many of them are custody events and the like */
    uint64_t kept_bytes, custody_bytes, path_bytes, entries;
    bool quick;      /* set before the scan: nothing is hashed, and what need not be read is not */
    bool keep_index; /* set before the scan: keep index.tsv too */
    bool only_lists; /* set before the scan: documents are not read, and have no digest; in zip
                        files */
    enum sb_packing packing;
    bool ended; /* the container was read to its proper end */
    struct sb_scan_index index;
};

/* Takes files as they are read. Each function returns 0 or a negative code, which ends the scan and
 * is returned by it. */
struct sb_sink {
    void *context;
    /* *want: whether to call data and end for this file. */
    int (*begin)(void *context, bool *want, const char *top, const char *path,
                 struct sb_error *error);
    int (*data)(void *context, const void *bytes, size_t len, struct sb_error *error);
    /* `lost`: the file could not be read to its end (only when salvaging). The digest is given when
     * it is needed; otherwise files may still be being hashed when they end. */
    bool needs_digest;
    int (*end)(void *context, const char *path, bool lost, const uint8_t *digest,
               struct sb_error *error);
};

/* Reads from fd. What is wrong with the bundle becomes findings and 0; negative codes are the
 * caller's or the sink's. `sink` may be NULL. */
int sb_scan_read(struct sb_scan *scan, struct sb_findings *findings, int fd,
                 const struct sb_reader_options *options, const struct sb_sink *sink,
                 struct sb_error *error);

struct sb_scan_end {
    bool ended;       /* the tar has */
    bool sink_failed; /* the error is not about the bundle */
};

/* Reads at most `most` files from a reader that was opened at some place. The inventory is not
 * sorted. Here everything that is wrong is an error. */
int sb_scan_some(struct sb_scan *scan, struct sb_scan_end *end, struct sb_reader *reader,
                 size_t most, const struct sb_sink *sink, struct sb_error *error);

/* Whether an error says something about the bundle, and not about us. */
bool sb_scan_about_bundle(const struct sb_error *error);

/* Parts of a scan: */
int sb_scan_index_file(struct sb_scan_index *index, const char *path, const struct sb_entry *entry,
                       size_t number, struct sb_error *error);
void sb_scan_index_judge(struct sb_findings *findings, const struct sb_scan *scan);
void sb_scan_index_free(struct sb_scan_index *index);

/* A tag or seal file that was kept, and its bytes; NULL when there is none. */
const struct sb_kept *sb_scan_kept_file(const struct sb_scan *scan, const char *path);
const struct sb_buf *sb_scan_kept(const struct sb_scan *scan, const char *path);
/* Whether there may be one more, at this path and of this size; takes up its size. */
bool sb_scan_may_keep(struct sb_scan *scan, const char *path, uint64_t size);
/* A place for the bytes of a file of this size, or NULL when such a file is not kept. `bundle`: how
 * many bytes of it were read, or can be. */
int sb_scan_make_room(struct sb_kept **out, struct sb_scan *scan, const char *path, uint64_t size,
                      const struct sealbag_limits *limits, uint64_t bundle, struct sb_error *error);
/* Counts an entry, by its whole path: each takes memory, so a small bundle must not have millions
 * of them. */
int sb_scan_check_limits(struct sb_scan *scan, const char *path,
                         const struct sealbag_limits *limits, uint64_t bundle,
                         struct sb_error *error);
/* A new one, without bytes, until the next one is made; NULL when memory is short. The path is
 * borrowed. */
struct sb_kept *sb_scan_keep(struct sb_scan *scan, const char *path);
/* Takes the last one back. */
void sb_scan_unkeep(struct sb_scan *scan);
void sb_scan_kept_free(struct sb_scan *scan);
void sb_scan_free(struct sb_scan *scan);

#endif
