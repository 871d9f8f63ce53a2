/* Custody events. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "record/custody.h"
#include "sign/sign.h"

static void check_event(const struct sb_custody_event *event, const uint8_t *bytes, size_t len)
{
    uint8_t digest[SB_SHA256_SIZE], before[SB_SHA256_SIZE];
    REQUIRE(sb_fingerprint_parse(digest, event->by, strlen(event->by)));
    REQUIRE(event->event[0] >= 'a' && event->event[0] <= 'z');
    REQUIRE(fuzz_harmless(event->event, strlen(event->event)));
    REQUIRE(fuzz_harmless(event->to, strlen(event->to)));
    REQUIRE(fuzz_harmless(event->note, strlen(event->note)));
    REQUIRE(event->date >= 0);
    REQUIRE(event->signature_count > 0 && event->signature_count <= SB_CUSTODY_SIGNATURES_MAX);
    const char *begin = (const char *)bytes;
    REQUIRE(event->signatures >= begin && event->signatures < begin + len);
    for (size_t i = 0; i < event->signature_count; i++) {
        sb_custody_signature(digest, event, i);
        REQUIRE(i == 0 || memcmp(before, digest, sizeof(digest)) < 0);
        memcpy(before, digest, sizeof(digest));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_custody_event event;
    struct sb_error error = {0};
    struct sb_buf text = {0};
    int r = sb_custody_parse(&event, bytes, len, &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        REQUIRE(event.event[0] == 0 && event.signatures == NULL && event.signature_count == 0);
        return 0;
    }
    /* It has one spelling. */
    check_event(&event, bytes, len);
    REQUIRE(sb_custody_format(&text, &event) == 0);
    REQUIRE(text.len == len && memcmp(text.data, bytes, len) == 0);
    sb_buf_free(&text);
    return 0;
}
