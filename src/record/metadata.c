#include "record/metadata.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "record/csv.h"

static const char first_column[] = "filename";

void sb_metadata_free(struct sb_metadata *table)
{
    free(table->columns);
    free(table->rows);
    free(table->cells);
    free(table->by_path);
    free(table->digests);
    sb_buf_free(&table->text);
    sb_buf_free(&table->added);
    sb_arena_free(&table->strings);
    *table = (struct sb_metadata){0};
}

/* ---- faults ------------------------------------------------------------------------------ */

void sb_metadata_fault(struct sb_metadata_faults *faults, size_t line, const char *format, ...)
{
    enum { SENTENCE_MAX = 10000 }; /* a path can be 4,000 bytes long, and be escaped */
    char sentence[SENTENCE_MAX];
    if (faults->count == SB_METADATA_FAULTS_MAX) {
        faults->omitted++;
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    struct sb_metadata_fault *items =
        sb_array_grow(faults->items, &faults->cap, faults->count, sizeof(*items));
    if (items != NULL)
        faults->items = items;
    const char *copy = sb_arena_copy(&faults->strings, sentence, strlen(sentence));
    if (items == NULL || copy == NULL)
        faults->overflow = true;
    else
        items[faults->count++] = (struct sb_metadata_fault){line, copy};
}

void sb_metadata_faults_free(struct sb_metadata_faults *faults)
{
    free(faults->items);
    sb_arena_free(&faults->strings);
    *faults = (struct sb_metadata_faults){0};
}

/* ---- the table --------------------------------------------------------------------------- */

/* Room for so many cells, with what is there kept and the rest empty. */
static int reserve_cells(struct sb_metadata *table, size_t rows, size_t stride)
{
    if (rows <= table->cell_rows && stride <= table->stride)
        return 0;
    if (rows > table->cell_rows && table->cell_rows > 0) /* by half: they come one by one */
        rows += table->cell_rows / 2 + 16;
    else if (rows > table->cell_rows)
        rows += 1;
    else
        rows = table->cell_rows;
    stride = stride > table->stride ? stride : table->stride;
    if (stride > 0 && rows > SIZE_MAX / sizeof(*table->cells) / stride)
        return SEALBAG_ERR_MEMORY;
    struct sb_metadata_value *cells = calloc(rows * stride + 1, sizeof(*cells));
    if (cells == NULL)
        return SEALBAG_ERR_MEMORY;
    for (size_t row = 0; row < table->row_count && table->stride > 0; row++)
        memcpy(cells + row * stride, table->cells + row * table->stride,
               table->stride * sizeof(*cells));
    free(table->cells);
    table->cells = cells;
    table->cell_rows = rows;
    table->stride = stride;
    return 0;
}

int sb_metadata_take_column(struct sb_metadata *table, const char *name)
{
    const char **columns =
        sb_array_grow(table->columns, &table->column_cap, table->column_count, sizeof(*columns));
    if (columns == NULL)
        return SEALBAG_ERR_MEMORY;
    table->columns = columns;
    table->columns[table->column_count++] = name;
    return 0;
}

static int add_row(struct sb_metadata *table, const char *path, size_t line)
{
    if (reserve_cells(table, table->row_count + 1, table->column_count) < 0)
        return SEALBAG_ERR_MEMORY;
    struct sb_metadata_row *rows =
        sb_array_grow(table->rows, &table->row_cap, table->row_count, sizeof(*rows));
    if (rows == NULL)
        return SEALBAG_ERR_MEMORY;
    table->rows = rows;
    table->rows[table->row_count++] = (struct sb_metadata_row){path, line};
    return 0;
}

int sb_metadata_take_row(struct sb_metadata *table, const char *path, size_t line,
                         const struct sb_metadata_value *cells)
{
    if (add_row(table, path, line) < 0)
        return SEALBAG_ERR_MEMORY;
    /* What is not written to need not take memory. */
    struct sb_metadata_value *row = table->cells + (table->row_count - 1) * table->stride;
    for (size_t i = 0; i < table->column_count; i++) {
        if (cells[i].len > 0)
            row[i] = cells[i];
    }
    return 0;
}

int sb_metadata_reserve(struct sb_metadata *table, size_t rows)
{
    return reserve_cells(table, rows, table->column_count);
}

int sb_metadata_add_column(struct sb_metadata *table, const char *name)
{
    /* Those that are there may have more room than they need. */
    if (table->column_count == table->stride && table->row_count > 0 &&
        reserve_cells(table, table->row_count, table->stride + 1) < 0)
        return SEALBAG_ERR_MEMORY;
    const char *copy = sb_arena_copy(&table->strings, name, strlen(name));
    return copy != NULL ? sb_metadata_take_column(table, copy) : SEALBAG_ERR_MEMORY;
}

int sb_metadata_add_row(struct sb_metadata *table, const char *path)
{
    const char *copy = sb_arena_copy(&table->strings, path, strlen(path));
    return copy != NULL ? add_row(table, copy, 0) : SEALBAG_ERR_MEMORY;
}

int sb_metadata_set_path(struct sb_metadata *table, size_t row, const char *path)
{
    const char *copy = sb_arena_copy(&table->strings, path, strlen(path));
    if (copy == NULL)
        return SEALBAG_ERR_MEMORY;
    table->rows[row].path = copy;
    table->by_path_count = 0;
    return 0;
}

int sb_metadata_set(struct sb_metadata *table, size_t row, size_t column, const char *value)
{
    struct sb_metadata_value *cell = &table->cells[row * table->stride + column];
    size_t len = value != NULL ? strlen(value) : 0, at = table->text.len + table->added.len;
    if (len == 0) {
        *cell = (struct sb_metadata_value){0};
        return 0;
    }
    if (len > SB_METADATA_TEXT_MAX || at > SB_METADATA_TEXT_MAX ||
        sb_buf_append(&table->added, value, len + 1) < 0)
        return SEALBAG_ERR_MEMORY;
    *cell = (struct sb_metadata_value){(uint32_t)at, (uint32_t)len & SB_METADATA_TEXT_MAX,
                                       sb_csv_kinds(value, len) & 7};
    return 0;
}

size_t sb_metadata_column(const struct sb_metadata *table, const char *name, size_t from)
{
    for (size_t i = from; i < table->column_count; i++) {
        if (strcmp(table->columns[i], name) == 0)
            return i;
    }
    return SIZE_MAX;
}

bool sb_metadata_is_folder(const char *path)
{
    size_t len = strlen(path);
    return len > 0 && path[len - 1] == '/';
}

size_t sb_metadata_documents(const struct sb_metadata *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->row_count; i++)
        count += !sb_metadata_is_folder(table->rows[i].path);
    return count;
}

