/* What extract.c and salvage.c share. */
#ifndef SB_OP_EXTRACT_H
#define SB_OP_EXTRACT_H

#include "op/guard.h"

/* Whether a verdict with this exit code may be published. */
bool sb_extract_acceptable(int exit_code, const struct sealbag_extract_options *options);

int sb_extract_publish(struct sealbag_extracted *out, struct sb_staging *staging, const char *name,
                       struct sb_error *error);

/* Of a damaged bundle: what still matches the signed manifest, into NAME.INCOMPLETE. */
int sb_extract_salvage(struct sealbag_extracted *out, struct sb_guard *guard,
                       struct sb_staging *staging, const struct sealbag_extract_options *options,
                       struct sb_error *error);

#endif
