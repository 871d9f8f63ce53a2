/* Comma-separated values (RFC 4180), cell by cell, strictly: a quotation mark stands around a whole
 * cell or, doubled, within a quoted one, and nowhere else. Lines end in CRLF or LF. */
#ifndef SB_RECORD_CSV_H
#define SB_RECORD_CSV_H

#include <stdbool.h>

#include "base/buf.h"

/* What is to be done with a table that has something else between its cells. */
#define SB_CSV_SAVE_WITH_COMMAS                                                                    \
    "Save the file with commas between them: LibreOffice asks for it, Excel takes the system's "   \
    "list separator"

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
    unsigned kinds; /* of its bytes: SB_CSV_... */
    size_t line;    /* where it begins */
    enum sb_csv_after after;
};

enum {
    SB_CSV_SPECIAL = 1, /* a quotation mark, a comma, CR or LF: it is written in quotation marks */
    SB_CSV_ENCODED = 2, /* CR, LF or %: a canonical row (metadata.h) has codes for them */
    SB_CSV_ADDRESS = 4, /* an at sign or a slash of either kind, as in an address or a path */
};

void sb_csv_open(struct sb_csv *csv, char *text, size_t len);
/* Whether there is another row. */
bool sb_csv_more(const struct sb_csv *csv);
/* The next cell. NULL, or a static phrase that completes "line N ..." for what is wrong with it;
 * then nothing more can be read, and cell->line is where that is. */
const char *sb_csv_next(struct sb_csv *csv, struct sb_csv_cell *cell);

unsigned sb_csv_kinds(const char *text, size_t len);

/* Writes a cell in the one way that it is written here, and no NUL behind it: in quotation marks
 * only when it must be. There must be room for 2 * len + 2 bytes, or len of them when it is of no
 * special kind. Returns the end. */
char *sb_csv_put(char *to, const char *text, size_t len, unsigned kinds);
/* Appends it. 0 or MEMORY. */
int sb_csv_append(struct sb_buf *out, const char *cell);

#endif
