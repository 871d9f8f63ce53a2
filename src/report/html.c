/* The report as a whole. It has no script and no link, and refers to nothing outside: whoever reads
 * it, offline or years later, sees the same, and nobody learns that it was read. */
#include <stdlib.h>
#include <string.h>

#include "report/html.h"

#include "report/html_style.h"

static void put_head(struct sb_page *page)
{
    fprintf(page->to, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
            page->language.name);
    /* Should any markup of ours be wrong, a browser still runs and fetches nothing. */
    sb_html_raw(page, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                      "&#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"referrer\" content=\"no-referrer\">\n"
                      "<meta name=\"robots\" content=\"noindex\">\n"
                      "<link rel=\"icon\" href=\"data:,\">\n<title>");
    sb_html_text(page, SB_TR(page, "Report on the bundle"));
    sb_html_raw(page, " ");
    sb_html_foreign(page, page->label);
    sb_html_raw(page, "</title>\n<style>\n");
    for (size_t i = 0; i < sizeof(sb_html_style) / sizeof(sb_html_style[0]); i++)
        sb_html_raw(page, sb_html_style[i]);
    sb_html_raw(page, "</style>\n</head>\n<body>\n<main>\n<h1><small>");
    sb_html_text(page, SB_TR(page, "Report on the bundle"));
    sb_html_raw(page, "</small> ");
    sb_html_name(page, page->label);
    sb_html_raw(page, "</h1>\n");
}

static void put_foot(struct sb_page *page)
{
    sb_html_raw(page, "</main>\n<footer>\n<p>");
    sb_html_text(page, SB_TR(page, "This report is not signed: anybody can write one that looks "
                                   "like it. What counts is the bundle, and what sealbag verify "
                                   "says of it on a machine that you trust."));
    sb_html_raw(page, "</p>\n</footer>\n</body>\n</html>\n");
}

bool sealbag_language_known(const char *language)
{
    struct sb_language ignored;
    return sb_language_open(&ignored, language);
}

/* The folders before it are nobody's business to whom the report is given. A bag that is a folder
 * may have slashes behind its name. The caller frees it. */
static char *name_of(const char *label)
{
    size_t len = strlen(label);
    while (len > 1 && label[len - 1] == '/')
        len--;
    size_t at = len;
    while (at > 0 && label[at - 1] != '/')
        at--;
    return at < len ? strndup(label + at, len - at) : strdup(label);
}

int sealbag_verdict_print_html(FILE *to, const char *label, const struct sealbag_verdict *verdict,
                               const char *language)
{
    struct sb_page page = {.to = to, .verdict = verdict};
    if (!sb_language_open(&page.language, language))
        return SEALBAG_ERR_USAGE;
    char *name = name_of(label);
    page.label = name;
    if (name == NULL)
        return SEALBAG_ERR_MEMORY;
    page.tells =
        verdict->intact == SEALBAG_INTACT && verdict->exit_code != 1 && verdict->exit_code != 5;
    page.sealed = verdict->sealed && verdict->valid_seals > 0;
    put_head(&page);
    sb_html_verdict(&page);
    int r = sb_html_signers(&page);
    sb_html_proven(&page);
    sb_html_findings(&page);
    sb_html_custody(&page);
    sb_html_labels(&page);
    sb_html_records(&page);
    if (r == 0)
        r = sb_html_relations(&page);
    sb_html_documents(&page);
    sb_html_by_hand(&page);
    put_foot(&page);
    free(name);
    return r < 0 ? r : ferror(to) ? SEALBAG_ERR_IO : 0;
}
