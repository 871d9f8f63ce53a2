/* The kinds of bundles that are written: how their names end, and what packs them. */
#ifndef SB_OP_FORMAT_H
#define SB_OP_FORMAT_H

#include "base/packing.h"
#include "base/rule.h"
#include "container/codec.h"

/* By the option, else by the end of the output's name; `output` may be NULL. USAGE when one says
 * another than the other, or the name one that is not written. */
int sb_format_choose(enum sb_packing *out, enum sealbag_format format, const char *output,
                     struct sb_error *error);
/* USAGE when the name of what is made from a bundle of this kind says another one. */
int sb_format_check_same(enum sb_packing packing, const char *output, struct sb_error *error);
/* A warning when a bundle of this kind has the name of another one. */
void sb_format_check_name(struct sb_findings *findings, enum sb_packing packing, const char *name);
/* "fast", or a number that this kind knows. */
int sb_format_check_level(enum sb_packing packing, int level, struct sb_error *error);
/* The length of a bundle's name without its ending. */
size_t sb_format_stem(const char *name);
/* NULL for what is not made of frames. */
const struct sb_codec *sb_format_codec(enum sb_packing packing);

#endif
