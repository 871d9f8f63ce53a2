#include "fuzz/container.h"

#include <string.h>

#include "container/unpack.h"
#include "fuzz/fuzz.h"

/* Between two calls no more may come than one frame, or one buffer of a stream. */
enum { PIECE_MAX = 4 << 20 };

static int unpack_all(struct fuzz_unpacked *out, struct sb_unpacker *unpacker, bool salvage)
{
    for (;;) {
        const uint8_t *bytes = NULL;
        size_t n = 0;
        bool gap = false;
        int r = sb_unpack_next(unpacker, &bytes, &n, &gap, &out->error);
        REQUIRE(salvage || !gap);
        if (r <= 0)
            return r;
        REQUIRE(n > 0 && n <= PIECE_MAX);
        out->cut = n > FUZZ_DATA_MAX - out->data.len;
        if (out->cut)
            return 0;
        fuzz_append(&out->data, bytes, n);
    }
}

static void unpack(struct fuzz_unpacked *out, const uint8_t *bytes, size_t len, unsigned jobs,
                   bool salvage)
{
    struct sb_input input = {0};
    struct sb_unpacker *unpacker = NULL;
    *out = (struct fuzz_unpacked){.r = 0};
    REQUIRE(sb_buf_reserve(&out->data, 0) == 0);
    REQUIRE(sb_input_open(&input, fuzz_fd(2, bytes, len), 0, NULL, NULL, NULL) == 0);
    out->r = sb_unpacker_new(&unpacker, &input, fuzz_pool(jobs), salvage, &out->error);
    if (out->r < 0) {
        REQUIRE(out->r == SEALBAG_ERR_UNSUPPORTED && unpacker == NULL);
    } else {
        out->r = unpack_all(out, unpacker, salvage);
        out->could_point = sb_unpack_pointer(&out->pointer, unpacker);
        /* Every byte is accounted for. */
        if (out->r == 0 && !out->cut && !salvage)
            REQUIRE(input.taken == len);
        REQUIRE(input.taken <= len);
    }
    if (out->r < 0)
        fuzz_check_error(&out->error, out->r);
    sb_unpacker_free(unpacker);
    sb_input_close(&input);
}

void fuzz_unpack(struct fuzz_unpacked *out, const uint8_t *bytes, size_t len, bool salvage)
{
    unpack(out, bytes, len, 1, salvage);
}

void fuzz_unpack_parallel(const struct fuzz_unpacked *same, const uint8_t *bytes, size_t len)
{
    struct fuzz_unpacked found;
    unpack(&found, bytes, len, 3, false);
    REQUIRE(found.r == same->r && found.cut == same->cut);
    REQUIRE(found.r == 0 || strcmp(found.error.message, same->error.message) == 0);
    /* Known only after the end. */
    if (found.r == 0 && !found.cut)
        REQUIRE(found.could_point == same->could_point && found.pointer == same->pointer);
    REQUIRE(found.data.len == same->data.len);
    REQUIRE(memcmp(found.data.data, same->data.data, found.data.len) == 0);
    sb_buf_free(&found.data);
}

bool fuzz_loses_its_header(const uint8_t *bytes, size_t len)
{
    static const struct sb_codec *const codecs[] = {&sb_codec_gz, &sb_codec_zst};
    for (size_t at = 0; at < len; at++) {
        for (size_t i = 0; i < 2; i++) {
            if (codecs[i]->recognise(bytes + at, len - at))
                return at > 0 && codecs[i]->resembles(bytes, at);
        }
    }
    return false;
}
