/* The items of HEIF (ISO/IEC 14496-12, 8.11): EXIF and XMP beside the picture. */
#include <string.h>

#include "base/buf.h"
#include "privacy/bmff.h"
#include "privacy/bytes.h"

enum { ITEMS_MAX = 64, ITEM_SIZE_MAX = 16 << 20 };

#define TYPE(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

struct items {
    const struct sb_privacy_sink *sink;
    const uint8_t *file;
    size_t file_len;
    struct sb_box data; /* "idat", where some are */
    struct {
        uint32_t number, type;
    } found[ITEMS_MAX];
    size_t count;
    enum sb_privacy_result result;
};

/* A place in a box: after the end, zeros, and `bad`. */
struct cursor {
    const uint8_t *at;
    size_t left;
    bool bad;
};

static uint64_t take(struct cursor *cursor, size_t size)
{
    uint64_t value = 0;
    if (size > cursor->left) {
        cursor->bad = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        value = value << 8 | cursor->at[i];
    cursor->at += size;
    cursor->left -= size;
    return value;
}

/* "infe": version, flags, the item's number, its protection, its type. */
static void take_entry(struct items *items, const struct sb_box *box)
{
    struct cursor cursor = {.at = box->data, .left = box->len};
    uint64_t version = take(&cursor, 4) >> 24;
    uint32_t number = (uint32_t)take(&cursor, version >= 3 ? 4 : 2);
    take(&cursor, 2);
    uint32_t type = (uint32_t)take(&cursor, 4);
    bool wanted = type == TYPE('E', 'x', 'i', 'f') || type == TYPE('m', 'i', 'm', 'e');
    if (cursor.bad || version < 2 || !wanted)
        return;
    if (items->count == ITEMS_MAX) {
        items->result = sb_privacy_worse(items->result, SB_PRIVACY_LIMIT);
        return;
    }
    items->found[items->count].number = number;
    items->found[items->count++].type = type;
}

static void parse_info(struct items *items, const struct sb_box *info)
{
    struct cursor cursor = {.at = info->data, .left = info->len};
    uint64_t version = take(&cursor, 4) >> 24;
    take(&cursor, version == 0 ? 2 : 4);
    struct sb_box box;
    while (!cursor.bad && sb_bmff_next(&box, &cursor.at, &cursor.left)) {
        if (box.type == TYPE('i', 'n', 'f', 'e'))
            take_entry(items, &box);
    }
}

static void take_item(struct items *items, uint32_t type, const struct sb_buf *bytes)
{
    enum sb_privacy_result r = SB_PRIVACY_EXAMINED;
    if (type == TYPE('E', 'x', 'i', 'f')) {
        /* First how far off the TIFF header is. */
        size_t skip = bytes->len >= 4 ? sb_be32(bytes->data) : 0;
        r = bytes->len < 4 || skip > bytes->len - 4
                ? SB_PRIVACY_MALFORMED
                : sb_privacy_tiff(items->sink, bytes->data + 4 + skip, bytes->len - 4 - skip);
    } else if (bytes->len > 0 && memchr(bytes->data, '<', bytes->len) != NULL) {
        r = sb_privacy_xml(items->sink, SB_XML_XMP, bytes->data, bytes->len);
    }
    items->result = sb_privacy_worse(items->result, r);
}

/* One piece of an item: from the file, or from "idat". */
static bool add_extent(struct sb_buf *out, const struct items *items, uint64_t method,
                       uint64_t offset, uint64_t size)
{
    const uint8_t *from = method == 1 ? items->data.data : items->file;
    size_t room = method == 1 ? items->data.len : items->file_len;
    if (from == NULL || method > 1 || offset > room)
        return false;
    if (size == 0)
        size = room - offset; /* all of it */
    if (size > room - offset || size > ITEM_SIZE_MAX - out->len)
        return false;
    return sb_buf_append(out, from + offset, (size_t)size) == 0;
}

/* "iloc": for each item its pieces. */
static void parse_places(struct items *items, const struct sb_box *places)
{
    struct cursor cursor = {.at = places->data, .left = places->len};
    uint64_t version = take(&cursor, 4) >> 24, sizes = take(&cursor, 2);
    size_t offset_size = sizes >> 12, length_size = sizes >> 8 & 15, base_size = sizes >> 4 & 15;
    size_t index_size = version > 0 ? sizes & 15 : 0;
    uint64_t count = take(&cursor, version < 2 ? 2 : 4);
    if (offset_size > 8 || length_size > 8 || base_size > 8 || index_size > 8)
        cursor.bad = true;
    for (uint64_t i = 0; i < count && !cursor.bad; i++) {
        struct sb_buf bytes = {0};
        uint32_t type = 0;
        uint64_t number = take(&cursor, version < 2 ? 2 : 4);
        uint64_t method = version > 0 ? take(&cursor, 2) & 15 : 0;
        take(&cursor, 2);
        uint64_t base = take(&cursor, base_size), extents = take(&cursor, 2);
        bool good = true;
        for (size_t j = 0; j < items->count; j++) {
            if (items->found[j].number == number)
                type = items->found[j].type;
        }
        for (uint64_t j = 0; j < extents && !cursor.bad; j++) {
            take(&cursor, index_size);
            uint64_t offset = take(&cursor, offset_size), size = take(&cursor, length_size);
            if (type != 0 && !cursor.bad)
                good = good && offset <= UINT64_MAX - base &&
                       add_extent(&bytes, items, method, base + offset, size);
        }
        if (type != 0 && good && !cursor.bad)
            take_item(items, type, &bytes);
        else if (type != 0)
            items->result = sb_privacy_worse(items->result, SB_PRIVACY_MALFORMED);
        sb_buf_free(&bytes);
    }
    if (cursor.bad)
        items->result = sb_privacy_worse(items->result, SB_PRIVACY_MALFORMED);
}

enum sb_privacy_result sb_bmff_items(const struct sb_privacy_sink *sink, const uint8_t *file,
                                     size_t file_len, const struct sb_box *meta)
{
    struct items items = {.sink = sink, .file = file, .file_len = file_len};
    const uint8_t *at = meta->data;
    size_t left = meta->len;
    struct sb_box box, info = {0}, places = {0};
    while (sb_bmff_next(&box, &at, &left)) {
        if (box.type == TYPE('i', 'i', 'n', 'f'))
            info = box;
        if (box.type == TYPE('i', 'l', 'o', 'c'))
            places = box;
        if (box.type == TYPE('i', 'd', 'a', 't'))
            items.data = box;
    }
    if (info.data != NULL)
        parse_info(&items, &info);
    if (items.count > 0 && places.data == NULL)
        return sb_privacy_worse(items.result, SB_PRIVACY_MALFORMED);
    if (items.count > 0)
        parse_places(&items, &places);
    return items.result;
}
