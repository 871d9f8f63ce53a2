/* TIFF 6.0 and EXIF 2.32: directories of tagged values. Bounded: every directory once, and not more
 * than there can sensibly be. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "privacy/bytes.h"
#include "privacy/privacy.h"

enum { DIRECTORIES_MAX = 64, ENTRIES_MAX = 4096, ENTRY_SIZE = 12 };

enum directory { MAIN, EXIF, GPS };

struct tiff {
    const struct sb_privacy_sink *sink;
    const uint8_t *bytes;
    size_t len;
    bool big; /* most significant byte first */
    uint32_t seen[DIRECTORIES_MAX];
    size_t seen_count;
    bool notes; /* by the camera's maker */
    enum sb_privacy_result result;
};

struct value {
    uint16_t tag, type;
    const uint8_t *bytes;
    size_t len;
};

static uint16_t get16(const struct tiff *tiff, const uint8_t *p)
{
    return tiff->big ? sb_be16(p) : sb_le16(p);
}

static uint32_t get32(const struct tiff *tiff, const uint8_t *p)
{
    return tiff->big ? sb_be32(p) : sb_le32(p);
}

static void malformed(struct tiff *tiff)
{
    tiff->result = sb_privacy_worse(tiff->result, SB_PRIVACY_MALFORMED);
}

/* ---- values ------------------------------------------------------------------------------ */

enum meaning { TELLS, SCANNED, WIDE, WIDE_SCANNED };

static const struct {
    enum directory directory;
    uint16_t tag;
    enum meaning meaning;
    enum sb_privacy_rule rule;
    const char *field;
} tags[] = {
    {MAIN, 0x013b, TELLS, SB_PRIVACY_PERSON, "EXIF Artist"},
    {MAIN, 0x8298, TELLS, SB_PRIVACY_PERSON, "EXIF Copyright"},
    {MAIN, 0x9c9d, WIDE, SB_PRIVACY_PERSON, "EXIF XPAuthor"},
    {MAIN, 0xc62f, TELLS, SB_PRIVACY_SERIAL_NUMBER, "EXIF CameraSerialNumber"},
    {MAIN, 0x010d, SCANNED, SB_PRIVACY_RULES_COUNT, "EXIF DocumentName"},
    {MAIN, 0x010e, SCANNED, SB_PRIVACY_RULES_COUNT, "EXIF ImageDescription"},
    {MAIN, 0x0131, SCANNED, SB_PRIVACY_RULES_COUNT, "EXIF Software"},
    {MAIN, 0x013c, SCANNED, SB_PRIVACY_RULES_COUNT, "EXIF HostComputer"},
    {MAIN, 0x9c9b, WIDE_SCANNED, SB_PRIVACY_RULES_COUNT, "EXIF XPTitle"},
    {MAIN, 0x9c9c, WIDE_SCANNED, SB_PRIVACY_RULES_COUNT, "EXIF XPComment"},
    {MAIN, 0x9c9e, WIDE_SCANNED, SB_PRIVACY_RULES_COUNT, "EXIF XPKeywords"},
    {MAIN, 0x9c9f, WIDE_SCANNED, SB_PRIVACY_RULES_COUNT, "EXIF XPSubject"},
    {EXIF, 0xa430, TELLS, SB_PRIVACY_PERSON, "EXIF CameraOwnerName"},
    {EXIF, 0xa431, TELLS, SB_PRIVACY_SERIAL_NUMBER, "EXIF BodySerialNumber"},
    {EXIF, 0xa435, TELLS, SB_PRIVACY_SERIAL_NUMBER, "EXIF LensSerialNumber"},
    {EXIF, 0xfde8, TELLS, SB_PRIVACY_PERSON, "EXIF OwnerName"},
    {EXIF, 0xfde9, TELLS, SB_PRIVACY_SERIAL_NUMBER, "EXIF SerialNumber"},
    {EXIF, 0x9286, SCANNED, SB_PRIVACY_RULES_COUNT, "EXIF UserComment"},
};

/* EXIF 2.32, 4.6.5 and 4.6.6: the name of the character set comes first, and UTF-16 can be in
 * either order, whatever the file's is. */
