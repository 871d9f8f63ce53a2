/* URLs, and what is cut out of them. */
#include <string.h>

#include "base/text.h"
#include "base/url.h"
#include "fuzz/fuzz.h"

static void check_findings(const struct sb_url_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct sb_url_finding *item = &findings->items[i];
        bool named = item->kind == SB_URL_PARAMETER || item->kind == SB_URL_DOUBTFUL;
        REQUIRE(named || item->name == NULL);
        if (item->name != NULL)
            REQUIRE(fuzz_harmless(item->name, strlen(item->name)));
    }
}

/* What came out is clean: it stays as it is. */
static void clean_again(const struct sb_buf *once)
{
    struct sb_url_findings findings = {0};
    struct sb_buf out = {0};
    const char *text = (const char *)once->data;
    if (once->len > SB_URL_MAX)
        return;
    REQUIRE(sb_url_clean(&out, &findings, text, once->len) == SB_URL_GOOD);
    REQUIRE(out.len == once->len && memcmp(out.data, once->data, out.len) == 0);
    for (size_t i = 0; i < findings.count; i++)
        REQUIRE(findings.items[i].kind == SB_URL_DOUBTFUL);
    sb_url_findings_free(&findings);
    sb_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char before[] = "before";
    struct sb_url_findings findings = {0};
    struct sb_buf out = {0};
    const char *text = (const char *)bytes;
    REQUIRE(sb_buf_puts(&out, before) == 0);
    int r = sb_url_clean(&out, &findings, text, len);
    REQUIRE(r >= 0 && r <= SB_URL_TANGLED);
    REQUIRE(out.len >= strlen(before) && memcmp(out.data, before, strlen(before)) == 0);
    check_findings(&findings);
    if (r == SB_URL_GOOD) {
        struct sb_buf once = {0};
        fuzz_append(&once, out.data + strlen(before), out.len - strlen(before));
        REQUIRE(fuzz_harmless((const char *)once.data, once.len));
        for (size_t i = 0; i < once.len; i++)
            REQUIRE(once.data[i] > ' ' && once.data[i] < 0x7f && once.data[i] != '#');
        REQUIRE(sb_url_tells((const char *)once.data, once.len) == 0);
        clean_again(&once);
        sb_buf_free(&once);
    } else {
        REQUIRE(out.len == strlen(before));
    }
    sb_url_findings_free(&findings);
    sb_buf_free(&out);
    REQUIRE(sb_url_tells(text, len) >= 0);
    REQUIRE(sb_url_secret_name(text, len) >= 0);
    return 0;
}
