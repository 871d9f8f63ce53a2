/* Preloaded into the program: what happens when a library that the privacy check uses goes wrong as
 * PARSER says. It does so only in files that hold the word "hostile". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct _ExifData ExifData;
typedef void (*load_fn)(ExifData *data, const unsigned char *bytes, unsigned int size);

void exif_data_load_data(ExifData *data, const unsigned char *bytes, unsigned int size);

/* The one descriptor that may be written to leads to the other process. */
static void say(const void *bytes, size_t len)
{
    for (int fd = 3; fd < 48; fd++) {
        if (write(fd, bytes, len) == (ssize_t)len)
            return;
    }
}

/* As the process itself would: the next file, if there is one to be had. */
static bool take_file(void)
{
    uint64_t number;
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {&number, sizeof(number)};
    for (int fd = 3; fd < 48; fd++) {
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = control.room,
                                 .msg_controllen = sizeof(control.room)};
        if (recvmsg(fd, &message, 0) > 0)
            return true;
    }
    return false;
}

static void go_wrong(const char *how)
{
    static const uint64_t nonsense[4096] = {77};
    static const uint64_t far[] = {1, 3, UINT64_MAX};   /* a field without an end */
    static const uint64_t no_rule[] = {1, 200, 2, 'a'}; /* a rule that there is not */
    static const uint64_t result[] = {2, 99};           /* a result that there is not */
    static const uint64_t nothing[] = {2, 0};           /* there is nothing in the file */
    if (strcmp(how, "ahead") == 0)
        say(nothing, sizeof(nothing));
    if (strcmp(how, "stay") == 0) {
        do
            say(nothing, sizeof(nothing));
        while (take_file());
        for (;;)
            ; /* nor does it end */
    }
    if (strcmp(how, "crash") == 0)
        abort();
    if (strcmp(how, "exit") == 0)
        _exit(1);
    while (strcmp(how, "hang") == 0)
        ;
    if (strcmp(how, "nonsense") == 0)
        say(nonsense, sizeof(nonsense));
    if (strcmp(how, "far") == 0)
        say(far, sizeof(far));
    if (strcmp(how, "rule") == 0)
        say(no_rule, sizeof(no_rule));
    if (strcmp(how, "result") == 0)
        say(result, sizeof(result));
    while (strcmp(how, "flood") == 0) {
        static const uint64_t finding[] = {1, 0, 2};
        say(finding, sizeof(finding));
        say("ab", 1);
        say(finding, sizeof(uint64_t));
    }
}

void exif_data_load_data(ExifData *data, const unsigned char *bytes, unsigned int size)
{
    void *at = dlsym(RTLD_NEXT, "exif_data_load_data");
    load_fn load;
    memcpy(&load, &at, sizeof(at));
    const char *how = getenv("PARSER");
    if (how != NULL && memmem(bytes, size, "hostile", 7) != NULL)
        go_wrong(how);
    load(data, bytes, size);
}
