/* How fast this machine could be at best: measures, on one core and with the given files' own
 * bytes, the single steps that sealbag cannot do without, and prints what that makes for create and
 * verify of a .tar.gz on N cores.
 *
 *   floor [-j CORES] [-c CPU|any] [-m MEGABYTES] [-r ROUNDS] [-w FOLDER] FILE-OR-FOLDER...
 *
 * Each step has the best time of several rounds. Rates are millions of bytes of the documents a
 * second, also where fewer bytes are read or written since they are compressed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <zlib.h>
#include <zstd.h>
#ifdef SEALBAG_ISAL
#include <isa-l.h>
#endif

enum {
    HASH_STEP = 256 << 10,
    GZIP_PIECE = 1 << 20,
    ZSTD_PIECE = 4 << 20,
    FILE_STEP = 1 << 20,
};

static void fail(const char *what)
{
    if (errno != 0)
        perror(what);
    else
        fprintf(stderr, "floor: %s failed.\n", what);
    exit(1);
}

static void *get_memory(size_t size)
{
    void *memory = malloc(size);
    if (memory == NULL)
        fail("floor");
    memset(memory, 0, size); /* so that no step pays for the first touch */
    return memory;
}

/* ---- the files -------------------------------------------------------------------------- */

static uint8_t *data; /* of all files, one behind the other */
static size_t data_len, data_max;
static char **paths;
static size_t path_count, path_cap;
static uint8_t *scrap; /* what nobody looks at: enough for any piece */

static size_t read_file(const char *path, uint8_t *into, size_t most, size_t step)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail(path);
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len < most) {
        uint8_t *at = into == scrap ? scrap : into + len;
        n = read(fd, at, most - len < step ? most - len : step);
        if (n < 0)
            fail(path);
        len += (size_t)n;
    }
    close(fd);
    return len;
}

static int take_file(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)where;
    if (type == FTW_NS || type == FTW_DNR)
        fail(path);
    if (type != FTW_F || !S_ISREG(status->st_mode) || data_len == data_max)
        return 0;
    if (path_count == path_cap) {
        path_cap = 2 * path_cap + 1000;
        paths = realloc(paths, path_cap * sizeof(*paths));
        if (paths == NULL)
            fail("floor");
    }
    paths[path_count] = strdup(path);
    if (paths[path_count++] == NULL)
        fail("floor");
    data_len += read_file(path, data + data_len, data_max - data_len, data_max);
    return 0;
}

/* ---- the steps -------------------------------------------------------------------------- */

struct pieces {
    size_t piece; /* bytes of data in each but the last */
    size_t cap;   /* room for each when compressed: the i-th lies at i * cap in packed */
    size_t total; /* of all when compressed */
};

static struct pieces gzip_pieces = {.piece = GZIP_PIECE, .cap = GZIP_PIECE + GZIP_PIECE / 16};
static struct pieces zstd_pieces = {.piece = ZSTD_PIECE, .cap = ZSTD_PIECE + ZSTD_PIECE / 16};
static uint8_t *packed; /* the pieces of one kind or the other */
static size_t *sizes;   /* of each */

/* How long the i-th piece is (0: there is none), and where it begins. */
static size_t next_piece(const struct pieces *pieces, size_t i, const uint8_t **at)
{
    size_t begin = i * pieces->piece;
    if (begin >= data_len)
        return 0;
    *at = data + begin;
    return data_len - begin < pieces->piece ? data_len - begin : pieces->piece;
}

static void hash_all(void)
{
    static EVP_MD_CTX *context;
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (context == NULL)
        context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        fail("SHA-256");
    for (size_t at = 0; at < data_len; at += HASH_STEP) {
        size_t n = data_len - at < HASH_STEP ? data_len - at : HASH_STEP;
        if (EVP_DigestUpdate(context, data + at, n) != 1)
            fail("SHA-256");
    }
    if (EVP_DigestFinal_ex(context, digest, NULL) != 1)
        fail("SHA-256");
}

static volatile uint32_t crc_sink;

#ifdef SEALBAG_ISAL
static size_t deflate_piece(uint8_t *out, size_t cap, const uint8_t *in, size_t len)
{
    static struct isal_zstream z;
    static uint8_t level_buf[ISAL_DEF_LVL2_DEFAULT];
    isal_deflate_init(&z);
    z.level = 2;
    z.level_buf = level_buf;
    z.level_buf_size = sizeof(level_buf);
    z.end_of_stream = 1;
    z.flush = NO_FLUSH;
    z.gzip_flag = IGZIP_DEFLATE;
    z.next_in = (uint8_t *)(uintptr_t)in; /* it is only read */
    z.avail_in = (uint32_t)len;
    z.next_out = out;
    z.avail_out = (uint32_t)cap;
    if (isal_deflate(&z) != COMP_OK || z.internal_state.state != ZSTATE_END)
        fail("deflate");
    return z.total_out;
}

