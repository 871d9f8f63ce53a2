/* minisign's public keys and signatures: stock files, round trips, and one failure each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "sign/minisign.h"

#define UC  "untrusted comment: x\n"
#define KEY "RWRuOjfag5sZdaI/zny/GWQVJlbuqh6Vg7AZNHVQ0Yiwd2fg+QaNe+Fy"

/* Written by minisign 0.11: `minisign -G -W`, then `minisign -Sm f` over "hi\n". */
static const char stock_public[] =
    "untrusted comment: minisign public key 75199B83DA373A6E\n" KEY "\n";
static const char stock_signature[] =
    "untrusted comment: signature from minisign secret key\n"
    "RURuOjfag5sZdR814G6uevqWJRMHEDLHLRcFEAGP2BBhqzfRJyOe1ZBzg0vF9hGhkRkEm6bVRiashsNr+jcfyUAUoY4W59"
    "4WVAk=\n"
    "trusted comment: timestamp:1795598869\tfile:f\thashed\n"
    "8a+64y6VH2jnm6G2tkTb3Gx8/sUDz2rRCQJiz8pwjhfZALO61afAfEVY/Ni/34KxTSiy0TdG6OA0w9DG9RuJAQ==\n";
/* The same key with -l. */
static const char stock_legacy[] =
    "untrusted comment: old\n"
    "RWRuOjfag5sZdUELZVnHpeSRrqQ5ESWLhhJRSTuuZqOBMPR3TFvTq2EYKOC12tEuWc+cO3yojkfIOTf20ue9FyPSt//3f7"
    "00aQw=\n"
    "trusted comment: oldtrusted\n"
    "pOZB4T1KtZrfFw1L5RsQt5/sXIK97MWbN8NzHTLHK0aWWeUqBirn2hswz+av03otM8YPS2C7CMHwxYYZUYg/BQ==\n";

static const uint8_t message[] = "a message\n";
enum { MESSAGE_LEN = sizeof(message) - 1 };

struct fixture {
    struct sb_minisign_public key, other;
    uint8_t sk[64], other_sk[64];
    struct sb_buf signature; /* of ours, over the message */
    char *line[4];           /* its lines */
};

