/* OpenSSH signatures (PROTOCOL.sshsig), written without the code that is tested. */
#ifndef SB_TESTS_FUZZ_SSHSIG_H
#define SB_TESTS_FUZZ_SSHSIG_H

#include "sign/sshkey.h"

/* The base64 of the one structure that has these values. */
void fuzz_sshsig_base64(struct sb_buf *out, const struct sb_sshsig *signature,
                        const char *name_space);

/* Appends a signature file over the message by this key, libsodium's seed and public key. */
void fuzz_sshsig_make(struct sb_buf *out, const uint8_t sk[64], const uint8_t *message, size_t len);

#endif
