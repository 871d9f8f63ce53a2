/* Runs a command and makes system calls fail: the Nth of a kind in one of its processes. Unlike
 * strace it counts per process, from the moment on at which sealbag has prepared itself (what the
 * dynamic loader does before is left alone), and can really shorten a read or a write, or run
 * something else while the process stands still.
 *
 *   inject [-c FILE] [-l FILE] [-x COMMAND] [-T] [-i CALL:ACTION:N[+][@PROCESS]]... -- COMMAND...
 *
 *   -c  writes there how many calls of each kind each process made: "PROCESS CALL COUNT"
 *   -l  adds a line for each call that was met: "PROCESS CALL N FIRST_ARGUMENT"
 *   -x  what the action "run" runs, by the shell
 *   -T  no file system has files without names: O_TMPFILE fails with EOPNOTSUPP
 *   -i  CALL is a name or "any"; N+ means this one and all later ones; PROCESS counts from 0, the
 *       first, and is 0 if it is not given. ACTION is the name of an error, "short=LENGTH",
 *       "half", "run", or "signal=NUMBER", which goes to the process before the call.
 *
 * The exit code is the command's, 128 and the signal that ended it, or 99: this cannot be done
 * here. After ten seconds it ends itself, and the command with it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if !defined(__x86_64__)
int main(void)
{
    fputs("inject: Registers are known for x86-64 only.\n", stderr);
    return 99;
}
#else

#include "calls.h"

enum { CANNOT = 99, SECONDS = 60, MAX_TASKS = 256, MAX_PROCESSES = 16, MAX_RULES = 8 };
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

enum action { FAIL = 1, SHORTEN, HALVE, SIGNAL, RUN };

struct rule {
    int kind; /* -1: any */
    enum action action;
    unsigned long value; /* the error, the length, the signal */
    unsigned long number;
    bool onwards;
    int process;
};

struct task {
    pid_t tid;
    int process;
    struct rule *met; /* by the call that it is in */
    struct user_regs_struct before;
};

static struct rule rules[MAX_RULES];
static size_t rule_count;
static struct task tasks[MAX_TASKS];
static pid_t processes[MAX_PROCESSES];
static int process_count;
static unsigned long counts[MAX_PROCESSES][KINDS], all[MAX_PROCESSES];
static bool counting, no_tmpfile;
static bool every_call; /* stop at each; if not, the kernel stops only at those of the rules */
static const char *count_path, *log_path, *to_run;
static struct rule tmpfile_rule = {.action = FAIL, .value = EOPNOTSUPP};

_Noreturn static void give_up(const char *what)
{
    fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
    exit(CANNOT);
}

_Noreturn static void misused(const char *what)
{
    fprintf(stderr, "inject: What is \"%s\"?\n", what);
    exit(CANNOT);
}

static void parse_action(struct rule *rule, const char *text)
{
    if (strcmp(text, "half") == 0) {
        rule->action = HALVE;
    } else if (strcmp(text, "run") == 0) {
        rule->action = RUN;
    } else if (sscanf(text, "short=%lu", &rule->value) == 1) {
        rule->action = SHORTEN;
    } else if (sscanf(text, "signal=%lu", &rule->value) == 1) {
        rule->action = SIGNAL;
    } else {
        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
            if (strcmp(text, errors[i].name) == 0) {
                rule->action = FAIL;
                rule->value = (unsigned long)errors[i].number;
            }
        }
    }
    if (rule->action == 0)
        misused(text);
}

static void parse_rule(const char *text)
{
    char kind[64], action[64], tail[32] = "";
    struct rule *rule = &rules[rule_count++];
    if (rule_count > MAX_RULES ||
        sscanf(text, "%63[^:]:%63[^:]:%lu%31s", kind, action, &rule->number, tail) < 3)
        misused(text);
    rule->onwards = tail[0] == '+';
    const char *at = strchr(tail, '@');
    rule->process = at != NULL ? atoi(at + 1) : 0;
    rule->kind = -2;
    if (strcmp(kind, "any") == 0) {
        rule->kind = -1;
        every_call = true;
    }
    for (int i = 0; i < KINDS; i++) {
        if (strcmp(kind, kinds[i].name) == 0)
            rule->kind = i;
    }
    if (rule->kind == -2)
        misused(kind);
    parse_action(rule, action);
}

/* ---- processes --------------------------------------------------------------------------- */

static pid_t group_of(pid_t tid)
{
    char path[64], line[256];
    pid_t group = tid;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
    FILE *status = fopen(path, "re");
    while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
        int found;
        if (sscanf(line, "Tgid: %d", &found) == 1)
            group = found;
    }
    if (status != NULL)
        fclose(status);
    return group;
}

