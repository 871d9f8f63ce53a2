/* zstd: sealbag's frames and those of other programs, as they are and with checksums and a seek
 * table that are right. */
#include <string.h>

#include "container/codec.h"
#include "container/zst_codec.h"
#include "fuzz/container.h"
#include "fuzz/fuzz.h"

static bool same(const struct sb_buf *a, const struct sb_buf *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void try(const uint8_t *bytes, size_t len)
{
    struct fuzz_unpacked found, saved;
    struct sb_buf plain = {0};
    if (!sb_zst_magic(bytes, len))
        return;
    REQUIRE(sb_buf_reserve(&plain, 0) == 0);
    fuzz_unpack(&found, bytes, len, false);
    /* libzstd reads the same out of the file. */
    if (found.r == 0 && !found.cut)
        REQUIRE(fuzz_plain_zst(&plain, bytes, len) && same(&found.data, &plain));
    if (fuzz_hash(bytes, len) % 4 == 0)
        fuzz_unpack_parallel(&found, bytes, len);
    fuzz_unpack(&saved, bytes, len, true);
    /* Salvaging takes a first piece that could be a frame with a damaged header for one. */
    if (found.r == 0 && !fuzz_loses_its_header(bytes, len))
        REQUIRE(saved.r == 0 && same(&found.data, &saved.data));
    sb_buf_free(&plain);
    sb_buf_free(&found.data);
    sb_buf_free(&saved.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_buf mended = {0};
    try(bytes, len);
    fuzz_mend_zst(&mended, bytes, len);
    if (mended.len != len || (len > 0 && memcmp(mended.data, bytes, len) != 0))
        try(mended.data, mended.len);
    sb_buf_free(&mended);
    return 0;
}
