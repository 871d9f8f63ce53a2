/* Of many cases of one kind, a sanitizer or valgrind takes some when it is asked to be quick, as CI
 * does: for them each takes many times as long. The plain builds always take all. */
#ifndef SB_TESTS_UNIT_FEW_H
#define SB_TESTS_UNIT_FEW_H

#include <stddef.h>
#include <stdlib.h>

/* gcc's way to say so, and clang's */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SB_TESTS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SB_TESTS_SANITIZED 1
#endif
#endif
#ifndef SB_TESTS_SANITIZED
#define SB_TESTS_SANITIZED 0
#endif

/* The step of a loop over such cases: 1 for all, else `n`. One that has no divisor in common with 8
 * comes to each bit of a byte. */
static inline size_t one_in(size_t n)
{
#if SB_TESTS_SANITIZED
    if (getenv("SEALBAG_TEST_SAMPLES") != NULL)
        return n;
#endif
    return getenv("SEALBAG_TEST_FAST") != NULL ? n : 1;
}

#endif
