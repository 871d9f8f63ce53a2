/* Single places in a bundle: what is found by walking must be what is read from the beginning. */
#include <string.h>

#include "container/seek.h"
#include "container/zst_codec.h"
#include "fuzz/container.h"
#include "fuzz/fuzz.h"

/* The frame of this number: the code, and its bytes, which are those that were read before. */
static int read_again(struct sb_seeker *seeker, const struct sb_buf *data, uint64_t at)
{
    struct sb_error error = {0};
    const uint8_t *bytes = NULL;
    size_t len = 0;
    int r = sb_seeker_read(seeker, at, &bytes, &len, &error);
    if (r < 0)
        fuzz_check_error(&error, r);
    if (r > 0)
        REQUIRE(at + len <= data->len && memcmp(bytes, data->data + at, len) == 0);
    return r;
}

/* All frames in order, up to the first one that cannot be read. Returns the code of that. */
static int read_all(struct sb_buf *data, struct sb_seeker *seeker, size_t frame)
{
    struct sb_error error = {0};
    const uint8_t *bytes = NULL;
    size_t len = 0;
    int r;
    while ((r = sb_seeker_read(seeker, data->len, &bytes, &len, &error)) > 0 &&
           data->len < FUZZ_DATA_MAX) {
        REQUIRE(data->len % frame == 0 && len > 0 && len <= frame);
        fuzz_append(data, bytes, len);
        if (len < frame)
            break;
    }
    if (r < 0)
        fuzz_check_error(&error, r);
    return r;
}

static void compare(const struct fuzz_unpacked *whole, struct sb_seeker *seeker, size_t frame)
{
    struct sb_buf data = {0};
    REQUIRE(sb_buf_reserve(&data, 0) == 0);
    int r = read_all(&data, seeker, frame);
    /* In another order, since a decoder must not remember what it decoded before. */
    for (size_t i = data.len / frame + 1; i-- > 0;)
        REQUIRE(read_again(seeker, &data, i * frame + (i * frame < data.len)) >= 0 || r < 0);
    size_t both = data.len < whole->data.len ? data.len : whole->data.len;
    REQUIRE(both == 0 || memcmp(data.data, whole->data.data, both) == 0);
    if (whole->r == 0 && !whole->cut)
        REQUIRE(r >= 0 && data.len == whole->data.len);
    sb_buf_free(&data);
}

static void try(const uint8_t *bytes, size_t len)
{
    const struct sb_seek_options options = {.size = len};
    struct sb_seeker *seeker = NULL;
    struct sb_error error = {0};
    struct fuzz_unpacked whole;
    fuzz_unpack(&whole, bytes, len, false);
    bool points = whole.r == 0 && !whole.cut && whole.could_point &&
                  whole.pointer != SB_NO_POINTER && whole.data.len > 0;
    int r = sb_seeker_open(&seeker, fuzz_fd(0, bytes, len), &options, &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        REQUIRE(r == SEALBAG_ERR_UNSUPPORTED || r == SEALBAG_ERR_DAMAGED);
        REQUIRE(seeker == NULL && !points);
    } else {
        bool zst = sb_zst_magic(bytes, len);
        REQUIRE(sb_seeker_size(seeker) == len && sb_seeker_pointer(seeker) != SB_NO_POINTER);
        REQUIRE(!points || sb_seeker_pointer(seeker) == whole.pointer);
        compare(&whole, seeker, zst ? sb_codec_zst.data_max : sb_codec_gz.data_max);
    }
    sb_seeker_close(seeker);
    sb_buf_free(&whole.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_buf mended = {0};
    try(bytes, len);
    if (sb_zst_magic(bytes, len))
        fuzz_mend_zst(&mended, bytes, len);
    else
        fuzz_mend_gz(&mended, bytes, len);
    if (mended.len != len || (len > 0 && memcmp(mended.data, bytes, len) != 0))
        try(mended.data, mended.len);
    sb_buf_free(&mended);
    return 0;
}
