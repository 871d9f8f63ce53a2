#include "container/zip_layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/rule.h"
#include "base/text.h"
#include "container/codec.h"
#include "container/zip_extra.h"

enum {
    END = 0x06054b50,
    END64 = 0x06064b50,
    LOCATOR64 = 0x07064b50,
    CENTRAL = 0x02014b50,
    LOCAL = 0x04034b50,
    DESCRIPTOR = 0x08074b50,
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR64_SIZE = 20,
    CENTRAL_FIXED = SB_ZIP_RECORD_SIZE,
    /* general purpose flags */
    ENCRYPTED = 1 << 0,
    LEVEL = 3 << 1, /* how hard deflate tried */
    STREAMED = 1 << 3,
    UTF8 = 1 << 11,
    /* extra fields */
    EXTRA_ZIP64 = 0x0001,
    DOS_FOLDER = 0x10,
    DOS_LABEL = 0x08 /* the name of a disk */
};

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint64_t get64(const uint8_t *at)
{
    return sb_load_u32le(at) | (uint64_t)sb_load_u32le(at + 4) << 32;
}

static int malformed(struct sb_error *error, const char *what)
{
    return sb_rule_error(error, SB_RULE_ZIP_MALFORMED,
                         "The zip file is damaged or malformed: %s. Ask for it again.", what);
}

static int about(struct sb_error *error, enum sb_rule rule, const struct sb_zip_entry *entry,
                 const char *what)
{
    char shown[600];
    return sb_rule_error(error, rule, "\"%s\" in the zip file %s.",
                         sealbag_text_escape(shown, sizeof(shown), entry->name), what);
}

/* ---- the end --------------------------------------------------------------------------- */

/* What an end record says; the first values may stand in the one of 64 bits instead. */
struct end {
    uint64_t disk, central_disk, count_here, count, central_size, central_at;
};

/* A value of the small record: the same as in the large one, or the sign that it is there. */
static bool agrees(uint64_t small, uint64_t sign, uint64_t large)
{
    return small == sign || small == large;
}

/* The record of 64 bits and what leads to it lie before the other one. */
static int read_end64(struct end *end, uint64_t *begin, const uint8_t *tail, size_t at,
                      uint64_t tail_at, struct sb_error *error)
{
    const uint8_t *locator = tail + at - LOCATOR64_SIZE;
    if (at < LOCATOR64_SIZE + END64_SIZE)
        return malformed(error, "its end record is not whole");
    const uint8_t *record = locator - END64_SIZE;
    uint64_t record_at = tail_at + at - LOCATOR64_SIZE - END64_SIZE;
    if (sb_load_u32le(locator + 4) != 0 || get64(locator + 8) != record_at ||
        sb_load_u32le(locator + 16) != 1 || sb_load_u32le(record) != END64 ||
        get64(record + 4) != END64_SIZE - 12)
        return malformed(error, "its end records of 64 bits do not fit together");
    const struct end large = {sb_load_u32le(record + 16), sb_load_u32le(record + 20),
                              get64(record + 24),         get64(record + 32),
                              get64(record + 40),         get64(record + 48)};
    if (!agrees(end->disk, 0xffff, large.disk) ||
        !agrees(end->central_disk, 0xffff, large.central_disk) ||
        !agrees(end->count_here, 0xffff, large.count_here) ||
        !agrees(end->count, 0xffff, large.count) ||
        !agrees(end->central_size, 0xffffffff, large.central_size) ||
        !agrees(end->central_at, 0xffffffff, large.central_at))
        return malformed(error, "its two end records contradict each other");
    *end = large;
    *begin = record_at;
    return 0;
}

/* Programs look for it from the end of the file: there must be one that they can find, so no other
 * one may begin in its comment. */
static int find_end(size_t *at, const uint8_t *tail, size_t len, struct sb_error *error)
{
    for (*at = len < END_SIZE ? 0 : len - END_SIZE + 1; *at > 0;) {
        --*at;
        if (sb_load_u32le(tail + *at) != END)
            continue;
        if (get16(tail + *at + 20) == len - *at - END_SIZE)
            return 0;
        return sb_rule_error(error, SB_RULE_ZIP_TRAILING,
                             "There is something behind the end of the zip file, or it has two "
                             "ends: programs would see different things in it. Do not use it.");
    }
    return malformed(error, "it has no end record, so it was cut off");
}

