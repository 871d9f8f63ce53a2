/* The provenance records of a bag that is made: each is about a document that is there, and says
 * nothing that can be seen to be wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bag/twins.h"
#include "base/text.h"
#include "op/create_impl.h"
#include "op/nearest.h"
#include "op/problems.h"
#include "record/relation.h"

enum { SHOWN = 4100, CELL = 200, GUESS = SHOWN + 200 };
enum { GUESSES_MAX = 20 }; /* each looks at all documents */

struct taking {
    struct sb_create *create;
    struct sb_metadata *table;
    struct sb_metadata_faults faults;
    size_t guesses;                         /* what else could be meant */
    struct sb_relation_document *documents; /* as in the source */
    struct sb_relations known;
    struct sealbag_relation *relations;
    size_t relation_count, relation_cap;
};

/* As people know it, and escaped. */
static const char *show(char out[SHOWN], const char *path)
{
    return sealbag_text_escape(out, SHOWN, strncmp(path, "data/", 5) == 0 ? path + 5 : path);
}

/* The beginning of a cell that is wrong, escaped. */
static const char *show_cell(char out[SHOWN], const char *cell)
{
    size_t at = CELL;
    if (strlen(sealbag_text_escape(out, SHOWN, cell)) <= CELL)
        return out;
    while (((unsigned char)out[at] & 0xc0) == 0x80)
        at--;
    memcpy(out + at, "...", 4);
    return out;
}

/* ---- what is wrong ----------------------------------------------------------------------- */

static int by_line(const void *a, const void *b)
{
    const struct sb_metadata_fault *left = a, *right = b;
    if (left->line != right->line) /* those of no line last */
        return left->line - 1 < right->line - 1 ? -1 : 1;
    return strcmp(left->sentence, right->sentence);
}

static int list_faults(struct sealbag_problems *problems, struct sb_metadata_faults *faults,
                       const char *name)
{
    char shown[SHOWN];
    int r = 0;
    sealbag_text_escape(shown, sizeof(shown), name);
    qsort(faults->items, faults->count, sizeof(*faults->items), by_line);
    for (size_t i = 0; r == 0 && i < faults->count; i++) {
        const struct sb_metadata_fault *fault = &faults->items[i];
        char line[40] = "";
        if (fault->line > 0)
            snprintf(line, sizeof(line), ": line %zu", fault->line);
        r = sb_problems_add(problems, SEALBAG_ERROR, sb_error_rule_of(SEALBAG_ERR_METADATA), NULL,
                            "%s%s %s", shown, line, fault->sentence);
    }
    return r;
}

/* 0 when nothing is wrong. */
static int conclude(struct taking *taking, struct sealbag_problems *problems,
                    struct sb_error *error)
{
    struct sb_metadata_faults *faults = &taking->faults;
    const char *name = taking->create->options->metadata;
    size_t count = faults->count + faults->omitted;
    char shown[SHOWN];
    if (faults->overflow)
        return sb_error_memory(error);
    if (count == 0)
        return 0;
    if (!taking->create->only_check)
        sealbag_problems_free(problems); /* nothing is left out */
    if (list_faults(problems, faults, name) < 0)
        return sb_error_memory(error);
    return sb_error_set(error, SEALBAG_ERR_METADATA, "%s cannot be taken as it is: %zu %s.%s",
                        sealbag_text_escape(shown, sizeof(shown), name), count,
                        count == 1 ? "thing is wrong" : "things are wrong",
                        taking->create->only_check ? "" : " Nothing was sealed.");
}

/* ---- rows and documents ------------------------------------------------------------------ */

/* Their digests are known only when they have been read. */
static int know_documents(struct taking *taking)
{
    const struct sb_source *source = &taking->create->source;
    const struct sb_inventory *read = &taking->create->documents;
    taking->documents = calloc(source->count + 1, sizeof(*taking->documents));
    if (taking->documents == NULL)
        return SEALBAG_ERR_MEMORY;
    for (size_t i = 0; i < source->count; i++) {
        taking->documents[i].path = source->files[i].bag_path;
        if (read->count == source->count)
            taking->documents[i].sha256 = read->files[i].digest;
    }
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): taking_free frees them */
    return sb_relations_init(&taking->known, taking->documents, source->count);
}