static void take_coded(struct sb_buf *text, const uint8_t **bytes, size_t *len,
                       const struct tiff *tiff)
{
    enum { CODE = 8 };
    if (*len < CODE)
        return;
    bool wide = memcmp(*bytes, "UNICODE", CODE) == 0;
    *bytes += CODE;
    *len -= CODE;
    if (!wide)
        return;
    enum sb_privacy_wide order = sb_privacy_wide(*bytes, *len);
    sb_privacy_narrow(text, *bytes, *len,
                      order == SB_PRIVACY_NARROW ? tiff->big : order == SB_PRIVACY_WIDE_BIG);
    *bytes = text->data;
    *len = text->len;
}

static void take_text(struct tiff *tiff, const struct value *value, size_t row)
{
    const char *field = tags[row].field;
    struct sb_buf text = {0};
    const uint8_t *bytes = value->bytes;
    size_t len = value->len;
    bool wide = tags[row].meaning == WIDE || tags[row].meaning == WIDE_SCANNED;
    if (wide) {
        sb_privacy_narrow(&text, bytes, len, false); /* as Windows writes it */
        bytes = text.data;
        len = text.len;
    }
    if (value->tag == 0x9286)
        take_coded(&text, &bytes, &len, tiff);
    if (len > 0 && (tags[row].meaning == TELLS || tags[row].meaning == WIDE))
        sb_privacy_value(tiff->sink, tags[row].rule, field, bytes, len);
    else if (len > 0)
        sb_privacy_scan(tiff->sink, field, (const char *)bytes, len);
    sb_buf_free(&text);
}

/* Degrees, minutes and seconds, each as a fraction. */
static bool get_angle(double *out, const struct tiff *tiff, const struct value *value)
{
    static const double parts[] = {1, 60, 3600};
    *out = 0;
    if (value->type != 5 || value->len < 24)
        return false;
    for (size_t i = 0; i < 3; i++) {
        uint32_t above = get32(tiff, value->bytes + 8 * i);
        uint32_t below = get32(tiff, value->bytes + 8 * i + 4);
        if (below != 0)
            *out += above / (double)below / parts[i];
    }
    return true;
}

struct position {
    double angle[2];
    char side[2];
    bool there[2];
};

/* The tags of EXIF 2.32, 4.6.6: 1 and 3 say on which side, 2 and 4 how far. */
static void take_gps(struct tiff *tiff, const struct value *value, struct position *position)
{
    static const char *const fields[] = {[0x14] = "EXIF GPSDestLatitude",
                                         [0x16] = "EXIF GPSDestLongitude",
                                         [0x1c] = "EXIF GPSAreaInformation"};
    if ((value->tag == 1 || value->tag == 3) && value->len > 0)
        position->side[value->tag / 2] = (char)value->bytes[0];
    if (value->tag == 2 || value->tag == 4) {
        size_t which = value->tag / 2 - 1u;
        position->there[which] = true;
        if (!get_angle(&position->angle[which], tiff, value))
            malformed(tiff);
    }
    double angle;
    char text[40];
    if ((value->tag == 0x14 || value->tag == 0x16) && get_angle(&angle, tiff, value)) {
        int n = snprintf(text, sizeof(text), "%.5f", angle);
        sb_privacy_value(tiff->sink, SB_PRIVACY_LOCATION, fields[value->tag], text, (size_t)n);
    }
    if (value->tag == 0x1c) {
        struct sb_buf area = {0};
        const uint8_t *bytes = value->bytes;
        size_t len = value->len;
        take_coded(&area, &bytes, &len, tiff);
        sb_privacy_value(tiff->sink, SB_PRIVACY_LOCATION, fields[value->tag], bytes, len);
        sb_buf_free(&area);
    }
}

static void tell_position(const struct tiff *tiff, const struct position *position)
{
    char text[80];
    if (!position->there[0] && !position->there[1])
        return;
    double latitude = position->side[0] == 'S' ? -position->angle[0] : position->angle[0];
    double longitude = position->side[1] == 'W' ? -position->angle[1] : position->angle[1];
    int n = snprintf(text, sizeof(text), "%.5f, %.5f", latitude, longitude);
    sb_privacy_value(tiff->sink, SB_PRIVACY_LOCATION, "EXIF GPS position", text, (size_t)n);
}

/* ---- directories ------------------------------------------------------------------------- */

