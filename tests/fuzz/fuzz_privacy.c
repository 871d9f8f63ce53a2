/* The privacy check's own walkers, and the libraries behind them but libqpdf: nothing that they say
 * lies outside of what they were given, and looking twice finds the same. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "privacy/privacy.h"

struct told {
    size_t count;
    uint32_t hash;
};

static void take(void *context, enum sb_privacy_rule rule, const char *field, const void *value,
                 size_t len)
{
    struct told *told = context;
    REQUIRE(rule < SB_PRIVACY_RULES_COUNT && rule != SB_PRIVACY_UNREADABLE &&
            rule != SB_PRIVACY_LEFT_BEHIND);
    REQUIRE(field != NULL && strlen(field) > 0 && strlen(field) < 200);
    REQUIRE(value != NULL && len > 0);
    told->count++;
    told->hash = told->hash * 31 + fuzz_hash(value, len);
}

static struct told look(const uint8_t *bytes, size_t len, enum sb_privacy_kind kind)
{
    static const char *const names[] = {"maria", "Maria P"};
    struct told told = {0};
    const struct sb_privacy_sink sink = {
        .found = take, .context = &told, .names = names, .name_count = COUNT(names)};
    REQUIRE(sb_privacy_examine(&sink, kind, bytes, len) < SB_PRIVACY_RESULTS);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct told told = {0};
    const struct sb_privacy_sink sink = {.found = take, .context = &told};
    enum sb_privacy_kind kind =
        sb_privacy_kind_of(bytes, len < SB_PRIVACY_HEAD ? len : SB_PRIVACY_HEAD);
    if (kind != SB_KIND_NONE && kind != SB_KIND_PDF) {
        struct told first = look(bytes, len, kind), second = look(bytes, len, kind);
        REQUIRE(first.count == second.count && first.hash == second.hash);
    } else if (len > 0) {
        /* By the first byte, one of the parts of files. */
        const uint8_t *rest = bytes + 1;
        if (bytes[0] == 'i')
            sb_privacy_iptc(&sink, rest, len - 1);
        else if (bytes[0] == '8')
            sb_privacy_irb(&sink, rest, len - 1);
        else if (bytes[0] == '<')
            sb_privacy_xml(&sink, (enum sb_privacy_xml)(len % 3), bytes, len);
        else
            sb_privacy_scan(&sink, "text", (const char *)bytes, len);
    }
    return 0;
}
