/* How text from a bundle is shown, and whose word it is said to be. */
#include <string.h>

#include "base/text.h"
#include "report/report.h"
#include "report/show.h"

enum { SPACES_IN_A_ROW = 3 };

static void put_space(struct sb_buf *line, uint32_t code, int *failed)
{
    int r = code < 0x80 ? sb_buf_printf(line, "\\x%02x", (unsigned)code)
                        : sb_buf_printf(line, "\\u{%x}", (unsigned)code);
    if (r < 0)
        *failed = r;
}

/* Puts text[0..len) into the line. */
static void escape(struct sb_shown *shown, const char *text, size_t len)
{
    size_t done = 0, spaces = 0;
    shown->line.len = 0;
    int r = 0;
    for (size_t at = 0; r == 0 && at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, text + at, len - at);
        bool space = n > 0 && sb_code_space(code) && !sb_code_hidden(code);
        spaces = space ? spaces + 1 : 0;
        if (spaces > SPACES_IN_A_ROW) {
            r = sb_text_escape(&shown->line, text + done, at - done);
            put_space(&shown->line, code, &r);
            done = at + n;
        }
        at += n > 0 ? n : 1;
    }
    if (r == 0)
        r = sb_text_escape(&shown->line, text + done, len - done);
    if (r < 0)
        shown->failed = r;
}

static void show_part(struct sb_shown *shown, const char *text, size_t len)
{
    escape(shown, text, len);
    if (shown->failed == 0 && shown->line.len > 0)
        fwrite(shown->line.data, 1, shown->line.len, shown->to);
}

/* Text from a bundle, escaped, in one line. Of white space in a row only three characters are shown
 * as they are: with more, a text could be made to look like other lines where it is broken. */
static void show_text(struct sb_shown *shown, const char *text)
{
    show_part(shown, text, strlen(text));
}

static bool is_plain(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, text + at, len - at);
        if (n == 0 || sb_code_space(code) || (code < 0x80 && strchr("\"'`()", (int)code) != NULL))
            return false;
        at += n;
    }
    return len > 0;
}

void sb_show_name(struct sb_shown *shown, const char *text)
{
    size_t len = strlen(text);
    if (is_plain(text, len)) {
        show_part(shown, text, len);
        return;
    }
    fputc('"', shown->to);
    escape(shown, text, len);
    for (size_t i = 0; shown->failed == 0 && i < shown->line.len; i++) {
        if (shown->line.data[i] == '"')
            fputc('\\', shown->to);
        fputc(shown->line.data[i], shown->to);
    }
    fputc('"', shown->to);
}

void sb_show_value(struct sb_shown *shown, int indent, const char *value)
{
    const char *end = strchr(value, '\n');
    if (end == NULL) {
        fputs(": ", shown->to);
        show_text(shown, value);
        fputc('\n', shown->to);
        return;
    }
    fputs(":\n", shown->to);
    for (;;) {
        fprintf(shown->to, "%*s| ", indent + 4, "");
        size_t len = end != NULL ? (size_t)(end - value) : strlen(value);
        if (end != NULL && len > 0 && value[len - 1] == '\r') /* a spreadsheet's line end */
            len--;
        show_part(shown, value, len);
        fputc('\n', shown->to);
        if (end == NULL)
            return;
        value = end + 1;
        end = strchr(value, '\n');
    }
}

int sb_shown_finish(struct sb_shown *shown)
{
    sb_buf_free(&shown->line);
    if (shown->failed == 0 && ferror(shown->to))
        shown->failed = SEALBAG_ERR_IO;
    return shown->failed;
}

bool sb_show_nothing(const struct sealbag_verdict *verdict)
{
    return verdict->exit_code == 1 || verdict->exit_code == 5;
}

const char *sb_show_stated(const struct sealbag_verdict *verdict)
{
    if (!sb_report_stated(verdict))
        return "stated by nobody";
    return verdict->valid_seals == 1 ? "as stated by the signer" : "as stated by the signers";
}

/* The names of those who have sealed it and are trusted; false when there is none. */
static bool show_names(struct sb_shown *shown, const struct sealbag_verdict *verdict)
{
    bool any = false;
    for (size_t i = 0; i < verdict->signature_count; i++) {
        const struct sealbag_signature *signature = &verdict->signature[i];
        if (!signature->seal || signature->state != SEALBAG_SIGNATURE_VALID ||
            signature->trusted_as == NULL)
            continue;
        fputs(any ? "; " : " (", shown->to);
        show_text(shown, signature->trusted_as);
        any = true;
    }
    if (any)
        fputc(')', shown->to);
    return any;
}

void sb_show_worth(struct sb_shown *shown, const struct sealbag_verdict *verdict)
{
    if (!sb_report_stated(verdict)) {
        fprintf(shown->to,
                "Labels, records and relations are stated by nobody: %s. Anybody can have written "
                "them.\n",
                verdict->sealed ? "none of the named signers has signed the bag"
                                : "the bag is unsigned");
        return;
    }
    fprintf(shown->to, "Labels, records and relations are %s", sb_show_stated(verdict));
    if (!show_names(shown, verdict))
        fprintf(shown->to, ", whom you do not trust");
    fputs(".\nA signature shows who stated them and that they were not changed since, not that "
          "they are "
          "true.\n",
          shown->to);
}
