/* The limits that a reader of bundles keeps to: SEALBAG_LIMITS. */
#ifndef SB_BASE_LIMITS_H
#define SB_BASE_LIMITS_H

#include "base/error.h"

/* The defaults in place of zeros; `given` may be NULL. */
struct sealbag_limits sb_limits_of(const struct sealbag_limits *given);

/* Whether so many bytes of a tar are too many for a bundle of this size. */
bool sb_expands_too_far(uint64_t ratio, uint64_t expanded, uint64_t bundle);

/* "<what> (<name>: <limit>). ...": what is too much, and how to raise the limit, as limit.reached.
 */
int sb_limit_reached(struct sb_error *error, const char *name, uint64_t limit, const char *format,
                     ...) SB_PRINTF(4, 5);

#endif
