/* The names of the system calls and errors that inject.c knows. */
#ifndef SEALBAG_TESTS_FAULT_CALLS_H
#define SEALBAG_TESTS_FAULT_CALLS_H

#include <errno.h>
#include <sys/syscall.h>

static const struct {
    const char *name;
    long number;
} kinds[] = {
    {"read", SYS_read},
    {"write", SYS_write},
    {"close", SYS_close},
    {"mmap", SYS_mmap},
    {"mprotect", SYS_mprotect},
    {"munmap", SYS_munmap},
    {"brk", SYS_brk},
    {"rt_sigaction", SYS_rt_sigaction},
    {"rt_sigprocmask", SYS_rt_sigprocmask},
    {"ioctl", SYS_ioctl},
    {"pread64", SYS_pread64},
    {"pwrite64", SYS_pwrite64},
    {"dup2", SYS_dup2},
    {"getpid", SYS_getpid},
    {"getppid", SYS_getppid},
    {"socketpair", SYS_socketpair},
    {"sendto", SYS_sendto},
    {"recvfrom", SYS_recvfrom},
    {"clone", SYS_clone},
    {"clone3", SYS_clone3},
    {"wait4", SYS_wait4},
    {"kill", SYS_kill},
    {"fcntl", SYS_fcntl},
    {"fsync", SYS_fsync},
    {"ftruncate", SYS_ftruncate},
    {"getcwd", SYS_getcwd},
    {"lseek", SYS_lseek},
    {"readlink", SYS_readlink},
    {"poll", SYS_poll},
    {"madvise", SYS_madvise},
    {"mlock", SYS_mlock},
    {"munlock", SYS_munlock},
    {"mremap", SYS_mremap},
    {"futex", SYS_futex},
    {"geteuid", SYS_geteuid},
    {"prctl", SYS_prctl},
    {"sched_getaffinity", SYS_sched_getaffinity},
    {"fadvise64", SYS_fadvise64},
    {"exit_group", SYS_exit_group},
    {"exit", SYS_exit},
    {"openat", SYS_openat},
    {"openat2", SYS_openat2},
    {"mkdirat", SYS_mkdirat},
    {"newfstatat", SYS_newfstatat},
    {"fstat", SYS_fstat},
    {"unlinkat", SYS_unlinkat},
    {"renameat", SYS_renameat},
    {"renameat2", SYS_renameat2},
    {"linkat", SYS_linkat},
    {"fchmod", SYS_fchmod},
    {"fchown", SYS_fchown},
    {"flock", SYS_flock},
    {"copy_file_range", SYS_copy_file_range},
    {"utimensat", SYS_utimensat},
    {"getdents64", SYS_getdents64},
    {"prlimit64", SYS_prlimit64},
    {"getrandom", SYS_getrandom},
    {"syncfs", SYS_syncfs},
    {"statx", SYS_statx},
    {"pipe2", SYS_pipe2},
    {"seccomp", SYS_seccomp},
    {"set_robust_list", SYS_set_robust_list},
    {"rseq", SYS_rseq},
    {"close_range", SYS_close_range},
    {"fallocate", SYS_fallocate},
    {"tgkill", SYS_tgkill},
    {"landlock_create_ruleset", 444},
    {"landlock_add_rule", 445},
    {"landlock_restrict_self", 446},
    {"other", -1},
};

static const struct {
    const char *name;
    int number;
} errors[] = {
    {"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EINTR", EINTR},           {"EMFILE", EMFILE},
    {"ENFILE", ENFILE}, {"ENOMEM", ENOMEM}, {"EDQUOT", EDQUOT},         {"EAGAIN", EAGAIN},
    {"EACCES", EACCES}, {"EPERM", EPERM},   {"EINVAL", EINVAL},         {"ENOSYS", ENOSYS},
    {"EXDEV", EXDEV},   {"EROFS", EROFS},   {"ESTALE", ESTALE},         {"ECHILD", ECHILD},
    {"EPIPE", EPIPE},   {"EEXIST", EEXIST}, {"EOPNOTSUPP", EOPNOTSUPP}, {"ENOBUFS", ENOBUFS},
    {"EMLINK", EMLINK}, {"EFBIG", EFBIG},   {"ENOENT", ENOENT},         {"ENOLCK", ENOLCK},
};

#endif
