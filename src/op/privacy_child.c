#define _GNU_SOURCE /* SCM_RIGHTS, MSG_CMSG_CLOEXEC */
/* A file that takes over the process that looks into it must not be able to lie about other files.
 * So a process whose libraries have seen a file gets no other. Each is forked from one that has
 * never seen any, and its only way out is a socket that no other process has. To start one takes
 * longer than to look into most files, so those of which no library sees a byte share one. */
#include "op/privacy_child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "op/child.h"
#include "op/privacy_process.h"

enum { MEMORY_MAX = 1 << 30 };

/* A sanitizer maps terabytes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMIT_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LIMIT_MEMORY 0
#endif
#endif
#ifndef LIMIT_MEMORY
#define LIMIT_MEMORY 1
#endif

/* ---- messages ---------------------------------------------------------------------------- */

union control {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
};

int sb_privacy_send(int to, uint64_t number, int fd)
{
    union control control;
    memset(&control, 0, sizeof(control));
    struct iovec part = {&number, sizeof(number)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof(control.room);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &fd, sizeof(fd));
    }
    ssize_t n;
    do {
        n = sendmsg(to, &message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(number) ? 0 : -1;
}

int sb_privacy_receive(int from, uint64_t *number, int *fd)
{
    union control control;
    uint64_t got_number = 0;
    struct iovec part = {&got_number, sizeof(got_number)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof(control.room)};
    ssize_t n;
    do {
        n = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    const struct cmsghdr *got = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    *fd = -1;
    *number = got_number;
    if (got != NULL && got->cmsg_level == SOL_SOCKET && got->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(got), sizeof(*fd));
    if (n == 0)
        return 0;
    return n == (ssize_t)sizeof(got_number) ? 1 : -1;
}

/* ---- a file ------------------------------------------------------------------------------ */

struct looking {
    struct sb_wire *wire;
    uint64_t seen[SB_PRIVACY_FINDINGS_MAX]; /* hashes of what was told */
    size_t seen_count;
    bool in_library;
};

/* FNV-1a: only to tell the same thing once. */
static uint64_t add_hash(uint64_t hash, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * UINT64_C(1099511628211);
    return hash;
}

static void tell(void *context, enum sb_privacy_rule rule, const char *field, const void *value,
                 size_t len)
{
    struct looking *looking = context;
    char name[SB_PRIVACY_FIELD_MAX + 1];
    size_t n = strnlen(field, SB_PRIVACY_FIELD_MAX);
    len = len < SB_PRIVACY_VALUE_MAX ? len : SB_PRIVACY_VALUE_MAX;
    uint64_t hash = add_hash(UINT64_C(14695981039346656037), &rule, sizeof(rule));
    hash = add_hash(add_hash(hash, field, n), value, len);
    for (size_t i = 0; i < looking->seen_count; i++) {
        if (looking->seen[i] == hash)
            return;
    }
    if (looking->seen_count == SB_PRIVACY_FINDINGS_MAX)
        return;
    looking->seen[looking->seen_count++] = hash;
    memcpy(name, field, n);
    name[n] = 0;
    sb_wire_put_number(looking->wire, SB_PRIVACY_FOUND);
    sb_wire_put_number(looking->wire, rule);
    sb_wire_put_text(looking->wire, name);
    sb_wire_put_bytes(looking->wire, value, len);
}

/* It must have left before anything can go wrong. */
static void tell_library(void *context)
{
    struct looking *looking = context;
    if (looking->in_library)
        return;
    looking->in_library = true;
    sb_wire_put_number(looking->wire, SB_PRIVACY_LIBRARY);
    if (!sb_wire_flush(looking->wire))
        _exit(0);
}

static enum sb_privacy_result look_into(const struct sb_privacy_sink *sink, int fd,
                                        enum sb_privacy_kind kind)
{
    struct stat status;
    if (fstat(fd, &status) < 0 || status.st_size < 0 || (uint64_t)status.st_size > SIZE_MAX / 2)
        return SB_PRIVACY_FAILED;
    size_t len = (size_t)status.st_size;
    void *bytes = len > 0 ? mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    if (bytes == MAP_FAILED)
        return len == 0 ? SB_PRIVACY_UNKNOWN : SB_PRIVACY_FAILED;
    enum sb_privacy_result r = sb_privacy_examine(sink, kind, bytes, len);
    munmap(bytes, len);
    return r;
}

/* ---- the processes ----------------------------------------------------------------------- */

struct starting {
    const char *const *names;
    size_t name_count;
    int orders;
    struct sb_sandbox_plan plan;
    pid_t pids[SB_PRIVACY_PROCESSES]; /* the oldest first; -1: it could not be started */
    size_t count;
};

/* Locks itself in, and says what is in the files that it gets. */
_Noreturn static void examine(const struct starting *starting, int socket, pid_t parent)
{
    static struct sb_wire wire; /* large, and most of it is never touched */
    struct looking looking = {.wire = &wire};
    const struct sb_privacy_sink sink = {.found = tell,
                                         .library = tell_library,
                                         .context = &looking,
                                         .names = starting->names,
                                         .name_count = starting->name_count};
    struct sb_sandbox got = {0};
    uint64_t kind;
    int fd;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    /* In the place of the orders, which are none of its business; the filter knows this number. */
    wire.fd = starting->orders;
    bool good = dup2(socket, wire.fd) == wire.fd && close(socket) == 0 && getppid() == parent &&
                sb_sandbox_follow(&got, &starting->plan, NULL) == 0;
    sb_wire_put_number(&wire, good ? SB_PRIVACY_LOCKED : SB_PRIVACY_OPEN);
    sb_wire_put_number(&wire, got.calls);
    while (sb_wire_flush(&wire) && good && sb_privacy_receive(wire.fd, &kind, &fd) == 1) {
        looking.seen_count = 0;
        enum sb_privacy_result r = look_into(&sink, fd, (enum sb_privacy_kind)kind);
        close(fd);
        sb_wire_put_number(&wire, SB_PRIVACY_RESULT);
        sb_wire_put_number(&wire, r);
    }
    _exit(0);
}

/* One that has said all may have been taken over, and stay. */
static void end_oldest(struct starting *starting, uint64_t number)
{
    size_t ended = number < starting->count ? (size_t)number : starting->count;
    for (size_t i = 0; i < ended; i++) {
        if (starting->pids[i] <= 0)
            continue;
        kill(starting->pids[i], SIGKILL);
        while (waitpid(starting->pids[i], NULL, 0) < 0 && errno == EINTR)
            ;
    }
    starting->count -= ended;
    memmove(starting->pids, starting->pids + ended, starting->count * sizeof(starting->pids[0]));
}

_Noreturn void sb_privacy_child_serve(const char *const *names, size_t name_count, int orders,
                                      pid_t parent)
{
    struct starting starting = {.names = names, .name_count = name_count, .orders = orders};
    const struct sb_confines confines = {
        .writable = -1, .spoken = orders, .silent = {orders, orders}, .receives = true};
    const struct rlimit most = {MEMORY_MAX, MEMORY_MAX};
    uint64_t number;
    int socket;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    sb_child_ignore_signals();
    sb_child_let_go(&(int){orders}, 1);
    sb_privacy_prepare();
    if (LIMIT_MEMORY)
        setrlimit(RLIMIT_DATA, &most);
    if (getppid() != parent || sb_sandbox_plan(&starting.plan, &confines, NULL) < 0)
        _exit(0);
    while (sb_privacy_receive(orders, &number, &socket) == 1) {
        end_oldest(&starting, number);
        if (socket < 0)
            continue;
        if (starting.count == SB_PRIVACY_PROCESSES)
            break;
        pid_t own = getpid(), pid = fork();
        if (pid == 0)
            examine(&starting, socket, own);
        starting.pids[starting.count++] = pid;
        close(socket);
    }
    end_oldest(&starting, starting.count);
    _exit(0);
}
