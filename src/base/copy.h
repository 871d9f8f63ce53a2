/* The beginning of a file into a new one, without moving its bytes through this process if the
 * system can do that. */
#ifndef SB_BASE_COPY_H
#define SB_BASE_COPY_H

#include "base/file.h"

/* The first `len` bytes of the regular file `fd` become the beginning of the output, which is
 * empty: the same blocks of the disk (FICLONE), else a copy by the kernel, else one by hand. `fd`
 * keeps its position. CHANGED when it is shorter. */
int sb_output_copy(struct sb_output *out, int fd, uint64_t len, sealbag_progress_fn progress,
                   void *progress_context, struct sb_error *error);

/* The output once more, to be read only, from its beginning. A descriptor or -1 with *error. */
int sb_output_reopen(const struct sb_output *out, struct sb_error *error);

#endif
