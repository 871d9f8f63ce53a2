/* What a bag says of itself and of its documents, for programs. Documented in sealbag(1). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/report.h"
#include "report/show.h"

struct show_json {
    FILE *to;
    const struct sealbag_verdict *verdict;
    struct sb_links links;
    const struct sealbag_record **record; /* sorted by path */
    size_t record_count;
};

static int by_path(const void *a, const void *b)
{
    const struct sealbag_record *const *left = a, *const *right = b;
    return strcmp((*left)->path, (*right)->path);
}

static int sort_records(struct show_json *json)
{
    const struct sealbag_provenance *provenance = json->verdict->provenance;
    size_t count = provenance != NULL ? provenance->record_count : 0;
    json->record = calloc(count + 1, sizeof(struct sealbag_record *));
    if (json->record == NULL)
        return SEALBAG_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        json->record[i] = &provenance->record[i];
    json->record_count = count;
    qsort(json->record, count, sizeof(struct sealbag_record *), by_path);
    return 0;
}

static void put_field(FILE *to, const char *before, const char *name, const char *value)
{
    fprintf(to, "%s\"%s\":", before, name);
    sb_json_string(to, value);
}

static void put_labels(struct show_json *json)
{
    const struct sealbag_provenance *provenance = json->verdict->provenance;
    fputs(",\"labels\":[", json->to);
    for (size_t i = 0; provenance != NULL && i < provenance->label_count; i++) {
        put_field(json->to, i > 0 ? ",{" : "{", "label", provenance->label[i].label);
        put_field(json->to, ",", "value", provenance->label[i].value);
        fputc('}', json->to);
    }
    fprintf(json->to, "],\"foreign_metadata\":%s,\"records\":%zu,\"relations\":%zu",
            provenance != NULL && provenance->foreign ? "true" : "false",
            provenance != NULL ? provenance->record_count - provenance->folder_count : 0,
            provenance != NULL ? provenance->relation_count : 0);
}

static void put_values(FILE *to, const struct sealbag_record *record)
{
    fputc('[', to);
    for (size_t i = 0; i < record->value_count; i++) {
        put_field(to, i > 0 ? ",{" : "{", "column", record->value[i].column);
        put_field(to, ",", "value", record->value[i].value);
        fputc('}', to);
    }
    fputc(']', to);
}

static void put_record(struct show_json *json, const char *path)
{
    const struct sealbag_record wanted = {.path = path}, *key = &wanted;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): it is an array of pointers */
    const struct sealbag_record **found = bsearch(&key, json->record, json->record_count,
                                                  sizeof(const struct sealbag_record *), by_path);
    fputs(",\"record\":", json->to);
    if (found == NULL) {
        fputs("null", json->to);
        return;
    }
    put_values(json->to, *found);
}

static void put_relations(struct show_json *json, const char *path)
{
    static const char *const targets[] = {"document", "digest", "url"};
    const struct sb_links *links = &json->links;
    size_t node = sb_links_find(links, path);
    bool any = node < links->count;
    fputs(",\"relations\":[", json->to);
    for (size_t i = any ? links->out_first[node] : 0; any && i < links->out_first[node + 1]; i++) {
        const struct sealbag_relation *relation = &links->relation[links->out[i]];
        put_field(json->to, i > links->out_first[node] ? ",{" : "{", "column",
                  sb_link_column(relation->kind));
        put_field(json->to, ",", "target", targets[relation->target]);
        put_field(json->to, ",", "to", relation->to);
        fputc('}', json->to);
    }
    fputs("],\"related_from\":[", json->to);
    for (size_t i = any ? links->in_first[node] : 0; any && i < links->in_first[node + 1]; i++) {
        const struct sealbag_relation *relation = &links->relation[links->in[i]];
        put_field(json->to, i > links->in_first[node] ? ",{" : "{", "column",
                  sb_link_column(relation->kind));
        put_field(json->to, ",", "from", relation->from);
        fputc('}', json->to);
    }
    fputc(']', json->to);
}

static void put_document(struct show_json *json, const struct sealbag_document *document,
                         const char *before)
{
    char hex[65];
    put_field(json->to, before, "path", document->path);
    fprintf(json->to, ",\"size\":%" PRIu64 ",\"sha256\":\"%s\"", document->size,
            sb_hex_encode(hex, document->sha256, 32));
    put_record(json, document->path);
    put_relations(json, document->path);
    fputc('}', json->to);
}

static void put_documents(struct show_json *json, const char *const *paths, size_t path_count)
{
    const struct sealbag_verdict *verdict = json->verdict;
    const char *before = "{";
    fputs(",\"document_list\":[", json->to);
    for (uint64_t i = 0; path_count == 0 && verdict->document != NULL && i < verdict->documents;
         i++) {
        put_document(json, &verdict->document[i], before);
        before = ",{";
    }
    for (size_t i = 0; i < path_count; i++) {
        const struct sealbag_document *document = sealbag_document_find(verdict, paths[i]);
        if (document == NULL)
            continue;
        put_document(json, document, before);
        before = ",{";
    }
    fputc(']', json->to);
}

/* Whether a folder's record is asked for: by the folder's path, or by that of a document below. */
static bool is_asked(const struct sealbag_verdict *verdict, const struct sealbag_record *folder,
                     const char *const *paths, size_t path_count)
{
    bool asked = path_count == 0;
    for (size_t i = 0; !asked && i < path_count; i++) {
        const struct sealbag_document *document = sealbag_document_find(verdict, paths[i]);
        const struct sealbag_record *named =
            document == NULL ? sealbag_folder_find(verdict, paths[i]) : NULL;
        const char *path = document != NULL ? document->path : named != NULL ? named->path : "";
        asked = strncmp(path, folder->path, strlen(folder->path)) == 0;
    }
    return asked;
}

static void put_folders(struct show_json *json, const char *const *paths, size_t path_count)
{
    const struct sealbag_provenance *provenance = json->verdict->provenance;
    const char *before = "{";
    fputs(",\"folders\":[", json->to);
    for (size_t i = 0;
         provenance != NULL && provenance->folder_count > 0 && i < provenance->record_count; i++) {
        const struct sealbag_record *record = &provenance->record[i];
        size_t len = strlen(record->path);
        if (len == 0 || record->path[len - 1] != '/' ||
            !is_asked(json->verdict, record, paths, path_count))
            continue;
        put_field(json->to, before, "path", record->path);
        fputs(",\"record\":", json->to);
        put_values(json->to, record);
        fputc('}', json->to);
        before = ",{";
    }
    fputc(']', json->to);
}

int sealbag_show_print_json(FILE *to, const char *label, const struct sealbag_verdict *verdict,
                            const char *const *paths, size_t path_count)
{
    struct show_json json = {.to = to, .verdict = verdict};
    bool nothing = sb_show_nothing(verdict);
    int r = sb_links_make(&json.links, nothing ? NULL : verdict->provenance);
    if (r == 0)
        r = sort_records(&json);
    if (r == 0) {
        sb_json_begin(to, "sealbag-show-1", label, verdict);
        if (nothing) {
            fputs(",\"stated_by\":null", to);
        } else {
            fprintf(to, ",\"stated_by\":\"%s\"", sb_report_stated(verdict) ? "signer" : "nobody");
            put_labels(&json);
            put_folders(&json, paths, path_count);
            put_documents(&json, paths, path_count);
        }
        fputc('}', to);
    }
    free(json.record);
    sb_links_free(&json.links);
    return r < 0 ? r : ferror(to) ? SEALBAG_ERR_IO : 0;
}
