/* Which kind of file it is, and who looks into it. */
#include <string.h>

#include "privacy/pdf.h"
#include "privacy/privacy.h"

static bool begins(const uint8_t *head, size_t len, size_t at, const char *magic, size_t magic_len)
{
    return len >= at + magic_len && memcmp(head + at, magic, magic_len) == 0;
}

#define BEGINS(at, magic) begins(head, len, (at), (magic), sizeof(magic) - 1)

/* The boxes that MP4, MOV and HEIC begin with. */
static bool is_bmff(const uint8_t *head, size_t len)
{
    static const char boxes[][5] = {"ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"};
    if (BEGINS(4, "ftypcrx ")) /* CR3: it has EXIF in boxes that nothing here knows */
        return false;
    for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
        if (begins(head, len, 4, boxes[i], 4))
            /* A length that can be one: text can hold such words, too. */
            return head[0] < 0x20 || i == 2;
    }
    return false;
}

/* Behind a byte order mark or white space, as some programs write it. */
static bool is_pdf(const uint8_t *head, size_t len)
{
    size_t at = BEGINS(0, "\xef\xbb\xbf") ? 3 : 0;
    while (at < len && memchr(" \t\r\n", head[at], 4) != NULL)
        at++;
    return BEGINS(at, "%PDF-");
}

enum sb_privacy_kind sb_privacy_kind_of(const uint8_t *head, size_t len)
{
    if (BEGINS(0, "\xff\xd8\xff"))
        return SB_KIND_JPEG;
    if (BEGINS(0, "II*\0") || BEGINS(0, "MM\0*"))
        return SB_KIND_TIFF;
    if (BEGINS(0, "\x89PNG\r\n\x1a\n"))
        return SB_KIND_PNG;
    if (BEGINS(0, "RIFF") && BEGINS(8, "WEBP"))
        return SB_KIND_WEBP;
    if (BEGINS(0, "PK\3\4"))
        return SB_KIND_ZIP;
    if (is_pdf(head, len))
        return SB_KIND_PDF;
    return is_bmff(head, len) ? SB_KIND_BMFF : SB_KIND_NONE;
}

void sb_privacy_prepare(void)
{
    sb_pdf_load();
}

void sb_privacy_use_library(const struct sb_privacy_sink *sink)
{
    if (sink->library != NULL)
        sink->library(sink->context);
}

enum sb_privacy_result sb_privacy_examine(const struct sb_privacy_sink *sink,
                                          enum sb_privacy_kind kind, const uint8_t *bytes,
                                          size_t len)
{
    switch (kind) {
    case SB_KIND_JPEG:
        return sb_privacy_jpeg(sink, bytes, len);
    case SB_KIND_TIFF:
        return sb_privacy_tiff(sink, bytes, len);
    case SB_KIND_PNG:
        return sb_privacy_png(sink, bytes, len);
    case SB_KIND_WEBP:
        return sb_privacy_webp(sink, bytes, len);
    case SB_KIND_BMFF:
        return sb_privacy_bmff(sink, bytes, len);
    case SB_KIND_PDF:
        return sb_privacy_pdf(sink, bytes, len);
    case SB_KIND_ZIP:
        return sb_privacy_office(sink, bytes, len);
    case SB_KIND_NONE:
    case SB_KIND_COUNT:
        break;
    }
    return SB_PRIVACY_UNKNOWN;
}

enum sb_privacy_result sb_privacy_worse(enum sb_privacy_result a, enum sb_privacy_result b)
{
    return a != SB_PRIVACY_EXAMINED ? a : b;
}
