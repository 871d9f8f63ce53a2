/* What a bag says of itself and of its documents, for people. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/report.h"
#include "report/show.h"

const char *sealbag_column_text(const char *column)
{
    static const struct {
        const char *column, *text;
    } rows[] = {
#define ROW(column, text) {column, text},
        SEALBAG_COLUMNS(ROW)
#undef ROW
#define ROW(name, column, text) {column, text},
            SEALBAG_RELATIONS(ROW)
#undef ROW
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].column, column) == 0)
            return rows[i].text;
    }
    return NULL;
}

static int by_path(const void *key, const void *item)
{
    return strcmp(key, ((const struct sealbag_document *)item)->path);
}

const struct sealbag_document *sealbag_document_find(const struct sealbag_verdict *verdict,
                                                     const char *path)
{
    struct sb_buf whole = {0};
    const struct sealbag_document *found = NULL;
    if (verdict->document == NULL || verdict->documents == 0)
        return NULL;
    size_t count = (size_t)verdict->documents;
    found = bsearch(path, verdict->document, count, sizeof(*found), by_path);
    if (found == NULL && sb_buf_printf(&whole, "data/%s", path) == 0)
        found = bsearch(whole.data, verdict->document, count, sizeof(*found), by_path);
    sb_buf_free(&whole);
    return found;
}

const struct sealbag_record *sealbag_folder_find(const struct sealbag_verdict *verdict,
                                                 const char *path)
{
    const struct sealbag_record *found = NULL;
    size_t len = strlen(path);
    while (len > 0 && path[len - 1] == '/')
        len--;
    for (int whole = 1; found == NULL && whole >= 0; whole--) {
        struct sb_buf text = {0};
        if (sb_buf_printf(&text, "%s%.*s/", whole ? "" : "data/", (int)len, path) == 0)
            found = sb_record_find(verdict, (const char *)text.data);
        sb_buf_free(&text);
    }
    return found;
}

/* ---- the bag ---------------------------------------------------------------------------- */

static void show_labels(struct sb_shown *shown, const struct sealbag_verdict *verdict)
{
    const struct sealbag_provenance *provenance = verdict->provenance;
    if (provenance->label_count > 0)
        fprintf(shown->to, "\nLabels, %s:\n", sb_show_stated(verdict));
    for (size_t i = 0; i < provenance->label_count; i++) {
        fputs("    ", shown->to);
        sb_show_name(shown, provenance->label[i].label);
        sb_show_value(shown, 4, provenance->label[i].value);
    }
}

static const char *plural(size_t count, const char *one, const char *more)
{
    return count == 1 ? one : more;
}

static void show_counts(struct sb_shown *shown, const struct sealbag_verdict *verdict)
{
    const struct sealbag_provenance *provenance = verdict->provenance;
    size_t kinds[SEALBAG_RELATION_KINDS] = {0};
    for (size_t i = 0; i < provenance->relation_count; i++)
        kinds[provenance->relation[i].kind]++;
    fprintf(shown->to, "\nRecords, %s:\n", sb_show_stated(verdict));
    if (provenance->foreign) {
        fputs("    metadata/metadata.csv is not in the form that sealbag writes: nothing of it is "
              "shown.\n",
              shown->to);
        return;
    }
    size_t folders = provenance->folder_count, records = provenance->record_count - folders;
    fprintf(shown->to, "    %zu of %" PRIu64 " %s %s a record\n", records, verdict->documents,
            verdict->documents == 1 ? "document" : "documents", plural(records, "has", "have"));
    if (folders > 0)
        fprintf(shown->to, "    %zu %s a record\n", folders,
                plural(folders, "folder has", "folders have"));
    fprintf(shown->to, "    %zu %s", provenance->relation_count,
            plural(provenance->relation_count, "relation", "relations"));
    const char *before = ": ";
    for (unsigned kind = 0; kind < SEALBAG_RELATION_KINDS; kind++) {
        if (kinds[kind] == 0)
            continue;
        fprintf(shown->to, "%s%zu %s \"%s\"", before, kinds[kind], plural(kinds[kind], "is", "are"),
                sb_link_text((enum sealbag_relation_kind)kind, false));
        before = ", ";
    }
    fputc('\n', shown->to);
    if (provenance->record_count > 0)
        fputs("    All about one document: sealbag show BUNDLE PATH. Paths: sealbag list BUNDLE.\n",
              shown->to);
    if (provenance->relation_count > 0)
        fputs("    What rests on what: sealbag show --graph BUNDLE\n", shown->to);
}

static void show_bag(struct sb_shown *shown, const struct sealbag_verdict *verdict)
{
    if (verdict->provenance != NULL) {
        show_labels(shown, verdict);
        show_counts(shown, verdict);
    }
    if (verdict->custody_count == 0)
        return;
    fputs("\nCustody, each event as stated by its own signer:\n", shown->to);
    sealbag_custody_print(shown->to, verdict);
}

/* ---- documents -------------------------------------------------------------------------- */

