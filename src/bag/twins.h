/* Paths that are different here and the same elsewhere: those that differ only in upper and lower
 * case, or in the form in which Unicode characters are put together (NFC, NFD). */
#ifndef SB_BAG_TWINS_H
#define SB_BAG_TWINS_H

#include "bag/inventory.h"

/* A finding for each path that has a twin before it, then for each folder that has one beside it,
 * which may be a file. The inventory is sorted. 0 or MEMORY. */
int sb_twins_check(struct sb_findings *findings, const struct sb_inventory *inventory);

/* A name in one Unicode form (NFC), to find it under another one. */
struct sb_form {
    char *text; /* the caller frees it */
    size_t number;
    bool taken;
};
/* 0 or SEALBAG_ERR_MEMORY. */
int sb_form_make(struct sb_form *form, const char *path);
void sb_forms_sort(struct sb_form *forms, size_t count);
struct sb_form *sb_forms_find(struct sb_form *forms, size_t count, const struct sb_form *key);

/* Whether two texts are the same but for that; also when memory is short. */
bool sb_twins_same(const char *a, const char *b);
/* Whether the first part of the path is another name, and some system takes it for `name`: also one
 * that passes over invisible characters (HFS+), or dots and spaces at the end (Windows); also when
 * memory is short. */
bool sb_twins_first_like(const char *path, const char *name);

#endif
