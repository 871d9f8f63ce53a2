#include "container/zip_form.h"

#include <string.h>

#include "base/text.h"
#include "container/codec.h"
#include "container/deflate.h"

enum {
    LOCAL = 0x04034b50,
    CENTRAL = 0x02014b50,
    END = 0x06054b50,
    END64 = 0x06064b50,
    LOCATOR64 = 0x07064b50,
    LOCAL_FIXED = 30,
    CENTRAL_FIXED = 46,
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR64_SIZE = 20,
    NAME_MAX16 = 0xffff,
    UTF8 = 1 << 11,
    EXTRA_ZIP64 = 1,
    EXTRA_HEADER = 4,
    VERSION = 20, /* APPNOTE 4.4.3: deflate */
    VERSION64 = 45,
    MADE_BY_UNIX = 3 << 8,
    DEFLATED = 8,
};

/* 0100644: a regular file, which its owner may change. */
static const uint32_t attributes = UINT32_C(0100644) << 16;
/* What stands in a field whose value is in the extra field (APPNOTE 4.4.8). */
static const uint32_t elsewhere = 0xffffffff;

/* Where fields are in a local header. */
enum {
    AT_VERSION = 4,
    AT_FLAGS = 6,
    AT_METHOD = 8,
    AT_TIME = 10,
    AT_CRC = 14,
    AT_PACKED = 18,
    AT_SIZE = 22,
    AT_NAME_LEN = 26,
    AT_EXTRA_LEN = 28,
    /* from the beginning of its extra field */
    EXTRA_SIZE = EXTRA_HEADER,
    EXTRA_PACKED = EXTRA_HEADER + 8,
    EXTRA_SIZES = 16,
};

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static size_t get16(const uint8_t *at)
{
    return (size_t)at[0] | (size_t)at[1] << 8;
}

/* `len` zeros at the end of the buffer. NULL: memory is short. */
static uint8_t *extend(struct sb_buf *out, size_t len)
{
    if (sb_buf_reserve(out, len) < 0)
        return NULL;
    uint8_t *at = out->data + out->len;
    memset(at, 0, len + 1);
    out->len += len;
    return at;
}

/* ---- local headers ---------------------------------------------------------------------- */

/* Whether the file's packed size might need 64 bits: its contents are never longer than in stored
 * blocks. */
static bool needs64(uint64_t size)
{
    return size >= elsewhere - (elsewhere >> 10);
}

static bool is_ascii(const char *text)
{
    while (*text != 0 && (uint8_t)*text < 0x80)
        text++;
    return *text == 0;
}

int sb_zip_form_local(struct sb_buf *out, const char *path, uint64_t size, int64_t time,
                      struct sb_error *error)
{
    size_t len = strlen(path), extra = needs64(size) ? EXTRA_HEADER + EXTRA_SIZES : 0;
    if (len > NAME_MAX16)
        return sb_error_set(error, SEALBAG_ERR_LIMIT,
                            "A document's path is too long for a zip file. Make a .tar.gz.");
    uint8_t *at = extend(out, LOCAL_FIXED + len + extra);
    if (at == NULL)
        return sb_error_memory(error);
    sb_store_u32le(at, LOCAL);
    put16(at + AT_VERSION, extra > 0 ? VERSION64 : VERSION);
    /* As others do: the flag says what the name needs (APPNOTE, appendix D). */
    put16(at + AT_FLAGS, is_ascii(path) ? 0 : UTF8);
    sb_store_u32le(at + AT_TIME, sb_time_dos(time));
    put16(at + AT_NAME_LEN, len);
    put16(at + AT_EXTRA_LEN, extra);
    memcpy(at + LOCAL_FIXED, path, len);
    if (extra > 0) {
        put16(at + LOCAL_FIXED + len, EXTRA_ZIP64);
        put16(at + LOCAL_FIXED + len + 2, EXTRA_SIZES);
    }
    return 0;
}

void sb_zip_form_complete(uint8_t *local, const struct sb_zip_contents *contents)
{
    put16(local + AT_METHOD, contents->deflated ? DEFLATED : 0);
    sb_store_u32le(local + AT_CRC, contents->crc);
    if (get16(local + AT_EXTRA_LEN) == 0) {
        sb_store_u32le(local + AT_PACKED, (uint32_t)contents->packed);
        sb_store_u32le(local + AT_SIZE, (uint32_t)contents->size);
        return;
    }
    uint8_t *extra = local + LOCAL_FIXED + get16(local + AT_NAME_LEN);
    sb_store_u32le(local + AT_PACKED, elsewhere);
    sb_store_u32le(local + AT_SIZE, elsewhere);
    sb_store_u64le(extra + EXTRA_SIZE, contents->size); /* in this order: APPNOTE 4.5.3 */
    sb_store_u64le(extra + EXTRA_PACKED, contents->packed);
}

