#define _GNU_SOURCE /* pipe2 */
#include "op/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "op/child.h"
#include "op/evidence.h"

/* What the child sends: progress, any number of times, then the answer. */
enum message { PROGRESS = 1, ANSWER };

enum { TICK_MS = 200, PROGRESS_STEP = 256 << 10, PROGRESS_CALLS = 64 };

struct sb_guard_child {
    pid_t pid;
    int requests; /* this process's ends */
    struct sb_wire answers;
    struct sealbag_progress now; /* as last told */
    bool cancelled;
    sealbag_progress_fn progress;
    void *progress_context;
};

/* ---- in the child ------------------------------------------------------------------------ */

/* The state of the process that reads. */
struct reading {
    struct sb_inspection *inspection;
    struct sb_judge judge;
    struct sb_wire requests, answers;
    uint64_t told; /* bytes */
    unsigned calls;
};

static int tell_progress(void *context, const struct sealbag_progress *now)
{
    struct reading *reading = context;
    if (now->bytes - reading->told < PROGRESS_STEP && ++reading->calls < PROGRESS_CALLS)
        return 0;
    reading->told = now->bytes;
    reading->calls = 0;
    sb_wire_put_number(&reading->answers, PROGRESS);
    sb_wire_put_number(&reading->answers, now->bytes);
    sb_wire_put_number(&reading->answers, now->bytes_total);
    sb_wire_put_number(&reading->answers, now->files);
    sb_wire_put_number(&reading->answers, now->files_total);
    return sb_wire_flush(&reading->answers) ? 0 : 1;
}

static void answer(struct reading *reading, enum sb_request request)
{
    struct sb_error error = {0};
    struct sb_wire *wire = &reading->answers;
    int r = sb_inspect(reading->inspection, &reading->judge, request, &error);
    if (r < 0 && error.code == 0)
        sb_error_set(&error, r, "The bundle could not be read.");
    sb_wire_put_number(wire, ANSWER);
    sb_wire_put_number(wire, r < 0 ? 2 : (uint64_t)r);
    if (r < 0)
        sb_evidence_put_error(wire, &error);
    else if (r > 0)
        sb_evidence_put(wire, reading->inspection, &reading->judge, request);
    sb_wire_flush(wire);
}

/* No terminal is left to write to, and nothing but what is needed is open. */
static void let_go(const struct reading *reading)
{
    const struct sb_inspection *inspection = reading->inspection;
    int needed[4] = {inspection->fd, reading->requests.fd, reading->answers.fd};
    size_t count = 3;
    if (inspection->staging != NULL)
        needed[count++] = inspection->staging->fd;
    sb_child_let_go(needed, count);
}

/* What happens first is an answer, too: what the sandbox could do, or an error. */
static bool lock_in(struct reading *reading, unsigned jobs)
{
    const struct sb_inspection *inspection = reading->inspection;
    struct sb_sandbox got = {0};
    struct sb_error error = {0};
    const struct sb_confines confines = {
        .writable = inspection->staging != NULL ? inspection->staging->fd : -1,
        .spoken = reading->answers.fd,
        .silent = {inspection->fd, reading->requests.fd},
        .reads = inspection->folder != NULL,
    };
    let_go(reading);
    int r = sb_sandbox_enter(&got, &confines, &error);
    if (r == 0)
        r = sb_judge_init(&reading->judge, jobs, &error);
    sb_wire_put_number(&reading->answers, r < 0 ? 2 : 1);
    if (r < 0)
        sb_evidence_put_error(&reading->answers, &error);
    sb_wire_put_number(&reading->answers, got.files);
    sb_wire_put_number(&reading->answers, got.calls);
    return sb_wire_flush(&reading->answers) && r == 0;
}

_Noreturn static void serve(struct reading *reading, unsigned jobs, pid_t parent)
{
    /* When the parent dies, so does this, also when it did just now. */
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    sb_child_ignore_signals();
    if (getppid() == parent && lock_in(reading, jobs)) {
        reading->inspection->reading.progress = tell_progress;
        reading->inspection->reading.progress_context = reading;
        for (;;) {
            enum sb_request request =
                (enum sb_request)sb_wire_get_number(&reading->requests, SB_REQUEST_COUNT - 1);
            if (reading->requests.failed)
                break;
            answer(reading, request);
            if (reading->answers.failed)
                break; /* rather than be waited for */
        }
    }
    _exit(0);
}

/* ---- in the parent ----------------------------------------------------------------------- */

/* Until there is something to read. Progress is shown meanwhile, so that the run can be stopped
 * also while nothing comes. */
