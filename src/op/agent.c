#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "op/agent.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sign/agent.h"

#define ADVICE                                                                                     \
    "Start one and give it the key: eval \"$(ssh-agent)\"; ssh-add KEY. Then SSH_AUTH_SOCK says "  \
    "where it is."

/* One request and its answer. */
struct talk {
    int fd;
    const struct sb_agent_link *link;
    unsigned left; /* rounds */
    struct sb_error *error;
};

static int no_agent(const struct talk *talk, const char *reason)
{
    char shown[400];
    return sb_error_set(talk->error, SEALBAG_ERR_AGENT, "No ssh-agent answers at %s: %s. " ADVICE,
                        sealbag_text_escape(shown, sizeof(shown), talk->link->socket), reason);
}

/* Waits for at most a tenth of a second. Every call counts, also one that did not wait: so an agent
 * that answers byte by byte does not take longer than one that is silent. */
static int wait_for(struct talk *talk, short events)
{
    struct pollfd at = {.fd = talk->fd, .events = events};
    const struct sb_agent_link *link = talk->link;
    if (link->tell != NULL && link->tell(link->context, SEALBAG_AGENT_WAITING, "", 0) != 0)
        return sb_error_set(talk->error, SEALBAG_ERR_CANCELLED,
                            "The run was stopped while it waited for ssh-agent.");
    if (talk->left-- == 0)
        return sb_error_set(talk->error, SEALBAG_ERR_AGENT,
                            "The ssh-agent has not answered in time. See whether it waits for "
                            "something, such as a touch or a passphrase, and try again.");
    /* The signal that stops the run ends the wait, and is seen in the next round. */
    if (poll(&at, events != 0 ? 1 : 0, 100) < 0 && errno != EINTR)
        return no_agent(talk, strerror(errno));
    return 0;
}

static int open_link(struct talk *talk)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = talk->link->socket;
    if (path == NULL || path[0] == 0)
        return sb_error_set(talk->error, SEALBAG_ERR_AGENT,
                            "There is no ssh-agent: SSH_AUTH_SOCK is not set. " ADVICE);
    if (strlen(path) >= sizeof(address.sun_path))
        return no_agent(talk, "the path is too long");
    memcpy(address.sun_path, path, strlen(path));
    talk->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (talk->fd < 0)
        return no_agent(talk, strerror(errno));
    while (connect(talk->fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        /* EAGAIN: others are waiting, too. */
        if (errno != EAGAIN && errno != EINTR)
            return no_agent(talk, strerror(errno));
        int r = wait_for(talk, 0);
        if (r < 0)
            return r;
    }
    return 0;
}

static int cut_off(const struct talk *talk)
{
    return sb_error_set(talk->error, SEALBAG_ERR_AGENT,
                        "The ssh-agent has broken the connection off. Try again, and see whether "
                        "it runs: ssh-add -l lists its keys.");
}

static int send_all(struct talk *talk, const struct sb_buf *request)
{
    size_t done = 0;
    while (done < request->len) {
        ssize_t n = send(talk->fd, request->data + done, request->len - done, MSG_NOSIGNAL);
        if (n > 0) {
            done += (size_t)n;
            continue;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return cut_off(talk);
        int r = wait_for(talk, POLLOUT);
        if (r < 0)
            return r;
    }
    return 0;
}

static int receive(uint8_t *to, size_t len, struct talk *talk)
{
    size_t done = 0;
    while (done < len) {
        int r = wait_for(talk, POLLIN);
        if (r < 0)
            return r;
        ssize_t n = recv(talk->fd, to + done, len - done, 0);
        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            return cut_off(talk);
    }
    return 0;
}

static int receive_answer(struct sb_buf *answer, struct talk *talk)
{
    uint8_t head[4];
    int r = receive(head, sizeof(head), talk);
    if (r < 0)
        return r;
    size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (len == 0 || len > SB_AGENT_ANSWER_MAX)
        return sb_error_set(talk->error, SEALBAG_ERR_AGENT,
                            "What answers in the place of ssh-agent does not speak its language: "
                            "its answer has an impossible length. See where SSH_AUTH_SOCK leads.");
    if (sb_buf_reserve(answer, len) < 0)
        return sb_error_memory(talk->error);
    r = receive(answer->data + answer->len, len, talk);
    if (r == 0) {
        answer->len += len;
        answer->data[answer->len] = 0;
    }
    return r;
}

int sb_agent_talk(struct sb_buf *answer, const struct sb_agent_link *link,
                  const struct sb_buf *request, unsigned wait, struct sb_error *error)
{
    struct talk talk = {.fd = -1, .link = link, .left = wait, .error = error};
    int r = open_link(&talk);
    if (r == 0)
        r = send_all(&talk, request);
    if (r == 0)
        r = receive_answer(answer, &talk);
    if (talk.fd >= 0)
        close(talk.fd);
    return r;
}
