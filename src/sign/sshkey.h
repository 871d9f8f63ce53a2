/* OpenSSH public keys ("ssh-ed25519 AAAA... comment") and SSHSIG signatures (PROTOCOL.sshsig). */
#ifndef SB_SIGN_SSHKEY_H
#define SB_SIGN_SSHKEY_H

#include "sign/sign.h"

#define SB_SSH_NAMESPACE         "seal@sealbag"
#define SB_SSH_CUSTODY_NAMESPACE "custody@sealbag"

/* One line, with or without a comment and a line end. SEALBAG_ERR_KEY for anything but Ed25519. */
int sb_sshkey_parse(uint8_t pk[SB_PK_SIZE], const uint8_t *bytes, size_t len,
                    struct sb_error *error);
/* Appends "ssh-ed25519 <base64>". */
int sb_sshkey_format(struct sb_buf *out, const uint8_t pk[SB_PK_SIZE]);

/* A public key file in minisign's or OpenSSH's format, told apart by how it begins. */
int sb_public_key_parse(uint8_t pk[SB_PK_SIZE], const uint8_t *bytes, size_t len,
                        struct sb_error *error);

struct sb_sshsig {
    uint8_t pk[SB_PK_SIZE];
    uint8_t sig[SB_SIG_SIZE];
    bool sha512; /* else sha256 */
};

/* Parses an armored signature strictly: version 1, our namespace, nothing reserved, Ed25519, no
 * trailing bytes, armor lines of at most 76 columns, text before or after refused; LF or CRLF.
 * SEALBAG_ERR_DAMAGED when malformed, SEALBAG_ERR_UNSUPPORTED for another key type. */
int sb_sshsig_parse(struct sb_sshsig *out, const char *name_space, const uint8_t *bytes, size_t len,
                    struct sb_error *error);
/* Whether it holds over the message. */
bool sb_sshsig_verify(const struct sb_sshsig *signature, const char *name_space,
                      const uint8_t *message, size_t len);

#endif