/* Whether there are documents below data/ and this path. */
static bool is_folder(const struct sb_source *source, const char *path)
{
    size_t low = 0, high = source->count, len = strlen(path);
    while (len > 0 && path[len - 1] == '/')
        len--;
    while (len > 0 && low < high) {
        size_t middle = low + (high - low) / 2;
        const char *below = source->files[middle].bag_path + 5;
        int order = strncmp(below, path, len);
        if (order == 0)
            order = (below[len] > '/') - ((unsigned char)below[len] < '/');
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether two paths, of which the first may begin with data/, are one in NFC. */
static bool looks_the_same(const char *path, const char *below)
{
    struct sb_form one = {0}, two = {0};
    bool same = sb_form_make(&one, begins(path, "data/") ? path + 5 : path) == 0 &&
                sb_form_make(&two, below) == 0 && strcmp(one.text, two.text) == 0;
    free(one.text);
    free(two.text);
    return same;
}

/* What follows the sentence that a path is that of no document. */
static const char *guess(struct taking *taking, char out[GUESS], const char *path)
{
    char shown[SHOWN];
    const char *nearest =
        taking->guesses++ < GUESSES_MAX ? sb_nearest_document(&taking->create->source, path) : NULL;
    out[0] = 0;
    if (nearest != NULL && looks_the_same(path, nearest + 5))
        snprintf(out, GUESS,
                 " There is one whose name looks the same, and whose accents are encoded in "
                 "another way: copy the path from what \"sealbag metadata template\" writes.");
    else if (nearest != NULL)
        snprintf(out, GUESS, " Is it \"%s\"?", show(shown, nearest));
    return out;
}

static void explain_missing(struct taking *taking, const struct sb_metadata_row *row)
{
    char shown[SHOWN], other[GUESS];
    sb_metadata_fault(
        &taking->faults, row->line, "is about \"%s\", and there is no such document.%s",
        sealbag_text_escape(shown, sizeof(shown), row->path), guess(taking, other, row->path));
}

/* The folder that a row is about, in the ways in which it can be about a document; data/ itself,
 * which Archivematica calls objects/, if no folder below it is called so. Appends its path in the
 * bag. */
static enum sb_relation_found find_folder(struct sb_buf *out, const struct sb_source *source,
                                          const char *path)
{
    size_t len = strlen(path);
    while (len > 0 && path[len - 1] == '/')
        len--;
    bool root = (len == 4 && begins(path, "data")) || (len == 7 && begins(path, "objects"));
    bool whole = begins(path, "data/") && is_folder(source, path + 5);
    bool plain = is_folder(source, path);
    bool object = begins(path, "objects/") && is_folder(source, path + 8);
    if (!whole && plain && object)
        return SB_RELATION_AMBIGUOUS;
    if (!whole && !plain && !object && !root)
        return SB_RELATION_NONE;
    size_t from = whole ? 5 : plain ? 0 : object ? 8 : len;
    return sb_buf_printf(out, "data/%.*s%s", (int)(len - from), path + from,
                         len > from ? "/" : "") < 0
               ? SB_RELATION_NONE
               : SB_RELATION_ONE;
}

static int match_folder(struct taking *taking, size_t number)
{
    struct sb_metadata_row *row = &taking->table->rows[number];
    struct sb_buf path = {0};
    char shown[SHOWN];
    int r = 0;
    switch (find_folder(&path, &taking->create->source, row->path)) {
    case SB_RELATION_ONE:
        r = sb_metadata_set_path(taking->table, number, (const char *)path.data);
        break;
    case SB_RELATION_AMBIGUOUS:
        sb_metadata_fault(&taking->faults, row->line,
                          "is about \"%s\", which can be two folders. Write the whole path, with "
                          "data/ before it.",
                          sealbag_text_escape(shown, sizeof(shown), row->path));
        break;
    case SB_RELATION_NONE:
    default:
        explain_missing(taking, row);
    }
    sb_buf_free(&path);
    return r;
}

/* Each row gets the path of its document in the bag, or of its folder. */
static int match_rows(struct taking *taking)
{
    struct sb_metadata *table = taking->table;
    char shown[SHOWN];
    size_t document = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < table->row_count; i++) {
        struct sb_metadata_row *row = &table->rows[i];
        switch (sb_relations_find(&document, &taking->known, row->path)) {
        case SB_RELATION_ONE:
            if (strcmp(row->path, taking->documents[document].path) != 0)
                r = sb_metadata_set_path(table, i, taking->documents[document].path);
            break;
        case SB_RELATION_AMBIGUOUS:
            sb_metadata_fault(&taking->faults, row->line,
                              "is about \"%s\", which can be two documents. Write the whole path, "
                              "with data/ before it.",
                              sealbag_text_escape(shown, sizeof(shown), row->path));
            break;
        case SB_RELATION_NONE:
        default:
            r = match_folder(taking, i);
        }
    }
    return r == 0 ? sb_metadata_sort(table) : r;
}

static void check_twice(struct taking *taking)
{
    const struct sb_metadata *table = taking->table;
    size_t first = 0;
    char shown[SHOWN];
    for (size_t i = 1; i < table->by_path_count; i++) {
        const struct sb_metadata_place *place = &table->by_path[i];
        if (strcmp(table->by_path[first].path, place->path) != 0) {
            first = i;
            continue;
        }
        sb_metadata_fault(&taking->faults, table->rows[place->row].line,
                          "is about \"%s\", as line %zu is already. A %s has one row.",
                          show(shown, place->path), table->rows[table->by_path[first].row].line,
                          sb_metadata_is_folder(place->path) ? "folder" : "document");
    }
}

static void check_all_have_one(struct taking *taking)
{
    const struct sb_source *source = &taking->create->source;
    char shown[SHOWN];
    for (size_t i = 0; i < source->count; i++) {
        if (sb_metadata_find(taking->table, source->files[i].bag_path) == SIZE_MAX)
            sb_metadata_fault(&taking->faults, 0, "has no row for \"%s\".",
                              show(shown, source->files[i].bag_path));
    }
}

/* ---- cells ------------------------------------------------------------------------------- */

static bool is_date_column(const char *column)
{
    return strcmp(column, "dcterms.issued") == 0 || strcmp(column, "premis.eventDateTime") == 0;
}

static void check_dates(struct taking *taking, size_t column)
{
    const struct sb_metadata *table = taking->table;
    char shown[SHOWN];
    for (size_t row = 0; row < table->row_count; row++) {
        const char *cell = sb_metadata_cell(table, row, column);
        if (cell != NULL && !sb_date_valid(cell, strlen(cell)))
            sb_metadata_fault(&taking->faults, table->rows[row].line,
                              "has \"%s\" in %s, which is no date. Write YYYY, YYYY-MM or "
                              "YYYY-MM-DD, or 2026-11-25T09:30Z with a time and a zone.",
                              show_cell(shown, cell), table->columns[column]);
    }
}

/* File times are restored from here, so there is one for each document, in one form. */
static void check_times(struct taking *taking, size_t column)
{
    const struct sb_metadata *table = taking->table;
    char shown[SHOWN];
    if (sb_metadata_column(table, table->columns[column], 0) != column)
        sb_metadata_fault(&taking->faults, 0, "has two columns %s.", table->columns[column]);
    for (size_t row = 0; row < table->row_count; row++) {
        const char *cell = sb_metadata_cell(table, row, column);
        int64_t seconds;
        uint32_t nanoseconds;
        if (cell != NULL && sb_metadata_is_folder(table->rows[row].path))
            sb_metadata_fault(&taking->faults, table->rows[row].line,
                              "is about a folder and has a time in %s. Only those of documents can "
                              "be restored: leave the cell empty.",
                              table->columns[column]);
        else if (cell != NULL && !sb_instant_parse(&seconds, &nanoseconds, cell, strlen(cell)))
            sb_metadata_fault(&taking->faults, table->rows[row].line,
                              "has \"%s\" in %s, which is no time. Write it as "
                              "2026-11-25T09:30:00Z, in UTC.",
                              show_cell(shown, cell), table->columns[column]);
    }
}

static int check_relations(struct taking *taking, size_t column, enum sealbag_relation_kind kind)
{
    const struct sb_metadata *table = taking->table;
    char shown[SHOWN], other[GUESS];
    for (size_t row = 0; row < table->row_count; row++) {
        const char *cell = sb_metadata_cell(table, row, column);
        if (cell == NULL)
            continue;
        struct sealbag_relation *relations = sb_array_grow(
            taking->relations, &taking->relation_cap, taking->relation_count, sizeof(*relations));
        if (relations == NULL)
            return SEALBAG_ERR_MEMORY;
        taking->relations = relations;
        const char *why = sb_relation_resolve(&relations[taking->relation_count], &taking->known,
                                              kind, table->rows[row].path, cell);
        if (why == NULL && relations[taking->relation_count].target == SEALBAG_TARGET_DIGEST)
            taking->create->metadata_digests |= sb_relation_derives(kind);
        if (why == NULL) /* only these can go round in a circle that is refused */
            taking->relation_count += sb_relation_derives(kind);
        else
            sb_metadata_fault(&taking->faults, table->rows[row].line,
                              "has \"%s\" in %s: the value %s.%s", show_cell(shown, cell),
                              table->columns[column], why, guess(taking, other, cell));
    }
    return 0;
}

/* A document cannot be made out of itself. */
static int check_circle(struct taking *taking)
{
    const struct sb_metadata *table = taking->table;
    struct sb_buf text = {0};
    const char **circle;
    size_t len, line = 0;
    char shown[SHOWN];
    int r = sb_relations_circle(&circle, &len, &taking->known, taking->relations,
                                taking->relation_count);
    for (size_t i = 0; r == 0 && i < len; i++) {
        size_t row = sb_metadata_find(table, circle[i]);
        if (i == 0)
            line = row != SIZE_MAX ? table->rows[row].line : 0;
        if (row == SIZE_MAX || table->rows[row].line == 0 || i == 0)
            r = sb_buf_printf(&text, "\"%s\" from ", show(shown, circle[i]));
        else
            r = sb_buf_printf(&text, "\"%s\" (line %zu) from ", show(shown, circle[i]),
                              table->rows[row].line);
    }
    if (r == 0 && len > 0)
        sb_metadata_fault(&taking->faults, line,
                          "is part of a circle, in which each document is derived from the next "
                          "one: %s\"%s\".",
                          (const char *)text.data, show(shown, circle[0]));
    sb_buf_free(&text);
    free(circle);
    return r;
}

static void check_sizes(struct taking *taking)
{
    const struct sb_metadata *table = taking->table;
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i], sb_known_column(SB_KNOWN_EXTENT)) == 0)
            taking->create->metadata_extents |=
                sb_create_check_extents(&taking->faults, taking->create, i);
    }
}

