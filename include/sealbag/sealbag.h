/* SPDX-License-Identifier: ISC
 *
 * sealbag.h: the one public header of libsealbag. (At its end it includes its parts:
 * convert.h, from one container to another; record.h, about provenance; report.h, what is shown of
 * a verdict; seal.h, about bags that others have made; sign.h, about what is added to a bundle
 * later; and trust.h, about trust stores.)
 *
 * Every function that can fail returns 0 or a negative code of the table SEALBAG_ERRORS and fills
 * the caller's struct sb_error (which may be NULL) with a sentence for people. There is no global
 * and no thread-local state: functions may run in several threads at once as long as no two share
 * an object, a file descriptor or an output path. Nothing here prints, exits, reads the
 * environment or asks the clock: times, passphrases and file descriptors come from the caller.
 *
 * Strings that come from a bundle are UTF-8 but may hold control and bidirectional characters:
 * escape them before they reach a terminal (sealbag_text_escape).
 */
#ifndef SEALBAG_SEALBAG_H
#define SEALBAG_SEALBAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <sealbag/limits.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEALBAG_VERSION "0.1.0"

/* The version of the library in use, as "MAJOR.MINOR.PATCH". A static string; cannot fail. */
const char *sealbag_version_string(void);

/* ---- errors ---------------------------------------------------------------------------- */

/* The one error table: name, value, rule name that programs match, meaning. */
#define SEALBAG_ERRORS(X)                                                                          \
    X(USAGE, -1, "usage", "an argument is missing, contradictory or malformed")                    \
    X(MEMORY, -2, "memory.short", "there is not enough memory")                                    \
    X(IO, -3, "io.failed", "reading or writing failed")                                            \
    X(EXISTS, -4, "io.exists", "the output exists already")                                        \
    X(NOT_FOUND, -5, "io.not-found", "a file or folder is not there")                              \
    X(SOURCE, -6, "source.refused", "the source holds something that cannot be sealed")            \
    X(CHANGED, -7, "source.changed", "a source file changed while it was read")                    \
    X(KEY, -8, "key.malformed", "a key file is damaged or of an unknown kind")                     \
    X(PASSPHRASE, -9, "key.passphrase", "a passphrase is wrong or missing")                        \
    X(TRUST, -10, "trust.malformed", "the trust store cannot be read")                             \
    X(DAMAGED, -11, "container.damaged", "the bundle is damaged")                                  \
    X(UNSUPPORTED, -12, "container.unsupported", "this version cannot judge the input")            \
    X(LIMIT, -13, "limit.reached", "the input is larger than what is allowed")                     \
    X(CANCELLED, -14, "run.cancelled", "the run was stopped on request")                           \
    X(SYSTEM, -15, "system.failed", "a library or the system refused to work")                     \
    X(READER, -16, "reader.crashed", "the process that reads bundles crashed")                     \
    X(AGENT, -17, "key.agent", "ssh-agent is not there, has no such key, or does not sign")        \
    X(METADATA, -18, "metadata.refused", "provenance records cannot be taken as they are")         \
    X(PRIVACY, -19, "privacy.found", "files tell whom it could harm; nothing was sealed")          \
    X(PROFILE, -20, "profile.refused", "no BagIt profile, or the bag would not keep to it")

#define SEALBAG_ERROR_ENUM(name, value, rule, text) SEALBAG_ERR_##name = (value),
enum sealbag_code { SEALBAG_OK = 0, SEALBAG_ERRORS(SEALBAG_ERROR_ENUM) };
#undef SEALBAG_ERROR_ENUM

/* What went wrong. Owned by the caller; valid until the caller reuses it. */
struct sb_error {
    int code;           /* a negative code of SEALBAG_ERRORS, or 0 */
    const char *rule;   /* static: the rule name, such as "gzip.check" */
    char message[1536]; /* one sentence, already escaped for a terminal */
};

/* The meaning of a code as a static string; never NULL, also for a code that does not exist. */
const char *sealbag_error_text(int code);

