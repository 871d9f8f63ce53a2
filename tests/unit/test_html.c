/* The report: what comes from outside is inert, and what is not known to be true is not told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/html.h"
#include "unit/printed.h"

#define SEAL_ID     "1e8732fa1edc36fe5c9d589f1c1c83f6fdefde05f25efc7980d27c58c37c56ea"
#define FINGERPRINT "SHA256:xdeixzWZMVADQm4IXunwr+VvMlywKv2SZ0TEGRiqvfM"
#define EVIL        "\"><script>alert('1')</script>&amp;=cmd()\xe2\x80\xae\x1b\xff\\"
#define INERT                                                                                      \
    "&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;amp;=cmd()\\u{202e}\\x1b\\" \
    "xff\\\\"

/* ---- writing ---- */

typedef void (*put_fn)(struct sb_page *page, const char *text);

static char *written(put_fn put, const char *text, const char *language)
{
    char *out = NULL;
    size_t size = 0;
    struct sb_page page = {.to = open_memstream(&out, &size)};
    assert_non_null(page.to);
    assert_true(sb_language_open(&page.language, language));
    put(&page, text);
    assert_int_equal(fclose(page.to), 0);
    return out;
}

static void expect(put_fn put, const char *text, const char *wanted)
{
    char *found = written(put, text, "en");
    assert_string_equal(found, wanted);
    free(found);
}

static void put_groups(struct sb_page *page, const char *text)
{
    sb_html_groups(page, text, strlen(text));
}

static void escaping(void **state)
{
    (void)state;
    expect(sb_html_foreign, EVIL, INERT);
    expect(sb_html_name, EVIL, "<bdi>" INERT "</bdi>");
    expect(sb_html_cell, EVIL, "<bdi>" INERT "</bdi>");
    expect(sb_html_foreign, "a\nb\tc", "a\\x0ab\\x09c");
    expect(sb_html_foreign, "caf\xc3\xa9 \xe6\x97\xa5", "caf\xc3\xa9 \xe6\x97\xa5");
    expect(sb_html_foreign, "", "");
    /* What was escaped for a terminal keeps its backslashes. */
    expect(sb_html_text, "a\\x1b & \\\\", "a\\x1b &#38; \\\\");
    expect(sb_html_text, "\xe2\x80\xae", "\\u{202e}");
    expect(put_groups, "abcdef", "<code class=\"groups\"><span>abcd</span><span>ef</span></code>");
}

