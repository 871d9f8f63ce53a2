/* What verify and create do with a BagIt profile. */
#ifndef SB_OP_PROFILE_H
#define SB_OP_PROFILE_H

#include "bag/profile.h"
#include "op/create_impl.h"

/* After the walk, before anything is written: whether the bag will keep to the profile. PROFILE,
 * and `problems`, which may be NULL, names everything in which it would not. */
int sb_create_check_profile(struct sb_create *create, struct sealbag_problems *problems,
                            struct sb_error *error);
/* Appends the label that names the profile, unless the sender gives it. 0 or MEMORY. */
int sb_create_name_profile(struct sb_buf *text, const struct sealbag_create_options *options);

#endif
