/* minisign's secret key files: 158 bytes in base64 after one comment line.
 *
 *   "Ed" kdf[2] "B2" salt[32] opslimit u64le memlimit u64le (key_id[8] sk[64] chk[32]) XOR stream
 *
 * kdf "Sc": the stream is 104 bytes of scrypt of the passphrase; chk = BLAKE2b-256("Ed" id sk).
 * kdf 00 00: not encrypted; salt, limits and chk may be zero or stale and are not looked at. */
#ifndef SB_SIGN_KEYFILE_H
#define SB_SIGN_KEYFILE_H

#include "sign/minisign.h"

/* What a key file may ask for: minisign itself never asks for more memory. */
#define SB_KEYFILE_MEM_MAX UINT64_C(0x40000000)
#define SB_KEYFILE_OPS_MAX UINT64_C(0x8000000)

/* Lives in locked memory (locked.h). */
struct sb_secret_key {
    struct sb_minisign_public public;
    uint8_t sk[64];
};

/* *encrypted tells whether a passphrase is needed; checks everything that can be checked without
 * one, also the limits. SEALBAG_ERR_KEY. */
int sb_keyfile_probe(bool *encrypted, const uint8_t *bytes, size_t len, struct sb_error *error);

/* Unlocks. A wrong passphrase is SEALBAG_ERR_PASSPHRASE; a pk that does not belong to the secret
 * is SEALBAG_ERR_KEY. *out is freed with sb_secret_key_free. */
int sb_keyfile_parse(struct sb_secret_key **out, const uint8_t *bytes, size_t len,
                     const char *passphrase, size_t passphrase_len, struct sb_error *error);

/* Makes a new key and the text of both files. With passphrase NULL not encrypted. secret_file's
 * memory is the caller's, given as *secret_file of sb_locked_new (free with sb_locked_free). When
 * 1 GiB cannot be had, the limits are halved as minisign does, and the file says so. */
int sb_keyfile_generate(struct sb_secret_key **out, char **secret_file, struct sb_buf *public_file,
                        const char *comment, const char *passphrase, size_t passphrase_len,
                        struct sb_error *error);

/* The text of the file in bytes[0..len), which `key` came from, anew: with this passphrase, or with
 * none (NULL). The comment stays, but what keygen writes about the lock. *secret_file as above. */
int sb_keyfile_rewrite(char **secret_file, const struct sb_secret_key *key, const uint8_t *bytes,
                       size_t len, const char *passphrase, size_t passphrase_len,
                       struct sb_error *error);

void sb_secret_key_free(struct sb_secret_key *key);

#endif
