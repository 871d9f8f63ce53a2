/* Where an extraction is built: a private folder (0700) beside the destination. Nothing is visible
 * under its final name until it is published by one rename. */
#ifndef SB_OP_STAGING_H
#define SB_OP_STAGING_H

#include "base/tree.h"
#include "op/scan.h"

/* Whether this file is to be written. */
typedef bool (*sb_staging_filter)(const void *context, const char *path);
/* Whether what was read is to be kept (only asked when set). */
typedef bool (*sb_staging_judge)(const void *context, const char *path, const uint8_t *digest);

struct sb_staging {
    int dir_fd;            /* the destination folder */
    const char *directory; /* borrowed, for messages */
    char name[64];         /* of the staging folder in it; "" when there is none */
    int fd;                /* the bag's folder in it */
    struct sb_tree tree;
    int file;  /* being written; -1 */
    char *top; /* the bag's name */
    uint64_t documents, bytes;
    uint64_t file_bytes;
    struct sb_inventory saved; /* what was kept, when there is a judge */
    bool collided;             /* the disk took two of the paths for one */
    sb_staging_filter filter;  /* NULL: everything */
    sb_staging_judge judge;    /* NULL: everything */
    const void *context;
};

int sb_staging_open(struct sb_staging *staging, const char *directory, struct sb_error *error);
/* Before writing, also after an earlier attempt, whose files sb_staging_empty has removed. */
void sb_staging_restart(struct sb_staging *staging);
int sb_staging_empty(struct sb_staging *staging, struct sb_error *error);
/* A sink that writes into the staging folder. */
struct sb_sink sb_staging_sink(struct sb_staging *staging);
/* EXISTS when the folder already has something of this name: publishing would fail. */
int sb_staging_check_free(const char *directory, const char *name, struct sb_error *error);
/* Stores what was written. */
int sb_staging_sync(const struct sb_staging *staging, struct sb_error *error);
/* Syncs, and renames the bag's folder to `name` in the destination without replacing. */
int sb_staging_publish(struct sb_staging *staging, const char *name, struct sb_error *error);
/* Ends a run whose result so far is `result`: removes what is left of the staging folder. Returns
 * the result when it is negative; else 0, or IO. When something is left, the sentence names it. */
int sb_staging_close(struct sb_staging *staging, int result, struct sb_error *error);

#endif
