/* The documents that somebody asked for by name: a document, or a folder of documents, with or
 * without "data/" before it. */
#ifndef SB_OP_SELECTION_H
#define SB_OP_SELECTION_H

#include "bag/inventory.h"

struct sb_selected {
    char *path; /* "data/..." without a slash at its end; NULL: nothing is called so */
    const char *given;
    bool found;
};

/* Zero-initialise; free with sb_selection_free. */
struct sb_selection {
    struct sb_selected *items; /* sorted by path */
    size_t count;
};

/* The names are borrowed. 0 or MEMORY. */
int sb_selection_make(struct sb_selection *out, const char *const *names, size_t count,
                      struct sb_error *error);
void sb_selection_free(struct sb_selection *selection);

/* Whether this file of the bag was asked for. */
bool sb_selection_has(const struct sb_selection *selection, const char *path);

/* USAGE when one of the names is none of these files'. */
int sb_selection_check(const struct sb_selection *selection, const struct sb_inventory *files,
                       struct sb_error *error);

#endif
