/* What happens when files change while they are read: the progress function, which is called
 * between two reads, is where this test plays the other program. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sealbag/privacy.h>
#include <sealbag/sealbag.h>

enum { BIG = 3 * 1024 * 1024 };

struct world {
    char folder[64];
    struct sealbag_key *key;
    struct sealbag_trust *trust;
    const char *metadata; /* the table that create is given; NULL: none */
    struct sb_error error;
};

static void write_noise(const char *path, size_t size, uint32_t seed)
{
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525U + 1013904223U;
        bytes[i] = (uint8_t)(seed >> 24);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    assert_int_equal(close(fd), 0);
    free(bytes);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    bool added;
    assert_non_null(world);
    strcpy(world->folder, "/tmp/sealbag-races-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    assert_int_equal(chdir(world->folder), 0);
    assert_int_equal(mkdir("source", 0755), 0);
    write_noise("source/a", 100, 1);
    write_noise("source/b", BIG, 2);
    write_noise("source/c", 100, 3);
    struct sealbag_keygen_options options = {.file = "key"};
    assert_int_equal(sealbag_key_generate(NULL, &options, &world->error), 0);
    assert_int_equal(sealbag_key_load(&world->key, "key", NULL, NULL, &world->error), 0);
    assert_int_equal(
        sealbag_trust_add(&added, fingerprint, "store", "alice", "key.pub", &world->error), 0);
    assert_int_equal(sealbag_trust_load(&world->trust, "store", false, &world->error), 0);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    char command[128];
    sealbag_key_free(world->key);
    sealbag_trust_free(world->trust);
    assert_int_equal(chdir("/"), 0);
    snprintf(command, sizeof(command), "rm -rf '%s'", world->folder);
    /* NOLINTNEXTLINE(cert-env33-c): the folder's name was made here */
    assert_int_equal(system(command), 0);
    free(world);
    return 0;
}

/* Changes the big document after its first half has been read, `times` times. */
struct meddler {
    const char *path;
    int times;
    int done;
    uint64_t threshold;
    uint64_t last;
    void (*meddle)(const char *path);
};

static int meddle_once(void *context, const struct sealbag_progress *now)
{
    struct meddler *meddler = context;
    bool crossed = now->bytes >= meddler->threshold &&
                   (meddler->last < meddler->threshold || now->bytes < meddler->last);
    meddler->last = now->bytes;
    if (crossed && meddler->done < meddler->times) {
        meddler->done++;
        meddler->meddle(meddler->path);
    }
    return 0;
}

static void append(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(close(fd), 0);
}

static void shorten(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(truncate(path, status.st_size - 1000), 0);
}

/* The same size, other bytes: only the modification time tells. */
static void overwrite(const char *path)
{
    /* the kernel's clock for times of files is coarse */
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "y", 1, 10), 1);
    assert_int_equal(close(fd), 0);
}

static int create(struct world *world, struct meddler *meddler, int output_fd)
{
    static const char *const sources[] = {"source"};
    struct sealbag_created created;
    struct sealbag_create_options options = {
        .output = output_fd < 0 ? "bag.tar.gz" : NULL,
        .output_fd = output_fd,
        .name = "bag",
        .sources = sources,
        .source_count = 1,
        .metadata = world->metadata,
        .keys = &world->key,
        .key_count = 1,
        .time = 1700000000,
        .level = 1,
        .progress = meddle_once,
        .progress_context = meddler,
    };
    meddler->threshold = BIG / 2;
    meddler->last = 0;
    return sealbag_bundle_create(&created, NULL, &options, &world->error);
}

static int verify_code(struct world *world, const char *path, uint64_t *bytes)
{
    struct sealbag_verdict *verdict;
    /* valgrind, which this test runs under, too, cannot live in the sandbox */
    struct sealbag_verify_options options = {.trust = world->trust, .no_sandbox = true};
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(sealbag_bundle_verify(&verdict, fd, &options, &world->error), 0);
    int code = verdict->exit_code;
    *bytes = verdict->bytes;
    sealbag_verdict_free(verdict);
    close(fd);
    return code;
}