/* Writes the NUL-terminated `text` into out[0..size) so that a terminal shows it and does not obey
 * it: control, bidirectional, zero-width and undecodable bytes become \xNN or \u{N}, a backslash
 * becomes two. What does not fit is cut at a whole character. Returns out. */
const char *sealbag_text_escape(char *out, size_t size, const char *text);

/* ---- progress and cancelling ----------------------------------------------------------- */

struct sealbag_progress {
    uint64_t bytes, bytes_total; /* of documents (create) or of the bundle; total 0: not known */
    uint64_t files, files_total;
};

/* Called often from the calling thread. A return other than 0 stops the run with
 * SEALBAG_ERR_CANCELLED, and everything half made is removed. */
typedef int (*sealbag_progress_fn)(void *context, const struct sealbag_progress *now);

/* ---- keys ------------------------------------------------------------------------------ */

/* "SHA256:" and 43 characters of base64, as `ssh-keygen -l` shows it, and a NUL. */
#define SEALBAG_FINGERPRINT_SIZE 51

/* Called for the passphrase of `key_file`; writes at most `size` bytes into `out`, returns its
 * length without a NUL or a negative code. `out` lies in locked memory and is wiped afterwards. */
typedef int (*sealbag_passphrase_fn)(void *context, const char *key_file, char *out, size_t size);

struct sealbag_keygen_options {
    const char *file;    /* secret key, created with mode 0600; the public key is FILE.pub */
    const char *comment; /* for both files' comment lines, or NULL */
    bool encrypt;        /* with the passphrase that `passphrase` gives */
    sealbag_passphrase_fn passphrase;
    void *passphrase_context;
};

struct sealbag_key_info {
    char key_id[17]; /* of a minisign key: 16 hex digits; random, proves nothing; else "" */
    char fingerprint[SEALBAG_FINGERPRINT_SIZE]; /* what people compare */
    bool encrypted;
    bool agent; /* ssh-agent signs with it */
    bool fido;  /* and that by a security key, which must be touched */
};

/* Makes a new Ed25519 key pair in minisign's file format. Never overwrites: an existing FILE or
 * FILE.pub is SEALBAG_ERR_EXISTS. On failure neither file is left. Encrypting takes up to 1 GiB of
 * memory for about a second. `out` may be NULL. */
int sealbag_key_generate(struct sealbag_key_info *out, const struct sealbag_keygen_options *options,
                         struct sb_error *error);

/* A secret key, unlocked, in locked memory; or one that only ssh-agent can use. */
struct sealbag_key;

/* Reads and unlocks a minisign secret key file. `passphrase` is called only when the file is
 * encrypted; NULL then gives SEALBAG_ERR_PASSPHRASE. The work that a key file may ask for is
 * bounded (1 GiB, 2^27 operations); a file that asks for more is refused. The caller frees *out. */
int sealbag_key_load(struct sealbag_key **out, const char *file, sealbag_passphrase_fn passphrase,
                     void *passphrase_context, struct sb_error *error);

/* What the owner of a key in ssh-agent is told and asked. */
enum sealbag_agent_event {
    SEALBAG_AGENT_WAITING, /* often, while the agent is waited for; not 0: stop (CANCELLED) */
    SEALBAG_AGENT_TOUCH,   /* a security key is about to be asked: tell its owner to touch it */
    SEALBAG_AGENT_REFUSED, /* it has not signed, `tries` times so far; 0: ask it again */
};

/* `comment` is the key's in the agent, raw. Called from the calling thread. */
typedef int (*sealbag_agent_fn)(void *context, enum sealbag_agent_event event, const char *comment,
                                unsigned tries);

struct sealbag_key_options {
    sealbag_passphrase_fn passphrase; /* as for sealbag_key_load */
    void *passphrase_context;
    const char *agent_socket; /* what SSH_AUTH_SOCK says; NULL or "": there is no agent */
    sealbag_agent_fn agent;   /* NULL: is told nothing, and the agent is asked once only */
    void *agent_context;
};

