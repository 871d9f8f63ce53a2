/* Every document with its size and digest. */
#include <inttypes.h>

#include "base/text.h"
#include "report/html.h"

static void show_document(struct sb_page *page, uint64_t i)
{
    const struct sealbag_document *document = &page->verdict->document[i];
    char number[SB_NUMBER_TEXT], hex[65];
    fprintf(page->to, "<tr><td>%" PRIu64 "</td><th scope=\"row\">", i + 1);
    sb_html_cell(page, document->path);
    sb_html_raw(page, "</th><td>");
    sb_html_text(page, sb_language_number(number, &page->language, document->size));
    sb_hex_encode(hex, document->sha256, 32);
    fprintf(page->to, "</td><td>%.32s<wbr>%s</td></tr>\n", hex, hex + 32);
}

void sb_html_documents(struct sb_page *page)
{
    static const char *const heads[] = {SB_N("No."), SB_N("Document"), SB_N("Bytes"),
                                        SB_N("SHA-256")};
    const struct sealbag_verdict *verdict = page->verdict;
    char number[SB_NUMBER_TEXT], size[SB_NUMBER_TEXT];
    if (!page->tells || verdict->document == NULL)
        return;
    sb_html_section(page, "documents", SB_TR(page, "The documents"));
    sb_html_paragraph(page,
                      SB_TRN(page, "%s document, %s. Its SHA-256 digest identifies it exactly.",
                             "%s documents, %s. The SHA-256 digest of each identifies it exactly.",
                             verdict->documents),
                      sb_language_number(number, &page->language, verdict->documents),
                      sb_language_size(size, &page->language, verdict->bytes));
    sb_html_heads(page, "documents", heads, 4);
    for (uint64_t i = 0; i < verdict->documents; i++)
        show_document(page, i);
    sb_html_raw(page, "</tbody></table>\n</section>\n");
}
