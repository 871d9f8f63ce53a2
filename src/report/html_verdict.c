/* The report's first page: the verdict, and what it means. */
#include <string.h>

#include "report/html.h"
#include "report/report.h"

/* By enum sb_grade: class, symbol; the word beside it differs. */
static const char *const classes[] = {"good", "careful", "bad", "unknown"};
static const char *const symbols[] = {"\xe2\x9c\x94", "!", "\xe2\x9c\x98", "?"};

static size_t count_invalid(const struct sealbag_verdict *verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < verdict->signature_count; i++)
        count += verdict->signature[i].state == SEALBAG_SIGNATURE_INVALID;
    return count;
}

/* The beginning of a row: the question, and the answer in a word. */
static void begin_answer(struct sb_page *page, const char *question, enum sb_grade grade,
                         const char *word)
{
    sb_html_raw(page, "<tr><th scope=\"row\">");
    sb_html_text(page, question);
    fprintf(page->to,
            "</th>\n<td class=\"answer %s\"><span class=\"mark\" aria-hidden=\"true\">%s</span> ",
            classes[grade], symbols[grade]);
    sb_html_text(page, word);
    sb_html_raw(page, "</td>\n<td>");
}

static void end_answer(struct sb_page *page)
{
    sb_html_raw(page, "</td></tr>\n");
}

static void answer(struct sb_page *page, const char *question, enum sb_grade grade,
                   const char *word, const char *sentence)
{
    begin_answer(page, question, grade, word);
    sb_html_text(page, sentence);
    end_answer(page);
}

static void answer_intact(struct sb_page *page)
{
    const struct sealbag_verdict *verdict = page->verdict;
    const char *question = SB_TR(page, "Is it intact?"), *no = SB_TR(page, "No");
    char number[SB_NUMBER_TEXT], size[SB_NUMBER_TEXT];
    switch (verdict->intact) {
    case SEALBAG_INTACT:
        begin_answer(page, question, SB_GOOD,
                     verdict->partial ? SB_TR(page, "As far as it was read") : SB_TR(page, "Yes"));
        sb_language_number(number, &page->language,
                           verdict->partial ? verdict->documents_checked : verdict->documents);
        if (verdict->partial)
            sb_html_say(page,
                        SB_TR(page, "The lists and %s documents were read and are exactly as "
                                    "sealed. The rest was not read."),
                        number);
        else
            sb_html_say(page,
                        SB_TRN(page, "%s document, %s, exactly as listed.",
                               "%s documents, %s, each exactly as listed.", verdict->documents),
                        number, sb_language_size(size, &page->language, verdict->bytes));
        end_answer(page);
        return;
    case SEALBAG_DAMAGED:
        answer(page, question, SB_BAD, no, SB_TR(page, "It is damaged or was altered."));
        return;
    case SEALBAG_INCOMPLETE:
        answer(page, question, SB_BAD, no, SB_TR(page, "It is incomplete."));
        return;
    case SEALBAG_NOT_A_BAG:
        answer(page, question, SB_BAD, no, SB_TR(page, "This is not a bag."));
        return;
    case SEALBAG_NOT_JUDGED:
        answer(page, question, SB_UNKNOWN, SB_TR(page, "Not known"),
               SB_TR(page, "The findings say why it could not be judged."));
    }
}

static void answer_signed(struct sb_page *page)
{
    const struct sealbag_verdict *verdict = page->verdict;
    const char *question = SB_TR(page, "Is it signed?"), *no = SB_TR(page, "No");
    char number[SB_NUMBER_TEXT];
    size_t invalid = count_invalid(verdict);
    if (!sb_report_signing_known(verdict)) {
        answer(page, question, SB_UNKNOWN, SB_TR(page, "Not known"), "");
    } else if (!verdict->sealed) {
        answer(page, question, SB_CAREFUL, no, SB_TR(page, "It has no seal."));
    } else if (invalid > 0) {
        begin_answer(page, question, SB_BAD, no);
        sb_html_say(page,
                    SB_TRN(page, "%s signature is invalid.", "%s signatures are invalid.", invalid),
                    sb_language_number(number, &page->language, invalid));
        end_answer(page);
    } else if (verdict->intact != SEALBAG_INTACT) {
        answer(page, question, SB_BAD, SB_TR(page, "Not over this content"),
               SB_TR(page, "What was sealed is not what is here."));
    } else if (verdict->valid_seals == 0) {
        answer(page, question, SB_BAD, no, SB_TR(page, "Its seal has no valid signature."));
    } else {
        begin_answer(page, question, SB_GOOD, SB_TR(page, "Yes"));
        sb_html_say(page,
                    SB_TRN(page, "%s valid signature over exactly this content.",
                           "%s valid signatures over exactly this content.", verdict->valid_seals),
                    sb_language_number(number, &page->language, verdict->valid_seals));
        end_answer(page);
    }
}

