/* Writes the files of a bag into an archive of some kind, in the order in which they are given. */
#ifndef SB_OP_BUNDLE_H
#define SB_OP_BUNDLE_H

#include "base/packing.h"
#include "container/pack.h"
#include "container/tar_write.h"
#include "container/zip_write.h"

struct sb_bundle_options {
    enum sb_packing packing; /* not a folder */
    int level;
    const char *name; /* the bag's; borrowed, as the output and the pool */
    int64_t mtime;
    /* With index.tsv, for which seal/ has a place. A zip file never has it: it has a list of its
     * own. */
    bool indexed;
    struct sb_output *output;
    struct sb_pool *pool;
};

/* Zero-initialise; free it in any case. */
struct sb_bundle {
    struct sb_bundle_options options;
    struct sb_zip_writer *zip; /* NULL: it is a tar, */
    struct sb_packer *packer;  /* packed, */
    struct sb_tar_writer *tar; /* and written */
    struct sb_buf index;       /* index.tsv so far */
};

int sb_bundle_open(struct sb_bundle *bundle, const struct sb_bundle_options *options,
                   struct sb_error *error);
/* Before anything is given to it: the output holds the beginning of a bundle already, which is made
 * of these frames, all full; `before` follows in the tar, and `index` is index.tsv up to there. Or
 * of so many entries of a zip file, of which `central` is the central directory. */
struct sb_bundle_resume {
    const uint32_t *sizes; /* as in pack.h */
    size_t frames;
    const struct sb_buf *before, *index;
    const struct sb_buf *central;
    uint64_t entries;
};
int sb_bundle_resume(struct sb_bundle *bundle, const struct sb_bundle_resume *resume,
                     struct sb_error *error);

/* One file: begin, data until exactly `size` bytes, end. `path` is UTF-8, begins with the bag's
 * name, and stays until the end. */
int sb_bundle_begin(struct sb_bundle *bundle, const char *path, uint64_t size,
                    struct sb_error *error);
int sb_bundle_data(struct sb_bundle *bundle, const void *bytes, size_t len, struct sb_error *error);
int sb_bundle_end(struct sb_bundle *bundle, struct sb_error *error);
/* Takes back the file that was begun last, whole. UNSUPPORTED when it has left through a pipe. */
int sb_bundle_take_back(struct sb_bundle *bundle, struct sb_error *error);

/* Where the next file begins, and that one began there: for the index. These paths are in the bag,
 * without its name. */
uint64_t sb_bundle_place(const struct sb_bundle *bundle);
int sb_bundle_note(struct sb_bundle *bundle, const char *path, uint64_t size, uint64_t at,
                   struct sb_error *error);
/* All of this for bytes in memory. */
int sb_bundle_add(struct sb_bundle *bundle, const char *path, const void *bytes, size_t len,
                  struct sb_error *error);

/* index.tsv, and what stands at the end. */
int sb_bundle_finish(struct sb_bundle *bundle, struct sb_error *error);
/* How many bytes were packed. */
uint64_t sb_bundle_unpacked(const struct sb_bundle *bundle);
void sb_bundle_free(struct sb_bundle *bundle);

/* Files that another thread makes ready in memory, to be taken into a bundle in some order. */
struct sb_bundle_part {
    const struct sb_bundle *bundle; /* NULL: it is not open */
    struct sb_tar_writer *tar;      /* NULL: it is for a zip file, */
    struct sb_deflater *deflater;   /* whose files are deflated */
    const char *path;               /* when they were read, */
    uint64_t left;                  /* to their last byte, */
    struct sb_buf data;             /* as a whole */
    struct sb_buf bytes;
    size_t *ends; /* of each file in the bytes */
    size_t count, cap;
};

/* The bundle is borrowed, and must be open. */
int sb_bundle_part_open(struct sb_bundle_part *part, const struct sb_bundle *bundle,
                        struct sb_error *error);
/* Forgets what is in it. */
void sb_bundle_part_empty(struct sb_bundle_part *part);
/* As those of a bundle. */
int sb_bundle_part_begin(struct sb_bundle_part *part, const char *path, uint64_t size,
                         struct sb_error *error);
int sb_bundle_part_data(struct sb_bundle_part *part, const void *bytes, size_t len,
                        struct sb_error *error);
int sb_bundle_part_end(struct sb_bundle_part *part, struct sb_error *error);
int sb_bundle_part_take_back(struct sb_bundle_part *part, struct sb_error *error);
/* File `number` of the part, which is ended. */
int sb_bundle_take(struct sb_bundle *bundle, const struct sb_bundle_part *part, size_t number,
                   struct sb_error *error);
void sb_bundle_part_close(struct sb_bundle_part *part);

#endif
