#include "bag/twins.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/text.h"
#include "hash/short.h"

struct twin {
    uint64_t hash; /* of the folded path */
    size_t file;
};

static bool fold_ascii(struct sb_buf *out, const char *path, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)path[i];
        if (c >= 0x80)
            return false;
        out->data[i] = (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    out->len = len;
    return true;
}

/* Decomposed and case-folded, as the Unicode standard says (3.13, D145). What is not UTF-8, which
 * no path is that gets here, stays as it is. */
static int fold(struct sb_buf *out, const char *path, size_t len)
{
    utf8proc_uint8_t *folded = NULL;
    out->len = 0;
    if (sb_buf_reserve(out, len) < 0)
        return SEALBAG_ERR_MEMORY;
    if (fold_ascii(out, path, len))
        return 0;
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)path, (utf8proc_ssize_t)len, &folded,
                     UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD);
    int r = n == UTF8PROC_ERROR_NOMEM ? SEALBAG_ERR_MEMORY
            : n < 0                   ? sb_buf_append(out, path, len)
                                      : sb_buf_append(out, folded, (size_t)n);
    free(folded);
    return r;
}

static int by_hash(const void *a, const void *b)
{
    const struct twin *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return (left->file > right->file) - (left->file < right->file);
}

bool sb_twins_same(const char *a, const char *b)
{
    struct sb_buf left = {0}, right = {0};
    bool same = fold(&left, a, strlen(a)) < 0 || fold(&right, b, strlen(b)) < 0 ||
                (left.len == right.len && memcmp(left.data, right.data, left.len) == 0);
    sb_buf_free(&left);
    sb_buf_free(&right);
    return same;
}

bool sb_twins_first_like(const char *path, const char *name)
{
    size_t len = strcspn(path, "/"), kept = 0;
    char *first = len == strlen(name) && memcmp(path, name, len) == 0 ? NULL : malloc(len + 1);
    if (first == NULL)
        return len != strlen(name) || memcmp(path, name, len) != 0;
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, path + at, len - at);
        if (n > 0 && !sb_code_hidden(code)) {
            memcpy(first + kept, path + at, n);
            kept += n;
        }
        at += n > 0 ? n : 1;
    }
    while (kept > 0 && (first[kept - 1] == '.' || first[kept - 1] == ' '))
        kept--;
    first[kept] = 0;
    bool like = sb_twins_same(first, name);
    free(first);
    return like;
}

static int compare(struct sb_findings *findings, const char *first, const char *second,
                   struct sb_buf *a, struct sb_buf *b)
{
    char shown[1000];
    if (fold(a, first, strlen(first)) < 0 || fold(b, second, strlen(second)) < 0)
        return SEALBAG_ERR_MEMORY;
    /* The same path twice is another finding. */
    if (a->len == b->len && memcmp(a->data, b->data, a->len) == 0 && strcmp(first, second) != 0)
        sb_findings_add(findings, SB_RULE_PATH_TWIN, second,
                        "This path and \"%s\" differ only in upper and lower case or in the form "
                        "of their characters. On some systems they are the same.",
                        sealbag_text_escape(shown, sizeof(shown), first));
    return 0;
}

/* Two files of which one would be written over the other. */
static int check_files(struct sb_findings *findings, const struct sb_inventory *inventory)
{
    struct sb_buf a = {0}, b = {0};
    uint8_t key[SB_SHORT_KEY_SIZE];
    size_t count = inventory->count;
    struct twin *twins = calloc(count > 0 ? count : 1, sizeof(*twins));
    int r = twins == NULL ? SEALBAG_ERR_MEMORY : 0;
    /* A third path with the same hash would hide two that are twins. */
    sb_short_key(key);
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = fold(&a, inventory->files[i].path, strlen(inventory->files[i].path));
        if (r == 0)
            twins[i] = (struct twin){.hash = sb_short_hash(key, a.data, a.len), .file = i};
    }
    if (r == 0)
        qsort(twins, count, sizeof(*twins), by_hash);
    for (size_t i = 1; r == 0 && i < count; i++) {
        if (twins[i].hash == twins[i - 1].hash)
            r = compare(findings, inventory->files[twins[i - 1].file].path,
                        inventory->files[twins[i].file].path, &a, &b);
    }
    free(twins);
    sb_buf_free(&a);
    sb_buf_free(&b);
    return r;
}

/* ---- folders -------------------------------------------------------------------------------- */

/* Below one folder: a file, or a folder with what is beneath it. The inventory is sorted, so that
 * those are neighbours. */
struct sibling {
    struct twin by; /* its folded name, and the first file; first, so that by_hash sorts them */
    size_t len;     /* of that path, up to the end of the name */
    bool folder;
};

