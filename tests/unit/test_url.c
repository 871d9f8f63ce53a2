/* URLs: RFC 3986, and what is cut out of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/url.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define JWT          "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"
#define SALT         "3f9c1b7ae04d52886fd0c4b1"

/* What was found, as one text: "user,fragment,token,?id" and so on; "-" is a parameter whose name
 * is not told. */
static void describe(char *out, size_t size, const struct sb_url_findings *findings)
{
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < findings->count; i++) {
        const struct sb_url_finding *item = &findings->items[i];
        const char *name = item->name != NULL ? item->name : "-";
        if (item->kind == SB_URL_USER)
            name = "@";
        if (item->kind == SB_URL_FRAGMENT)
            name = "#";
        int n = snprintf(out + used, size - used, "%s%s%s", i > 0 ? "," : "",
                         item->kind == SB_URL_DOUBTFUL ? "?" : "", name);
        used += n > 0 ? (size_t)n : 0;
        assert_true(used < size);
    }
}

static void expect(const char *text, const char *cleaned, const char *cut)
{
    struct sb_url_findings findings = {0}, again = {0};
    struct sb_buf out = {0}, twice = {0};
    char what[500];
    int r = sb_url_clean(&out, &findings, text, strlen(text));
    describe(what, sizeof(what), &findings);
    if (r != SB_URL_GOOD || strcmp((const char *)out.data, cleaned) != 0 || strcmp(what, cut) != 0)
        fail_msg("%s: %d, %s, cut: %s", text, r, out.data != NULL ? (const char *)out.data : "",
                 what);
    /* What is clean stays as it is. */
    assert_int_equal(sb_url_clean(&twice, &again, (const char *)out.data, out.len), SB_URL_GOOD);
    assert_string_equal(twice.data, out.data);
    for (size_t i = 0; i < again.count; i++)
        assert_int_equal(again.items[i].kind, SB_URL_DOUBTFUL);
    sb_url_findings_free(&findings);
    sb_url_findings_free(&again);
    sb_buf_free(&out);
    sb_buf_free(&twice);
}

static void expect_not(const char *text, size_t len, enum sb_url_result result)
{
    struct sb_url_findings findings = {0};
    struct sb_buf out = {0};
    assert_int_equal(sb_buf_puts(&out, "before"), 0);
    int r = sb_url_clean(&out, &findings, text, len);
    if (r != (int)result)
        fail_msg("%s: %d", text, r);
    assert_string_equal(out.data, "before");
    sb_url_findings_free(&findings);
    sb_buf_free(&out);
}

/* ---- vectors ---------------------------------------------------------------------------- */

static void nothing_to_cut(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "https://example.org",
        "https://example.org/",
        "http://example.org:8080/a/b.html",
        "https://example.org:/a",
        "HTTPS://EXAMPLE.ORG/A",
        "https://example.org/?",
        "https://example.org/?q=protest&lang=es",
        "https://example.org/?q=a%20b+c&page=2",
        "https://example.org/?a=1&&b=2&",
        "https://example.org/?a=1;b=2",
        "https://example.org/a;v=1.2/b",
        "https://example.org/?utm_source=x&utm_medium=y",
        "https://example.org/watch?v=dQw4w9WgXcQ",
        "https://medium.com/@author/a-story",
        "https://web.archive.org/web/2020/https://medium.com/@author/a",
        "https://example.org/%E2%82%AC%2F",
        "https://example.org/a?author=Mary&keyword=tax&design=1&state=TX",
        "https://example.org/profile?username=mary&uid=7",
        "https://example.org/?country_code=de&postcode=1010",
        "https://192.0.2.1/",
        "https://[2001:db8::1]:443/a",
        "https://[::ffff:192.0.2.1]/",
        "https://[v1.a:b]/",
        "https://sub-delims!$&'()*+,;=.example/",
        "ftp://example.org/file.pdf",
        "urn:isbn:0451450523",
        "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
        "mailto:a@example.org",
        "magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a",
        "file:///etc/hosts",
        "about:blank",
        "x:",
    };
    for (size_t i = 0; i < COUNT(urls); i++)
        expect(urls[i], urls[i], "");
}

