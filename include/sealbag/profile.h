/* SPDX-License-Identifier: ISC
 *
 * Part of sealbag.h, which includes it: BagIt profiles, in which an archive says what bags it takes
 * (the BagIt Profiles Specification, up to version 1.4).
 */
#ifndef SEALBAG_PROFILE_H
#define SEALBAG_PROFILE_H

#include <sealbag/sealbag.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A larger file is no profile. */
#define SEALBAG_PROFILE_BYTES_MAX ((size_t)1 << 20)

/* Takes a profile from the bytes of its JSON file, which is called `name` in messages. What is
 * malformed, contradicts itself or is of a later version is SEALBAG_ERR_PROFILE. The caller frees
 * *out, after all runs to whose options it belongs. */
int sealbag_profile_parse(struct sealbag_profile **out, const void *bytes, size_t len,
                          const char *name, struct sb_error *error);

/* What of it is no part of the specification, and is not judged: the top-level name with this
 * number, raw; NULL: there are no more. The profile's. */
const char *sealbag_profile_not_judged(const struct sealbag_profile *profile, size_t number);

/* NULL is allowed. */
void sealbag_profile_free(struct sealbag_profile *profile);

#ifdef __cplusplus
}
#endif

#endif
