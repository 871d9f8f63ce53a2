#include "record/csv.h"

#include <string.h>

/* Cells are ended where they stand, so the text is written to.
 * NOLINTNEXTLINE(readability-non-const-parameter) */
void sb_csv_open(struct sb_csv *csv, char *text, size_t len)
{
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
        return "has text behind a closing quotation mark";
    }
    cell->len = (size_t)(to - cell->text);
    const char *why = take_end(csv, cell);
    *to = 0;
    return why;
}

const char *sb_csv_next(struct sb_csv *csv, struct sb_csv_cell *cell)
{
    *cell = (struct sb_csv_cell){.text = csv->at, .line = csv->line};
    if (csv->at < csv->end && *csv->at == '"')
        return take_quoted(csv, cell);
    while (csv->at < csv->end && !ends_cell(*csv->at) && *csv->at != '"')
        csv->at++;
    if (csv->at < csv->end && *csv->at == '"')
        return "has a quotation mark in the middle of a cell. A cell that holds one is put in "
               "quotation marks, and the one in it is doubled";
    cell->len = (size_t)(csv->at - cell->text);
    return take_end(csv, cell);
}

/* What a cell is put in quotation marks for, and its end. */
static const bool special[256] = {
    [0] = true, ['"'] = true, [','] = true, ['\r'] = true, ['\n'] = true};

/* Most cells are short and plain, and there are millions of them. */
int sb_csv_append(struct sb_buf *out, const char *cell)
{
    size_t plain = 0, len, marks = 0;
    while (!special[(uint8_t)cell[plain]])
        plain++;
    if (cell[plain] == 0)
        return sb_buf_append(out, cell, plain);
    for (len = plain; cell[len] != 0; len++)
        marks += cell[len] == '"';
    if (sb_buf_reserve(out, len + marks + 2) < 0)
        return SEALBAG_ERR_MEMORY;
    char *to = (char *)out->data + out->len;
    *to++ = '"';
    for (size_t i = 0; i < len; i++) {
        if (cell[i] == '"')
            *to++ = '"';
        *to++ = cell[i];
    }
    *to++ = '"';
    *to = 0;
    out->len = (size_t)(to - (char *)out->data);
    return 0;
}