static void cells(void **state)
{
    (void)state;
    expect(sb_html_cell, "one\r\ntwo\n<b>\rx", "<bdi>one<br>two<br>&#60;b&#62;\\x0dx</bdi>");
    expect(sb_html_cell, "\n", "<bdi><br></bdi>");
    expect(sb_html_time, "2026-11-25T14:01:48Z",
           "<time datetime=\"2026-11-25T14:01:48Z\">25 November 2026, 14:01:48 UTC</time>");
    expect(sb_html_time, "<now>", "<bdi>&#60;now&#62;</bdi>");
    /* It is cut between two characters. */
    enum { LONG = 30001 };
    char *text = malloc(LONG + 1);
    assert_non_null(text);
    text[0] = 'x';
    for (size_t i = 1; i + 1 < LONG; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[LONG] = 0;
    char *found = written(sb_html_cell, text, "es");
    assert_non_null(strstr(found, "\xc3\xa9</bdi> <em>(cortado aqu\xc3\xad: 10,0\xc2\xa0"
                                  "kB m\xc3\xa1s)</em>"));
    assert_null(strstr(found, "\\x"));
    free(found);
    free(text);
}

/* ---- whole reports ---- */

static struct sealbag_signature signature = {
    .fingerprint = FINGERPRINT,
    .seal = true,
    .state = SEALBAG_SIGNATURE_VALID,
    .kind = "minisign",
    .trust = SEALBAG_TRUST_TRUSTED,
    .trusted_as = EVIL,
    .known_as = EVIL,
    .public_key = "ssh-ed25519 AAAA",
};
static const struct sealbag_custody_event event = {
    .number = 1,
    .state = SEALBAG_SIGNATURE_VALID,
    .by = FINGERPRINT,
    .event = EVIL,
    .to = EVIL,
    .note = EVIL,
    .date = "2026-11-25T14:01:48Z",
    .known_as = EVIL,
};
static const struct sealbag_finding finding = {SEALBAG_WARNING, 0, "path.twin", EVIL,
                                               "A sentence with \\x1b and <b>."};
static const struct sealbag_document document = {"data/" EVIL, 14, {1}};
static const struct sealbag_label label = {EVIL, EVIL};
static const struct sealbag_value value = {EVIL, EVIL};
static const struct sealbag_record record = {"data/" EVIL, &value, 1, 0, 2};
static const struct sealbag_relation relations[] = {
    {SEALBAG_RELATION_QUOTES, SEALBAG_TARGET_URL, "data/" EVIL, "https://" EVIL},
    {SEALBAG_RELATION_CITES, SEALBAG_TARGET_DIGEST, "data/" EVIL, "javascript:alert(1)"},
};
static const struct sealbag_provenance provenance = {&label, 1, &record, 1, 0, relations, 2, false};

/* An intact bag in which everything that can be is hostile. */
static struct sealbag_verdict sample(void)
{
    return (struct sealbag_verdict){
        .valid_seals = 1,
        .trusted_seals = 1,
        .required = 1,
        .trusted_signers = 1,
        .judged_at = "2026-11-28T20:00:00Z",
        .sealed = true,
        .name = "a'b" EVIL,
        .sealed_at = "2026-11-25T14:01:48Z",
        .seal_id = SEAL_ID,
        .documents = 1,
        .bytes = 14,
        .document = &document,
        .signature = &signature,
        .signature_count = 1,
        .custody = &event,
        .custody_count = 1,
        .custody_head = SEAL_ID,
        .provenance = &provenance,
        .finding = &finding,
        .finding_count = 1,
    };
}

static char *report(const struct sealbag_verdict *verdict, const char *language)
{
    FILE *to = printing();
    assert_int_equal(sealbag_verdict_print_html(to, "dir/" EVIL ".tar.gz", verdict, language), 0);
    return printed(to);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0, len = strlen(part);
    const char *end = text + strlen(text);
    /* Not strstr: with a sanitizer it reads all of the rest each time. */
    for (const char *at = text; (size_t)(end - at) >= len; at++) {
        if (*at == *part && memcmp(at, part, len) == 0)
            n++;
    }
    return n;
}

/* No byte of it is one that a browser obeys, and no tag is one that we do not write. */
static void check_inert(const char *html)
{
    for (const unsigned char *at = (const unsigned char *)html; *at != 0; at++)
        assert_true(*at >= ' ' || *at == '\n');
    static const char *const never[] = {
        "<script", "<a ",     "<img",  "src=",         "<b>",
        "alert('", "\xff",    "\x7f",  "<iframe",      "<object",
        "onload",  "@import", "url(h", "\xe2\x80\xae", "http-equiv=\"refresh"};
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        if (strstr(html, never[i]) != NULL)
            fail_msg("%s is in it", never[i]);
    }
    assert_int_equal(count(html, "<link"), 1);
    assert_int_equal(count(html, "href="), 1);
    assert_int_equal(count(html, "<link rel=\"icon\" href=\"data:,\">"), 1);
    assert_int_equal(count(html, "<section"), count(html, "</section>"));
    assert_int_equal(count(html, "<table"), count(html, "</table>"));
    assert_int_equal(count(html, "<svg"), count(html, "</svg>"));
    assert_int_equal(count(html, "<bdi>"), count(html, "</bdi>"));
}

static void hostile(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "es"};
    for (size_t i = 0; i < 2; i++) {
        struct sealbag_verdict verdict = sample();
        char *html = report(&verdict, languages[i]);
        check_inert(html);
        assert_true(count(html, INERT) > 15);
        assert_null(strstr(html, "dir/"));
        free(html);
    }
}

