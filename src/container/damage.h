/* What is said of a container that is damaged, whichever program made it. Each returns the code of
 * the rule, as sb_rule_error does. */
#ifndef SB_CONTAINER_DAMAGE_H
#define SB_CONTAINER_DAMAGE_H

#include "base/rule.h"

int sb_damage_truncated(struct sb_error *error, enum sb_rule rule);
int sb_damage_trailing(struct sb_error *error, enum sb_rule rule);
int sb_damage_data(struct sb_error *error, enum sb_rule rule);
int sb_damage_check(struct sb_error *error, enum sb_rule rule);
/* `format`: "gzip" or "zstd". */
int sb_damage_header(struct sb_error *error, enum sb_rule rule, const char *format);

#endif
