/* OpenSSH public keys ("ssh-ed25519 AAAA... comment", and of FIDO tokens
 * "sk-ssh-ed25519@openssh.com AAAA... comment") and SSHSIG signatures (PROTOCOL.sshsig). */
#ifndef SB_SIGN_SSHKEY_H
#define SB_SIGN_SSHKEY_H

#include "sign/sign.h"

#define SB_SSH_NAMESPACE         "seal@sealbag"
#define SB_SSH_CUSTODY_NAMESPACE "custody@sealbag"

/* One line, with or without a comment and a line end. SEALBAG_ERR_KEY for anything but Ed25519. */
int sb_sshkey_parse(struct sb_identity *out, const uint8_t *bytes, size_t len,
                    struct sb_error *error);
/* Appends "<type> <base64>". */
int sb_sshkey_format(struct sb_buf *out, const struct sb_identity *identity);

/* The public part of an OpenSSH private key file (PROTOCOL.key), and whether the private part,
 * which is not looked into, is encrypted. SEALBAG_ERR_KEY. */
int sb_sshkey_private_parse(struct sb_identity *out, bool *encrypted, const uint8_t *bytes,
                            size_t len, struct sb_error *error);
bool sb_sshkey_is_private(const uint8_t *bytes, size_t len);

/* A public key file in minisign's or OpenSSH's format, told apart by how it begins. */
int sb_public_key_parse(struct sb_identity *out, const uint8_t *bytes, size_t len,
                        struct sb_error *error);

struct sb_sshsig {
    struct sb_identity signer;
    uint8_t sig[SB_SIG_SIZE];
    uint8_t flags;    /* these two are a FIDO key's only */
    uint32_t counter; /* how often the token has signed */
    bool sha512;      /* else sha256 */
};

/* Parses an armored signature strictly: version 1, our namespace, nothing reserved, Ed25519
 * (of a FIDO key: touched), no trailing bytes, armor lines of at most 76 columns, text before or
 * after refused; LF or CRLF. SEALBAG_ERR_DAMAGED when malformed, SEALBAG_ERR_UNSUPPORTED for
 * another key type. */
int sb_sshsig_parse(struct sb_sshsig *out, const char *name_space, const uint8_t *bytes, size_t len,
                    struct sb_error *error);
/* Whether it holds over the message. */
bool sb_sshsig_verify(const struct sb_sshsig *signature, const char *name_space,
                      const uint8_t *message, size_t len);

/* Appends what an agent's key signs for a message: PROTOCOL.sshsig's structure, with sha512. */
int sb_sshsig_to_sign(struct sb_buf *out, const char *name_space, const uint8_t *message,
                      size_t len);
/* Reads a signature blob (RFC 8709, section 6, or PROTOCOL.u2f) by out->signer, exactly; false
 * when it is malformed or by another type of key. */
bool sb_sshsig_read_blob(struct sb_sshsig *out, const void *bytes, size_t len);
/* Appends the armored signature, as ssh-keygen writes it. */
int sb_sshsig_format(struct sb_buf *out, const struct sb_sshsig *signature, const char *name_space);

#endif
