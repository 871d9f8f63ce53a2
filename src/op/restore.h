/* The times of documents, which are as the records in metadata.csv say: nothing else that a bundle
 * says of times is taken for one. */
#ifndef SB_OP_RESTORE_H
#define SB_OP_RESTORE_H

#include "op/selection.h"
#include "op/staging.h"
#include "record/metadata.h"

struct sb_restore_item {
    const char *path;
    int64_t seconds;
    uint32_t nanoseconds;
};

/* Zero-initialise; free with sb_restore_free. */
struct sb_restore {
    struct sb_restore_item *items;
    size_t count, cap;
    uint64_t stated;   /* times, of documents that are wanted: also malformed ones */
    uint64_t restored; /* by sb_restore_apply */
    struct sb_arena strings;
};

/* Takes the times out of the table, whose paths are those of a bag. The selection may be NULL: all
 * documents. A time that is malformed, or stated twice, is only counted. 0 or MEMORY. */
int sb_restore_plan(struct sb_restore *out, const struct sb_metadata *table,
                    const struct sb_selection *selection);
/* Sets them, on files of the staging folder that nobody else can change any more. What the disk
 * cannot hold is not restored, and that is no failure. */
void sb_restore_apply(struct sb_restore *restore, const struct sb_staging *staging);
void sb_restore_free(struct sb_restore *restore);

#endif
