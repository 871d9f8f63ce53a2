#include "container/tar_header.h"

#include <string.h>

#include "base/rule.h"
#include "base/text.h"

/* Offsets of the ustar fields. */
enum {
    NAME = 0,
    MODE = 100,
    UID = 108,
    GID = 116,
    SIZE = 124,
    MTIME = 136,
    CHECKSUM = 148,
    TYPE = 156,
    LINKNAME = 157,
    MAGIC = 257,
    DEVMAJOR = 329,
    DEVMINOR = 337,
    PREFIX = 345,
    GNU_END = 345, /* old GNU fields, and nothing that is needed here */
    USTAR_END = 500,
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

/* In octal, or in GNU tar's base 256 or old base 64; whatever follows the digits. */
static bool read_checksum(int64_t *out, const uint8_t field[8])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = field[0] == 0;
    while (at < 8 && (field[at] == ' ' || (field[at] >= '\t' && field[at] <= '\r')))
        at++;
    if (at == 8)
        return false;
    uint8_t first = field[at];
    int64_t value = first == 0xff ? -1 : 0;
    if (first == 0x80 || first == 0xff) {
        while (++at < 8)
            value = value * 256 + field[at];
    } else if (first == '+' || first == '-') {
        const char *digit;
        while (++at < 8 && field[at] != 0 && (digit = strchr(digits, field[at])) != NULL)
            value = value * 64 + (digit - digits);
        value = first == '-' ? -value : value;
    } else {
        for (; at < 8 && field[at] >= '0' && field[at] <= '7'; at++)
            value = value * 8 + (field[at] - '0');
    }
    *out = value;
    return true;
}

/* Whether it can begin a number, in one of these ways; or there is none. */
static bool resembles_number(const uint8_t *field, size_t len)
{
    size_t at = 0;
    while (at < len && (field[at] == ' ' || field[at] == 0))
        at++;
    return at == len || (field[at] >= '0' && field[at] <= '7') || field[at] == 0x80 ||
           field[at] == 0xff || field[at] == '+' || field[at] == '-';
}

/* What must be so, beside the checksum, where there is no magic: one packed file in 4,000 has a
 * sum that could be right, because bytes can count as negative. */
static bool resembles_old(const uint8_t *block)
{
    enum { NUMBER = 8, LONG_NUMBER = 12 };
    static const char types[] = "01234567DKLMNSVXgx";
    bool numbers =
        resembles_number(block + SIZE, LONG_NUMBER) && resembles_number(block + MTIME, LONG_NUMBER);
    for (size_t i = 0; i < 3; i++) /* the user and the group, too */
        numbers &= resembles_number(block + MODE + i * NUMBER, NUMBER);
    return numbers && (block[TYPE] == 0 || strchr(types, block[TYPE]) != NULL);
}

bool sb_tar_header_resembles(const uint8_t block[512])
{
    static const char magic[] = "ustar";
    int64_t stored, sum = INT64_C(8) * ' ', signed_sum = sum;
    for (size_t i = 0; i < 512; i++) {
        if (i >= CHECKSUM && i < CHECKSUM + 8)
            continue;
        sum += block[i];
        signed_sum += block[i] < 0x80 ? block[i] : block[i] - 0x100;
    }
    return read_checksum(&stored, block + CHECKSUM) && (stored == sum || stored == signed_sum) &&
           (memcmp(block + MAGIC, magic, sizeof(magic) - 1) == 0 || resembles_old(block));
}

int sb_tar_header_refuse_old(const uint8_t block[512], struct sb_error *error)
{
    static const char magic[] = "ustar";
    if (memcmp(block + MAGIC, magic, sizeof(magic) - 1) == 0 || !sb_tar_header_resembles(block))
        return 0;
    return sb_rule_error(error, SB_RULE_UNSUPPORTED,
                         "The input is a tar in the form of the time before 1988, which sealbag "
                         "does not read. Unpack it, and pack it again with tar --format=pax.");
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

/* Fields that are never used here must still be numbers: other programs stop, without a word, at a
 * header in which they are not, and would see fewer documents than were verified. */
static bool numbers_well_formed(const uint8_t *block)
{
    static const struct {
        size_t at, len;
    } fields[] = {{MODE, 8}, {UID, 8}, {GID, 8}, {MTIME, 12}, {DEVMAJOR, 8}, {DEVMINOR, 8}};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const uint8_t *field = block + fields[i].at;
        uint64_t value;
        /* GNU's base-256 form starts with 0x80, or 0xff for negative numbers. */
        if (!all_zero(field, fields[i].len) && field[0] != 0x80 && field[0] != 0xff &&
            !parse_octal(&value, field, fields[i].len))
            return false;
    }
    return true;
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
    if (!numbers_well_formed(block))
        return malformed(error, "a header has a field that is not a number");
    /* Some programs take a name's beginning from here also in GNU headers. */
    size_t end = gnu ? GNU_END : USTAR_END;
    if (!all_zero(block + end, 512 - end))
        return malformed(error, "a header has hidden bytes at its end");
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

/* "-"? digits, and a fraction for times: what other programs can read. */
static bool number_well_formed(const char *value, size_t len, bool is_time)
{
    uint64_t number;
    if (len > 0 && value[0] == '-' && is_time) {
        value++;
        len--;
    }
    const char *dot = is_time && len > 0 ? memchr(value, '.', len) : NULL;
    size_t whole = dot != NULL ? (size_t)(dot - value) : len;
    for (size_t i = whole + 1; i < len; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
    }
    return sb_decimal_parse(&number, value, whole);
}

static bool value_well_formed(const char *key, size_t key_len, const char *value, size_t len)
{
    if (key_is(key, key_len, "uid") || key_is(key, key_len, "gid"))
        return number_well_formed(value, len, false);
    if (key_is(key, key_len, "mtime") || key_is(key, key_len, "atime") ||
        key_is(key, key_len, "ctime"))
        return number_well_formed(value, len, true);
    return true;
}

/* The character sets by which a path's bytes are what they are. */
static bool charset_plain(const char *value, size_t len)
{
    return (len == 6 && memcmp(value, "BINARY", 6) == 0) ||
           (len == 23 && memcmp(value, "ISO-IR 10646 2000 UTF-8", 23) == 0);
}

static bool key_well_formed(const char *key, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)key[i] < 0x20 || key[i] == 0x7f)
            return false;
    }
    return true;
}

static int take_record(struct sb_pax *out, const char *key, size_t key_len, const char *value,
                       size_t value_len, struct sb_error *error)
{
    if (!key_well_formed(key, key_len) || !value_well_formed(key, key_len, value, value_len))
        return pax_malformed(error, "has a key or value that other programs cannot read");
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
    if (key_passed_over(key, key_len) ||
        (key_is(key, key_len, "hdrcharset") && charset_plain(value, value_len)))
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
        size_t digits = space != NULL ? (size_t)(space - text) - at : 0;
        if (space == NULL || !sb_decimal_parse(&size, text + at, digits) || size <= digits ||
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