static size_t inflate_piece(uint8_t *out, size_t cap, const uint8_t *in, size_t len)
{
    static struct inflate_state z;
    isal_inflate_init(&z);
    z.crc_flag = ISAL_DEFLATE;
    z.next_in = (uint8_t *)(uintptr_t)in; /* it is only read */
    z.avail_in = (uint32_t)len;
    z.next_out = out;
    z.avail_out = (uint32_t)cap;
    if (isal_inflate_stateless(&z) != ISAL_DECOMP_OK)
        fail("inflate");
    return cap - z.avail_out;
}

static uint32_t crc_piece(const uint8_t *in, size_t len)
{
    return crc32_gzip_refl(0, in, len);
}
#else
static size_t deflate_piece(uint8_t *out, size_t cap, const uint8_t *in, size_t len)
{
    static z_stream z;
    static bool ready;
    if (!ready && deflateInit2(&z, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        fail("deflate");
    ready = true;
    z.next_in = in;
    z.avail_in = (uInt)len;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    if (deflateReset(&z) != Z_OK || deflate(&z, Z_FINISH) != Z_STREAM_END)
        fail("deflate");
    return z.total_out;
}

static size_t inflate_piece(uint8_t *out, size_t cap, const uint8_t *in, size_t len)
{
    static z_stream z;
    static bool ready;
    if (!ready && inflateInit2(&z, -15) != Z_OK)
        fail("inflate");
    ready = true;
    z.next_in = in;
    z.avail_in = (uInt)len;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    if (inflateReset(&z) != Z_OK || inflate(&z, Z_FINISH) != Z_STREAM_END)
        fail("inflate");
    return z.total_out;
}

static uint32_t crc_piece(const uint8_t *in, size_t len)
{
    return (uint32_t)crc32_z(0, in, len);
}
#endif

static void deflate_all(void)
{
    struct pieces *pieces = &gzip_pieces;
    const uint8_t *at;
    size_t n;
    pieces->total = 0;
    for (size_t i = 0; (n = next_piece(pieces, i, &at)) > 0; i++) {
        sizes[i] = deflate_piece(packed + i * pieces->cap, pieces->cap, at, n);
        pieces->total += sizes[i];
    }
}

static void inflate_all(void)
{
    const struct pieces *pieces = &gzip_pieces;
    const uint8_t *at;
    size_t n;
    for (size_t i = 0; (n = next_piece(pieces, i, &at)) > 0; i++) {
        if (inflate_piece(scrap, n, packed + i * pieces->cap, sizes[i]) != n)
            fail("inflate");
    }
}

static void crc_all(void)
{
    const uint8_t *at;
    size_t n;
    for (size_t i = 0; (n = next_piece(&gzip_pieces, i, &at)) > 0; i++)
        crc_sink = crc_piece(at, n);
}

static void zstd_all(void)
{
    static ZSTD_CCtx *context;
    struct pieces *pieces = &zstd_pieces;
    const uint8_t *at;
    size_t n;
    if (context == NULL)
        context = ZSTD_createCCtx();
    if (context == NULL)
        fail("zstd");
    pieces->total = 0;
    for (size_t i = 0; (n = next_piece(pieces, i, &at)) > 0; i++) {
        size_t size = ZSTD_compressCCtx(context, packed + i * pieces->cap, pieces->cap, at, n, 3);
        if (ZSTD_isError(size))
            fail("zstd");
        sizes[i] = size;
        pieces->total += size;
    }
}

/* Reads the files again: they are in the kernel's cache now. */
static void read_all(void)
{
    size_t len = 0;
    for (size_t i = 0; i < path_count; i++)
        len += read_file(paths[i], scrap, data_len - len, FILE_STEP);
}

static const char *output_folder = "/dev/shm";

/* Writes a new file without a name, which disappears with the descriptor. */
static void write_all(void)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/floor-XXXXXX", output_folder);
    int fd = mkstemp(path);
    if (fd < 0)
        fail(path);
    unlink(path);
    for (size_t at = 0; at < data_len;) {
        size_t n = data_len - at < FILE_STEP ? data_len - at : FILE_STEP;
        ssize_t written = write(fd, data + at, n);
        if (written <= 0)
            fail(path);
        at += (size_t)written;
    }
    close(fd);
}

/* ---- measuring -------------------------------------------------------------------------- */

static unsigned rounds = 5;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Millions of bytes a second. */
static double rate(void (*step)(void))
{
    double best = 0;
    for (unsigned i = 0; i < rounds; i++) {
        double begin = now();
        step();
        double took = now() - begin;
        if (took > 0 && (best <= 0 || took < best))
            best = took;
    }
    return best > 0 ? (double)data_len / best / 1e6 : 0;
}

static void line(const char *name, double value, const char *meaning)
{
    printf("%-16s %10.*f   %s\n", name, value < 2 ? 3 : 1, value, meaning);
}

/* The rate of doing several things with every byte, one after the other: give 1 / rate of each. */
static double on_cores(unsigned cores, double seconds)
{
    return (double)cores / seconds;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

struct rates {
    double hash, crc, deflate, inflate, zstd, read, write;
    double gzip_size; /* compressed, as a share of the data */
};

static void print_floors(const struct rates *r, unsigned cores)
{
    bool compresses = r->gzip_size <= 0.98;
    double create = 1 / r->hash + 1 / r->deflate;
    double create_io = create + 1 / r->crc + 1 / r->read + r->gzip_size / r->write;
    double verify = 1 / r->hash + 1 / r->inflate;
    double verify_io = verify + 1 / r->crc + r->gzip_size / r->read;
    printf("%-16s %10u   %s\n", "cores", cores, "for which the floors below are");
    if (compresses) {
        line("create", on_cores(cores, create), "floor: every byte hashed and deflated");
        line("create_io", on_cores(cores, create_io), "the same with crc32, read() and write()");
        line("verify", on_cores(cores, verify), "floor: every byte inflated and hashed");
        line("verify_io", on_cores(cores, verify_io), "the same with crc32 and read()");
        return;
    }
    /* One document is one stream, which one core hashes; the others can do all the rest. Nothing is
     * deflated or inflated: it is stored. */
    create_io -= 1 / r->deflate;
    verify_io -= 1 / r->inflate;
    line("create", r->hash, "floor: it does not compress, and one core hashes it");
    line("create_io", smaller(r->hash, on_cores(cores, create_io)),
         "the same with crc32, read() and write()");
    line("verify", r->hash, "floor: one core hashes it");
    line("verify_io", smaller(r->hash, on_cores(cores, verify_io)),
         "the same with crc32 and read()");
}

static void measure(unsigned cores)
{
    struct rates r;
    size_t count = (data_len + GZIP_PIECE - 1) / GZIP_PIECE;
    packed = get_memory((count + ZSTD_PIECE / GZIP_PIECE) * gzip_pieces.cap);
    sizes = get_memory(count * sizeof(*sizes));
    scrap = get_memory(ZSTD_PIECE);

    r.hash = rate(hash_all);
    r.crc = rate(crc_all);
    r.deflate = rate(deflate_all);
    r.inflate = rate(inflate_all);
    r.zstd = rate(zstd_all);
    r.read = rate(read_all);
    r.write = rate(write_all);
    r.gzip_size = (double)gzip_pieces.total / (double)data_len;

    line("megabytes", (double)data_len / 1e6, "of the files, which all of this was measured with");
    line("sha256", r.hash, "MB/s, libcrypto, one core");
    line("crc32", r.crc, "MB/s");
#ifdef SEALBAG_ISAL
    line("deflate", r.deflate, "MB/s, ISA-L level 2 in pieces of 1 MiB");
    line("inflate", r.inflate, "MB/s, ISA-L");
#else
    line("deflate", r.deflate, "MB/s, zlib level 1 in pieces of 1 MiB");
    line("inflate", r.inflate, "MB/s, zlib");
#endif
    line("deflate_size", r.gzip_size, "compressed, as a share of the files");
    line("zstd", r.zstd, "MB/s, level 3 in pieces of 4 MiB");
    line("zstd_size", (double)zstd_pieces.total / (double)data_len, "the same share");
    line("read", r.read, "MB/s, open() and read() of the files from the kernel's cache");
    line("write", r.write, "MB/s, write() of a new file");
    print_floors(&r, cores);
    free(packed);
    free(sizes);
    free(scrap);
}

/* ---- the command line ------------------------------------------------------------------- */

static void usage(void)
{
    fputs("usage: floor [-j CORES] [-c CPU|any] [-m MEGABYTES] [-r ROUNDS] [-w FOLDER] "
          "FILE-OR-FOLDER...\n",
          stderr);
    exit(2);
}

static unsigned number(const char *word, unsigned least, unsigned most)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0 || value < least ||
        value > most)
        usage();
    return (unsigned)value;
}

