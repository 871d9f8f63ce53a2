#include "record/csv.h"

#include <string.h>

/* That of a NUL ends a loop over a text. */
static const uint8_t kind[256] = {
    [0] = SB_CSV_SPECIAL,
    ['"'] = SB_CSV_SPECIAL,
    [','] = SB_CSV_SPECIAL,
    ['\r'] = SB_CSV_SPECIAL | SB_CSV_ENCODED,
    ['\n'] = SB_CSV_SPECIAL | SB_CSV_ENCODED,
    ['%'] = SB_CSV_ENCODED,
    ['@'] = SB_CSV_ADDRESS,
    ['/'] = SB_CSV_ADDRESS,
    ['\\'] = SB_CSV_ADDRESS,
};

unsigned sb_csv_kinds(const char *text, size_t len)
{
    unsigned kinds = 0;
    for (size_t i = 0; i < len; i++)
        kinds |= kind[(uint8_t)text[i]];
    return kinds;
}

void sb_csv_open(struct sb_csv *csv, char *text, size_t len)
{
    text[len] = 0;
    *csv = (struct sb_csv){.at = text, .end = text + len, .line = 1};
}

bool sb_csv_more(const struct sb_csv *csv)
{
    return csv->at < csv->end;
}

static bool ends_cell(char c)
{
    return c == ',' || c == '\r' || c == '\n';
}

/* Takes what stands behind a cell, which a NUL then takes the place of. */
static const char *take_end(struct sb_csv *csv, struct sb_csv_cell *cell)
{
    char *at = csv->at;
    size_t left = (size_t)(csv->end - at);
    cell->after = left > 0 && *at == ',' ? SB_CSV_CELL : SB_CSV_ROW;
    if (left > 0 && *at == '\r' && (left < 2 || at[1] != '\n')) {
        cell->line = csv->line;
        return "has a carriage return that is not part of a line end";
    }
    if (left > 0)
        csv->at += *at == '\r' ? 2 : 1;
    csv->line += cell->after == SB_CSV_ROW;
    *at = 0;
    return NULL;
}

/* From the opening mark on. Doubled marks become one, and what follows moves up. */
static const char *take_quoted(struct sb_csv *csv, struct sb_csv_cell *cell)
{
    char *from = csv->at + 1, *to = from;
    cell->text = from;
    for (;;) {
        char *mark = memchr(from, '"', (size_t)(csv->end - from));
        if (mark == NULL)
            return "opens a quotation mark that is never closed";
        size_t len = (size_t)(mark - from);
        for (const char *c = from; (c = memchr(c, '\n', (size_t)(mark - c))) != NULL; c++)
            csv->line++;
        memmove(to, from, len);
        to += len;
        from = mark + 1;
        if (from == csv->end || *from != '"')
            break;
        *to++ = '"';
        from++;
    }
    csv->at = from;
    if (from < csv->end && !ends_cell(*from)) {
        cell->line = csv->line;
        return *from == ';' || *from == '\t'
                   ? "has a semicolon or a tab between its cells. " SB_CSV_SAVE_WITH_COMMAS
                   : "has text behind a closing quotation mark";
    }
    cell->len = (size_t)(to - cell->text);
    cell->kinds = sb_csv_kinds(cell->text, cell->len);
    const char *why = take_end(csv, cell);
    *to = 0;
    return why;
}

const char *sb_csv_next(struct sb_csv *csv, struct sb_csv_cell *cell)
{
    *cell = (struct sb_csv_cell){.text = csv->at, .line = csv->line};
    if (csv->at < csv->end && *csv->at == '"')
        return take_quoted(csv, cell);
    unsigned kinds = 0;
    char *at = csv->at;
    while ((kind[(uint8_t)*at] & SB_CSV_SPECIAL) == 0)
        kinds |= kind[(uint8_t)*at++];
    csv->at = at;
    cell->kinds = kinds;
    if (*at == '"')
        return "has a quotation mark in the middle of a cell. A cell that holds one is put in "
               "quotation marks, and the one in it is doubled";
    cell->len = (size_t)(csv->at - cell->text);
    return take_end(csv, cell);
}

char *sb_csv_put(char *to, const char *text, size_t len, unsigned kinds)
{
    if ((kinds & SB_CSV_SPECIAL) == 0)
        return (char *)memcpy(to, text, len) + len;
    *to++ = '"';
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            *to++ = '"';
        *to++ = text[i];
    }
    *to++ = '"';
    return to;
}

int sb_csv_append(struct sb_buf *out, const char *cell)
{
    size_t len = strlen(cell);
    if (len > SIZE_MAX / 4 || sb_buf_reserve(out, 2 * len + 2) < 0)
        return SEALBAG_ERR_MEMORY;
    char *end = sb_csv_put((char *)out->data + out->len, cell, len, sb_csv_kinds(cell, len));
    *end = 0;
    out->len = (size_t)(end - (char *)out->data);
    return 0;
}
