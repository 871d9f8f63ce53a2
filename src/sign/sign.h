/* What the files of this room share: sizes, and who signs: Ed25519 public keys with their
 * fingerprint. */
#ifndef SB_SIGN_SIGN_H
#define SB_SIGN_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    SB_PK_SIZE = 32,
    SB_SIG_SIZE = 64,
    SB_KEY_ID_SIZE = 8,
    SB_FP_NAME_SIZE = 33,      /* 32 hex digits and a NUL: names a signature file in seal/ */
    SB_APPLICATION_SIZE = 129, /* of a FIDO key, with a NUL */
    /* string type, string pk and, of a FIDO key only, string application */
    SB_SSH_BLOB_MAX = 4 + 26 + 4 + SB_PK_SIZE + 4 + SB_APPLICATION_SIZE - 1,
};

/* Who signs. A plain Ed25519 key (minisign's and OpenSSH's are one, when the 32 bytes are) has no
 * application; a FIDO key lives in a token, signs for one application, such as "ssh:", and its
 * fingerprint depends on both (PROTOCOL.u2f). Bytes behind the application's end are zero. */
struct sb_identity {
    uint8_t pk[SB_PK_SIZE];
    char application[SB_APPLICATION_SIZE]; /* "": a plain key */
};

/* That of a plain key. */
void sb_identity_plain(struct sb_identity *out, const uint8_t pk[SB_PK_SIZE]);
bool sb_identity_is_fido(const struct sb_identity *identity);
bool sb_identity_equal(const struct sb_identity *a, const struct sb_identity *b);

/* Prepares libsodium; idempotent and thread-safe. SYSTEM when it has no random numbers. */
int sb_sign_init(struct sb_error *error);

/* SHA-256 of the key's OpenSSH blob: what `ssh-keygen -l` shows and what people compare. */
void sb_fingerprint_bytes(uint8_t out[32], const struct sb_identity *identity);
/* "SHA256:" and base64 without padding. */
void sb_fingerprint_text(char out[SEALBAG_FINGERPRINT_SIZE], const struct sb_identity *identity);
/* The first 32 hex digits of the same digest. */
void sb_fingerprint_name(char out[SB_FP_NAME_SIZE], const struct sb_identity *identity);
/* Whether text[0..len) is a fingerprint as sb_fingerprint_text writes it; decodes it to 32 bytes.
 */
bool sb_fingerprint_parse(uint8_t out[32], const char *text, size_t len);
/* From the digest, for a Signer: line. */
void sb_fingerprint_text_from_bytes(char out[SEALBAG_FINGERPRINT_SIZE], const uint8_t digest[32]);

/* Standard base64 with canonical padding, exactly n bytes; false for anything else. */
bool sb_base64_decode(uint8_t *out, size_t n, const char *text, size_t len);
/* Appends the base64 of n bytes. */
int sb_base64_append(struct sb_buf *out, const uint8_t *bytes, size_t n);

#endif