/* Nothing of a bundle that must not be used is told as if it were so. */
static void not_told(void **state)
{
    (void)state;
    static const struct {
        int exit_code;
        enum sealbag_intact intact;
    } cases[] = {
        {1, SEALBAG_DAMAGED},   {1, SEALBAG_INCOMPLETE}, {1, SEALBAG_INTACT},
        {1, SEALBAG_NOT_A_BAG}, {5, SEALBAG_NOT_JUDGED}, {5, SEALBAG_INTACT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sealbag_verdict verdict = sample();
        verdict.exit_code = cases[i].exit_code;
        verdict.intact = cases[i].intact;
        char *html = report(&verdict, "en");
        check_inert(html);
        static const char *const never[] = {
            "id=\"documents\"", "id=\"records\"", "id=\"labels\"", "id=\"relations\"",
            "id=\"custody\"",   "id=\"by-hand\"", "1e87",          "<svg",
            "a&#39;b",          "14:01:48",       "https:"};
        for (size_t n = 0; n < sizeof(never) / sizeof(never[0]); n++) {
            if (strstr(html, never[n]) != NULL)
                fail_msg("case %zu: %s is in it", i, never[n]);
        }
        assert_non_null(strstr(html, "id=\"findings\""));
        assert_non_null(strstr(html, "[path.twin]"));
        assert_non_null(strstr(html, "This is why nothing of it is shown here."));
        free(html);
    }
}

static void expect_part(const struct sealbag_verdict *verdict, const char *language,
                        const char *part)
{
    char *html = report(verdict, language);
    if (strstr(html, part) == NULL)
        fail_msg("\"%s\" is not in it", part);
    free(html);
}

static void labelled(void **state)
{
    (void)state;
    struct sealbag_verdict verdict = sample();
    char *html = report(&verdict, "en");
    assert_int_equal(count(html, "<p class=\"stated\">As stated by the signer."), 3);
    assert_int_equal(count(html, "<p class=\"stated\">Each event is as stated by"), 1);
    assert_null(strstr(html, "Stated by nobody"));
    free(html);
    verdict.sealed = false;
    verdict.valid_seals = 0;
    verdict.signature_count = 0;
    verdict.exit_code = 4;
    html = report(&verdict, "en");
    assert_int_equal(count(html, "Stated by nobody: the bag is unsigned."), 3);
    assert_null(strstr(html, "As stated by the signer"));
    assert_non_null(strstr(html, "Nobody: the bag has no seal."));
    assert_null(strstr(html, "minisign"));
    free(html);
    /* A seal without a valid signature is nobody's word, either. */
    verdict.sealed = true;
    expect_part(&verdict, "en", "Stated by nobody");
    expect_part(&verdict, "es", "No lo declara nadie");
}

static void states(void **state)
{
    (void)state;
    static const struct {
        enum sealbag_trust_state trust;
        const char *said;
    } cases[] = {
        {SEALBAG_TRUST_UNKNOWN, "the key is unknown"},
        {SEALBAG_TRUST_TRUSTED, "the key is trusted"},
        {SEALBAG_TRUST_NOT_YET_VALID, "NOT VALID YET"},
        {SEALBAG_TRUST_EXPIRED, "has EXPIRED"},
        {SEALBAG_TRUST_REVOKED, "was REVOKED"},
    };
    const struct sealbag_signature kept = signature;
    struct sealbag_verdict verdict = sample();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        signature.trust = cases[i].trust;
        expect_part(&verdict, "en", cases[i].said);
    }
    signature.state = SEALBAG_SIGNATURE_INVALID;
    expect_part(&verdict, "en", "Invalid signature");
    expect_part(&verdict, "en", "1 signature is invalid.");
    signature.state = SEALBAG_SIGNATURE_MISSING;
    expect_part(&verdict, "en", "The signature is missing");
    signature.state = SEALBAG_SIGNATURE_NOT_CHECKABLE;
    signature.fingerprint[0] = 0;
    expect_part(&verdict, "en", "Not checkable");
    signature = kept;
    verdict.intact = SEALBAG_DAMAGED;
    verdict.exit_code = 1;
    expect_part(&verdict, "en", "Valid, but for other content than this");
}

