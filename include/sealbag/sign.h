/* SPDX-License-Identifier: ISC
 *
 * sign.h: the part of sealbag.h about what is added to a bundle that is sealed already: signatures
 * by others, and events of its custody chain.
 */
#ifndef SEALBAG_SIGN_H
#define SEALBAG_SIGN_H

#include <sealbag/sealbag.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- sign ------------------------------------------------------------------------------ */

/* What is about to be signed. */
struct sealbag_sign_request {
    const struct sealbag_verdict *verdict;      /* on the whole bundle; its exit code is 0 or 3 */
    char fingerprint[SEALBAG_FINGERPRINT_SIZE]; /* of the key */
    bool seal;      /* the seal names this key; else it will be a countersignature */
    bool untrusted; /* it is not sealed as asked, and nobody has accepted that */
};

/* Shows it and asks. 0: sign; anything else: do not. */
typedef int (*sealbag_confirm_fn)(void *context, const struct sealbag_sign_request *request);

struct sealbag_sign_options {
    const char *bundle; /* its path, since it is replaced; a link stays one */
    const char *output; /* NULL: in its place; else where nothing may be yet */
    const struct sealbag_key *key;
    int64_t time; /* for the signature's comment, seconds since 1970 */
    struct sealbag_verify_options verify;
    bool accept_untrusted;      /* sign also at exit code 3 */
    sealbag_confirm_fn confirm; /* NULL: nobody is asked, and 3 is only signed if accepted */
    void *confirm_context;
};

struct sealbag_signed {
    bool published;
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    char file[64];         /* the signature's path in the bag */
    bool seal;             /* a named signer's, not a countersignature */
    uint64_t bundle_bytes; /* of the new bundle */
};

/* Adds a signature over the seal to a bundle: a countersignature, or the missing seal of a signer
 * whom it names. The whole bundle is verified first, and nothing is signed unless it is intact and
 * sealed (exit code 0; 3 when accepted); what is signed are the bytes of seal.txt that the
 * verdict's seal id is the digest of. The documents are neither compressed again nor moved: the new
 * bundle is a copy of the old one with another end, made beside it and put in its place by one
 * rename, so that at every moment one of the two is there. Permissions are kept, other attributes
 * are not. Returns 0 and *verdict, which the caller frees, also when nothing was signed because of
 * it; EXISTS when the key has signed before, UNSUPPORTED when it is a tar that another program
 * has packed or that has no index, CANCELLED when `confirm` says so, CHANGED when the bundle is not
 * any more the one that was verified. *verdict may be filled after an error, too. */
int sealbag_bundle_sign(struct sealbag_signed *out, struct sealbag_verdict **verdict,
                        const struct sealbag_sign_options *options, struct sb_error *error);

/* ---- custody --------------------------------------------------------------------------- */

/* What is about to be added. */
struct sealbag_custody_request {
    const struct sealbag_verdict *verdict; /* on the whole bundle; its exit code is 0 or 3 */
    const struct sealbag_custody_event *event;
    bool untrusted; /* it is not sealed by those who are trusted, and nobody has accepted that */
};

/* Shows it and asks. 0: add it; anything else: do not. */
typedef int (*sealbag_custody_confirm_fn)(void *context,
                                          const struct sealbag_custody_request *request);

struct sealbag_custody_options {
    const char *bundle; /* its path, since it is replaced; a link stays one */
    const char *output; /* NULL: in its place; else where nothing may be yet */
    const char *event;  /* a lower-case word: "transfer", "receipt", ... */
    const char *to;     /* up to 255 bytes of UTF-8 without hidden characters, or NULL */
    const char *note;   /* the same, up to 1000 bytes */
    const struct sealbag_key *key;
    int64_t time; /* of the event, seconds since 1970 */
    struct sealbag_verify_options verify;
    bool accept_untrusted;              /* add it also at exit code 3 */
    sealbag_custody_confirm_fn confirm; /* NULL: nobody is asked, and 3 needs accept_untrusted */
    void *confirm_context;
};

struct sealbag_custody_added {
    bool published;
    unsigned number;
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    char file[64]; /* the event's path in the bag */
    char head[65]; /* of the chain, from now on; people pass it on to demand it later */
    uint64_t bundle_bytes;
};

/* Adds an event to the custody chain of a bundle, signed. The whole bundle is verified first, and
 * nothing is added unless it is intact and sealed (exit code 0; 3 when accepted) and its chain
 * holds. The documents are not compressed again; at every moment the old or the new bundle is
 * there. Returns 0 and *verdict, which the caller frees, also when nothing was added because of it;
 * USAGE for a malformed event, LIMIT after 9,999 events, CANCELLED when `confirm` says so, CHANGED
 * when the bundle is not any more the one that was verified, UNSUPPORTED when it is a tar that
 * another program has packed or that has no index. *verdict may be filled after an error, too. */
int sealbag_custody_add(struct sealbag_custody_added *out, struct sealbag_verdict **verdict,
                        const struct sealbag_custody_options *options, struct sb_error *error);

#ifdef __cplusplus
}
#endif
#endif
