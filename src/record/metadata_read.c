/* metadata.csv: from bytes to a table. */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "record/csv.h"
#include "record/metadata.h"

static const char first_column[] = "filename";
static const char mark[] = "\xef\xbb\xbf"; /* U+FEFF, the byte order mark */

enum { MARK = sizeof(mark) - 1, SHOWN = 300 };

struct parse {
    struct sb_metadata *table;
    struct sb_metadata_faults *faults;
    bool of_bag; /* nothing but the normal form is wanted, and the first fault is enough */
    struct sb_csv csv;
    /* The row that is being read, without its first cell. */
    struct sb_metadata_value *cells;
    size_t count, cap;
};

static size_t line_at(const char *text, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

/* What spreadsheet programs call UTF-8 when they save a table. */
#define SAVE_AS                                                                                    \
    "Save it as UTF-8: in Excel as \"CSV UTF-8\", in LibreOffice as \"Text CSV\" with the "        \
    "character set \"Unicode (UTF-8)\"."

/* What can be told of the text before it is taken apart. */
static bool is_text(struct sb_metadata_faults *faults, const char *text, size_t len)
{
    const char *nul = memchr(text, 0, len);
    if (len >= 4 && (memcmp(text, "PK\3\4", 4) == 0 || memcmp(text, "\xd0\xcf\x11\xe0", 4) == 0)) {
        sb_metadata_fault(faults, 0, "is a spreadsheet, such as .xlsx, .xls or .ods. " SAVE_AS);
        return false;
    }
    if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        sb_metadata_fault(faults, 0, "is UTF-16. " SAVE_AS);
        return false;
    }
    if (nul != NULL) {
        sb_metadata_fault(faults, line_at(text, (size_t)(nul - text)),
                          "has a NUL byte, which no text has. Is it a CSV file?");
        return false;
    }
    if (sb_utf8_valid(text, len))
        return true;
    size_t at = 0;
    uint32_t code;
    for (size_t n; at < len && (n = sb_utf8_decode(&code, text + at, len - at)) > 0;)
        at += n;
    sb_metadata_fault(faults, line_at(text, at), "is not UTF-8. " SAVE_AS);
    return false;
}

/* The next row. *first is its first cell. 1; 0: it is malformed, and nothing more can be read. */
static int next_row(struct parse *parse, struct sb_csv_cell *first)
{
    struct sb_csv_cell cell;
    const char *why = sb_csv_next(&parse->csv, first);
    size_t line = first->line;
    enum sb_csv_after after = first->after;
    parse->count = 0;
    while (why == NULL && after == SB_CSV_CELL) {
        if (parse->count == SB_METADATA_COLUMNS_MAX) {
            sb_metadata_fault(parse->faults, line, "has more than %d cells.",
                              SB_METADATA_COLUMNS_MAX);
            return 0;
        }
        why = sb_csv_next(&parse->csv, &cell);
        line = cell.line;
        after = cell.after;
        struct sb_metadata_value *cells =
            sb_array_grow(parse->cells, &parse->cap, parse->count, sizeof(*cells));
        if (cells == NULL)
            return SEALBAG_ERR_MEMORY;
        parse->cells = cells;
        cells[parse->count++] = (struct sb_metadata_value){
            (uint32_t)(cell.text - (const char *)parse->table->text.data),
            (uint32_t)cell.len & SB_METADATA_TEXT_MAX, cell.kinds & 7};
    }
    if (why != NULL)
        sb_metadata_fault(parse->faults, line, "%s.", why);
    return why == NULL;
}

