/* SPDX-License-Identifier: ISC
 *
 * trust.h: the part of sealbag.h about trust stores: whose keys are trusted, and until when.
 *
 * A trust store is a folder with two texts: allowed_signers, in OpenSSH's format, and revoked_keys.
 * docs/format.md has both.
 */
#ifndef SEALBAG_TRUST_H
#define SEALBAG_TRUST_H

#include <sealbag/sealbag.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads DIR/allowed_signers and DIR/revoked_keys. The second may be missing; a folder or a first
 * file that is not there is an empty one when `optional`, else SEALBAG_ERR_NOT_FOUND. One bad line
 * refuses the whole store (SEALBAG_ERR_TRUST) and the message has its number. The caller frees
 * *out. */
int sealbag_trust_load(struct sealbag_trust **out, const char *dir, bool optional,
                       struct sb_error *error);
void sealbag_trust_free(struct sealbag_trust *trust);

/* One name with one of its keys, or one revocation. Times are seconds since 1970; 0: none. */
struct sealbag_trust_entry {
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    const char *name;                  /* borrowed from the store; NULL: this is a revocation */
    int64_t valid_after, valid_before; /* both are still within */
    enum sealbag_trust_state state;    /* at the time that was asked for */
    int64_t revoked_on;                /* when the revocation was written */
    int64_t revoked_since;             /* from when on it counts; 0: always */
    const char *reason;                /* of the revocation, borrowed; NULL: not revoked */
};

/* How many there are: first the names, each also with the revocation of its key if there is one,
 * then the revocations. */
size_t sealbag_trust_count(const struct sealbag_trust *trust);
/* Describes one of them, judged at `time` (0: not known; then an entry with dates is not trusted).
 */
void sealbag_trust_describe(struct sealbag_trust_entry *out, const struct sealbag_trust *trust,
                            size_t index, int64_t time);
/* Whether others than the owner may write to the store that was loaded. */
bool sealbag_trust_writable_by_others(const struct sealbag_trust *trust);

/* Asked before a store is changed, with what will be added; false: change nothing
 * (SEALBAG_ERR_CANCELLED). `verdict` is that on the bundle that it comes from, else NULL. */
typedef bool (*sealbag_trust_confirm_fn)(void *context, const struct sealbag_trust *more,
                                         const struct sealbag_verdict *verdict);

struct sealbag_trust_adding {
    const char *dir, *name;
    const char *key_file;    /* minisign's or OpenSSH's format, Ed25519 */
    const char *key;         /* used when key_file is NULL: the same as text */
    const char *fingerprint; /* NULL, or the key must have it (SEALBAG_ERR_KEY) */
    int64_t valid_after, valid_before;
    sealbag_trust_confirm_fn confirm; /* NULL: yes */
    void *confirm_context;
};

/* Adds a name with a public key to DIR/allowed_signers, which is made when missing (folder 0700)
 * and replaced in one rename. *added is false when exactly this entry was there before; with other
 * dates it is SEALBAG_ERR_EXISTS. A revoked key is refused. */
int sealbag_trust_add_key(bool *added, char fingerprint[SEALBAG_FINGERPRINT_SIZE],
                          const struct sealbag_trust_adding *adding, struct sb_error *error);
/* The same without dates and questions. */
int sealbag_trust_add(bool *added, char fingerprint[SEALBAG_FINGERPRINT_SIZE], const char *dir,
                      const char *name, const char *key_file, struct sb_error *error);

/* Removes all entries of `name`; *removed counts them. SEALBAG_ERR_NOT_FOUND when there is none.
 * Revocations stay. */
int sealbag_trust_remove(size_t *removed, const char *dir, const char *name,
                         struct sb_error *error);

struct sealbag_trust_revoking {
    const char *dir;
    const char *who;      /* a name, with all its keys, or a fingerprint; or NULL, and: */
    const char *key_file; /* a public key file, of a key that the store need not have */
    const char *reason;   /* 1 to 500 bytes of UTF-8 without control characters */
    int64_t now;          /* the date of the revocation */
    int64_t since;        /* from when on it counts; 0: at any time */
};

struct sealbag_revoked_key {
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    bool before; /* it was revoked before, and not later than now asked for */
};

/* Adds to DIR/revoked_keys; with `key_file` the store is made when it is missing. *out, which the
 * caller frees, says which keys are revoked then. SEALBAG_ERR_NOT_FOUND when the store has no such
 * name or key. */
int sealbag_trust_revoke(struct sealbag_revoked_key **out, size_t *count,
                         const struct sealbag_trust_revoking *revoking, struct sb_error *error);

/* ---- handing a trust store on ---------------------------------------------------------- */

struct sealbag_trust_exporting {
    const char *dir;    /* the store */
    const char *output; /* the bundle; never replaced */
    struct sealbag_key *const *keys;
    size_t key_count;
    int64_t time; /* sealing time */
};

/* Seals the store's entries and revocations into a bundle with the documents allowed_signers and
 * revoked_keys. Comments, and what does not count for seals, are left out. */
int sealbag_trust_export(struct sealbag_created *out, const struct sealbag_trust_exporting *options,
                         struct sb_error *error);

struct sealbag_trust_importing {
    const char *dir;
    struct sealbag_verify_options verify;
    bool accept_untrusted;            /* also at exit code 3 */
    sealbag_trust_confirm_fn confirm; /* NULL: yes. Not asked when nothing is missing */
    void *confirm_context;
};

struct sealbag_trust_imported {
    bool accepted;             /* the verdict allowed it */
    bool changed;              /* and something was missing */
    size_t names, revocations; /* added */
    size_t revoked;            /* names that were not added, since their keys are revoked here */
    size_t kept; /* names that have the key with other dates here, which are left as they are */
};

/* Verifies a bundle that sealbag_trust_export made and adds what the store lacks; nothing is
 * removed or changed. Nothing is added unless the exit code of *verdict, which the caller frees, is
 * 0, or 3 with accept_untrusted; otherwise it returns 0 all the same, with out->accepted false. */
int sealbag_trust_import(struct sealbag_trust_imported *out, struct sealbag_verdict **verdict,
                         int fd, const struct sealbag_trust_importing *options,
                         struct sb_error *error);

#ifdef __cplusplus
}
#endif
#endif
