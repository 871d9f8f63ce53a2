/* Compressed files, for the targets that are given one. */
#ifndef SB_TESTS_FUZZ_CONTAINER_H
#define SB_TESTS_FUZZ_CONTAINER_H

#include <stdbool.h>

#include "base/buf.h"

/* More than this is not taken out of any input. */
enum { FUZZ_DATA_MAX = 6 << 20 };

struct fuzz_unpacked {
    struct sb_buf data; /* the caller's */
    bool cut;           /* there was more of it */
    int r;              /* 0, or the code that ended it */
    struct sb_error error;
    bool could_point;
    uint64_t pointer;
};

/* Everything through an sb_unpacker, with what must hold for all files. */
void fuzz_unpack(struct fuzz_unpacked *out, const uint8_t *bytes, size_t len, bool salvage);

/* With several threads the same comes out. */
void fuzz_unpack_parallel(const struct fuzz_unpacked *same, const uint8_t *bytes, size_t len);

/* Whether the first frame of sealbag's own stands where a bundle's second would. */
bool fuzz_loses_its_header(const uint8_t *bytes, size_t len);

/* Append the file with checksums and lengths that are right, as far as its data can be
 * decompressed. So what lies behind these checks is reached, too. */
void fuzz_mend_gz(struct sb_buf *out, const uint8_t *bytes, size_t len);
void fuzz_mend_zst(struct sb_buf *out, const uint8_t *bytes, size_t len);

/* The whole file decompressed by zlib or libzstd alone: false when they refuse it, or when it is
 * more than FUZZ_DATA_MAX. */
bool fuzz_plain_gz(struct sb_buf *out, const uint8_t *bytes, size_t len);
bool fuzz_plain_zst(struct sb_buf *out, const uint8_t *bytes, size_t len);

#endif
