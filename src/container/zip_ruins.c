#define _GNU_SOURCE /* memmem */
#include "container/zip_ruins.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "container/codec.h"
#include "container/input.h"

enum {
    CENTRAL = 0x02014b50,
    LOCAL = 0x04034b50,
    DESCRIPTOR = 0x08074b50,
    /* general purpose flags that are known (zip_layout.c) */
    STREAMED = 1 << 3,
    KNOWN = 3 << 1 | STREAMED | 1 << 11,
    /* The places where something may begin are looked for in this many bytes at a time, and others
     * are in view behind them: a record of the directory has three parts of 64 KiB. */
    STEP = 1 << 20,
    BEHIND = 256 << 10,
};

/* What was met so far. */
struct met {
    bool entry;          /* by the last call: it is now the last one */
    size_t open;         /* the number of the entry whose sizes were not met yet, and one more */
    uint64_t listed_end; /* where the last record of a directory ends */
};

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

/* ---- records, each by itself ------------------------------------------------------------- */

/* An entry whose sizes stand behind it has none before. */
static bool is_open(const struct sb_zip_entry *entry)
{
    return entry->streamed && entry->crc == 0 && entry->packed == 0 && entry->size == 0;
}

/* The directory lies behind all entries, and in one piece. So when one comes, or another piece,
 * what was met before it was the directory of a zip file that is a document, or is not whole. */
static void drop_listed(struct sb_zip *zip)
{
    while (zip->entry_count > 0 && zip->entries[zip->entry_count - 1].listed)
        zip->entry_count--;
}

static int take_local(struct met *met, struct sb_zip *zip, const uint8_t *bytes, size_t len,
                      uint64_t at)
{
    struct sb_error ignored;
    if (len < SB_ZIP_LOCAL_FIXED)
        return 0;
    size_t name_len = get16(bytes + 26), extra_len = get16(bytes + 28);
    uint16_t flags = get16(bytes + 6), method = get16(bytes + 8);
    const uint8_t *name = bytes + SB_ZIP_LOCAL_FIXED, *extra = name + name_len;
    if (SB_ZIP_LOCAL_FIXED + name_len + extra_len > len || (flags & ~KNOWN) != 0 ||
        (method != 0 && method != 8) ||
        sb_zip_check_name(name, name_len, extra, extra_len, &ignored) < 0)
        return 0;
    struct sb_zip_entry found = {.flags = flags,
                                 .deflated = method == 8,
                                 .streamed = (flags & STREAMED) != 0,
                                 .at = at,
                                 .data_at = at + SB_ZIP_LOCAL_FIXED + name_len + extra_len};
    if (!sb_zip_local_sizes(&found, bytes, extra, extra_len))
        return 0;
    drop_listed(zip);
    struct sb_zip_entry *entry = sb_zip_new_entry(zip, name, name_len);
    if (entry == NULL)
        return SEALBAG_ERR_MEMORY;
    found.name = entry->name;
    found.folder = entry->folder;
    *entry = found;
    if (is_open(entry))
        met->open = zip->entry_count;
    met->entry = true;
    return 0;
}

/* Where its data begins is not known yet. */
static int take_central(struct met *met, struct sb_zip *zip, const uint8_t *bytes, size_t len,
                        uint64_t at)
{
    struct sb_error ignored;
    const uint8_t *rest = bytes;
    if (at != met->listed_end)
        drop_listed(zip);
    size_t count = zip->entry_count;
    int r = sb_zip_read_entry(zip, &rest, &len, &ignored);
    met->entry = r == 0;
    met->listed_end = at + (uint64_t)(rest - bytes);
    if (r == 0)
        zip->entries[count].listed = true;
    else
        zip->entry_count = count;
    return r == SEALBAG_ERR_MEMORY ? r : 0;
}