static int check_cells(struct taking *taking)
{
    const struct sb_metadata *table = taking->table;
    int r = 0;
    for (size_t i = 0; r == 0 && i < table->column_count; i++) {
        enum sealbag_relation_kind kind = sb_relation_kind(table->columns[i]);
        if (is_date_column(table->columns[i]))
            check_dates(taking, i);
        else if (strcmp(table->columns[i], sb_known_column(SB_KNOWN_MTIME)) == 0)
            check_times(taking, i);
        else if (kind != SEALBAG_RELATION_KINDS)
            r = check_relations(taking, i, kind);
    }
    return r == 0 ? check_circle(taking) : r;
}

/* ---- all of it --------------------------------------------------------------------------- */

static int take(struct taking *taking)
{
    const struct sealbag_create_options *options = taking->create->options;
    int r = 0;
    if (taking->faults.count > 0)
        return 0;
    if (taking->table->row_count == 0)
        sb_metadata_fault(&taking->faults, 0, "has no row: there is nothing to record.");
    r = sb_create_start_looking(taking->create);
    if (r == 0)
        r = know_documents(taking);
    if (r == 0)
        r = match_rows(taking);
    if (r < 0)
        return r;
    /* What documents say of themselves comes into it later. */
    if (!taking->create->only_check && options->recording == NULL && taking->faults.count == 0)
        sb_create_start_writing(taking->create);
    check_twice(taking);
    if (options->require_metadata)
        check_all_have_one(taking);
    check_sizes(taking);
    return check_cells(taking);
}

