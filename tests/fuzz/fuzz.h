/* What the fuzz targets share. A target is one function that is given bytes; what must always hold
 * is demanded with REQUIRE, which ends the process as a crash would. */
#ifndef SB_TESTS_FUZZ_FUZZ_H
#define SB_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/rule.h"

/* Called by libFuzzer, or by standalone_main.c. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

_Noreturn void fuzz_fail(const char *what, const char *file, int line);
#define REQUIRE(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A seekable descriptor of these bytes, at their beginning. It is the caller's until the next call
 * with the same slot, and is closed by nobody. */
enum { FUZZ_SLOTS = 3 };
int fuzz_fd(unsigned slot, const void *bytes, size_t len);

/* The reading end of a pipe that holds these bytes, at most FUZZ_PIPE_MAX; the caller closes it. */
enum { FUZZ_PIPE_MAX = 64 << 10 };
int fuzz_pipe(const void *bytes, size_t len);

/* So many jobs, one or three; made once. */
struct sb_pool *fuzz_pool(unsigned jobs);

/* UTF-8 without hidden characters: what may be shown on a terminal. */
bool fuzz_harmless(const char *text, size_t len);

/* An error that came with this code: its code, rule and sentence are as they must be. */
void fuzz_check_error(const struct sb_error *error, int code);
/* So are all findings, and the exit code is the worst of theirs. */
void fuzz_check_findings(const struct sb_findings *findings);

void fuzz_append(struct sb_buf *out, const void *bytes, size_t len);

/* Whether the text occurs in the bytes. */
bool fuzz_contains(const uint8_t *bytes, size_t len, const void *text, size_t text_len);

/* The same each time: for choices that an input must not change by chance. */
uint32_t fuzz_hash(const uint8_t *bytes, size_t len);

#endif
