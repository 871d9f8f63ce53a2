/* SPDX-License-Identifier: ISC
 *
 * sealbag.h: the one public header of libsealbag.
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
    X(READER, -16, "reader.crashed", "the process that reads bundles crashed")

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
    char key_id[17];                            /* 16 hex digits; random, proves nothing */
    char fingerprint[SEALBAG_FINGERPRINT_SIZE]; /* what people compare */
    bool encrypted;
};

/* Makes a new Ed25519 key pair in minisign's file format. Never overwrites: an existing FILE or
 * FILE.pub is SEALBAG_ERR_EXISTS. On failure neither file is left. Encrypting takes up to 1 GiB of
 * memory for about a second. `out` may be NULL. */
int sealbag_key_generate(struct sealbag_key_info *out, const struct sealbag_keygen_options *options,
                         struct sb_error *error);

/* A secret key, unlocked, in locked memory. */
struct sealbag_key;

/* Reads and unlocks a minisign secret key file. `passphrase` is called only when the file is
 * encrypted; NULL then gives SEALBAG_ERR_PASSPHRASE. The work that a key file may ask for is
 * bounded (1 GiB, 2^27 operations); a file that asks for more is refused. The caller frees *out. */
int sealbag_key_load(struct sealbag_key **out, const char *file, sealbag_passphrase_fn passphrase,
                     void *passphrase_context, struct sb_error *error);

/* The public facts of a key. Cannot fail. `world_readable` (may be NULL) tells whether others than
 * the owner could read the key file. */
void sealbag_key_describe(struct sealbag_key_info *out, bool *world_readable,
                          const struct sealbag_key *key);

/* Wipes and frees; NULL is allowed. */
void sealbag_key_free(struct sealbag_key *key);

/* ---- trust store ----------------------------------------------------------------------- */

/* A loaded trust store: names and the public keys that they sign with. */
struct sealbag_trust;

/* Reads DIR/allowed_signers. A folder or file that is not there is an empty store when `optional`,
 * else SEALBAG_ERR_NOT_FOUND. One bad line refuses the whole file (SEALBAG_ERR_TRUST) and the
 * message has its number. The caller frees *out. */
int sealbag_trust_load(struct sealbag_trust **out, const char *dir, bool optional,
                       struct sb_error *error);
void sealbag_trust_free(struct sealbag_trust *trust);

size_t sealbag_trust_count(const struct sealbag_trust *trust);
/* Entry `index`: its name (borrowed, lives as long as `trust`) and fingerprint. */
const char *sealbag_trust_entry(char fingerprint[SEALBAG_FINGERPRINT_SIZE],
                                const struct sealbag_trust *trust, size_t index);
/* Whether others than the owner may write to the store that was loaded. */
bool sealbag_trust_writable_by_others(const struct sealbag_trust *trust);

/* Adds `name` with the public key in `key_file` (minisign's or OpenSSH's format, Ed25519) to
 * DIR/allowed_signers, which is made when missing (folder 0700) and replaced in one rename.
 * *added is false when exactly this entry was there before. */
int sealbag_trust_add(bool *added, char fingerprint[SEALBAG_FINGERPRINT_SIZE], const char *dir,
                      const char *name, const char *key_file, struct sb_error *error);

/* Removes all entries of `name`; *removed counts them. SEALBAG_ERR_NOT_FOUND when there is none. */
int sealbag_trust_remove(size_t *removed, const char *dir, const char *name,
                         struct sb_error *error);

/* ---- create ---------------------------------------------------------------------------- */

/* What the bag is packed in. BY_NAME: .tar.zst when the output's name says so, else .tar.gz. */
enum sealbag_format { SEALBAG_FORMAT_BY_NAME, SEALBAG_TAR_GZ, SEALBAG_TAR_ZST };

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
    int64_t time;           /* sealing time, seconds since 1970 */
    const uint8_t *salt;    /* 32 bytes, or NULL for random ones */
    const char *supersedes; /* 64 hex digits, or NULL */
    enum sealbag_format format;
    int level;         /* 0: fast; 1 to 9 (.tar.gz) or 1 to 19 (.tar.zst): smaller */
    unsigned jobs;     /* threads; 0: one. The bundle is the same for every number */
    bool skip_special; /* leave out what cannot be sealed, and record it */
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
    char seal_id[65];  /* "" when unsigned */
};

