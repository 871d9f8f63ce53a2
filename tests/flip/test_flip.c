/* Every byte of a small sealed bundle is changed, cut off or followed by another one, and so are
 * the edges of the frames of a large one, its pointer and its seek table. Each result must be
 * refused (exit code 1 or 5) or be judged exactly as the original: the same documents, the same
 * seal, the same findings. The places of the second kind are printed. */
#include <fcntl.h>
#include <sealbag/sealbag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/codec.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

enum { BORDERS_MAX = 100 };

struct bundle {
    const char *file; /* its name */
    bool zst;
    uint8_t *bytes;
    size_t len;
    /* Where a frame, a block of a zstd frame, the pointer, the table and the end begin. */
    size_t borders[BORDERS_MAX];
    size_t border_count;
    size_t last_frame; /* where it begins: behind it come the pointer and the table */
    size_t pointer;
    struct sealbag_trust *trust;
    struct sealbag_verdict *good;
    int fd; /* scratch file */
};

static void write_file(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    CHECK(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && close(fd) == 0);
}

static void read_bundle(struct bundle *bundle)
{
    struct stat status;
    int fd = open(bundle->file, O_RDONLY);
    CHECK(fd >= 0 && fstat(fd, &status) == 0);
    bundle->len = (size_t)status.st_size;
    bundle->bytes = malloc(bundle->len);
    CHECK(bundle->bytes != NULL);
    CHECK(read(fd, bundle->bytes, bundle->len) == status.st_size && close(fd) == 0);
}

/* ---- the pieces of a bundle ----------------------------------------------------------------- */

static void add_border(struct bundle *bundle, size_t at)
{
    CHECK(bundle->border_count < BORDERS_MAX && at <= bundle->len);
    bundle->borders[bundle->border_count++] = at;
}

/* The end of a zstd frame; its blocks are borders, too. */
static size_t walk_blocks(struct bundle *bundle, size_t at)
{
    static const size_t headers[] = {6, 7, 9};
    at += headers[bundle->bytes[at + 4] >> 6];
    for (;;) {
        uint32_t block = sb_load_u32le(bundle->bytes + at) & 0xffffff;
        add_border(bundle, at);
        at += 3 + ((block >> 1 & 3) == 1 ? 1 : block >> 3);
        if ((block & 1) == 1)
            return at + 4;
    }
}

static void walk(struct bundle *bundle)
{
    size_t at = 0, pieces = 0;
    for (; at < bundle->len; pieces++) {
        const uint8_t *bytes = bundle->bytes + at;
        bool pointer = bundle->zst ? bytes[0] == 0x5d : bytes[10] == 0x10;
        bool table = bundle->zst && bytes[0] == 0x5e;
        add_border(bundle, at);
        if (pointer)
            bundle->pointer = at;
        else if (!table)
            bundle->last_frame = at;
        if (!bundle->zst)
            at += sb_load_u32le(bytes + 16);
        else
            at = pointer || table ? at + 8 + sb_load_u32le(bytes + 4) : walk_blocks(bundle, at);
    }
    CHECK(at == bundle->len && bundle->pointer > bundle->last_frame);
    add_border(bundle, at);
}

/* How far the nearest border is. */
static size_t distance(const struct bundle *bundle, size_t at)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < bundle->border_count; i++) {
        size_t border = bundle->borders[i];
        size_t n = border > at ? border - at : at - border;
        if (n < least)
            least = n;
    }
    return least;
}

/* ---- making and judging it ------------------------------------------------------------------- */

/* Seals two documents, the second of `size` bytes that do not compress. */
static void make_bundle(struct bundle *bundle, size_t size, int level)
{
    static const uint8_t salt[32] = {1, 2, 3};
    static const char *const sources[] = {"source"};
    struct sb_error error = {0};
    struct sealbag_key *key;
    struct sealbag_created created;
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    bool added;
    CHECK(mkdir("source", 0755) == 0);
    write_file("source/a.txt", "a notice\n", 9);
    uint8_t *noise = malloc(size);
    CHECK(noise != NULL);
    uint32_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U;
        noise[i] = (uint8_t)(state >> 24);
    }
    write_file("source/b.bin", noise, size);
    free(noise);
    CHECK(sealbag_key_generate(NULL, &(struct sealbag_keygen_options){.file = "key"}, &error) == 0);
    CHECK(sealbag_key_load(&key, "key", NULL, NULL, &error) == 0);
    CHECK(sealbag_trust_add(&added, fingerprint, "store", "alice", "key.pub", &error) == 0);
    CHECK(sealbag_trust_load(&bundle->trust, "store", false, &error) == 0);
    struct sealbag_create_options options = {
        .output = bundle->file,
        .sources = sources,
        .source_count = 1,
        .keys = &key,
        .key_count = 1,
        .time = 1700000000,
        .salt = salt,
        .level = level,
        .jobs = 2,
    };
    CHECK(sealbag_bundle_create(&created, NULL, &options, &error) == 0);
    sealbag_key_free(key);
    read_bundle(bundle);
    walk(bundle);
}