/* ---- finding rows ------------------------------------------------------------------------ */

static int compare_places(const void *a, const void *b)
{
    const struct sb_metadata_place *left = a, *right = b;
    int order = sb_path_compare(left->path, right->path);
    return order != 0 ? order : (left->row > right->row) - (left->row < right->row);
}

int sb_metadata_sort(struct sb_metadata *table)
{
    struct sb_metadata_place *places = calloc(table->row_count + 1, sizeof(*places));
    if (places == NULL)
        return SEALBAG_ERR_MEMORY;
    bool sorted = true; /* most people's are */
    for (size_t i = 0; i < table->row_count; i++) {
        places[i] = (struct sb_metadata_place){table->rows[i].path, i};
        sorted &= i == 0 || compare_places(&places[i - 1], &places[i]) < 0;
    }
    if (!sorted)
        qsort(places, table->row_count, sizeof(*places), compare_places);
    free(table->by_path);
    table->by_path = places;
    table->by_path_count = table->row_count;
    return 0;
}

size_t sb_metadata_place(const struct sb_metadata *table, const char *path)
{
    size_t low = 0, high = table->by_path_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sb_path_compare(table->by_path[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t sb_metadata_find(const struct sb_metadata *table, const char *path)
{
    size_t low = sb_metadata_place(table, path);
    if (low < table->by_path_count && strcmp(table->by_path[low].path, path) == 0)
        return table->by_path[low].row;
    return SIZE_MAX;
}

/* ---- writing ----------------------------------------------------------------------------- */

/* How many bytes the cells of a row have at most, with `times` as many for one of these kinds. */
static size_t room(const struct sb_metadata *table, size_t row, unsigned kinds, size_t times)
{
    const struct sb_metadata_value *cells = table->cells + row * table->stride;
    size_t bytes = 0; /* there are at most 10,000 cells of 29 bits */
    for (size_t i = 0; i < table->column_count; i++)
        bytes += (cells[i].kinds & kinds) != 0 ? times * cells[i].len : cells[i].len;
    return bytes;
}

static int format_row(struct sb_buf *out, const struct sb_metadata *table, size_t row)
{
    enum { MARKS = 3 }; /* a comma and quotation marks */
    int r = sb_csv_append(out, table->rows[row].path);
    if (r == 0)
        r = sb_buf_reserve(out, room(table, row, SB_CSV_SPECIAL, 2) + MARKS * table->column_count);
    if (r < 0)
        return r;
    const struct sb_metadata_value *cells = table->cells + row * table->stride;
    char *to = (char *)out->data + out->len;
    for (size_t i = 0; i < table->column_count; i++) {
        *to++ = ',';
        if (cells[i].len > 0)
            to = sb_csv_put(to, sb_metadata_cell(table, row, i), cells[i].len, cells[i].kinds);
    }
    *to = 0;
    out->len = (size_t)(to - (char *)out->data);
    return 0;
}

int sb_metadata_format(struct sb_buf *out, const struct sb_metadata *table)
{
    enum {
        LONGER = sizeof("data/\r") - 1, /* a row as people wrote it is that much shorter */
        SPARE = 64 * 1024,              /* before a row is written there is room for any */
    };
    int r =
        sb_buf_expect(out, table->text.len + table->added.len + LONGER * table->row_count + SPARE);
    if (r == 0)
        r = sb_buf_puts(out, first_column);
    for (size_t i = 0; r == 0 && i < table->column_count; i++) {
        r = sb_buf_puts(out, ",");
        if (r == 0)
            r = sb_csv_append(out, table->columns[i]);
    }
    if (r == 0)
        r = sb_buf_puts(out, "\r\n");
    for (size_t row = 0; r == 0 && row < table->row_count; row++) {
        r = format_row(out, table, row);
        if (r == 0)
            r = sb_buf_append(out, "\r\n", 2);
    }
    return r;
}

static bool is_encoded(char c, bool column)
{
    return c == '%' || c == '\r' || c == '\n' || (column && c == '=');
}

/* At most three times as long. Returns the end. */
static char *put_encoded(char *to, const char *text, size_t len, bool column)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)text[i];
        if (!is_encoded(text[i], column)) {
            *to++ = text[i];
            continue;
        }
        *to++ = '%';
        *to++ = digits[c / 16];
        *to++ = digits[c % 16];
    }
    return to;
}

