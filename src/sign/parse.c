#include "sign/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *sb_sign_lines_start(struct sb_sign_lines *lines, const uint8_t *bytes, size_t len)
{
    *lines = (struct sb_sign_lines){.at = (const char *)bytes, .left = len};
    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        lines->number = 1;
        return "begins with a byte order mark, which an editor has put there";
    }
    return NULL;
}

const char *sb_sign_lines_next(struct sb_span *line, struct sb_sign_lines *lines)
{
    lines->number++;
    if (lines->left == 0)
        return "is missing";
    const char *newline = memchr(lines->at, '\n', lines->left);
    if (newline == NULL) {
        *line = (struct sb_span){lines->at, lines->left};
        lines->left = 0;
        return NULL;
    }
    size_t len = (size_t)(newline - lines->at);
    int ends = len > 0 && newline[-1] == '\r' ? 2 : 1;
    if (lines->ends == 0)
        lines->ends = ends;
    if (lines->ends != ends)
        return "does not end as the lines before it do (LF and CRLF are mixed)";
    *line = (struct sb_span){lines->at, ends == 2 ? len - 1 : len};
    lines->at = newline + 1;
    lines->left -= len + 1;
    return NULL;
}

const char *sb_sign_lines_comment(struct sb_span *text, struct sb_sign_lines *lines,
                                  const char *prefix, size_t max)
{
    struct sb_span line = {NULL, 0};
    const char *bad = sb_sign_lines_next(&line, lines);
    if (bad != NULL)
        return bad;
    if (!sb_span_starts(line, prefix))
        return strcmp(prefix, SB_UNTRUSTED_PREFIX) == 0
                   ? "does not begin with \"untrusted comment: \""
                   : "does not begin with \"trusted comment: \"";
    size_t skip = strlen(prefix);
    *text = (struct sb_span){line.at + skip, line.len - skip};
    if (text->len > max)
        return "is longer than what minisign reads";
    if (sb_span_has_control(*text, true))
        return "has control characters in its comment";
    return NULL;
}

const char *sb_sign_lines_base64(uint8_t *out, size_t n, struct sb_sign_lines *lines)
{
    struct sb_span line = {NULL, 0};
    const char *bad = sb_sign_lines_next(&line, lines);
    if (bad != NULL)
        return bad;
    if (!sb_base64_decode(out, n, line.at, line.len))
        return "is not base64 of the right length";
    return NULL;
}

const char *sb_sign_lines_end(struct sb_sign_lines *lines)
{
    if (lines->left == 0)
        return NULL;
    lines->number++;
    return "does not belong there, since the file should end before it";
}

/* Whether the line is "-----<word> <what>-----". */
static bool is_edge(struct sb_span line, const char *word, const char *what)
{
    char edge[80];
    snprintf(edge, sizeof(edge), "-----%s %s-----", word, what);
    return sb_span_is(line, edge);
}

const char *sb_sign_armor(char *out, size_t *out_len, const char *what, const uint8_t *bytes,
                          size_t len)
{
    enum { COLUMNS_MAX = 76 };
    struct sb_sign_lines lines;
    struct sb_span line = {NULL, 0};
    if (sb_sign_lines_start(&lines, bytes, len) != NULL)
        return "it begins with a byte order mark, which an editor has put there";
    if (sb_sign_lines_next(&line, &lines) != NULL || !is_edge(line, "BEGIN", what))
        return "its first line is not the one with BEGIN";
    *out_len = 0;
    for (;;) {
        if (sb_sign_lines_next(&line, &lines) != NULL)
            return "its last line is not the one with END, or its line ends are mixed";
        if (is_edge(line, "END", what))
            break;
        if (line.len == 0 || line.len > COLUMNS_MAX)
            return "it has an empty line or one that is too long";
        memcpy(out + *out_len, line.at, line.len);
        *out_len += line.len;
    }
    return sb_sign_lines_end(&lines) != NULL ? "there is something after its last line" : NULL;
}

bool sb_span_has_control(struct sb_span span, bool tab_allowed)
{
    for (size_t at = 0; at < span.len;) {
        uint32_t code = 0;
        size_t n = sb_utf8_decode(&code, span.at + at, span.len - at);
        if (n == 0) { /* not UTF-8, but comments may be in an old encoding */
            at++;
            continue;
        }
        bool control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
        if (control && !(code == '\t' && tab_allowed))
            return true;
        at += n;
    }
    return false;
}

