/* Preloaded into the program: once the process that reads bundles is locked in and asks libarchive
 * for a reader, it tries what a hijacked one would try. The parent writes what came of it into the
 * file ESCAPE_REPORT, a line for each attempt: "denied" or "ALLOWED", and what it was. With
 * ESCAPE_HERE the attempts are made also in a process that is not locked in, to show that they
 * would succeed; those that end or replace it are left out then. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct archive;

enum { ATTEMPTS_MAX = 64 };

static struct report {
    int count;
    bool tried;
    struct {
        bool allowed;
        char what[60];
    } attempts[ATTEMPTS_MAX];
} * report; /* shared by both processes */

static pid_t first_process;
static const char *beside; /* a path in a folder that may not be written to */

static void write_report(void)
{
    const char *name = getenv("ESCAPE_REPORT");
    FILE *to = getpid() == first_process && name != NULL ? fopen(name, "w") : NULL;
    if (to == NULL)
        return;
    for (int i = 0; i < report->count; i++)
        fprintf(to, "%s %s\n", report->attempts[i].allowed ? "ALLOWED" : "denied",
                report->attempts[i].what);
    fclose(to);
}

__attribute__((constructor)) static void begin(void)
{
    first_process = getpid();
    beside = getenv("ESCAPE_BESIDE");
    report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED)
        _exit(99);
    atexit(write_report);
}

static void note(const char *what, bool allowed)
{
    if (report->count == ATTEMPTS_MAX)
        return;
    snprintf(report->attempts[report->count].what, sizeof(report->attempts[0].what), "%s", what);
    report->attempts[report->count++].allowed = allowed;
}

static void note_fd(const char *what, int fd)
{
    note(what, fd >= 0);
    if (fd >= 0)
        close(fd);
}

