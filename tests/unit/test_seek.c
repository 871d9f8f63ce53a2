/* Single places of a tar: every place gives what is there, frames are only those on the chain from
 * byte 0, and little is read. (A broken chain: test_seek_broken.c.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/seeking.h"
#include "unit/view.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct sb_codec *const codecs[] = {&sb_codec_gz, &sb_codec_zst};

/* ---- places ------------------------------------------------------------------------------- */

static void every_place(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        const size_t M = codecs[c]->data_max;
        const size_t sizes[] = {1, 512, M - 1, M, M + 1, 2 * M, 2 * M + 12345};
        for (size_t i = 0; i < COUNT(sizes); i++) {
            size_t size = sizes[i];
            uint8_t *tar = i % 2 == 0 ? prose(size) : noise(size);
            struct sb_buf bytes = bytes_of(packed(codecs[c], tar, size, 512 + i));
            FILE *file = file_of(bytes.data, bytes.len);
            struct sb_seeker *seeker = open_seeker(file, 0, bytes.len);
            assert_true(sb_seeker_pointer(seeker) == 512 + i);
            for (size_t at = 0; at < size; at += size / 7 + 1)
                expect_at(seeker, codecs[c], tar, size, at);
            for (size_t border = 0; border <= size; border += M) {
                for (size_t near = border < 3 ? 0 : border - 3; near < border + 3; near++)
                    expect_at(seeker, codecs[c], tar, size, near);
            }
            expect_at(seeker, codecs[c], tar, size, size - 1);
            expect_at(seeker, codecs[c], tar, size, 0); /* and back */
            static const uint64_t behind[] = {0, 1, 1 << 20, 5 << 20, INT64_MAX, UINT64_MAX / 2};
            for (size_t b = 0; b < COUNT(behind); b++)
                expect_at(seeker, codecs[c], tar, size, size + behind[b]);
            expect_at(seeker, codecs[c], tar, size, UINT64_MAX);
            sb_seeker_close(seeker);
            fclose(file);
            sb_buf_free(&bytes);
            free(tar);
        }
    }
    sb_seeker_close(NULL);
}

/* One place after the other to the end: the whole tar, without a byte too many. */
static void in_one_go(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        size_t size = 2 * codecs[c]->data_max + 777;
        uint8_t *tar = prose(size);
        struct sb_buf bytes = bytes_of(packed(codecs[c], tar, size, 1024)), found = {0};
        FILE *file = file_of(bytes.data, bytes.len);
        struct sb_seeker *seeker = open_seeker(file, 0, bytes.len);
        const uint8_t *piece;
        size_t len;
        while (sb_seeker_read(seeker, found.len, &piece, &len, NULL) == 1)
            put(&found, piece, len);
        assert_int_equal(found.len, size);
        assert_memory_equal(found.data, tar, size);
        sb_seeker_close(seeker);
        fclose(file);
        sb_buf_free(&found);
        sb_buf_free(&bytes);
        free(tar);
    }
}

/* A bundle that does not begin where the file does, nor end there; the descriptor stays where it
 * is.
 */
static void within_a_file(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        size_t size = codecs[c]->data_max + 10;
        uint8_t *tar = noise(size);
        struct sb_buf bytes = bytes_of(packed(codecs[c], tar, size, 512)), whole = {0};
        put(&whole, "something before", 16);
        put(&whole, bytes.data, bytes.len);
        put(&whole, "something behind", 16);
        FILE *file = file_of(whole.data, whole.len);
        assert_int_equal(lseek(fileno(file), 7, SEEK_SET), 7);
        struct sb_seeker *seeker = open_seeker(file, 16, bytes.len);
        for (size_t at = 0; at <= size; at += 99991)
            expect_at(seeker, codecs[c], tar, size, at);
        expect_at(seeker, codecs[c], tar, size, size - 1);
        assert_int_equal(lseek(fileno(file), 0, SEEK_CUR), 7);
        sb_seeker_close(seeker);
        static const struct {
            int start, more;
        } wrong[] = {{0, 0}, {15, 0}, {17, 0}, {16, -1}, {16, 1}, {16, 16}};
        for (size_t i = 0; i < COUNT(wrong); i++) {
            const struct sb_seek_options options = {.start = (uint64_t)wrong[i].start,
                                                    .size = bytes.len +
                                                            (uint64_t)(int64_t)wrong[i].more};
            int r = sb_seeker_open(&seeker, fileno(file), &options, NULL);
            assert_int_equal(r,
                             wrong[i].start == 16 ? SEALBAG_ERR_DAMAGED : SEALBAG_ERR_UNSUPPORTED);
        }
        fclose(file);
        sb_buf_free(&whole);
        sb_buf_free(&bytes);
        free(tar);
    }
}

