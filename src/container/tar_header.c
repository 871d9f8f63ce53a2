#include "container/tar_header.h"

#include <string.h>

#include "base/rule.h"
#include "base/text.h"

/* Offsets of the ustar fields. */
enum {
    NAME = 0,
    SIZE = 124,
    CHECKSUM = 148,
    TYPE = 156,
    LINKNAME = 157,
    MAGIC = 257,
    PREFIX = 345,
};

static int malformed(struct sb_error *error, const char *what)
{
    return sb_rule_error(error, SB_RULE_TAR_HEADER, "The tar is damaged: %s.", what);
}

/* Octal digits, then only spaces and NULs to the field's end. */
static bool parse_octal(uint64_t *out, const uint8_t *field, size_t len)
{
    uint64_t value = 0;
    size_t i = 0;
    while (i < len && field[i] == ' ')
        i++;
    size_t first = i;
    for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
        value = value << 3 | (uint64_t)(field[i] - '0');
    if (i == first)
        return false;
    for (; i < len; i++) {
        if (field[i] != ' ' && field[i] != 0)
            return false;
    }
    *out = value;
    return true;
}

/* GNU's form for more than 8 GiB: the first byte is 0x80, the rest is big-endian. */
static bool parse_size(uint64_t *out, const uint8_t *field)
{
    if (field[0] != 0x80)
        return parse_octal(out, field, 12);
    uint64_t value = 0;
    for (size_t i = 1; i < 12; i++) {
        if (value > UINT64_MAX >> 8)
            return false;
        value = value << 8 | field[i];
    }
    *out = value;
    return value <= INT64_MAX;
}

static bool checksum_holds(const uint8_t *block)
{
    uint64_t stored;
    uint64_t sum = UINT64_C(8) * ' ';
    for (size_t i = 0; i < 512; i++) {
        if (i < CHECKSUM || i >= CHECKSUM + 8)
            sum += block[i];
    }
    return parse_octal(&stored, block + CHECKSUM, 8) && stored == sum;
}

static void take_path(struct sb_tar_header *out, const uint8_t *block, bool with_prefix)
{
    const char *prefix = (const char *)block + PREFIX;
    const char *name = (const char *)block + NAME;
    size_t prefix_len = with_prefix ? strnlen(prefix, 155) : 0;
    size_t name_len = strnlen(name, 100);
    char *at = out->path;
    if (prefix_len > 0) {
        memcpy(at, prefix, prefix_len);
        at += prefix_len;
        *at++ = '/';
    }
    memcpy(at, name, name_len);
    at[name_len] = 0;
}

int sb_tar_header_parse(struct sb_tar_header *out, const uint8_t block[512], struct sb_error *error)
{
    if (!checksum_holds(block))
        return malformed(error, "a header's checksum is wrong");
    bool ustar = memcmp(block + MAGIC,
                        "ustar\0"
                        "00",
                        8) == 0;
    bool gnu = memcmp(block + MAGIC, "ustar  \0", 8) == 0;
    if (!ustar && !gnu)
        return malformed(error, "a header is neither ustar nor GNU");
    char type = (char)block[TYPE];
    if (type == 0)
        type = '0';
    if (memchr("05xL", type, 4) == NULL || (type == 'L' && !gnu)) {
        char text[2] = {type, 0};
        char shown[16];
        return sb_rule_error(error, SB_RULE_TAR_TYPE,
                             "The tar holds an entry of type \"%s\" (a link, a device or another "
                             "thing that is not a document). Do not use this bundle.",
                             sealbag_text_escape(shown, sizeof(shown), text));
    }
    if ((type == '0' || type == '5') && block[LINKNAME] != 0)
        return sb_rule_error(error, SB_RULE_TAR_TYPE, "A document of the tar is also a link.");
    if (!parse_size(&out->size, block + SIZE))
        return malformed(error, "a size is not a number");
    out->type = type;
    take_path(out, block, ustar);
    return 0;
}

