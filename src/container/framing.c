#include "container/framing.h"

#include "base/rule.h"

const struct sb_codec *sb_framing_codec(const uint8_t *bytes, size_t len)
{
    static const struct sb_codec *const codecs[] = {&sb_codec_gz, &sb_codec_zst};
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (codecs[i]->recognise(bytes, len))
            return codecs[i];
    }
    return NULL;
}

int sb_frame_sizes_add(struct sb_frame_sizes *sizes, size_t frame, size_t data)
{
    uint32_t *items = sb_array_grow(sizes->items, &sizes->cap, sizes->count + 1, sizeof(*items));
    if (items == NULL)
        return SEALBAG_ERR_MEMORY;
    sizes->items = items;
    items[sizes->count++] = (uint32_t)frame;
    items[sizes->count++] = (uint32_t)data;
    return 0;
}

int sb_framing_next(struct sb_framing *framing, enum sb_piece *piece, uint64_t *size,
                    const struct sb_view *view, struct sb_error *error)
{
    uint64_t pointer = SB_NO_POINTER;
    int r = framing->codec->measure(piece, size, &pointer, view, error);
    if (r == 0 && *piece == SB_PIECE_END && framing->codec == &sb_codec_zst &&
        framing->pointer != SB_NO_POINTER && !framing->table)
        return sb_rule_error(error, SB_RULE_ZSTD_TRUNCATED,
                             "The bundle ends in the middle: its seek table is missing. Ask for it "
                             "again.");
    if (r < 0 || *piece == SB_PIECE_END)
        return r;
    bool late = framing->table || (framing->pointer != SB_NO_POINTER && *piece != SB_PIECE_TABLE);
    if (late)
        return sb_rule_error(error, SB_RULE_CONTAINER_ORDER,
                             "There is something behind what must be the end of the bundle. Do not "
                             "use it.");
    framing->table = *piece == SB_PIECE_TABLE;
    if (*piece == SB_PIECE_POINTER)
        framing->pointer = pointer;
    return 0;
}
