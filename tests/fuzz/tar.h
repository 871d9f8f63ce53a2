/* Tars, for the targets that are given one. */
#ifndef SB_TESTS_FUZZ_TAR_H
#define SB_TESTS_FUZZ_TAR_H

#include "base/buf.h"
#include "container/codec.h"

/* Makes right, in place, what nearly every mutation breaks: the checksums of headers and the
 * lengths of pax records. So what lies behind these checks is reached, too. */
void fuzz_mend_tar(uint8_t *tar, size_t len);

/* Where the first header of seal/index.tsv stands, in the last entry of that name;
 * SB_NO_POINTER when there is none. */
uint64_t fuzz_find_index(const uint8_t *tar, size_t len);

/* Appends a file, with a pax header only where one is needed. */
void fuzz_put_entry(struct sb_buf *tar, const char *path, const void *bytes, size_t len);
/* Appends the end of the tar. */
void fuzz_end_tar(struct sb_buf *tar);

/* The tar as a sealbag file. */
void fuzz_pack(struct sb_buf *out, const struct sb_codec *codec, const uint8_t *tar, size_t len,
               uint64_t pointer);
/* The tar as one gzip member of another program, which is not the least compressed. */
void fuzz_pack_foreign(struct sb_buf *out, const uint8_t *tar, size_t len);

#endif