struct siblings {
    const struct sb_inventory *inventory;
    struct sb_findings *findings;
    uint8_t key[SB_SHORT_KEY_SIZE];
    struct sb_buf a, b;
};

/* The one that begins with the file at `at`, whose name starts `prefix` bytes into its path.
 * Returns where the next one begins. */
static size_t take_sibling(struct sibling *out, const struct sb_inventory *inventory, size_t at,
                           size_t end, size_t prefix)
{
    const char *name = inventory->files[at].path + prefix;
    size_t len = strcspn(name, "/"), next = at + 1;
    *out = (struct sibling){.by.file = at, .len = prefix + len, .folder = name[len] == '/'};
    while (out->folder && next < end &&
           strncmp(inventory->files[next].path + prefix, name, len + 1) == 0)
        next++;
    return next;
}

/* Two files were compared with all others. */
static int compare_siblings(struct siblings *level, const struct sibling *first,
                            const struct sibling *second)
{
    const struct sb_file *files = level->inventory->files;
    if (first->by.hash != second->by.hash || (!first->folder && !second->folder))
        return 0;
    char *one = strndup(files[first->by.file].path, first->len);
    char *two = strndup(files[second->by.file].path, second->len);
    int r = one == NULL || two == NULL ? SEALBAG_ERR_MEMORY
                                       : compare(level->findings, one, two, &level->a, &level->b);
    free(one);
    free(two);
    return r;
}

/* files[begin..end) are all that is beneath a folder, and there is one folder in it at least. */
static int compare_level(struct siblings *level, size_t begin, size_t end, size_t prefix,
                         size_t count)
{
    struct sibling *items = calloc(count, sizeof(*items));
    int r = items == NULL ? SEALBAG_ERR_MEMORY : 0;
    size_t at = begin;
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct sibling *item = &items[i];
        at = take_sibling(item, level->inventory, at, end, prefix);
        r = fold(&level->a, level->inventory->files[item->by.file].path + prefix,
                 item->len - prefix);
        item->by.hash = r == 0 ? sb_short_hash(level->key, level->a.data, level->a.len) : 0;
    }
    if (r == 0)
        qsort(items, count, sizeof(*items), by_hash);
    for (size_t i = 1; r == 0 && i < count; i++)
        r = compare_siblings(level, &items[i - 1], &items[i]);
    free(items);
    return r;
}

/* A folder that has a twin beside it, or a file for one. What is beneath twins has none for that
 * reason alone. Paths are SB_PATH_DEPTH deep at most. */
static int check_folders(struct siblings *level, size_t begin, size_t end, size_t prefix)
{
    struct sibling item;
    size_t count = 0, folders = 0;
    for (size_t at = begin; at < end; count++) {
        at = take_sibling(&item, level->inventory, at, end, prefix);
        folders += item.folder;
    }
    int r = folders > 0 && count > 1 ? compare_level(level, begin, end, prefix, count) : 0;
    for (size_t at = begin; r == 0 && folders > 0 && at < end;) {
        size_t next = take_sibling(&item, level->inventory, at, end, prefix);
        if (item.folder)
            r = check_folders(level, at, next, item.len + 1);
        at = next;
    }
    return r;
}

int sb_twins_check(struct sb_findings *findings, const struct sb_inventory *inventory)
{
    struct siblings level = {.inventory = inventory, .findings = findings};
    sb_short_key(level.key);
    int r = check_files(findings, inventory);
    if (r == 0)
        r = check_folders(&level, 0, inventory->count, 0);
    sb_buf_free(&level.a);
    sb_buf_free(&level.b);
    return r;
}

/* ---- other forms of a name ------------------------------------------------------------------ */

int sb_form_make(struct sb_form *form, const char *path)
{
    utf8proc_uint8_t *text = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)path, 0, &text,
                                      UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n == UTF8PROC_ERROR_NOMEM)
        return SEALBAG_ERR_MEMORY;
    if (n < 0)
        free(text);
    form->text = n < 0 ? strdup(path) : (char *)text;
    return form->text != NULL ? 0 : SEALBAG_ERR_MEMORY;
}

static int by_form(const void *a, const void *b)
{
    const struct sb_form *left = a, *right = b;
    return strcmp(left->text, right->text);
}

void sb_forms_sort(struct sb_form *forms, size_t count)
{
    if (count > 0)
        qsort(forms, count, sizeof(*forms), by_form);
}

struct sb_form *sb_forms_find(struct sb_form *forms, size_t count, const struct sb_form *key)
{
    return bsearch(key, forms, count, sizeof(*forms), by_form);
}
