/* Makes a new container of another kind, or a plain folder, out of a bag that exists: with the same
 * files, byte for byte, in the order of section "Order of the files" of docs/format.md, and with
 * more files in seal/ if there are any. The bag is judged first, and the new one looked at before
 * it appears:
 *
 *   guard.inspection.fd      set by the caller, as what else the inspection is to do
 *   sb_repack_open           judges it; what an archive holds is unpacked into a private folder
 *                            beside the output
 *   (judge it, ask, make what is to be added out of `files` and the guard's judge)
 *   sb_repack_publish        if it is `ready`
 *   sb_repack_close          in any case
 */
#ifndef SB_OP_REPACK_H
#define SB_OP_REPACK_H

#include "op/append.h"
#include "op/bundle.h"

/* All is borrowed. */
struct sb_repack_options {
    const struct sealbag_verify_options *verify; /* how the bag is judged, and the new one */
    enum sealbag_format format;
    int level;
    const char *output; /* a path */
    bool force;         /* replace a file that is there; never a folder */
};

/* What the new one has that the old one has not. Borrowed. */
struct sb_repack_more {
    const struct sb_addition *additions; /* written after all else, in this order */
    size_t count;
    const char *seal; /* the whole seal id that the new one must have; NULL: the old one's */
    int64_t time;     /* of its entries */
};

/* Zero-initialise all but guard.inspection. For others to read: */
struct sb_repack {
    struct sb_guard guard; /* guard.judge: seal, records, and files of seal/ that were kept */
    struct sealbag_verdict *verdict; /* NULL: there is none */
    bool ready;                      /* the verdict is 0, 3 or 4, and all is there to go on with */
    /* Its files as they were judged, sorted, without index.tsv. */
    struct sb_inventory files;
    enum sb_packing packing; /* the new one's */
    uint64_t written;        /* bytes of the new archive; 0 of a folder */
    bool beyond_ratio;       /* others have to raise the limit "ratio" to read it */
    /* its own */
    struct sb_repack_options options;
    char *directory, *name; /* that the output appears in, and its name there */
    struct sb_staging staging;
    struct sb_output output;
};

/* USAGE, EXISTS and the like when the output cannot be there: where the bag itself is, or in it. 0
 * also when the verdict is a bad one. The verdict is there also when something else failed. */
int sb_repack_open(struct sb_repack *repack, const struct sb_repack_options *options,
                   struct sb_error *error);

/* Writes the new one, has a process of its own judge it, and puts it in its place in one step.
 * `more` may be NULL. CHANGED when a file is not as it was judged. Whatever fails, nothing is
 * there, or what was there before. Then only sb_repack_close may follow. */
int sb_repack_publish(struct sb_repack *repack, const struct sb_repack_more *more,
                      struct sb_error *error);

/* Ends a run whose result so far is `result`, as sb_staging_close does. */
int sb_repack_close(struct sb_repack *repack, int result, struct sb_error *error);

/* Parts of it: whether the new one, or the bag itself, is a plain folder. */
bool sb_repack_to_folder(const struct sb_repack *repack);
bool sb_repack_from_folder(const struct sb_repack *repack);
/* Part of it: writes the new one, or fills the staging folder. */
int sb_repack_make(struct sb_repack *repack, const struct sb_repack_more *more,
                   struct sb_error *error);
/* Part of it: has what was made judged. 0 when it is as good as the old one, and holds the same. */
int sb_repack_look(const struct sb_repack *repack, const struct sb_repack_more *more,
                   struct sb_error *error);
/* Part of it: writes all files into the bundle, which is open. */
int sb_repack_files(struct sb_bundle *bundle, const struct sb_repack *repack,
                    struct sb_error *error);
/* Part of it: the files in the order in which they are written, as an array that the caller frees.
 * NULL when memory is short. */
const struct sb_file **sb_repack_order(const struct sb_inventory *files);

#endif
