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
    const char **cells = calloc(rows * stride + 1, sizeof(*cells));
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
                         const char *const *cells)
{
    if (add_row(table, path, line) < 0)
        return SEALBAG_ERR_MEMORY;
    /* What is not written to need not take memory. */
    const char **row = table->cells + (table->row_count - 1) * table->stride;
    for (size_t i = 0; i < table->column_count; i++) {
        if (cells[i] != NULL)
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
    const char *copy = NULL;
    if (value != NULL && value[0] != 0) {
        copy = sb_arena_copy(&table->strings, value, strlen(value));
        if (copy == NULL)
            return SEALBAG_ERR_MEMORY;
    }
    table->cells[row * table->stride + column] = copy;
    return 0;
}

const char *sb_metadata_cell(const struct sb_metadata *table, size_t row, size_t column)
{
    return table->cells[row * table->stride + column];
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

int sb_metadata_format(struct sb_buf *out, const struct sb_metadata *table)
{
    int r = sb_buf_puts(out, first_column);
    for (size_t i = 0; r == 0 && i < table->column_count; i++) {
        r = sb_buf_puts(out, ",");
        if (r == 0)
            r = sb_csv_append(out, table->columns[i]);
    }
    if (r == 0)
        r = sb_buf_puts(out, "\r\n");
    for (size_t row = 0; r == 0 && row < table->row_count; row++) {
        r = sb_csv_append(out, table->rows[row].path);
        for (size_t i = 0; r == 0 && i < table->column_count; i++) {
            const char *cell = sb_metadata_cell(table, row, i);
            r = sb_buf_append(out, ",", 1);
            if (r == 0 && cell != NULL)
                r = sb_csv_append(out, cell);
        }
        if (r == 0)
            r = sb_buf_puts(out, "\r\n");
    }
    return r;
}

enum { IN_CELLS = 1, IN_COLUMNS = 2 };
/* What ends a run of characters that are written as they are. */
static const uint8_t encoded[256] = {
    [0] = IN_CELLS | IN_COLUMNS,
    ['%'] = IN_CELLS | IN_COLUMNS,
    ['\r'] = IN_CELLS | IN_COLUMNS,
    ['\n'] = IN_CELLS | IN_COLUMNS,
    ['='] = IN_COLUMNS,
};

/* The text and `end`. There are millions of these. */
static int append_encoded(struct sb_buf *out, const char *text, unsigned where, char end)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = 0, codes = 0;
    while ((encoded[(uint8_t)text[len]] & where) == 0)
        len++;
    bool plain = text[len] == 0;
    for (; text[len] != 0; len++)
        codes += (encoded[(uint8_t)text[len]] & where) != 0;
    if (sb_buf_reserve(out, len + 2 * codes + 1) < 0)
        return SEALBAG_ERR_MEMORY;
    char *to = (char *)out->data + out->len;
    if (plain)
        to = (char *)memcpy(to, text, len) + len;
    for (size_t i = 0; !plain && i < len; i++) {
        uint8_t c = (uint8_t)text[i];
        if ((encoded[c] & where) == 0) {
            *to++ = text[i];
            continue;
        }
        *to++ = '%';
        *to++ = digits[c / 16];
        *to++ = digits[c % 16];
    }
    *to++ = end;
    *to = 0;
    out->len = (size_t)(to - (char *)out->data);
    return 0;
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
    if (scratch->ends != NULL)
        return 0;
    scratch->ends = malloc((table->column_count + 1) * sizeof(*scratch->ends));
    int r = scratch->ends != NULL ? 0 : SEALBAG_ERR_MEMORY;
    for (size_t i = 0; r == 0 && i < table->column_count; i++) {
        r = append_encoded(&scratch->names, table->columns[i], IN_COLUMNS, '=');
        scratch->ends[i] = scratch->names.len;
    }
    return r;
}

int sb_metadata_canonical(struct sb_metadata_scratch *scratch, const struct sb_metadata *table,
                          size_t row)
{
    int r = take_names(scratch, table);
    scratch->row.len = 0;
    for (size_t i = 0; r == 0 && i < table->column_count; i++) {
        const char *cell = sb_metadata_cell(table, row, i);
        if (cell == NULL)
            continue;
        size_t begin = i > 0 ? scratch->ends[i - 1] : 0;
        r = sb_buf_append(&scratch->row, scratch->names.data + begin, scratch->ends[i] - begin);
        if (r == 0)
            r = append_encoded(&scratch->row, cell, IN_CELLS, '\n');
    }
    return r;
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
