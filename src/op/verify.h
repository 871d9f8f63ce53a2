/* What verify, list and extract share. */
#ifndef SB_OP_VERIFY_H
#define SB_OP_VERIFY_H

#include "base/error.h"

/* USAGE when the options contradict their form. */
int sb_verify_options_check(const struct sealbag_verify_options *options, struct sb_error *error);

#endif