/* ---- what only looks like a frame --------------------------------------------------------- */

/* A document that is itself a bundle, with its pointer, lies uncompressed in the frames: only the
 * outer frames and the outer pointer count. */
static void bundle_in_a_document(void **state)
{
    (void)state;
    for (size_t outer = 0; outer < COUNT(codecs); outer++) {
        for (size_t inner = 0; inner < COUNT(codecs); inner++) {
            const size_t M = codecs[outer]->data_max, size = 2 * M + 999;
            uint8_t *tar = noise(size), *text = prose(3000);
            struct sb_buf hidden = bytes_of(packed(codecs[inner], text, 3000, 98304));
            /* at the beginning and end of frames, across them, in the middle */
            const size_t places[] = {0, M - hidden.len, M, 2 * M - 20, size - hidden.len, M / 2};
            for (size_t i = 0; i < COUNT(places); i++)
                memcpy(tar + places[i], hidden.data, hidden.len);
            struct sb_buf bytes = bytes_of(packed(codecs[outer], tar, size, 2048));
            assert_true(bytes.len > size); /* it was stored */
            FILE *file = file_of(bytes.data, bytes.len);
            struct sb_seeker *seeker = open_seeker(file, 0, bytes.len);
            assert_true(sb_seeker_pointer(seeker) == 2048);
            for (size_t at = 0; at < size; at += 299993)
                expect_at(seeker, codecs[outer], tar, size, at);
            expect_at(seeker, codecs[outer], tar, size, size);
            sb_seeker_close(seeker);
            fclose(file);
            /* Without the outer pointer there is none, although the file's last bytes hold one. */
            sb_buf_free(&bytes);
            bytes = bytes_of(packed(codecs[outer], tar, size, SB_NO_POINTER));
            assert_int_equal(open_code(bytes.data, bytes.len), SEALBAG_ERR_UNSUPPORTED);
            sb_buf_free(&bytes);
            sb_buf_free(&hidden);
            free(text);
            free(tar);
        }
    }
}

/* A member by another program, with a field in its header that holds whole frames. */
static void put_foreign(struct sb_buf *out, const struct sb_buf *hidden)
{
    uint8_t header[12] = {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3};
    header[10] = (uint8_t)hidden->len;
    header[11] = (uint8_t)(hidden->len >> 8);
    put(out, header, sizeof(header));
    put(out, hidden->data, hidden->len);
    put(out, "\x03\0\0\0\0\0\0\0\0\0", 10);
}

static void frames_in_a_header(void **state)
{
    (void)state;
    struct sb_buf hidden = bytes_of(packed(&sb_codec_gz, "hidden", 6, 512)), bytes = {0};
    struct frame frame = encode(&sb_codec_gz, 0, "seen", 4);
    put_foreign(&bytes, &hidden);
    assert_int_equal(open_code(bytes.data, bytes.len), SEALBAG_ERR_UNSUPPORTED);
    put(&bytes, hidden.data, hidden.len);
    assert_int_equal(open_code(bytes.data, bytes.len), SEALBAG_ERR_UNSUPPORTED);
    bytes.len = 0;
    put(&bytes, frame.bytes, frame.size);
    put_foreign(&bytes, &hidden);
    assert_int_equal(open_code(bytes.data, bytes.len), SEALBAG_ERR_DAMAGED);
    put(&bytes, hidden.data, hidden.len);
    assert_int_equal(open_code(bytes.data, bytes.len), SEALBAG_ERR_DAMAGED);
    /* frames in a skippable frame, which other programs pass over */
    struct sb_buf zst = bytes_of(packed(&sb_codec_zst, "hidden", 6, 512)), outer = {0};
    uint8_t skippable[8] = {0x50, 0x2a, 0x4d, 0x18, (uint8_t)zst.len};
    put(&outer, zst.data, 6 + 3 + 6 + 4);
    put(&outer, skippable, sizeof(skippable));
    put(&outer, zst.data, zst.len);
    assert_int_equal(open_code(outer.data, outer.len), SEALBAG_ERR_DAMAGED);
    assert_int_equal(open_code(outer.data + 19, outer.len - 19), SEALBAG_ERR_UNSUPPORTED);
    sb_buf_free(&outer);
    sb_buf_free(&zst);
    sb_buf_free(&bytes);
    sb_buf_free(&hidden);
    free(frame.bytes);
}

/* ---- what has no index -------------------------------------------------------------------- */

