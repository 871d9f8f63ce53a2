/* Puts a new seal/ into a bag that is a plain folder, in one step: it is built in a hidden folder
 * beside the bag, and then appears in the bag, or changes places with the one that is there.
 * Whatever ends the run, the bag has the old seal or the new one, whole; only the hidden folder can
 * be left, and it is no part of the bag.
 *
 *   sb_file_lock             the bag's folder, before it is judged
 *   sb_seal_folder_open
 *   sb_seal_folder_add       each file of the new seal/, also those that the old one has
 *   sb_seal_folder_list      what was built, to look at it
 *   sb_seal_folder_publish
 *   sb_seal_folder_list      what was replaced, to look at that
 *   sb_seal_folder_revert    when it was not what it should have been
 *   sb_seal_folder_close     in any case
 */
#ifndef SB_OP_SEAL_FOLDER_H
#define SB_OP_SEAL_FOLDER_H

#include "op/folder.h"
#include "op/staging.h"

struct sb_seal_folder {
    int bag;          /* the bag's folder; borrowed */
    const char *path; /* likewise */
    const char *name; /* its end */
    char *above;      /* the folder that the bag is in */
    bool replaces; /* there is a seal/ in the bag, of which the new one takes over who may use it */
    bool published;
    struct sb_tree old; /* what is in the bag */
    struct sb_staging staging;
};

/* `path`: of the bag's folder, absolute and without links in it. CHANGED when it does not lead to
 * the open folder; an error when the folder that the bag is in cannot be written to. Close it in
 * any case. */
int sb_seal_folder_open(struct sb_seal_folder *folder, int bag, const char *path,
                        struct sb_error *error);
/* `path`: in the bag, "seal/...". EXISTS when it was added before. */
int sb_seal_folder_add(struct sb_seal_folder *folder, const char *path, const void *bytes,
                       size_t len, struct sb_error *error);
/* What is in the hidden folder: first the new seal/, later the old one. The scan and the findings
 * are filled as sb_folder_list does. `reading`: its limits are used. */
int sb_seal_folder_list(struct sb_scan *scan, struct sb_findings *findings,
                        const struct sb_seal_folder *folder,
                        const struct sb_reader_options *reading, struct sb_error *error);
/* Stores what was built, and puts it into the bag. EXISTS when there is a seal/ now and there was
 * none before; UNSUPPORTED when the disk cannot exchange two folders. After an error the bag is as
 * it was. */
int sb_seal_folder_publish(struct sb_seal_folder *folder, struct sb_error *error);
/* Where the disk cannot exchange folders: puts one file of the new seal/, or one folder of it, into
 * the old one, which has to be all that they differ by, in one step. EXISTS when there is something
 * in its place. After an error the bag is as it was. */
int sb_seal_folder_put(struct sb_seal_folder *folder, const char *path, struct sb_error *error);
/* After sb_seal_folder_publish: puts the old one back. When that fails, the sentence says where it
 * is, and it is left there. */
int sb_seal_folder_revert(struct sb_seal_folder *folder, struct sb_error *error);
/* Ends a run whose result so far is `result`: removes the hidden folder, with what is in it.
 * Returns the result when it is negative; else 0, or IO when something is left. */
int sb_seal_folder_close(struct sb_seal_folder *folder, int result, struct sb_error *error);

#endif
