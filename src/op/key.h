/* The public struct sealbag_key. */
#ifndef SB_OP_KEY_H
#define SB_OP_KEY_H

#include "sign/keyfile.h"

struct sealbag_key {
    struct sb_secret_key *secret;
    bool encrypted;
    bool world_readable;
};

/* What a signature is for. */
enum sb_role { SB_ROLE_SEAL, SB_ROLE_CUSTODY };

void sb_key_fingerprint(char out[SEALBAG_FINGERPRINT_SIZE], const struct sealbag_key *key);
/* A signature's file is called <name>.<kind>. */
void sb_key_name(char out[SB_FP_NAME_SIZE], const struct sealbag_key *key);
const char *sb_key_kind(const struct sealbag_key *key);
/* Appends the signature file over the message. `file` names what is signed, for people. */
int sb_key_sign(struct sb_buf *out, const struct sealbag_key *key, enum sb_role role,
                const struct sb_buf *message, int64_t time, const char *file,
                struct sb_error *error);

#endif
