/* Extended attributes: the first byte chooses which, the rest is its value. */
#include <string.h>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "op/xattr.h"

static void check_value(const struct sb_known_value *item)
{
    const char *column = sb_known_column(item->known);
    REQUIRE(column[0] != 0);
    for (unsigned i = 0; i < item->note_count; i++) {
        const struct sb_known_note *note = &item->notes[i];
        REQUIRE(strncmp(note->rule, "metadata.", 9) == 0);
        REQUIRE(fuzz_harmless(note->sentence, strlen(note->sentence)));
    }
    if (item->value == NULL) {
        REQUIRE(item->note_count == 1);
        return;
    }
    size_t len = strlen(item->value);
    REQUIRE(len > 0 && sb_utf8_valid(item->value, len));
    REQUIRE(strpbrk(item->value, "\r\n\t\x1b") == NULL && strchr("=+-@", item->value[0]) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const names[] = {"user.dublincore.title", "user.dublincore.source",
                                        "user.xdg.origin.url", "user.xdg.referrer.url",
                                        "user.xdg.publisher"};
    struct sb_known_values values = {0};
    struct sb_arena arena = {0};
    if (len == 0)
        return 0;
    size_t which = bytes[0] % COUNT(names);
    REQUIRE(sb_xattr_take(&values, &arena, names[which], (const char *)bytes + 1, len - 1) == 0);
    REQUIRE(values.count <= (len > 1 && which != 4 ? 1U : 0U));
    for (unsigned i = 0; i < values.count; i++)
        check_value(&values.items[i]);
    sb_arena_free(&arena);
    return 0;
}
