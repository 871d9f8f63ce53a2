/* Provenance records: metadata/metadata.csv, one row a document. People write it in many ways, all
 * of them CSV (RFC 4180); in a bag it is in one normal form, so that a row can be signed by what it
 * says:
 *
 *   UTF-8 without a byte order mark; every line ends in CRLF; a cell is in quotation marks only
 *   when a quotation mark, a comma, CR or LF is in it; the first column is "filename", and in it
 *   stand paths of the bag, "data/...", each at most once; a folder's ends in "/".
 */
#ifndef SB_RECORD_METADATA_H
#define SB_RECORD_METADATA_H

#include <stdbool.h>

#include "base/path.h"
#include "hash/digest.h"

/* A wrong place in a file that somebody gave. */
struct sb_metadata_fault {
    size_t line;          /* from 1; 0: of no line */
    const char *sentence; /* escaped for a terminal */
};

/* Zero-initialise. Adding never fails: when memory is short, `overflow` is set. Beyond
 * SB_METADATA_FAULTS_MAX they are only counted. */
struct sb_metadata_faults {
    struct sb_metadata_fault *items;
    size_t count, cap, omitted;
    struct sb_arena strings;
    bool overflow;
};

enum { SB_METADATA_FAULTS_MAX = 10000 };

/* What is formatted must be escaped. */
void sb_metadata_fault(struct sb_metadata_faults *faults, size_t line, const char *format, ...)
    SB_PRINTF(3, 4);
void sb_metadata_faults_free(struct sb_metadata_faults *faults);

struct sb_metadata_row {
    const char *path; /* what "filename" says */
    size_t line;      /* where it begins in the text that was parsed, from 1; 0: it was added */
};

struct sb_metadata_place {
    const char *path;
    size_t row;
};

/* The digest of a row; `any`: it has values. */
struct sb_metadata_digest {
    bool any;
    uint8_t sha256[SB_SHA256_SIZE];
};

/* A value: len bytes and a NUL at `at` of the text, or of what was added when it lies behind the
 * text. len 0: the cell is empty. */
struct sb_metadata_value {
    uint32_t at;
    uint32_t len : 29, kinds : 3; /* SB_CSV_... */
};

/* A table: columns in their order, a name can be repeated; rows in their order. Zero-initialise;
 * free with sb_metadata_free. Everything it points to is its own. */
struct sb_metadata {
    const char **columns; /* without "filename" */
    size_t column_count, column_cap;
    struct sb_metadata_row *rows;
    size_t row_count, row_cap;
    struct sb_metadata_value *cells; /* rows of `stride` cells; read with sb_metadata_cell */
    size_t cell_rows, stride;
    struct sb_metadata_place *by_path; /* the rows that were there when it was made */
    size_t by_path_count;
    struct sb_metadata_digest *digests; /* of the rows; NULL: not made */
    struct sb_buf text;                 /* in which most strings lie */
    struct sb_buf added;                /* the values that were set later */
    struct sb_arena strings;            /* other strings that were */
};

void sb_metadata_free(struct sb_metadata *table);

/* ---- reading ----------------------------------------------------------------------------- */

/* What people write: CRLF or LF, a byte order mark or none, the last line end or none, quotation
 * marks where they are not needed. Rows of nothing but empty cells are passed over, and columns
 * without a name and without values. All that can be found wrong is a fault, and then the table is
 * of no use. 0 or MEMORY, also for more than SB_METADATA_TEXT_MAX bytes. */
int sb_metadata_parse(struct sb_metadata *out, struct sb_metadata_faults *faults, const void *bytes,
                      size_t len);
/* The same; the text becomes the table's, in any case. */
int sb_metadata_take(struct sb_metadata *out, struct sb_metadata_faults *faults,
                     struct sb_buf *text);
/* The normal form. 1; 0 when it is not in it, and then the table is empty; or MEMORY. The rows can
 * be found by their paths. */
int sb_metadata_read(struct sb_metadata *out, const void *bytes, size_t len);
/* How many cells behind the first column have a value, also in a table that is malformed. Each of
 * them takes memory; empty ones do not. */
size_t sb_metadata_count(const void *bytes, size_t len);