/* Opens any key that can sign: `key` is a minisign secret key file; or "ssh:" and a fingerprint
 * ("SHA256:...", or as much of it as only one key has) or the comment of a key in ssh-agent; or an
 * OpenSSH public key file, whose key ssh-agent has. Only Ed25519 keys, plain (ssh-ed25519) or in a
 * security key (sk-ssh-ed25519@openssh.com). The agent is asked for the key now (SEALBAG_ERR_AGENT
 * when it is not there) and for signatures later; what it signs is verified before it is used. The
 * options are not needed afterwards, but `agent` and its context are. The caller frees *out. */
int sealbag_key_open(struct sealbag_key **out, const char *key,
                     const struct sealbag_key_options *options, struct sb_error *error);

/* The public facts of a key. Cannot fail. `world_readable` (may be NULL) tells whether others than
 * the owner could read the key file. */
void sealbag_key_describe(struct sealbag_key_info *out, bool *world_readable,
                          const struct sealbag_key *key);

/* Wipes and frees; NULL is allowed. */
void sealbag_key_free(struct sealbag_key *key);

/* ---- key files ------------------------------------------------------------------------- */

enum sealbag_key_kind {
    SEALBAG_KEY_MINISIGN,
    SEALBAG_KEY_OPENSSH, /* ssh-ed25519 */
    SEALBAG_KEY_FIDO,    /* sk-ssh-ed25519@openssh.com: OpenSSH's, in a security key */
};

/* What a key file is. */
struct sealbag_key_file {
    enum sealbag_key_kind kind;
    bool secret;         /* else the public key */
    bool encrypted;      /* with a passphrase */
    bool world_readable; /* a secret key that others than the owner can read */
    char key_id[17];     /* of a minisign key; "" for others, and when it is locked */
    char fingerprint[SEALBAG_FINGERPRINT_SIZE]; /* "" when it is locked */
    char application[129];                      /* of a FIDO key, raw; else "" */
    char ssh_line[320]; /* the public key as a line of OpenSSH's, without comment; "" when locked */
};

/* Examines a key file of minisign's or OpenSSH's, public or secret. All that an encrypted minisign
 * secret key file says is locked: with `passphrase` it is unlocked, with NULL *out says that it is
 * locked. Of an OpenSSH private key file only the public part is read. */
int sealbag_key_examine(struct sealbag_key_file *out, const char *file,
                        sealbag_passphrase_fn passphrase, void *passphrase_context,
                        struct sb_error *error);

struct sealbag_passwd_options {
    sealbag_passphrase_fn passphrase; /* the present one; asked for only when there is one */
    void *passphrase_context;
    bool encrypt; /* false: the key will have no passphrase */
    sealbag_passphrase_fn new_passphrase;
    void *new_context;
};

/* Sets, changes or takes away the passphrase of a minisign secret key file. The key and the comment
 * stay the same. The file is replaced in one step, by one that only its owner can read; on failure
 * it is as it was. *was_encrypted may be NULL. */
int sealbag_key_change_passphrase(bool *was_encrypted, const char *file,
                                  const struct sealbag_passwd_options *options,
                                  struct sb_error *error);

/* ---- trust store ----------------------------------------------------------------------- */

/* A loaded trust store: names, the public keys that they sign with, and revoked keys. What is done
 * with one is in sealbag/trust.h, which the end of this header includes. */
struct sealbag_trust;

/* What a trust store says of a key at a time. */
enum sealbag_trust_state {
    SEALBAG_TRUST_UNKNOWN, /* nothing */
    SEALBAG_TRUST_TRUSTED,
    SEALBAG_TRUST_NOT_YET_VALID,
    SEALBAG_TRUST_EXPIRED,
    SEALBAG_TRUST_REVOKED
};

/* ---- create ---------------------------------------------------------------------------- */

