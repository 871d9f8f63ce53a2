/* ssh-agent's protocol (draft-ietf-sshm-ssh-agent): bytes in, bytes out, no I/O. A message is
 * u32 length | u8 type | contents; what is parsed here begins with the type.
 *
 *   11 request identities              -> 12: u32 n, n times (string key blob, string comment)
 *   13 sign: string key blob, string data, u32 flags 0   -> 14: string signature blob
 *                                      -> 5: refused */
#ifndef SB_SIGN_AGENT_H
#define SB_SIGN_AGENT_H

#include "sign/sshkey.h"

enum {
    SB_AGENT_ANSWER_MAX = 256 << 10, /* OpenSSH's own bound */
    SB_AGENT_COMMENT_SIZE = 256,     /* a longer one is cut */
};

/* One key that the agent holds. */
struct sb_agent_key {
    struct sb_identity identity;
    char comment[SB_AGENT_COMMENT_SIZE]; /* not escaped */
};

/* The keys that can sign seals, in the agent's order. Zero-initialise. */
struct sb_agent_keys {
    struct sb_agent_key *items;
    size_t count, cap;
    size_t others; /* keys of other types, certificates among them */
};

/* Appends a whole message. */
int sb_agent_ask_keys(struct sb_buf *out);
int sb_agent_ask_signature(struct sb_buf *out, const struct sb_identity *identity,
                           const uint8_t *data, size_t len);

/* SEALBAG_ERR_AGENT when the answer is not exactly one of its kind; then *out is empty. */
int sb_agent_read_keys(struct sb_agent_keys *out, const uint8_t *bytes, size_t len,
                       struct sb_error *error);
void sb_agent_keys_free(struct sb_agent_keys *keys);

/* The answer to a request for a signature by out->signer. *refused: the agent understood and did
 * not sign, so that it can be asked again. Verifies nothing. SEALBAG_ERR_AGENT. */
int sb_agent_read_signature(struct sb_sshsig *out, bool *refused, const uint8_t *bytes, size_t len,
                            struct sb_error *error);

#endif