/* Bytes may be missing at its beginning; with more there than belong to it, it is something else
 * that a zip file was put behind. */
bool sb_zip_is_headless(uint64_t *list_at, const uint8_t *tail, size_t len, uint64_t file_size)
{
    struct sb_error ignored;
    size_t at;
    if (len < END_SIZE || find_end(&at, tail, len, &ignored) < 0)
        return false;
    uint64_t begin = file_size - len + at, size = sb_load_u32le(tail + at + 12);
    *list_at = begin - size;
    return size >= CENTRAL_FIXED && size <= begin && sb_load_u32le(tail + at + 16) >= *list_at;
}

bool sb_zip_lists_first(const uint8_t record[SB_ZIP_RECORD_SIZE])
{
    return sb_load_u32le(record) == CENTRAL && sb_load_u32le(record + 42) == 0;
}

int sb_zip_read_end(struct sb_zip *zip, const uint8_t *tail, size_t len, uint64_t file_size,
                    struct sb_error *error)
{
    size_t at;
    uint64_t tail_at = file_size - len;
    int r = find_end(&at, tail, len, error);
    if (r < 0)
        return r;
    const uint8_t *record = tail + at;
    struct end end = {get16(record + 4),  get16(record + 6),          get16(record + 8),
                      get16(record + 10), sb_load_u32le(record + 12), sb_load_u32le(record + 16)};
    uint64_t begin = tail_at + at;
    if (at >= LOCATOR64_SIZE && sb_load_u32le(tail + at - LOCATOR64_SIZE) == LOCATOR64)
        r = read_end64(&end, &begin, tail, at, tail_at, error);
    if (r < 0)
        return r;
    if (end.disk != 0 || end.central_disk != 0 || end.count_here != end.count)
        return sb_rule_error(error, SB_RULE_UNSUPPORTED,
                             "The zip file is one part of several. Ask for it in one piece.");
    if (end.central_at > begin || end.central_size != begin - end.central_at)
        return sb_rule_error(error, SB_RULE_ZIP_GAP,
                             "The zip file's list of entries does not lie where its end says: "
                             "something was put before, between or behind. Do not use it.");
    /* Each entry has at least these. */
    if (end.count > end.central_size / CENTRAL_FIXED)
        return malformed(error, "it cannot have as many entries as it says");
    zip->central_at = end.central_at;
    zip->central_size = end.central_size;
    zip->count = end.count;
    return 0;
}

/* ---- the central directory ------------------------------------------------------------- */

/* What the small fields have no room for, in this order and nothing else. */
static bool take_zip64(struct sb_zip_entry *entry, const uint8_t *extra, size_t len)
{
    const uint8_t *data;
    size_t size = 0, used = 0;
    if (!sb_zip_find_extra(&data, &size, EXTRA_ZIP64, extra, len))
        return false;
    uint64_t *const fields[] = {&entry->size, &entry->packed, &entry->at};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (*fields[i] != 0xffffffff)
            continue;
        if (data == NULL || size - used < 8)
            return false;
        *fields[i] = get64(data + used);
        used += 8;
    }
    return data == NULL || used == size;
}

static int special(const struct sb_zip_entry *entry, struct sb_error *error)
{
    return about(error, SB_RULE_ZIP_TYPE, entry,
                 "is neither a regular file nor a folder, such as a link. Do not use it");
}

