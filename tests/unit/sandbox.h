/* Valgrind, which unit tests run under when they are to be fast, cannot live in the sandbox. */
#ifndef SB_TESTS_UNIT_SANDBOX_H
#define SB_TESTS_UNIT_SANDBOX_H

#include <stdbool.h>
#include <stdlib.h>

static inline bool without_sandbox(void)
{
    return getenv("SEALBAG_TEST_FAST") != NULL;
}

#endif
