/* WebP's container: RIFF chunks. */
#include <string.h>

#include "privacy/bytes.h"
#include "privacy/privacy.h"

enum sb_privacy_result sb_privacy_webp(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len)
{
    enum sb_privacy_result result = SB_PRIVACY_EXAMINED;
    if (len < 12 || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WEBP", 4) != 0)
        return SB_PRIVACY_MALFORMED;
    size_t at = 12;
    while (len - at >= 8) {
        size_t size = sb_le32(bytes + at + 4);
        const uint8_t *name = bytes + at, *data = name + 8;
        if (size > len - at - 8)
            return sb_privacy_worse(result, SB_PRIVACY_MALFORMED);
        if (memcmp(name, "EXIF", 4) == 0)
            result = sb_privacy_worse(result, sb_privacy_exif(sink, data, size));
        if (memcmp(name, "XMP ", 4) == 0)
            result = sb_privacy_worse(result, sb_privacy_xml(sink, SB_XML_XMP, data, size));
        at += 8 + size;
        at += size % 2 == 1 && at < len;
    }
    return at == len ? result : sb_privacy_worse(result, SB_PRIVACY_MALFORMED);
}
