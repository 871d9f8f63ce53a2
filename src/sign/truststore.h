/* The trust store's text: OpenSSH's allowed_signers format, read whole or not at all.
 *
 *   principals [options] keytype base64 [comment]
 *
 * One or more principals separated by commas; "#" lines and empty lines are comments. The options
 * are those of sign/store_options.h. Ed25519 keys, plain and FIDO, are kept; other key types that
 * OpenSSH knows are passed over, since they can never match a seal. Everything else (unknown
 * options, cert-authority, patterns as principals, quotes, a BOM, CR, non-UTF-8, control
 * characters) is refused with the line's number: what is not understood must not be trusted. */
#ifndef SB_SIGN_TRUSTSTORE_H
#define SB_SIGN_TRUSTSTORE_H

#include "sign/sign.h"

/* What an entry's key is good for. Seconds since 1970; 0: no limit. Both ends are within, as
 * OpenSSH has it. */
struct sb_validity {
    int64_t after, before;
    bool no_custody; /* its namespaces leave out SB_SSH_CUSTODY_NAMESPACE */
};

struct sb_trust_entry {
    char *name; /* one principal; a line with several gives several entries */
    struct sb_identity signer;
    struct sb_validity valid;
    size_t line; /* from 1 */
};

struct sb_truststore {
    struct sb_trust_entry *entries;
    size_t count, cap;
    struct sb_arena strings;
};

/* Zero-initialised *out. Only entries whose namespaces allow SB_SSH_NAMESPACE (or that have none)
 * are kept. `file` is for messages. SEALBAG_ERR_TRUST. */
int sb_truststore_parse(struct sb_truststore *out, const uint8_t *bytes, size_t len,
                        const char *file, struct sb_error *error);
void sb_truststore_free(struct sb_truststore *store);

/* Whether a name can be a principal: 1 to 255 bytes of UTF-8, no white space, control or hidden
 * characters, none of , " * ? ! # at its start, none of , " * ? ! anywhere. NULL, or a phrase. */
const char *sb_truststore_name_bad(const char *name);

/* Appends the line for a new entry to the file's text in `text` (a missing final newline is added
 * first). `valid` may be NULL: without limits. */
int sb_truststore_append(struct sb_buf *text, const char *name, const struct sb_identity *signer,
                         const struct sb_validity *valid);

/* Copies text to out without the entries of `name`: a line with several principals keeps the
 * others. *removed counts entries. The text must parse. */
int sb_truststore_without(struct sb_buf *out, size_t *removed, const uint8_t *bytes, size_t len,
                          const char *name);

/* TRUSTED, NOT_YET_VALID or EXPIRED at this time. When the time is not known (0), an entry with
 * dates is not trusted. */
enum sealbag_trust_state sb_validity_state(const struct sb_validity *valid, int64_t time);

/* The next entry with this key from index *at on, or NULL; advances *at. Start with 0. */
const struct sb_trust_entry *sb_truststore_find(const struct sb_truststore *store,
                                                const struct sb_identity *signer, size_t *at);

/* The store's key whose fingerprint begins with the 32 hex digits of a signature's file name, or
 * NULL. */
const struct sb_identity *sb_truststore_key_by_name(const struct sb_truststore *store,
                                                    const char fp_name[SB_FP_NAME_SIZE]);

#endif
