/* SPDX-License-Identifier: ISC
 *
 * convert.h: the part of sealbag.h about moving a bag from one container to another.
 */
#ifndef SEALBAG_CONVERT_H
#define SEALBAG_CONVERT_H

#include <sealbag/sealbag.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sealbag_convert_options {
    struct sealbag_verify_options verify; /* how the bag is judged; jobs is also for packing */
    /* The path of the new bundle, or of the new folder, which is called like the bag. */
    const char *output;
    enum sealbag_format format;
    int level;  /* as for create */
    bool force; /* replace a file that is there; a folder is never replaced */
};

struct sealbag_converted {
    bool published;
    char name[256];            /* of the bag */
    uint64_t documents, bytes; /* in it */
    uint64_t bundle_bytes;     /* of the new bundle; 0 of a folder */
    bool beyond_ratio;         /* as of struct sealbag_created */
};

/* Judges the bag that can be read from `fd`, as sealbag_bundle_verify does, and makes one of
 * another kind out of it if the exit code is 0, 3 or 4: the same files, byte for byte, with the
 * same name, seal, signatures and custody events, in the order in which create writes. Only
 * seal/index.tsv, which tells places in a bundle, is made anew. An archive is unpacked into a
 * private folder beside the output first. Each file is hashed while it is packed and must be the
 * one that was judged, and a new process judges what was made before it appears, in one step.
 *
 * *verdict is the one on the bag; the caller frees it. Both are filled also when nothing was
 * published. Returns 0, also for a bag that must not be used and was not converted; USAGE when the
 * output is the bag itself, lies in it, or is a folder that is not called like it; EXISTS; CHANGED
 * when files of a folder are not as they were judged; LIMIT, IO, CANCELLED, MEMORY. Whatever fails,
 * what was there before is still there. Threads: as sealbag_bundle_verify. */
int sealbag_bundle_convert(struct sealbag_converted *out, struct sealbag_verdict **verdict, int fd,
                           const struct sealbag_convert_options *options, struct sb_error *error);

#ifdef __cplusplus
}
#endif

#endif