/* Its text, until a value is set; NULL: it is empty. Here, since there are millions of them. */
static inline const char *sb_metadata_cell(const struct sb_metadata *table, size_t row,
                                           size_t column)
{
    const struct sb_metadata_value *value = &table->cells[row * table->stride + column];
    if (value->len == 0)
        return NULL;
    return value->at < table->text.len
               ? (const char *)table->text.data + value->at
               : (const char *)table->added.data + (value->at - table->text.len);
}

/* SB_CSV_...: what its bytes are. */
static inline unsigned sb_metadata_kinds(const struct sb_metadata *table, size_t row, size_t column)
{
    return table->cells[row * table->stride + column].kinds;
}

/* The first column of this name at or behind `from`; SIZE_MAX when there is none. */
size_t sb_metadata_column(const struct sb_metadata *table, const char *name, size_t from);

/* Whether a row with this path is about a folder, and so about all documents below it. */
bool sb_metadata_is_folder(const char *path);
/* How many rows are not. */
size_t sb_metadata_documents(const struct sb_metadata *table);

/* Makes by_path: by path, and rows with the same path in their order. 0 or MEMORY. */
int sb_metadata_sort(struct sb_metadata *table);
/* The first place in by_path whose path is not before this one; by_path_count: there is none. */
size_t sb_metadata_place(const struct sb_metadata *table, const char *path);
/* The first row with this path, of those that were sorted; SIZE_MAX when there is none. */
size_t sb_metadata_find(const struct sb_metadata *table, const char *path);

enum {
    SB_METADATA_COLUMNS_MAX = 10000, /* without "filename" */
    SB_METADATA_TEXT_MAX = (1 << 29) - 1,
};

/* Parts of reading. Room for so many rows; the strings are borrowed, and `cells` has one for each
 * column. 0 or MEMORY. */
int sb_metadata_reserve(struct sb_metadata *table, size_t rows);
int sb_metadata_take_column(struct sb_metadata *table, const char *name);
int sb_metadata_take_row(struct sb_metadata *table, const char *path, size_t line,
                         const struct sb_metadata_value *cells);

/* ---- making ------------------------------------------------------------------------------ */

/* Each copies the text. 0 or MEMORY. The number of the new one is the count before. */
int sb_metadata_add_column(struct sb_metadata *table, const char *name);
int sb_metadata_add_row(struct sb_metadata *table, const char *path);
/* Another path for a row. The rows must be sorted again. */
int sb_metadata_set_path(struct sb_metadata *table, size_t row, const char *path);
/* NULL or "" empties the cell. The texts of other cells move. */
int sb_metadata_set(struct sb_metadata *table, size_t row, size_t column, const char *value);

/* Appends the normal form. The paths must be those of the bag. 0 or MEMORY. */
int sb_metadata_format(struct sb_buf *out, const struct sb_metadata *table);

/* ---- signing ----------------------------------------------------------------------------- */

/* What is used for one row after the other of one table. Zero-initialise; free with
 * sb_metadata_scratch_free. */
struct sb_metadata_scratch {
    struct sb_buf row;   /* the canonical row that was made last */
    struct sb_buf names; /* "<column>=" of each column */
    size_t *ends;        /* of these in `names`; NULL: not made */
};
void sb_metadata_scratch_free(struct sb_metadata_scratch *scratch);

/* Makes the canonical row, over which a leaf's `row` is the SHA-256: for each cell that is not
 * empty, in the order of the columns, a line
 *
 *   <column>=<value>\n
 *
 * with CR, LF and % as %0D, %0A and %25 in both, and = as %3D in the column, so that no two rows
 * are written alike that say something else. It is empty for a row without values: then the leaf
 * has "-". 0 or MEMORY. */
int sb_metadata_canonical(struct sb_metadata_scratch *scratch, const struct sb_metadata *table,
                          size_t row);
/* Its digest, if it was not made before. 0 or a negative code. */
int sb_metadata_hash(struct sb_metadata_digest *out, const struct sb_metadata *table, size_t row,
                     struct sb_digest *digest, struct sb_metadata_scratch *scratch);
/* Makes those of all rows, for a table that will not be changed. */
int sb_metadata_hash_all(struct sb_metadata *table, struct sb_digest *digest);

#endif
