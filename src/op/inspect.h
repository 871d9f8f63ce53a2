/* The part of the work that takes in the bytes of a bundle: whatever parses, decompresses or writes
 * documents. It knows no keys and no trust, so that it can be done by a process that can do nothing
 * else (guard.h). */
#ifndef SB_OP_INSPECT_H
#define SB_OP_INSPECT_H

#include <sys/types.h>

#include "op/folder.h"
#include "op/lookup.h"
#include "op/selection.h"
#include "op/staging.h"
#include "op/tail.h"

struct sb_inspection {
    int fd;
    off_t start;              /* of the bundle in it; -1: a pipe */
    char *folder;             /* fd is a folder of this name, which is the bag; NULL: an archive */
    enum sealbag_depth depth; /* only for SB_READ_ALL */
    bool index_is_hint;
    bool unlisted;     /* who asks wants only the number of the documents */
    bool provenance;   /* and the lists that tell of provenance; not with `unlisted` */
    bool to_seal;      /* the bag is to be sealed: what its signer should know is told */
    const char *named; /* what the archive is called, or NULL */
    const struct sealbag_profile *profile; /* that the bag is to keep to, or NULL */
    struct sb_reader_options reading;      /* progress and limits; the rest is filled in */
    struct sb_staging *staging;            /* NULL: nothing is written */
    const struct sb_selection *selection;  /* NULL: all documents */
    struct sb_lookup lookup;
    struct sb_tail tail; /* of the last SB_READ_TAIL */
    /* what a salvage could not save */
    char **lost;
    size_t lost_count;
};

enum sb_request {
    SB_READ_ALL,       /* the whole bundle */
    SB_READ_LISTS,     /* what is found by its index */
    SB_WRITE_SELECTED, /* after SB_READ_LISTS, of a folder after SB_READ_ALL: the selected
                        * documents, to staging */
    SB_WRITE_ALL,      /* the whole archive, while what is selected goes to staging */
    SB_READ_RUINS,     /* the whole bundle, to salvage */
    SB_WRITE_RUINS,    /* after SB_READ_RUINS: what matches, to staging */
    SB_READ_TAIL,      /* what has to be made again when files are added */
    SB_REQUEST_COUNT
};

/* Whether it gives the judge the bag and its seal, instead of what an earlier request gave it. */
bool sb_request_judges(enum sb_request request);

/* Before that: finds out whether it is to read a folder. */
int sb_inspection_look(struct sb_inspection *inspection, struct sb_error *error);
/* 1: done. 0: the index is of no use for this, and all must be read. Else a negative code. After a
 * request that judges, signatures and trust are still to be judged. */
int sb_inspect(struct sb_inspection *inspection, struct sb_judge *judge, enum sb_request request,
               struct sb_error *error);
/* What could not be saved. */
void sb_inspection_forget(struct sb_inspection *inspection);
void sb_inspection_close(struct sb_inspection *inspection);

/* Part of it: what is still there of a damaged bundle. */
int sb_ruins_read(struct sb_inspection *inspection, struct sb_judge *judge, struct sb_error *error);
int sb_ruins_write(struct sb_inspection *inspection, struct sb_judge *judge,
                   struct sb_error *error);
/* In place of sb_ruins_write, when it is a folder. */
int sb_ruins_copy(struct sb_inspection *inspection, const struct sb_judge *judge,
                  const struct sb_folder *folder, struct sb_error *error);
/* Where its bag's folder goes: NULL when that is not known. */
const char *sb_ruins_name(const struct sb_judge *judge);

#endif