static int check_kind(struct sb_zip_entry *entry, uint16_t method, uint32_t attributes,
                      struct sb_error *error)
{
    if ((entry->flags & ENCRYPTED) != 0)
        return about(error, SB_RULE_UNSUPPORTED, entry,
                     "is encrypted. Ask for a zip file without a password");
    if ((entry->flags & ~(LEVEL | STREAMED | UTF8)) != 0)
        return about(error, SB_RULE_UNSUPPORTED, entry, "uses a feature that is not known here");
    if (method != 0 && method != 8)
        return about(error, SB_RULE_UNSUPPORTED, entry,
                     "is compressed in a way that is not known here. Ask for a zip file that is "
                     "made with deflate");
    /* Info-ZIP leaves out the latter without a word. */
    if (!sb_zip_is_type(attributes >> 16, entry->folder) || (attributes & DOS_LABEL) != 0)
        return special(entry, error);
    if (!entry->folder && (attributes & DOS_FOLDER) != 0)
        return about(error, SB_RULE_ZIP_TYPE, entry, "is a folder without a slash at its end");
    if (entry->folder && (entry->size != 0 || (method == 0 && entry->packed != 0)))
        return about(error, SB_RULE_ZIP_TYPE, entry, "is a folder that has contents");
    if (method == 0 && entry->packed != entry->size)
        return about(error, SB_RULE_ZIP_MALFORMED, entry, "is stored, but has two sizes");
    return 0;
}

int sb_zip_check_name(const uint8_t *name, size_t name_len, const uint8_t *extra, size_t extra_len,
                      struct sb_error *error)
{
    if (name_len == 0 || memchr(name, 0, name_len) != NULL)
        return malformed(error, "a name in it is empty or has a NUL");
    if (!sb_utf8_valid((const char *)name, name_len))
        return sb_rule_error(error, SB_RULE_UNSUPPORTED,
                             "A name in the zip file is not UTF-8, so nobody can tell what it "
                             "means. Ask for one that is made by another program.");
    if (sb_zip_has_other_name(extra, extra_len, name, name_len))
        return sb_rule_error(
            error, SB_RULE_ZIP_MISMATCH,
            "A file in the zip file has two names (Unicode path), so programs would "
            "see different things in it. Do not use it.");
    return 0;
}

struct sb_zip_entry *sb_zip_new_entry(struct sb_zip *zip, const uint8_t *name, size_t len)
{
    struct sb_zip_entry *entries =
        sb_array_grow(zip->entries, &zip->cap, zip->entry_count, sizeof(*entries));
    if (entries == NULL)
        return NULL;
    zip->entries = entries;
    const char *copy = sb_arena_copy(&zip->strings, name, len);
    if (copy == NULL)
        return NULL;
    entries[zip->entry_count] = (struct sb_zip_entry){.name = copy, .folder = name[len - 1] == '/'};
    return &entries[zip->entry_count++];
}

int sb_zip_read_entry(struct sb_zip *zip, const uint8_t **bytes, size_t *left,
                      struct sb_error *error)
{
    const uint8_t *at = *bytes;
    if (*left < CENTRAL_FIXED || sb_load_u32le(at) != CENTRAL)
        return malformed(error, "its list of entries is malformed");
    size_t name_len = get16(at + 28), extra_len = get16(at + 30), comment_len = get16(at + 32);
    size_t whole = CENTRAL_FIXED + name_len + extra_len + comment_len;
    if (whole > *left)
        return malformed(error, "its list of entries is cut off");
    const uint8_t *name = at + CENTRAL_FIXED, *extra = name + name_len;
    int r = sb_zip_check_name(name, name_len, extra, extra_len, error);
    if (r < 0)
        return r;
    struct sb_zip_entry *entry = sb_zip_new_entry(zip, name, name_len);
    if (entry == NULL)
        return sb_error_memory(error);
    uint16_t method = get16(at + 10);
    entry->flags = get16(at + 8);
    entry->deflated = method == 8;
    entry->streamed = (entry->flags & STREAMED) != 0;
    entry->crc = sb_load_u32le(at + 16);
    entry->packed = sb_load_u32le(at + 20);
    entry->size = sb_load_u32le(at + 24);
    entry->at = sb_load_u32le(at + 42);
    if (!take_zip64(entry, extra, extra_len))
        return about(error, SB_RULE_ZIP_MALFORMED, entry, "has malformed extra fields");
    if (get16(at + 34) != 0)
        return about(error, SB_RULE_UNSUPPORTED, entry, "is in another part of several");
    if (sb_zip_has_other_type(extra, extra_len, entry->folder))
        return special(entry, error);
    *bytes += whole;
    *left -= whole;
    return check_kind(entry, method, sb_load_u32le(at + 38), error);
}

