#include "container/tar_parse.h"

#include <string.h>

#include "base/rule.h"
#include "base/text.h"
#include "container/damage.h"
#include "container/tar_header.h"

void sb_tar_parser_free(struct sb_tar_parser *parser)
{
    sb_buf_free(&parser->extended);
    sb_buf_free(&parser->path);
    *parser = (struct sb_tar_parser){0};
}

void sb_tar_resync(struct sb_tar_parser *parser, bool after_gap)
{
    size_t rest = (size_t)((SB_TAR_BLOCK - parser->offset % SB_TAR_BLOCK) % SB_TAR_BLOCK);
    parser->skip = after_gap ? 0 : rest;
    if (after_gap)
        parser->offset += rest;
    parser->state = SB_TAR_HEADER;
    parser->block_len = 0;
    parser->extended_type = 0;
    parser->resync = true;
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
    return len == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

/* Sets the state for `size` bytes of data and the zeros that fill the last block. */
static void expect_data(struct sb_tar_parser *parser, enum sb_tar_state state, uint64_t size)
{
    parser->left = size;
    parser->fill = (size_t)((SB_TAR_BLOCK - size % SB_TAR_BLOCK) % SB_TAR_BLOCK);
    parser->state = size > 0 ? state : SB_TAR_HEADER;
}

static int begin_extended(struct sb_tar_parser *parser, const struct sb_tar_header *header,
                          struct sb_error *error)
{
    if (parser->extended_type != 0)
        return sb_rule_error(
            error, SB_RULE_TAR_PAX,
            "Two extended headers stand before one entry. Do not use this bundle.");
    if (header->size == 0 || header->size > SB_TAR_EXTENDED_MAX)
        return sb_rule_error(error, SB_RULE_TAR_PAX,
                             "An extended header is empty or larger than 64 KiB.");
    parser->extended_type = header->type;
    parser->extended.len = 0;
    expect_data(parser, SB_TAR_EXTENDED, header->size);
    return 0;
}

/* A path as an entry may have it: a folder's ends in one slash, a file's does not. */
static int check_entry(const struct sb_tar_entry *entry, struct sb_error *error)
{
    size_t len = strlen(entry->path);
    bool slash = len > 0 && entry->path[len - 1] == '/';
    if (entry->folder ? entry->size == 0 : !slash)
        return 0;
    char shown[600];
    return sb_rule_error(error, SB_RULE_TAR_TYPE,
                         entry->folder ? "\"%s\" is a folder that claims to hold data."
                                       : "\"%s\" is a file whose name ends in a slash.",
                         sealbag_text_escape(shown, sizeof(shown), entry->path));
}

static int begin_entry(struct sb_tar_parser *parser, const struct sb_tar_header *header,
                       struct sb_error *error)
{
    struct sb_pax pax = {0};
    parser->path.len = 0;
    int r = 0;
    if (parser->extended_type == 'x') {
        r = sb_pax_parse(&pax, parser->extended.data, parser->extended.len, error);
    } else if (parser->extended_type == 'L') {
        r = sb_longname_parse(&pax, parser->extended.data, parser->extended.len, error);
    }
    if (r < 0)
        return r;
    if (pax.path != NULL)
        r = sb_buf_append(&parser->path, pax.path, pax.path_len);
    else
        r = sb_buf_puts(&parser->path, header->path);
    if (r < 0)
        return sb_error_memory(error);
    uint64_t size = header->size;
    if (pax.has_size) {
        /* The pax size is for what ustar's eleven digits cannot hold. GNU tar then writes 0 there,
         * others the largest number, libarchive a twelfth digit. */
        bool stands_in = header->size == 0 || header->size == SB_TAR_USTAR_SIZE_MAX;
        if (pax.size != header->size && (pax.size <= SB_TAR_USTAR_SIZE_MAX || !stands_in))
            return sb_rule_error(error, SB_RULE_TAR_PAX, "An entry states two different sizes.");
        size = pax.size;
    }
    parser->extended_type = 0;
    parser->entry = (struct sb_tar_entry){
        .path = (char *)parser->path.data,
        .folder = header->type == '5',
        .size = size,
        .header_at = parser->header_at,
    };
    expect_data(parser, SB_TAR_CONTENT, size);
    return check_entry(&parser->entry, error);
}

static int take_header(struct sb_tar_parser *parser, enum sb_tar_event *event,
                       struct sb_error *error)
{
    struct sb_tar_header header;
    if (all_zero(parser->block, SB_TAR_BLOCK) && !parser->resync) {
        if (parser->extended_type != 0)
            return sb_rule_error(error, SB_RULE_TAR_PAX, "The tar ends after an extended header.");
        parser->state = parser->state == SB_TAR_ONE_ZERO ? SB_TAR_ENDED : SB_TAR_ONE_ZERO;
        parser->left = SB_TAR_PADDING_MAX;
        return 0;
    }
    if (parser->state == SB_TAR_ONE_ZERO)
        return sb_rule_error(
            error, SB_RULE_TAR_TRAILING,
            "There is data after a zero block of the tar. Do not use this bundle.");
    int r = parser->offset == SB_TAR_BLOCK && !parser->resync
                ? sb_tar_header_refuse_old(parser->block, error)
                : 0;
    if (r >= 0)
        r = sb_tar_header_parse(&header, parser->block, error);
    if (r < 0 && parser->resync)
        return 0; /* not a header: look at the next block */
    if (r < 0)
        return r;
    parser->resync = false;
    if (parser->extended_type == 0)
        parser->header_at = parser->offset - SB_TAR_BLOCK;
    if (header.type == 'x' || header.type == 'L')
        return begin_extended(parser, &header, error);
    *event = SB_TAR_ENTRY;
    return begin_entry(parser, &header, error);
}

/* Data of an entry or of an extended header: n of the bytes belong to it. */
static int take_data(struct sb_tar_parser *parser, const uint8_t *bytes, size_t n,
                     enum sb_tar_event *event, struct sb_error *error)
{
    if (parser->state == SB_TAR_EXTENDED) {
        if (sb_buf_append(&parser->extended, bytes, n) < 0)
            return sb_error_memory(error);
    } else {
        *event = SB_TAR_DATA;
    }
    parser->left -= n;
    if (parser->left == 0)
        parser->state = parser->fill > 0 ? SB_TAR_FILL : SB_TAR_HEADER;
    return 0;
}

/* What must be zero: the rest of an entry's last block, and everything after the end. */
static int take_zeros(struct sb_tar_parser *parser, const uint8_t *bytes, size_t n,
                      struct sb_error *error)
{
    if (parser->state == SB_TAR_FILL) {
        if (!all_zero(bytes, n))
            return sb_rule_error(error, SB_RULE_TAR_HEADER,
                                 "There are hidden bytes behind an entry's data.");
        parser->fill -= n;
        if (parser->fill == 0)
            parser->state = SB_TAR_HEADER;
        return 0;
    }
    if (!all_zero(bytes, n) || n > parser->left)
        return sb_rule_error(error, SB_RULE_TAR_TRAILING,
                             "There is data after the end of the tar. Do not use this bundle.");
    parser->left -= n;
    return 0;
}

int sb_tar_feed(struct sb_tar_parser *parser, const uint8_t *bytes, size_t len, size_t *used,
                enum sb_tar_event *event, struct sb_error *error)
{
    *event = SB_TAR_MORE;
    size_t n = len;
    int r = 0;
    if (parser->skip > 0) {
        *used = n < parser->skip ? n : parser->skip;
        parser->skip -= *used;
        parser->offset += *used;
        return 0;
    }
    switch (parser->state) {
    case SB_TAR_HEADER:
    case SB_TAR_ONE_ZERO:
        if (n > SB_TAR_BLOCK - parser->block_len)
            n = SB_TAR_BLOCK - parser->block_len;
        memcpy(parser->block + parser->block_len, bytes, n);
        parser->block_len += n;
        parser->offset += n;
        if (parser->block_len == SB_TAR_BLOCK) {
            parser->block_len = 0;
            r = take_header(parser, event, error);
        }
        break;
    case SB_TAR_EXTENDED:
    case SB_TAR_CONTENT:
        if (n > parser->left)
            n = (size_t)parser->left;
        parser->offset += n;
        r = take_data(parser, bytes, n, event, error);
        break;
    case SB_TAR_FILL:
    case SB_TAR_ENDED:
        if (parser->state == SB_TAR_FILL && n > parser->fill)
            n = parser->fill;
        parser->offset += n;
        r = take_zeros(parser, bytes, n, error);
        break;
    }
    *used = n;
    return r;
}

int sb_tar_end_of_input(const struct sb_tar_parser *parser, struct sb_error *error)
{
    if (parser->state == SB_TAR_ENDED)
        return 0;
    return sb_damage_truncated(error, SB_RULE_TAR_TRUNCATED);
}