/* BY_NAME: as the output's name says, a plain folder when it ends in a slash, else .tar.gz. */
enum sealbag_format {
    SEALBAG_FORMAT_BY_NAME,
    SEALBAG_TAR_GZ,
    SEALBAG_TAR_ZST,
    SEALBAG_FOLDER,
    SEALBAG_ZIP,
    SEALBAG_TAR
};

struct sealbag_create_options {
    const char *output;         /* path of the bundle; NULL: write to output_fd */
    int output_fd;              /* used when output is NULL; not closed */
    bool force;                 /* replace an existing output */
    const char *name;           /* Bag-Name; NULL: derived from the output or the source */
    const char *const *sources; /* one folder: its contents; else each under its own name */
    size_t source_count;
    struct sealbag_key *const *keys; /* none: an unsigned bag */
    size_t key_count;
    /* Fingerprints of others who are to sign it later (sealbag_bundle_sign). They are named in the
     * seal as signers, so until they have signed, a verdict says who is missing. */
    const char *const *cosigners;
    size_t cosigner_count;
    const char *const *info; /* "Label: value", in this order */
    size_t info_count;
    /* Path of a CSV file of provenance records (docs/format.md, "Provenance records"); NULL: none.
     */
    const char *metadata;
    bool require_metadata;                     /* refuse documents without a record */
    const struct sealbag_recording *recording; /* what fills empty cells; NULL: nothing */
    int64_t time;                              /* sealing time, seconds since 1970 */
    const uint8_t *salt;                       /* 32 bytes, or NULL for random ones */
    const char *supersedes;                    /* 64 hex digits, or NULL */
    /* "sha256", which is always there, and "sha512": manifests that the bag has. */
    const char *const *algorithms;
    size_t algorithm_count;
    const struct sealbag_profile *profile; /* that the bag is to keep to, or NULL */
    enum sealbag_format format;
    int level;         /* 0: fast; 1 to 9 (.tar.gz) or 1 to 19 (.tar.zst): smaller */
    unsigned jobs;     /* threads; 0: one. The bundle is the same for every number */
    bool skip_special; /* leave out what cannot be sealed, and record it */
    struct sealbag_privacy
        *privacy;        /* NULL: not looked; else privacy.h's check, and its findings */
    bool privacy_accept; /* seal whatever it finds */
    sealbag_progress_fn progress;
    void *progress_context;
};

struct sealbag_created {
    char name[256];
    uint64_t documents, bytes;
    uint64_t empty_folders; /* BagIt cannot hold them */
    uint64_t omitted;       /* with skip_special */
    uint64_t bundle_bytes;
    bool beyond_ratio; /* readers must raise their limit "ratio" */
    uint64_t filled;   /* cells, with `recording` */
    uint64_t records;  /* documents with a row, */
    uint64_t folders;  /* and folders */
    char seal_id[65];  /* "" when unsigned */
};

enum sealbag_severity { SEALBAG_NOTE, SEALBAG_WARNING, SEALBAG_ERROR };

/* A list of what was left out, stands in the way, or may be in somebody's way later. */
struct sealbag_problem {
    enum sealbag_severity severity; /* ERROR: it stands in the way */
    const char *rule;               /* static */
    char *sentence;                 /* escaped for a terminal; names the file, if it is about one */
};
struct sealbag_problems {
    struct sealbag_problem *items;
    size_t count, cap;
};
/* Frees what the list holds, and leaves it empty. NULL: nothing. */
void sealbag_problems_free(struct sealbag_problems *problems);

/* Seals source material into a bundle. The output appears only when it is complete, in one
 * step; an existing one is SEALBAG_ERR_EXISTS unless `force`. Sources are only read. When
 * something in them cannot be sealed, SEALBAG_ERR_SOURCE, and `problems` (may be NULL; the caller
 * frees it) names every such thing; with skip_special it names what was left out (source.omitted).
 * With 0 it also tells of names that Windows cannot have, and of paths that are the same on some
 * systems, of each the first and how many there are, and of columns that may be misspelt. Records
 * that cannot be taken are SEALBAG_ERR_METADATA, and `problems` names all that is wrong. After
 * other errors, too, it can hold what would have been left out. Same documents,
 * options, keys, time and salt give the same bytes. Does not promise to notice a writer that
 * restores a file's size and modification time. */
