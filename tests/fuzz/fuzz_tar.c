/* The strict tar parser, by itself: bytes as they come, and with checksums that are right. */
#include <stdlib.h>
#include <string.h>

#include "container/tar_parse.h"
#include "fuzz/fuzz.h"
#include "fuzz/tar.h"

/* Feeds all in pieces of so many bytes; the log is of what came. Returns the code at the end. */
static int feed(struct sb_buf *log, const uint8_t *tar, size_t len, size_t piece)
{
    struct sb_tar_parser parser = {0};
    struct sb_error error = {0};
    int r = 0;
    for (size_t at = 0, used; r == 0 && at < len; at += used) {
        size_t n = len - at < piece ? len - at : piece;
        enum sb_tar_event event;
        uint64_t left = parser.left;
        r = sb_tar_feed(&parser, tar + at, n, &used, &event, &error);
        if (r < 0)
            break;
        REQUIRE(used >= 1 && used <= n && parser.offset == at + used);
        if (event == SB_TAR_ENTRY) {
            const struct sb_tar_entry *entry = &parser.entry;
            REQUIRE(entry->path != NULL && entry->header_at < at + used);
            REQUIRE(entry->header_at % SB_TAR_BLOCK == 0 && (!entry->folder || entry->size == 0));
            REQUIRE(sb_buf_printf(log, "%c %zu %zu ", entry->folder ? 'D' : 'F',
                                  (size_t)entry->size, (size_t)entry->header_at) == 0);
            fuzz_append(log, entry->path, strlen(entry->path) + 1);
        } else if (event == SB_TAR_DATA) {
            REQUIRE(used <= left);
            fuzz_append(log, tar + at, used);
        }
    }
    if (r == 0)
        r = sb_tar_end_of_input(&parser, &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        REQUIRE(sb_buf_puts(log, error.rule) == 0);
    }
    REQUIRE(parser.extended.len <= SB_TAR_EXTENDED_MAX);
    sb_tar_parser_free(&parser);
    return r;
}

/* However the bytes come, the same comes out. */
static void try(const uint8_t *tar, size_t len)
{
    const size_t pieces[] = {512, 700, 1};
    struct sb_buf whole = {0};
    REQUIRE(sb_buf_reserve(&whole, 0) == 0);
    int r = feed(&whole, tar, len, len > 0 ? len : 1);
    REQUIRE(whole.len <= 2 * len + 4096);
    for (size_t i = 0; i < COUNT(pieces) - (len > 4096); i++) {
        struct sb_buf log = {0};
        REQUIRE(sb_buf_reserve(&log, 0) == 0);
        REQUIRE(feed(&log, tar, len, pieces[i]) == r);
        REQUIRE(log.len == whole.len && memcmp(log.data, whole.data, log.len) == 0);
        sb_buf_free(&log);
    }
    sb_buf_free(&whole);
}

/* Salvaging: nothing stops it, and it goes on from each error. */
static void try_salvage(const uint8_t *tar, size_t len)
{
    struct sb_tar_parser parser = {0};
    size_t used, steps = 0;
    for (size_t at = 0; at < len; at += used) {
        enum sb_tar_event event;
        REQUIRE(++steps <= 4 * len + 4);
        if (at == len / 2 / SB_TAR_BLOCK * SB_TAR_BLOCK && at > 0)
            sb_tar_resync(&parser, true);
        if (sb_tar_feed(&parser, tar + at, len - at, &used, &event, NULL) < 0)
            sb_tar_resync(&parser, false);
        REQUIRE(used >= 1 && used <= len - at);
    }
    sb_tar_parser_free(&parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t *mended = malloc(len > 0 ? len : 1);
    REQUIRE(mended != NULL);
    try(bytes, len);
    try_salvage(bytes, len);
    if (len > 0)
        memcpy(mended, bytes, len);
    fuzz_mend_tar(mended, len);
    if (len > 0 && memcmp(mended, bytes, len) != 0) {
        try(mended, len);
        try_salvage(mended, len);
    }
    free(mended);
    return 0;
}
