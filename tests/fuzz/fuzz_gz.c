/* gzip: sealbag's members and those of other programs, as they are and with checksums and lengths
 * that are right. */
#include <string.h>

#include "container/gz_codec.h"
#include "fuzz/container.h"
#include "fuzz/fuzz.h"

static bool same(const struct sb_buf *a, const struct sb_buf *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* zlib reads the same out of the file. A block whose codes do not use up all code words is the one
 * thing that ISA-L takes and zlib does not (threat-model.md). */
static void compare(const struct fuzz_unpacked *found, const uint8_t *bytes, size_t len)
{
    struct sb_buf plain = {0};
    bool ours = sb_gz_is_ours(bytes, len);
    REQUIRE(sb_buf_reserve(&plain, 0) == 0);
    bool good = fuzz_plain_gz(&plain, bytes, len);
    if (found->r == 0 && good)
        REQUIRE(same(&found->data, &plain));
    if (found->r == 0 && !good)
        REQUIRE(ours || plain.len >= FUZZ_DATA_MAX);
    if (found->r < 0 && good && !ours)
        REQUIRE(strcmp(found->error.rule, "gzip.mixed") == 0);
    if (found->r < 0 && good && plain.len <= SB_GZ_MEMBER_DATA)
        REQUIRE(strcmp(found->error.rule, "gzip.data") != 0);
    sb_buf_free(&plain);
}

static void try(const uint8_t *bytes, size_t len)
{
    struct fuzz_unpacked found, saved;
    if (len < 2 || bytes[0] != 0x1f || bytes[1] != 0x8b)
        return;
    fuzz_unpack(&found, bytes, len, false);
    if (!found.cut)
        compare(&found, bytes, len);
    if (fuzz_hash(bytes, len) % 4 == 0)
        fuzz_unpack_parallel(&found, bytes, len);
    fuzz_unpack(&saved, bytes, len, true);
    /* Salvaging takes a first piece that could be a frame with a damaged header for one. */
    if (found.r == 0 && !fuzz_loses_its_header(bytes, len))
        REQUIRE(saved.r == 0 && same(&found.data, &saved.data));
    sb_buf_free(&found.data);
    sb_buf_free(&saved.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_buf mended = {0};
    try(bytes, len);
    fuzz_mend_gz(&mended, bytes, len);
    if (mended.len != len || (len > 0 && memcmp(mended.data, bytes, len) != 0))
        try(mended.data, mended.len);
    sb_buf_free(&mended);
    return 0;
}