static const uint8_t *bytes_of(const char *text)
{
    return (const uint8_t *)text;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (f == NULL || sb_sign_init(NULL) < 0)
        return -1;
    uint8_t seed[32] = {1};
    crypto_sign_seed_keypair(f->key.pk, f->sk, seed);
    memcpy(f->key.key_id, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
    seed[0] = 2;
    crypto_sign_seed_keypair(f->other.pk, f->other_sk, seed);
    memcpy(f->other.key_id, "\x11\x02\x03\x04\x05\x06\x07\x08", 8);
    if (sb_minisign_sign(&f->signature, &f->key, f->sk, NULL, message, MESSAGE_LEN, 1764061962,
                         "seal.txt", NULL) < 0)
        return -1;
    char *copy = strdup((const char *)f->signature.data);
    for (size_t i = 0; i < 4 && copy != NULL; i++)
        f->line[i] = strtok(i == 0 ? copy : NULL, "\n");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    free(f->line[0]);
    sb_buf_free(&f->signature);
    free(f);
    return 0;
}

/* ---- public keys ----------------------------------------------------------------------- */

static void public_stock(void **state)
{
    (void)state;
    struct sb_minisign_public key;
    char id[17];
    assert_int_equal(
        sb_minisign_public_parse(&key, bytes_of(stock_public), sizeof(stock_public) - 1, NULL), 0);
    sb_minisign_key_id_text(id, key.key_id);
    assert_string_equal(id, "75199B83DA373A6E");
    struct sb_buf out = {0};
    assert_int_equal(sb_minisign_public_format(&out, &key, NULL), 0);
    assert_string_equal((const char *)out.data, stock_public);
    sb_buf_free(&out);
}

static void public_round_trip(void **state)
{
    struct fixture *f = *state;
    struct sb_minisign_public key;
    struct sb_buf out = {0};
    char id[17];
    sb_minisign_key_id_text(id, f->key.key_id);
    assert_string_equal(id, "0807060504030201");
    assert_int_equal(sb_minisign_public_format(&out, &f->key, "K\xc3\xa4the\ton paper "), 0);
    assert_int_equal(sb_minisign_public_parse(&key, out.data, out.len, NULL), 0);
    assert_memory_equal(&key, &f->key, sizeof(key));
    /* a missing last line end, and CRLF */
    assert_int_equal(sb_minisign_public_parse(&key, out.data, out.len - 1, NULL), 0);
    out.len = 0;
    assert_int_equal(sb_buf_puts(&out,
                                 "untrusted comment: \r\n"
                                 "RWRuOjfag5sZdaI/zny/GWQVJlbuqh6Vg7AZNHVQ0Yiwd2fg+QaNe+Fy\r\n"),
                     0);
    assert_int_equal(sb_minisign_public_parse(&key, out.data, out.len, NULL), 0);
    assert_int_equal(sb_minisign_public_parse(&key, out.data, out.len - 2, NULL), 0);
    sb_buf_free(&out);
}

static void public_format_refuses_bad_comments(void **state)
{
    struct fixture *f = *state;
    struct sb_buf out = {0};
    char comment[1005];
    memset(comment, 'c', sizeof(comment));
    comment[1004] = 0;
    assert_int_equal(sb_minisign_public_format(&out, &f->key, comment), SEALBAG_ERR_USAGE);
    assert_int_equal(sb_minisign_public_format(&out, &f->key, "a\nb"), SEALBAG_ERR_USAGE);
    assert_int_equal(sb_minisign_public_format(&out, &f->key, "a\xc2\x9b"), SEALBAG_ERR_USAGE);
    assert_int_equal(out.len, 0);
    comment[1003] = 0;
    assert_int_equal(sb_minisign_public_format(&out, &f->key, comment), 0);
    struct sb_minisign_public key;
    assert_int_equal(sb_minisign_public_parse(&key, out.data, out.len, NULL), 0);
    sb_buf_free(&out);
}

static void public_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "line 1 is missing"},
        {UC, "line 2 is missing"},
        {"\xef\xbb\xbf" UC KEY "\n", "line 1 begins with a byte order mark"},
        {"untrusted comment:x\n" KEY "\n", "line 1 does not begin with"},
        {"Untrusted comment: x\n" KEY "\n", "line 1 does not begin with"},
        {" untrusted comment: x\n" KEY "\n", "line 1 does not begin with"},
        {KEY "\n", "line 1 does not begin with"},
        {"\n" UC KEY "\n", "line 1 does not begin with"},
        {"untrusted comment: a\rb\n" KEY "\n", "line 1 has control characters"},
        {"untrusted comment: a\x1b[2J\n" KEY "\n", "line 1 has control characters"},
        {"untrusted comment: a\x7f\n" KEY "\n", "line 1 has control characters"},
        {"untrusted comment: a\xc2\x85\n" KEY "\n", "line 1 has control characters"},
        {UC "\n" KEY "\n", "line 2 is not base64"},
        {UC KEY "A\n", "line 2 is not base64"},
        {UC KEY " \n", "line 2 is not base64"},
        {UC " " KEY "\n", "line 2 is not base64"},
        {UC KEY "\r", "line 2 is not base64"},
        {UC "RWRuOjfag5sZdaI/zny/GWQVJlbuqh6Vg7AZNHVQ0Yiwd2fg+QaNe+E=\n", "line 2 is not base64"},
        {UC "RURuOjfag5sZdaI/zny/GWQVJlbuqh6Vg7AZNHVQ0Yiwd2fg+QaNe+Fy\n", "not an Ed25519 key"},
        {UC KEY "\n\n", "line 3 does not belong"},
        {UC KEY "\n" KEY "\n", "line 3 does not belong"},
        {UC KEY "\r\n", "line 2 does not end as"},
        {"untrusted comment: x\r\n" KEY "\n", "line 2 does not end as"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_error error = {0};
        struct sb_minisign_public key;
        assert_int_equal(
            sb_minisign_public_parse(&key, bytes_of(cases[i].text), strlen(cases[i].text), &error),
            SEALBAG_ERR_KEY);
        if (strstr(error.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error.message);
    }
}

