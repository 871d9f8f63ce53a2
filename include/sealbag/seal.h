/* SPDX-License-Identifier: ISC
 *
 * seal.h: the part of sealbag.h about sealing a bag that others have made.
 */
#ifndef SEALBAG_SEAL_H
#define SEALBAG_SEAL_H

#include <sealbag/sealbag.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Shows what is about to be sealed, and asks. `verdict` is on the whole bag; its exit code is 4,
 * and its findings are notes and warnings, among them one (tagmanifest.unlisted) for each file that
 * nothing vouched for so far. 0: seal it; anything else: do not. */
typedef int (*sealbag_seal_fn)(void *context, const struct sealbag_verdict *verdict);

struct sealbag_seal_options {
    const char *bag; /* the path of its folder or archive; a link to it is followed */
    /* NULL: seal/ is put into the folder. Else the sealed bag is made here anew, as an archive of
     * the kind that the name says (or, with a slash at its end, as a folder), and the bag is left
     * as it is; nothing may be there yet. */
    const char *output;
    bool force;                 /* replace an archive that is there */
    enum sealbag_format format; /* of the output, as for sealbag_bundle_create */
    int level;
    struct sealbag_key *const *keys; /* at least one */
    size_t key_count;
    const char *const *cosigners; /* as for sealbag_bundle_create */
    size_t cosigner_count;
    int64_t time;           /* sealing time, seconds since 1970 */
    const uint8_t *salt;    /* 32 bytes, or NULL for random ones */
    const char *supersedes; /* 64 hex digits, or NULL */
    /* Of these only jobs, no_sandbox, limits and progress count: nothing is demanded of a bag that
     * nobody has sealed. */
    struct sealbag_verify_options verify;
    sealbag_seal_fn confirm; /* NULL: nobody is asked */
    void *confirm_context;
};

struct sealbag_sealed {
    bool published;
    char name[256]; /* of the bag */
    uint64_t documents, bytes;
    bool manifest; /* no manifest of SHA-256 in the bag lists all documents, so its seal has one */
    uint64_t covered;  /* files outside data/ that the seal covers; of them */
    uint64_t unlisted; /* no tag manifest lists so many */
    char seal_id[65];
};

/* Seals a bag: verifies it and adds seal/, nothing else; all other files stay the same. Nothing is
 * sealed unless the bag is intact and not sealed (exit code 4, `published` tells). seal/ appears in
 * one step, and is taken back when the bag then does not verify; a new archive is verified before
 * it appears. Returns 0 and *verdict, which the caller frees, also when nothing was sealed because
 * of it; EXISTS when the bag is sealed already, or something is at the output, USAGE when an
 * archive has no output, CANCELLED when `confirm` says so, CHANGED when the bag is not any more the
 * one that was verified. *verdict may be filled after an error, too. */
int sealbag_bag_seal(struct sealbag_sealed *out, struct sealbag_verdict **verdict,
                     const struct sealbag_seal_options *options, struct sb_error *error);

#ifdef __cplusplus
}
#endif
#endif
