/* The trust store's revoked keys: a text that OpenSSH takes as its list of revoked public keys
 * (`ssh-keygen -Y verify -r`), with a strict comment:
 *
 *   keytype base64 revoked=TIME [since=TIME] reason=TEXT
 *
 * keytype is ssh-ed25519 or sk-ssh-ed25519@openssh.com, TIME is RFC 3339 in UTC with whole seconds,
 * TEXT goes to the end of the line; one space stands between the fields. "#" lines and empty lines
 * are comments. Without `since` the key is revoked at any time; several lines for one key all
 * count. Anything else refuses the whole file. */
#ifndef SB_SIGN_REVOKED_H
#define SB_SIGN_REVOKED_H

#include "sign/sign.h"

struct sb_revocation {
    struct sb_identity signer;
    int64_t on;    /* when it was written, seconds since 1970 */
    int64_t since; /* from when on it counts; 0: always */
    const char *reason;
};

struct sb_revoked {
    struct sb_revocation *items;
    size_t count, cap;
    struct sb_arena strings;
};

/* `file` is for messages. SEALBAG_ERR_TRUST. */
int sb_revoked_parse(struct sb_revoked *out, const uint8_t *bytes, size_t len, const char *file,
                     struct sb_error *error);
void sb_revoked_free(struct sb_revoked *revoked);

/* Whether a text can be a reason: 1 to 500 bytes of UTF-8 without control and hidden characters,
 * and no space at its ends. NULL, or a phrase. */
const char *sb_revoked_reason_bad(const char *reason);

/* Appends a line (a missing final newline is added first). USAGE for a reason that cannot be one.
 */
int sb_revoked_append(struct sb_buf *text, const struct sb_revocation *revocation);

/* The revocation of a key that counts at this time, the strictest of several; NULL for none. When
 * the time is not known (0), every one counts. */
const struct sb_revocation *sb_revoked_find(const struct sb_revoked *revoked,
                                            const struct sb_identity *signer, int64_t time);
/* The strictest one, whether it counts yet or not. */
const struct sb_revocation *sb_revoked_strictest(const struct sb_revoked *revoked,
                                                 const struct sb_identity *signer);

#endif
