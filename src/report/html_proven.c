/* What a verdict proves, what it is often taken for, and what is to be done. */
#include "report/html.h"
#include "report/report.h"

static void item(struct sb_page *page, const char *text)
{
    sb_html_element(page, "li", text);
}

static void begin_list(struct sb_page *page, const char *class, const char *heading)
{
    fprintf(page->to, "<div class=\"%s\">\n", class);
    sb_html_element(page, "h3", heading);
    sb_html_raw(page, "<ul>\n");
}

static void end_list(struct sb_page *page)
{
    sb_html_raw(page, "</ul></div>\n");
}

static void list_proven(struct sb_page *page)
{
    const struct sealbag_verdict *verdict = page->verdict;
    begin_list(page, "proven", SB_TR(page, "Proven"));
    if (!page->tells) {
        item(page, verdict->exit_code == 1
                       ? SB_TR(page, "Something is wrong with this bundle. The findings say what.")
                       : SB_TR(page, "Nothing."));
    } else if (!page->sealed) {
        item(page, SB_TR(page, "The documents agree with the lists that are in the bag itself."));
    } else {
        item(page,
             verdict->partial
                 ? SB_TR(page, "What was read is, byte for byte, what was sealed.")
                 : SB_TR(page, "The documents, their names and what is stated about them are, byte "
                               "for byte, what was sealed. Nothing was changed, added or taken "
                               "away since."));
        item(page, SB_TR(page, "Whoever sealed them had the secret key to the fingerprint above."));
    }
    end_list(page);
}

static void list_not_proven(struct sb_page *page)
{
    const struct sealbag_verdict *verdict = page->verdict;
    begin_list(page, "unproven", SB_TR(page, "Not proven"));
    if (!page->tells) {
        item(page, SB_TR(page, "Anything that the bundle holds. This is why nothing of it is shown "
                               "here."));
        if (verdict->exit_code == 1)
            item(page, SB_TR(page, "That anybody did this on purpose: damage on the way can look "
                                   "the same as a forgery."));
        end_list(page);
        return;
    }
    if (!page->sealed)
        item(page, SB_TR(page, "Who made it, and that it was not changed: whoever changes a "
                               "document can change the lists, too."));
    else if (verdict->exit_code == 3 && verdict->trusted_seals > 0)
        item(page, SB_TR(page, "That all whom its seal names, or whom you asked for, have sealed "
                               "it."));
    else if (verdict->exit_code == 3)
        item(page, SB_TR(page, "Whose key it is, or that this key may still be used."));
    item(page,
         SB_TR(page, "That what a document says is true, or that it is what it seems to be. A "
                     "sealed copy of a forged page is still a forged page."));
    item(page,
         SB_TR(page, "Who wrote the documents and where they come from. That is only stated."));
    if (page->sealed) {
        item(page, SB_TR(page, "When it was sealed. The time is what the signer's machine said."));
        item(page, SB_TR(page, "That there is no newer bundle of this signer. Ask the signer for "
                               "the seal id."));
    }
    if (verdict->custody_head[0] != 0)
        item(page, SB_TR(page, "That the custody chain is whole: its last events can be cut off by "
                               "whoever holds the bundle. Ask for the head of the chain."));
    end_list(page);
}

static const char *advice(const struct sb_page *page)
{
    switch (page->verdict->exit_code) {
    case 0:
        return SB_TR(page, "Keep the bundle itself. Documents that were taken out of it can be "
                           "changed; the bundle cannot, without anyone noticing.");
    case 1:
        if (sb_report_only_profile(page->verdict))
            return SB_TR(page, "Ask the sender for a bag that keeps to the profile. To see what "
                               "this one holds and who sealed it, judge it without the profile.");
        if (sb_report_has(page->verdict, "folder.ordinary"))
            return SB_TR(page, "If somebody sent it to you as a bundle, ask for the sealed one. If "
                               "it is your own folder, seal it first: sealbag create.");
        return SB_TR(page, "Do not use it. Keep this file, which may be evidence, and ask the "
                           "sender for the bundle again, by another way.");
    case 3:
        if (page->verdict->trusted_seals > 0)
            return SB_TR(page, "Ask those who are missing to sign it, or ask the sender why they "
                               "have not. Until then do not say that they stand behind it.");
        return SB_TR(page, "Do not rely on who sealed it before you know whose key it is: compare "
                           "the fingerprint with its owner by another way than the bundle came. If "
                           "a key has expired or was revoked, ask its owner first.");
    case 4:
        return SB_TR(page, "Ask for a sealed bundle. Until then treat this as coming from a "
                           "stranger.");
    default:
        return SB_TR(page, "The findings say what stood in the way. Try again when that is "
                           "removed.");
    }
}

void sb_html_proven(struct sb_page *page)
{
    sb_html_section(page, "proven", SB_TR(page, "What is proven, and what is not"));
    sb_html_raw(page, "<div class=\"columns\">\n");
    list_proven(page);
    list_not_proven(page);
    sb_html_raw(page, "</div>\n<p class=\"advice\"><strong>");
    sb_html_text(page, SB_TR(page, "What to do now:"));
    sb_html_raw(page, "</strong> ");
    sb_html_text(page, advice(page));
    sb_html_raw(page, "</p>\n</section>\n");
}