static const struct {
    const char *text, *cleaned, *cut;
} cuts[] = {
    {"https://mary:secret@example.org/a", "https://example.org/a", "@"},
    {"https://mary@example.org", "https://example.org", "@"},
    {"https://:p@example.org/", "https://example.org/", "@"},
    {"https://@example.org/", "https://example.org/", "@"},
    {"ftp://u:p%40q@example.org:21/x", "ftp://example.org:21/x", "@"},
    {"https://u:p@[2001:db8::1]/", "https://[2001:db8::1]/", "@"},
    {"https://example.org/a#top", "https://example.org/a", "#"},
    {"https://example.org/a#", "https://example.org/a", "#"},
    {"https://example.org/#access_token=x&b", "https://example.org/", "#"},
    {"https://example.org/#!/a b\\\x01", "https://example.org/", "#"},
    {"https://example.org?#", "https://example.org?", "#"},
    {"https://example.org/?token=x", "https://example.org/", "token"},
    {"https://example.org/?token", "https://example.org/", "-"},
    {"https://example.org/?token=", "https://example.org/", "token"},
    {"https://example.org/?a=1&token=x&b=2", "https://example.org/?a=1&b=2", "token"},
    {"https://example.org/?token=x&b=2", "https://example.org/?b=2", "token"},
    {"https://example.org/?b=2&token=x", "https://example.org/?b=2", "token"},
    {"https://example.org/?token=x&", "https://example.org/", "token"},
    {"https://example.org/?a=1;token=x;b=2", "https://example.org/?a=1;b=2", "token"},
    {"https://example.org/?TOKEN=x&Api-Key=y&apikey=z", "https://example.org/",
     "TOKEN,Api-Key,apikey"},
    {"https://example.org/?%74oken=x", "https://example.org/", "token"},
    {"https://example.org/?t%6Fk%65n=x", "https://example.org/", "token"},
    {"https://example.org/?%2574oken=x", "https://example.org/", "%74oken"},
    {"https://example.org/?%252574oken=x", "https://example.org/", "%2574oken"},
    {"https://example.org/?access_token=x&id_token=y&accessToken=z", "https://example.org/",
     "access_token,id_token,accessToken"},
    {"https://example.org/?user[token]=x", "https://example.org/", "user[token]"},
    {"https://example.org/?sig=x&signature=y&Signature=z", "https://example.org/",
     "sig,signature,Signature"},
    {"https://b.s3.amazonaws.com/k?X-Amz-Algorithm=A&X-Amz-Credential=B&x-amz-signature=C&v=1",
     "https://b.s3.amazonaws.com/k?v=1", "X-Amz-Algorithm,X-Amz-Credential,x-amz-signature"},
    {"https://b.s3.amazonaws.com/k?AWSAccessKeyId=A&Expires=1&Signature=B",
     "https://b.s3.amazonaws.com/k?Expires=1", "AWSAccessKeyId,Signature"},
    {"https://storage.googleapis.com/b/o?X-Goog-Date=1&X-Goog-Signature=2",
     "https://storage.googleapis.com/b/o", "X-Goog-Date,X-Goog-Signature"},
    {"https://storage.googleapis.com/b/o?GoogleAccessId=me%40x&Expires=2",
     "https://storage.googleapis.com/b/o?Expires=2", "GoogleAccessId"},
    {"https://x.blob.core.windows.net/c/b?sv=2020&se=2021&sr=b&sp=r&sig=a%2Bb%3D",
     "https://x.blob.core.windows.net/c/b?sv=2020&se=2021&sr=b&sp=r", "sig"},
    {"https://d1.cloudfront.net/a?Policy=x&Key-Pair-Id=y&Signature=z",
     "https://d1.cloudfront.net/a", "Policy,Key-Pair-Id,Signature"},
    {"https://example.org/?session=1&sid=2&PHPSESSID=3&auth=4&code=5&jwt=6", "https://example.org/",
     "session,sid,PHPSESSID,auth,code,jwt"},
    {"https://example.org/a;jsessionid=1A2B/b;v=1?c=d", "https://example.org/a/b;v=1?c=d",
     "jsessionid"},
    {"https://example.org/a;JSESSIONID=1", "https://example.org/a", "JSESSIONID"},
    {"https://example.org/?user=mary&password=x&to=1", "https://example.org/?to=1",
     "user,password"},
    {"https://example.org/?pwd=x&e=mail", "https://example.org/?e=mail", "pwd"},
    {"https://www.dropbox.com/s/abc?rlkey=x&dl=0", "https://www.dropbox.com/s/abc?dl=0", "rlkey"},
    {"https://drive.google.com/open?id=abc&resourcekey=0-x&authuser=m%40x.org",
     "https://drive.google.com/open?id=abc", "resourcekey,authuser"},
    {"https://youtu.be/abc?si=x&t=10", "https://youtu.be/abc?t=10", "si"},
    {"https://example.org/?fbclid=x&gclid=y&utm_source=z", "https://example.org/?utm_source=z",
     "fbclid,gclid"},
    {"https://example.org/?_ga=2.1&_gl=1&gl=US", "https://example.org/?gl=US", "_ga,_gl"},
    {"https://example.org/?x=" JWT "&y=1", "https://example.org/?y=1", "x"},
    {"https://example.org/?" JWT, "https://example.org/", "-"},
    {"https://example.org/?a=AKIAIOSFODNN7EXAMPLE", "https://example.org/", "a"},
    {"https://example.org/?" SALT "=1&token" SALT SALT SALT "=2", "https://example.org/?" SALT "=1",
     "-"},
    {"https://p.example/?u=https%3A%2F%2Fmary%3Apw%40example.org%2F", "https://p.example/", "u"},
    {"https://p.example/?u=https%3A%2F%2Fexample.org%2F%3Fa%3D1%26token%3Dx&b=1",
     "https://p.example/?b=1", "u"},
    {"https://p.example/?u=https%253A%252F%252Fexample.org%252F%253Ftoken%253Dx",
     "https://p.example/", "u"},
    {"https://p.example/?u=https://example.org/?token=x", "https://p.example/", "u"},
    {"https://p.example/?a=1%26token%3Dx", "https://p.example/", "a"},
    {"https://u:p@example.org/a;sid=1?key=x&k=v#f", "https://example.org/a?k=v", "@,sid,key,#"},
    /* kept, and told */
    {"https://example.org/?id=" SALT, "https://example.org/?id=" SALT, "?id"},
    {"https://example.org/?" SALT, "https://example.org/?" SALT, "?-"},
    {"https://example.org/?d=1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
     "https://example.org/?d=1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms", "?d"},
    {"https://example.org/?s=what-happened-in-the-town-on-may-2020",
     "https://example.org/?s=what-happened-in-the-town-on-may-2020", ""},
    /* what browsers leave as it is */
    {"https://example.org/a|b?q={x}[y]^`", "https://example.org/a%7Cb?q=%7Bx%7D%5By%5D%5E%60", ""},
    {"https://example.org/caf\xc3\xa9?q=\xd0\xbc", "https://example.org/caf%C3%A9?q=%D0%BC", ""},
    /* a name is shown escaped */
    {"https://example.org/?tok%1Ben=1&%FFtoken=2&%0Atoken=3", "https://example.org/",
     "tok\\x1ben,\\xfftoken,\\x0atoken"},
};