static int process_of(pid_t tid)
{
    pid_t group = group_of(tid);
    for (int i = 0; i < process_count; i++) {
        if (processes[i] == group)
            return i;
    }
    if (process_count == MAX_PROCESSES)
        misused("more processes");
    processes[process_count] = group;
    return process_count++;
}

static struct task *task_of(pid_t tid)
{
    struct task *empty = NULL;
    for (size_t i = 0; i < MAX_TASKS; i++) {
        if (tasks[i].tid == tid)
            return &tasks[i];
        if (tasks[i].tid == 0 && empty == NULL)
            empty = &tasks[i];
    }
    if (empty == NULL)
        misused("more threads");
    *empty = (struct task){.tid = tid, .process = process_of(tid)};
    return empty;
}

/* ---- calls ------------------------------------------------------------------------------- */

static int kind_of(uint64_t number)
{
    for (int i = 0; i < KINDS - 1; i++) {
        if ((uint64_t)kinds[i].number == number)
            return i;
    }
    return KINDS - 1;
}

static void note(const struct task *task, int kind, uint64_t argument)
{
    FILE *to = log_path != NULL ? fopen(log_path, "ae") : NULL;
    if (to == NULL)
        return;
    fprintf(to, "%d %s %lu %lld\n", task->process, kinds[kind].name, counts[task->process][kind],
            (long long)(int32_t)argument);
    fclose(to);
}

static struct rule *find_rule(const struct task *task, int kind, const uint64_t *arguments)
{
    for (size_t i = 0; i < rule_count; i++) {
        struct rule *rule = &rules[i];
        unsigned long number = rule->kind < 0 ? all[task->process] : counts[task->process][kind];
        if ((rule->kind == kind || rule->kind == -1) && rule->process == task->process &&
            (rule->onwards ? number >= rule->number : number == rule->number))
            return rule;
    }
    if (no_tmpfile && kinds[kind].number == SYS_openat && (arguments[2] & O_TMPFILE) == O_TMPFILE)
        return &tmpfile_rule;
    return NULL;
}

static void set_registers(pid_t tid, struct user_regs_struct *registers)
{
    if (ptrace(PTRACE_SETREGS, tid, NULL, registers) < 0 && errno != ESRCH)
        give_up("The registers cannot be set");
}

/* The number of bytes in a call to read or write is made smaller. */
static bool shorten(struct user_regs_struct *registers, long number, const struct rule *rule)
{
    unsigned long long *length = NULL;
    if (number == SYS_read || number == SYS_write || number == SYS_pread64 ||
        number == SYS_pwrite64 || number == SYS_sendto || number == SYS_recvfrom)
        length = &registers->rdx;
    else if (number == SYS_getrandom)
        length = &registers->rsi;
    else if (number == SYS_copy_file_range)
        length = &registers->r8;
    if (length == NULL)
        return false;
    unsigned long long wanted = rule->action == HALVE ? (*length + 1) / 2 : rule->value;
    if (wanted < *length)
        *length = wanted;
    return true;
}

static void enter(struct task *task, uint64_t call, const uint64_t *arguments)
{
    int kind = kind_of(call);
    task->met = NULL;
    if (!counting) {
        /* The last thing that sealbag does to prepare itself. */
        counting = call == SYS_prctl && arguments[0] == PR_SET_DUMPABLE;
        return;
    }
    counts[task->process][kind]++;
    all[task->process]++;
    struct rule *rule = find_rule(task, kind, arguments);
    if (rule == NULL)
        return;
    if (rule != &tmpfile_rule)
        note(task, kind, arguments[0]);
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, task->tid, NULL, &registers) < 0)
        return;
    task->before = registers;
    switch (rule->action) {
    case FAIL:
        registers.orig_rax = (unsigned long long)-1;
        set_registers(task->tid, &registers);
        task->met = rule;
        break;
    case SHORTEN:
    case HALVE:
        if (shorten(&registers, (long)call, rule)) {
            set_registers(task->tid, &registers);
            task->met = rule;
        }
        break;
    case SIGNAL:
        kill(processes[task->process], (int)rule->value);
        break;
    case RUN:
    default:
        if (system(to_run != NULL ? to_run : "false") != 0)
            fputs("inject: What was to be run failed.\n", stderr);
    }
}

static void leave(struct task *task)
{
    struct rule *rule = task->met;
    struct user_regs_struct registers;
    task->met = NULL;
    if (rule == NULL || ptrace(PTRACE_GETREGS, task->tid, NULL, &registers) < 0)
        return;
    /* A system call leaves the registers of its arguments as they were. */
    registers.rsi = task->before.rsi;
    registers.rdx = task->before.rdx;
    registers.r8 = task->before.r8;
    if (rule->action == FAIL)
        registers.rax = (unsigned long long)-(long long)rule->value;
    set_registers(task->tid, &registers);
}

