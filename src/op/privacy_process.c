#include "op/privacy_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICK_MS = 100, START_SECONDS = 20 };

/* ---- the process that starts others ------------------------------------------------------ */

void sb_privacy_process_stop(struct sb_privacy_process *process)
{
    enum { END_MS = 2000 };
    if (process->pid <= 0)
        return;
    /* It ends the others, which ends its own end of the socket. If it does not, the kernel ends
     * them with it. */
    struct pollfd ended = {.fd = process->orders, .events = 0};
    shutdown(process->orders, SHUT_WR);
    while (poll(&ended, 1, END_MS) < 0 && errno == EINTR)
        ;
    kill(process->pid, SIGKILL);
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(process->orders);
    for (unsigned i = 0; i < process->ready_count; i++)
        close(process->ready[i]);
    process->pid = 0;
    process->ready_count = process->ended = 0;
    process->met = false;
}

static int start(struct sb_privacy_process *process, struct sb_error *error)
{
    int orders[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, orders) < 0)
        return sb_error_errno(error, errno, "prepare to examine", "the files");
    pid_t parent = getpid();
    pid_t pid = fork();
    int reason = errno;
    if (pid == 0)
        sb_privacy_child_serve(process->names, process->name_count, orders[1], parent);
    close(orders[1]);
    process->pid = pid;
    process->orders = orders[0];
    if (pid < 0) {
        close(orders[0]);
        return sb_error_errno(error, reason, "start a process that examines", "the files");
    }
    return 0;
}

/* Those that get no other file are ended, and others are started that will wait for theirs: this
 * takes longer than most files do, so it is done meanwhile. For few files, few are. */
static int order(struct sb_privacy_process *process, struct sb_error *error)
{
    unsigned wanted = process->examined + 1;
    if (wanted > SB_PRIVACY_PROCESSES)
        wanted = SB_PRIVACY_PROCESSES;
    bool sent = true;
    while (sent && process->ready_count < wanted) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
            return sb_error_errno(error, errno, "prepare to examine", "the files");
        sent = sb_privacy_send(process->orders, process->ended, ends[1]) == 0;
        process->ended = 0;
        close(ends[1]);
        process->ready[process->ready_count++] = ends[0];
    }
    return 0; /* if it takes no orders, what was to be started says nothing */
}

/* ---- one that examines ------------------------------------------------------------------- */

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

/* True when it has said all, and it makes sense. */
static bool get_answer(enum sb_privacy_result *result, struct sb_privacy_process *process,
                       const struct sb_privacy_sink *sink)
{
    struct sb_wire *wire = &process->answers;
    struct sb_arena names = {0};
    size_t count = 0;
    uint64_t message;
    process->spent = false;
    while ((message = sb_wire_get_number(wire, SB_PRIVACY_LIBRARY)) != SB_PRIVACY_RESULT &&
           !wire->failed) {
        if (message == SB_PRIVACY_LIBRARY && !process->spent) {
            process->spent = true;
            continue;
        }
        struct sb_buf value = {0};
        uint64_t rule = sb_wire_get_number(wire, SB_PRIVACY_RULES_COUNT - 1);
        const char *field = sb_wire_get_text(wire, &names, SB_PRIVACY_FIELD_MAX);
        sb_wire_get_bytes(&value, wire, SB_PRIVACY_VALUE_MAX);
        wire->failed |=
            message != SB_PRIVACY_FOUND || field == NULL || ++count > SB_PRIVACY_FINDINGS_MAX;
        if (!wire->failed)
            sink->found(sink->context, (enum sb_privacy_rule)rule, field,
                        value.data != NULL ? (const char *)value.data : "", value.len);
        sb_buf_free(&value);
    }
    *result = (enum sb_privacy_result)sb_wire_get_number(wire, SB_PRIVACY_RESULTS - 1);
    sb_arena_free(&names);
    process->spent |= wire->at != wire->len; /* it goes on talking without being asked */
    return !wire->failed;
}

/* Its first words, which it says before it sees the file. */
static bool meet(struct sb_privacy_process *process)
{
    process->ticks = START_SECONDS * (1000 / TICK_MS);
    bool good = sb_wire_get_number(&process->answers, SB_PRIVACY_OPEN) == SB_PRIVACY_LOCKED;
    bool confined = sb_wire_get_number(&process->answers, 1) == 1;
    if (!process->answers.failed && good)
        process->unconfined |= !confined;
    return !process->answers.failed && good;
}

/* In process->answers: the one that had the last file, if that reached no library, or the next. */
static int take_ready(struct sb_privacy_process *process, struct sb_error *error)
{
    for (int i = 0; i < 2 && !process->met; i++) {
        int r = process->pid > 0 ? 0 : start(process, error);
        if (r == 0)
            r = order(process, error);
        if (r < 0)
            return r;
        process->answers =
            (struct sb_wire){.fd = process->ready[0], .wait = wait_for, .context = process};
        process->met = meet(process);
        if (process->met)
            return 0;
        /* No file can have done that: the machine may be short of something. Once more. */
        sb_privacy_process_stop(process);
        if (process->cancelled)
            return 0;
    }
    if (process->met)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_READER,
                        "The process that examines the files could not be locked in. Nothing "
                        "was examined.");
}

/* It gets no other file. */
static void let_go(struct sb_privacy_process *process)
{
    close(process->ready[0]);
    process->ready_count--;
    for (unsigned i = 0; i < process->ready_count; i++)
        process->ready[i] = process->ready[i + 1];
    process->met = false;
    process->ended++;
    process->examined += process->examined < SB_PRIVACY_PROCESSES;
}

int sb_privacy_process_examine(enum sb_privacy_result *result, enum sb_privacy_trouble *trouble,
                               struct sb_privacy_process *process, int fd,
                               enum sb_privacy_kind kind, const struct sb_privacy_sink *sink,
                               struct sb_error *error)
{
    *trouble = SB_TROUBLE_NONE;
    int r = take_ready(process, error);
    process->ticks = process->seconds * (1000 / TICK_MS);
    if (r == 0 && !process->cancelled) {
        if (sb_privacy_send(process->answers.fd, kind, fd) < 0 ||
            !get_answer(result, process, sink)) {
            *trouble = process->ticks == 0 ? SB_TROUBLE_TIME : SB_TROUBLE_CRASH;
            if (process->answers.no_memory)
                r = sb_error_memory(error);
        }
        if (process->spent || *trouble != SB_TROUBLE_NONE)
            let_go(process);
        /* It may go on and on. */
        if (*trouble != SB_TROUBLE_NONE &&
            sb_privacy_send(process->orders, process->ended, -1) == 0)
            process->ended = 0;
    }
    if (process->cancelled)
        r = sb_error_set(error, SEALBAG_ERR_CANCELLED, "Stopped, as asked.");
    return r;
}
