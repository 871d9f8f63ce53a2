/* What verify and extract share. */
#ifndef SB_OP_VERIFY_H
#define SB_OP_VERIFY_H

#include "op/judge.h"

/* USAGE when the options contradict their form. */
int sb_verify_options_check(const struct sealbag_verify_options *options, struct sb_error *error);

/* Reads and judges the whole bundle. `index_is_hint`: a wrong index is a warning. */
int sb_verify(struct sealbag_verdict **out, int fd, const struct sealbag_verify_options *options,
              bool index_is_hint, struct sb_error *error);

#endif