static void unsupported(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "x", "just text, and not very long", "\x1f\x8b", "\x28\xb5\x2f\xfd", "PK\x03\x04"};
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_int_equal(open_code(texts[i], strlen(texts[i])), SEALBAG_ERR_UNSUPPORTED);
    for (size_t c = 0; c < COUNT(codecs); c++) {
        uint8_t *tar = noise(codecs[c]->data_max + 5);
        struct sb_buf bytes =
            bytes_of(packed(codecs[c], tar, codecs[c]->data_max + 5, SB_NO_POINTER));
        assert_int_equal(open_code(bytes.data, bytes.len), SEALBAG_ERR_UNSUPPORTED);
        sb_buf_free(&bytes);
        bytes = bytes_of(packed(codecs[c], NULL, 0, 512)); /* a pointer alone */
        assert_int_equal(open_code(bytes.data, bytes.len), SEALBAG_ERR_UNSUPPORTED);
        sb_buf_free(&bytes);
        free(tar);
    }
}

/* ---- how much is read --------------------------------------------------------------------- */

struct watch {
    uint64_t bytes;
    unsigned calls, stop_at; /* the call that says stop, from 1 */
};

static int look_on(void *context, const struct sealbag_progress *now)
{
    struct watch *watch = context;
    watch->bytes = now->bytes;
    return ++watch->calls == watch->stop_at;
}

static void reads_little(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(codecs); c++) {
        enum { FRAMES = 5 };
        const size_t M = codecs[c]->data_max, size = FRAMES * M;
        uint8_t *tar = noise(size);
        struct sb_buf bytes = bytes_of(packed(codecs[c], tar, size, 512));
        FILE *file = file_of(bytes.data, bytes.len);
        struct watch watch = {0};
        struct sb_seeker *seeker;
        const uint8_t *piece;
        size_t len;
        const struct sb_seek_options options = {
            .size = bytes.len, .progress = look_on, .progress_context = &watch};
        assert_int_equal(sb_seeker_open(&seeker, fileno(file), &options, NULL), 0);
        assert_int_equal(sb_seeker_read(seeker, 3 * M, &piece, &len, NULL), 1);
        /* its own frame, and some bytes of each frame or block and of the end */
        size_t blocks = c == 0 ? 0 : M >> 17;
        uint64_t walk = 32 + (FRAMES + 3) * (uint64_t)38 + FRAMES * (uint64_t)blocks * 3;
        assert_true(watch.bytes > M);
        assert_true(watch.bytes <= M + M / 100 + walk);
        /* what is at hand is not read again */
        uint64_t before = watch.bytes;
        assert_int_equal(sb_seeker_read(seeker, 4 * M - 1, &piece, &len, NULL), 1);
        assert_int_equal(sb_seeker_read(seeker, 3 * M + 5, &piece, &len, NULL), 1);
        assert_true(watch.bytes == before);
        assert_int_equal(sb_seeker_read(seeker, 0, &piece, &len, NULL), 1);
        assert_true(watch.bytes > before + M && watch.bytes <= before + M + M / 100);
        sb_seeker_close(seeker);
        fclose(file);
        sb_buf_free(&bytes);
        free(tar);
    }
}

static void cancelled(void **state)
{
    (void)state;
    struct frame frame = encode(&sb_codec_gz, 0, "x", 1);
    struct sb_buf bytes = {0};
    struct sb_seeker *seeker;
    const uint8_t *piece;
    size_t len;
    enum { FRAMES = 300000 };
    for (int i = 0; i < FRAMES; i++)
        put(&bytes, frame.bytes, frame.size);
    assert_int_equal(sb_codec_gz.finish(&bytes, 512, NULL, FRAMES), 0);
    FILE *file = file_of(bytes.data, bytes.len);
    struct watch watch = {.stop_at = 2};
    struct sb_error error = {0};
    struct sb_seek_options options = {
        .size = bytes.len, .progress = look_on, .progress_context = &watch};
    /* while it walks */
    assert_int_equal(sb_seeker_open(&seeker, fileno(file), &options, &error),
                     SEALBAG_ERR_CANCELLED);
    assert_int_equal(error.code, SEALBAG_ERR_CANCELLED);
    assert_null(seeker);
    assert_int_equal(watch.calls, 2);
    /* and while it reads */
    watch = (struct watch){0};
    assert_int_equal(sb_seeker_open(&seeker, fileno(file), &options, &error), 0);
    watch.stop_at = watch.calls + 1;
    assert_int_equal(sb_seeker_read(seeker, (uint64_t)(FRAMES - 1) << 20, &piece, &len, &error),
                     SEALBAG_ERR_CANCELLED);
    sb_seeker_close(seeker);
    fclose(file);
    sb_buf_free(&bytes);
    free(frame.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place),        cmocka_unit_test(in_one_go),
        cmocka_unit_test(within_a_file),      cmocka_unit_test(bundle_in_a_document),
        cmocka_unit_test(frames_in_a_header), cmocka_unit_test(unsupported),
        cmocka_unit_test(reads_little),       cmocka_unit_test(cancelled),
    };
    return cmocka_run_group_tests_name("seek", tests, NULL, NULL);
}
