/* PNG 1.2 and its extensions: text in chunks, EXIF in eXIf. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <zlib.h>

#include "base/buf.h"
#include "privacy/bytes.h"
#include "privacy/privacy.h"

enum { INFLATED_MAX = 4 << 20, KEYWORD_MAX = 79 };

/* Bounded: what does not end by then is LIMIT. */
static enum sb_privacy_result inflate_all(struct sb_buf *out, const uint8_t *bytes, size_t len)
{
    z_stream stream = {.next_in = bytes, .avail_in = (uInt)len};
    uint8_t piece[16 << 10];
    if (inflateInit(&stream) != Z_OK)
        return SB_PRIVACY_FAILED;
    int r = Z_OK;
    enum sb_privacy_result result = SB_PRIVACY_EXAMINED;
    while (r == Z_OK && result == SB_PRIVACY_EXAMINED) {
        stream.next_out = piece;
        stream.avail_out = sizeof(piece);
        r = inflate(&stream, Z_NO_FLUSH);
        if (r != Z_OK && r != Z_STREAM_END)
            result = SB_PRIVACY_MALFORMED;
        else if (out->len > INFLATED_MAX)
            result = SB_PRIVACY_LIMIT;
        else if (sb_buf_append(out, piece, sizeof(piece) - stream.avail_out) < 0)
            result = SB_PRIVACY_FAILED;
    }
    inflateEnd(&stream);
    return result;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ImageMagick's way before there was eXIf: "\nexif\n    1234\n", then hex digits. */
static enum sb_privacy_result take_profile(const struct sb_privacy_sink *sink, const char *kind,
                                           const uint8_t *text, size_t len)
{
    struct sb_buf bytes = {0};
    size_t at = 0;
    for (int lines = 0; at < len && lines < 3; at++)
        lines += text[at] == '\n';
    int high = -1;
    for (; at < len; at++) {
        int digit = hex_digit(text[at]);
        if (digit < 0)
            continue;
        uint8_t byte = (uint8_t)(high * 16 + digit);
        if (high >= 0 && sb_buf_append(&bytes, &byte, 1) < 0)
            break;
        high = high < 0 ? digit : -1;
    }
    enum sb_privacy_result r = SB_PRIVACY_EXAMINED;
    static const char xap[] = "http://ns.adobe.com/xap/1.0/";
    bool app1 = strcasecmp(kind, "exif") == 0 || strcasecmp(kind, "APP1") == 0;
    if (app1 && bytes.len > sizeof(xap) && memcmp(bytes.data, xap, sizeof(xap)) == 0)
        r = sb_privacy_xml(sink, SB_XML_XMP, bytes.data + sizeof(xap), bytes.len - sizeof(xap));
    else if (app1)
        r = bytes.len > 0 ? sb_privacy_exif(sink, bytes.data, bytes.len) : SB_PRIVACY_MALFORMED;
    else if (bytes.len > 0 && strcmp(kind, "iptc") == 0)
        r = sb_privacy_irb(sink, bytes.data, bytes.len);
    else if (bytes.len > 0 && strcmp(kind, "xmp") == 0)
        r = sb_privacy_xml(sink, SB_XML_XMP, bytes.data, bytes.len);
    sb_buf_free(&bytes);
    return r;
}

static enum sb_privacy_result take_text(const struct sb_privacy_sink *sink, const char *keyword,
                                        const uint8_t *text, size_t len)
{
    static const char profile[] = "Raw profile type ";
    char field[KEYWORD_MAX + 16];
    if (len == 0)
        return SB_PRIVACY_EXAMINED;
    if (strcmp(keyword, "XML:com.adobe.xmp") == 0)
        return sb_privacy_xml(sink, SB_XML_XMP, text, len);
    if (strncmp(keyword, profile, sizeof(profile) - 1) == 0)
        return take_profile(sink, keyword + sizeof(profile) - 1, text, len);
    snprintf(field, sizeof(field), "PNG %s", keyword);
    bool person = strcasecmp(keyword, "Author") == 0 || strcasecmp(keyword, "Artist") == 0 ||
                  strcasecmp(keyword, "Copyright") == 0 || strcasecmp(keyword, "Creator") == 0;
    if (person)
        sb_privacy_value(sink, SB_PRIVACY_PERSON, field, text, len);
    else
        sb_privacy_scan(sink, field, (const char *)text, len);
    return SB_PRIVACY_EXAMINED;
}

/* A keyword and a NUL; for iTXt whether it is compressed, how, a language, the keyword in it. */
static enum sb_privacy_result parse_text(const struct sb_privacy_sink *sink, char kind,
                                         const uint8_t *bytes, size_t len)
{
    size_t at = len > 0 ? strnlen((const char *)bytes, len) : 0;
    if (at == 0 || at > KEYWORD_MAX || at == len)
        return SB_PRIVACY_MALFORMED;
    const char *keyword = (const char *)bytes;
    bool compressed = kind == 'z';
    at++;
    if (kind == 'i') {
        if (len - at < 4)
            return SB_PRIVACY_MALFORMED;
        compressed = bytes[at] == 1;
        at++;
        for (int i = 0; i < 2; i++) {
            size_t n = i == 0 ? 1 : 0; /* the method */
            n += strnlen((const char *)bytes + at + n, len - at - n);
            if (n >= len - at)
                return SB_PRIVACY_MALFORMED;
            at += n + 1;
        }
    } else if (kind == 'z') {
        if (at == len)
            return SB_PRIVACY_MALFORMED;
        at++;
    }
    if (!compressed)
        return take_text(sink, keyword, bytes + at, len - at);
    struct sb_buf text = {0};
    sb_privacy_use_library(sink);
    enum sb_privacy_result r = inflate_all(&text, bytes + at, len - at);
    r = sb_privacy_worse(r, take_text(sink, keyword, text.data, text.len));
    sb_buf_free(&text);
    return r;
}

enum sb_privacy_result sb_privacy_png(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                      size_t len)
{
    enum sb_privacy_result result = SB_PRIVACY_EXAMINED;
    if (len < 8 || memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) != 0)
        return SB_PRIVACY_MALFORMED;
    for (size_t at = 8; len - at >= 12;) {
        size_t size = sb_be32(bytes + at);
        const uint8_t *name = bytes + at + 4, *data = name + 4;
        if (size > len - at - 12)
            break;
        enum sb_privacy_result r = SB_PRIVACY_EXAMINED;
        if (memcmp(name, "IEND", 4) == 0)
            return result;
        if (memcmp(name, "eXIf", 4) == 0)
            r = sb_privacy_exif(sink, data, size);
        else if (memcmp(name, "tEXt", 4) == 0 || memcmp(name, "zTXt", 4) == 0 ||
                 memcmp(name, "iTXt", 4) == 0)
            r = parse_text(sink, (char)name[0], data, size);
        result = sb_privacy_worse(result, r);
        at += 12 + size;
    }
    return sb_privacy_worse(result, SB_PRIVACY_MALFORMED);
}
