#include "op/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "bag/taginfo.h"
#include "record/relation.h"

void sb_provenance_free(struct sb_provenance *provenance)
{
    free(provenance->labels);
    free(provenance->records);
    free(provenance->values);
    free(provenance->relations);
    sb_metadata_free(&provenance->table);
    sb_arena_free(&provenance->strings);
    *provenance = (struct sb_provenance){0};
}

/* ---- labels ------------------------------------------------------------------------------ */

static int add_label(struct sb_provenance *out, size_t *cap, const struct sb_buf *label,
                     const struct sb_buf *value)
{
    struct sealbag_label *labels =
        sb_array_grow(out->labels, cap, out->told.label_count, sizeof(*labels));
    if (labels == NULL)
        return SEALBAG_ERR_MEMORY;
    out->labels = labels;
    labels += out->told.label_count;
    labels->label = sb_arena_copy(&out->strings, label->data, label->len);
    labels->value = sb_arena_copy(&out->strings, value->data, value->len);
    if (labels->label == NULL || labels->value == NULL)
        return SEALBAG_ERR_MEMORY;
    out->told.label_count++;
    return 0;
}

/* They are those that were judged: in the encoding that the bag names. */
static int take_labels(struct sb_provenance *out, struct sb_judge *judge)
{
    struct sb_buf text = {0}, label = {0}, value = {0};
    size_t cap = 0;
    int r = sb_judge_text(&text, judge, SB_RULE_INFO_LINE, sb_judge_info_name(judge));
    struct sb_bag_info info = {{.bytes = (const char *)text.data, .len = text.len}};
    while (r > 0) {
        label.len = value.len = 0;
        r = sb_bag_info_next(&info, &label, &value);
        if (r > 0 && add_label(out, &cap, &label, &value) < 0)
            r = SEALBAG_ERR_MEMORY;
    }
    sb_buf_free(&text);
    sb_buf_free(&label);
    sb_buf_free(&value);
    return r;
}

/* ---- records ----------------------------------------------------------------------------- */

static int take_records(struct sb_provenance *out)
{
    const struct sb_metadata *table = &out->table;
    size_t count = 0;
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->column_count; i++)
            count += sb_metadata_cell(table, row, i) != NULL;
    }
    out->records = calloc(table->row_count + 1, sizeof(*out->records));
    out->values = calloc(count + 1, sizeof(*out->values));
    if (out->records == NULL || out->values == NULL)
        return SEALBAG_ERR_MEMORY;
    struct sealbag_value *value = out->values;
    for (size_t row = 0; row < table->row_count; row++) {
        struct sealbag_record *record = &out->records[row];
        record->path = table->rows[row].path;
        record->value = value;
        for (size_t i = 0; i < table->column_count; i++) {
            const char *cell = sb_metadata_cell(table, row, i);
            if (cell != NULL)
                *value++ = (struct sealbag_value){table->columns[i], cell};
        }
        record->value_count = (size_t)(value - record->value);
    }
    return 0;
}

/* ---- relations --------------------------------------------------------------------------- */

/* What a folder's record says is shown with each document below it, and is no relation of any. */
static int take_relations_of(struct sb_provenance *out, size_t *cap, struct sealbag_record *record,
                             struct sb_relations *documents)
{
    record->relation = out->told.relation_count;
    bool folder = sb_metadata_is_folder(record->path);
    for (size_t i = 0; !folder && i < record->value_count; i++) {
        const struct sealbag_value *value = &record->value[i];
        enum sealbag_relation_kind kind = sb_relation_kind(value->column);
        struct sealbag_relation relation;
        /* One that leads nowhere stays a value like any other. */
        if (kind == SEALBAG_RELATION_KINDS ||
            sb_relation_resolve(&relation, documents, kind, record->path, value->value) != NULL)
            continue;
        struct sealbag_relation *relations =
            sb_array_grow(out->relations, cap, out->told.relation_count, sizeof(*relations));
        if (relations == NULL)
            return SEALBAG_ERR_MEMORY;
        out->relations = relations;
        out->relations[out->told.relation_count++] = relation;
    }
    record->relation_count = out->told.relation_count - record->relation;
    return 0;
}

static int take_relations(struct sb_provenance *out, const struct sealbag_document *documents,
                          size_t count)
{
    struct sb_relations relations = {0};
    size_t cap = 0;
    struct sb_relation_document *known = calloc(count + 1, sizeof(*known));
    if (known == NULL)
        return SEALBAG_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        known[i] = (struct sb_relation_document){documents[i].path, documents[i].sha256};
    int r = sb_relations_init(&relations, known, count);
    for (size_t i = 0; r == 0 && i < out->table.row_count; i++)
        r = take_relations_of(out, &cap, &out->records[i], &relations);
    sb_relations_free(&relations);
    free(known);
    return r;
}

int sb_provenance_make(struct sb_provenance *out, struct sb_judge *judge,
                       const struct sealbag_document *documents, size_t count)
{
    out->table = judge->metadata;
    judge->metadata = (struct sb_metadata){0};
    int r = take_labels(out, judge);
    if (r == 0 && out->table.row_count > 0)
        r = take_records(out);
    if (r == 0 && out->table.row_count > 0)
        r = take_relations(out, documents, count);
    out->told.label = out->labels;
    out->told.record = out->records;
    out->told.record_count = out->table.row_count;
    out->told.folder_count = out->table.row_count - sb_metadata_documents(&out->table);
    out->told.relation = out->relations;
    out->told.foreign = judge->metadata_foreign;
    return r;
}
