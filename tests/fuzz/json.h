/* Whether a text is JSON (RFC 8259). */
#ifndef SB_TESTS_FUZZ_JSON_H
#define SB_TESTS_FUZZ_JSON_H

#include <stdbool.h>
#include <stddef.h>

bool fuzz_json_valid(const char *text, size_t len);

#endif