/* `turn` varies the number of threads. */
static struct sealbag_verdict *judge(const struct bundle *bundle, size_t turn)
{
    struct sealbag_verdict *verdict = NULL;
    struct sb_error error = {0};
    /* Ten thousand times: a process for each would take long, and leaks would not be seen. */
    struct sealbag_verify_options options = {
        .trust = bundle->trust, .no_sandbox = true, .jobs = 1 + (unsigned)(turn % 3)};
    CHECK(lseek(bundle->fd, 0, SEEK_SET) == 0);
    CHECK(sealbag_bundle_verify(&verdict, bundle->fd, &options, &error) == 0);
    CHECK(!verdict->partial);
    return verdict;
}

static bool same_documents(const struct sealbag_verdict *a, const struct sealbag_verdict *b)
{
    if (strcmp(a->seal_id, b->seal_id) != 0 || a->documents != b->documents ||
        strcmp(a->name, b->name) != 0 || strcmp(a->sealed_at, b->sealed_at) != 0)
        return false;
    for (uint64_t i = 0; i < a->documents; i++) {
        if (strcmp(a->document[i].path, b->document[i].path) != 0 ||
            a->document[i].size != b->document[i].size ||
            memcmp(a->document[i].sha256, b->document[i].sha256, 32) != 0)
            return false;
    }
    return true;
}

static bool same_verdict(const struct sealbag_verdict *a, const struct sealbag_verdict *b)
{
    return a->exit_code == b->exit_code && a->valid_seals == b->valid_seals &&
           a->trusted_seals == b->trusted_seals && a->finding_count == b->finding_count &&
           same_documents(a, b);
}

/* Judges the scratch file as it is now; true when it is judged like the original. */
static bool try_variant(const struct bundle *bundle, const char *what, size_t at)
{
    struct sealbag_verdict *verdict = judge(bundle, at);
    bool same = same_verdict(verdict, bundle->good);
    if (!same && verdict->exit_code != 1 && verdict->exit_code != 5) {
        fprintf(stderr, "%s at byte %zu: exit code %d\n", what, at, verdict->exit_code);
        exit(1);
    }
    if (!same)
        CHECK(verdict->finding_count > 0);
    sealbag_verdict_free(verdict);
    return same;
}

/* Who only reads the lists does not see all damage, but never another list. */
static void try_list(const struct bundle *bundle, const char *what, size_t at)
{
    struct sealbag_verdict *verdict = NULL;
    struct sb_error error = {0};
    struct sealbag_verify_options options = {.trust = bundle->trust};
    CHECK(lseek(bundle->fd, 0, SEEK_SET) == 0);
    CHECK(sealbag_bundle_list(&verdict, bundle->fd, &options, &error) == 0);
    bool good = verdict->exit_code == 0 && same_documents(verdict, bundle->good);
    if (!good && verdict->exit_code != 1 && verdict->exit_code != 5) {
        fprintf(stderr, "%s at byte %zu: listed with exit code %d\n", what, at, verdict->exit_code);
        exit(1);
    }
    sealbag_verdict_free(verdict);
}

/* ---- changing it -------------------------------------------------------------------------------
 */

/* Whether a byte is tried: every step-th, all around the borders, and the pointer and the table. */
static bool is_chosen(const struct bundle *bundle, size_t at, size_t step)
{
    return at % step == 0 || at >= bundle->pointer || at + 12 >= bundle->pointer ||
           distance(bundle, at) < (bundle->zst ? 5 : 22);
}

static size_t flip_all(const struct bundle *bundle, size_t step)
{
    /* A sanitizer is slow: two changes of each byte instead of nine; one when samples are enough.
     */
    bool few = getenv("SEALBAG_TEST_SAMPLES") != NULL;
    bool fast = getenv("SEALBAG_TEST_FAST") != NULL || few;
    size_t tried = 0, same = 0, cap = 0, count = 0;
    size_t *places = NULL;
    for (size_t at = 0; at < bundle->len; at++) {
        bool place = false;
        if (!is_chosen(bundle, at, step))
            continue;
        for (unsigned mask = 1; mask <= 0x100; mask <<= 1) {
            if (fast && (mask != 0x100 || few) && mask != 1U << at % 8)
                continue;
            uint8_t changed = (uint8_t)(bundle->bytes[at] ^ (mask == 0x100 ? 0xff : mask));
            CHECK(pwrite(bundle->fd, &changed, 1, (off_t)at) == 1);
            if (try_variant(bundle, "flip", at)) {
                place = true;
                same++;
            }
            if (mask == 1U << at % 9)
                try_list(bundle, "flip", at);
            tried++;
        }
        CHECK(pwrite(bundle->fd, &bundle->bytes[at], 1, (off_t)at) == 1);
        if (!place)
            continue;
        if (count == cap) {
            cap = cap * 2 + 16;
            places = realloc(places, cap * sizeof(*places));
            CHECK(places != NULL);
        }
        places[count++] = at;
    }
    printf("%zu flips: %zu refused, %zu judged like the original, in these bytes:", tried,
           tried - same, same);
    for (size_t i = 0; i < count; i++)
        printf(" %zu", places[i]);
    printf("\n");
    free(places);
    return same;
}

