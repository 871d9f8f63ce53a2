#include "base/limits.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/rule.h"

struct sealbag_limits sb_limits_of(const struct sealbag_limits *given)
{
    struct sealbag_limits limits = given != NULL ? *given : (struct sealbag_limits){0};
#define DEFAULT(field, name, value, text)                                                          \
    if (limits.field == 0)                                                                         \
        limits.field = (value);
    SEALBAG_LIMITS(DEFAULT)
#undef DEFAULT
    return limits;
}

bool sb_out_of_ratio(uint64_t amount, uint64_t free, uint64_t ratio, uint64_t bundle)
{
    return amount > free && amount / (ratio > 0 ? ratio : 1) > bundle;
}

bool sb_expands_too_far(uint64_t ratio, uint64_t expanded, uint64_t bundle)
{
    enum { FREE = 256 << 20 };
    return sb_out_of_ratio(expanded, FREE, ratio, bundle);
}

bool sealbag_limit_set(struct sealbag_limits *limits, const char *name, uint64_t value)
{
#define SET(field, own_name, standard, text)                                                       \
    if (strcmp(name, (own_name)) == 0) {                                                           \
        limits->field = value;                                                                     \
        return true;                                                                               \
    }
    SEALBAG_LIMITS(SET)
#undef SET
    return false;
}

int sb_limit_reached(struct sb_error *error, const char *name, uint64_t limit, const char *format,
                     ...)
{
    char what[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return sb_rule_error(error, SB_RULE_LIMIT,
                         "%s, and the limit \"%s\" is %" PRIu64
                         ". If you know that this is as it should be, raise it with --limit "
                         "%s=NUMBER.",
                         what, name, limit, name);
}
