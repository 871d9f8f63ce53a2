#define _GNU_SOURCE /* pipe2 */
#include "op/privacy_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "op/child.h"

/* What the child says for each file: findings, then the result. */
enum message { FOUND = 1, RESULT };

enum { TICK_MS = 100, MEMORY_MAX = 1 << 30 };

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

/* ---- in the child ------------------------------------------------------------------------ */

struct looking {
    struct sb_wire *wire;
    uint64_t seen[SB_PRIVACY_FINDINGS_MAX]; /* of this file: hashes of what was told */
    size_t seen_count;
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
    sb_wire_put_number(looking->wire, FOUND);
    sb_wire_put_number(looking->wire, rule);
    sb_wire_put_text(looking->wire, name);
    sb_wire_put_bytes(looking->wire, value, len);
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

/* A file and its kind. -1: there is none any more. */
static int receive(int from, uint64_t *kind)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    uint64_t number = 0;
    struct iovec part = {&number, sizeof(number)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof(control.room)};
    ssize_t n;
    do {
        n = recvmsg(from, &message, 0);
    } while (n < 0 && errno == EINTR);
    const struct cmsghdr *got = n == (ssize_t)sizeof(number) ? CMSG_FIRSTHDR(&message) : NULL;
    int fd = -1;
    if (got != NULL && got->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(got), sizeof(fd));
    *kind = number;
    return fd;
}

_Noreturn static void serve(const struct sb_privacy_process *process, int files, int answers,
                            pid_t parent)
{
    struct sb_wire wire = {.fd = answers};
    struct sb_sandbox got = {0};
    struct sb_error error = {0};
    const struct sb_confines confines = {
        .writable = -1, .spoken = answers, .silent = {answers, files}, .receives = true};
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    sb_child_ignore_signals();
    int needed[] = {files, answers};
    sb_child_let_go(needed, 2);
    sb_privacy_prepare();
    const struct rlimit most = {MEMORY_MAX, MEMORY_MAX};
    if (LIMIT_MEMORY)
        setrlimit(RLIMIT_DATA, &most);
    bool good = getppid() == parent && sb_sandbox_enter(&got, &confines, &error) == 0;
    sb_wire_put_number(&wire, good ? 1 : 2);
    sb_wire_put_number(&wire, got.calls);
    while (sb_wire_flush(&wire) && good) {
        struct looking looking = {.wire = &wire};
        const struct sb_privacy_sink sink = {.found = tell,
                                             .context = &looking,
                                             .names = process->names,
                                             .name_count = process->name_count};
        uint64_t kind;
        int fd = receive(files, &kind);
        if (fd < 0)
            break;
        enum sb_privacy_result r = look_into(&sink, fd, (enum sb_privacy_kind)kind);
        close(fd);
        sb_wire_put_number(&wire, RESULT);
        sb_wire_put_number(&wire, r);
    }
    _exit(0);
}

/* ---- in the parent ----------------------------------------------------------------------- */

static bool wait_for(void *context)
{
    struct sb_privacy_process *process = context;
    for (;;) {
        struct pollfd ready = {.fd = process->answers.fd, .events = POLLIN};
        if (process->tick != NULL && !process->tick(process->tick_context)) {
            process->cancelled = true;
            return false;
        }
        int n = poll(&ready, 1, TICK_MS);
        /* Also when something comes all the time, or byte by byte. */
        if (process->ticks == 0)
            return false;
        process->ticks--;
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

void sb_privacy_process_stop(struct sb_privacy_process *process)
{
    if (process->pid <= 0)
        return;
    kill(process->pid, SIGKILL);
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(process->files);
    close(process->answers.fd);
    process->pid = 0;
}

static int start(struct sb_privacy_process *process, struct sb_error *error)
{
    int files[2], answers[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, files) < 0)
        return sb_error_errno(error, errno, "prepare to examine", "the files");
    if (pipe2(answers, O_CLOEXEC) < 0) {
        int reason = errno;
        close(files[0]);
        close(files[1]);
        return sb_error_errno(error, reason, "prepare to examine", "the files");
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    int reason = errno;
    if (pid == 0)
        serve(process, files[1], answers[1], parent);
    close(files[1]);
    close(answers[1]);
    process->pid = pid;
    process->files = files[0];
    process->answers = (struct sb_wire){.fd = answers[0], .wait = wait_for, .context = process};
    if (pid < 0) {
        close(files[0]);
        close(answers[0]);
        return sb_error_errno(error, reason, "start a process that examines", "the files");
    }
    process->ticks = process->seconds * (1000 / TICK_MS);
    uint64_t first = sb_wire_get_number(&process->answers, 2);
    process->unconfined |= sb_wire_get_number(&process->answers, 1) != 1;
    if (process->answers.failed || first != 1) {
        sb_privacy_process_stop(process);
        return sb_error_set(error, SEALBAG_ERR_READER,
                            "The process that examines the files could not be locked in. Nothing "
                            "was examined.");
    }
    return 0;
}

static bool send_file(const struct sb_privacy_process *process, int fd, enum sb_privacy_kind kind)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof(control));
    uint64_t number = kind;
    struct iovec part = {&number, sizeof(number)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof(control.room)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &fd, sizeof(fd));
    ssize_t n;
    do {
        n = sendmsg(process->files, &message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(number);
}

/* True when it has said all, and it makes sense. */
static bool get_answer(enum sb_privacy_result *result, struct sb_privacy_process *process,
                       const struct sb_privacy_sink *sink)
{
    struct sb_wire *wire = &process->answers;
    struct sb_arena names = {0};
    size_t count = 0;
    uint64_t message;
    while ((message = sb_wire_get_number(wire, RESULT)) == FOUND && !wire->failed) {
        struct sb_buf value = {0};
        uint64_t rule = sb_wire_get_number(wire, SB_PRIVACY_RULES_COUNT - 1);
        const char *field = sb_wire_get_text(wire, &names, SB_PRIVACY_FIELD_MAX);
        sb_wire_get_bytes(&value, wire, SB_PRIVACY_VALUE_MAX);
        wire->failed |= field == NULL || ++count > SB_PRIVACY_FINDINGS_MAX;
        if (!wire->failed)
            sink->found(sink->context, (enum sb_privacy_rule)rule, field,
                        value.data != NULL ? (const char *)value.data : "", value.len);
        sb_buf_free(&value);
    }
    *result = (enum sb_privacy_result)sb_wire_get_number(wire, SB_PRIVACY_RESULTS - 1);
    sb_arena_free(&names);
    return !wire->failed && message == RESULT;
}

int sb_privacy_process_examine(enum sb_privacy_result *result, enum sb_privacy_trouble *trouble,
                               struct sb_privacy_process *process, int fd,
                               enum sb_privacy_kind kind, const struct sb_privacy_sink *sink,
                               struct sb_error *error)
{
    int r = process->pid > 0 ? 0 : start(process, error);
    *trouble = SB_TROUBLE_NONE;
    process->ticks = process->seconds * (1000 / TICK_MS);
    if (r == 0 && !(send_file(process, fd, kind) && get_answer(result, process, sink))) {
        *trouble = process->ticks == 0 ? SB_TROUBLE_TIME : SB_TROUBLE_CRASH;
        if (process->answers.no_memory)
            r = sb_error_memory(error);
        sb_privacy_process_stop(process);
    }
    if (process->cancelled)
        r = sb_error_set(error, SEALBAG_ERR_CANCELLED, "Stopped, as asked.");
    return r;
}