static void at_call(struct task *task)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof(info), &info) < 0) {
        if (errno == ESRCH)
            return;
        give_up("Calls cannot be examined");
    }
    uint64_t arguments[6];
    if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        leave(task);
    } else if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        memcpy(arguments, info.entry.args, sizeof(arguments));
        enter(task, info.entry.nr, arguments);
    } else if (info.op == PTRACE_SYSCALL_INFO_SECCOMP && !(every_call && counting)) {
        memcpy(arguments, info.seccomp.args, sizeof(arguments));
        enter(task, info.seccomp.nr, arguments);
    }
}

/* ---- the run ----------------------------------------------------------------------------- */

/* The kernel is to stop the process only at these calls, because each stop takes time. */
static void choose_calls(void)
{
    struct sock_filter code[2 * (MAX_RULES + 2) + 2];
    unsigned short n = 0;
    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < rule_count + 2; i++) {
        long number = i < rule_count && rules[i].kind >= 0 ? kinds[rules[i].kind].number
                      : i == rule_count && no_tmpfile      ? SYS_openat
                                                           : SYS_prctl;
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {n, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        _exit(CANNOT);
}

static pid_t start(char **command)
{
    int gate[2];
    char go = 0;
    if (pipe2(gate, O_CLOEXEC) < 0)
        give_up("pipe2");
    pid_t pid = fork();
    if (pid < 0)
        give_up("fork");
    if (pid == 0) {
        if (read(gate[0], &go, 1) == 1) {
            choose_calls();
            execvp(command[0], command);
        }
        _exit(CANNOT);
    }
    if (ptrace(PTRACE_SEIZE, pid, NULL,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACECLONE | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL) < 0)
        give_up("Processes cannot be traced here");
    if (write(gate[1], &go, 1) != 1)
        give_up("write");
    close(gate[0]);
    close(gate[1]);
    /* Whoever writes to the command's standard input has to see that it ended. */
    close(STDIN_FILENO);
    return pid;
}

static bool any_left(void)
{
    for (size_t i = 0; i < MAX_TASKS; i++) {
        if (tasks[i].tid != 0)
            return true;
    }
    return false;
}

/* A process or thread is known from its beginning, so that it is waited for. */
static void meet(pid_t parent)
{
    unsigned long tid = 0;
    if (ptrace(PTRACE_GETEVENTMSG, parent, NULL, &tid) == 0)
        task_of((pid_t)tid);
}

static int watch(pid_t first)
{
    int status, code = CANNOT;
    task_of(first);
    /* There may be other children, of the shell that this was before. */
    while (any_left()) {
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid < 0 && errno != EINTR)
            break;
        if (tid < 0)
            continue;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (tid == first)
                code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            for (size_t i = 0; i < MAX_TASKS; i++) {
                if (tasks[i].tid == tid)
                    tasks[i].tid = 0;
            }
            continue;
        }
        struct task *task = task_of(tid);
        int number = WSTOPSIG(status), event = status >> 16, pass_on = 0;
        if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
            event == PTRACE_EVENT_CLONE)
            meet(tid);
        if (number == (SIGTRAP | 0x80) || event == PTRACE_EVENT_SECCOMP)
            at_call(task);
        else if (event == 0)
            pass_on = number;
        if (event == PTRACE_EVENT_STOP && number != SIGTRAP)
            ptrace(PTRACE_LISTEN, tid, NULL, NULL);
        else
            ptrace((every_call && counting) || task->met != NULL ? PTRACE_SYSCALL : PTRACE_CONT,
                   tid, NULL, (void *)(intptr_t)pass_on);
    }
    return code;
}

static void write_counts(void)
{
    FILE *to = fopen(count_path, "we");
    if (to == NULL)
        give_up(count_path);
    for (int process = 0; process < process_count; process++) {
        fprintf(to, "%d any %lu\n", process, all[process]);
        for (int kind = 0; kind < KINDS; kind++) {
            if (counts[process][kind] > 0)
                fprintf(to, "%d %s %lu\n", process, kinds[kind].name, counts[process][kind]);
        }
    }
    fclose(to);
}

int main(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "+c:l:x:i:T")) != -1) {
        switch (option) {
        case 'c':
            count_path = optarg;
            every_call = true;
            break;
        case 'l':
            log_path = optarg;
            break;
        case 'x':
            to_run = optarg;
            break;
        case 'i':
            parse_rule(optarg);
            break;
        case 'T':
            no_tmpfile = true;
            break;
        default:
            misused("this option");
        }
    }
    if (optind == argc)
        misused("no command");
    pid_t first = start(argv + optind);
    alarm(SECONDS);
    int code = watch(first);
    if (count_path != NULL)
        write_counts();
    return code;
}
#endif
