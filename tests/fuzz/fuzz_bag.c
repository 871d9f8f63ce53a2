/* A bag as an uncompressed tar, which is packed and then judged: what the fuzzer changes is the tar
 * and the files in it, not compressed bytes. The last byte of the input chooses how it is packed:
 * bit 0: zstd; bit 1: as another program does; bit 2: without a pointer; bit 3: a wrong one;
 * bit 4: checksums as they are. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/bundle.h"
#include "fuzz/fuzz.h"
#include "fuzz/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < 2)
        return 0;
    struct sb_buf bundle = {0};
    unsigned how = bytes[--len];
    uint8_t *tar = malloc(len);
    REQUIRE(tar != NULL);
    memcpy(tar, bytes, len);
    if ((how & 16) == 0)
        fuzz_mend_tar(tar, len);
    uint64_t pointer = (how & 4) != 0 ? SB_NO_POINTER : fuzz_find_index(tar, len);
    if ((how & 8) != 0)
        pointer += 512 * (uint64_t)(how >> 5) - 512;
    if ((how & 2) != 0)
        fuzz_pack_foreign(&bundle, tar, len);
    else
        fuzz_pack(&bundle, (how & 1) != 0 ? &sb_codec_zst : &sb_codec_gz, tar, len, pointer);
    fuzz_judge(bundle.data, bundle.len, fuzz_options());
    sb_buf_free(&bundle);
    free(tar);
    return 0;
}
