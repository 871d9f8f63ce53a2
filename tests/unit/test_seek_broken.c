/* Single places of a tar whose chain of frames is broken, or whose frames are damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container/gz_codec.h"
#include "container/zst_codec.h"
#include "unit/few.h"
#include "unit/seeking.h"
#include "unit/view.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct sb_codec *const codecs[] = {&sb_codec_gz, &sb_codec_zst};

/* Cut anywhere there is no pointer at the end of a whole chain. */
static void every_truncation(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        struct frame frame = encode(codecs[c], 0, "some data", 9);
        struct sb_buf bytes = {0};
        uint32_t sizes[6];
        for (size_t i = 0; i < 3; i++) {
            put(&bytes, frame.bytes, frame.size);
            sizes[2 * i] = (uint32_t)frame.size;
            sizes[2 * i + 1] = 9;
        }
        size_t end = bytes.len + (c == 0 ? SB_GZ_POINTER_SIZE : SB_ZST_POINTER_SIZE);
        assert_int_equal(codecs[c]->finish(&bytes, 512, sizes, 3), 0);
        assert_int_equal(open_code(bytes.data, bytes.len), 0);
        for (size_t len = 0; len < bytes.len; len += one_in(3)) {
            if (len == end) /* only the seek table is missing, which is not used */
                continue;
            int r = open_code(bytes.data, len);
            bool border = len < end && len % frame.size == 0;
            if (r != SEALBAG_ERR_UNSUPPORTED)
                assert_int_equal(r, SEALBAG_ERR_DAMAGED);
            if (border || r == SEALBAG_ERR_UNSUPPORTED)
                assert_true(r == SEALBAG_ERR_UNSUPPORTED && (border || len < 20));
        }
        for (unsigned value = 0; value < 256; value++) { /* and nothing may follow */
            uint8_t byte = (uint8_t)value;
            put(&bytes, &byte, 1);
            assert_int_equal(open_code(bytes.data, bytes.len), SEALBAG_ERR_DAMAGED);
            bytes.len--;
        }
        put(&bytes, frame.bytes, frame.size);
        assert_int_equal(open_code(bytes.data, bytes.len), SEALBAG_ERR_DAMAGED);
        sb_buf_free(&bytes);
        free(frame.bytes);
    }
}

/* A changed header of any frame: the chain does not come to the pointer any more. */
static void broken_anywhere(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        const size_t size = 4 * codecs[c]->data_max + 100;
        const size_t header = c == 0 ? SB_GZ_HEADER_SIZE : 9 + 3;
        uint8_t *tar = noise(size);
        struct sb_buf bytes = bytes_of(packed(codecs[c], tar, size, 512));
        size_t at = 0;
        for (size_t i = 0; i < 5; i++) {
            struct measured out = measure(codecs[c], bytes.data + at, bytes.len - at);
            assert_int_equal(out.r, 0);
            assert_int_equal(out.piece, SB_PIECE_FRAME);
            for (size_t b = 0; b < (i == 4 ? 6 : header); b++) {
                /* a content size is not part of the chain, nor is whether a block repeats a byte */
                if (c == 1 && b >= 5 && b < 9)
                    continue;
                uint8_t *byte = &bytes.data[at + b];
                *byte ^= 0x40;
                int r = open_code(bytes.data, bytes.len);
                assert_true(r == SEALBAG_ERR_DAMAGED || (i == 0 && r == SEALBAG_ERR_UNSUPPORTED));
                *byte ^= 0x40;
            }
            at += (size_t)out.size;
        }
        assert_int_equal(open_code(bytes.data, bytes.len), 0);
        sb_buf_free(&bytes);
        free(tar);
    }
}

/* Damage within a frame is met when it is read; the others can still be read, also afterwards. */
static void damaged_frame(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        const size_t M = codecs[c]->data_max, size = 3 * M;
        uint8_t *tar = noise(size);
        struct sb_buf bytes = bytes_of(packed(codecs[c], tar, size, 512));
        bytes.data[bytes.len / 2] ^= 1; /* in the middle of the second one */
        FILE *file = file_of(bytes.data, bytes.len);
        struct sb_seeker *seeker = open_seeker(file, 0, bytes.len);
        const uint8_t *piece;
        size_t len;
        struct sb_error error = {0};
        for (int i = 0; i < 2; i++) {
            expect_at(seeker, codecs[c], tar, size, 5);
            assert_int_equal(sb_seeker_read(seeker, M + 5, &piece, &len, &error),
                             SEALBAG_ERR_DAMAGED);
            assert_int_equal(error.code, SEALBAG_ERR_DAMAGED);
            assert_int_equal(sb_seeker_read(seeker, M, &piece, &len, &error), SEALBAG_ERR_DAMAGED);
            if (i == 0) /* what was at hand before must not be taken for it */
                expect_at(seeker, codecs[c], tar, size, 5);
            expect_at(seeker, codecs[c], tar, size, 2 * M);
        }
        sb_seeker_close(seeker);
        fclose(file);
        sb_buf_free(&bytes);
        free(tar);
    }
}

/* A frame that is not full, unless it is the last, would shift all places. */
static void read_short_frame(size_t c, const uint8_t *tar, size_t short_one)
{
    const size_t M = codecs[c]->data_max;
    struct sb_buf bytes = {0};
    uint32_t sizes[8];
    for (size_t i = 0; i < 4; i++) {
        size_t len = i == short_one ? M - 1 : i == 3 ? 77 : M;
        struct frame frame = encode(codecs[c], 0, tar, len);
        put(&bytes, frame.bytes, frame.size);
        sizes[2 * i] = (uint32_t)frame.size;
        sizes[2 * i + 1] = (uint32_t)len;
        free(frame.bytes);
    }
    assert_int_equal(codecs[c]->finish(&bytes, 512, sizes, 4), 0);
    FILE *file = file_of(bytes.data, bytes.len);
    struct sb_seeker *seeker = open_seeker(file, 0, bytes.len);
    for (size_t i = 0; i < 4; i++) {
        const uint8_t *piece;
        size_t len, end = i == 3 && short_one != 3 ? 77 : M - (i == short_one);
        struct sb_error error = {0};
        int r = sb_seeker_read(seeker, i * M + 5, &piece, &len, &error);
        if (i == short_one && i < 3) {
            assert_int_equal(r, SEALBAG_ERR_DAMAGED);
            assert_string_equal(error.rule, "container.short-frame");
            continue;
        }
        assert_int_equal(r, 1);
        assert_int_equal(len, end - 5);
        assert_memory_equal(piece, tar + 5, len);
        if (i == 3)
            assert_int_equal(sb_seeker_read(seeker, i * M + end, &piece, &len, &error), 0);
    }
    sb_seeker_close(seeker);
    fclose(file);
    sb_buf_free(&bytes);
}

static void short_frame(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        uint8_t *tar = noise(codecs[c]->data_max);
        for (size_t short_one = 0; short_one < 4; short_one++)
            read_short_frame(c, tar, short_one);
        free(tar);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(broken_anywhere),
        cmocka_unit_test(damaged_frame),
        cmocka_unit_test(short_frame),
    };
    return cmocka_run_group_tests_name("seek_broken", tests, NULL, NULL);
}
