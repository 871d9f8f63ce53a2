/* IPTC-IIM 4.2 and the Photoshop resources that it usually lies in. */
#include <string.h>

#include "privacy/bytes.h"
#include "privacy/privacy.h"

static const struct {
    uint8_t dataset;
    enum sb_privacy_rule rule;
    const char *field;
} datasets[] = {
    {80, SB_PRIVACY_PERSON, "IPTC By-line"},          {90, SB_PRIVACY_LOCATION, "IPTC City"},
    {92, SB_PRIVACY_LOCATION, "IPTC Sub-location"},   {110, SB_PRIVACY_ORGANISATION, "IPTC Credit"},
    {116, SB_PRIVACY_PERSON, "IPTC CopyrightNotice"}, {118, SB_PRIVACY_PERSON, "IPTC Contact"},
    {122, SB_PRIVACY_PERSON, "IPTC Writer"},
};

enum sb_privacy_result sb_privacy_iptc(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len)
{
    size_t at = 0;
    while (len - at >= 5 && bytes[at] == 0x1c) {
        size_t size = sb_be16(bytes + at + 3);
        if (size > len - at - 5) /* or an extended length, which nobody needs for these */
            return SB_PRIVACY_MALFORMED;
        const uint8_t *value = bytes + at + 5;
        bool known = false;
        for (size_t i = 0; i < sizeof(datasets) / sizeof(datasets[0]); i++) {
            if (bytes[at + 1] == 2 && bytes[at + 2] == datasets[i].dataset && size > 0) {
                sb_privacy_value(sink, datasets[i].rule, datasets[i].field, value, size);
                known = true;
            }
        }
        if (!known && bytes[at + 1] == 2 && size > 0)
            sb_privacy_scan(sink, "IPTC field", (const char *)value, size);
        at += 5 + size;
    }
    /* TIFF files fill it up with zeros. */
    while (at < len && bytes[at] == 0)
        at++;
    return at == len ? SB_PRIVACY_EXAMINED : SB_PRIVACY_MALFORMED;
}

enum sb_privacy_result sb_privacy_irb(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                      size_t len)
{
    enum { IPTC = 0x0404, XMP = 0x0424 };
    enum sb_privacy_result result = SB_PRIVACY_EXAMINED;
    size_t at = 0;
    while (len - at >= 4 && memcmp(bytes + at, "8BIM", 4) == 0) {
        /* the resource's number, its name with a length of one byte, filled up to an even number */
        if (len - at < 7)
            return SB_PRIVACY_MALFORMED;
        uint16_t number = sb_be16(bytes + at + 4);
        size_t name = ((size_t)bytes[at + 6] + 2) & ~(size_t)1;
        if (len - at - 6 < name + 4)
            return SB_PRIVACY_MALFORMED;
        at += 6 + name;
        size_t size = sb_be32(bytes + at);
        at += 4;
        if (size > len - at)
            return SB_PRIVACY_MALFORMED;
        enum sb_privacy_result r = SB_PRIVACY_EXAMINED;
        if (number == IPTC && size > 0)
            r = sb_privacy_iptc(sink, bytes + at, size);
        if (number == XMP && size > 0)
            r = sb_privacy_xml(sink, SB_XML_XMP, bytes + at, size);
        result = sb_privacy_worse(result, r);
        at += size;
        at += size % 2 == 1 && at < len;
    }
    return result;
}