static bool wait_for(void *context)
{
    struct sb_guard_child *child = context;
    for (;;) {
        struct pollfd ready = {.fd = child->answers.fd, .events = POLLIN};
        /* Also when something comes all the time, or byte by byte. */
        if (child->progress != NULL && child->progress(child->progress_context, &child->now) != 0) {
            child->cancelled = true;
            return false;
        }
        int n = poll(&ready, 1, TICK_MS);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

static int make_pipes(int requests[2], int answers[2], struct sb_error *error)
{
    enum { ROOM = 1 << 20 }; /* so that what is read can be sent without waiting for long */
    /* A socket, because sending to one whose other end is gone need not be a signal. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, requests) < 0)
        return sb_error_errno(error, errno, "prepare to read", "the bundle");
    if (pipe2(answers, O_CLOEXEC) < 0) {
        int reason = errno;
        close(requests[0]);
        close(requests[1]);
        return sb_error_errno(error, reason, "prepare to read", "the bundle");
    }
    (void)fcntl(answers[1], F_SETPIPE_SZ, ROOM); /* if it may be so much */
    return 0;
}

static int start_child(struct sb_guard *guard, struct sb_error *error)
{
    int requests[2] = {-1, -1}, answers[2] = {-1, -1};
    struct reading *reading = calloc(1, sizeof(*reading));
    if (reading == NULL)
        return sb_error_memory(error);
    struct sb_guard_child *child = calloc(1, sizeof(*child));
    if (child == NULL) {
        free(reading);
        return sb_error_memory(error);
    }
    int r = make_pipes(requests, answers, error);
    if (r < 0) {
        free(child);
        free(reading);
        return r;
    }
    reading->inspection = &guard->inspection;
    reading->requests.fd = requests[0];
    reading->answers.fd = answers[1];
    pid_t parent = getpid();
    child->pid = fork();
    if (child->pid == 0)
        serve(reading, guard->options->jobs, parent);
    int reason = errno;
    free(reading);
    close(requests[0]);
    close(answers[1]);
    child->requests = requests[1];
    child->answers.fd = answers[0];
    child->answers.wait = wait_for;
    child->answers.context = child;
    child->progress = guard->options->progress;
    child->progress_context = guard->options->progress_context;
    guard->child = child;
    return child->pid < 0
               ? sb_error_errno(error, reason, "start a process that reads", "the bundle")
               : 0;
}

/* Ends the child, if it has not ended, and says how it ended. */
static int end_child(struct sb_guard_child *child)
{
    int status = 0;
    if (child->pid <= 0)
        return 0;
    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    child->pid = 0;
    return status;
}

/* Waits a second for it, without taking its status. */
static bool has_ended(const struct sb_guard_child *child)
{
    enum { ROUNDS = 50, ROUND_MS = 20 };
    for (int i = 0; child->pid > 0 && i < ROUNDS; i++) {
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid == child->pid)
            return true;
        poll(NULL, 0, ROUND_MS);
    }
    return false;
}

/* There is no answer, or it makes no sense. */
static int no_answer(struct sb_guard_child *child, struct sb_error *error)
{
    if (child->cancelled) {
        end_child(child);
        return sb_error_set(error, SEALBAG_ERR_CANCELLED, "Stopped, as asked.");
    }
    if (child->answers.no_memory)
        return sb_error_memory(error);
    /* If it has ended, that tells why; if not, it talks nonsense, or nothing. */
    bool ended = has_ended(child);
    int status = end_child(child);
    if (ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return sb_error_set(error, SEALBAG_ERR_MEMORY,
                            "The process that reads the bundle was killed, most likely for want of "
                            "memory. Nothing was judged.");
    if (ended && WIFEXITED(status) && WEXITSTATUS(status) != 0)
        return sb_error_set(error, SEALBAG_ERR_MEMORY,
                            "A library ended the process that reads the bundle, most likely for "
                            "want of memory. Nothing was judged.");
    return sb_error_set(error, SEALBAG_ERR_READER,
                        "The process that reads the bundle crashed. The bundle may have been made "
                        "to do that: open it with no other program, and report it.");
}

static int get_answer(struct sb_guard *guard, enum sb_request request, struct sb_error *error)
{
    struct sb_guard_child *child = guard->child;
    struct sb_wire *wire = &child->answers;
    uint64_t message;
    while ((message = sb_wire_get_number(wire, ANSWER)) == PROGRESS) {
        child->now.bytes = sb_wire_get_number(wire, UINT64_MAX);
        child->now.bytes_total = sb_wire_get_number(wire, UINT64_MAX);
        child->now.files = sb_wire_get_number(wire, UINT64_MAX);
        child->now.files_total = sb_wire_get_number(wire, UINT64_MAX);
        if (!wire->failed && child->progress != NULL &&
            child->progress(child->progress_context, &child->now) != 0)
            wire->failed = child->cancelled = true;
    }
    int r = (int)sb_wire_get_number(wire, 2);
    /* Only the index can be of no use. */
    bool by_index =
        request == SB_READ_LISTS || request == SB_WRITE_SELECTED || request == SB_READ_TAIL;
    if (message != ANSWER || (r == 0 && !by_index))
        wire->failed = true;
    if (!wire->failed && r == 2) {
        struct sb_error told = {0};
        sb_evidence_get_error(&told, wire);
        if (!wire->failed && error != NULL)
            *error = told;
        r = told.code;
    } else if (!wire->failed && r == 1) {
        int got = sb_evidence_get(&guard->inspection, &guard->judge, request, wire, error);
        if (got < 0)
            return got;
    }
    return wire->failed ? no_answer(child, error) : r;
}

static int ask_child(struct sb_guard *guard, enum sb_request request, struct sb_error *error)
{
    struct sb_guard_child *child = guard->child;
    uint64_t number = (uint64_t)request;
    const char *from = (const char *)&number;
    size_t left = child->pid > 0 ? sizeof(number) : 0;
    child->answers.failed |= left == 0;
    while (left > 0 && !child->answers.failed) {
        ssize_t n = send(child->requests, from, left, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            child->answers.failed = true;
        if (n > 0) {
            from += n;
            left -= (size_t)n;
        }
    }
    return get_answer(guard, request, error);
}

/* The child's first words. */
static int meet_child(struct sb_guard *guard, struct sb_error *error)
{
    struct sb_guard_child *child = guard->child;
    struct sb_wire *wire = &child->answers;
    uint64_t first = sb_wire_get_number(wire, 2);
    struct sb_error told = {0};
    if (first == 2)
        sb_evidence_get_error(&told, wire);
    bool files = sb_wire_get_number(wire, 1) == 1;
    bool calls = sb_wire_get_number(wire, 1) == 1;
    /* Without Landlock, whoever may open a file may open any. */
    bool opens = guard->inspection.staging != NULL || guard->inspection.folder != NULL;
    guard->unconfined = !calls || (opens && !files);
    if (wire->failed)
        return no_answer(child, error);
    if (first == 2 && error != NULL)
        *error = told;
    return first == 2 ? told.code : 0;
}

/* ---- both -------------------------------------------------------------------------------- */

int sb_guard_open(struct sb_guard *guard, const struct sealbag_verify_options *options,
                  struct sb_error *error)
{
    guard->options = options;
    guard->unconfined = options->no_sandbox;
    guard->inspection.provenance |= options->provenance;
    guard->inspection.unlisted &= !guard->inspection.provenance;
    guard->inspection.reading.limits = &options->limits;
    guard->inspection.reading.progress = options->progress;
    guard->inspection.reading.progress_context = options->progress_context;
    /* Also what must be set up before the child can open nothing any more, such as libcrypto. */
    int r = sb_judge_init(&guard->judge, options->no_sandbox ? options->jobs : 1, error);
    if (r < 0 || options->no_sandbox)
        return r;
    sb_reader_prepare();
    r = start_child(guard, error);
    return r == 0 ? meet_child(guard, error) : r;
}

int sb_guard_ask(struct sb_guard *guard, enum sb_request request, struct sb_error *error)
{
    struct sb_judge *judge = &guard->judge;
    int r = guard->child != NULL ? ask_child(guard, request, error)
                                 : sb_inspect(&guard->inspection, judge, request, error);
    if (r <= 0 || !sb_request_judges(request))
        return r;
    /* What could not be read as a bundle at all has no seal to judge. */
    if ((judge->scan.ended || request == SB_READ_RUINS) &&
        guard->inspection.depth == SEALBAG_WHOLE) {
        int judged = sb_judge_signatures(judge, guard->options, error);
        if (judged == 0)
            judged = sb_judge_custody(judge, guard->options, error);
        if (judged == 0 && judge->findings.overflow)
            judged = sb_error_memory(error);
        if (judged < 0)
            return judged;
    }
    int code = judge->findings.exit_code;
    return request != SB_READ_LISTS || code == 0 || code == 3;
}

/* Said in the verdict, because whoever relies on it should know. */
static int tell_unconfined(struct sb_guard *guard, struct sb_error *error)
{
    if (guard->unconfined)
        sb_findings_add(&guard->judge.findings, SB_RULE_UNCONFINED, NULL,
                        guard->options->no_sandbox
                            ? "The bundle was read without a sandbox, as asked."
                            : "The bundle was read without a full sandbox, which this system does "
                              "not offer.");
    return guard->judge.findings.overflow ? sb_error_memory(error) : 0;
}

int sb_guard_verdict(struct sealbag_verdict **out, struct sb_guard *guard, struct sb_error *error)
{
    int r = tell_unconfined(guard, error);
    if (r == 0)
        r = sb_judge_verdict(out, &guard->judge, guard->options, error);
    if (r == 0)
        (*out)->folder = guard->inspection.folder != NULL;
    return r;
}

int sb_guard_partial_verdict(struct sealbag_verdict **out, struct sb_guard *guard,
                             uint64_t documents, struct sb_error *error)
{
    int r = tell_unconfined(guard, error);
    return r == 0 ? sb_judge_partial_verdict(out, &guard->judge, documents, guard->options, error)
                  : r;
}

void sb_guard_stop(struct sb_guard *guard)
{
    if (guard->child != NULL)
        end_child(guard->child);
}

void sb_guard_close(struct sb_guard *guard)
{
    sb_guard_stop(guard);
    if (guard->child != NULL) {
        close(guard->child->requests);
        close(guard->child->answers.fd);
        free(guard->child);
    }
    sb_inspection_close(&guard->inspection);
    sb_judge_free(&guard->judge);
    guard->child = NULL;
}
