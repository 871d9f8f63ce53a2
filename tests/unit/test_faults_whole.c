/* Bundles are made, verified, listed and extracted while memory runs out at the first, second,
 * third... request, or while that request alone is refused. Each run is a process of its own, since
 * libarchive ends the process when it has no memory. A shortage is never a verdict of damage,
 * nothing leaks, and nothing is left behind. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sealbag/sealbag.h>

#include "base/tree.h"
#include "unit/starve.h"

/* How a run ended: the exit code of its process. */
enum { UNDISTURBED = 50, TOLD, RECOVERED, ENDED, WRONG_VERDICT, WRONG_CODE, LEFT, LEAKED };

static bool in_child;

/* Only calls by libraries come here: for cmocka's it is the real one. */
void exit(int code)
{
    void (*real)(int);
    if (in_child)
        _exit(ENDED);
    REAL(real, "exit");
    real(code);
    _exit(code); /* not reached, but the compiler does not know */
}

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
const char *__lsan_default_suppressions(void);

/* What others lose when they are short of memory. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libarchive.so\nleak:libcrypto.so\nleak:_nl_\nleak:newlocale\n";
}

static struct world {
    char folder[64];
    struct sealbag_key *key, *own_key; /* the second in a process of its own */
    struct sealbag_trust *trust;
} world;

static void write_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        fputc((int)(i * i % 251), file);
    assert_int_equal(fclose(file), 0);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* ---- the jobs ---------------------------------------------------------------------------- */

static struct sealbag_verify_options judging(void)
{
    return (struct sealbag_verify_options){
        .trust = world.trust, .provenance = true, .no_sandbox = true};
}

/* In .tar.zst. The digest is that of nothing, which is not there. */
static const char records[] =
    "filename,dc.title,dcterms.issued,prov.wasQuotedFrom,\n"
    "b,\"B, \"\"the\"\" one\",2020-02-29,a,\n"
    "a,A,,sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855,\n";

static int create_as(enum sealbag_format format, const char *output)
{
    static const char *const sources[] = {"source"};
    struct sealbag_created created;
    struct sealbag_problems problems;
    const struct sealbag_create_options options = {
        .output = output,
        .name = "bag",
        .sources = sources,
        .source_count = 1,
        .keys = world.own_key != NULL ? &world.own_key : &world.key,
        .key_count = 1,
        .time = 1700000000,
        .format = format,
        .skip_special = true,
        .metadata = format == SEALBAG_TAR_ZST ? "records.csv" : NULL,
    };
    int r = sealbag_bundle_create(&created, &problems, &options, NULL);
    int code = r == 0 && (created.omitted != 0 || created.documents != 3) ? -99 : r;
    sealbag_problems_free(&problems);
    return code;
}

/* -99 for a verdict that is not the right one. */
static int finish(int r, struct sealbag_verdict *verdict)
{
    if (r == 0 && (verdict == NULL || verdict->exit_code != 0 || verdict->documents != 3 ||
                   verdict->provenance == NULL || verdict->provenance->label_count != 3 ||
                   verdict->provenance->record_count != verdict->provenance->relation_count))
        r = -99;
    sealbag_verdict_free(verdict);
    return r;
}

static int open_bundle(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -99 : fd;
}

static int verify(const char *path)
{
    struct sealbag_verdict *verdict = NULL;
    const struct sealbag_verify_options options = judging();
    int fd = open_bundle(path);
    int r = sealbag_bundle_verify(&verdict, fd, &options, NULL);
    close(fd);
    return finish(r, verdict);
}

static int list(const char *path)
{
    struct sealbag_verdict *verdict = NULL;
    const struct sealbag_verify_options options = judging();
    int fd = open_bundle(path);
    int r = sealbag_bundle_list(&verdict, fd, &options, NULL);
    close(fd);
    return finish(r, verdict);
}

static int extract(const char *path, const char *const *names, size_t count)
{
    struct sealbag_verdict *verdict = NULL;
    struct sealbag_extracted extracted;
    const struct sealbag_extract_options options = {
        .verify = judging(), .directory = "out", .paths = names, .path_count = count};
    int fd = open_bundle(path);
    int r = sealbag_bundle_extract(&extracted, &verdict, fd, &options, NULL);
    close(fd);
    if (r == 0 && verdict != NULL && verdict->exit_code == 0 && !extracted.published)
        r = -99;
    sealbag_extracted_free(&extracted);
    return finish(r, verdict);
}

static int create_gz(void)
{
    return create_as(SEALBAG_TAR_GZ, "out/bag");
}

static int create_zst(void)
{
    return create_as(SEALBAG_TAR_ZST, "out/bag");
}

static int create_zip(void)
{
    return create_as(SEALBAG_ZIP, "out/bag");
}

static int verify_gz(void)
{
    return verify("bag.tar.gz");
}

static int verify_zst(void)
{
    return verify("bag.tar.zst");
}

static int verify_foreign(void)
{
    return verify("foreign.tar.gz");
}

static int list_gz(void)
{
    return list("bag.tar.gz");
}

static int list_zst(void)
{
    return list("bag.tar.zst");
}

static int list_zip(void)
{
    return list("bag.zip");
}

static int extract_gz(void)
{
    return extract("bag.tar.gz", NULL, 0);
}

static int extract_one(void)
{
    static const char *const names[] = {"a", "folder"};
    return extract("bag.tar.zst", names, 2);
}

/* ---- starving ---------------------------------------------------------------------------- */

