/* Preloaded into the program: the processes that it starts see other bytes in the files of a bag
 * that is a folder than there are. FORGE_DIR holds them, under the last part of the names; they
 * have the sizes of the real ones. The process that was started first sees what is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 4, SIZE = 4096, FDS = 256 };

static struct {
    pid_t first;
    size_t count;
    struct {
        char name[64];
        char bytes[SIZE];
        size_t len;
    } files[FILES];
    int at[FDS]; /* 1 + the number of the file that is open so; 0: none */
    size_t offset[FDS];
} own;

/* Before there is a sandbox. */
__attribute__((constructor)) static void begin(void)
{
    static const char *const names[] = {"minutes.txt", "manifest-sha256.txt",
                                        "tagmanifest-sha256.txt"};
    const char *dir = getenv("FORGE_DIR");
    own.first = getpid();
    for (size_t i = 0; dir != NULL && i < sizeof(names) / sizeof(*names); i++) {
        char path[1024];
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        FILE *file = fopen(path, "rb");
        if (file == NULL)
            continue;
        own.files[own.count].len = fread(own.files[own.count].bytes, 1, SIZE, file);
        snprintf(own.files[own.count].name, sizeof(own.files[own.count].name), "%s", names[i]);
        own.count++;
        fclose(file);
    }
}

int openat(int dir, const char *path, int flags, ...)
{
    static int (*real)(int, const char *, int, ...);
    void *found = dlsym(RTLD_NEXT, "openat");
    va_list list;
    memcpy(&real, &found, sizeof(found));
    va_start(list, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
    va_end(list);
    int fd = real(dir, path, flags, mode);
    if (fd < 0 || fd >= FDS || getpid() == own.first)
        return fd;
    const char *slash = strrchr(path, '/');
    own.at[fd] = 0;
    own.offset[fd] = 0;
    for (size_t i = 0; i < own.count; i++) {
        if (strcmp(slash != NULL ? slash + 1 : path, own.files[i].name) == 0)
            own.at[fd] = (int)i + 1;
    }
    return fd;
}

ssize_t read(int fd, void *bytes, size_t len)
{
    static ssize_t (*real)(int, void *, size_t);
    void *found = dlsym(RTLD_NEXT, "read");
    memcpy(&real, &found, sizeof(found));
    ssize_t n = real(fd, bytes, len);
    if (n <= 0 || fd < 0 || fd >= FDS || own.at[fd] == 0 || getpid() == own.first)
        return n;
    size_t all = own.files[own.at[fd] - 1].len, from = own.offset[fd];
    if (from < all)
        memcpy(bytes, own.files[own.at[fd] - 1].bytes + from,
               (size_t)n < all - from ? (size_t)n : all - from);
    own.offset[fd] += (size_t)n;
    return n;
}
