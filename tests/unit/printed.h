/* What is printed, for tests of renderings. Through a file, since with a sanitizer open_memstream
 * copies everything each time that it grows. */
#ifndef SB_TESTS_UNIT_PRINTED_H
#define SB_TESTS_UNIT_PRINTED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file to print into; */
static inline FILE *printing(void)
{
    FILE *to = tmpfile();
    assert_non_null(to);
    return to;
}

/* and what was printed, which the caller frees. There is no NUL in it. */
static inline char *printed(FILE *to)
{
    long len = ftell(to);
    assert_true(len >= 0);
    char *text = malloc((size_t)len + 1);
    assert_non_null(text);
    rewind(to);
    assert_int_equal(fread(text, 1, (size_t)len, to), len);
    text[len] = 0;
    assert_int_equal(strlen(text), len);
    assert_int_equal(fclose(to), 0);
    return text;
}

#endif