/* Whether the folder holds nothing but what a success leaves. */
static bool nothing_left(bool success)
{
    DIR *folder = opendir("out");
    struct dirent *entry;
    bool good = folder != NULL;
    while (good && (entry = readdir(folder)) != NULL)
        good = entry->d_name[0] == '.' ? entry->d_name[1] == 0 || strcmp(entry->d_name, "..") == 0
                                       : success && strcmp(entry->d_name, "bag") == 0;
    if (folder != NULL)
        closedir(folder);
    return good;
}

_Noreturn static void run(int (*job)(void), unsigned after, bool once)
{
    in_child = true;
    /* What libarchive says each time; a sanitizer's reports must be seen. */
    int null = __lsan_do_recoverable_leak_check == NULL ? open("/dev/null", O_WRONLY) : -1;
    if (null >= 0)
        dup2(null, STDERR_FILENO);
    /* The one that was opened before the fork stayed behind. */
    if (sealbag_key_load(&world.own_key, "key", NULL, NULL, NULL) < 0)
        _exit(WRONG_CODE);
    memory.after = after;
    memory.once = once;
    memory.fired = false;
    memory.armed = true;
    int r = job();
    memory.armed = false;
    bool told = r == SEALBAG_ERR_MEMORY || r == SEALBAG_ERR_SYSTEM || r == SEALBAG_ERR_IO ||
                r == SEALBAG_ERR_SOURCE;
    if (!nothing_left(r == 0))
        _exit(LEFT);
    if (__lsan_do_recoverable_leak_check != NULL && __lsan_do_recoverable_leak_check() != 0)
        _exit(LEAKED);
    if (r == -99)
        _exit(WRONG_VERDICT);
    if (!memory.fired)
        _exit(r == 0 ? UNDISTURBED : WRONG_CODE);
    _exit(r == 0 ? RECOVERED : told ? TOLD : WRONG_CODE);
}

static int run_apart(int (*job)(void), unsigned after, bool once)
{
    int status;
    assert_int_equal(mkdir("out", 0700), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        run(job, after, once);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(sb_tree_remove(AT_FDCWD, "out"), 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void starve_whole(const char *name, int (*job)(void), bool once)
{
    unsigned counts[LEAKED + 1] = {0}, after = 0;
    int end;
    while ((end = run_apart(job, after, once)) != UNDISTURBED) {
        if (end != TOLD && end != RECOVERED && end != ENDED)
            fail_msg("%s, after %u requests: it ended with %d", name, after, end);
        counts[end]++;
        after++;
        assert_true(after < 20000);
    }
    print_message("%s%s: %u requests refused; told %u, recovered %u, ended by a library %u\n", name,
                  once ? ", one alone" : "", after, counts[TOLD], counts[RECOVERED], counts[ENDED]);
    assert_true(counts[TOLD] > 50);
}

static void out_of_memory(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int (*job)(void);
    } jobs[] = {
        {"create, gzip", create_gz},    {"create, zstd", create_zst},
        {"create, zip", create_zip},    {"verify, gzip", verify_gz},
        {"verify, zstd", verify_zst},   {"verify, another's", verify_foreign},
        {"list, gzip", list_gz},        {"list, zstd", list_zst},
        {"list, zip", list_zip},        {"extract, gzip", extract_gz},
        {"extract, some", extract_one},
    };
    needs_faults();
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        /* What libraries set up once is set up here. */
        assert_int_equal(mkdir("out", 0700), 0);
        assert_int_equal(jobs[i].job(), 0);
        assert_int_equal(sb_tree_remove(AT_FDCWD, "out"), 0);
        starve_whole(jobs[i].name, jobs[i].job, false);
        starve_whole(jobs[i].name, jobs[i].job, true);
    }
}

static int set_up(void **state)
{
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    bool added;
    const struct sealbag_keygen_options options = {.file = "key"};
    (void)state;
    strcpy(world.folder, "/tmp/sealbag-starve-XXXXXX");
    if (mkdtemp(world.folder) == NULL || chdir(world.folder) < 0 || mkdir("source", 0755) < 0 ||
        mkdir("source/folder", 0755) < 0)
        return -1;
    write_file("source/a", 10);
    write_file("source/b", 70000);
    write_file("source/folder/c", 3000);
    write_text("records.csv", records);
    if (sealbag_key_generate(NULL, &options, NULL) < 0 ||
        sealbag_key_load(&world.key, "key", NULL, NULL, NULL) < 0 ||
        sealbag_trust_add(&added, fingerprint, "store", "maria", "key.pub", NULL) < 0 ||
        sealbag_trust_load(&world.trust, "store", false, NULL) < 0)
        return -1;
    if (create_as(SEALBAG_TAR_GZ, "bag.tar.gz") < 0 ||
        create_as(SEALBAG_TAR_ZST, "bag.tar.zst") < 0 || create_as(SEALBAG_ZIP, "bag.zip") < 0)
        return -1;
    /* The same in one gzip member, which is read as a stream. */
    /* NOLINTNEXTLINE(cert-env33-c): the names were made here */
    return system("gzip -dc bag.tar.gz | gzip >foreign.tar.gz") == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sealbag_key_free(world.key);
    sealbag_trust_free(world.trust);
    return chdir("/") == 0 ? sb_tree_remove(AT_FDCWD, world.folder) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(out_of_memory)};
    return cmocka_run_group_tests_name("faults_whole", tests, set_up, tear_down);
}