static int pax_malformed(struct sb_error *error, const char *what)
{
    return sb_rule_error(error, SB_RULE_TAR_PAX, "An extended header of the tar %s.", what);
}

static bool key_is(const char *key, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(key, name, len) == 0;
}

static bool key_begins(const char *key, size_t len, const char *prefix)
{
    size_t n = strlen(prefix);
    return len >= n && memcmp(key, prefix, n) == 0;
}

/* What only describes the maker, and is never restored. */
static bool key_passed_over(const char *key, size_t len)
{
    static const char *const names[] = {"mtime", "atime", "ctime", "uid",
                                        "gid",   "uname", "gname", "comment"};
    static const char *const prefixes[] = {"SCHILY.xattr.", "SCHILY.acl.", "LIBARCHIVE.xattr.",
                                           "RHT.security."};
    static const char *const vendor[] = {"LIBARCHIVE.creationtime", "SCHILY.fflags", "SCHILY.dev",
                                         "SCHILY.ino", "SCHILY.nlink"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (key_is(key, len, names[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof(vendor) / sizeof(vendor[0]); i++) {
        if (key_is(key, len, vendor[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (key_begins(key, len, prefixes[i]))
            return true;
    }
    return false;
}

static int take_record(struct sb_pax *out, const char *key, size_t key_len, const char *value,
                       size_t value_len, struct sb_error *error)
{
    if (key_is(key, key_len, "path")) {
        if (out->path != NULL)
            return pax_malformed(error, "states two paths");
        if (value_len == 0 || memchr(value, 0, value_len) != NULL)
            return pax_malformed(error, "has an empty path or one with a NUL byte");
        out->path = value;
        out->path_len = value_len;
        return 0;
    }
    if (key_is(key, key_len, "size")) {
        if (out->has_size || !sb_decimal_parse(&out->size, value, value_len) ||
            out->size > INT64_MAX)
            return pax_malformed(error, "has two sizes or one that is not a number");
        out->has_size = true;
        return 0;
    }
    if (key_passed_over(key, key_len))
        return 0;
    char name[64], shown[128];
    size_t n = key_len < sizeof(name) - 1 ? key_len : sizeof(name) - 1;
    memcpy(name, key, n);
    name[n] = 0;
    return sb_rule_error(
        error, SB_RULE_TAR_PAX,
        "An extended header of the tar has the key \"%s\", which is refused because "
        "it could change what an entry is.",
        sealbag_text_escape(shown, sizeof(shown), name));
}

int sb_pax_parse(struct sb_pax *out, const uint8_t *bytes, size_t len, struct sb_error *error)
{
    *out = (struct sb_pax){0};
    const char *text = (const char *)bytes;
    for (size_t at = 0; at < len;) {
        const char *space = memchr(text + at, ' ', len - at);
        uint64_t size;
        if (space == NULL || !sb_decimal_parse(&size, text + at, (size_t)(space - text) - at) ||
            size > len - at || text[at + size - 1] != '\n')
            return pax_malformed(error, "has a record with a wrong length");
        const char *key = space + 1;
        const char *end = text + at + size - 1;
        const char *equals = key < end ? memchr(key, '=', (size_t)(end - key)) : NULL;
        if (equals == NULL || equals == key)
            return pax_malformed(error, "has a record without a key");
        int r = take_record(out, key, (size_t)(equals - key), equals + 1,
                            (size_t)(end - equals) - 1, error);
        if (r < 0)
            return r;
        at += size;
    }
    return 0;
}

int sb_longname_parse(struct sb_pax *out, const uint8_t *bytes, size_t len, struct sb_error *error)
{
    *out = (struct sb_pax){0};
    if (len < 2 || bytes[len - 1] != 0 || memchr(bytes, 0, len - 1) != NULL)
        return pax_malformed(error, "is not one long name and a NUL byte");
    out->path = (const char *)bytes;
    out->path_len = len - 1;
    return 0;
}