static int take_header(struct parse *parse)
{
    struct sb_metadata *table = parse->table;
    struct sb_csv_cell first;
    char shown[SHOWN];
    int r = next_row(parse, &first);
    if (r <= 0)
        return r;
    if (strcmp(first.text, first_column) != 0) {
        size_t len = strlen(first_column);
        bool other = strncmp(first.text, first_column, len) == 0 &&
                     (first.text[len] == ';' || first.text[len] == '\t');
        if (other)
            sb_metadata_fault(parse->faults, first.line,
                              "has %s between its cells. " SB_CSV_SAVE_WITH_COMMAS ".",
                              first.text[len] == ';' ? "semicolons" : "tabs");
        else
            sb_metadata_fault(parse->faults, first.line,
                              "names the first column \"%s\". It must be called \"%s\", in small "
                              "letters and without spaces, and hold the path of a document.",
                              sealbag_text_escape(shown, sizeof(shown), first.text), first_column);
        return 0;
    }
    for (size_t i = 0; i < parse->count; i++) {
        const char *name = (const char *)table->text.data + parse->cells[i].at;
        if (strcmp(name, first_column) == 0) {
            sb_metadata_fault(parse->faults, first.line, "names two columns \"%s\".", first_column);
            return 0;
        }
        if (parse->of_bag && name[0] == 0) {
            sb_metadata_fault(parse->faults, first.line, "has a column without a name.");
            return 0;
        }
        if (sb_metadata_take_column(table, name) < 0)
            return SEALBAG_ERR_MEMORY;
    }
    return 1;
}

/* No more rows than lines, and each cell takes a comma. A hostile table must not take more memory
 * for its cells than it must. */
static int reserve(struct parse *parse)
{
    struct sb_metadata *table = parse->table;
    const char *at = (const char *)table->text.data, *end = at + table->text.len;
    size_t lines = 1, columns = table->column_count;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        lines++;
        at++;
    }
    if (columns > 0 && lines > table->text.len / columns)
        lines = table->text.len / columns;
    int r = sb_metadata_reserve(table, columns > 0 ? lines : 0);
    if (r == 0 && !parse->of_bag)
        sb_memory_expect(table->cells, table->cell_rows * table->stride * sizeof(*table->cells));
    return r;
}

static int take_row(struct parse *parse)
{
    struct sb_metadata *table = parse->table;
    struct sb_csv_cell first;
    int r = next_row(parse, &first);
    if (r <= 0)
        return r;
    bool empty = first.len == 0;
    for (size_t i = 0; empty && i < parse->count; i++)
        empty = parse->cells[i].len == 0;
    if (empty)
        return 1;
    if (parse->count != table->column_count) {
        sb_metadata_fault(parse->faults, first.line, "has %zu %s, but there are %zu columns.",
                          parse->count + 1, parse->count > 0 ? "cells" : "cell",
                          table->column_count + 1);
        return 1;
    }
    if (first.len == 0) {
        sb_metadata_fault(parse->faults, first.line,
                          "does not say which document it is about: the first cell is empty.");
        return 1;
    }
    if (parse->of_bag && strncmp(first.text, "data/", 5) != 0) {
        sb_metadata_fault(parse->faults, first.line, "is not about a path of the bag.");
        return 1;
    }
    if (sb_metadata_take_row(table, first.text, first.line, parse->cells) < 0)
        return SEALBAG_ERR_MEMORY;
    return 1;
}

/* Spreadsheets leave columns behind that nobody sees. What has values must have a name. */
static void drop_nameless(struct sb_metadata *table, struct sb_metadata_faults *faults)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        bool drop = table->columns[i][0] == 0;
        for (size_t row = 0; drop && row < table->row_count; row++) {
            if (sb_metadata_cell(table, row, i) == NULL)
                continue;
            sb_metadata_fault(faults, table->rows[row].line,
                              "has a value in column %zu, which has no name.", i + 2);
            drop = false;
        }
        if (drop)
            continue;
        for (size_t row = 0; kept < i && row < table->row_count; row++)
            table->cells[row * table->stride + kept] = table->cells[row * table->stride + i];
        table->columns[kept++] = table->columns[i];
    }
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = kept; i < table->column_count; i++)
            table->cells[row * table->stride + i] = (struct sb_metadata_value){0};
    }
    table->column_count = kept;
}