static void public_secret_key_given(void **state)
{
    (void)state;
    char text[400];
    struct sb_error error = {0};
    struct sb_minisign_public key;
    int n = snprintf(text, sizeof(text), UC "%0212d\n", 0);
    assert_int_equal(sb_minisign_public_parse(&key, bytes_of(text), (size_t)n, &error),
                     SEALBAG_ERR_KEY);
    assert_non_null(strstr(error.message, "looks like a secret key"));
}

/* ---- signatures ------------------------------------------------------------------------ */

static int parse(struct sb_minisign_signature *out, const char *text, struct sb_error *error)
{
    return sb_minisign_signature_parse(out, bytes_of(text), strlen(text), error);
}

static bool holds(const uint8_t *bytes, size_t len, const uint8_t pk[SB_PK_SIZE])
{
    struct sb_minisign_signature signature;
    return sb_minisign_signature_parse(&signature, bytes, len, NULL) == 0 &&
           sb_minisign_signature_verify(&signature, pk, message, MESSAGE_LEN);
}

static void signature_stock(void **state)
{
    (void)state;
    struct sb_minisign_public key;
    struct sb_minisign_signature signature;
    assert_int_equal(
        sb_minisign_public_parse(&key, bytes_of(stock_public), sizeof(stock_public) - 1, NULL), 0);
    assert_int_equal(parse(&signature, stock_signature, NULL), 0);
    assert_memory_equal(signature.key_id, key.key_id, SB_KEY_ID_SIZE);
    assert_false(signature.has_key);
    assert_int_equal(signature.trusted_len, strlen("timestamp:1795598869\tfile:f\thashed"));
    assert_memory_equal(signature.trusted, "timestamp:1795598869\tfile:f\thashed",
                        signature.trusted_len);
    assert_true(sb_minisign_signature_verify(&signature, key.pk, bytes_of("hi\n"), 3));
    assert_false(sb_minisign_signature_verify(&signature, key.pk, bytes_of("hi"), 2));
    signature.trusted_len--;
    assert_false(sb_minisign_signature_verify(&signature, key.pk, bytes_of("hi\n"), 3));
    signature.trusted_len = 100000;
    assert_false(sb_minisign_signature_verify(&signature, key.pk, bytes_of("hi\n"), 3));
}

static void signature_legacy_is_refused(void **state)
{
    (void)state;
    struct sb_minisign_signature signature;
    struct sb_error error = {0};
    assert_int_equal(parse(&signature, stock_legacy, &error), SEALBAG_ERR_DAMAGED);
    assert_non_null(strstr(error.message, "old kind (Ed)"));
    assert_string_equal(error.rule, "seal.signature-syntax");
    /* the swap that the refusal is for: ED made Ed, and the digest given as the file */
    char text[sizeof(stock_signature)];
    memcpy(text, stock_signature, sizeof(text));
    memcpy(strstr(text, "\nRUR"), "\nRWR", 4);
    assert_int_equal(parse(&signature, text, &error), SEALBAG_ERR_DAMAGED);
    assert_non_null(strstr(error.message, "old kind (Ed)"));
}

static void sign_round_trip(void **state)
{
    struct fixture *f = *state;
    struct sb_minisign_signature signature;
    assert_int_equal(parse(&signature, (const char *)f->signature.data, NULL), 0);
    assert_true(signature.has_key);
    assert_memory_equal(&signature.key, &f->key, sizeof(f->key));
    assert_memory_equal(signature.key_id, f->key.key_id, SB_KEY_ID_SIZE);
    assert_true(sb_minisign_signature_verify(&signature, f->key.pk, message, MESSAGE_LEN));
    assert_false(sb_minisign_signature_verify(&signature, f->other.pk, message, MESSAGE_LEN));
    assert_false(sb_minisign_signature_verify(&signature, f->key.pk, message, MESSAGE_LEN - 1));
    assert_string_equal(f->line[0],
                        "untrusted comment: signature by sealbag, key 0807060504030201");
    static const char start[] =
        "trusted comment: timestamp:1764061962\tfile:seal.txt\thashed\tsealbag:1\tkey:RWQ";
    assert_memory_equal(f->line[2], start, sizeof(start) - 1);
}

