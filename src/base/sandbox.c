#define _GNU_SOURCE /* SYS_landlock_*, CLONE_* */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"

/* ---- files: Landlock --------------------------------------------------------------------- */

/* The rights that each version of Landlock's interface added; headers may be older than kernels. */
enum {
    FILE_RIGHTS_1 = (1 << 13) - 1, /* all of the first version */
    RIGHT_REFER = 1 << 13,         /* 2: to rename between folders */
    RIGHT_TRUNCATE = 1 << 14,      /* 3 */
    RIGHT_IOCTL = 1 << 15,         /* 5: on devices */
    PORT_RIGHTS = 3,               /* 4: to bind and to connect, TCP */
    SCOPES = 3,                    /* 6: abstract sockets and signals of others */
};

/* As of version 6; a kernel takes the beginning that it knows. */
struct ruleset {
    uint64_t files, ports, scopes;
};

static struct ruleset ruleset_for(long version, size_t *size)
{
    struct ruleset ruleset = {.files = FILE_RIGHTS_1};
    *size = sizeof(uint64_t);
    if (version >= 2)
        ruleset.files |= RIGHT_REFER;
    if (version >= 3)
        ruleset.files |= RIGHT_TRUNCATE;
    if (version >= 4) {
        ruleset.ports = PORT_RIGHTS;
        *size = 2 * sizeof(uint64_t);
    }
    if (version >= 5)
        ruleset.files |= RIGHT_IOCTL;
    if (version >= 6) {
        ruleset.scopes = SCOPES;
        *size = 3 * sizeof(uint64_t);
    }
    return ruleset;
}

static int allow_beneath(int rules, int folder, uint64_t rights)
{
    const struct landlock_path_beneath_attr beneath = {
        .allowed_access = rights,
        .parent_fd = folder,
    };
    return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

/* What is written, and what is read when it is a folder. */
static int allow_folders(int rules, const struct sb_confines *confines)
{
    const uint64_t reading = LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_READ_FILE;
    const uint64_t writing = LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE |
                             LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                             LANDLOCK_ACCESS_FS_REMOVE_FILE;
    int r = confines->writable >= 0 ? allow_beneath(rules, confines->writable, writing) : 0;
    return r == 0 && confines->reads ? allow_beneath(rules, confines->silent[0], reading) : r;
}

static int refused(struct sb_error *error)
{
    return sb_error_errno(error, errno, "lock in the process that reads", "the bundle");
}

static int restrict_files(bool *done, const struct sb_confines *confines, struct sb_error *error)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    *done = false;
    if (version < 1)
        return 0; /* an old kernel, or one that has it turned off */
    size_t size;
    const struct ruleset ruleset = ruleset_for(version, &size);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
    if (rules < 0)
        return refused(error);
    int r = 0;
    if (allow_folders(rules, confines) < 0 || syscall(SYS_landlock_restrict_self, rules, 0) < 0)
        r = refused(error);
    close(rules);
    *done = r == 0;
    return r;
}

/* ---- system calls: seccomp --------------------------------------------------------------- */

/* What the C library, the pool and the compressors need. */
static const int calls[] = {
    SCMP_SYS(brk),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(close),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(fadvise64),
    SCMP_SYS(fstat),
    SCMP_SYS(futex),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(gettid),
    SCMP_SYS(lseek),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(nanosleep),
    SCMP_SYS(newfstatat),
    SCMP_SYS(pread64),
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(sigaltstack),
};

static int allow(scmp_filter_ctx filter, const int *list, size_t count)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, list[i], 0);
    return r;
}

/* Arguments that are an int to the kernel: it does not look at the upper half. */
static const scmp_datum_t low_half = 0xffffffff;

/* Only if the bits of argument `number` that are in `mask` are `value`. */
static int allow_if(scmp_filter_ctx filter, int call, unsigned number, scmp_datum_t mask,
                    scmp_datum_t value)
{
    const struct scmp_arg_cmp condition = {number, SCMP_CMP_MASKED_EQ, mask, value};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &condition);
}

/* Threads but no processes; memory but no code, none that others see (what is read may have been
 * opened for writing, too), and no advice that makes a fault of it; one's own limits, to look at;
 * signals to oneself, for abort. */
