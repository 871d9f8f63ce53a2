/* fetch.txt: RFC 8493, section 2.2.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bag/fetch.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Parses the text; expects so many documents and findings, all of them fetch.line. */
static void expect(const char *text, bool old, size_t documents, size_t findings)
{
    struct sb_manifest out = {.old = old};
    struct sb_findings found = {0};
    assert_int_equal(sb_fetch_parse(&out, &found, (const uint8_t *)text, strlen(text)), 0);
    if (out.count != documents || found.count != findings)
        fail_msg("\"%s\": %zu documents, %zu findings", text, out.count, found.count);
    for (size_t i = 0; i < found.count; i++)
        assert_string_equal(found.items[i].rule, "fetch.line");
    for (size_t i = 0; i < out.count; i++)
        assert_non_null(sb_manifest_find(&out, out.lines[i].path));
    sb_manifest_free(&out);
    sb_findings_free(&found);
}

static void good(void **state)
{
    (void)state;
    expect("", false, 0, 0);
    expect("https://example.org/a - data/a\n", false, 1, 0);
    expect("https://example.org/a 12 data/a\r\nftp://example.org/b\t0\tdata/b c\r\n", false, 2, 0);
    expect("https://example.org/a   18446744073709551615  data/z\nurn:x - data/a", false, 2, 0);
    expect("https://example.org/a - data/a%0Ab\n", false, 1, 0);
}

static void malformed(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "https://example.org/a data/a",
        "https://example.org/a -",
        "https://example.org/a - ",
        "example.org/a - data/a",
        ":x - data/a",
        "1a:x - data/a",
        "https: - data/a",
        "https://example.org/a -1 data/a",
        "https://example.org/a 1.5 data/a",
        "https://example.org/a 18446744073709551616 data/a",
        "https://example.org/a - /data/a",
        "https://example.org/a - data/../a",
        "https://example.org/a - ../data/a",
        "https://example.org/a - a",
        "https://example.org/a - ~/a",
        "https://example.org/a - ~user/a",
        "https://example.org/a - manifest-sha256.txt",
    };
    for (size_t i = 0; i < COUNT(lines); i++)
        expect(lines[i], false, 0, 1);
    expect("https://example.org/a - data/a\nhttps://example.org/b - data/a\n", false, 2, 1);
}

/* Before 1.0 a % is a %. */
static void percent(void **state)
{
    (void)state;
    for (int old = 0; old < 2; old++) {
        static const char text[] = "https://example.org/a - data/100%25\n";
        struct sb_manifest out = {.old = old == 1};
        struct sb_findings found = {0};
        assert_int_equal(sb_fetch_parse(&out, &found, (const uint8_t *)text, strlen(text)), 0);
        assert_string_equal(out.lines[0].path, old == 1 ? "data/100%25" : "data/100%");
        sb_manifest_free(&out);
        sb_findings_free(&found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),
        cmocka_unit_test(malformed),
        cmocka_unit_test(percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
