#include "report/shell.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* How many bytes from `at` on can be seen, at most one character; 0 when they cannot. */
static size_t seen(const char *text, size_t at, size_t len)
{
    uint32_t code;
    size_t n = sb_utf8_decode(&code, text + at, len - at);
    return n > 0 && !sb_code_hidden(code) && (code == ' ' || !sb_code_space(code)) ? n : 0;
}

static bool all_seen(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t n = seen(text, at, len);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

int sb_shell_quote(struct sb_buf *out, const char *text)
{
    size_t len = strlen(text);
    bool plain = all_seen(text, len);
    int r = sb_buf_puts(out, plain ? "'" : "$'");
    for (size_t at = 0; r == 0 && at < len;) {
        size_t n = seen(text, at, len);
        if (n == 0) {
            r = sb_buf_printf(out, "\\%03o", (unsigned)(unsigned char)text[at++]);
            continue;
        }
        if (text[at] == '\'')
            r = sb_buf_puts(out, plain ? "'\\''" : "\\'");
        else if (text[at] == '\\' && !plain)
            r = sb_buf_puts(out, "\\\\");
        else
            r = sb_buf_append(out, text + at, n);
        at += n;
    }
    return r == 0 ? sb_buf_puts(out, "'") : r;
}
