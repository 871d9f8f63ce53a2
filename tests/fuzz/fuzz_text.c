/* Text codecs: escaping, hex, decimal, times. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz/fuzz.h"

/* However little room there is, what is written is harmless and ends in a NUL. */
static void try_escape(const char *text, size_t len)
{
    struct sb_buf whole = {0};
    size_t room = 8 * len + 1;
    char *out = malloc(room);
    REQUIRE(out != NULL);
    REQUIRE(sb_text_escape(&whole, text, len) == 0 && whole.len < room);
    REQUIRE(fuzz_harmless((const char *)whole.data, whole.len));
    if (memchr(text, 0, len) == NULL) {
        const size_t sizes[] = {room, whole.len + 1, whole.len, len, len / 2, 7, 1};
        for (size_t i = 0; i < COUNT(sizes); i++) {
            size_t size = sizes[i] <= room ? sizes[i] : room;
            memset(out, 'x', room);
            REQUIRE(sealbag_text_escape(out, size, text) == out);
            if (size == 0)
                continue;
            REQUIRE(memchr(out, 0, size) != NULL && fuzz_harmless(out, strlen(out)));
            REQUIRE(memcmp(out, whole.len > 0 ? (const char *)whole.data : "", strlen(out)) == 0);
            REQUIRE(size <= whole.len || strlen(out) == whole.len);
        }
    }
    sb_buf_free(&whole);
    free(out);
}

static void try_hex(const char *text, size_t len)
{
    uint8_t *bytes = malloc(len / 2 + 1);
    char *again = malloc(len + 1);
    REQUIRE(bytes != NULL && again != NULL);
    if (len % 2 == 0 && sb_hex_decode(bytes, len / 2, text, len, false)) {
        REQUIRE(memcmp(sb_hex_encode(again, bytes, len / 2), text, len) == 0);
        REQUIRE(sb_hex_decode(bytes, len / 2, text, len, true));
    }
    free(bytes);
    free(again);
}

static void try_numbers(const char *text, size_t len)
{
    uint64_t number;
    int64_t seconds, same;
    char digits[20], time[SB_TIME_SIZE], size[SB_SIZE_TEXT];
    if (sb_decimal_parse(&number, text, len)) {
        REQUIRE(sb_decimal_format(digits, number) == len && memcmp(digits, text, len) == 0);
        REQUIRE(strlen(sb_text_size(size, number)) < SB_SIZE_TEXT);
    }
    bool utc = sb_time_parse(&seconds, text, len, true);
    if (utc)
        REQUIRE(len == SB_TIME_SIZE - 1 && memcmp(sb_time_format(time, seconds), text, len) == 0);
    uint32_t nanoseconds;
    char instant[SB_INSTANT_SIZE];
    if (sb_instant_parse(&same, &nanoseconds, text, len)) {
        sb_instant_format(instant, same, nanoseconds);
        REQUIRE(strlen(instant) == len && memcmp(instant, text, len) == 0);
    }
    if (sb_time_parse(&same, text, len, false)) {
        sb_time_format(time, same);
        REQUIRE(sb_time_parse(&seconds, time, strlen(time), true) && seconds == same);
    } else {
        REQUIRE(!utc);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = malloc(len + 1);
    REQUIRE(text != NULL);
    if (len > 0)
        memcpy(text, bytes, len);
    text[len] = 0;
    try_escape(text, len);
    try_hex(text, len);
    try_numbers(text, len);
    REQUIRE(!fuzz_harmless(text, len) || sb_utf8_valid(text, len));
    free(text);
    return 0;
}
