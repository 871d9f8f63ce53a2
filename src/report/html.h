/* The report: one HTML file about a verdict. Nothing of a bundle reaches it but through
 * sb_html_foreign and its relatives; our own words go through sb_html_text, also when what was
 * escaped for a terminal has been put into them. */
#ifndef SB_REPORT_HTML_H
#define SB_REPORT_HTML_H

#include <sealbag/sealbag.h>

#include "base/error.h"
#include "report/language.h"

struct sb_page {
    FILE *to;
    struct sb_language language;
    const char *label; /* the bundle's name, raw */
    const struct sealbag_verdict *verdict;
    /* Whether anything of its contents may be told: it is intact, and nothing else makes it one not
     * to be used. */
    bool tells;
    bool sealed; /* and somebody has sealed it, so it is he who states what it says */
};

/* ---- writing (html_text.c) ---- */

/* Markup of ours. */
void sb_html_raw(struct sb_page *page, const char *markup);
/* Our own words, and what is escaped for a terminal already. */
void sb_html_text(struct sb_page *page, const char *text);
/* The same with printf's format, which is translated by the caller. At most 2,000 bytes. */
void sb_html_say(struct sb_page *page, const char *format, ...) SB_PRINTF(2, 3);
/* The same as a paragraph. */
void sb_html_paragraph(struct sb_page *page, const char *format, ...) SB_PRINTF(2, 3);
/* Bytes from outside, in the form of sealbag_text_escape. */
void sb_html_foreign(struct sb_page *page, const char *text);
/* The same in <bdi>, so that letters that run from right to left do not move what is around. */
void sb_html_name(struct sb_page *page, const char *text);
/* The same for a cell: a line feed is a line break, and what is too long is cut and says so. */
void sb_html_cell(struct sb_page *page, const char *text);
/* The beginning of it, where it stands in full elsewhere: nothing in the page is of any length. */
void sb_html_brief(struct sb_page *page, const char *text);
/* <tag>text</tag>, with our own words. */
void sb_html_element(struct sb_page *page, const char *tag, const char *text);
/* A time of the form of RFC 3339 as <time>, or whatever it is. */
void sb_html_time(struct sb_page *page, const char *time);
/* A fingerprint or hex digits in groups of four, which stay one word when they are copied. */
void sb_html_groups(struct sb_page *page, const char *text, size_t len);
/* The beginning of a section with a heading. */
void sb_html_section(struct sb_page *page, const char *id, const char *heading);
/* Who states what is shown in a section. */
void sb_html_stated(struct sb_page *page);

/* The cell of a table that says what a signature and its key are. */
void sb_html_state(struct sb_page *page, enum sealbag_signature_state state,
                   enum sealbag_trust_state trust, bool intact);
/* The beginning of a table, with heads that are translated here. */
void sb_html_heads(struct sb_page *page, const char *class, const char *const *heads, size_t count);
void sb_html_fingerprint(struct sb_page *page, const char *fingerprint);

/* Translates a text of ours. */
#define SB_TR(page, text)          sb_tr(&(page)->language, (text))
#define SB_TRN(page, one, many, n) sb_trn(&(page)->language, (one), (many), (n))

/* ---- the sections, in this order ---- */

void sb_html_verdict(struct sb_page *page);
int sb_html_signers(struct sb_page *page);
void sb_html_proven(struct sb_page *page);
void sb_html_findings(struct sb_page *page);
void sb_html_custody(struct sb_page *page);
void sb_html_labels(struct sb_page *page);
void sb_html_records(struct sb_page *page);
int sb_html_relations(struct sb_page *page);
void sb_html_documents(struct sb_page *page);
void sb_html_by_hand(struct sb_page *page);

/* The graph of the relations as <svg>. 0 or SEALBAG_ERR_MEMORY. */
int sb_html_graph(struct sb_page *page);
/* What a relation says, in this language. */
const char *sb_html_relation(const struct sb_page *page, enum sealbag_relation_kind kind);

#endif
