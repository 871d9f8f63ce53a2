/* Runs a target on files, without libFuzzer: every file that is named, and all that are in the
 * folders that are named; without arguments what comes on the input. For ctest with any compiler,
 * and for AFL++ (scripts/fuzz.sh says how). */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "fuzz/fuzz.h"

enum { INPUT_MAX = 64 << 20 };

static unsigned long inputs;

/* A copy that is exactly as long, so that tools see a read beyond its end. */
static void run(const struct sb_buf *input)
{
    uint8_t *copy = malloc(input->len > 0 ? input->len : 1);
    REQUIRE(copy != NULL);
    if (input->len > 0)
        memcpy(copy, input->data, input->len);
    LLVMFuzzerTestOneInput(copy, input->len);
    free(copy);
    inputs++;
}

static int run_file(const char *path)
{
    struct sb_buf input = {0};
    struct sb_error error = {0};
    if (sb_file_read(&input, NULL, path, INPUT_MAX, &error) < 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    if (getenv("SEALBAG_FUZZ_TELL") != NULL)
        fprintf(stderr, "%s\n", path);
    run(&input);
    sb_buf_free(&input);
    return 0;
}

static int run_path(const char *path);

static int run_folder(const char *path)
{
    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort);
    int r = 0;
    if (count < 0) {
        fprintf(stderr, "Cannot read the folder %s: %s.\n", path, strerror(errno));
        return 1;
    }
    for (int i = 0; i < count; i++) {
        struct sb_buf inner = {0};
        if (names[i]->d_name[0] != '.') {
            REQUIRE(sb_buf_printf(&inner, "%s/%s", path, names[i]->d_name) == 0);
            r |= run_path((const char *)inner.data);
        }
        sb_buf_free(&inner);
        free(names[i]);
    }
    free(names);
    return r;
}

static int run_path(const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0) {
        fprintf(stderr, "Cannot read %s: %s.\n", path, strerror(errno));
        return 1;
    }
    return S_ISDIR(status.st_mode) ? run_folder(path) : run_file(path);
}

static int run_input(void)
{
    struct sb_buf input = {0};
    uint8_t piece[4096];
    ssize_t n;
    while (input.len < INPUT_MAX && (n = sb_fd_read(STDIN_FILENO, piece, sizeof(piece))) > 0)
        fuzz_append(&input, piece, (size_t)n);
    run(&input);
    sb_buf_free(&input);
    return 0;
}

int main(int argc, char **argv)
{
    int r = argc < 2 ? run_input() : 0;
    for (int i = 1; i < argc; i++)
        r |= run_path(argv[i]);
    printf("%lu inputs\n", inputs);
    return r != 0 || inputs == 0 ? 1 : 0;
}
