#define _GNU_SOURCE /* strcasestr */
/* Office documents: zip archives (read by libarchive) with properties, texts and pictures. OOXML:
 * ECMA-376, part 2; OpenDocument 1.3, part 2. */
#include <string.h>
#include <strings.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/buf.h"
#include "privacy/privacy.h"

enum { PART_MAX = 64 << 20, ALL_MAX = 256 << 20, ENTRIES_MAX = 20000 };

enum part { OTHER, PROPERTIES, TEXT, PICTURE, TYPES, MIMETYPE };

/* ECMA-376, part 2, 6.2.2: upper and lower case make no difference. */
static bool begins(const char *text, const char *start)
{
    return strncasecmp(text, start, strlen(start)) == 0;
}

static bool ends(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);
    return len >= n && strcasecmp(text + len - n, end) == 0;
}

static bool is(const char *text, const char *other)
{
    return strcasecmp(text, other) == 0;
}

static enum part part_of(const char *name)
{
    if (is(name, "[Content_Types].xml"))
        return TYPES;
    if (is(name, "mimetype"))
        return MIMETYPE;
    bool xml = ends(name, ".xml");
    /* .psmdcp: core properties by .NET; .rels: where templates, linked pictures and other files
     * lie; workbook.xml: in which folder it was saved last, and by whom. */
    if ((begins(name, "docProps/") && xml) || is(name, "meta.xml") || ends(name, ".psmdcp") ||
        ends(name, ".rels") || is(name, "xl/workbook.xml") || is(name, "xl/connections.xml") ||
        (begins(name, "customXml/") && xml))
        return PROPERTIES;
    if (strcasestr(name, "/media/") != NULL || begins(name, "Pictures/") ||
        begins(name, "docProps/thumbnail.") || begins(name, "Thumbnails/"))
        return PICTURE;
    if (!xml)
        return OTHER;
    bool word = begins(name, "word/") && strchr(name + 5, '/') == NULL;
    bool sheet = begins(name, "xl/comments") || begins(name, "xl/persons/") ||
                 begins(name, "xl/threadedComments/") || begins(name, "xl/revisions/") ||
                 begins(name, "xl/pivotCache/pivotCacheDefinition");
    bool slide = begins(name, "ppt/commentAuthors") || begins(name, "ppt/authors");
    return word || sheet || slide || is(name, "content.xml") || is(name, "styles.xml") ? TEXT
                                                                                       : OTHER;
}

struct office {
    const struct sb_privacy_sink *sink;
    struct archive *archive;
    struct sb_buf part;
    size_t all;
    bool is_office;
};

static enum sb_privacy_result read_part(struct office *office)
{
    uint8_t piece[32 << 10];
    office->part.len = 0;
    for (;;) {
        la_ssize_t n = archive_read_data(office->archive, piece, sizeof(piece));
        if (n == 0)
            return SB_PRIVACY_EXAMINED;
        if (n < 0)
            return SB_PRIVACY_MALFORMED;
        office->all += (size_t)n;
        if (office->part.len + (size_t)n > PART_MAX || office->all > ALL_MAX)
            return SB_PRIVACY_LIMIT;
        if (sb_buf_append(&office->part, piece, (size_t)n) < 0)
            return SB_PRIVACY_FAILED;
    }
}

/* A picture within the document; documents within it are not looked into. */
static enum sb_privacy_result take_picture(struct office *office)
{
    enum sb_privacy_kind kind = sb_privacy_kind_of(office->part.data, office->part.len);
    if (kind == SB_KIND_NONE || kind == SB_KIND_ZIP)
        return SB_PRIVACY_EXAMINED;
    struct sb_privacy_sink sink = *office->sink;
    sink.prefix = "a picture's";
    return sb_privacy_examine(&sink, kind, office->part.data, office->part.len);
}

static enum sb_privacy_result take_part(struct office *office, const char *name)
{
    static const char odf[] = "application/vnd.oasis.opendocument";
    enum part part = part_of(name);
    if (part == TYPES)
        office->is_office = true;
    if (part == OTHER || part == TYPES)
        return SB_PRIVACY_EXAMINED;
    enum sb_privacy_result r = read_part(office);
    if (r != SB_PRIVACY_EXAMINED || office->part.len == 0)
        return r;
    const uint8_t *bytes = office->part.data;
    size_t len = office->part.len;
    switch (part) {
    case MIMETYPE:
        office->is_office |= len >= sizeof(odf) - 1 && memcmp(bytes, odf, sizeof(odf) - 1) == 0;
        return SB_PRIVACY_EXAMINED;
    case PROPERTIES:
        return sb_privacy_xml(office->sink, SB_XML_PROPERTIES, bytes, len);
    case TEXT:
        return sb_privacy_xml(office->sink, SB_XML_TEXT, bytes, len);
    default:
        return take_picture(office);
    }
}

static enum sb_privacy_result read_entries(struct office *office)
{
    enum sb_privacy_result result = SB_PRIVACY_EXAMINED;
    for (size_t count = 0;; count++) {
        struct archive_entry *entry;
        int r = archive_read_next_header(office->archive, &entry);
        if (r == ARCHIVE_EOF)
            return result;
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
            return sb_privacy_worse(result, SB_PRIVACY_MALFORMED);
        if (count == ENTRIES_MAX)
            return sb_privacy_worse(result, SB_PRIVACY_LIMIT);
        const char *name = archive_entry_pathname(entry);
        if (name == NULL)
            continue; /* not in ASCII: no part that is looked for */
        if (archive_entry_is_encrypted(entry) && part_of(name) != OTHER)
            result = sb_privacy_worse(result, SB_PRIVACY_ENCRYPTED);
        else
            result = sb_privacy_worse(result, take_part(office, name));
        if (office->all > ALL_MAX)
            return result;
    }
}

enum sb_privacy_result sb_privacy_office(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                         size_t len)
{
    sb_privacy_use_library(sink);
    struct office office = {.sink = sink, .archive = archive_read_new()};
    if (office.archive == NULL)
        return SB_PRIVACY_FAILED;
    enum sb_privacy_result result = SB_PRIVACY_FAILED;
    if (archive_read_support_format_zip(office.archive) == ARCHIVE_OK)
        result = archive_read_open_memory(office.archive, bytes, len) == ARCHIVE_OK
                     ? read_entries(&office)
                     : SB_PRIVACY_MALFORMED;
    archive_read_free(office.archive);
    sb_buf_free(&office.part);
    return office.is_office ? result : SB_PRIVACY_UNKNOWN;
}