/* A list of what was left out or stands in the way, one sentence each. */
struct sealbag_problems {
    char **sentences; /* escaped for a terminal */
    size_t count;
};
void sealbag_problems_free(struct sealbag_problems *problems);

/* Seals source material into a bundle. The output appears only when it is complete, in one
 * step; an existing one is SEALBAG_ERR_EXISTS unless `force`. Sources are only read. When
 * something in them cannot be sealed, SEALBAG_ERR_SOURCE, and `problems` (may be NULL; the caller
 * frees it) names every such thing; with skip_special it names what was left out. Same documents,
 * options, keys, time and salt give the same bytes. Does not promise to notice a writer that
 * restores a file's size and modification time. */
int sealbag_bundle_create(struct sealbag_created *out, struct sealbag_problems *problems,
                          const struct sealbag_create_options *options, struct sb_error *error);

/* ---- verdicts -------------------------------------------------------------------------- */

enum sealbag_severity { SEALBAG_NOTE, SEALBAG_WARNING, SEALBAG_ERROR };

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
    bool seal;                                  /* its signer is named; else a countersignature */
    enum sealbag_signature_state state;
    const char *kind;       /* static: "minisign", "sshsig" */
    const char *trusted_as; /* names, separated by ", "; NULL: not in the trust store */
};

struct sealbag_document {
    const char *path; /* raw bytes, in the bag: "data/..." */
    uint64_t size;
    uint8_t sha256[32];
};

/* Owned by the caller of the function that made it; everything it points to lives as long. */
struct sealbag_verdict {
    int exit_code; /* 0, 1, 3, 4 or 5: see "The verdict" in docs/format.md */
    enum sealbag_intact intact;
    size_t valid_seals, trusted_seals, countersignatures;
    size_t required;     /* how many trusted seals were asked for */
    bool sealed;         /* there is a seal */
    char name[256];      /* Bag-Name; "" unless it is intact */
    char sealed_at[32];  /* as the signer says; "" unless signed and intact */
    char seal_id[65];    /* hex; "" when there is no seal */
    char supersedes[65]; /* "" when not stated */
    uint64_t documents, bytes;
    /* Only the signed lists and this many documents were read: intact means that those are as they
     * were sealed. Never so from sealbag_bundle_verify. */
    bool partial;
    uint64_t documents_checked;
    /* Sorted by path; NULL unless it is intact, and perhaps when it may be `unlisted`. */
    const struct sealbag_document *document;
    const struct sealbag_signature *signature;
    size_t signature_count;
    const struct sealbag_finding *finding;
    size_t finding_count;
    size_t findings_omitted; /* more than can be kept in memory: only counted */
};

void sealbag_verdict_free(struct sealbag_verdict *verdict);

/* What a reader refuses beyond (limit.reached, exit code 5), since bundles can be made to fill a
 * disk or a memory: field, name for --limit, default, meaning. */
#define SEALBAG_LIMITS(X)                                                                          \
    X(expanded, "expanded", UINT64_C(1) << 44, "bytes that a bundle expands to")                   \
    X(ratio, "ratio", 500, "times that it expands, beyond the first 256 MiB")                      \
    X(entries, "entries", 10000000, "files and folders in it")                                     \
    X(path_bytes, "path-bytes", 4000, "bytes of a path; no more than the default")                 \
    X(path_depth, "path-depth", 256, "folders within each other; no more than the default")        \
    X(tag_bytes, "tag-bytes", UINT64_C(64) << 20,                                                  \
      "bytes of each list of tag files, and of bag-info.txt")                                      \
    X(manifest_bytes, "manifest-bytes", UINT64_C(1) << 30, "bytes of the manifest")

/* 0 stands for the default, UINT64_MAX for no limit. */
struct sealbag_limits {
#define SEALBAG_LIMIT_FIELD(field, name, value, text) uint64_t field;
    SEALBAG_LIMITS(SEALBAG_LIMIT_FIELD)
#undef SEALBAG_LIMIT_FIELD
};

/* Sets a limit by its name; false when there is none of this name. */
bool sealbag_limit_set(struct sealbag_limits *limits, const char *name, uint64_t value);

