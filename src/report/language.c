#include "report/language.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/catalogues.h"

/* A narrow space that does not break would be better typography, but many fonts lack it. */
#define NO_BREAK_SPACE "\xc2\xa0"

static const struct {
    const char *name, *point, *thousands;
    const uint8_t *const bytes;
    const size_t *size;
} languages[] = {
    {"en", ".", ",", NULL, NULL},
    {"es", ",", NO_BREAK_SPACE, sb_catalogue_es, &sb_catalogue_es_size},
};

bool sb_language_open(struct sb_language *out, const char *name)
{
    *out = (struct sb_language){0};
    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
        if (strcmp(name != NULL ? name : "en", languages[i].name) != 0)
            continue;
        memcpy(out->name, languages[i].name, sizeof(out->name));
        out->point = languages[i].point;
        out->thousands = languages[i].thousands;
        return languages[i].bytes == NULL ||
               sb_catalogue_parse(&out->texts, languages[i].bytes, *languages[i].size);
    }
    return false;
}

const char *sb_tr(const struct sb_language *language, const char *text)
{
    return sb_catalogue_find(&language->texts, text);
}

const char *sb_trn(const struct sb_language *language, const char *one, const char *many,
                   uint64_t n)
{
    return sb_catalogue_plural(&language->texts, one, many, n);
}

char *sb_language_number(char out[SB_NUMBER_TEXT], const struct sb_language *language, uint64_t n)
{
    char digits[20];
    size_t count = sb_decimal_format(digits, n), used = 0;
    size_t mark = strlen(language->thousands);
    for (size_t i = 0; i < count; i++) {
        /* Four digits are read without a mark. */
        if (i > 0 && count > 4 && (count - i) % 3 == 0) {
            memcpy(out + used, language->thousands, mark);
            used += mark;
        }
        out[used++] = digits[i];
    }
    out[used] = 0;
    return out;
}

char *sb_language_size(char out[SB_NUMBER_TEXT], const struct sb_language *language, uint64_t bytes)
{
    char text[SB_SIZE_TEXT];
    if (bytes < 1000) {
        snprintf(out, SB_NUMBER_TEXT, sb_trn(language, "%u byte", "%u bytes", bytes),
                 (unsigned)bytes);
        return out;
    }
    sb_text_size(text, bytes);
    char *point = strchr(text, '.');
    char *space = strchr(text, ' ');
    if (point == NULL || space == NULL) {
        snprintf(out, SB_NUMBER_TEXT, "%s", text);
        return out;
    }
    *point = *space = 0;
    snprintf(out, SB_NUMBER_TEXT, "%s%s%s" NO_BREAK_SPACE "%s", text, language->point, point + 1,
             space + 1);
    return out;
}

/* The number that these digits are, which may begin with zeros. */
static int digits(const char *text, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++)
        value = 10 * value + (text[i] - '0');
    return value;
}

char *sb_language_date(char out[SB_DATE_TEXT], const struct sb_language *language, const char *time)
{
    static const char *const months[] = {
        SB_N("January"),   SB_N("February"), SB_N("March"),    SB_N("April"),
        SB_N("May"),       SB_N("June"),     SB_N("July"),     SB_N("August"),
        SB_N("September"), SB_N("October"),  SB_N("November"), SB_N("December"),
    };
    int64_t seconds;
    snprintf(out, SB_DATE_TEXT, "%s", time);
    if (!sb_time_parse(&seconds, time, strlen(time), true))
        return out;
    int month = digits(time + 5, 2);
    /* TRANSLATORS: day, month, year, time of day */
    snprintf(out, SB_DATE_TEXT, sb_tr(language, "%d %s %d, %.8s UTC"), digits(time + 8, 2),
             sb_tr(language, months[month - 1]), digits(time, 4), time + 11);
    return out;
}