int sealbag_bundle_create(struct sealbag_created *out, struct sealbag_problems *problems,
                          const struct sealbag_create_options *options, struct sb_error *error);

/* ---- verdicts -------------------------------------------------------------------------- */

/* How much verify compares: all; no digest and no seal; Payload-Oxum and nothing else. */
enum sealbag_depth { SEALBAG_WHOLE, SEALBAG_COMPLETENESS, SEALBAG_FAST };

struct sealbag_finding {
    enum sealbag_severity severity;
    int exit_code;        /* what this finding alone would make of the verdict */
    const char *rule;     /* static, stable: "manifest.digest-mismatch" */
    const char *path;     /* raw bytes from the bundle, or NULL */
    const char *sentence; /* escaped for a terminal */
};

enum sealbag_intact {
    SEALBAG_INTACT,
    SEALBAG_DAMAGED,
    SEALBAG_INCOMPLETE,
    SEALBAG_NOT_A_BAG,
    SEALBAG_NOT_JUDGED
};

enum sealbag_signature_state {
    SEALBAG_SIGNATURE_VALID,
    SEALBAG_SIGNATURE_INVALID,
    SEALBAG_SIGNATURE_NOT_CHECKABLE,
    SEALBAG_SIGNATURE_MISSING
};

struct sealbag_signature {
    char fingerprint[SEALBAG_FINGERPRINT_SIZE]; /* "" when the key is not known */
    uint8_t key[32]; /* its bytes alone, which are what is counted: a plain key and one of a
                      * security key can have the same */
    bool seal;       /* its signer is named; else a countersignature */
    enum sealbag_signature_state state;
    const char *kind;               /* static: "minisign", "sshsig" */
    enum sealbag_trust_state trust; /* of its key, if it is valid */
    const char *trusted_as;         /* names, separated by ", "; NULL unless it is trusted */
    const char *known_as;   /* names that its key has in the trust store, trusted or not; or NULL */
    const char *public_key; /* as a line of OpenSSH's; NULL unless the signature is valid */
};

/* An event of the custody chain, as its signer tells it. Only what a valid signature is over is
 * anybody's word. */
struct sealbag_custody_event {
    unsigned number; /* from 1; one that is missing is left out */
    enum sealbag_signature_state state;
    char by[SEALBAG_FINGERPRINT_SIZE]; /* these are "" or NULL when it is malformed */
    const char *event;                 /* a word, such as "transfer" */
    const char *to, *note;             /* NULL: not stated */
    char date[32];                     /* as the signer says */
    enum sealbag_trust_state trust;    /* of its key, if it is valid; the next two as above */
    const char *trusted_as, *known_as;
    char sha256[65]; /* of the event: the head when it is the last one */
};

struct sealbag_document {
    const char *path; /* raw bytes, in the bag: "data/..." */
    uint64_t size;
    uint8_t sha256[32];
};

struct sealbag_provenance; /* see record.h */

