/* The findings, and the custody chain. */
#include <string.h>

#include "base/rule.h"
#include "report/html.h"

/* A hostile bundle can give rise to any number. */
enum { FINDINGS_MAX = 1000, EVENTS_MAX = 2000 };

/* In English the sentence says it all. In another language the rule's meaning comes first: there is
 * one for each rule, while sentences are made where something is found. */
static void show_finding(struct sb_page *page, const struct sealbag_finding *finding)
{
    static const char *const classes[] = {"note", "careful", "bad"};
    static const char *const words[] = {SB_N("Note"), SB_N("Warning"), SB_N("Problem")};
    static const char *const symbols[] = {"i", "!", "\xe2\x9c\x98"};
    enum sb_rule rule = sb_rule_by_name(finding->rule);
    fprintf(
        page->to,
        "<li class=\"finding %s\"><p><strong><span class=\"mark\" aria-hidden=\"true\">%s</span> ",
        classes[finding->severity], symbols[finding->severity]);
    sb_html_text(page, SB_TR(page, words[finding->severity]));
    sb_html_raw(page, ":</strong> ");
    if (finding->path != NULL) {
        sb_html_raw(page, "<code>");
        sb_html_name(page, finding->path);
        sb_html_raw(page, "</code>: ");
    }
    if (strcmp(page->language.name, "en") != 0 && rule != SB_RULE_COUNT) {
        sb_html_text(page, SB_TR(page, sb_rule_row(rule)->text));
        sb_html_raw(page, ". <span class=\"original\" lang=\"en\"><bdi>");
    } else {
        sb_html_raw(page, "<span lang=\"en\"><bdi>");
    }
    sb_html_text(page, finding->sentence);
    sb_html_raw(page, "</bdi></span> <code class=\"rule\">[");
    sb_html_text(page, finding->rule);
    sb_html_raw(page, "]</code></p></li>\n");
}

void sb_html_findings(struct sb_page *page)
{
    const struct sealbag_verdict *verdict = page->verdict;
    size_t count = verdict->finding_count;
    size_t shown = count > FINDINGS_MAX ? FINDINGS_MAX : count;
    size_t more = count - shown + verdict->findings_omitted;
    char number[SB_NUMBER_TEXT];
    sb_html_section(page, "findings", SB_TR(page, "Findings"));
    if (count == 0)
        sb_html_element(page, "p", SB_TR(page, "There is nothing to remark."));
    else
        sb_html_raw(page, "<ul class=\"findings\">\n");
    for (size_t i = 0; i < shown; i++)
        show_finding(page, &verdict->finding[i]);
    if (count > 0)
        sb_html_raw(page, "</ul>\n");
    if (more > 0) {
        sb_html_paragraph(page,
                          SB_TRN(page, "And %s more, which is left out here.",
                                 "And %s more, which are too many to list here.", more),
                          sb_language_number(number, &page->language, more));
    }
    sb_html_raw(page, "</section>\n");
}

/* ---- custody ---- */

static void show_part(struct sb_page *page, const char *name, const char *text)
{
    if (text == NULL)
        return;
    sb_html_raw(page, "<br>");
    sb_html_text(page, name);
    sb_html_raw(page, " ");
    sb_html_cell(page, text);
}

static void show_event(struct sb_page *page, const struct sealbag_custody_event *event)
{
    fprintf(page->to, "<tr><th scope=\"row\">%u</th>\n<td>", event->number);
    if (event->date[0] != 0)
        sb_html_time(page, event->date);
    else
        sb_html_text(page, SB_TR(page, "no date"));
    sb_html_raw(page, "</td>\n<td>");
    if (event->event != NULL)
        sb_html_name(page, event->event);
    else
        sb_html_text(page, SB_TR(page, "malformed"));
    show_part(page, SB_TR(page, "To:"), event->to);
    show_part(page, SB_TR(page, "Note:"), event->note);
    sb_html_raw(page, "</td>\n<td>");
    if (event->known_as != NULL) {
        sb_html_name(page, event->known_as);
        sb_html_raw(page, "<br>");
    }
    sb_html_fingerprint(page, event->by);
    sb_html_raw(page, "</td>\n");
    sb_html_state(page, event->state, event->trust, true);
    sb_html_raw(page, "</tr>\n");
}

/* Of a chain that does not hold nothing is told, but what the findings say. */
void sb_html_custody(struct sb_page *page)
{
    static const char *const heads[] = {SB_N("No."), SB_N("When"), SB_N("What happened"),
                                        SB_N("Who says so"), SB_N("Signature and key")};
    const struct sealbag_verdict *verdict = page->verdict;
    size_t count = verdict->custody_count;
    size_t shown = count > EVENTS_MAX ? EVENTS_MAX : count;
    char number[SB_NUMBER_TEXT];
    if (!page->tells)
        return;
    sb_html_section(page, "custody", SB_TR(page, "Through whose hands it went"));
    if (count == 0) {
        sb_html_element(page, "p", SB_TR(page, "No custody event is recorded."));
    } else {
        sb_html_raw(page, "<p class=\"stated\">");
        sb_html_text(page, SB_TR(page, "Each event is as stated by the one who signed it, with the "
                                       "time that he states. The signatures prove who stated it, "
                                       "and the order."));
        sb_html_raw(page, "</p>\n");
        sb_html_heads(page, "custody", heads, 5);
        for (size_t i = 0; i < shown; i++)
            show_event(page, &verdict->custody[i]);
        sb_html_raw(page, "</tbody></table>\n");
    }
    if (count > shown) {
        sb_html_paragraph(page,
                          SB_TRN(page, "And %s more event: sealbag custody list shows all.",
                                 "And %s more events: sealbag custody list shows all.",
                                 count - shown),
                          sb_language_number(number, &page->language, count - shown));
    }
    if (verdict->custody_head[0] != 0) {
        sb_html_raw(page, "<p>");
        sb_html_text(page, SB_TR(page, "Head of the chain: "));
        sb_html_groups(page, verdict->custody_head, 32);
        sb_html_raw(page, "</p>\n");
    }
    sb_html_raw(page, "</section>\n");
}
