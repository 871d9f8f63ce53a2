/* Comma-separated values (RFC 4180), cell by cell, strictly: a quotation mark stands around a whole
 * cell or, doubled, within a quoted one, and nowhere else. Lines end in CRLF or LF. */
#ifndef SB_RECORD_CSV_H
#define SB_RECORD_CSV_H

#include <stdbool.h>

#include "base/buf.h"

/* A text that is taken apart where it lies: cells are unquoted in it, and a NUL is put behind each
 * of them. text[len] must be writable, and there must be no NUL in the text. */
struct sb_csv {
    char *at, *end;
    size_t line; /* where `at` is, from 1 */
};

enum sb_csv_after {
    SB_CSV_CELL, /* another cell of the same row */
    SB_CSV_ROW,  /* the row has ended; maybe there is another one */
};

struct sb_csv_cell {
    const char *text;
    size_t len;
    size_t line; /* where it begins */
    enum sb_csv_after after;
};

void sb_csv_open(struct sb_csv *csv, char *text, size_t len);
/* Whether there is another row. */
bool sb_csv_more(const struct sb_csv *csv);
/* The next cell. NULL, or a static phrase that completes "line N ..." for what is wrong with it;
 * then nothing more can be read, and cell->line is where that is. */
const char *sb_csv_next(struct sb_csv *csv, struct sb_csv_cell *cell);

/* Appends a cell in the one way that it is written here: in quotation marks only when it must be.
 * 0 or MEMORY. */
int sb_csv_append(struct sb_buf *out, const char *cell);

#endif