static int by_place(const void *a, const void *b)
{
    const struct sb_zip_entry *left = a, *right = b;
    return (left->at > right->at) - (left->at < right->at);
}

static uint64_t next_at(const struct sb_zip *zip, size_t number)
{
    return number + 1 < zip->entry_count ? zip->entries[number + 1].at : zip->central_at;
}

/* Whether each entry has room: so no two overlap, and all lie before the directory. */
static int check_places(const struct sb_zip *zip, struct sb_error *error)
{
    uint64_t first = zip->entry_count > 0 ? zip->entries[0].at : zip->central_at;
    if (first != 0)
        return sb_rule_error(error, SB_RULE_ZIP_GAP,
                             "Something stands before the first entry of the zip file. Do not use "
                             "it.");
    for (size_t i = 0; i < zip->entry_count; i++) {
        const struct sb_zip_entry *entry = &zip->entries[i];
        uint64_t next = next_at(zip, i), least = SB_ZIP_LOCAL_FIXED + strlen(entry->name);
        if (entry->at > next || next - entry->at < least ||
            next - entry->at - least < entry->packed)
            return about(error, SB_RULE_ZIP_GAP, entry,
                         "overlaps with what follows it. Do not use it");
    }
    return 0;
}

int sb_zip_read_central(struct sb_zip *zip, const uint8_t *bytes, size_t len,
                        struct sb_error *error)
{
    int r = len == zip->central_size ? 0 : malformed(error, "it became shorter");
    while (r == 0 && len > 0)
        r = sb_zip_read_entry(zip, &bytes, &len, error);
    if (r == 0 && zip->entry_count != zip->count)
        r = malformed(error, "its list has another number of entries than its end says");
    if (r < 0)
        return r;
    if (zip->entry_count > 0)
        qsort(zip->entries, zip->entry_count, sizeof(*zip->entries), by_place);
    return check_places(zip, error);
}

/* ---- local headers --------------------------------------------------------------------- */

int sb_zip_local_size(size_t *size, const struct sb_zip *zip, size_t number,
                      const uint8_t fixed[SB_ZIP_LOCAL_FIXED], struct sb_error *error)
{
    const struct sb_zip_entry *entry = &zip->entries[number];
    if (sb_load_u32le(fixed) != LOCAL)
        return about(error, SB_RULE_ZIP_GAP, entry, "is not where the list of entries says");
    *size = SB_ZIP_LOCAL_FIXED + (size_t)get16(fixed + 26) + get16(fixed + 28);
    uint64_t room = next_at(zip, number) - entry->at;
    if (*size > room || room - *size < entry->packed)
        return about(error, SB_RULE_ZIP_GAP, entry, "overlaps with what follows it. Do not use it");
    return 0;
}

/* A program that did not know it yet leaves zero. */
static bool is_said(const struct sb_zip_entry *entry, uint64_t value, uint64_t right)
{
    return value == right || (entry->streamed && value == 0);
}

/* The sizes and the CRC before the data. */
static bool sizes_agree(struct sb_zip_entry *entry, const uint8_t *fixed, const uint8_t *extra,
                        size_t extra_len)
{
    const uint8_t *data;
    size_t data_size = 0;
    if (!sb_zip_find_extra(&data, &data_size, EXTRA_ZIP64, extra, extra_len) ||
        (data != NULL && data_size != 16))
        return false;
    entry->local64 = data != NULL;
    uint64_t packed = sb_load_u32le(fixed + 18), size = sb_load_u32le(fixed + 22);
    if ((packed == 0xffffffff || size == 0xffffffff) && data == NULL)
        return false;
    /* Some programs take these in any case. */
    if (data != NULL && (!is_said(entry, get64(data), entry->size) ||
                         !is_said(entry, get64(data + 8), entry->packed)))
        return false;
    if (size == 0xffffffff)
        size = get64(data);
    if (packed == 0xffffffff)
        packed = get64(data + 8);
    return is_said(entry, sb_load_u32le(fixed + 14), entry->crc) &&
           is_said(entry, packed, entry->packed) && is_said(entry, size, entry->size);
}

