/* Every byte of a small sealed bundle is changed, cut off or followed by another one. Each result
 * must be refused (exit code 1 or 5) or be judged exactly as the original: the same documents, the
 * same seal, the same findings. The places of the second kind are printed. */
#include <fcntl.h>
#include <sealbag/sealbag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

struct bundle {
    uint8_t *bytes;
    size_t len;
    struct sealbag_trust *trust;
    struct sealbag_verdict *good;
    int fd; /* scratch file */
};

static void write_file(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    CHECK(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && close(fd) == 0);
}

static void read_bundle(struct bundle *bundle, const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0 && fstat(fd, &status) == 0);
    bundle->len = (size_t)status.st_size;
    bundle->bytes = malloc(bundle->len);
    CHECK(bundle->bytes != NULL);
    CHECK(read(fd, bundle->bytes, bundle->len) == status.st_size && close(fd) == 0);
}

/* Seals two documents, the second of `size` bytes that do not compress. */
static void make_bundle(struct bundle *bundle, size_t size)
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
        .output = "bag.tar.gz",
        .sources = sources,
        .source_count = 1,
        .keys = &key,
        .key_count = 1,
        .time = 1700000000,
        .salt = salt,
        .level = 9,
    };
    CHECK(sealbag_bundle_create(&created, NULL, &options, &error) == 0);
    sealbag_key_free(key);
    read_bundle(bundle, "bag.tar.gz");
}

static struct sealbag_verdict *judge(const struct bundle *bundle)
{
    struct sealbag_verdict *verdict = NULL;
    struct sb_error error = {0};
    struct sealbag_verify_options options = {.trust = bundle->trust};
    CHECK(lseek(bundle->fd, 0, SEEK_SET) == 0);
    CHECK(sealbag_bundle_verify(&verdict, bundle->fd, &options, &error) == 0);
    return verdict;
}

static bool same_verdict(const struct sealbag_verdict *a, const struct sealbag_verdict *b)
{
    if (a->exit_code != b->exit_code || strcmp(a->seal_id, b->seal_id) != 0 ||
        a->documents != b->documents || a->valid_seals != b->valid_seals ||
        a->trusted_seals != b->trusted_seals || a->finding_count != b->finding_count ||
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

/* Judges the scratch file as it is now; true when it is judged like the original. */
static bool try_variant(const struct bundle *bundle, const char *what, size_t at)
{
    struct sealbag_verdict *verdict = judge(bundle);
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

/* Whether a byte is tried: every step-th, and all around the members' headers and trailers. */
static bool is_chosen(const struct bundle *bundle, size_t at, size_t step)
{
    if (at % step == 0 || at + 40 > bundle->len)
        return true;
    for (size_t member = 0; member + 20 <= bundle->len;) {
        const uint8_t *size = bundle->bytes + member + 16;
        if (at + 10 >= member && at < member + 22)
            return true;
        member += size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
    }
    return false;
}

static size_t flip_all(const struct bundle *bundle, size_t step)
{
    size_t tried = 0, same = 0, cap = 0, count = 0;
    size_t *places = NULL;
    for (size_t at = 0; at < bundle->len; at++) {
        bool place = false;
        if (!is_chosen(bundle, at, step))
            continue;
        for (unsigned mask = 1; mask <= 0x100; mask <<= 1) {
            uint8_t changed = (uint8_t)(bundle->bytes[at] ^ (mask == 0x100 ? 0xff : mask));
            CHECK(pwrite(bundle->fd, &changed, 1, (off_t)at) == 1);
            if (try_variant(bundle, "flip", at)) {
                place = true;
                same++;
            }
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

static void truncate_all(const struct bundle *bundle, size_t step)
{
    size_t tried = 0;
    for (size_t cut = 1; cut <= bundle->len; cut += step) {
        CHECK(ftruncate(bundle->fd, (off_t)(bundle->len - cut)) == 0);
        CHECK(!try_variant(bundle, "truncation", bundle->len - cut));
        tried++;
    }
    restore(bundle);
    printf("%zu truncations: all refused\n", tried);
}

static void append_all(const struct bundle *bundle)
{
    for (unsigned value = 0; value < 256; value++) {
        uint8_t byte = (uint8_t)value;
        CHECK(pwrite(bundle->fd, &byte, 1, (off_t)bundle->len) == 1);
        CHECK(!try_variant(bundle, "append", bundle->len));
    }
    /* The whole bundle, or an empty member as gzip writes it, once more behind itself. */
    static const uint8_t empty[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3,
                                    3,    0,    0, 0, 0, 0, 0, 0, 0, 0};
    CHECK(pwrite(bundle->fd, empty, sizeof(empty), (off_t)bundle->len) == (ssize_t)sizeof(empty));
    CHECK(!try_variant(bundle, "append", bundle->len));
    CHECK(pwrite(bundle->fd, bundle->bytes, bundle->len, (off_t)bundle->len) ==
          (ssize_t)bundle->len);
    CHECK(!try_variant(bundle, "append", bundle->len));
    restore(bundle);
    printf("258 appended tails: all refused\n");
}

static void run(size_t size, size_t step)
{
    struct bundle bundle = {0};
    char folder[] = "/tmp/sealbag-flip-XXXXXX";
    CHECK(mkdtemp(folder) != NULL && chdir(folder) == 0);
    make_bundle(&bundle, size);
    bundle.fd = open("scratch", O_RDWR | O_CREAT, 0600);
    CHECK(bundle.fd >= 0);
    restore(&bundle);
    bundle.good = judge(&bundle);
    CHECK(bundle.good->exit_code == 0 && bundle.good->documents == 2);
    printf("A bundle of %zu bytes, every %zu and the members' edges:\n", bundle.len, step);
    flip_all(&bundle, step);
    truncate_all(&bundle, step);
    append_all(&bundle);
    sealbag_verdict_free(bundle.good);
    sealbag_trust_free(bundle.trust);
    free(bundle.bytes);
    close(bundle.fd);
    static const char *const files[] = {"source/a.txt", "source/b.bin",          "key",
                                        "key.pub",      "store/allowed_signers", "bag.tar.gz",
                                        "scratch"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(files[i]);
    CHECK(rmdir("source") == 0 && rmdir("store") == 0 && chdir("/") == 0 && rmdir(folder) == 0);
}

int main(void)
{
    run(40, 1);
    /* Several members: their edges and a sample of what lies between. */
    run(2500000, 30011);
    return 0;
}
