#include "container/zip_extra.h"

#include <string.h>

enum {
    UNICODE_PATH = 0x7075,
    ASI_UNIX = 0x756e,
    LIBARCHIVE = 0x6c78,
    TYPE_MASK = 0170000,
    TYPE_FILE = 0100000,
    TYPE_FOLDER = 0040000,
};

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

/* Takes the next field off; false at their end, and with *bad when they do not come out even. */
static bool next_extra(uint16_t *id, const uint8_t **data, size_t *size, const uint8_t **extra,
                       size_t *left, bool *bad)
{
    *bad = *left != 0 && (*left < 4 || get16(*extra + 2) > *left - 4);
    if (*left == 0 || *bad)
        return false;
    *id = get16(*extra);
    *size = get16(*extra + 2);
    *data = *extra + 4;
    *extra += 4 + *size;
    *left -= 4 + *size;
    return true;
}

bool sb_zip_find_extra(const uint8_t **data, size_t *size, uint16_t wanted, const uint8_t *extra,
                       size_t len)
{
    uint16_t id;
    const uint8_t *one;
    size_t one_size;
    bool bad;
    *data = NULL;
    while (next_extra(&id, &one, &one_size, &extra, &len, &bad)) {
        if (id != wanted)
            continue;
        if (*data != NULL)
            return false;
        *data = one;
        *size = one_size;
    }
    return !bad;
}

/* Another name than the one that everybody sees (Info-ZIP): version 1, a CRC, the name. (That the
 * fields are malformed is found elsewhere, here as in the next.) */
bool sb_zip_has_other_name(const uint8_t *extra, size_t extra_len, const uint8_t *name,
                           size_t name_len)
{
    uint16_t id;
    const uint8_t *data;
    size_t size;
    bool bad;
    while (next_extra(&id, &data, &size, &extra, &extra_len, &bad)) {
        if (id == UNICODE_PATH &&
            (size < 5 || size - 5 != name_len || memcmp(data + 5, name, name_len) != 0))
            return true;
    }
    return false;
}

/* Whatever made it: some programs look at the mode without asking that. */
bool sb_zip_is_type(uint32_t mode, bool folder)
{
    uint32_t type = mode & TYPE_MASK;
    return type == 0 || type == (folder ? TYPE_FOLDER : TYPE_FILE);
}

/* A mode, in which a link can be, where few look: a CRC and the mode (ASi, which Info-ZIP reads),
 * or what libarchive puts there for those who read from a pipe, and nobody else. */
bool sb_zip_has_other_type(const uint8_t *extra, size_t extra_len, bool folder)
{
    uint16_t id;
    const uint8_t *data;
    size_t size;
    bool bad;
    while (next_extra(&id, &data, &size, &extra, &extra_len, &bad)) {
        if (id == LIBARCHIVE ||
            (id == ASI_UNIX && (size < 6 || !sb_zip_is_type(get16(data + 4), folder))))
            return true;
    }
    return false;
}
