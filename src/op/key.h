/* The public struct sealbag_key: a key from a file, or one that ssh-agent has. */
#ifndef SB_OP_KEY_H
#define SB_OP_KEY_H

#include "op/agent.h"
#include "sign/keyfile.h"
#include "sign/sshkey.h"

struct sealbag_key {
    struct sb_identity identity;
    struct sb_secret_key *secret; /* NULL: the agent has it */
    bool encrypted;
    bool world_readable;
    struct sb_agent_link agent;
    char *comment; /* the agent's, raw */
};

/* What a signature is for. An SSHSIG says it in its namespace, a minisign signature in its trusted
 * comment when it is not a seal. */
enum sb_role { SB_ROLE_SEAL, SB_ROLE_CUSTODY };
const char *sb_role_namespace(enum sb_role role);

void sb_key_fingerprint(char out[SEALBAG_FINGERPRINT_SIZE], const struct sealbag_key *key);
/* A signature's file is called <name>.<kind>. */
void sb_key_name(char out[SB_FP_NAME_SIZE], const struct sealbag_key *key);
const char *sb_key_kind(const struct sealbag_key *key);
/* Appends the signature file over the message. `file` names what is signed, for people. */
int sb_key_sign(struct sb_buf *out, const struct sealbag_key *key, enum sb_role role,
                const struct sb_buf *message, int64_t time, const char *file,
                struct sb_error *error);

/* For op/key.c: the key of the agent that `wanted` names (fingerprint, a part of it, or comment),
 * or `identity`, when that is not NULL. `file` (may be NULL) is where it came from, for messages.
 */
int sb_key_find_in_agent(struct sealbag_key *key, const char *wanted,
                         const struct sb_identity *identity, const char *file,
                         struct sb_error *error);
int sb_key_sign_by_agent(struct sb_buf *out, const struct sealbag_key *key, enum sb_role role,
                         const struct sb_buf *message, struct sb_error *error);

/* Asks for a passphrase into locked memory; the caller frees *out with sb_locked_free. */
int sb_key_ask_passphrase(char **out, size_t *len, sealbag_passphrase_fn passphrase, void *context,
                          const char *file, struct sb_error *error);

/* Puts the file's name before a sentence that a parser of bytes could not name it in. */
void sb_key_name_file(struct sb_error *error, const char *file);

/* No key file is longer. */
enum { SB_KEY_FILE_MAX = 16384 };

#endif
