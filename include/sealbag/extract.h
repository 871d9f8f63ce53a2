/* SPDX-License-Identifier: ISC
 *
 * extract.h: the part of sealbag.h about taking the documents out of a bag.
 */
#ifndef SEALBAG_EXTRACT_H
#define SEALBAG_EXTRACT_H

#include <sealbag/sealbag.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sealbag_extract_options {
    struct sealbag_verify_options verify;
    const char *directory;    /* an existing folder; the bag appears in it under its name */
    const char *const *paths; /* documents ("data/...") or folders; none: the whole bag */
    size_t path_count;
    bool accept_untrusted; /* also publish at exit code 3 */
    bool accept_unsigned;  /* also publish at exit code 4 */
    bool salvage;          /* of a damaged bundle, what still matches */
    bool no_mtimes;        /* the file times that its records state are not restored */
};

struct sealbag_extracted {
    bool published;
    char folder[4096];            /* where, when published */
    uint64_t documents, bytes;    /* published */
    uint64_t mtimes, mtimes_left; /* stated in the records: restored; not restored */
    char **lost;                  /* salvage: paths in the bag that could not be saved */
    size_t lost_count;
};
void sealbag_extracted_free(struct sealbag_extracted *extracted);

/* Verifies and, only if the verdict allows it, publishes the bag (or the chosen documents) as a
 * folder in `directory` by one rename; an existing folder is SEALBAG_ERR_EXISTS. From a regular
 * file the seal is judged before anything is unpacked (with an index only the signed lists are read
 * for that, without one the whole bundle), and everything is judged while it is unpacked. Chosen
 * documents are found by the index and read alone when they are the smaller half of the bundle;
 * then the verdict is partial. A folder is judged, and then copied: CHANGED when it does not hold
 * what was judged any more; it must not hold `directory`. Both *out and
 * *verdict are filled also when nothing was published. Modes, owners and times from the bundle are
 * not restored, but the times that its records state are, when somebody signed them (exit codes 0
 * and 3). seal/index.tsv, which only tells places in the bundle, is left out. */
int sealbag_bundle_extract(struct sealbag_extracted *out, struct sealbag_verdict **verdict, int fd,
                           const struct sealbag_extract_options *options, struct sb_error *error);

#ifdef __cplusplus
}
#endif

#endif
