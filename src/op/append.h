/* Adds files to seal/ of a bundle that exists, without reading its documents into a new one: what
 * lies before the frame of index.tsv is copied as it is, and only what follows is made again. The
 * bundle is judged first, whole, and the new one looked at before it takes the old one's place:
 *
 *   sb_append_open       the bundle, locked against others who do the same, and its verdict
 *   (judge it, ask, sign what sb_append_seal gives)
 *   sb_append_publish    the new bundle, in one step
 *   sb_append_close      in any case
 *
 * A bag that is a plain folder gets a new seal/ (seal_folder.h); nothing else in it is touched.
 */
#ifndef SB_OP_APPEND_H
#define SB_OP_APPEND_H

#include <sys/stat.h>

#include "op/guard.h"

/* A file to add. Borrowed. */
struct sb_addition {
    const char *path; /* in the bag: "seal/..." */
    const uint8_t *bytes;
    size_t len;
};

/* Zero-initialise; only the verdict and the guard's judge are for others to read. */
struct sb_append {
    struct sb_guard guard; /* guard.judge: seal, signatures and files of seal/ that were kept */
    struct sealbag_verdict *verdict;
    char *path; /* of the bundle, without links in it */
    int fd;
    bool folder;        /* it is one */
    struct stat status; /* when it was opened */
};

/* Opens and judges the bundle at this path; a link is followed. 0 also when the verdict is a bad
 * one: nothing may be added then unless its exit code is 0, or 3 and somebody wants it so. An error
 * when it is neither a regular file nor a folder, or is being added to by somebody else. `output`:
 * as for sb_append_publish, to be refused at once where it cannot be. The options are borrowed. */
int sb_append_open(struct sb_append *append, const char *path, const char *output,
                   const struct sealbag_verify_options *options, struct sb_error *error);

/* The bytes of seal.txt whose digest is the verdict's seal id, and that its signatures are over;
 * borrowed. NULL when it has none. */
const struct sb_buf *sb_append_seal(const struct sb_append *append);

/* The bytes of a signature, or of another file of seal/ that the judge was given; NULL: there is
 * none. A path that is there is never added again. */
const struct sb_buf *sb_append_kept(const struct sb_append *append, const char *path);

/* Makes the bundle with these files in addition, in this order, and puts it in the place of the old
 * one, or, if `output` is not NULL, there, where nothing may be. *size: its bytes; 0 of a folder.
 * CHANGED when somebody else has changed or replaced the bundle meanwhile; UNSUPPORTED when it has
 * no index. Whatever fails, the old bundle is still there. */
int sb_append_publish(uint64_t *size, struct sb_append *append, const struct sb_addition *additions,
                      size_t count, const char *output, struct sb_error *error);

void sb_append_close(struct sb_append *append);

/* Part of it: whether what was read of the new seal has every signature and custody event that was
 * shown of the old one, and the additions. */
bool sb_append_holds(const struct sb_scan *scan, const struct sb_scan *old,
                     const struct sb_addition *additions, size_t count);
/* Part of it: sb_append_publish, for a folder. */
int sb_append_to_folder(struct sb_append *append, const struct sb_addition *additions, size_t count,
                        struct sb_error *error);

#endif
