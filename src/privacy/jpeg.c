/* JPEG (ITU T.81, annex B): the segments before the picture. */
#include <string.h>

#include "privacy/bytes.h"
#include "privacy/privacy.h"

static bool begins(const uint8_t *bytes, size_t len, const char *text, size_t text_len)
{
    return len >= text_len && memcmp(bytes, text, text_len) == 0;
}

#define BEGINS(text) begins(bytes, len, (text), sizeof(text) - 1)

enum { SOI = 0xd8, EOI = 0xd9, SOS = 0xda, APP1 = 0xe1, APP13 = 0xed, COM = 0xfe };

static enum sb_privacy_result take_segment(const struct sb_privacy_sink *sink, uint8_t marker,
                                           const uint8_t *bytes, size_t len)
{
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/";
    static const char more[] = "http://ns.adobe.com/xmp/extension/";
    static const char photoshop[] = "Photoshop 3.0";
    if (marker == APP1 && BEGINS("Exif\0"))
        return len > 6 ? sb_privacy_tiff(sink, bytes + 6, len - 6) : SB_PRIVACY_MALFORMED;
    if (marker == APP1 && begins(bytes, len, xmp, sizeof(xmp)))
        return sb_privacy_xml(sink, SB_XML_XMP, bytes + sizeof(xmp), len - sizeof(xmp));
    /* What does not fit into one segment is cut into pieces, at any place. */
    enum { MORE_HEAD = 32 + 4 + 4 };
    if (marker == APP1 && begins(bytes, len, more, sizeof(more)) && len > sizeof(more) + MORE_HEAD)
        sb_privacy_scan(sink, "extended XMP", (const char *)bytes + sizeof(more) + MORE_HEAD,
                        len - sizeof(more) - MORE_HEAD);
    if (marker == APP13 && begins(bytes, len, photoshop, sizeof(photoshop)))
        return sb_privacy_irb(sink, bytes + sizeof(photoshop), len - sizeof(photoshop));
    if (marker == COM)
        sb_privacy_scan(sink, "JPEG comment", (const char *)bytes, len);
    return SB_PRIVACY_EXAMINED;
}

enum sb_privacy_result sb_privacy_jpeg(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len)
{
    enum sb_privacy_result result = SB_PRIVACY_EXAMINED;
    size_t at = 2;
    if (len < 4 || bytes[0] != 0xff || bytes[1] != SOI)
        return SB_PRIVACY_MALFORMED;
    for (;;) {
        if (len - at < 2 || bytes[at] != 0xff)
            return sb_privacy_worse(result, SB_PRIVACY_MALFORMED);
        while (at + 1 < len && bytes[at + 1] == 0xff) /* filling */
            at++;
        if (len - at < 2)
            return sb_privacy_worse(result, SB_PRIVACY_MALFORMED);
        uint8_t marker = bytes[at + 1];
        at += 2;
        if (marker == EOI || marker == SOS)
            return result;
        if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) /* without a length */
            continue;
        size_t size = len - at >= 2 ? sb_be16(bytes + at) : 0;
        if (size < 2 || size > len - at)
            return sb_privacy_worse(result, SB_PRIVACY_MALFORMED);
        result = sb_privacy_worse(result, take_segment(sink, marker, bytes + at + 2, size - 2));
        at += size;
    }
}