static void try_files(void)
{
    char other[4200];
    snprintf(other, sizeof(other), "%s-other", beside);
    note_fd("to read /etc/passwd", open("/etc/passwd", O_RDONLY | O_CLOEXEC));
    note_fd("to read the folder /", open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    note_fd("to read its own memory map", open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
    note_fd("to write beside the staging folder",
            open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    note("to make a folder beside it", mkdir(other, 0700) == 0 && rmdir(other) == 0);
    note("to make a link", symlink("/etc/passwd", other) == 0 && unlink(other) == 0);
    note("to give a file another name", link(beside, other) == 0 && unlink(other) == 0);
    note("to rename a file", rename(beside, other) == 0 && rename(other, beside) == 0);
    note("to change a file's mode", chmod(beside, 0600) == 0);
    note("to change the mode of what is open", fchmod(3, 0600) == 0);
    note("to change a file's owner", chown(beside, getuid(), getgid()) == 0);
    note("to change a file's times", utimensat(AT_FDCWD, beside, NULL, 0) == 0);
    note("to shorten a file", truncate(beside, 0) == 0);
    note("to make a device", mknod(other, S_IFIFO | 0600, 0) == 0 && unlink(other) == 0);
    note("to remove a file", unlink(beside) == 0);
    note("to change its folder", chdir("/") == 0);
    note("to change its root", chroot("/") == 0);
    note("to mount", mount("none", "/", "tmpfs", 0, NULL) == 0);
}

/* What of the calls that are allowed would still be of use: opening without reading or writing,
 * modes, and what leads out of the process. */
static void try_allowed_calls(void)
{
    struct stat status;
    int staging = -1, input = -1;
    for (int fd = 0; fd < 32; fd++) {
        if (fstat(fd, &status) < 0)
            continue;
        if (S_ISDIR(status.st_mode))
            staging = fd;
        else if (S_ISREG(status.st_mode))
            input = fd;
    }
    note_fd("to open a file for nothing", open("/etc/passwd", 3));
    note_fd("to shorten a file by opening it", open("/etc/hostname", 3 | O_TRUNC));
    note_fd("to have a path", open("/root", O_PATH | O_CLOEXEC));
    note("to write to the bundle", input >= 0 && write(input, "x", 1) == 1);
    void *shared = mmap(NULL, 1, PROT_READ, MAP_SHARED, input, 0);
    note("to share memory with the bundle", shared != MAP_FAILED);
    note("to have memory that others see",
         mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    note("to take memory out of use", madvise(report, 1, 101) == 0 || errno != EPERM);
    note("to write by another number", write((int)(1U << 31), "x", 1) == 1);
    note("to have a copy of a descriptor", dup(1) >= 0 || fcntl(1, F_DUPFD, 10) >= 0);
    note_fd(
        "to make a program",
        openat(staging, "program", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 06777));
    note("to make a folder that nobody may enter", mkdirat(staging, "closed", 0300) == 0);
    note("to be in a namespace of its own",
         syscall(SYS_clone, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_NEWIPC, 0, 0, 0, 0) >
             0);
}

static void try_network(void)
{
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    static const char *const names[] = {"to make a socket (AF_UNIX)", "to make a socket (AF_INET)",
                                        "to make a socket (AF_INET6)",
                                        "to make a socket (AF_NETLINK)"};
    const struct sockaddr_in port = {.sin_family = AF_INET, .sin_port = htons(9)};
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        note_fd(names[i], socket(families[i], SOCK_DGRAM | SOCK_CLOEXEC, 0));
    /* On what may be a socket that was left open. */
    for (int fd = 0; fd < 16; fd++) {
        if (connect(fd, (const struct sockaddr *)&port, sizeof(port)) == 0 || errno != EPERM) {
            note("to connect", errno != ENOTSOCK && errno != EBADF);
            return;
        }
    }
    note("to connect", false);
}

static void try_processes(bool locked_in)
{
    pid_t parent = locked_in ? getppid() : getpid();
    char byte;
    struct iovec here = {&byte, 1}, there = {report, 1};
    note("to signal the parent", kill(parent, 0) == 0);
    note("to signal its thread", syscall(SYS_tgkill, parent, parent, 0) == 0);
    note("to read the parent's memory", process_vm_readv(parent, &here, 1, &there, 1, 0) == 1);
    if (locked_in) {
        char *const arguments[] = {(char[]){"true"}, NULL};
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        note("to start a process", child > 0);
        note("to trace the parent", ptrace(PTRACE_ATTACH, parent, NULL, NULL) == 0);
        note("to be traced", ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
        execv("/bin/true", arguments);
        note("to run a program", false);
    }
}

static void try_system(void)
{
    const struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    struct rlimit now;
    void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    note("to get memory that can be run", code != MAP_FAILED);
    note("to make memory runnable",
         data != MAP_FAILED && mprotect(data, 4096, PROT_READ | PROT_EXEC) == 0);
    note("to set a limit",
         getrlimit(RLIMIT_CORE, &now) == 0 && setrlimit(RLIMIT_CORE, &limit) == 0);
    note("to type on a terminal", ioctl(0, TIOCSTI, "x") == 0);
    note_fd("to make a nameless file", memfd_create("x", MFD_CLOEXEC));
    note("to have a new namespace", unshare(CLONE_NEWUSER) == 0);
    note_fd("to use io_uring", (int)syscall(SYS_io_uring_setup, 1, NULL));
    note_fd("to use bpf", (int)syscall(SYS_bpf, 0, NULL, 0));
    note_fd("to watch the processor", (int)syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
    note("to use the keyring", syscall(SYS_keyctl, 0, -3, 0) >= 0);
    note("to load a filter of its own", prctl(PR_SET_SECCOMP, 2, NULL) == 0);
    note("to be dumpable", prctl(PR_SET_DUMPABLE, 1) == 0);
}

static void try_all(void)
{
    bool locked_in = getpid() != first_process;
    if (!report->tried && (locked_in || getenv("ESCAPE_HERE") != NULL)) {
        report->tried = true;
        try_files();
        if (locked_in)
            try_network();
        try_processes(locked_in);
        if (locked_in)
            try_system();
        if (locked_in)
            try_allowed_calls();
    }
}

/* Where an archive is parsed. */
struct archive *archive_read_new(void);

struct archive *archive_read_new(void)
{
    static struct archive *(*real)(void);
    void *found = dlsym(RTLD_NEXT, "archive_read_new");
    memcpy(&real, &found, sizeof(found));
    try_all();
    return real();
}

/* Where a folder is listed. */
ssize_t getdents64(int fd, void *buffer, size_t size)
{
    static ssize_t (*real)(int, void *, size_t);
    void *found = dlsym(RTLD_NEXT, "getdents64");
    memcpy(&real, &found, sizeof(found));
    try_all();
    return real(fd, buffer, size);
}