static void answer_shortfall(struct sb_page *page, const char *question)
{
    size_t at = 0;
    const char *sentence = sb_report_shortfall(&at, page->verdict);
    begin_answer(page, question, SB_CAREFUL, SB_TR(page, "Not as it should be"));
    if (sentence == NULL)
        sb_html_text(page, SB_TR(page, "The findings say what is wrong."));
    while (sentence != NULL) {
        sb_html_text(page, sb_tr(&page->language, sentence));
        sentence = sb_report_shortfall(&at, page->verdict);
        if (sentence != NULL)
            sb_html_raw(page, " ");
    }
    end_answer(page);
}

static void answer_trusted(struct sb_page *page)
{
    const struct sealbag_verdict *verdict = page->verdict;
    const char *question = SB_TR(page, "Do you trust the signer?"), *no = SB_TR(page, "No");
    char trusted[SB_NUMBER_TEXT], required[SB_NUMBER_TEXT];
    if (verdict->intact != SEALBAG_INTACT || !verdict->sealed) {
        answer(page, question, verdict->exit_code == 1 ? SB_BAD : SB_UNKNOWN, no,
               SB_TR(page, "There is no valid seal over this content that could be trusted."));
    } else if (count_invalid(verdict) > 0) {
        answer(page, question, SB_BAD, no,
               SB_TR(page, "A signature in it is invalid, so it is not to be trusted."));
    } else if (sb_report_trusted(verdict)) {
        answer(page, question, SB_GOOD, SB_TR(page, "Yes"),
               SB_TR(page, "By your trust store, as the table of signers below shows."));
    } else if (verdict->trusted_signers >= verdict->required) {
        answer_shortfall(page, question);
    } else if (verdict->trusted_signers == 0) {
        answer(page, question, SB_CAREFUL, no, SB_TR(page, "Nobody whom you trust has sealed it."));
    } else {
        begin_answer(page, question, SB_CAREFUL, no);
        sb_html_say(page, SB_TR(page, "%s trusted signers of the %s that were asked for."),
                    sb_language_number(trusted, &page->language, verdict->trusted_signers),
                    sb_language_number(required, &page->language, verdict->required));
        end_answer(page);
    }
}

static void begin_fact(struct sb_page *page, const char *name)
{
    sb_html_raw(page, "<div><dt>");
    sb_html_text(page, name);
    sb_html_raw(page, "</dt><dd>");
}

static void end_fact(struct sb_page *page)
{
    sb_html_raw(page, "</dd></div>\n");
}

static void show_facts(struct sb_page *page)
{
    const struct sealbag_verdict *verdict = page->verdict;
    sb_html_raw(page, "<dl class=\"facts\">\n");
    begin_fact(page, SB_TR(page, "File"));
    sb_html_name(page, page->label);
    end_fact(page);
    begin_fact(page, SB_TR(page, "Judged"));
    if (verdict->judged_at[0] != 0)
        sb_html_time(page, verdict->judged_at);
    else
        sb_html_text(page, SB_TR(page, "without a date: keys with dates do not count"));
    end_fact(page);
    if (page->tells) {
        begin_fact(page, SB_TR(page, "Bag"));
        sb_html_name(page, verdict->name);
        end_fact(page);
    }
    if (page->tells && verdict->sealed_at[0] != 0) {
        begin_fact(page, SB_TR(page, "Sealed"));
        sb_html_time(page, verdict->sealed_at);
        sb_html_text(page, SB_TR(page, " (as stated by the signer)"));
        end_fact(page);
    }
    if (page->tells && verdict->supersedes[0] != 0) {
        begin_fact(page, SB_TR(page, "Replaces"));
        sb_html_text(page, SB_TR(page, "the bag with this seal id, as stated by the signer: "));
        sb_html_groups(page, verdict->supersedes, 32);
        end_fact(page);
    }
    begin_fact(page, SB_TR(page, "Made with"));
    sb_html_say(page, SB_TR(page, "sealbag %s, exit code %d"), SEALBAG_VERSION, verdict->exit_code);
    end_fact(page);
    sb_html_raw(page, "</dl>\n");
}

void sb_html_verdict(struct sb_page *page)
{
    enum sb_grade grade;
    const char *text = sb_report_headline(&grade, page->verdict);
    sb_html_raw(page, "<section id=\"verdict\">\n");
    fprintf(page->to,
            "<p class=\"headline %s\"><span class=\"mark\" aria-hidden=\"true\">%s</span> <strong>",
            classes[grade], symbols[grade]);
    sb_html_text(page, sb_tr(&page->language, text));
    sb_html_raw(page, "</strong></p>\n");
    sb_html_element(page, "h2", SB_TR(page, "Three questions"));
    sb_html_raw(page, "<table class=\"questions\">\n<thead><tr><th scope=\"col\">");
    sb_html_text(page, SB_TR(page, "Question"));
    sb_html_raw(page, "</th><th scope=\"col\">");
    sb_html_text(page, SB_TR(page, "Answer"));
    sb_html_raw(page, "</th><th scope=\"col\">");
    sb_html_text(page, SB_TR(page, "More exactly"));
    sb_html_raw(page, "</th></tr></thead>\n<tbody>\n");
    answer_intact(page);
    answer_signed(page);
    answer_trusted(page);
    sb_html_raw(page, "</tbody></table>\n");
    show_facts(page);
    sb_html_raw(page, "</section>\n");
}
