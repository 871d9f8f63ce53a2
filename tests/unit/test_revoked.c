/* Revoked keys: what is read, what is refused with its line, what is written, which one counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "sign/revoked.h"

/* RFC 8032, section 7.1, tests 1 and 2 */
#define ED1 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define ED2 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM"
/* the first one as a FIDO key, for "ssh:" */
#define SK1                                                                                        \
    "sk-ssh-ed25519@openssh.com "                                                                  \
    "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1EaAAAA" \
    "BHNzaDo="
#define ON " revoked=2026-11-25T10:00:00Z"

static const uint8_t *bytes_of(const char *text)
{
    return (const uint8_t *)text;
}

static int parse(struct sb_revoked *revoked, const char *text, struct sb_error *error)
{
    *revoked = (struct sb_revoked){0};
    return sb_revoked_parse(revoked, bytes_of(text), strlen(text), "revoked_keys", error);
}

static int set_up(void **state)
{
    (void)state;
    return sb_sign_init(NULL);
}

static void parse_lines(void **state)
{
    (void)state;
    struct sb_revoked revoked;
    assert_int_equal(parse(&revoked,
                           "# a comment\n\n" ED1 ON " reason=laptop stolen\n" ED2 ON
                           " since=2026-01-01T00:00:00Z reason=since=x reason=\xc3\xa4 #\n" ED1 ON
                           " reason=r",
                           NULL),
                     0);
    assert_int_equal(revoked.count, 3);
    assert_int_equal(revoked.items[0].on, 1795600800);
    assert_int_equal(revoked.items[0].since, 0);
    assert_string_equal(revoked.items[0].reason, "laptop stolen");
    assert_int_equal(revoked.items[1].since, 1767225600);
    assert_string_equal(revoked.items[1].reason, "since=x reason=\xc3\xa4 #");
    assert_string_equal(revoked.items[2].reason, "r");
    assert_true(sb_identity_equal(&revoked.items[0].signer, &revoked.items[2].signer));
    sb_revoked_free(&revoked);
    assert_null(revoked.items);
    static const char *const empty[] = {"", "\n", "#", "# x\n\n"};
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        assert_int_equal(parse(&revoked, empty[i], NULL), 0);
        assert_int_equal(revoked.count, 0);
        sb_revoked_free(&revoked);
    }
}

/* Whoever has the plain key with the same 32 bytes as a FIDO key can sign as that, and the other
 * way round: one revocation is of both. */
static void parse_fido(void **state)
{
    (void)state;
    struct sb_revoked revoked;
    struct sb_buf text = {0};
    assert_int_equal(parse(&revoked, SK1 ON " reason=lost\n", NULL), 0);
    struct sb_identity signer = revoked.items[0].signer;
    assert_string_equal(signer.application, "ssh:");
    assert_non_null(sb_revoked_find(&revoked, &signer, 1));
    assert_int_equal(sb_revoked_append(&text, &revoked.items[0]), 0);
    assert_string_equal((const char *)text.data, SK1 ON " reason=lost\n");
    memset(signer.application, 0, sizeof(signer.application));
    assert_non_null(sb_revoked_find(&revoked, &signer, 1));
    signer.pk[0] ^= 1;
    assert_null(sb_revoked_find(&revoked, &signer, 1));
    sb_buf_free(&text);
    sb_revoked_free(&revoked);
}

static void parse_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
    } cases[] = {
        {ED1, "the time of the revocation (revoked=) does not follow the key"},
        {ED1 " ", "(revoked=)"},
        {ED1 " maria@example.org", "(revoked=)"},
        {ED1 "  revoked=2026-11-25T10:00:00Z reason=x", "(revoked=)"},
        {ED1 " revoked=2026-11-25 reason=x", "(revoked=)"},
        {ED1 " revoked=2026-11-25T10:00:00 reason=x", "(revoked=)"},
        {ED1 " revoked=2026-11-25T10:00:00+00:00 reason=x", "(revoked=)"},
        {ED1 " revoked=2026-02-30T10:00:00Z reason=x", "(revoked=)"},
        {ED1 " revoked=1970-01-01T00:00:00Z reason=x", "(revoked=)"},
        {ED1 " revoked= reason=x", "(revoked=)"},
        {ED1 " since=2026-11-25T10:00:00Z" ON " reason=x", "(revoked=)"},
        {ED1 ON, "the reason (reason=) is missing"},
        {ED1 ON " ", "reason (reason=) is missing"},
        {ED1 ON " why=x", "reason (reason=) is missing"},
        {ED1 ON "  reason=x", "reason (reason=) is missing"},
        {ED1 ON ON " reason=x", "reason (reason=) is missing"},
        {ED1 ON " since=x reason=x", "what follows since= is not a time"},
        {ED1 ON " since= reason=x", "what follows since= is not a time"},
        {ED1 ON " since=1970-01-01T00:00:00Z reason=x", "what follows since="},
        {ED1 ON " since=2026-01-01T00:00:00Z", "reason (reason=) is missing"},
        {ED1 ON " since=2026-01-01T00:00:00Z since=2026-01-01T00:00:00Z reason=x", "(reason=)"},
        {ED1 ON " reason=", "the reason is empty"},
        {ED1 ON " reason= x", "the reason has a space at an end"},
        {ED1 ON " reason=x ", "the reason has a space at an end"},
        {ED1 ON " reason=x\xe2\x80\xae", "the reason has a control or invisible character"},
        {ED1 ON " reason=x\r", "ends as on Windows"},
        {ED1 ON " reason=x\ty", "a control character, such as a tab"},
        {ED1 ON " reason=\xff", "not UTF-8"},
        {" " ED1 ON " reason=x", "no Ed25519 key at its beginning"},
        {" ", "no Ed25519 key at its beginning"},
        {"maria " ED1 ON " reason=x", "no Ed25519 key at its beginning"},
        {"cert-authority " ED1 ON " reason=x", "no Ed25519 key at its beginning"},
        {"@revoked * " ED1, "no Ed25519 key at its beginning"},
        {"SHA256: x", "no Ed25519 key at its beginning"},
        {"ssh-ed25519", "the key is not base64"},
        {"ssh-ed25519 AAAA" ON " reason=x", "not an Ed25519 key"},
        {"sk-" ED1 ON " reason=x", "no Ed25519 key at its beginning"},
        {"ssh-ed25519  " ON " reason=x", "the key is not base64"},
        {ED1 "A" ON " reason=x", "the key is not base64"},
        {ED1 "AAAA" ON " reason=x", "not an Ed25519 key"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1200];
        struct sb_error error = {0};
        struct sb_revoked revoked;
        snprintf(text, sizeof(text), ED2 ON " reason=x\n#\n%s\n" ED2 ON " reason=y\n",
                 cases[i].line);
        assert_int_equal(parse(&revoked, text, &error), SEALBAG_ERR_TRUST);
        if (strstr(error.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error.message);
        assert_non_null(strstr(error.message, "revoked_keys, line 3: "));
        assert_null(revoked.items);
    }
    struct sb_error error = {0};
    struct sb_revoked revoked;
    static const uint8_t krl[] = "SSHKRL\n\0\0\0\0\1";
    assert_int_equal(sb_revoked_parse(&revoked, krl, sizeof(krl), "revoked_keys", &error),
                     SEALBAG_ERR_TRUST);
    assert_non_null(strstr(error.message, "binary format (KRL)"));
    assert_int_equal(parse(&revoked, "\xef\xbb\xbf" ED1 ON " reason=x\n", &error),
                     SEALBAG_ERR_TRUST);
    assert_non_null(strstr(error.message, "byte order mark"));
}