static void stay_on(const char *cpu)
{
    if (strcmp(cpu, "any") == 0)
        return;
    int n = cpu[0] == '\0' ? sched_getcpu() : (int)number(cpu, 0, CPU_SETSIZE - 1);
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)n, &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0)
        fail("sched_setaffinity");
}

int main(int argc, char **argv)
{
    unsigned cores = 2, megabytes = 512;
    const char *cpu = "";
    int option;
    while ((option = getopt(argc, argv, "j:c:m:r:w:")) != -1) {
        if (option == 'j')
            cores = number(optarg, 1, 4096);
        else if (option == 'c')
            cpu = optarg;
        else if (option == 'm')
            megabytes = number(optarg, 1, 1 << 20);
        else if (option == 'r')
            rounds = number(optarg, 1, 1000);
        else if (option == 'w')
            output_folder = optarg;
        else
            usage();
    }
    if (optind == argc)
        usage();
    stay_on(cpu);

    data_max = (size_t)megabytes * 1000000;
    data = malloc(data_max);
    if (data == NULL)
        fail("floor");
    for (int i = optind; i < argc; i++) {
        if (nftw(argv[i], take_file, 64, FTW_PHYS) != 0)
            fail(argv[i]);
    }
    if (data_len == 0) {
        fputs("floor: there is nothing in these files.\n", stderr);
        return 1;
    }
    measure(cores);

    for (size_t i = 0; i < path_count; i++)
        free(paths[i]);
    free(paths);
    free(data);
    return 0;
}