/* What stands behind data says how long that is; so it can be told from data that looks like it. */
static void take_descriptor(struct met *met, struct sb_zip *zip, const uint8_t *bytes, size_t len,
                            uint64_t at)
{
    struct sb_zip_entry *entry = met->open > 0 ? &zip->entries[met->open - 1] : NULL;
    if (entry == NULL || len < (entry->local64 ? SB_ZIP_DESCRIPTOR_MAX : 16))
        return;
    uint64_t packed = entry->local64 ? sb_load_u64le(bytes + 8) : sb_load_u32le(bytes + 8);
    if (at < entry->data_at || packed != at - entry->data_at)
        return;
    entry->crc = sb_load_u32le(bytes + 4);
    entry->packed = packed;
    entry->size = entry->local64 ? sb_load_u64le(bytes + 16) : sb_load_u32le(bytes + 12);
    met->open = 0;
}

/* Takes what begins at the first of these bytes, which are number `at` of the file. 0, or MEMORY.
 */
static int meet(struct met *met, struct sb_zip *zip, const uint8_t *bytes, size_t len, uint64_t at)
{
    met->entry = false;
    if (len < 4)
        return 0;
    switch (sb_load_u32le(bytes)) {
    case LOCAL:
        return take_local(met, zip, bytes, len, at);
    case CENTRAL:
        return take_central(met, zip, bytes, len, at);
    case DESCRIPTOR:
        take_descriptor(met, zip, bytes, len, at);
        return 0;
    default:
        return 0;
    }
}

/* ---- all of the file --------------------------------------------------------------------- */

struct search {
    struct sb_zip *zip;
    const struct sb_zip_reading *from;
    struct met met;
    uint64_t count, names; /* of all that were met; and bytes of these */
};

/* The entry that the directory has told of: its local header must be there, or what is left of it.
 * (A zip file that is a document has a directory, too, of places in that.) */
static int find_data(const struct search *search, struct sb_zip_entry *entry,
                     struct sb_error *error)
{
    size_t name_len = strlen(entry->name), len = SB_ZIP_LOCAL_FIXED + name_len;
    uint64_t size = search->from->size;
    entry->data_at = size + 1; /* nowhere */
    if (entry->at >= size || size - entry->at < len)
        return 0;
    uint8_t *bytes = malloc(len);
    if (bytes == NULL)
        return sb_error_memory(error);
    int r = sb_zip_read(search->from, entry->at, bytes, len, error);
    if (r == 0 && (sb_load_u32le(bytes) == LOCAL ||
                   memcmp(bytes + SB_ZIP_LOCAL_FIXED, entry->name, name_len) == 0))
        entry->data_at = entry->at + len + get16(bytes + 28);
    free(bytes);
    return r;
}

static int find_one(struct search *search, const uint8_t *bytes, size_t len, uint64_t at,
                    struct sb_error *error)
{
    struct sb_zip *zip = search->zip;
    const struct sealbag_limits *limits = search->from->limits;
    if (meet(&search->met, zip, bytes, len, at) < 0)
        return sb_error_memory(error);
    if (!search->met.entry)
        return 0;
    struct sb_zip_entry *entry = &zip->entries[zip->entry_count - 1];
    search->count++;
    search->names += strlen(entry->name);
    /* Each is told of twice. */
    if (search->count / 2 > limits->entries)
        return sb_limit_reached(error, "entries", limits->entries,
                                "The zip file has more entries than it may");
    if (search->names / 2 > limits->manifest_bytes)
        return sb_limit_reached(error, "manifest-bytes", limits->manifest_bytes,
                                "The zip file's list of entries is larger than it may be");
    return entry->listed ? find_data(search, entry, error) : 0;
}

static int find_in(struct search *search, const uint8_t *bytes, size_t len, uint64_t at,
                   struct sb_error *error)
{
    for (size_t i = 0; i < len && i < STEP;) {
        const uint8_t *found = memmem(bytes + i, len - i, "PK", 2);
        if (found == NULL || (size_t)(found - bytes) >= STEP)
            break;
        i = (size_t)(found - bytes);
        int r = find_one(search, found, len - i, at + i, error);
        if (r < 0)
            return r;
        i += 2;
    }
    return 0;
}