/* What is in its text. */
static int parse_table(struct sb_metadata *out, struct sb_metadata_faults *faults, bool of_bag)
{
    struct parse parse = {.table = out, .faults = faults, .of_bag = of_bag};
    char *text = (char *)out->text.data;
    size_t len = out->text.len;
    int r = len <= SB_METADATA_TEXT_MAX ? 1 : SEALBAG_ERR_MEMORY;
    if (len >= MARK && memcmp(text, mark, MARK) == 0) {
        text += MARK;
        len -= MARK;
    }
    if (len == 0)
        sb_metadata_fault(faults, 0, "is empty.");
    if (r > 0 && (len == 0 || !is_text(faults, text, len)))
        r = 0;
    if (r > 0) {
        sb_csv_open(&parse.csv, text, len);
        r = take_header(&parse);
    }
    if (r > 0 && reserve(&parse) < 0)
        r = SEALBAG_ERR_MEMORY;
    while (r > 0 && sb_csv_more(&parse.csv) && !(of_bag && faults->count > 0))
        r = take_row(&parse);
    if (r > 0 && !of_bag)
        drop_nameless(out, faults);
    free(parse.cells);
    if (r < 0 || faults->overflow) {
        sb_metadata_free(out);
        return SEALBAG_ERR_MEMORY;
    }
    return 0;
}

int sb_metadata_take(struct sb_metadata *out, struct sb_metadata_faults *faults,
                     struct sb_buf *text)
{
    *out = (struct sb_metadata){.text = *text};
    *text = (struct sb_buf){0};
    return parse_table(out, faults, false);
}

int sb_metadata_parse(struct sb_metadata *out, struct sb_metadata_faults *faults, const void *bytes,
                      size_t len)
{
    *out = (struct sb_metadata){0};
    return sb_buf_append(&out->text, bytes, len) < 0 ? SEALBAG_ERR_MEMORY
                                                     : parse_table(out, faults, false);
}

/* ---- the normal form --------------------------------------------------------------------- */

static bool has_bag_paths(const struct sb_metadata *table)
{
    for (size_t i = 0; i < table->by_path_count; i++) {
        const char *path = table->by_path[i].path;
        if (sb_path_unsafe(path, strlen(path) - sb_metadata_is_folder(path)) != NULL ||
            (i > 0 && strcmp(path, table->by_path[i - 1].path) == 0))
            return false;
    }
    return true;
}

static bool is_same(const struct sb_buf *written, const void *bytes, size_t len)
{
    return written->len == len && memcmp(written->data, bytes, len) == 0;
}

int sb_metadata_read(struct sb_metadata *out, const void *bytes, size_t len)
{
    struct sb_metadata_faults faults = {0};
    struct sb_buf again = {0};
    *out = (struct sb_metadata){0};
    int r = sb_buf_append(&out->text, bytes, len) < 0 ? SEALBAG_ERR_MEMORY
                                                      : parse_table(out, &faults, true);
    if (r == 0)
        r = faults.count == 0;
    if (r == 1 && sb_metadata_format(&again, out) < 0)
        r = SEALBAG_ERR_MEMORY;
    if (r == 1)
        r = is_same(&again, bytes, len);
    sb_buf_free(&again);
    if (r == 1 && sb_metadata_sort(out) < 0)
        r = SEALBAG_ERR_MEMORY;
    if (r == 1)
        r = has_bag_paths(out);
    sb_metadata_faults_free(&faults);
    if (r != 1)
        sb_metadata_free(out);
    return r;
}

size_t sb_metadata_count(const void *bytes, size_t len)
{
    const char *text = bytes;
    size_t count = 0;
    bool quoted = false, empty = true, first = true; /* a cell, of the first column */
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (quoted || (c != ',' && c != '\r' && c != '\n')) {
            quoted ^= c == '"'; /* a doubled mark ends it and begins it again */
            empty = false;
            continue;
        }
        count += !empty && !first;
        empty = true;
        first = c == '\n';
    }
    return count + (!empty && !first);
}
