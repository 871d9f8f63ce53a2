#include "base/typed.h"

#include <string.h>

#include "base/label.h"
#include "base/text.h"

/* How many bytes of white space the text begins with. */
static size_t space_at(const char *text)
{
    static const char no_break_space[] = "\xc2\xa0";
    if (strncmp(text, no_break_space, 2) == 0)
        return 2;
    return text[0] != 0 && strchr(" \t\r\n\v\f", text[0]) != NULL ? 1 : 0;
}

/* Everything but white space, which `prefix` must begin in one piece; false when it does not, or
 * when out[0..size) is too small. */
static bool without_space(char *out, size_t size, const char *text, const char *prefix)
{
    size_t len = strlen(prefix), space;
    while ((space = space_at(text)) > 0)
        text += space;
    if (len >= size || strncmp(text, prefix, len) != 0)
        return false;
    memcpy(out, prefix, len);
    for (text += len; *text != 0;) {
        space = space_at(text);
        if (space == 0 && len + 1 == size)
            return false;
        if (space == 0)
            out[len++] = *text;
        text += space > 0 ? space : 1;
    }
    out[len] = 0;
    return true;
}

bool sb_typed_hex(char out[SB_TYPED_HEX], const char *text, size_t least)
{
    if (!without_space(out, SB_TYPED_HEX, text, ""))
        return false;
    size_t len = strlen(out);
    if (len < least || strspn(out, "0123456789abcdefABCDEF") != len)
        return false;
    for (size_t i = 0; i < len; i++)
        out[i] = sb_ascii_lower(out[i]);
    return true;
}

bool sb_typed_fingerprint(char out[SEALBAG_FINGERPRINT_SIZE], const char *text)
{
    return without_space(out, SEALBAG_FINGERPRINT_SIZE, text, "SHA256:") &&
           sb_label_is_fingerprint(out, strlen(out));
}
