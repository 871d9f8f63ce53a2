/* A bag that is a plain folder: it is listed, the files that say what the bag is are kept, and all
 * are hashed, by all threads. Nothing is reached but through the folder's descriptor, no link is
 * followed, and what changes meanwhile is noticed. What it finds out is what sb_scan_read finds out
 * of an archive. */
#ifndef SB_OP_FOLDER_H
#define SB_OP_FOLDER_H

#include <sys/stat.h>

#include "base/tree.h"
#include "op/rehash.h"
#include "op/scan.h"

/* A folder in the bag. */
struct sb_folder_part {
    const char *path; /* the inventory's; "": the bag itself */
    size_t above;     /* the number of the folder that it is in */
    bool used;        /* something is in it or beneath it */
    struct stat before;
};

/* Set what is above the line, and zero the rest; free with sb_folder_free. All is borrowed. */
struct sb_folder {
    int fd; /* of the bag's folder */
    const char *name;
    struct sb_pool *pool;
    const struct sb_reader_options *reading; /* limits and progress are used */
    struct sealbag_limits limits;
    /* its own */
    struct sb_folder_part *parts;
    size_t count, cap;
    bool failed; /* something could not be read: the bag cannot be judged */
};

/* The name of the open folder, which the caller frees. */
int sb_folder_name(char **name, int fd, struct sb_error *error);

/* Fills the scan but for the digests and sizes of the files that are not kept. What is wrong with
 * the folder becomes findings and 0. */
int sb_folder_list(struct sb_scan *scan, struct sb_findings *findings, struct sb_folder *folder,
                   struct sb_error *error);
/* After that: these (of a quick scan, the sizes only), and the digests of the algorithms in
 * `others`, a bit for each. */
int sb_folder_hash(struct sb_scan *scan, struct sb_rehash *rehash, unsigned others,
                   struct sb_findings *findings, struct sb_folder *folder, struct sb_error *error);
/* After a verdict that allows it: gives the sink the files that it wants, which must be those that
 * were judged. CHANGED, with its name, when one is not; then nothing that the sink took may be
 * used. The sink gets no digests. Of the folder, what is above the line is used. */
int sb_folder_copy(const struct sb_inventory *files, const struct sb_folder *folder,
                   const struct sb_sink *sink, struct sb_error *error);
void sb_folder_free(struct sb_folder *folder);
/* Whether these files, sorted, are all that is there, with their sizes and SHA-256 digests. Nothing
 * is parsed for it: there are only names, and bytes that are hashed, by a pool of its own, which is
 * gone afterwards. `folder` needs no pool, and is freed. */
int sb_folder_check(bool *same, const struct sb_inventory *files, struct sb_folder *folder,
                    unsigned jobs, struct sb_error *error);

/* Parts of both: */

/* Opens the file at `path`, which was a regular one when it was listed. -1 with errno. */
int sb_folder_open_file(struct stat *status, struct sb_tree *tree, const char *path);
/* Whether both tell of the same thing, and it was not written to between them. */
bool sb_folder_same(const struct stat *a, const struct stat *b);
bool sb_folder_unchanged(int fd, const struct stat *before);
/* Adds a finding: the file or folder could not be read for this reason, of errno, or was changed.
 */
void sb_folder_tell(struct sb_findings *findings, struct sb_folder *folder, const char *path,
                    int reason);

#endif