static int allow_some(scmp_filter_ctx filter, pid_t self)
{
    const scmp_datum_t all = ~(scmp_datum_t)0;
    const struct scmp_arg_cmp to_look[] = {{0, SCMP_CMP_EQ, 0, 0}, {2, SCMP_CMP_EQ, 0, 0}};
    const scmp_datum_t advice = 31; /* 100 and more are for tests of the memory */
    const struct scmp_arg_cmp own_data[] = {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0},
                                            {3, SCMP_CMP_MASKED_EQ, MAP_TYPE, MAP_PRIVATE}};
    const scmp_datum_t thread =
        CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    const scmp_datum_t may_be = CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
                                CLONE_CHILD_CLEARTID | CLONE_DETACHED;
    int r = allow_if(filter, SCMP_SYS(clone), 0, low_half & ~may_be, thread);
    /* Its flags lie in memory, which no filter sees; the C library then takes clone. */
    if (r == 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (r == 0)
        r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, own_data);
    if (r == 0)
        r = allow_if(filter, SCMP_SYS(madvise), 2, low_half & ~advice, 0);
    if (r == 0)
        r = allow_if(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
    if (r == 0)
        r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, to_look);
    /* Who is to be locked in later has a number that is not known yet; abort then ends it with an
     * instruction that traps. */
    if (r == 0 && self > 0)
        r = allow_if(filter, SCMP_SYS(tgkill), 0, all, (scmp_datum_t)self);
    return r;
}

enum { LARGE = 0100000 }; /* O_LARGEFILE, which the C library may add */

/* An open with exactly these flags. */
static int allow_opening(scmp_filter_ctx filter, int flags)
{
    return allow_if(filter, SCMP_SYS(openat), 2, low_half & ~(scmp_datum_t)LARGE,
                    (scmp_datum_t)flags);
}

enum { OPEN_FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* A folder is read as base/tree and op/folder do it: never a link followed, and nothing waited for.
 */
static int allow_reading(scmp_filter_ctx filter)
{
    int r = allow_opening(filter, OPEN_FOLDER);
    if (r == 0)
        r = allow_opening(filter, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return r == 0 ? seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getdents64), 0) : r;
}

/* Documents are written as op/staging and base/tree do it, and in no other way: new files that run
 * nothing, plain folders, never a link followed. Where, is Landlock's part; but an open for neither
 * reading nor writing, or one that shortens, it lets pass on some kernels. */
static int allow_making(scmp_filter_ctx filter)
{
    const scmp_datum_t large = LARGE;
    const scmp_datum_t file = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const struct scmp_arg_cmp new_file[] = {{2, SCMP_CMP_MASKED_EQ, low_half & ~large, file},
                                            {3, SCMP_CMP_MASKED_EQ, low_half, 0666}};
    int r = allow_opening(filter, OPEN_FOLDER);
    if (r == 0)
        r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 2, new_file);
    if (r == 0)
        r = allow_if(filter, SCMP_SYS(mkdirat), 2, low_half, 0777);
    return r == 0 ? allow_if(filter, SCMP_SYS(unlinkat), 2, low_half, 0) : r;
}

/* To the one descriptor that leads to the parent; when documents are written, also to new files,
 * whose numbers are low ones, but not to what is being read, which may be a terminal or a socket.
 */
static int allow_writing(scmp_filter_ctx filter, const struct sb_confines *confines)
{
    enum { NEW_FILES = 48 };
    int r = 0;
    for (int fd = 0; r == 0 && fd < NEW_FILES; fd++) {
        bool silent = fd == confines->silent[0] || fd == confines->silent[1];
        if (fd == confines->spoken || (confines->writable >= 0 && !silent))
            r = allow_if(filter, SCMP_SYS(write), 0, ~(scmp_datum_t)0, (scmp_datum_t)fd);
    }
    if (r == 0 && confines->spoken >= NEW_FILES)
        r = allow_if(filter, SCMP_SYS(write), 0, ~(scmp_datum_t)0, (scmp_datum_t)confines->spoken);
    return r;
}

