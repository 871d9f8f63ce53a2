#include "bag/index.h"

#include <string.h>

#include "base/path.h"
#include "base/text.h"

enum { BLOCK = 512 };

int sb_index_append(struct sb_buf *out, uint64_t offset, uint64_t size, const char *path)
{
    char numbers[2 * 20 + 2];
    size_t len = sb_decimal_format(numbers, offset);
    numbers[len++] = '\t';
    len += sb_decimal_format(numbers + len, size);
    numbers[len++] = '\t';
    int r = sb_buf_append(out, numbers, len);
    if (r == 0)
        r = sb_path_encode(out, path, strlen(path));
    return r == 0 ? sb_buf_puts(out, "\n") : r;
}

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] >= 0x80)
            return false;
    }
    return true;
}

bool sb_index_open(struct sb_index_lines *lines, const uint8_t *bytes, size_t len, const char *name)
{
    size_t header = strlen(SB_INDEX_HEADER);
    if (len < header || memcmp(bytes, SB_INDEX_HEADER, header) != 0)
        return false;
    *lines = (struct sb_index_lines){
        .at = (const char *)bytes + header,
        .end = (const char *)bytes + len,
        .name_len = strlen(name),
        .name_plain = is_ascii(name, strlen(name)),
    };
    return true;
}

/* A number and the tab behind it. */
static bool take_number(struct sb_index_lines *lines, uint64_t *out)
{
    const char *tab = memchr(lines->at, '\t', (size_t)(lines->end - lines->at));
    if (tab == NULL || !sb_decimal_parse(out, lines->at, (size_t)(tab - lines->at)))
        return false;
    lines->at = tab + 1;
    return true;
}

static uint64_t padded(uint64_t size)
{
    return (size + BLOCK - 1) / BLOCK * BLOCK;
}

/* The most that a file's headers take beyond one block: a pax header and its records, where a ustar
 * header cannot hold the path or the size. */
static uint64_t extended_most(const struct sb_index_lines *lines, const struct sb_index_line *line)
{
    enum { USTAR_NAME = 100, RECORDS = 64 };
    const uint64_t ustar_size = UINT64_C(077777777777);
    size_t path_len = lines->name_len + 1 + line->path_len;
    bool plain = lines->name_plain && path_len <= USTAR_NAME && line->size <= ustar_size &&
                 is_ascii(line->path, line->path_len);
    return plain ? 0 : BLOCK + padded(path_len + RECORDS);
}

int sb_index_next(struct sb_index_lines *lines, struct sb_index_line *line)
{
    if (lines->at == lines->end)
        return 0;
    if (!take_number(lines, &line->offset) || !take_number(lines, &line->size))
        return -1;
    const char *lf = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    if (lf == NULL || lf == lines->at || line->offset < lines->least ||
        line->offset > lines->most || line->offset % BLOCK != 0 || line->size > INT64_MAX / 2)
        return -1;
    line->path = lines->at;
    line->path_len = (size_t)(lf - lines->at);
    lines->at = lf + 1;
    lines->least = line->offset + BLOCK + padded(line->size);
    if (lines->least > INT64_MAX / 2)
        return -1;
    lines->most = lines->least + extended_most(lines, line);
    return 1;
}