static void in_spanish(void **state)
{
    (void)state;
    struct sealbag_verdict verdict = sample();
    static const char *const parts[] = {
        "<html lang=\"es\">",
        "Intacto y sellado por quienes son de su confianza.",
        "25 de noviembre de 2026, 14:01:48 UTC",
        /* What the rule means, and then the sentence as it was made. */
        "dos rutas se distinguen solo por may\xc3\xbasculas o por la forma Unicode. <span",
        "<span class=\"original\" lang=\"en\"><bdi>A sentence with \\x1b and &#60;b&#62;.</bdi>",
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        expect_part(&verdict, "es", parts[i]);
}

static void failures(void **state)
{
    (void)state;
    struct sealbag_verdict verdict = sample();
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(sealbag_verdict_print_html(full, "x", &verdict, "xx"), SEALBAG_ERR_USAGE);
    setvbuf(full, NULL, _IONBF, 0);
    assert_int_equal(sealbag_verdict_print_html(full, "x", &verdict, NULL), SEALBAG_ERR_IO);
    fclose(full);
    assert_true(sealbag_language_known("es") && sealbag_language_known("en"));
    assert_false(sealbag_language_known("de"));
}

/* A hostile bundle can have any number of each. */
static void many(void **state)
{
    (void)state;
    enum { MANY = 30000 };
    struct sealbag_verdict verdict = sample();
    struct sealbag_finding *findings = calloc(MANY, sizeof(*findings));
    struct sealbag_relation *links = calloc(MANY, sizeof(*links));
    struct sealbag_record *rows = calloc(MANY, sizeof(*rows));
    assert_true(findings != NULL && links != NULL && rows != NULL);
    for (size_t i = 0; i < MANY; i++) {
        findings[i] = finding;
        links[i] = relations[i % 2];
        rows[i] = record;
    }
    const struct sealbag_provenance all = {&label, 1, rows, MANY, 0, links, MANY, false};
    verdict.finding = findings;
    verdict.finding_count = MANY;
    verdict.findings_omitted = 7;
    verdict.provenance = &all;
    char *html = report(&verdict, "en");
    check_inert(html);
    assert_int_equal(count(html, "<li class=\"finding "), 1000);
    assert_non_null(strstr(html, "And 29,007 more"));
    assert_int_equal(count(html, "scope=\"rowgroup\""), 10000);
    assert_non_null(strstr(html, "There are 20,000 more records"));
    assert_non_null(strstr(html, "And 29,000 more: sealbag show --graph"));
    free(html);
    free(findings);
    free(links);
    free(rows);
}

/* A cell can have as many bytes as the table, and is said in several places. */
static void large(void **state)
{
    (void)state;
    enum { LARGE = 1 << 20 };
    struct sealbag_verdict verdict = sample();
    char *address = malloc(LARGE + 1);
    assert_non_null(address);
    memset(address, '&', LARGE);
    memcpy(address, "https://example.org/", 20);
    address[LARGE] = 0;
    struct sealbag_relation links[SEALBAG_RELATION_KINDS];
    for (unsigned i = 0; i < SEALBAG_RELATION_KINDS; i++)
        links[i] = (struct sealbag_relation){(enum sealbag_relation_kind)i, SEALBAG_TARGET_URL,
                                             "data/a", address};
    const struct sealbag_value cell = {address, address};
    const struct sealbag_record row = {"data/a", &cell, 1, 0, SEALBAG_RELATION_KINDS};
    const struct sealbag_label line = {address, address};
    const struct sealbag_provenance all = {&line, 1, &row, 1, 0, links, SEALBAG_RELATION_KINDS,
                                           false};
    verdict.provenance = &all;
    char *html = report(&verdict, "en");
    check_inert(html);
    assert_true(strlen(html) < LARGE);
    free(html);
    free(address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escaping),   cmocka_unit_test(cells),    cmocka_unit_test(hostile),
        cmocka_unit_test(not_told),   cmocka_unit_test(labelled), cmocka_unit_test(states),
        cmocka_unit_test(in_spanish), cmocka_unit_test(failures), cmocka_unit_test(many),
        cmocka_unit_test(large),
    };
    return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
