#include "base/media.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct magic {
    size_t at;
    const char *bytes;
    size_t len;
    const char *type;
};

#define MAGIC(at, bytes, type)                                                                     \
    {                                                                                              \
        at, bytes, sizeof(bytes) - 1, type                                                         \
    }

static const struct magic magics[] = {
    MAGIC(0, "\xff\xd8\xff", "image/jpeg"),
    MAGIC(0, "\x89PNG\r\n\x1a\n", "image/png"),
    MAGIC(0, "GIF87a", "image/gif"),
    MAGIC(0, "GIF89a", "image/gif"),
    MAGIC(0, "II*\0", "image/tiff"),
    MAGIC(0, "MM\0*", "image/tiff"),
    MAGIC(0, "%PDF-", "application/pdf"),
    MAGIC(0, "{\\rtf", "application/rtf"),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    MAGIC(0, "SQLite format 3\0", "application/vnd.sqlite3"),
    MAGIC(0, "\x1f\x8b\x08", "application/gzip"),
    MAGIC(0, "\x28\xb5\x2f\xfd", "application/zstd"),
    MAGIC(0, "BZh", "application/x-bzip2"),
    MAGIC(0,
          "\xfd"
          "7zXZ\0",
          "application/x-xz"),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    MAGIC(0, "Rar!\x1a\x07", "application/vnd.rar"),
    MAGIC(0, "OggS", "application/ogg"),
    MAGIC(0, "fLaC", "audio/flac"),
    MAGIC(0, "ID3", "audio/mpeg"),
    MAGIC(0, "\xff\xfb", "audio/mpeg"),
    MAGIC(0, "\x1a\x45\xdf\xa3", "video/x-matroska"),
    MAGIC(257, "ustar", "application/x-tar"),
};

/* Of RIFF, whose kind stands behind its length. */
static const struct magic riff[] = {
    MAGIC(8, "WEBP", "image/webp"),
    MAGIC(8, "WAVE", "audio/vnd.wave"),
    MAGIC(8, "AVI ", "video/vnd.avi"),
};

/* Of ISO/IEC 14496-12, whose first box says for whom it is made. */
static const struct magic brands[] = {
    MAGIC(8, "avif", "image/avif"), MAGIC(8, "avis", "image/avif"),
    MAGIC(8, "heic", "image/heic"), MAGIC(8, "heix", "image/heic"),
    MAGIC(8, "mif1", "image/heif"), MAGIC(8, "msf1", "image/heif"),
    MAGIC(8, "M4A ", "audio/mp4"),  MAGIC(8, "qt  ", "video/quicktime"),
    MAGIC(8, "3gp", "video/3gpp"),
};

static const char *find(const struct magic *list, size_t count, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        if (len >= list[i].at && len - list[i].at >= list[i].len &&
            memcmp(bytes + list[i].at, list[i].bytes, list[i].len) == 0)
            return list[i].type;
    }
    return NULL;
}

static bool begins(const uint8_t *bytes, size_t len, const char *text)
{
    return len >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

static bool contains(const uint8_t *bytes, size_t len, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= len; i++) {
        if (memcmp(bytes + i, text, n) == 0)
            return true;
    }
    return false;
}

/* A zip's first member is called "mimetype" and stored when the whole is an OpenDocument or an
 * EPUB, and its content is the type. Office files say it in the names of their members. */
static const char *zip_type(const uint8_t *bytes, size_t len)
{
    static const char *const stated[] = {
        "application/epub+zip",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.text",
    };
    enum { NAME = 30, CONTENT = NAME + 8 };
    if (len > CONTENT && memcmp(bytes + NAME, "mimetype", 8) == 0) {
        for (size_t i = 0; i < COUNT(stated); i++) {
            if (begins(bytes + CONTENT, len - CONTENT, stated[i]))
                return stated[i];
        }
    }
    if (contains(bytes, len, "word/"))
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    if (contains(bytes, len, "xl/"))
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    if (contains(bytes, len, "ppt/"))
        return "application/vnd.openxmlformats-officedocument.presentationml.presentation";
    return "application/zip";
}

/* The next "<" behind white space, in any case. */
static bool has_tag(const uint8_t *bytes, size_t len, const char *tag)
{
    size_t at = 0;
    if (begins(bytes, len, "\xef\xbb\xbf"))
        at = 3;
    while (at < len && (bytes[at] == ' ' || (bytes[at] >= '\t' && bytes[at] <= '\r')))
        at++;
    for (size_t i = 0; tag[i] != 0; i++) {
        char c = at + i < len ? (char)bytes[at + i] : 0;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != tag[i])
            return false;
    }
    return true;
}

/* UTF-8 without control characters; the last character may be cut off. */
static bool is_text(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, text + at, len - at);
        if (n == 0)
            return len - at < 4 && len >= SB_MEDIA_BYTES && bytes[at] >= 0xc2 && bytes[at] <= 0xf4;
        if (code == 0x7f || (code < ' ' && (code < '\t' || code > '\r')))
            return false;
        at += n;
    }
    return len > 0;
}

const char *sb_media_type(const uint8_t *bytes, size_t len)
{
    const char *type = find(magics, COUNT(magics), bytes, len);
    if (len > SB_MEDIA_BYTES)
        len = SB_MEDIA_BYTES;
    if (type != NULL)
        return type;
    if (begins(bytes, len, "PK\3\4"))
        return zip_type(bytes, len);
    if (begins(bytes, len, "RIFF"))
        return find(riff, COUNT(riff), bytes, len);
    if (len >= 12 && memcmp(bytes + 4, "ftyp", 4) == 0) {
        type = find(brands, COUNT(brands), bytes, len);
        return type != NULL ? type : "video/mp4";
    }
    if (has_tag(bytes, len, "<!doctype html") || has_tag(bytes, len, "<html"))
        return "text/html";
    if (has_tag(bytes, len, "<svg"))
        return "image/svg+xml";
    if (has_tag(bytes, len, "<?xml"))
        return contains(bytes, len, "<svg") ? "image/svg+xml" : "application/xml";
    return is_text(bytes, len) ? "text/plain" : NULL;
}
