#include "container/framing.h"

#include "base/rule.h"

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
