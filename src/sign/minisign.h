/* minisign's public key and signature files: bytes in, bytes out, no I/O.
 *
 * Public key:  untrusted comment: <text>
 *              base64("Ed" key_id[8] pk[32])
 * Signature:   untrusted comment: <text>
 *              base64("ED" key_id[8] sig[64])         sig over BLAKE2b-512(message)
 *              trusted comment: <text>
 *              base64(global[64])                     over sig[64] and the trusted comment's text
 *
 * Strict: these lines and no other, LF or CRLF ends, the last one may be missing; no BOM, no
 * trailing spaces, canonical base64; no control character but TAB in comments. Legacy "Ed"
 * signatures are refused, since the algorithm bytes are not signed. */
#ifndef SB_SIGN_MINISIGN_H
#define SB_SIGN_MINISIGN_H

#include "sign/sign.h"

struct sb_minisign_public {
    uint8_t key_id[SB_KEY_ID_SIZE];
    uint8_t pk[SB_PK_SIZE];
};

/* 0, or SEALBAG_ERR_KEY with a sentence that completes with "what is wrong". */
int sb_minisign_public_parse(struct sb_minisign_public *out, const uint8_t *bytes, size_t len,
                             struct sb_error *error);
/* Appends the file's text; `comment` NULL: "minisign public key <KEY ID>". */
int sb_minisign_public_format(struct sb_buf *out, const struct sb_minisign_public *key,
                              const char *comment);
/* The id as minisign shows it: 16 upper-case hex digits of the little-endian number. */
void sb_minisign_key_id_text(char out[17], const uint8_t key_id[SB_KEY_ID_SIZE]);

struct sb_minisign_signature {
    uint8_t key_id[SB_KEY_ID_SIZE];
    uint8_t sig[SB_SIG_SIZE];
    uint8_t global[SB_SIG_SIZE];
    const char *trusted; /* the trusted comment, within the parsed bytes; not NUL-terminated */
    size_t trusted_len;
    bool has_key; /* the trusted comment has a well-formed key: field (see below) */
    struct sb_minisign_public key;
    const char *role; /* the role: field's value, as `trusted`; NULL: there is none */
    size_t role_len;
};

/* What a signature is for, in its trusted comment. That of a seal has none. */
#define SB_MINISIGN_CUSTODY "custody"

/* Parses; verifies nothing. SEALBAG_ERR_DAMAGED with a sentence when malformed. The trusted
 * comment is a TAB-separated list; a field "key:" + base64 of the 42 bytes of a public key file
 * gives the signer's public key (a hint); two such fields, or one that is malformed, or one with
 * another key id than the signature's, is malformed. A field "role:" says what the signature is
 * for; two are malformed. */
int sb_minisign_signature_parse(struct sb_minisign_signature *out, const uint8_t *bytes, size_t len,
                                struct sb_error *error);

/* Whether both signatures hold for the message under pk. */
bool sb_minisign_signature_verify(const struct sb_minisign_signature *signature,
                                  const uint8_t pk[SB_PK_SIZE], const uint8_t *message, size_t len);

/* Whether the signature is for this; NULL: for a seal. */
bool sb_minisign_signature_is_for(const struct sb_minisign_signature *signature, const char *role);

/* Appends a signature file over the message. sk is libsodium's seed|pk. The trusted comment is
 * "timestamp:<unix>\tfile:<file>\thashed\tsealbag:1\tkey:<base64 of the 42 bytes>", with
 * "role:<role>\t" before the last field unless role is NULL. */
int sb_minisign_sign(struct sb_buf *out, const struct sb_minisign_public *key, const uint8_t sk[64],
                     const char *role, const uint8_t *message, size_t len, int64_t time,
                     const char *file, struct sb_error *error);

#endif