static void sign_is_deterministic_and_appends(void **state)
{
    struct fixture *f = *state;
    struct sb_buf out = {0};
    assert_int_equal(sb_buf_puts(&out, "before"), 0);
    assert_int_equal(sb_minisign_sign(&out, &f->key, f->sk, NULL, message, MESSAGE_LEN, 1764061962,
                                      "seal.txt", NULL),
                     0);
    assert_int_equal(out.len, 6 + f->signature.len);
    assert_memory_equal(out.data, "before", 6);
    assert_memory_equal(out.data + 6, f->signature.data, f->signature.len);
    out.len = 0;
    assert_int_equal(sb_minisign_sign(&out, &f->key, f->sk, NULL, NULL, 0, 0, "x", NULL), 0);
    struct sb_minisign_signature signature;
    assert_int_equal(parse(&signature, (const char *)out.data, NULL), 0);
    assert_true(sb_minisign_signature_verify(&signature, f->key.pk, NULL, 0));
    sb_buf_free(&out);
}

static void sign_refuses(void **state)
{
    struct fixture *f = *state;
    struct sb_buf out = {0};
    struct sb_error error = {0};
    char name[1002];
    memset(name, 'n', sizeof(name));
    name[1001] = 0;
    assert_int_equal(sb_minisign_sign(&out, &f->key, f->sk, NULL, message, 1, 0, name, &error),
                     SEALBAG_ERR_USAGE);
    assert_int_equal(
        sb_minisign_sign(&out, &f->key, f->sk, NULL, message, 1, 0, "a\tkey:b", &error),
        SEALBAG_ERR_USAGE);
    assert_int_equal(sb_minisign_sign(&out, &f->key, f->sk, NULL, message, 1, 0, "a\nb", &error),
                     SEALBAG_ERR_USAGE);
    assert_int_equal(sb_minisign_sign(&out, &f->other, f->sk, NULL, message, 1, 0, "a", &error),
                     SEALBAG_ERR_KEY);
    assert_null(out.data);
    assert_non_null(strstr(error.message, "do not belong together"));
}

/* Joins four lines, of which one is replaced, each with an end. */
static size_t join(char *out, size_t size, const struct fixture *f, size_t index, const char *line,
                   const char *end)
{
    const char *l[4] = {f->line[0], f->line[1], f->line[2], f->line[3]};
    if (index < 4)
        l[index] = line;
    int n = snprintf(out, size, "%s%s%s%s%s%s%s%s", l[0], end, l[1], end, l[2], end, l[3], end);
    assert_true(n > 0 && (size_t)n < size);
    return (size_t)n;
}

static void signature_line_ends(void **state)
{
    struct fixture *f = *state;
    char text[2000];
    size_t n = join(text, sizeof(text), f, 4, "", "\r\n");
    assert_true(holds(bytes_of(text), n, f->key.pk));
    assert_false(holds(bytes_of(text), n - 1, f->key.pk)); /* a lone CR */
    assert_true(holds(bytes_of(text), n - 2, f->key.pk));
    n = join(text, sizeof(text), f, 4, "", "\n");
    assert_true(holds(bytes_of(text), n, f->key.pk));
    assert_true(holds(bytes_of(text), n - 1, f->key.pk));
    assert_false(holds(bytes_of(text), join(text, sizeof(text), f, 4, "", "\r"), f->key.pk));
    assert_false(holds(bytes_of(text), join(text, sizeof(text), f, 4, "", " \n"), f->key.pk));
    for (size_t i = 0; i < 4; i++) { /* one line of another kind */
        char line[600];
        snprintf(line, sizeof(line), "%s\r", f->line[i]);
        n = join(text, sizeof(text), f, i, line, "\n");
        assert_false(holds(bytes_of(text), n, f->key.pk));
    }
}