static void cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cuts); i++)
        expect(cuts[i].text, cuts[i].cleaned, cuts[i].cut);
}

static const char *const no_urls[] = {
    "",
    "example.org",
    "/a/b",
    "//example.org/a",
    "?q=1",
    ":a",
    "1http://example.org/",
    "ht tp://example.org/",
    "http_s://example.org/",
    "https:",
    "https:example.org",
    "https:/example.org",
    "https://",
    "https:///a",
    "https://:80/",
    "https://user@/",
    "https://a@b@example.org/",
    "https://u:p@ss@example.org/",
    "https://example.org:80:80/",
    "https://example.org:port/",
    "https://example.org:65536/",
    "https://exa mple.org/",
    "https://ex\xc3\xa4mple.org/",
    "https://example.org\\@evil.example/",
    "https://exam%ple.org/",
    "https://[::1/",
    "https://[::1]x/",
    "https://[1:2]/",
    "https://[v.a]/",
    "https://[v1.]/",
    "https://[fe80::1%25eth0]/",
    "https://example.org/a b",
    "https://example.org/a\tb",
    "https://example.org/a\nb",
    "https://example.org/\\a",
    "https://example.org/\"",
    "https://example.org/<a>",
    "https://example.org/%",
    "https://example.org/%4",
    "https://example.org/%zz",
    "https://example.org/?%",
    "https://example.org/?a=%4g",
    "https://example.org/?a b",
    "https://example.org/\xff",
    "https://example.org/\xe2\x80\xae" /* a bidirectional control */,
    "https://example.org/\xc2\xa0",
    " https://example.org/",
    "https://example.org/ ",
};

