/* What the bag says of itself and of its documents. */
#include <string.h>

#include "report/html.h"

/* So many are read by nobody in one page; a program takes them from the CSV. */
enum { VALUES_MAX = 20000, RELATIONS_MAX = 1000, LABELS_MAX = 1000 };

void sb_html_labels(struct sb_page *page)
{
    static const char *const heads[] = {SB_N("Label"), SB_N("Value")};
    const struct sealbag_provenance *provenance = page->verdict->provenance;
    if (!page->tells || provenance == NULL || provenance->label_count == 0)
        return;
    char number[SB_NUMBER_TEXT];
    size_t count = provenance->label_count < LABELS_MAX ? provenance->label_count : LABELS_MAX;
    sb_html_section(page, "labels", SB_TR(page, "What the bag says of itself"));
    sb_html_stated(page);
    sb_html_heads(page, "labels", heads, 2);
    for (size_t i = 0; i < count; i++) {
        sb_html_raw(page, "<tr><th scope=\"row\">");
        sb_html_cell(page, provenance->label[i].label);
        sb_html_raw(page, "</th><td>");
        sb_html_cell(page, provenance->label[i].value);
        sb_html_raw(page, "</td></tr>\n");
    }
    sb_html_raw(page, "</tbody></table>\n");
    if (count < provenance->label_count)
        sb_html_paragraph(
            page, SB_TR(page, "And %s more, which stand in bag-info.txt."),
            sb_language_number(number, &page->language, provenance->label_count - count));
    sb_html_raw(page, "</section>\n");
}

/* ---- records ---- */

static void show_record(struct sb_page *page, const struct sealbag_record *record)
{
    sb_html_raw(page, "<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"2\">");
    sb_html_cell(page, record->path);
    sb_html_raw(page, "</th></tr>\n");
    for (size_t i = 0; i < record->value_count; i++) {
        const char *words = sealbag_column_text(record->value[i].column);
        sb_html_raw(page, "<tr><th scope=\"row\">");
        if (words != NULL) {
            sb_html_raw(page, "<span class=\"words\">");
            sb_html_text(page, SB_TR(page, words));
            sb_html_raw(page, "</span> <small>");
        }
        sb_html_cell(page, record->value[i].column);
        sb_html_raw(page, words != NULL ? "</small></th><td>" : "</th><td>");
        sb_html_cell(page, record->value[i].value);
        sb_html_raw(page, "</td></tr>\n");
    }
    sb_html_raw(page, "</tbody>\n");
}

void sb_html_records(struct sb_page *page)
{
    const struct sealbag_provenance *provenance = page->verdict->provenance;
    char number[SB_NUMBER_TEXT];
    size_t shown = 0, values = 0;
    if (!page->tells || provenance == NULL)
        return;
    sb_html_section(page, "records", SB_TR(page, "Where the documents come from"));
    if (provenance->foreign)
        sb_html_element(page, "p",
                        SB_TR(page, "The bag has records of another program, which were not read. "
                                    "They are in metadata/metadata.csv."));
    else if (provenance->record_count == 0)
        sb_html_element(page, "p", SB_TR(page, "The bag has no records about its documents."));
    if (provenance->record_count > 0) {
        sb_html_stated(page);
        sb_html_raw(page, "<table class=\"records\">\n<thead><tr><th scope=\"col\">");
        sb_html_text(page, SB_TR(page, "What"));
        sb_html_raw(page, "</th><th scope=\"col\">");
        sb_html_text(page, SB_TR(page, "As stated"));
        sb_html_raw(page, "</th></tr></thead>\n");
        for (; shown < provenance->record_count && values < VALUES_MAX; shown++) {
            show_record(page, &provenance->record[shown]);
            values += provenance->record[shown].value_count + 1;
        }
        sb_html_raw(page, "</table>\n");
    }
    size_t more = provenance->record_count - shown;
    if (more > 0)
        sb_html_paragraph(
            page,
            SB_TRN(page,
                   "There is %s more record, in metadata/metadata.csv. sealbag show shows it.",
                   "There are %s more records, in metadata/metadata.csv. sealbag show shows each.",
                   more),
            sb_language_number(number, &page->language, more));
    sb_html_raw(page, "</section>\n");
}

/* ---- relations ---- */

const char *sb_html_relation(const struct sb_page *page, enum sealbag_relation_kind kind)
{
#define WORDS(name, column, text) text,
    static const char *const words[] = {SEALBAG_RELATIONS(WORDS)};
#undef WORDS
    return SB_TR(page, words[kind]);
}

static void show_relation(struct sb_page *page, const struct sealbag_relation *relation)
{
    sb_html_raw(page, "<li>");
    sb_html_cell(page, relation->from);
    sb_html_raw(page, " <em>");
    sb_html_text(page, sb_html_relation(page, relation->kind));
    sb_html_raw(page, "</em> ");
    sb_html_cell(page, relation->to);
    if (relation->target == SEALBAG_TARGET_URL)
        sb_html_text(page, SB_TR(page, " (an address, not in the bag)"));
    else if (relation->target == SEALBAG_TARGET_DIGEST)
        sb_html_text(page, SB_TR(page, " (by its digest, not in the bag)"));
    sb_html_raw(page, "</li>\n");
}

int sb_html_relations(struct sb_page *page)
{
    const struct sealbag_provenance *provenance = page->verdict->provenance;
    if (!page->tells || provenance == NULL || provenance->relation_count == 0)
        return 0;
    char number[SB_NUMBER_TEXT];
    size_t count = provenance->relation_count;
    size_t shown = count < RELATIONS_MAX ? count : RELATIONS_MAX;
    sb_html_section(page, "relations", SB_TR(page, "What rests on what"));
    sb_html_stated(page);
    int r = sb_html_graph(page);
    sb_html_element(page, "h3", SB_TR(page, "The same as a list"));
    sb_html_raw(page, "<ul class=\"relations\">\n");
    for (size_t i = 0; i < shown; i++)
        show_relation(page, &provenance->relation[i]);
    sb_html_raw(page, "</ul>\n");
    if (shown < count)
        sb_html_paragraph(page, SB_TR(page, "And %s more: sealbag show --graph lists all."),
                          sb_language_number(number, &page->language, count - shown));
    sb_html_raw(page, "</section>\n");
    return r;
}
