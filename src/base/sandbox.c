#define _GNU_SOURCE /* SYS_landlock_*, CLONE_THREAD */
#include "base/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

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

static int allow_beneath(int rules, int folder)
{
    const struct landlock_path_beneath_attr beneath = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE |
                          LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                          LANDLOCK_ACCESS_FS_REMOVE_FILE,
        .parent_fd = folder,
    };
    return (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

static int refused(struct sb_error *error)
{
    return sb_error_errno(error, errno, "lock in the process that reads", "the bundle");
}

static int restrict_files(bool *done, int writable, struct sb_error *error)
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
    if ((writable >= 0 && allow_beneath(rules, writable) < 0) ||
        syscall(SYS_landlock_restrict_self, rules, 0) < 0)
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
    SCMP_SYS(madvise),
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
    SCMP_SYS(write),
    SCMP_SYS(writev),
};

/* To write documents. Where, is Landlock's part. */
static const int writing_calls[] = {
    SCMP_SYS(mkdirat),
    SCMP_SYS(openat),
    SCMP_SYS(unlinkat),
};

static int allow(scmp_filter_ctx filter, const int *list, size_t count)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, list[i], 0);
    return r;
}

/* Only if the bits of argument `number` that are in `mask` are `value`. */
static int allow_if(scmp_filter_ctx filter, int call, unsigned number, scmp_datum_t mask,
                    scmp_datum_t value)
{
    const struct scmp_arg_cmp condition = {number, SCMP_CMP_MASKED_EQ, mask, value};
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &condition);
}

/* Threads but no processes; memory but no code; one's own limits, to look at; signals to oneself,
 * for abort. */
static int allow_some(scmp_filter_ctx filter)
{
    const scmp_datum_t all = ~(scmp_datum_t)0;
    const struct scmp_arg_cmp to_look[] = {{0, SCMP_CMP_EQ, 0, 0}, {2, SCMP_CMP_EQ, 0, 0}};
    int r = allow_if(filter, SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD);
    /* Its flags lie in memory, which no filter sees; the C library then takes clone. */
    if (r == 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (r == 0)
        r = allow_if(filter, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
    if (r == 0)
        r = allow_if(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
    if (r == 0)
        r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, to_look);
    if (r == 0)
        r = allow_if(filter, SCMP_SYS(tgkill), 0, all, (scmp_datum_t)getpid());
    return r;
}

static int restrict_calls(bool *done, bool writing, struct sb_error *error)
{
    *done = false;
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
        return 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return sb_error_memory(error);
    int r = allow(filter, calls, sizeof(calls) / sizeof(calls[0]));
    if (r == 0)
        r = allow_some(filter);
    if (r == 0 && writing)
        r = allow(filter, writing_calls, sizeof(writing_calls) / sizeof(writing_calls[0]));
    if (r == 0)
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

int sb_sandbox_enter(struct sb_sandbox *got, int writable, struct sb_error *error)
{
    const struct rlimit none = {0, 0};
    *got = (struct sb_sandbox){0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
        return refused(error);
    int r = restrict_files(&got->files, writable, error);
    return r == 0 ? restrict_calls(&got->calls, writable >= 0, error) : r;
}