/* False when its bytes are not all there. */
static bool get_value(struct value *out, const struct tiff *tiff, const uint8_t *entry)
{
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
    out->tag = get16(tiff, entry);
    out->type = get16(tiff, entry + 2);
    uint64_t count = get32(tiff, entry + 4);
    uint64_t size = out->type < sizeof(sizes) ? sizes[out->type] : 1;
    uint64_t len = count * size; /* both have at most 32 bits */
    out->bytes = entry + 8;
    out->len = (size_t)len;
    if (len <= 4)
        return true;
    uint64_t at = get32(tiff, entry + 8);
    out->bytes = tiff->bytes + at;
    return at <= tiff->len && len <= tiff->len - at;
}

static void read_directory(struct tiff *tiff, enum directory kind, uint32_t at);

static void take_value(struct tiff *tiff, enum directory kind, const struct value *value,
                       struct position *position)
{
    enum sb_privacy_result r = SB_PRIVACY_EXAMINED;
    if (kind == GPS) {
        take_gps(tiff, value, position);
        return;
    }
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        /* Some programs put all into one directory. */
        if (tags[i].tag == value->tag)
            take_text(tiff, value, i);
    }
    bool pointer = value->len == 4 && (value->type == 4 || value->type == 13);
    if (value->tag == 0x8769 && pointer)
        read_directory(tiff, EXIF, get32(tiff, value->bytes));
    else if (value->tag == 0x8825 && pointer)
        read_directory(tiff, GPS, get32(tiff, value->bytes));
    else if (value->tag == 0x8769 || value->tag == 0x8825)
        malformed(tiff);
    else if (value->tag == 0x02bc && value->len > 1)
        r = sb_privacy_xml(tiff->sink, SB_XML_XMP, value->bytes, value->len);
    else if (value->tag == 0x83bb && value->len > 1)
        r = sb_privacy_iptc(tiff->sink, value->bytes, value->len);
    else if (value->tag == 0x8649)
        r = sb_privacy_irb(tiff->sink, value->bytes, value->len);
    tiff->result = sb_privacy_worse(tiff->result, r);
}

/* False when it was read before, or there are too many. */
static bool is_new(struct tiff *tiff, uint32_t at)
{
    for (size_t i = 0; i < tiff->seen_count; i++) {
        if (tiff->seen[i] == at)
            return false;
    }
    if (tiff->seen_count == DIRECTORIES_MAX) {
        tiff->result = sb_privacy_worse(tiff->result, SB_PRIVACY_LIMIT);
        return false;
    }
    tiff->seen[tiff->seen_count++] = at;
    return true;
}

/* The directory and, of the main ones, those that follow it. */
static void read_directory(struct tiff *tiff, enum directory kind, uint32_t at)
{
    while (at != 0 && is_new(tiff, at)) {
        struct position position = {0};
        if (at > tiff->len || tiff->len - at < 2) {
            malformed(tiff);
            return;
        }
        size_t count = get16(tiff, tiff->bytes + at), room = (tiff->len - at - 2) / ENTRY_SIZE;
        if (count > room || count > ENTRIES_MAX)
            malformed(tiff);
        count = count < room ? count : room;
        for (size_t i = 0; i < count && i < ENTRIES_MAX; i++) {
            struct value value;
            bool whole = get_value(&value, tiff, tiff->bytes + at + 2 + i * ENTRY_SIZE);
            if (whole)
                take_value(tiff, kind, &value, &position);
            if (value.tag == 0x927c)
                tiff->notes = true; /* often broken by other programs */
            else if (!whole)
                malformed(tiff);
        }
        tell_position(tiff, &position);
        size_t next = at + 2 + count * ENTRY_SIZE;
        at = kind == MAIN && tiff->len - next >= 4 ? get32(tiff, tiff->bytes + next) : 0;
    }
}

enum sb_privacy_result sb_privacy_tiff(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len)
{
    struct tiff tiff = {.sink = sink, .bytes = bytes, .len = len};
    if (len < 8 || (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0))
        return SB_PRIVACY_MALFORMED;
    tiff.big = bytes[0] == 'M';
    read_directory(&tiff, MAIN, get32(&tiff, bytes + 4));
    /* Without need, no library gets a file. */
    if (tiff.notes || tiff.result != SB_PRIVACY_EXAMINED)
        sb_privacy_maker_notes(sink, bytes, len);
    return tiff.result;
}

enum sb_privacy_result sb_privacy_exif(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len)
{
    enum { MARK = 6 };
    if (len > MARK && memcmp(bytes, "Exif\0\0", MARK) == 0)
        return sb_privacy_tiff(sink, bytes + MARK, len - MARK);
    return sb_privacy_tiff(sink, bytes, len);
}
