/* Preloaded into the program: the process that reads bundles is taken over as soon as it asks
 * libarchive for a reader (tail-...: for the second time, which is for the end of a bundle that
 * something is added to), and answers the other one as HIJACK says. HIJACK_ARGUMENT: a name. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "op/inspect.h"

struct archive;

enum { ANSWER = 2 };

static struct {
    pid_t first; /* the process that is not taken over */
    const char *mode, *argument;
    int requests, answers, staging;
    uint8_t out[1 << 20];
    size_t len;
} own = {.requests = -1, .answers = -1, .staging = -1};

__attribute__((constructor)) static void begin(void)
{
    own.first = getpid();
    own.mode = getenv("HIJACK");
    own.argument = getenv("HIJACK_ARGUMENT");
}

/* ---- saying ------------------------------------------------------------------------------ */

static void say(void)
{
    size_t at = 0;
    while (at < own.len) {
        ssize_t n = write(own.answers, own.out + at, own.len - at);
        if (n <= 0)
            _exit(7);
        at += (size_t)n;
    }
    own.len = 0;
}

static void bytes(const void *from, size_t len)
{
    if (own.len + len > sizeof(own.out))
        say();
    memcpy(own.out + own.len, from, len);
    own.len += len;
}

static void number(uint64_t value)
{
    bytes(&value, sizeof(value));
}

static void text(const char *value)
{
    number(strlen(value) + 1);
    bytes(value, strlen(value));
}

/* No findings, one document, no seal. */
static void bag(const char *top, bool ended)
{
    static const uint8_t digest[32];
    number(ANSWER);
    number(1);
    text(top);
    number(ended);
    number(0); /* the manifest */
    number(0);
    number(0);
    number(0);
    number(0);
    for (unsigned i = 0; i < SB_RULE_COUNT; i++)
        number(0);
    number(1);
    number(1);
    text("data/a");
    number(5);
    number(0);
    bytes(digest, sizeof(digest));
    number(0);
}