static void signature_malformed(void **state)
{
    struct fixture *f = *state;
    char padded[200], spaced[200], extra[200], odd[200];
    snprintf(padded, sizeof(padded), "%s=", f->line[1]);
    snprintf(spaced, sizeof(spaced), "%s ", f->line[1]);
    snprintf(extra, sizeof(extra), "%s\n", f->line[3]);
    snprintf(odd, sizeof(odd), "XX%s", f->line[1] + 2);
    const struct {
        size_t index;
        const char *line, *says;
    } cases[] = {
        {0, "trusted comment: a", "line 1 does not begin"},
        {0, "", "line 1 does not begin"},
        {0, "untrusted comment: \x01", "line 1 has control"},
        {0, "\xef\xbb\xbfuntrusted comment: a", "line 1 begins with a byte order mark"},
        {1, padded, "line 2 is not base64"},
        {1, spaced, "line 2 is not base64"},
        {1, "", "line 2 is not base64"},
        {1, f->line[3], "line 2 is not base64"},
        {1, odd, "line 2 is not an Ed25519 signature"},
        {2, "untrusted comment: a", "line 3 does not begin"},
        {2, "trusted comment:", "line 3 does not begin"},
        {2, "trusted comment: a\rb", "line 3 has control"},
        {2, "trusted comment: a\x1b", "line 3 has control"},
        {2, "trusted comment: a\xc2\x80", "line 3 has control"},
        {2, "trusted comment: key:", "line 3 has a malformed key"},
        {2, "trusted comment: key:" KEY "A", "line 3 has a malformed key"},
        {2, "trusted comment: key:" KEY " ", "line 3 has a malformed key"},
        {2, "trusted comment: key:" KEY, "line 3 names a key with another id"},
        {2, "trusted comment: a\tkey:RURuOjfag5sZdaI/zny/GWQVJlbuqh6Vg7AZNHVQ0Yiwd2fg+QaNe+Fy",
         "line 3 has a malformed key"},
        {3, "", "line 4 is not base64"},
        {3, f->line[1], "line 4 is not base64"},
        {3, extra, "line 5 does not belong"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[2000];
        struct sb_error error = {0};
        struct sb_minisign_signature signature;
        join(text, sizeof(text), f, cases[i].index, cases[i].line, "\n");
        assert_int_equal(parse(&signature, text, &error), SEALBAG_ERR_DAMAGED);
        if (strstr(error.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error.message);
        assert_int_equal(signature.trusted_len, 0);
    }
}

static void signature_key_field(void **state)
{
    struct fixture *f = *state;
    char line[400], text[2000];
    struct sb_error error = {0};
    struct sb_minisign_signature signature;
    const char *key = strstr(f->line[2], "key:");
    assert_non_null(key);
    snprintf(line, sizeof(line), "trusted comment: %s\tx\t%s", key, key);
    join(text, sizeof(text), f, 2, line, "\n");
    assert_int_equal(parse(&signature, text, &error), SEALBAG_ERR_DAMAGED);
    assert_non_null(strstr(error.message, "names two keys"));
    /* alone, before and after an empty field */
    for (size_t i = 0; i < 3; i++) {
        const char *before = i == 2 ? "\t" : "";
        const char *after = i == 1 ? "\t" : "";
        snprintf(line, sizeof(line), "trusted comment: %s%s%s", before, key, after);
        join(text, sizeof(text), f, 2, line, "\n");
        assert_int_equal(parse(&signature, text, NULL), 0);
        assert_true(signature.has_key);
    }
    join(text, sizeof(text), f, 2, "trusted comment: monkey:x", "\n");
    assert_int_equal(parse(&signature, text, NULL), 0);
    assert_false(signature.has_key);
    join(text, sizeof(text), f, 2, "trusted comment: ", "\n");
    assert_int_equal(parse(&signature, text, NULL), 0);
    assert_int_equal(signature.trusted_len, 0);
}

static void signature_long_comments(void **state)
{
    struct fixture *f = *state;
    static char text[12000], line[9000];
    struct sb_minisign_signature signature;
    for (size_t extra = 0; extra < 2; extra++) {
        int expected = extra == 0 ? 0 : SEALBAG_ERR_DAMAGED;
        memset(line, 'c', sizeof(line));
        memcpy(line, "untrusted comment: ", 19);
        line[19 + 1003 + extra] = 0;
        join(text, sizeof(text), f, 0, line, "\n");
        assert_int_equal(parse(&signature, text, NULL), expected);
        memset(line, 'c', sizeof(line));
        memcpy(line, "trusted comment: ", 17);
        line[17 + 8173 + extra] = 0;
        join(text, sizeof(text), f, 2, line, "\n");
        assert_int_equal(parse(&signature, text, NULL), expected);
        if (extra == 0)
            assert_false(sb_minisign_signature_verify(&signature, f->key.pk, message, MESSAGE_LEN));
    }
}

static void signature_truncated(void **state)
{
    struct fixture *f = *state;
    for (size_t n = 0; n < f->signature.len; n++) {
        /* an exact copy, so that a read beyond it is seen by the sanitizer */
        uint8_t *copy = malloc(n + 1);
        assert_non_null(copy);
        memcpy(copy, f->signature.data, n);
        uint8_t *exact = realloc(copy, n > 0 ? n : 1);
        assert_non_null(exact);
        assert_int_equal(holds(exact, n, f->key.pk), n == f->signature.len - 1);
        free(exact);
    }
}

/* Whatever one bit is changed outside of the untrusted comment's text, it does not verify. */
static void signature_bit_flips(void **state)
{
    struct fixture *f = *state;
    size_t comment_end = strlen(f->line[0]);
    struct sb_buf copy = {0};
    assert_int_equal(sb_buf_append(&copy, f->signature.data, f->signature.len), 0);
    for (size_t i = 0; i < copy.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            copy.data[i] ^= (uint8_t)(1U << bit);
            if (holds(copy.data, copy.len, f->key.pk) && !(i >= 19 && i < comment_end))
                fail_msg("bit %u of byte %zu does not matter", bit, i);
            copy.data[i] ^= (uint8_t)(1U << bit);
        }
    }
    assert_true(holds(copy.data, copy.len, f->key.pk));
    sb_buf_free(&copy);
}

/* S + L is another spelling of the same signature (RFC 8032, section 5.1.7). */
static void signature_not_canonical(void **state)
{
    struct fixture *f = *state;
    static const char order[] = "\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14"
                                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
    struct sb_minisign_signature signature;
    assert_int_equal(parse(&signature, (const char *)f->signature.data, NULL), 0);
    sodium_add(signature.sig + 32, bytes_of(order), 32);
    assert_false(sb_minisign_signature_verify(&signature, f->key.pk, message, MESSAGE_LEN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_stock),
        cmocka_unit_test(public_round_trip),
        cmocka_unit_test(public_format_refuses_bad_comments),
        cmocka_unit_test(public_malformed),
        cmocka_unit_test(public_secret_key_given),
        cmocka_unit_test(signature_stock),
        cmocka_unit_test(signature_legacy_is_refused),
        cmocka_unit_test(sign_round_trip),
        cmocka_unit_test(sign_is_deterministic_and_appends),
        cmocka_unit_test(sign_refuses),
        cmocka_unit_test(signature_line_ends),
        cmocka_unit_test(signature_malformed),
        cmocka_unit_test(signature_key_field),
        cmocka_unit_test(signature_long_comments),
        cmocka_unit_test(signature_truncated),
        cmocka_unit_test(signature_bit_flips),
        cmocka_unit_test(signature_not_canonical),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