/* Owned by the caller of the function that made it; everything it points to lives as long. */
struct sealbag_verdict {
    int exit_code; /* 0, 1, 3, 4 or 5: see "The verdict" in docs/format.md; 1, 5 or 6 when: */
    enum sealbag_depth depth; /* it was not to be WHOLE */
    enum sealbag_intact intact;
    size_t valid_seals, trusted_seals, countersignatures;
    size_t required; /* how many trusted signers were asked for */
    /* What is held against `required`: different trusted keys, of seals and, when they count, of
     * countersignatures. */
    size_t trusted_signers;
    bool countersignatures_count; /* as asked for */
    char judged_at[32];  /* when keys must be valid, which is not the sealing time; "": not known */
    bool sealed;         /* there is a seal */
    char name[256];      /* Bag-Name; "" unless it is intact */
    char sealed_at[32];  /* as the signer says; "" unless signed and intact */
    char seal_id[65];    /* hex; "" when there is no seal */
    char supersedes[65]; /* "" when not stated */
    uint64_t documents, bytes;
    /* Only the signed lists and this many documents were read: intact means that those are as they
     * were sealed. Never so from sealbag_bundle_verify. */
    bool partial;
    bool folder; /* the bag is a plain folder, and not packed */
    uint64_t documents_checked;
    /* Sorted by path; NULL unless it is intact, and perhaps when it may be `unlisted`. */
    const struct sealbag_document *document;
    const struct sealbag_signature *signature;
    size_t signature_count;
    const struct sealbag_custody_event *custody;
    size_t custody_count;
    char custody_head[65]; /* hex; "" when there is no chain, or it does not hold */
    /* What the bag says of its documents. NULL unless it was asked for and the bag is intact. */
    const struct sealbag_provenance *provenance;
    const struct sealbag_finding *finding;
    size_t finding_count;
    size_t findings_omitted; /* more than can be kept in memory: only counted */
};

void sealbag_verdict_free(struct sealbag_verdict *verdict);

struct sealbag_verify_options {
    const struct sealbag_trust *trust; /* NULL: nobody is trusted */
    size_t require;                    /* trusted signers asked for; 0 means 1 */
    const char *const *signers;        /* each of these must have signed, with different keys */
    size_t signer_count;
    bool count_countersignatures; /* they count for the two above as seals do */
    /* When the validity of keys is judged, in seconds since 1970. 0: not known, and then a key with
     * dates is not trusted. */
    int64_t time;
    const char *seal; /* 32 to 64 hex digits that the seal id must start with */
    /* The same for the custody head. Nothing else can tell that the last events were cut off. */
    const char *custody;
    const struct sealbag_profile *profile; /* sealbag_bundle_verify: to keep to, or NULL */
    const char *named;                     /* the same: its name, to compare the ending, or NULL */
    unsigned jobs;                         /* threads; 0: one */
    bool unlisted; /* the verdict need not list the documents, which takes time and memory */
    enum sealbag_depth depth; /* only for sealbag_bundle_verify, and without demands on the seal */
    bool provenance; /* the verdict is to give the labels, records and relations; and documents */
    /* Bundles are read by a process of their own, which the kernel lets do nothing else; this reads
     * them in the calling process instead. Either way a verdict says when that process was not
     * locked in. With it, as with any fork, other threads of the caller should hold no locks. */
    bool no_sandbox;
    struct sealbag_limits limits;
    sealbag_progress_fn progress;
    void *progress_context;
};

/* Judges the bundle that can be read from `fd`, from its current position to its end; `fd` may be a
 * pipe, or a folder that is the bag. Returns 0 and a verdict whenever the bundle could be judged at
 * all, however bad it is, and also for input that is no bundle (exit_code 5); negative only for a
 * failure of the caller's side (memory, cancelled, wrong options). The caller frees *out with
 * sealbag_verdict_free. */
int sealbag_bundle_verify(struct sealbag_verdict **out, int fd,
                          const struct sealbag_verify_options *options, struct sb_error *error);

/* The same, but made to list the documents: when `fd` is a regular file and the bundle has an
 * index, only the lists that the seal covers are read, and the verdict is partial. Otherwise the
 * whole bundle is read; an index that is wrong is then a warning, since nothing was taken from it.
 */
int sealbag_bundle_list(struct sealbag_verdict **out, int fd,
                        const struct sealbag_verify_options *options, struct sb_error *error);

/* The exit code for several bundles: the worse of two, in the order 1, 5, 6, 4, 3, 0. */
int sealbag_exit_worse(int a, int b);

#ifdef __cplusplus
}
#endif

#include <sealbag/convert.h>
#include <sealbag/extract.h>
#include <sealbag/privacy.h>
#include <sealbag/profile.h>
#include <sealbag/record.h>
#include <sealbag/report.h>
#include <sealbag/seal.h>
#include <sealbag/sign.h>
#include <sealbag/trust.h>

#endif