/* A cut line is refused; only a reason can be cut without a trace, and the key stays revoked. */
static void parse_truncated(void **state)
{
    (void)state;
    static const char text[] = ED1 ON " since=2026-01-01T00:00:00Z reason=abc\n";
    for (size_t n = 1; n < sizeof(text); n++) {
        struct sb_revoked revoked = {0};
        int r = sb_revoked_parse(&revoked, bytes_of(text), n, "f", NULL);
        if (n >= sizeof(text) - 4)
            assert_int_equal(r, 0);
        else
            assert_int_equal(r, SEALBAG_ERR_TRUST);
        assert_int_equal(revoked.count, r == 0 ? 1 : 0);
        sb_revoked_free(&revoked);
    }
}

static void append(void **state)
{
    (void)state;
    struct sb_buf text = {0};
    struct sb_revoked revoked;
    char reason[502];
    assert_int_equal(parse(&revoked, ED1 ON " reason=x\n", NULL), 0);
    struct sb_revocation one = revoked.items[0];
    one.reason = "a reason";
    assert_int_equal(sb_buf_puts(&text, "# no end"), 0);
    assert_int_equal(sb_revoked_append(&text, &one), 0);
    one.since = 1767225600;
    assert_int_equal(sb_revoked_append(&text, &one), 0);
    assert_string_equal((const char *)text.data, "# no end\n" ED1 ON " reason=a reason\n" ED1 ON
                                                 " since=2026-01-01T00:00:00Z reason=a reason\n");
    size_t len = text.len;
    static const char *const bad[] = {"", " x", "x ", "x\ny", "\xff", "\xe2\x80\x8b"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        one.reason = bad[i];
        assert_non_null(sb_revoked_reason_bad(bad[i]));
        assert_int_equal(sb_revoked_append(&text, &one), SEALBAG_ERR_USAGE);
    }
    memset(reason, 'r', sizeof(reason));
    reason[501] = 0;
    assert_non_null(sb_revoked_reason_bad(reason));
    reason[500] = 0;
    assert_null(sb_revoked_reason_bad(reason));
    assert_int_equal(text.len, len);
    sb_revoked_free(&revoked);
    sb_buf_free(&text);
}

static void find(void **state)
{
    (void)state;
    struct sb_revoked revoked;
    const int64_t since = 1767225600;
    assert_int_equal(parse(&revoked,
                           ED1 ON " since=2027-01-01T00:00:00Z reason=late\n" ED1 ON
                                  " since=2026-01-01T00:00:00Z reason=early\n" ED2 ON
                                  " since=2026-01-01T00:00:00Z reason=b\n" ED2 ON
                                  " reason=always\n",
                           NULL),
                     0);
    const struct sb_identity *signer = &revoked.items[0].signer;
    assert_null(sb_revoked_find(&revoked, signer, since - 1));
    assert_string_equal(sb_revoked_find(&revoked, signer, since)->reason, "early");
    assert_string_equal(sb_revoked_find(&revoked, signer, 0)->reason, "early");
    assert_string_equal(sb_revoked_find(&revoked, signer, -1)->reason, "early");
    assert_string_equal(sb_revoked_strictest(&revoked, signer)->reason, "early");
    signer = &revoked.items[2].signer;
    assert_string_equal(sb_revoked_find(&revoked, signer, 1)->reason, "always");
    struct sb_identity other = *signer;
    other.pk[31] ^= 1;
    assert_null(sb_revoked_find(&revoked, &other, since));
    assert_null(sb_revoked_strictest(&revoked, &other));
    sb_revoked_free(&revoked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_lines),   cmocka_unit_test(parse_fido),
        cmocka_unit_test(parse_refuses), cmocka_unit_test(parse_truncated),
        cmocka_unit_test(append),        cmocka_unit_test(find),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