static void changed_once_is_tried_again(void **state)
{
    struct world *world = *state;
    static const struct {
        void (*meddle)(const char *path);
        uint64_t bytes;
    } cases[] = {{append, BIG + 201}, {shorten, BIG - 1000 + 200}, {overwrite, BIG + 200}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct meddler meddler = {.path = "source/b", .times = 1, .meddle = cases[i].meddle};
        uint64_t bytes;
        write_noise("source/b", BIG, 2);
        assert_int_equal(create(world, &meddler, -1), 0);
        assert_int_equal(meddler.done, 1);
        assert_int_equal(verify_code(world, "bag.tar.gz", &bytes), 0);
        assert_int_equal(bytes, cases[i].bytes);
        assert_int_equal(unlink("bag.tar.gz"), 0);
    }
}

static void a_size_that_is_true_no_more_is_not_signed(void **state)
{
    struct world *world = *state;
    struct meddler nothing = {.path = "", .times = 0};
    struct meddler meddler = {.path = "source/b", .times = 1, .meddle = append};
    const char *const table = "filename,dcterms.extent\nb,3145728 bytes\na,3 pages\n";
    uint64_t bytes;
    int fd = open("table.csv", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, table, strlen(table)), (ssize_t)strlen(table));
    assert_int_equal(close(fd), 0);
    write_noise("source/b", BIG, 2);
    world->metadata = "table.csv";
    assert_int_equal(create(world, &nothing, -1), 0);
    assert_int_equal(verify_code(world, "bag.tar.gz", &bytes), 0);
    assert_int_equal(unlink("bag.tar.gz"), 0);
    assert_int_equal(create(world, &meddler, -1), SEALBAG_ERR_METADATA);
    world->metadata = NULL;
    assert_int_equal(meddler.done, 1);
    assert_non_null(strstr(world->error.message,
                           "line 2 has \"3145728 bytes\" in dcterms.extent, but \"b\" has 3145729 "
                           "bytes."));
    assert_int_equal(access("bag.tar.gz", F_OK), -1);
}

static void changed_always_fails_and_names_it(void **state)
{
    struct world *world = *state;
    struct meddler meddler = {.path = "source/b", .times = 1000, .meddle = append};
    assert_int_equal(create(world, &meddler, -1), SEALBAG_ERR_CHANGED);
    assert_non_null(strstr(world->error.message, "source/b"));
    assert_string_equal(world->error.rule, "source.changed");
    assert_int_equal(access("bag.tar.gz", F_OK), -1);
}

static void what_left_through_a_pipe_cannot_be_taken_back(void **state)
{
    struct world *world = *state;
    struct meddler meddler = {.path = "source/b", .times = 1, .meddle = append};
    int fd = open("stream", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    write_noise("source/b", BIG, 2);
    assert_int_equal(create(world, &meddler, fd), SEALBAG_ERR_CHANGED);
    assert_non_null(strstr(world->error.message, "source/b"));
    close(fd);
}

/* Replaces the file by a link to another one after the walk and before it is opened. */
static void replace_by_link(const char *path)
{
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/hostname", path), 0);
}

static void a_link_in_its_place_is_not_followed(void **state)
{
    struct world *world = *state;
    struct meddler meddler = {.path = "source/c", .times = 1, .meddle = replace_by_link};
    write_noise("source/b", BIG, 2);
    assert_int_equal(create(world, &meddler, -1), SEALBAG_ERR_SOURCE);
    assert_non_null(strstr(world->error.message, "source/c"));
    assert_int_equal(access("bag.tar.gz", F_OK), -1);
    assert_int_equal(unlink("source/c"), 0);
    write_noise("source/c", 100, 3);
}

/* ---- extraction ---- */

/* Breaks the bundle in place after it was judged and before it is unpacked. */
struct breaker {
    const char *path;
    uint64_t last;
    bool done;
};

static int break_between_passes(void *context, const struct sealbag_progress *now)
{
    struct breaker *breaker = context;
    if (now->bytes < breaker->last && !breaker->done) {
        breaker->done = true;
        int fd = open(breaker->path, O_WRONLY);
        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, "broken", 6, 2000000), 6);
        assert_int_equal(close(fd), 0);
    }
    breaker->last = now->bytes;
    return 0;
}

