#include "container/damage.h"

int sb_damage_truncated(struct sb_error *error, enum sb_rule rule)
{
    return sb_rule_error(error, rule,
                         "The bundle ends in the middle: its end is missing. Ask for it again.");
}

int sb_damage_trailing(struct sb_error *error, enum sb_rule rule)
{
    return sb_rule_error(error, rule,
                         "There are bytes after the end of the bundle. Do not use it.");
}

int sb_damage_data(struct sb_error *error, enum sb_rule rule)
{
    return sb_rule_error(error, rule, "The bundle is damaged: compressed data is malformed.");
}

int sb_damage_check(struct sb_error *error, enum sb_rule rule)
{
    return sb_rule_error(error, rule,
                         "The bundle is damaged: its contents do not fit their checksum.");
}

int sb_damage_header(struct sb_error *error, enum sb_rule rule, const char *format)
{
    return sb_rule_error(error, rule, "The bundle is damaged: a %s header is malformed.", format);
}
