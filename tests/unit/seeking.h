/* Opening seekers and comparing what they give. Included after cmocka.h. */
#ifndef SB_TESTS_UNIT_SEEKING_H
#define SB_TESTS_UNIT_SEEKING_H

#include "container/seek.h"
#include "unit/frames.h"

static inline struct sb_seeker *open_seeker(FILE *file, uint64_t start, uint64_t size)
{
    struct sb_seeker *seeker;
    struct sb_error error = {0};
    const struct sb_seek_options options = {.start = start, .size = size};
    if (sb_seeker_open(&seeker, fileno(file), &options, &error) != 0)
        fail_msg("%s", error.message);
    assert_non_null(seeker);
    return seeker;
}

/* What opening a seeker comes to. */
static inline int open_code(const void *bytes, size_t len)
{
    FILE *file = file_of(bytes, len);
    struct sb_seeker *seeker;
    struct sb_error error = {0};
    const struct sb_seek_options options = {.size = len};
    int r = sb_seeker_open(&seeker, fileno(file), &options, &error);
    if (r < 0) {
        assert_null(seeker);
        assert_int_equal(error.code, r);
    }
    sb_seeker_close(seeker);
    fclose(file);
    return r;
}

/* What is at this place, to the end of its frame. */
static inline void expect_at(struct sb_seeker *seeker, const struct sb_codec *codec,
                             const uint8_t *tar, size_t size, uint64_t at)
{
    const uint8_t *bytes;
    size_t len;
    struct sb_error error = {0};
    int r = sb_seeker_read(seeker, at, &bytes, &len, &error);
    if (at >= size) {
        assert_int_equal(r, 0);
        return;
    }
    if (r != 1)
        fail_msg("at %llu: %s", (unsigned long long)at, error.message);
    uint64_t end = (at / codec->data_max + 1) * codec->data_max;
    assert_int_equal(len, (end < size ? end : size) - at);
    assert_memory_equal(bytes, tar + at, len);
}

#endif