static int fill(scmp_filter_ctx filter, const struct sb_confines *confines, pid_t self)
{
    int r = allow(filter, calls, sizeof(calls) / sizeof(calls[0]));
    if (r == 0)
        r = allow_some(filter, self);
    if (r == 0)
        r = allow_writing(filter, confines);
    if (r == 0 && confines->writable >= 0)
        r = allow_making(filter);
    if (r == 0 && confines->reads)
        r = allow_reading(filter);
    if (r == 0 && confines->receives)
        r = allow_if(filter, SCMP_SYS(recvmsg), 0, ~(scmp_datum_t)0,
                     (scmp_datum_t)confines->silent[1]);
    return r;
}

/* NULL: the kernel has nothing of the kind. */
static int new_filter(scmp_filter_ctx *out, const struct sb_confines *confines, pid_t self,
                      struct sb_error *error)
{
    *out = NULL;
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
        return 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return sb_error_memory(error);
    int r = fill(filter, confines, self);
    if (r < 0) {
        seccomp_release(filter);
        errno = -r;
        return refused(error);
    }
    *out = filter;
    return 0;
}

static int load_filter(bool *done, const struct sb_confines *confines, struct sb_error *error)
{
    scmp_filter_ctx filter;
    int r = new_filter(&filter, confines, getpid(), error);
    if (r < 0 || filter == NULL)
        return r;
    r = seccomp_load(filter);
    seccomp_release(filter);
    if (r == -EINVAL || r == -ECANCELED) /* a kernel without filters */
        return 0;
    if (r < 0) {
        errno = -r;
        return refused(error);
    }
    *done = true;
    return 0;
}

/* As the kernel takes it: through a pipe, which holds more than the longest filter that it takes.
 */
static int export_once(struct sb_sandbox_plan *plan, scmp_filter_ctx filter)
{
    enum { BYTES_MAX = BPF_MAXINSNS * sizeof(struct sock_filter) };
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    int r = seccomp_export_bpf(filter, ends[1]);
    close(ends[1]);
    ssize_t n = r == 0 ? sb_fd_read(ends[0], plan->code, BYTES_MAX) : 0;
    if (n < 0)
        r = -errno;
    close(ends[0]);
    plan->count = n > 0 ? (unsigned short)((size_t)n / sizeof(struct sock_filter)) : 0;
    return r == 0 && plan->count == 0 ? -EIO : r;
}

static int export_filter(struct sb_sandbox_plan *plan, scmp_filter_ctx filter)
{
    enum { TRIES = 3 };
    int r = -ENOMEM;
    plan->code = malloc(BPF_MAXINSNS * sizeof(struct sock_filter));
    /* The library does not write again when a signal comes between. */
    for (int i = 0; plan->code != NULL && i < TRIES && (i == 0 || r == -ECANCELED); i++)
        r = export_once(plan, filter);
    return r;
}

/* ---- both -------------------------------------------------------------------------------- */

static int begin(bool *files, const struct sb_confines *confines, struct sb_error *error)
{
    const struct rlimit none = {0, 0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
        return refused(error);
    return restrict_files(files, confines, error);
}

int sb_sandbox_enter(struct sb_sandbox *got, const struct sb_confines *confines,
                     struct sb_error *error)
{
    *got = (struct sb_sandbox){0};
    int r = begin(&got->files, confines, error);
    return r == 0 ? load_filter(&got->calls, confines, error) : r;
}

int sb_sandbox_plan(struct sb_sandbox_plan *plan, const struct sb_confines *confines,
                    struct sb_error *error)
{
    scmp_filter_ctx filter = NULL;
    *plan = (struct sb_sandbox_plan){0};
    int r = begin(&plan->files, confines, error);
    if (r == 0)
        r = new_filter(&filter, confines, 0, error);
    if (r < 0 || filter == NULL)
        return r;
    r = export_filter(plan, filter);
    seccomp_release(filter);
    if (r < 0) {
        errno = -r;
        return refused(error);
    }
    return 0;
}

int sb_sandbox_follow(struct sb_sandbox *got, const struct sb_sandbox_plan *plan,
                      struct sb_error *error)
{
    struct sock_fprog program = {.len = plan->count, .filter = plan->code};
    *got = (struct sb_sandbox){.files = plan->files};
    if (plan->count == 0)
        return 0;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
        return errno == EINVAL ? 0 : refused(error); /* a kernel without filters */
    got->calls = true;
    return 0;
}
