/* The hasher gives, for every file, the digest that hashing it alone gives, in the files' order,
 * however the bytes come and wherever files end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "op/hasher.h"

enum { JOB = 256 * 1024 }; /* the size of the hasher's pieces */

struct expected {
    uint8_t *sha256; /* of each file */
    size_t count, reported;
};

static void take(void *context, const uint8_t sha256[SB_SHA256_SIZE])
{
    struct expected *expected = context;
    assert_true(expected->reported < expected->count);
    assert_memory_equal(sha256, expected->sha256 + expected->reported * SB_SHA256_SIZE,
                        SB_SHA256_SIZE);
    expected->reported++;
}

/* Hashes files of these sizes, `step` bytes at a time. */
static void hash_files(const size_t *sizes, size_t count, size_t step, unsigned jobs)
{
    struct expected expected = {.sha256 = malloc(count * SB_SHA256_SIZE + 1), .count = count};
    struct sb_pool *pool;
    struct sb_hasher *hasher;
    struct sb_digest *digest;
    size_t most = 1;
    for (size_t i = 0; i < count; i++)
        most = sizes[i] > most ? sizes[i] : most;
    uint8_t *bytes = malloc(most + count);
    assert_non_null(expected.sha256);
    assert_non_null(bytes);
    for (size_t i = 0; i < most + count; i++)
        bytes[i] = (uint8_t)(i * 2654435761U >> 13);
    assert_int_equal(sb_digest_new(&digest, NULL), 0);
    for (size_t i = 0; i < count; i++) /* each file begins elsewhere, so that all differ */
        assert_int_equal(
            sb_digest_bytes(expected.sha256 + i * SB_SHA256_SIZE, digest, bytes + i, sizes[i]), 0);
    assert_int_equal(sb_pool_new(&pool, jobs, NULL), 0);
    assert_int_equal(sb_hasher_new(&hasher, pool, take, &expected, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at < sizes[i]; at += step) {
            size_t n = sizes[i] - at < step ? sizes[i] - at : step;
            assert_int_equal(sb_hasher_update(hasher, bytes + i + at, n, NULL), 0);
        }
        assert_int_equal(sb_hasher_finish(hasher, NULL), 0);
    }
    assert_int_equal(sb_hasher_drain(hasher, NULL), 0);
    assert_int_equal(expected.reported, count);
    assert_int_equal(sb_hasher_drain(hasher, NULL), 0); /* nothing is reported twice */
    assert_int_equal(expected.reported, count);
    sb_hasher_free(hasher);
    sb_pool_free(pool);
    sb_digest_free(digest);
    free(expected.sha256);
    free(bytes);
}

static void with_all_jobs(const size_t *sizes, size_t count, size_t step)
{
    static const unsigned jobs[] = {1, 2, 3, 7};
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
        hash_files(sizes, count, step, jobs[i]);
}

/* Files that end just before, at and behind the end of a piece. */
static void edges(void **state)
{
    (void)state;
    static const size_t steps[] = {JOB, 4096, 100001, 3 * JOB};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        for (size_t delta = 0; delta < 3; delta++) {
            const size_t sizes[] = {JOB - 1 + delta, 0, 1, 2 * JOB - 1 + delta, 0, 0, 7, JOB, JOB,
                                    5 * JOB + delta, 0};
            with_all_jobs(sizes, sizeof(sizes) / sizeof(sizes[0]), steps[i]);
        }
    }
}

/* More files than a piece can hold, some of them empty. */
static void many(void **state)
{
    (void)state;
    enum { COUNT = 1500 };
    size_t sizes[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        sizes[i] = i % 3 == 0 ? 0 : i % 1000;
    with_all_jobs(sizes, COUNT, 4096);
    memset(sizes, 0, sizeof(sizes));
    for (size_t count = 254; count < 260; count++)
        with_all_jobs(sizes, count, 4096);
}

static void nothing(void **state)
{
    (void)state;
    const size_t sizes[] = {0};
    with_all_jobs(sizes, 0, 1);
    with_all_jobs(sizes, 1, 1);
}

/* A run that ends early: a file is open, and pieces are at work. */
static void abandoned(void **state)
{
    (void)state;
    struct expected expected = {0};
    struct sb_pool *pool;
    struct sb_hasher *hasher;
    uint8_t *bytes = calloc(1, JOB);
    assert_non_null(bytes);
    for (unsigned jobs = 1; jobs < 5; jobs++) {
        assert_int_equal(sb_pool_new(&pool, jobs, NULL), 0);
        assert_int_equal(sb_hasher_new(&hasher, pool, take, &expected, NULL), 0);
        for (unsigned i = 0; i <= jobs; i++)
            assert_int_equal(sb_hasher_update(hasher, bytes, JOB, NULL), 0);
        sb_hasher_free(hasher);
        sb_pool_free(pool);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges),
        cmocka_unit_test(many),
        cmocka_unit_test(nothing),
        cmocka_unit_test(abandoned),
    };
    return cmocka_run_group_tests_name("hasher", tests, NULL, NULL);
}