static void staged(uint64_t lost)
{
    if (own.staging < 0)
        return;
    number(1);
    number(5);
    number(0);
    number(lost);
    for (uint64_t i = 0; i < lost; i++)
        text("data/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

static enum sb_request next(void)
{
    uint64_t request;
    say();
    if (read(own.requests, &request, sizeof(request)) != (ssize_t)sizeof(request))
        _exit(0);
    return (enum sb_request)request;
}

static void pause_for(long milliseconds)
{
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void fail_with(unsigned code, const char *sentence)
{
    number(ANSWER);
    number(2);
    number(code);
    number(SB_RULE_COUNT);
    text(sentence);
    next();
}

/* ---- the ways ---------------------------------------------------------------------------- */

static void no_seal(bool ended)
{
    for (;; next()) {
        bag(own.argument != NULL ? own.argument : "bag", ended);
        staged(0);
    }
}

static void nothing_done(enum sb_request request)
{
    for (;; request = next()) {
        number(ANSWER);
        number(0);
        (void)request;
    }
}

static void many_lost(void)
{
    for (uint64_t count = 20000;; count = 4) {
        bag("bag", true);
        staged(count);
        next();
    }
}

static void silence(void)
{
    close(own.answers);
    for (;;)
        pause_for(1000000);
}

static void drip(void)
{
    number(ANSWER);
    number(1);
    number(60000);
    for (;;) {
        say();
        pause_for(50);
        bytes("a", 1);
    }
}

/* Findings without end; the first of them are kept, the others counted. */
static void flood(void)
{
    number(ANSWER);
    number(1);
    text("bag");
    number(1);
    number(0);
    number(0);
    number(0);
    number(UINT64_C(1) << 30);
    for (;;) {
        number(0);
        text("a");
        text("hello");
    }
}

static void deep(void)
{
    int fd = openat(own.staging, ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    for (int i = 0; i < 3000 && fd >= 0; i++) {
        int inner = -1;
        if (mkdirat(fd, "d", 0777) == 0)
            inner = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(fd);
        fd = inner;
    }
    fail_with(3, "It is deep.");
}

/* The end of the bundle that something is to be added to. */
static void tail(uint64_t pointer, uint64_t kept, const char *index)
{
    static const uint8_t zeros[4096];
    number(ANSWER);
    number(1);
    number(SB_PACKED_TAR_GZ);
    number(0); /* no list of entries */
    number(0);
    number(pointer);
    number(kept);
    number(1);
    number(pointer + 1);
    bytes(zeros, pointer);
    text(index);
    next();
}

static uint64_t bundle_size(void)
{
    struct stat status;
    for (int fd = 3; fd < 64; fd++) {
        if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
            return (uint64_t)status.st_size;
    }
    return 0;
}

/* It says that it is a zip file, which consists of this much, and a list of files behind that. */
static void tail_zip(uint64_t kept, uint64_t central)
{
    number(ANSWER);
    number(1);
    number(SB_PACKED_ZIP);
    number(central);
    number(1);
    number(0);
    number(kept);
    number(1);
    number(1);
    number(1);
    next();
}

static void take_over_tail(void)
{
    static const char index[] = "offset\tsize\tpath\n0\t54\tbagit.txt\n";
    if (strcmp(own.mode, "tail-nothing") == 0)
        nothing_done(SB_READ_TAIL);
    else if (strcmp(own.mode, "tail-plausible") == 0)
        tail(1024, 0, index);
    else if (strcmp(own.mode, "tail-elsewhere") == 0)
        tail(2048, 0, index);
    else if (strcmp(own.mode, "tail-kept") == 0)
        tail(1024, 5, index);
    else if (strcmp(own.mode, "tail-odd") == 0)
        tail(1000, 0, index);
    else if (strcmp(own.mode, "tail-no-index") == 0)
        tail(1024, 0, "nothing\n");
    else if (strcmp(own.mode, "tail-zip") == 0)
        tail_zip(1, bundle_size() - 2);
    else if (strcmp(own.mode, "tail-zip-large") == 0)
        tail_zip(UINT64_MAX / 2, 100);
    else if (strcmp(own.mode, "tail-usage") == 0)
        fail_with(1, "All is well.");
    _exit(0);
}

static void take_over(enum sb_request request)
{
    if (strcmp(own.mode, "no-seal") == 0)
        no_seal(true);
    else if (strcmp(own.mode, "no-end") == 0)
        no_seal(false);
    else if (strcmp(own.mode, "nothing") == 0)
        nothing_done(request);
    else if (strcmp(own.mode, "lost") == 0)
        many_lost();
    else if (strcmp(own.mode, "silence") == 0)
        silence();
    else if (strcmp(own.mode, "drip") == 0)
        drip();
    else if (strcmp(own.mode, "flood") == 0)
        flood();
    else if (strcmp(own.mode, "deep") == 0)
        deep();
    else if (strcmp(own.mode, "usage") == 0)
        fail_with(1, "All is well.");
    else if (strcmp(own.mode, "exit") == 0)
        exit(1);
    _exit(0);
}

/* Whether it is the new bundle that is read, which has no name yet. */
static bool reads_new(void)
{
    struct stat status;
    for (int fd = 3; fd < 64; fd++) {
        if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 0)
            return true;
    }
    return false;
}

static void find_descriptors(void)
{
    struct stat status;
    for (int fd = 3; fd < 64; fd++) {
        if (fstat(fd, &status) < 0)
            continue;
        if (S_ISSOCK(status.st_mode))
            own.requests = fd;
        else if (S_ISFIFO(status.st_mode))
            own.answers = fd;
        else if (S_ISDIR(status.st_mode))
            own.staging = fd;
    }
}

struct archive *archive_read_new(void);

struct archive *archive_read_new(void)
{
    static struct archive *(*real)(void);
    void *found = dlsym(RTLD_NEXT, "archive_read_new");
    memcpy(&real, &found, sizeof(found));
    static unsigned calls;
    bool tail_only = own.mode != NULL && strncmp(own.mode, "tail-", 5) == 0;
    if (getpid() != own.first && own.mode != NULL && own.requests < 0 &&
        (!tail_only || (++calls == 2 && !reads_new()))) {
        find_descriptors();
        if (tail_only)
            take_over_tail();
        take_over(SB_READ_ALL);
    }
    return real();
}