size_t sb_zip_form_length(const uint8_t *local)
{
    return LOCAL_FIXED + get16(local + AT_NAME_LEN) + get16(local + AT_EXTRA_LEN);
}

/* One of the sizes. */
static uint64_t size_at(const uint8_t *local, size_t small, size_t large)
{
    const uint8_t *extra = local + LOCAL_FIXED + get16(local + AT_NAME_LEN);
    return get16(local + AT_EXTRA_LEN) == 0 ? sb_load_u32le(local + small)
                                            : sb_load_u64le(extra + large);
}

uint64_t sb_zip_form_packed(const uint8_t *local)
{
    return size_at(local, AT_PACKED, EXTRA_PACKED);
}

uint64_t sb_zip_form_size(const uint8_t *local)
{
    return size_at(local, AT_SIZE, EXTRA_SIZE);
}

/* ---- the central directory -------------------------------------------------------------- */

int sb_zip_form_central(struct sb_buf *out, const uint8_t *local, uint64_t at)
{
    size_t len = get16(local + AT_NAME_LEN);
    size_t sizes = get16(local + AT_EXTRA_LEN) > 0 ? EXTRA_SIZES : 0;
    size_t place = at >= elsewhere ? 8 : 0;
    size_t extra = sizes + place > 0 ? EXTRA_HEADER + sizes + place : 0;
    uint8_t *to = extend(out, CENTRAL_FIXED + len + extra);
    if (to == NULL)
        return SEALBAG_ERR_MEMORY;
    size_t version = extra > 0 ? VERSION64 : VERSION;
    sb_store_u32le(to, CENTRAL);
    put16(to + 4, MADE_BY_UNIX | version);
    /* From the version to the length of the name they are alike. */
    memcpy(to + 6, local + AT_VERSION, AT_EXTRA_LEN - AT_VERSION);
    put16(to + 6, version);
    put16(to + 30, extra);
    sb_store_u32le(to + 38, attributes);
    sb_store_u32le(to + 42, place > 0 ? elsewhere : (uint32_t)at);
    memcpy(to + CENTRAL_FIXED, local + LOCAL_FIXED, len);
    if (extra == 0)
        return 0;
    uint8_t *field = to + CENTRAL_FIXED + len;
    put16(field, EXTRA_ZIP64);
    put16(field + 2, sizes + place);
    memcpy(field + EXTRA_HEADER, local + LOCAL_FIXED + len + EXTRA_HEADER, sizes);
    if (place > 0)
        sb_store_u64le(field + EXTRA_HEADER + sizes, at);
    return 0;
}

/* ---- the end ---------------------------------------------------------------------------- */

static uint32_t small32(uint64_t value)
{
    return value < elsewhere ? (uint32_t)value : elsewhere;
}

int sb_zip_form_end(struct sb_buf *out, uint64_t at, uint64_t size, uint64_t count)
{
    bool large = count >= 0xffff || size >= elsewhere || at >= elsewhere;
    uint8_t *to = extend(out, END_SIZE + (large ? END64_SIZE + LOCATOR64_SIZE : 0));
    if (to == NULL)
        return SEALBAG_ERR_MEMORY;
    if (large) {
        sb_store_u32le(to, END64);
        sb_store_u64le(to + 4, END64_SIZE - 12);
        put16(to + 12, MADE_BY_UNIX | VERSION64);
        put16(to + 14, VERSION64);
        sb_store_u64le(to + 24, count);
        sb_store_u64le(to + 32, count);
        sb_store_u64le(to + 40, size);
        sb_store_u64le(to + 48, at);
        to += END64_SIZE;
        sb_store_u32le(to, LOCATOR64);
        sb_store_u64le(to + 8, at + size);
        sb_store_u32le(to + 16, 1); /* how many disks there are */
        to += LOCATOR64_SIZE;
    }
    size_t small = count < 0xffff ? (size_t)count : 0xffff;
    sb_store_u32le(to, END);
    put16(to + 8, small);
    put16(to + 10, small);
    sb_store_u32le(to + 12, small32(size));
    sb_store_u32le(to + 16, small32(at));
    return 0;
}
