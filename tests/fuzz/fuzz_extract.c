/* A bag as a list of files (files.h), which is sealed, packed, perhaps damaged, and then extracted.
 * The first byte has the options of files.h; the second one: bit 0: salvage; bit 1: one document;
 * bit 2: all of them by their folder; bit 3: one bit is changed at the place that the third byte
 * tells; bit 4: the bundle ends there; bit 5: nobody is trusted; bits 6 and 7: untrusted and
 * unsigned bags are accepted. */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tree.h"
#include "fuzz/bundle.h"
#include "fuzz/files.h"
#include "fuzz/fuzz.h"
#include "hash/digest.h"

/* A folder of our own, and the one in it that is extracted to. */
static char top[64], out[80];

static void remove_top(void)
{
    sb_tree_remove(AT_FDCWD, top);
}

static void make_top(void)
{
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    if (top[0] != 0)
        return;
    snprintf(top, sizeof(top), "%s/sealbag-fuzz-XXXXXX", memory);
    REQUIRE(mkdtemp(top) != NULL && atexit(remove_top) == 0);
    snprintf(out, sizeof(out), "%s/out", top);
    REQUIRE(mkdir(out, 0700) == 0);
}

/* How many things are in a folder, and the name of the last one. */
static size_t list(char name[256], const char *folder)
{
    DIR *dir = opendir(folder);
    size_t count = 0;
    const struct dirent *entry;
    REQUIRE(dir != NULL);
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, 256, "%s", entry->d_name);
        count++;
    }
    closedir(dir);
    return count;
}

static int look(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)where;
    REQUIRE(strncmp(path, out, strlen(out)) == 0);
    REQUIRE((kind == FTW_F && S_ISREG(status->st_mode) && status->st_nlink == 1) ||
            (kind == FTW_D && S_ISDIR(status->st_mode)));
    REQUIRE((status->st_mode & 07000) == 0);
    return 0;
}

static void expect_document(const char *folder, const struct sealbag_document *document)
{
    struct sb_digest *digest;
    uint8_t found[SB_SHA256_SIZE];
    struct sb_buf path = {0}, content = {0};
    REQUIRE(sb_buf_printf(&path, "%s/%s", folder, document->path) == 0);
    REQUIRE(sb_buf_reserve(&content, 0) == 0);
    REQUIRE(sb_file_read(&content, NULL, (const char *)path.data, 1 << 20, NULL) == 0);
    REQUIRE(content.len == document->size && sb_digest_new(&digest, NULL) == 0);
    REQUIRE(sb_digest_bytes(found, digest, content.data, content.len) == 0);
    REQUIRE(memcmp(found, document->sha256, sizeof(found)) == 0);
    sb_digest_free(digest);
    sb_buf_free(&path);
    sb_buf_free(&content);
}

/* Nothing but the published folder is there, and nothing beside it. */
static void check_disk(const struct sealbag_extracted *extracted)
{
    char name[256] = "";
    REQUIRE(list(name, top) == 1 && strcmp(name, "out") == 0);
    size_t count = list(name, out);
    REQUIRE(count == (extracted->published ? 1 : 0));
    if (count == 0)
        return;
    REQUIRE(strcmp(name, "bag") == 0 || strcmp(name, "bag.INCOMPLETE") == 0);
    size_t n = strlen(extracted->folder);
    REQUIRE(n > strlen(name) && strcmp(extracted->folder + n - strlen(name), name) == 0);
    REQUIRE(nftw(out, look, 8, FTW_PHYS) == 0);
}

static void extract(int fd, const struct sealbag_extract_options *options)
{
    struct sealbag_extracted extracted = {0};
    struct sealbag_verdict *verdict = NULL;
    struct sb_error error = {0};
    int r = sealbag_bundle_extract(&extracted, &verdict, fd, options, &error);
    if (r < 0)
        fuzz_check_error(&error, r);
    REQUIRE(r == 0 || !extracted.published);
    check_disk(&extracted);
    if (verdict != NULL)
        fuzz_check_verdict(verdict);
    if (extracted.published) {
        REQUIRE(verdict != NULL);
        int code = verdict->exit_code;
        REQUIRE(code == 0 || (code == 3 && options->accept_untrusted) ||
                (code == 4 && options->accept_unsigned) || (code == 1 && options->salvage));
        if (code != 1 && options->path_count == 0) {
            REQUIRE(extracted.documents == verdict->documents);
            for (uint64_t i = 0; i < verdict->documents; i++)
                expect_document(extracted.folder, &verdict->document[i]);
        }
    }
    sealbag_extracted_free(&extracted);
    sealbag_verdict_free(verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const document[] = {"data/a.txt"}, *const folder[] = {"data"};
    struct sb_buf bundle = {0};
    if (len < 3)
        return 0;
    unsigned how = bytes[1];
    make_top();
    fuzz_make_bundle(&bundle, bytes[0], bytes + 3, len - 3);
    size_t place = bundle.len * bytes[2] / 256;
    if ((how & 8) != 0)
        bundle.data[place] ^= 1;
    if ((how & 16) != 0)
        bundle.len = place;
    struct sealbag_extract_options options = {
        .verify = *fuzz_options(),
        .directory = out,
        .salvage = (how & 1) != 0,
        .paths = (how & 2) != 0 ? document : folder,
        .path_count = (how & 6) != 0 ? 1 : 0,
        .accept_untrusted = (how & 64) != 0,
        .accept_unsigned = (how & 128) != 0,
    };
    if ((how & 32) != 0)
        options.verify.trust = NULL;
    extract(fuzz_fd(0, bundle.data, bundle.len), &options);
    int fd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(fd >= 0 && sb_tree_empty(fd) == 0);
    close(fd);
    sb_buf_free(&bundle);
    return 0;
}