static int find_all(struct search *search, uint8_t *bytes, struct sb_error *error)
{
    uint64_t size = search->from->size;
    int r = 0;
    for (uint64_t at = 0; r == 0 && at < size; at += STEP) {
        size_t len = size - at < STEP + BEHIND ? (size_t)(size - at) : STEP + BEHIND;
        r = sb_input_tick(search->from->input, error);
        if (r == 0)
            r = sb_zip_read(search->from, at, bytes, len, error);
        if (r == 0)
            r = find_in(search, bytes, len, at, error);
    }
    return r;
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Equal are those that would be read in the same way. */
static int by_place(const void *a, const void *b)
{
    const struct sb_zip_entry *left = a, *right = b;
    int order = compare(left->at, right->at);
    if (order == 0)
        order = compare(left->data_at, right->data_at);
    if (order == 0)
        order = compare(left->packed, right->packed);
    if (order == 0)
        order = compare(left->size, right->size);
    if (order == 0)
        order = compare(left->crc, right->crc);
    if (order == 0)
        order = compare(left->deflated, right->deflated);
    return order != 0 ? order : strcmp(left->name, right->name);
}

static bool fits(const struct sb_zip_entry *entry, uint64_t size)
{
    return entry->data_at <= size && entry->packed <= size - entry->data_at &&
           (entry->deflated || entry->packed == entry->size) &&
           (!entry->folder || entry->size == 0);
}

/* Equal are those that say the same of their contents. */
static int by_contents(const void *a, const void *b)
{
    const struct sb_zip_entry *left = a, *right = b;
    int order = compare(left->crc, right->crc);
    if (order == 0)
        order = compare(left->size, right->size);
    return order != 0 ? order : strcmp(left->name, right->name);
}

/* Leaves those that can be read, once. What lies in an entry that the directory tells of, before
 * the next one, is a part of that, even when that is damaged: unless the directory tells of it,
 * too, at a place from which it was moved. `listed` are all that it tells of, by their contents. */
static void tidy(struct sb_zip *zip, const struct sb_zip_entry *listed, size_t listed_count,
                 uint64_t size)
{
    struct sb_zip_entry *entries = zip->entries;
    uint64_t listed_at = 0, listed_end = 0;
    size_t all = zip->entry_count;
    zip->entry_count = 0;
    for (size_t i = 0; i < all; i++) {
        const struct sb_zip_entry entry = entries[i];
        bool more = i + 1 < all && entries[i + 1].at == entry.at;
        bool again = more && by_place(&entry, &entries[i + 1]) == 0;
        if (again)
            entries[i + 1].listed |= entry.listed;
        if (again || !fits(&entry, size) || (more && is_open(&entry)))
            continue;
        if (entry.listed) {
            listed_at = entry.at;
            listed_end = entry.data_at + entry.packed;
        }
        if (entry.listed || entry.at <= listed_at || entry.at >= listed_end ||
            bsearch(&entry, listed, listed_count, sizeof(entry), by_contents) != NULL)
            entries[zip->entry_count++] = entry;
    }
}

static int tidy_all(struct sb_zip *zip, uint64_t size, struct sb_error *error)
{
    size_t all = zip->entry_count, count = 0;
    struct sb_zip_entry *listed = calloc(all + 1, sizeof(*listed));
    if (listed == NULL)
        return sb_error_memory(error);
    for (size_t i = 0; i < all; i++) {
        if (zip->entries[i].listed)
            listed[count++] = zip->entries[i];
    }
    if (all > 0) {
        qsort(listed, count, sizeof(*listed), by_contents);
        qsort(zip->entries, all, sizeof(*zip->entries), by_place);
    }
    tidy(zip, listed, count, size);
    free(listed);
    return 0;
}

int sb_zip_find(struct sb_zip *zip, const struct sb_zip_reading *from, struct sb_error *error)
{
    struct search search = {.zip = zip, .from = from};
    uint8_t *bytes = malloc(STEP + BEHIND);
    int r = bytes != NULL ? find_all(&search, bytes, error) : sb_error_memory(error);
    free(bytes);
    return r == 0 ? tidy_all(zip, from->size, error) : r;
}