static void restore(const struct bundle *bundle)
{
    CHECK(ftruncate(bundle->fd, 0) == 0);
    CHECK(pwrite(bundle->fd, bundle->bytes, bundle->len, 0) == (ssize_t)bundle->len);
}

/* All frames, but neither pointer nor table: so other programs pack, and who packs an unpacked bag
 * again loses nothing but the index. The documents are all there, and it is noted. */
static void try_without_end(const struct bundle *bundle)
{
    struct sealbag_verdict *verdict = judge(bundle, 0);
    CHECK(verdict->exit_code == 0 && same_documents(verdict, bundle->good));
    CHECK(verdict->finding_count == bundle->good->finding_count + 1);
    bool noted = false;
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct sealbag_finding *finding = &verdict->finding[i];
        noted |= strcmp(finding->rule, "bag.not-judged") == 0 && finding->path != NULL &&
                 strcmp(finding->path, "seal/index.tsv") == 0;
    }
    CHECK(noted);
    sealbag_verdict_free(verdict);
}

static void truncate_all(const struct bundle *bundle, size_t step)
{
    size_t tried = 0;
    for (size_t len = bundle->len; len-- > 0;) {
        if (len % step != 0 && distance(bundle, len) > 1)
            continue;
        CHECK(ftruncate(bundle->fd, (off_t)len) == 0);
        if (bundle->zst && len == bundle->pointer) {
            try_without_end(bundle);
            continue;
        }
        CHECK(!try_variant(bundle, "truncation", len));
        try_list(bundle, "truncation", len);
        tried++;
    }
    restore(bundle);
    printf("%zu truncations: all refused\n", tried);
}

static void append(const struct bundle *bundle, const void *bytes, size_t len)
{
    CHECK(pwrite(bundle->fd, bytes, len, (off_t)bundle->len) == (ssize_t)len);
    CHECK(!try_variant(bundle, "append", bundle->len));
    try_list(bundle, "append", bundle->len);
    CHECK(ftruncate(bundle->fd, (off_t)bundle->len) == 0);
}

static void append_all(const struct bundle *bundle)
{
    size_t tails = 0;
    for (unsigned value = 0; value < 256; value++, tails++) {
        uint8_t byte = (uint8_t)value;
        append(bundle, &byte, 1);
    }
    /* What other programs would take for nothing: an empty member as gzip writes it, an empty
     * frame, a frame that is skipped. */
    static const uint8_t gz[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t zst[] = {0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0};
    static const uint8_t skipped[] = {0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 'h', 'i'};
    append(bundle, gz, sizeof(gz));
    append(bundle, zst, sizeof(zst));
    append(bundle, skipped, sizeof(skipped));
    tails += 3;
    /* Parts of its own once more: from each border to each later one. */
    for (size_t i = 0; i + 1 < bundle->border_count; i++) {
        size_t from = bundle->borders[i];
        if (from != 0 && from < bundle->last_frame)
            continue;
        for (size_t j = i + 1; j < bundle->border_count; j++) {
            if (bundle->borders[j] < bundle->last_frame)
                continue;
            append(bundle, bundle->bytes + from, bundle->borders[j] - from);
            tails++;
        }
    }
    restore(bundle);
    printf("%zu appended tails: all refused\n", tails);
}

static void run(const char *file, int level, size_t size, size_t step)
{
    struct bundle bundle = {.file = file, .zst = strcmp(file, "bag.tar.zst") == 0};
    char folder[] = "/tmp/sealbag-flip-XXXXXX";
    CHECK(mkdtemp(folder) != NULL && chdir(folder) == 0);
    make_bundle(&bundle, size, level);
    bundle.fd = open("scratch", O_RDWR | O_CREAT, 0600);
    CHECK(bundle.fd >= 0);
    restore(&bundle);
    bundle.good = judge(&bundle, 0);
    CHECK(bundle.good->exit_code == 0 && bundle.good->documents == 2);
    printf("%s of %zu bytes with %zu borders, every %zu and the borders:\n", file, bundle.len,
           bundle.border_count, step);
    flip_all(&bundle, step);
    truncate_all(&bundle, step);
    append_all(&bundle);
    CHECK(try_variant(&bundle, "the original", 0));
    sealbag_verdict_free(bundle.good);
    sealbag_trust_free(bundle.trust);
    free(bundle.bytes);
    close(bundle.fd);
    const char *const files[] = {"source/a.txt",          "source/b.bin", "key",    "key.pub",
                                 "store/allowed_signers", file,           "scratch"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(files[i]);
    CHECK(rmdir("source") == 0 && rmdir("store") == 0 && chdir("/") == 0 && rmdir(folder) == 0);
}

int main(void)
{
    run("bag.tar.gz", 9, 40, 1);
    run("bag.tar.zst", 19, 40, 1);
    /* Several frames: their edges and a sample of what lies between. */
    run("bag.tar.gz", 0, 2500000, 30011);
    run("bag.tar.zst", 0, 4300000, 99991);
    return 0;
}