bool sb_span_is(struct sb_span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

bool sb_span_starts(struct sb_span span, const char *prefix)
{
    size_t n = strlen(prefix);
    return span.len >= n && memcmp(span.at, prefix, n) == 0;
}

struct sb_span sb_span_take(struct sb_span *rest, char separator)
{
    const char *end = rest->len > 0 ? memchr(rest->at, separator, rest->len) : NULL;
    struct sb_span part = {rest->at, end != NULL ? (size_t)(end - rest->at) : rest->len};
    size_t skip = end != NULL ? part.len + 1 : part.len;
    *rest = (struct sb_span){rest->at + skip, rest->len - skip};
    return part;
}

const char *sb_span_show(char out[SB_SHOWN_SIZE], struct sb_span span)
{
    enum { CUT = 60 }; /* a byte becomes at most 4, so that all fits */
    char copy[CUT + 1];
    size_t used = 0;
    while (used < span.len && used < CUT) {
        /* sealbag_text_escape stops at a NUL */
        copy[used] = span.at[used] != 0 ? span.at[used] : '\x01';
        used++;
    }
    copy[used] = 0;
    sealbag_text_escape(out, SB_SHOWN_SIZE - 4, copy);
    if (used < span.len)
        memcpy(out + strlen(out), "...", 4);
    return out;
}

bool sb_base64_size(size_t *n, const char *text, size_t len)
{
    if (len == 0 || len % 4 != 0)
        return false;
    *n = len / 4 * 3 - (text[len - 1] == '=') - (text[len - 2] == '=');
    return true;
}

bool sb_wire_u32(uint32_t *value, struct sb_wire *wire)
{
    if (wire->left < 4)
        return false;
    const uint8_t *b = wire->at;
    *value = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    wire->at += 4;
    wire->left -= 4;
    return true;
}

bool sb_wire_string(struct sb_span *string, struct sb_wire *wire)
{
    uint32_t len = 0;
    if (!sb_wire_u32(&len, wire) || len > wire->left)
        return false;
    *string = (struct sb_span){(const char *)wire->at, len};
    wire->at += len;
    wire->left -= len;
    return true;
}

uint8_t *sb_ssh_string_write(uint8_t *to, const void *bytes, uint32_t len)
{
    to[0] = (uint8_t)(len >> 24);
    to[1] = (uint8_t)(len >> 16);
    to[2] = (uint8_t)(len >> 8);
    to[3] = (uint8_t)len;
    if (len > 0)
        memcpy(to + 4, bytes, len);
    return to + 4 + len;
}

size_t sb_ssh_blob_write(uint8_t out[SB_SSH_BLOB_MAX], const struct sb_identity *identity)
{
    bool fido = sb_identity_is_fido(identity);
    const char *type = fido ? SB_SSH_FIDO : SB_SSH_PLAIN;
    uint8_t *end = sb_ssh_string_write(out, type, (uint32_t)strlen(type));
    end = sb_ssh_string_write(end, identity->pk, SB_PK_SIZE);
    if (fido)
        end = sb_ssh_string_write(end, identity->application,
                                  (uint32_t)strlen(identity->application));
    return (size_t)(end - out);
}

bool sb_ssh_blob_read(struct sb_identity *out, const void *blob, size_t len)
{
    struct sb_wire wire = {blob, len};
    struct sb_span type = {NULL, 0}, pk = {NULL, 0}, application = {NULL, 0};
    if (!sb_wire_string(&type, &wire) || !sb_wire_string(&pk, &wire) || pk.len != SB_PK_SIZE)
        return false;
    if (sb_span_is(type, SB_SSH_FIDO)) {
        if (!sb_wire_string(&application, &wire) || application.len == 0 ||
            application.len >= SB_APPLICATION_SIZE || sb_span_has_control(application, false))
            return false;
    } else if (!sb_span_is(type, SB_SSH_PLAIN)) {
        return false;
    }
    if (wire.left != 0)
        return false;
    *out = (struct sb_identity){0};
    memcpy(out->pk, pk.at, SB_PK_SIZE);
    if (application.len > 0)
        memcpy(out->application, application.at, application.len);
    return true;
}

bool sb_ssh_blob_decode(struct sb_identity *out, struct sb_span base64)
{
    uint8_t blob[SB_SSH_BLOB_MAX];
    size_t len = 0;
    return sb_base64_size(&len, base64.at, base64.len) && len <= sizeof(blob) &&
           sb_base64_decode(blob, len, base64.at, base64.len) && sb_ssh_blob_read(out, blob, len);
}
