#include "base/path.h"

#include <string.h>

#include "base/text.h"

/* Tag characters (U+E0000 to U+E007F) are part of some flags. Without another character that is not
 * ASCII beside them, the C library drops them without a word when it converts a name to the C
 * locale, so that GNU tar there would extract a file under another name. */
static bool only_tags(const char *name, size_t len)
{
    bool tags = false;
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, name + at, len - at);
        if (code >= 0xe0000 && code <= 0xe007f)
            tags = true;
        else if (code >= 0x80)
            return false;
        at += n;
    }
    return tags;
}

static const char *component_unsafe(const char *name, size_t len)
{
    if (len == 0)
        return "has an empty part";
    if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
        return "has a part that is \".\" or \"..\"";
    if (len > SB_NAME_MAX)
        return "has a part of more than 255 bytes";
    if (only_tags(name, len))
        return "has a part with invisible tag characters, which other programs drop";
    return NULL;
}

const char *sb_path_unsafe(const char *path, size_t len)
{
    if (len == 0)
        return "is empty";
    if (len > SB_PATH_MAX)
        return "is longer than 4,000 bytes";
    if (memchr(path, 0, len) != NULL)
        return "holds a NUL byte";
    if (!sb_utf8_valid(path, len))
        return "is not UTF-8";
    if (path[0] == '/')
        return "is absolute";
    if (memchr(path, '\\', len) != NULL)
        return "holds a backslash";
    size_t depth = 0;
    for (size_t at = 0; at <= len;) {
        const char *slash = at < len ? memchr(path + at, '/', len - at) : NULL;
        size_t end = slash != NULL ? (size_t)(slash - path) : len;
        const char *why = component_unsafe(path + at, end - at);
        if (why != NULL)
            return why;
        if (++depth > SB_PATH_DEPTH)
            return "is nested deeper than 256 folders";
        at = end + 1;
    }
    return NULL;
}

static bool same_letters(const char *name, size_t len, const char *upper)
{
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (upper[i] == 0 || c != upper[i])
            return false;
    }
    return upper[len] == 0;
}

static bool device_name(const char *name, size_t len)
{
    /* With a superscript digit, too. */
    static const char *const names[] = {
        "CONIN$",      "CONOUT$",     "COM\xc2\xb9", "COM\xc2\xb2", "COM\xc2\xb3", "LPT\xc2\xb9",
        "LPT\xc2\xb2", "LPT\xc2\xb3", "CON",         "PRN",         "AUX",         "NUL",
        "COM1",        "COM2",        "COM3",        "COM4",        "COM5",        "COM6",
        "COM7",        "COM8",        "COM9",        "LPT1",        "LPT2",        "LPT3",
        "LPT4",        "LPT5",        "LPT6",        "LPT7",        "LPT8",        "LPT9"};
    const char *dot = memchr(name, '.', len);
    size_t stem = dot != NULL ? (size_t)(dot - name) : len;
    while (stem > 0 && name[stem - 1] == ' ')
        stem--;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (same_letters(name, stem, names[i]))
            return true;
    }
    return false;
}

static const char *component_not_portable(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] < 0x20)
            return "holds a control character";
        if (strchr("<>:\"|?*", name[i]) != NULL)
            return "holds one of < > : \" | ? *";
    }
    if (name[len - 1] == '.' || name[len - 1] == ' ')
        return "has a part that ends in a dot or a space";
    if (device_name(name, len))
        return "has a part that is the name of a device on Windows";
    return NULL;
}

const char *sb_path_not_portable(const char *path, size_t len)
{
    for (size_t at = 0; at < len;) {
        const char *slash = memchr(path + at, '/', len - at);
        size_t end = slash != NULL ? (size_t)(slash - path) : len;
        if (end > at) {
            const char *why = component_not_portable(path + at, end - at);
            if (why != NULL)
                return why;
        }
        at = end + 1;
    }
    return NULL;
}

const char *sb_bag_name_bad(const char *name, size_t len)
{
    const char *why = sb_path_unsafe(name, len);
    if (why != NULL)
        return why;
    if (memchr(name, '/', len) != NULL)
        return "holds a slash";
    if (name[0] == '.')
        return "starts with a dot, which hides it";
    if (name[0] == '-')
        return "starts with '-', which other programs take for an option";
    if (name[0] == ' ' || name[len - 1] == ' ')
        return "starts or ends with a space";
    uint32_t code;
    for (size_t at = 0; at < len;) {
        at += sb_utf8_decode(&code, name + at, len - at);
        if (sb_code_hidden(code))
            return "holds a control or invisible character";
    }
    return NULL;
}

int sb_path_encode(struct sb_buf *out, const char *path, size_t len)
{
    size_t done = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < len; i++) {
        const char *code = path[i] == '\n'   ? "%0A"
                           : path[i] == '\r' ? "%0D"
                           : path[i] == '%'  ? "%25"
                                             : NULL;
        if (code == NULL)
            continue;
        r = sb_buf_append(out, path + done, i - done);
        if (r == 0)
            r = sb_buf_puts(out, code);
        done = i + 1;
    }
    return r == 0 ? sb_buf_append(out, path + done, len - done) : r;
}

/* The character that the three bytes at text stand for, or 0. */
static char decode_one(const char *text, size_t len)
{
    if (len < 3 || text[0] != '%')
        return 0;
    uint8_t value;
    if (!sb_hex_decode(&value, 1, text + 1, 2, true))
        return 0;
    return value == '\n' || value == '\r' || value == '%' ? (char)value : 0;
}

int sb_path_decode(struct sb_buf *out, const char *text, size_t len)
{
    size_t done = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < len; i++) {
        char c = text[i] == '%' ? decode_one(text + i, len - i) : 0;
        if (c == 0)
            continue;
        r = sb_buf_append(out, text + done, i - done);
        if (r == 0)
            r = sb_buf_append(out, &c, 1);
        i += 2;
        done = i + 1;
    }
    return r == 0 ? sb_buf_append(out, text + done, len - done) : r;
}

int sb_path_compare(const char *a, const char *b)
{
    return strcmp(a, b);
}