static void taking_free(struct taking *taking)
{
    sb_metadata_faults_free(&taking->faults);
    sb_relations_free(&taking->known);
    free(taking->documents);
    free(taking->relations);
}

int sb_create_take_metadata(struct sb_create *create, struct sealbag_problems *problems,
                            struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    struct taking taking = {.create = create, .table = &create->metadata};
    if (options->metadata == NULL && !options->require_metadata)
        return 0;
    if (options->metadata == NULL)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "--require-metadata needs records: give them with --metadata.");
    int r = sb_create_read_records(create, &taking.faults, error);
    if (r == 0)
        r = take(&taking) < 0 ? sb_error_memory(error) : conclude(&taking, problems, error);
    taking_free(&taking);
    return r;
}

/* What could not be known before the documents were read: circles of those whose digests relations
 * give, and the sizes of those that were changed since the walk. */
static int check_read(struct sb_create *create, struct sb_error *error)
{
    struct taking taking = {.create = create, .table = &create->metadata};
    char shown[SHOWN];
    int r = 0;
    if (create->metadata_extents)
        check_sizes(&taking);
    if (create->metadata_digests)
        r = know_documents(&taking);
    if (r == 0 && create->metadata_digests)
        r = check_cells(&taking);
    if (r < 0 || taking.faults.overflow)
        r = sb_error_memory(error);
    else if (taking.faults.count > 0)
        r = sb_error_set(error, SEALBAG_ERR_METADATA,
                         "%s cannot be taken as it is: line %zu %s Nothing was sealed.",
                         sealbag_text_escape(shown, sizeof(shown), create->options->metadata),
                         taking.faults.items[0].line, taking.faults.items[0].sentence);
    taking_free(&taking);
    return r;
}

int sb_create_write_metadata(struct sb_create *create, struct sb_error *error)
{
    struct sb_create_records *records = &create->records;
    if (create->metadata.row_count == 0)
        return 0;
    bool again = create->metadata_digests || create->metadata_extents;
    int r = again ? check_read(create, error) : 0;
    if (r == 0)
        r = sb_create_finish_writing(create, error);
    if (r == 0)
        r = sb_create_hashed_tag(create, SB_METADATA_CSV, &records->text, records->sha256, error);
    if (r == 0) /* else it may be in use */
        sb_buf_free(&records->text);
    return r;
}