bool sb_zip_local_sizes(struct sb_zip_entry *entry, const uint8_t *fixed, const uint8_t *extra,
                        size_t extra_len)
{
    const uint8_t *data;
    size_t data_size = 0;
    if (!sb_zip_find_extra(&data, &data_size, EXTRA_ZIP64, extra, extra_len) ||
        (data != NULL && data_size != 16))
        return false;
    entry->local64 = data != NULL;
    entry->crc = sb_load_u32le(fixed + 14);
    entry->packed = sb_load_u32le(fixed + 18);
    entry->size = sb_load_u32le(fixed + 22);
    if (data != NULL && entry->size == 0xffffffff)
        entry->size = get64(data);
    if (data != NULL && entry->packed == 0xffffffff)
        entry->packed = get64(data + 8);
    return true;
}

int sb_zip_check_local(size_t *after, struct sb_zip *zip, size_t number, const uint8_t *bytes,
                       size_t len, struct sb_error *error)
{
    struct sb_zip_entry *entry = &zip->entries[number];
    size_t name_len = get16(bytes + 26), extra_len = len - SB_ZIP_LOCAL_FIXED - name_len;
    const uint8_t *name = bytes + SB_ZIP_LOCAL_FIXED, *extra = name + name_len;
    if (name_len != strlen(entry->name) || memcmp(name, entry->name, name_len) != 0 ||
        sb_zip_has_other_name(extra, extra_len, name, name_len))
        return about(error, SB_RULE_ZIP_MISMATCH, entry,
                     "has another name in front of its contents than in the list of entries. Do "
                     "not use it");
    if (sb_zip_has_other_type(extra, extra_len, entry->folder))
        return special(entry, error);
    if (get16(bytes + 6) != entry->flags || get16(bytes + 8) != (entry->deflated ? 8 : 0) ||
        !sizes_agree(entry, bytes, extra, extra_len))
        return about(error, SB_RULE_ZIP_MISMATCH, entry,
                     "is described in two ways, in front of its contents and in the list of "
                     "entries. Do not use it");
    entry->data_at = entry->at + len;
    uint64_t rest = next_at(zip, number) - entry->data_at - entry->packed;
    if (rest > SB_ZIP_DESCRIPTOR_MAX || (rest != 0 && !entry->streamed))
        return about(error, SB_RULE_ZIP_GAP, entry,
                     "is followed by something that no entry is. Do not use the zip file");
    *after = (size_t)rest;
    return 0;
}

int sb_zip_check_after(const struct sb_zip *zip, size_t number, const uint8_t *bytes, size_t len,
                       struct sb_error *error)
{
    const struct sb_zip_entry *entry = &zip->entries[number];
    size_t sizes = entry->local64 ? 16 : 8;
    if (!entry->streamed)
        return 0;
    bool marked = len == 4 + 4 + sizes && sb_load_u32le(bytes) == DESCRIPTOR;
    if (marked) {
        bytes += 4;
        len -= 4;
    }
    /* Nothing else tells whoever reads from a pipe where stored contents end: without it they would
     * go on into what follows. */
    bool found = marked || (entry->deflated && entry->crc != DESCRIPTOR);
    if (len != 4 + sizes || !found || sb_load_u32le(bytes) != entry->crc ||
        (entry->local64 ? get64(bytes + 4) : sb_load_u32le(bytes + 4)) != entry->packed ||
        (entry->local64 ? get64(bytes + 12) : sb_load_u32le(bytes + 8)) != entry->size)
        return about(error, SB_RULE_ZIP_MISMATCH, entry,
                     "is described in two ways, behind its contents and in the list of entries. Do "
                     "not use it");
    return 0;
}

void sb_zip_free(struct sb_zip *zip)
{
    free(zip->entries);
    sb_arena_free(&zip->strings);
    *zip = (struct sb_zip){0};
}