static void a_bundle_changed_between_the_passes_is_not_published(void **state)
{
    struct world *world = *state;
    struct meddler nothing = {.path = "", .times = 0};
    write_noise("source/b", BIG, 2);
    assert_int_equal(create(world, &nothing, -1), 0);
    assert_int_equal(mkdir("out", 0755), 0);
    struct breaker breaker = {.path = "bag.tar.gz"};
    struct sealbag_extract_options options = {
        .verify = {.trust = world->trust,
                   .no_sandbox = true, /* which would read on while progress is told */
                   .progress = break_between_passes,
                   .progress_context = &breaker},
        .directory = "out",
    };
    struct sealbag_extracted extracted;
    struct sealbag_verdict *verdict;
    int fd = open("bag.tar.gz", O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(sealbag_bundle_extract(&extracted, &verdict, fd, &options, &world->error), 0);
    assert_true(breaker.done);
    assert_int_equal(verdict->exit_code, 1);
    assert_false(extracted.published);
    assert_int_equal(rmdir("out"), 0); /* it is empty */
    sealbag_extracted_free(&extracted);
    sealbag_verdict_free(verdict);
    close(fd);
}

static int stop_at_once(void *context, const struct sealbag_progress *now)
{
    (void)context;
    return now->bytes > 1000;
}

static void a_stopped_run_leaves_nothing(void **state)
{
    struct world *world = *state;
    static const char *const sources[] = {"source"};
    struct sealbag_created created;
    struct sealbag_create_options options = {
        .output = "stopped.tar.gz",
        .sources = sources,
        .source_count = 1,
        .level = 1,
        .progress = stop_at_once,
    };
    assert_int_equal(sealbag_bundle_create(&created, NULL, &options, &world->error),
                     SEALBAG_ERR_CANCELLED);
    assert_int_equal(access("stopped.tar.gz", F_OK), -1);
}

/* Rewrites a document once the privacy check has seen how it begins. */
struct rewriter {
    const char *text;
    bool done;
};

static int rewrite_once(void *context, const struct sealbag_progress *now)
{
    struct rewriter *rewriter = context;
    if (!rewriter->done && now->bytes_total == 0 && now->files_total > 0) {
        rewriter->done = true;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        int fd = open("looked-at/note", O_WRONLY);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, rewriter->text, strlen(rewriter->text)),
                         (ssize_t)strlen(rewriter->text));
        assert_int_equal(close(fd), 0);
    }
    return 0;
}

static int create_looked_at(struct world *world, const char *text, bool check, bool accept)
{
    static const char *const sources[] = {"looked-at"};
    struct rewriter rewriter = {.text = text};
    struct sealbag_privacy privacy = {0};
    struct sealbag_created created;
    struct sealbag_create_options options = {
        .output = "looked-at.tar.gz",
        .sources = sources,
        .source_count = 1,
        .level = 1,
        .privacy = check ? &privacy : NULL,
        .privacy_accept = accept,
        .progress = rewrite_once,
        .progress_context = &rewriter,
    };
    int fd = open("looked-at/note", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "A note on it\n", 13), 13);
    assert_int_equal(close(fd), 0);
    int r = sealbag_bundle_create(&created, NULL, &options, &world->error);
    assert_true(rewriter.done == check);
    sealbag_privacy_free(&privacy);
    assert_int_equal(access("looked-at.tar.gz", F_OK), r == 0 ? 0 : -1);
    unlink("looked-at.tar.gz");
    return r;
}

static void what_the_privacy_check_did_not_see_is_not_sealed(void **state)
{
    struct world *world = *state;
    static const char photograph[] = "\xff\xd8\xff\xe1 a photo";
    assert_int_equal(mkdir("looked-at", 0755), 0);
    assert_int_equal(create_looked_at(world, photograph, true, false), SEALBAG_ERR_CHANGED);
    assert_non_null(strstr(world->error.message, "looked-at/note changed after the privacy check"));
    /* what it would not look into anyway */
    assert_int_equal(create_looked_at(world, "Another note\n", true, false), 0);
    assert_int_equal(create_looked_at(world, photograph, true, true), 0);
    assert_int_equal(create_looked_at(world, photograph, false, false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_once_is_tried_again),
        cmocka_unit_test(a_size_that_is_true_no_more_is_not_signed),
        cmocka_unit_test(changed_always_fails_and_names_it),
        cmocka_unit_test(what_left_through_a_pipe_cannot_be_taken_back),
        cmocka_unit_test(a_link_in_its_place_is_not_followed),
        cmocka_unit_test(a_bundle_changed_between_the_passes_is_not_published),
        cmocka_unit_test(a_stopped_run_leaves_nothing),
        cmocka_unit_test(what_the_privacy_check_did_not_see_is_not_sealed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