static void malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(no_urls); i++)
        expect_not(no_urls[i], strlen(no_urls[i]), SB_URL_MALFORMED);
    expect_not("https://example.org/\0", 21, SB_URL_MALFORMED);
    expect_not("https://exam\0ple.org/", 21, SB_URL_MALFORMED);
    static char large[SB_URL_MAX + 2] = "https://example.org/";
    memset(large + 20, 'a', sizeof(large) - 21);
    expect_not(large, SB_URL_MAX + 1, SB_URL_MALFORMED);
    struct sb_buf out = {0};
    struct sb_url_findings findings = {0};
    assert_int_equal(sb_url_clean(&out, &findings, large, SB_URL_MAX), SB_URL_GOOD);
    sb_buf_free(&out);
}

/* Nothing can be cut without another address coming of it. */
static void tangled(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "https://web.archive.org/web/2020/https://mary:pw@example.org/",
        "https://web.archive.org/save/https%3A%2F%2Fmary%3Apw%40example.org%2F",
        "https://web.archive.org/save/https%253A%252F%252Fmary%253Apw%2540example.org%252F",
        "https://web.archive.org/save/https%3A%2F%2Fexample.org%2F%3Ftoken%3Dx",
        "https://example.org/&token=x",
        "https://example.org/token=x",
        ("https://example.org/" JWT),
        "https://api.telegram.org/file/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawX/a.jpg",
        "https://mary%3Apw%40example.org/",
        "x:/;token=1/y",
        "https://example.org/%25252525252525",
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_not(texts[i], strlen(texts[i]), SB_URL_TANGLED);
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int tells;
    } rows[] = {
        {"", 0},
        {"A word.", 0},
        {"Mary <mary@example.org>", 0},
        {"see https://example.org/a and https://medium.com/@mary", 0},
        {"see https://mary@example.org/a", 1},
        {"see (https://mary:pw@example.org/a)", 1},
        {"see https://example.org/?a=1&sig=2 there", 1},
        {"see https://example.org/?a=1#access_token=2", 1},
        {"token=abc", 1},
        {"a token = abc", 0},
        {"key " JWT ".", 1},
        {"xoxb-123456789012-abc", 1},
        {"taxoxb-123456789012-abc", 0},
        {"100%", 0},
        {"https://example.org/dl/AKIAIOSFODNN7EXAMPLE/x", 1},
        {"https://example.org/password-reset/9f86d081884c7d659a2feaa0c55ad015", 1},
        {"https://example.org/Reset/9f86d081884c7d659a2feaa0c55ad015?lang=en", 1},
        {"https://example.org/reset%2F9f86d081884c7d659a2feaa0c55ad015", 1},
        {"https://example.org/invite/550e8400-e29b-41d4-a716-446655440000", 1},
        {"https://example.org/verify/42/q3Rz8pL0xYtUv5Nw2KdA/", 1},
        {"https://example.org/verify/report-of-the-committee-2021", 0},
        {"https://example.org/reset/", 0},
        {"https://example.org/9f86d081884c7d659a2feaa0c55ad015/reset", 0},
        {"reset/9f86d081884c7d659a2feaa0c55ad015", 0},
        {"https://hooks.slack.com/services/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", 1},
        {"https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/"
         "9f86d081884c7d659a2feaa0c55ad015/c",
         1},
        {"https://discord.com/api/webhooks/123456789012345678/aB3dE5fG7hI9jK1lM3nO5pQ7", 1},
        {"https://hooks.slack.com/services", 0},
        /* as often an id as anything else */
        {"https://github.com/a/b/commit/9f86d081884c7d659a2feaa0c55ad0159f86d081", 0},
        {"https://assets.example.org/media/5f9a7b3e8fa8f57f8a6d1234/report.pdf", 0},
        {"https://drive.google.com/file/d/1A2b3C4d5E6f7G8h9I0jKlMnOpQrStUvW/view", 0},
        {"https://web.archive.org/web/20200101000000/https://example.org/report.pdf", 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (sb_url_tells(rows[i].text, strlen(rows[i].text)) != rows[i].tells)
            fail_msg("%s", rows[i].text);
    }
}