void sb_metadata_scratch_free(struct sb_metadata_scratch *scratch)
{
    sb_buf_free(&scratch->row);
    sb_buf_free(&scratch->names);
    free(scratch->ends);
    *scratch = (struct sb_metadata_scratch){0};
}

/* "<column>=" of each column, which begin the lines of all rows. */
static int take_names(struct sb_metadata_scratch *scratch, const struct sb_metadata *table)
{
    struct sb_buf *names = &scratch->names;
    if (scratch->ends != NULL)
        return 0;
    scratch->ends = malloc((table->column_count + 1) * sizeof(*scratch->ends));
    int r = scratch->ends != NULL ? 0 : SEALBAG_ERR_MEMORY;
    for (size_t i = 0; r == 0 && i < table->column_count; i++) {
        size_t len = strlen(table->columns[i]);
        r = len > SIZE_MAX / 4 ? SEALBAG_ERR_MEMORY : sb_buf_reserve(names, 3 * len + 1);
        if (r < 0)
            break;
        char *end = put_encoded((char *)names->data + names->len, table->columns[i], len, true);
        *end++ = '=';
        names->len = (size_t)(end - (char *)names->data);
        scratch->ends[i] = names->len;
    }
    return r;
}

int sb_metadata_canonical(struct sb_metadata_scratch *scratch, const struct sb_metadata *table,
                          size_t row)
{
    const struct sb_metadata_value *cells = table->cells + row * table->stride;
    struct sb_buf *out = &scratch->row;
    int r = take_names(scratch, table);
    out->len = 0;
    if (r == 0) /* with the ends of lines */
        r = sb_buf_reserve(out, room(table, row, SB_CSV_ENCODED, 3) + scratch->names.len +
                                    table->column_count);
    if (r < 0)
        return r;
    char *to = (char *)out->data;
    for (size_t i = 0; i < table->column_count; i++) {
        size_t len = cells[i].len, begin = i > 0 ? scratch->ends[i - 1] : 0;
        if (len == 0)
            continue;
        const char *cell = sb_metadata_cell(table, row, i);
        memcpy(to, scratch->names.data + begin, scratch->ends[i] - begin);
        to += scratch->ends[i] - begin;
        to = (cells[i].kinds & SB_CSV_ENCODED) != 0 ? put_encoded(to, cell, len, false)
                                                    : (char *)memcpy(to, cell, len) + len;
        *to++ = '\n';
    }
    *to = 0;
    out->len = (size_t)(to - (char *)out->data);
    return 0;
}

int sb_metadata_hash(struct sb_metadata_digest *out, const struct sb_metadata *table, size_t row,
                     struct sb_digest *digest, struct sb_metadata_scratch *scratch)
{
    const struct sb_buf *text = &scratch->row;
    if (table->digests != NULL) {
        *out = table->digests[row];
        return 0;
    }
    if (sb_metadata_canonical(scratch, table, row) < 0)
        return SEALBAG_ERR_MEMORY;
    out->any = text->len > 0;
    return out->any && sb_digest_bytes(out->sha256, digest, text->data, text->len) < 0
               ? SEALBAG_ERR_SYSTEM
               : 0;
}

int sb_metadata_hash_all(struct sb_metadata *table, struct sb_digest *digest)
{
    struct sb_metadata_digest *digests = calloc(table->row_count + 1, sizeof(*digests));
    struct sb_metadata_scratch scratch = {0};
    int r = digests != NULL ? 0 : SEALBAG_ERR_MEMORY;
    for (size_t row = 0; r == 0 && row < table->row_count; row++)
        r = sb_metadata_hash(&digests[row], table, row, digest, &scratch);
    sb_metadata_scratch_free(&scratch);
    if (r < 0) {
        free(digests);
        return r;
    }
    table->digests = digests;
    return 0;
}