static void show_values(struct sb_shown *shown, const struct sealbag_record *record)
{
    for (size_t i = 0; i < record->value_count; i++) {
        const struct sealbag_value *value = &record->value[i];
        const char *text = sealbag_column_text(value->column);
        fputs("        ", shown->to);
        if (text != NULL)
            fprintf(shown->to, "%s (%s)", text, value->column);
        else
            sb_show_name(shown, value->column);
        sb_show_value(shown, 8, value->value);
    }
}

static void show_record(struct sb_shown *shown, const struct sealbag_verdict *verdict,
                        const struct sealbag_record *record)
{
    if (record == NULL) {
        fputs("    There is no record of it.\n", shown->to);
        return;
    }
    fprintf(shown->to, "    Record, %s:\n", sb_show_stated(verdict));
    show_values(shown, record);
}

/* What is said of the folders that a path lies in, or is, said of all documents below them. */
static void show_folders(struct sb_shown *shown, const struct sealbag_verdict *verdict,
                         const char *path)
{
    const struct sealbag_record *record;
    for (size_t i = 0; (record = sb_record_of_folder(verdict, path, i)) != NULL; i++) {
        fputs("    Record of the folder ", shown->to);
        sb_show_name(shown, record->path);
        fprintf(shown->to, ", %s:\n", sb_show_stated(verdict));
        show_values(shown, record);
    }
}

static void show_relations(struct sb_shown *shown, const struct sealbag_verdict *verdict,
                           const struct sb_links *links, const char *path)
{
    size_t node = sb_links_find(links, path);
    if (node == links->count)
        return;
    fprintf(shown->to, "    Relations, %s:\n", sb_show_stated(verdict));
    for (size_t i = links->out_first[node]; i < links->out_first[node + 1]; i++) {
        const struct sealbag_relation *relation = &links->relation[links->out[i]];
        fprintf(shown->to, "        %s ", sb_link_text(relation->kind, false));
        sb_show_name(shown, relation->to);
        fputs(relation->target == SEALBAG_TARGET_DIGEST ? " (not in the bag)\n" : "\n", shown->to);
    }
    for (size_t i = links->in_first[node]; i < links->in_first[node + 1]; i++) {
        const struct sealbag_relation *relation = &links->relation[links->in[i]];
        fprintf(shown->to, "        %s ", sb_link_text(relation->kind, true));
        sb_show_name(shown, relation->from);
        fputc('\n', shown->to);
    }
}

static void show_document(struct sb_shown *shown, const struct sealbag_verdict *verdict,
                          const struct sb_links *links, const char *path)
{
    const struct sealbag_document *document = sealbag_document_find(verdict, path);
    char size[SB_SIZE_TEXT], hex[65];
    if (document == NULL) {
        const struct sealbag_record *folder = sealbag_folder_find(verdict, path);
        if (folder == NULL)
            return;
        fputs("\nFolder ", shown->to);
        sb_show_name(shown, folder->path);
        fputc('\n', shown->to);
        show_folders(shown, verdict, folder->path);
        return;
    }
    fputs("\nDocument ", shown->to);
    sb_show_name(shown, document->path);
    fprintf(shown->to, "\n    Size:    %s\n    SHA-256: %s\n", sb_text_size(size, document->size),
            sb_hex_encode(hex, document->sha256, 32));
    if (verdict->partial)
        fputs("    The document was not read: these are the size and digest that were sealed.\n",
              shown->to);
    if (verdict->provenance != NULL && verdict->provenance->foreign)
        fputs("    metadata/metadata.csv is not in the form that sealbag writes: nothing of it is "
              "shown.\n",
              shown->to);
    else
        show_record(shown, verdict, sb_record_find(verdict, document->path));
    show_folders(shown, verdict, document->path);
    show_relations(shown, verdict, links, document->path);
}

/* The notes of a good verdict tell nothing here, but that not all was read. */
static void show_rest(FILE *to, const struct sealbag_verdict *verdict)
{
    char size[SB_SIZE_TEXT];
    sb_report_seal(to, verdict);
    fprintf(to, "  Holds:    %" PRIu64 " %s, %s\n", verdict->documents,
            verdict->documents == 1 ? "document" : "documents", sb_text_size(size, verdict->bytes));
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct sealbag_finding *finding = &verdict->finding[i];
        if (finding->severity != SEALBAG_NOTE || strcmp(finding->rule, "bag.partly-read") == 0)
            sb_report_finding(to, finding);
    }
}

int sealbag_show_print(FILE *to, const char *label, const struct sealbag_verdict *verdict,
                       const char *const *paths, size_t path_count)
{
    struct sb_shown shown = {.to = to};
    struct sb_links links;
    if (sb_show_nothing(verdict))
        return 0;
    shown.failed = sb_links_make(&links, verdict->provenance);
    if (shown.failed == 0) {
        sb_report_answers(to, label, verdict);
        show_rest(to, verdict);
        fputc('\n', to);
        sb_show_worth(&shown, verdict);
    }
    if (shown.failed == 0 && path_count == 0)
        show_bag(&shown, verdict);
    for (size_t i = 0; shown.failed == 0 && i < path_count; i++)
        show_document(&shown, verdict, &links, paths[i]);
    sb_links_free(&links);
    return sb_shown_finish(&shown);
}
