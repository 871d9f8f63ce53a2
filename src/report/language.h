/* The languages that a report can be written in. */
#ifndef SB_REPORT_LANGUAGE_H
#define SB_REPORT_LANGUAGE_H

#include "report/catalogue.h"

struct sb_language {
    char name[3];              /* as in HTML: "es" */
    const char *point;         /* decimal */
    const char *thousands;     /* between groups of three digits */
    struct sb_catalogue texts; /* empty for English, which is what stands in the code */
};

/* False when there is none of this name. NULL means English. */
bool sb_language_open(struct sb_language *out, const char *name);

/* What a text of ours is in this language. The texts of the calls are what po/update.sh collects.
 */
const char *sb_tr(const struct sb_language *language, const char *text)
    __attribute__((format_arg(2)));
/* One of two, by number. */
const char *sb_trn(const struct sb_language *language, const char *one, const char *many,
                   uint64_t n) __attribute__((format_arg(2), format_arg(3)));
/* Marks a text of a table, which is translated where it is used. */
#define SB_N(text) text

enum { SB_NUMBER_TEXT = 48, SB_DATE_TEXT = 128 };

/* 1234567 as people of this language write it. Returns out. */
char *sb_language_number(char out[SB_NUMBER_TEXT], const struct sb_language *language, uint64_t n);
/* A number of bytes: "3.4 MB". Returns out. */
char *sb_language_size(char out[SB_NUMBER_TEXT], const struct sb_language *language,
                       uint64_t bytes);
/* "25 November 2026, 14:01:48 UTC" for "2026-11-25T14:01:48Z"; another text as it is. */
char *sb_language_date(char out[SB_DATE_TEXT], const struct sb_language *language,
                       const char *time);

#endif
