/* The privacy check over a source that was walked, and over what goes along with it. */
#ifndef SB_OP_PRIVACY_H
#define SB_OP_PRIVACY_H

#include <sealbag/privacy.h>

#include "op/source.h"

/* Looks into the documents of the source, and at their paths. `kinds` is what sb_heads_read gave.
 * No thread may be left: a process is started, which would get the locks that it holds. */
int sb_privacy_source(struct sealbag_privacy *check, const struct sb_source *source,
                      const uint8_t *kinds, sealbag_progress_fn progress, void *progress_context,
                      struct sb_error *error);
/* Whether a text that goes along, such as a cell, tells anything. */
bool sb_privacy_text_tells(const struct sealbag_privacy *check, const char *text);
/* A text that goes along: a label's value, or a cell. `file` and `field` say where it stands. */
int sb_privacy_text(struct sealbag_privacy *check, const char *file, const char *field,
                    const char *text, struct sb_error *error);

#endif
