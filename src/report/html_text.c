/* What the report is written with. */
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "report/html.h"

enum { CELL_MAX = 20000, BRIEF_MAX = 1000, GROUP = 4 };

void sb_html_raw(struct sb_page *page, const char *markup)
{
    fputs(markup, page->to);
}

/* Whether an ASCII character stands for itself in text and in an attribute. */
static bool is_plain(unsigned char c)
{
    return c >= ' ' && c < 0x7f && c != '&' && c != '<' && c != '>' && c != '"' && c != '\'' &&
           c != '\\';
}

/* The one place where text becomes HTML. With `foreign`, a backslash is doubled as it is for a
 * terminal; otherwise it is one of those that such escaping has put there. */
static void put(struct sb_page *page, const char *text, size_t len, bool foreign)
{
    for (size_t at = 0; at < len;) {
        size_t n = 0;
        while (at + n < len && is_plain((unsigned char)text[at + n]))
            n++;
        fwrite(text + at, 1, n, page->to);
        at += n;
        if (at == len)
            break;
        uint32_t code;
        n = sb_utf8_decode(&code, text + at, len - at);
        if (n == 0 || (code < 0x80 && sb_code_hidden(code)))
            fprintf(page->to, "\\x%02x", (unsigned)(unsigned char)text[at]);
        else if (code == '\\')
            fputs(foreign ? "\\\\" : "\\", page->to);
        else if (code < 0x80)
            fprintf(page->to, "&#%u;", (unsigned)code);
        else if (sb_code_hidden(code))
            fprintf(page->to, "\\u{%x}", (unsigned)code);
        else
            fwrite(text + at, 1, n, page->to);
        at += n > 0 ? n : 1;
    }
}

void sb_html_text(struct sb_page *page, const char *text)
{
    put(page, text, strlen(text), false);
}

void sb_html_say(struct sb_page *page, const char *format, ...)
{
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    sb_html_text(page, text);
}

void sb_html_paragraph(struct sb_page *page, const char *format, ...)
{
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    sb_html_element(page, "p", text);
}

void sb_html_foreign(struct sb_page *page, const char *text)
{
    put(page, text, strlen(text), true);
}

void sb_html_name(struct sb_page *page, const char *text)
{
    sb_html_raw(page, "<bdi>");
    sb_html_foreign(page, text);
    sb_html_raw(page, "</bdi>");
}

/* A whole character more than `len` bytes is not begun. */
static size_t whole_characters(const char *text, size_t len)
{
    size_t back = len;
    while (back > 0 && len - back < 3 && ((unsigned char)text[back] & 0xc0) == 0x80)
        back--;
    return back;
}

void sb_html_brief(struct sb_page *page, const char *text)
{
    size_t all = strnlen(text, BRIEF_MAX + 1);
    size_t len = all <= BRIEF_MAX ? all : whole_characters(text, BRIEF_MAX);
    put(page, text, len, true);
    if (len < all)
        sb_html_raw(page, "\xe2\x80\xa6");
}

void sb_html_cell(struct sb_page *page, const char *text)
{
    char size[SB_NUMBER_TEXT];
    size_t all = strlen(text);
    size_t len = all <= CELL_MAX ? all : whole_characters(text, CELL_MAX);
    sb_html_raw(page, "<bdi>");
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end != NULL ? (size_t)(end - text) - at : len - at;
        size_t shown = end != NULL && n > 0 && text[at + n - 1] == '\r' ? n - 1 : n;
        put(page, text + at, shown, true);
        if (end != NULL)
            sb_html_raw(page, "<br>");
        at += n + (end != NULL);
    }
    sb_html_raw(page, "</bdi>");
    if (len == all)
        return;
    sb_html_raw(page, " <em>");
    sb_html_say(page, SB_TR(page, "(cut here: %s more)"),
                sb_language_size(size, &page->language, all - len));
    sb_html_raw(page, "</em>");
}

void sb_html_element(struct sb_page *page, const char *tag, const char *text)
{
    fprintf(page->to, "<%s>", tag);
    sb_html_text(page, text);
    fprintf(page->to, "</%s>\n", tag);
}

void sb_html_time(struct sb_page *page, const char *time)
{
    char shown[SB_DATE_TEXT];
    int64_t seconds;
    if (!sb_time_parse(&seconds, time, strlen(time), true)) {
        sb_html_name(page, time);
        return;
    }
    fprintf(page->to, "<time datetime=\"%s\">", time);
    sb_html_text(page, sb_language_date(shown, &page->language, time));
    sb_html_raw(page, "</time>");
}

void sb_html_groups(struct sb_page *page, const char *text, size_t len)
{
    sb_html_raw(page, "<code class=\"groups\">");
    for (size_t at = 0; at < len; at += GROUP) {
        sb_html_raw(page, "<span>");
        put(page, text + at, len - at < GROUP ? len - at : GROUP, true);
        sb_html_raw(page, "</span>");
    }
    sb_html_raw(page, "</code>");
}

void sb_html_section(struct sb_page *page, const char *id, const char *heading)
{
    fprintf(page->to, "<section id=\"%s\">\n", id);
    sb_html_element(page, "h2", heading);
}

void sb_html_stated(struct sb_page *page)
{
    sb_html_raw(page, page->sealed ? "<p class=\"stated\">" : "<p class=\"stated nobody\">");
    if (!page->sealed)
        sb_html_text(page, SB_TR(page, "Stated by nobody: the bag is unsigned. Anyone can have "
                                       "written this."));
    else if (page->verdict->trusted_seals > 0)
        sb_html_text(page, SB_TR(page, "As stated by the signer. The signature proves that "
                                       "whoever holds the signer's key stated this and that nobody "
                                       "has changed it since, not that it is true."));
    else
        sb_html_text(page, SB_TR(page, "As stated by a signer who is not trusted here. The "
                                       "signature proves that nobody has changed it since it was "
                                       "sealed, not who stated it, and not that it is true."));
    sb_html_raw(page, "</p>\n");
}
