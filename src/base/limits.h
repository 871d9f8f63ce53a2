/* The limits that a reader of bundles keeps to: SEALBAG_LIMITS. */
#ifndef SB_BASE_LIMITS_H
#define SB_BASE_LIMITS_H

#include "base/error.h"

/* The defaults in place of zeros; `given` may be NULL. */
struct sealbag_limits sb_limits_of(const struct sealbag_limits *given);

/* Whether an amount of something is too much for so many bytes of a bundle: more than `ratio` times
 * them, and more than what is free. */
bool sb_out_of_ratio(uint64_t amount, uint64_t free, uint64_t ratio, uint64_t bundle);
/* The same for the bytes of a tar. */
bool sb_expands_too_far(uint64_t ratio, uint64_t expanded, uint64_t bundle);

/* "<what> (<name>: <limit>). ...": what is too much, and how to raise the limit, as limit.reached.
 */
int sb_limit_reached(struct sb_error *error, const char *name, uint64_t limit, const char *format,
                     ...) SB_PRINTF(4, 5);

#endif
