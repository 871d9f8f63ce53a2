/* Talks to ssh-agent through its socket; what is said is sign/agent's. */
#ifndef SB_OP_AGENT_H
#define SB_OP_AGENT_H

#include "base/buf.h"

struct sb_agent_link {
    char *socket; /* its path */
    sealbag_agent_fn tell;
    void *context;
};

/* For how long an agent is waited for, in tenths of a second: somebody may have to be found who
 * touches a security key or allows a signature. */
enum { SB_AGENT_LIST_WAIT = 150, SB_AGENT_SIGN_WAIT = 3000 };

/* Sends a request over a connection of its own and appends the answer, without its length. The
 * answer is not longer than SB_AGENT_ANSWER_MAX. SEALBAG_ERR_AGENT, CANCELLED. */
int sb_agent_talk(struct sb_buf *answer, const struct sb_agent_link *link,
                  const struct sb_buf *request, unsigned wait, struct sb_error *error);

#endif
