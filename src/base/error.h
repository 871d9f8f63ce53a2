/* Filling a caller's struct sb_error: one sentence, a rule name, a code of the one table. */
#ifndef SB_BASE_ERROR_H
#define SB_BASE_ERROR_H

#include <sealbag/sealbag.h>

#define SB_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))

/* Sets code, the code's own rule and the sentence; returns code, so that callers can return the
 * call. Strings from outside must be escaped before they are formatted in. */
int sb_error_set(struct sb_error *error, int code, const char *format, ...) SB_PRINTF(3, 4);

/* The same with a rule name of its own (static string). */
int sb_error_rule(struct sb_error *error, int code, const char *rule, const char *format, ...)
    SB_PRINTF(4, 5);

/* Adds another sentence, as far as it fits. */
void sb_error_add(struct sb_error *error, const char *format, ...) SB_PRINTF(2, 3);

/* "Cannot <verb> <path>: <reason>. <advice>" for an errno value; the path is escaped here. The code
 * follows from errno (ENOENT: NOT_FOUND, EEXIST: EXISTS, ENOMEM: MEMORY, else IO). */
int sb_error_errno(struct sb_error *error, int errnum, const char *verb, const char *path);

int sb_error_memory(struct sb_error *error);

/* The rule name of a code of the table. */
const char *sb_error_rule_of(int code);

#endif
