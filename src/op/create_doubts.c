/* What is sealed as it is and looks like a mistake: words that are nearly one with a meaning, and a
 * table of records that became a document. */
#define _GNU_SOURCE /* O_PATH */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "op/create_impl.h"
#include "op/problems.h"

enum { LETTERS = 64, SHOWN = 1000 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be changed, added or taken away (Levenshtein); case does not matter. */
static size_t distance(const char *a, const char *b)
{
    size_t row[LETTERS], in_a = strlen(a), in_b = strlen(b);
    if (in_a >= LETTERS || in_b >= LETTERS)
        return LETTERS;
    for (size_t j = 0; j <= in_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= in_a; i++) {
        size_t before = row[0]; /* of the row before, and the column before */
        row[0] = i;
        for (size_t j = 1; j <= in_b; j++) {
            size_t changed = before + (sb_ascii_lower(a[i - 1]) != sb_ascii_lower(b[j - 1]));
            before = row[j];
            row[j] = smaller(changed, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[in_b];
}

static const char *after_dot(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL ? dot + 1 : name;
}

/* The column with a meaning that may be meant: NULL when it is that, or none. */
static const char *column_meant(const char *name)
{
    const char *meant = NULL;
    for (size_t i = 0; i < SB_RECORD_COLUMNS; i++) {
        const char *column = sb_record_columns[i];
        if (strcmp(name, column) == 0)
            return NULL;
        if (distance(name, column) <= 2 || strcasecmp(after_dot(name), after_dot(column)) == 0)
            meant = column;
    }
    return meant;
}

static int doubt_columns(struct sealbag_problems *problems, const struct sb_create *create)
{
    const struct sb_metadata *table = &create->metadata;
    int r = 0;
    for (size_t i = 0; r == 0 && i < table->column_count; i++) {
        const char *meant = column_meant(table->columns[i]);
        char shown[SHOWN];
        if (meant != NULL)
            r = sb_problems_add(
                problems, SEALBAG_WARNING, "metadata.column", create->options->metadata,
                "the column \"%s\" is kept and has no meaning. Is \"%s\" meant?",
                sealbag_text_escape(shown, sizeof(shown), table->columns[i]), meant);
    }
    return r;
}

/* The file with the records, when it lies in what is sealed: 1, 0 (also when nobody can tell). */
static int table_is_sealed(const struct sb_create *create)
{
    char *folder, *name;
    if (create->options->metadata == NULL)
        return 0;
    if (sb_path_split(&folder, &name, create->options->metadata) < 0)
        return SEALBAG_ERR_MEMORY;
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int sealed = fd >= 0 && (sb_source_contains(&create->source, fd) == 1 ||
                             sb_source_is(&create->source, fd, name) == 1);
    if (fd >= 0)
        close(fd);
    free(folder);
    free(name);
    return sealed;
}

int sb_create_doubt_records(struct sealbag_problems *problems, const struct sb_create *create,
                            struct sb_error *error)
{
    int r = doubt_columns(problems, create);
    int sealed = r == 0 ? table_is_sealed(create) : 0;
    if (sealed == 1)
        r = sb_problems_add(problems, SEALBAG_WARNING, "metadata.sealed", create->options->metadata,
                            "the table of records lies among the documents, and is one of them. "
                            "If it is not to be, move it elsewhere.");
    return r < 0 || sealed < 0 ? sb_error_memory(error) : 0;
}

/* The reserved label that may be meant: NULL when it is that, or none. Their case does not matter
 * (RFC 8493, section 2.2.2). */
static const char *label_meant(const char *label, size_t len)
{
#define LABEL(id, label, option, repeated, meaning) label,
    static const char *const reserved[] = {SEALBAG_LABELS(LABEL)};
#undef LABEL
    const char *meant = NULL;
    char given[LETTERS] = "";
    if (len < LETTERS)
        memcpy(given, label, len);
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcasecmp(given, reserved[i]) == 0)
            return NULL;
        if (distance(given, reserved[i]) <= 2)
            meant = reserved[i];
    }
    return meant;
}

int sb_create_doubt_labels(struct sealbag_problems *problems, const struct sb_create *create,
                           struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    int r = 0;
    for (size_t i = 0; r == 0 && i < options->info_count; i++) {
        size_t len = strcspn(options->info[i], ":");
        const char *meant = label_meant(options->info[i], len);
        if (meant != NULL)
            r = sb_problems_add(problems, SEALBAG_WARNING, "baginfo.label", NULL,
                                "the label \"%.*s\" is kept and has no meaning. Is \"%s\" meant?",
                                (int)len, options->info[i], meant);
    }
    return r < 0 ? sb_error_memory(error) : 0;
}