struct sealbag_verify_options {
    const struct sealbag_trust *trust; /* NULL: nobody is trusted */
    size_t require;                    /* trusted seals asked for; 0 means 1 */
    const char *const *signers;        /* each of these must have signed, with different keys */
    size_t signer_count;
    const char *seal; /* 32 to 64 hex digits that the seal id must start with */
    unsigned jobs;    /* threads; 0: one */
    bool unlisted;    /* the verdict need not list the documents, which takes time and memory */
    /* Bundles are read by a process of their own, which the kernel lets do nothing else; this reads
     * them in the calling process instead. Either way a verdict says when that process was not
     * locked in. With it, as with any fork, other threads of the caller should hold no locks. */
    bool no_sandbox;
    struct sealbag_limits limits;
    sealbag_progress_fn progress;
    void *progress_context;
};

/* Judges the bundle that can be read from `fd`, from its current position to its end; `fd` may be a
 * pipe. Returns 0 and a verdict whenever the bundle could be judged at all, however bad it is, and
 * also for input that is no bundle (exit_code 5); negative only for a failure of the caller's
 * side (memory, cancelled, wrong options). The caller frees *out with sealbag_verdict_free. */
int sealbag_bundle_verify(struct sealbag_verdict **out, int fd,
                          const struct sealbag_verify_options *options, struct sb_error *error);

/* The same, but made to list the documents: when `fd` is a regular file and the bundle has an
 * index, only the lists that the seal covers are read, and the verdict is partial. Otherwise the
 * whole bundle is read; an index that is wrong is then a warning, since nothing was taken from it.
 */
int sealbag_bundle_list(struct sealbag_verdict **out, int fd,
                        const struct sealbag_verify_options *options, struct sb_error *error);

struct sealbag_extract_options {
    struct sealbag_verify_options verify;
    const char *directory;    /* an existing folder; the bag appears in it under its name */
    const char *const *paths; /* documents ("data/...") or folders; none: the whole bag */
    size_t path_count;
    bool accept_untrusted; /* also publish at exit code 3 */
    bool accept_unsigned;  /* also publish at exit code 4 */
    bool salvage;          /* of a damaged bundle, what still matches */
};

struct sealbag_extracted {
    bool published;
    char folder[4096];         /* where, when published */
    uint64_t documents, bytes; /* published */
    char **lost;               /* salvage: paths in the bag that could not be saved */
    size_t lost_count;
};
void sealbag_extracted_free(struct sealbag_extracted *extracted);

/* Verifies and, only if the verdict allows it, publishes the bag (or the chosen documents) as a
 * folder in `directory` by one rename; an existing folder is SEALBAG_ERR_EXISTS. From a regular
 * file the seal is judged before anything is unpacked (with an index only the signed lists are read
 * for that, without one the whole bundle), and everything is judged while it is unpacked. Chosen
 * documents are found by the index and read alone when they are the smaller half of the bundle;
 * then the verdict is partial. Both *out and *verdict are filled also when nothing was published.
 * Modes, owners and times from the bundle are not restored, and seal/index.tsv, which only tells
 * places in the bundle, is left out. */
int sealbag_bundle_extract(struct sealbag_extracted *out, struct sealbag_verdict **verdict, int fd,
                           const struct sealbag_extract_options *options, struct sb_error *error);

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
 * it; EXISTS when the key has signed before, UNSUPPORTED when the bundle was packed by another
 * program or has no index, CANCELLED when `confirm` says so, CHANGED when the bundle is not any
 * more the one that was verified. *verdict may be filled after an error, too. */
int sealbag_bundle_sign(struct sealbag_signed *out, struct sealbag_verdict **verdict,
                        const struct sealbag_sign_options *options, struct sb_error *error);

/* ---- renderings of a verdict ----------------------------------------------------------- */

/* Writes the verdict on the bundle called `label` for people, in plain sentences. Returns 0 or
 * SEALBAG_ERR_IO. */
int sealbag_verdict_print(FILE *to, const char *label, const struct sealbag_verdict *verdict);

/* Writes it as one JSON object without a newline at its end; valid UTF-8 JSON for any bytes.
 * With `documents`, every document is listed. Returns 0 or SEALBAG_ERR_IO. */
int sealbag_verdict_print_json(FILE *to, const char *label, const struct sealbag_verdict *verdict,
                               bool documents);

/* The exit code for several bundles: the worse of two, in the order 1, 5, 4, 3, 0. */
int sealbag_exit_worse(int a, int b);

#ifdef __cplusplus
}
#endif
#endif
