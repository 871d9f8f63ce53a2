#include "report/catalogue.h"

#include <string.h>

#include "base/text.h"

enum { MAGIC_SIZE = 28, PAIR = 8, CATALOGUE_MAX = 16 << 20 };

static uint32_t number(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Text i of the table at `table`, and its length. */
static const char *text_at(const struct sb_catalogue *catalogue, uint32_t table, uint32_t i,
                           uint32_t *len)
{
    const uint8_t *pair = catalogue->bytes + table + (size_t)i * PAIR;
    *len = number(pair);
    return (const char *)catalogue->bytes + number(pair + 4);
}

/* Whether a table of `count` pairs lies in the bytes, and the texts that it names. */
static bool is_table(const uint8_t *bytes, size_t len, uint32_t table, uint32_t count)
{
    if (table > len || (len - table) / PAIR < count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *pair = bytes + table + (size_t)i * PAIR;
        uint32_t size = number(pair), offset = number(pair + 4);
        if (offset > len || size >= len - offset || bytes[offset + size] != 0 ||
            !sb_utf8_valid((const char *)bytes + offset, size))
            return false;
    }
    return true;
}

/* Two texts for a plural, else one. */
static bool has_forms(const char *text, uint32_t len, bool plural)
{
    size_t first = strlen(text);
    if (!plural)
        return first == len;
    return first < len && first + 1 + strlen(text + first + 1) == len;
}

static bool texts_fit(const struct sb_catalogue *catalogue)
{
    const char *before = NULL;
    for (uint32_t i = 0; i < catalogue->count; i++) {
        uint32_t len, len_there;
        const char *text = text_at(catalogue, catalogue->originals, i, &len);
        const char *there = text_at(catalogue, catalogue->translations, i, &len_there);
        bool plural = strlen(text) < len;
        if (!has_forms(text, len, plural) || !has_forms(there, len_there, plural) ||
            (before != NULL && strcmp(before, text) >= 0))
            return false;
        before = text;
    }
    return true;
}

static bool read_header(struct sb_catalogue *catalogue)
{
    const char *header = sb_catalogue_find(catalogue, "");
    catalogue->one_below_two =
        strstr(header, "Plural-Forms: nplurals=2; plural=(n > 1);\n") != NULL;
    return strstr(header, "Content-Type: text/plain; charset=UTF-8\n") != NULL &&
           (catalogue->one_below_two ||
            strstr(header, "Plural-Forms: nplurals=2; plural=(n != 1);\n") != NULL);
}

bool sb_catalogue_parse(struct sb_catalogue *out, const uint8_t *bytes, size_t len)
{
    *out = (struct sb_catalogue){0};
    if (len < MAGIC_SIZE || len > CATALOGUE_MAX || number(bytes) != 0x950412de ||
        number(bytes + 4) != 0)
        return false;
    struct sb_catalogue read = {
        .bytes = bytes,
        .count = number(bytes + 8),
        .originals = number(bytes + 12),
        .translations = number(bytes + 16),
    };
    if (!is_table(bytes, len, read.originals, read.count) ||
        !is_table(bytes, len, read.translations, read.count) || !texts_fit(&read) ||
        !read_header(&read))
        return false;
    *out = read;
    return true;
}

/* The translation's first form, or NULL. */
static const char *find(const struct sb_catalogue *catalogue, const char *text)
{
    uint32_t low = 0, high = catalogue->count, len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(text_at(catalogue, catalogue->originals, middle, &len), text);
        if (order == 0)
            return text_at(catalogue, catalogue->translations, middle, &len);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *sb_catalogue_find(const struct sb_catalogue *catalogue, const char *text)
{
    const char *there = find(catalogue, text);
    return there != NULL && there[0] != 0 ? there : text;
}

const char *sb_catalogue_plural(const struct sb_catalogue *catalogue, const char *one,
                                const char *many, uint64_t n)
{
    bool singular = catalogue->one_below_two ? n < 2 : n == 1;
    const char *there = find(catalogue, one);
    if (there == NULL || there[0] == 0)
        return n == 1 ? one : many;
    return singular ? there : there + strlen(there) + 1;
}