static void names(void **state)
{
    (void)state;
    static const char *const secret[] = {
        "token", ".ASPXAUTH", "login_hint", "userpwd", "X-Amz-Date", "x-goog-x", "api_key", "%6bey",
        "PW", "_ga",
        /* a name for each way to begin or end */
        "my-auth", "akeyid", "lastkey", "pwd", "asig", "xaccesskeyx", "qapikeyq", "mycookies",
        "qcredentials", "qcsrfq", "qhmacq", "qjwtq", "qoauthq", "qpasscodeq", "qpassphraseq",
        "qpasswq", "qsecretq", "qsessidq", "qsessionq", "qsignatureq", "qtokenq", "qxsrfq"};
    static const char *const harmless[] = {"",     "q",      "author", "keyword", "utm_source",
                                           "page", "design", "ga",     "config",  "assign"};
    for (size_t i = 0; i < COUNT(secret); i++)
        assert_int_equal(sb_url_secret_name(secret[i], strlen(secret[i])), 1);
    for (size_t i = 0; i < COUNT(harmless); i++) {
        if (sb_url_secret_name(harmless[i], strlen(harmless[i])) != 0)
            fail_msg("%s", harmless[i]);
    }
    char longer[80];
    memset(longer, 'x', sizeof(longer));
    assert_int_equal(sb_url_secret_name(longer, 63), 0);
    assert_int_equal(sb_url_secret_name(longer, 64), 1);
}

static void schemes(void **state)
{
    (void)state;
    assert_true(sb_url_scheme_is("https://x", 9, "https"));
    assert_true(sb_url_scheme_is("HTTPS:", 6, "https"));
    assert_false(sb_url_scheme_is("https", 5, "https"));
    assert_false(sb_url_scheme_is("http://x", 8, "https"));
    assert_false(sb_url_scheme_is("", 0, "https"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_cut), cmocka_unit_test(cut),   cmocka_unit_test(malformed),
        cmocka_unit_test(tangled),        cmocka_unit_test(texts), cmocka_unit_test(names),
        cmocka_unit_test(schemes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
