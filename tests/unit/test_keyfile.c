/* Secret key files: stock files, round trips, one failure each, and what happens without memory.
 * The slow tests (1 GiB, a second) are skipped when SEALBAG_TEST_FAST is set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "sign/keyfile.h"
#include "unit/stock_key.h"

/* Written by minisign 0.11: `minisign -G` with the passphrase "pw". */
static const char stock_locked[] =
    "untrusted comment: minisign encrypted secret key\n"
    "RWRTY0IyY4nNoKlwFZlZqNI+mnSeE+EP2POqsB9ZzCUtVOdf2msAAAACAAAAAAAAAEAAAAAABfJ+SvAjq1sXlFqTnq9s6c"
    "DvYGKAhqGKJ4z3dKsqpxc7e15sNbz28jm9d0cLTE4EF+E0Z8FRHkds5lBvZTzCl7/qcQ34sws++1qup586Sck5MPHXWaPH"
    "yA+ZDixUH3bGrtnnpW+107Y=\n";

enum { RAW = 158, KDF = 2, CHECKSUM = 4, SALT = 6, OPS = 38, MEM = 46 };
enum { ID = 54, SK = 62, CHK = 126 };
enum { OPS_LOW = 32768, MEM_LOW = 16777216 };

#define UC "untrusted comment: x\n"

static bool slow_allowed(void)
{
    return getenv("SEALBAG_TEST_FAST") == NULL;
}

static const uint8_t *bytes_of(const char *text)
{
    return (const uint8_t *)text;
}

static void put_le(uint8_t *to, uint64_t value)
{
    for (size_t i = 0; i < 8; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

/* A file without a passphrase, made by other code than the one under test. */
static void make_plain(uint8_t raw[RAW])
{
    uint8_t seed[32] = {7};
    uint8_t pk[32];
    memset(raw, 0, RAW);
    memcpy(raw, "Ed\0\0B2", 6);
    memcpy(raw + ID, "keyident", 8);
    crypto_sign_seed_keypair(pk, raw + SK, seed);
}

/* With the least that is allowed, which takes some milliseconds. */
static void lock(uint8_t raw[RAW], const char *passphrase)
{
    uint8_t stream[104], hashed[2 + 8 + 64];
    memcpy(raw + KDF, "Sc", 2);
    memset(raw + SALT, 's', 32);
    put_le(raw + OPS, OPS_LOW);
    put_le(raw + MEM, MEM_LOW);
    memcpy(hashed, "Ed", 2);
    memcpy(hashed + 2, raw + ID, 8 + 64);
    crypto_generichash(raw + CHK, 32, hashed, sizeof(hashed), NULL, 0);
    int r = crypto_pwhash_scryptsalsa208sha256(stream, 104, passphrase, strlen(passphrase),
                                               raw + SALT, OPS_LOW, MEM_LOW);
    assert_int_equal(r, 0);
    for (size_t i = 0; i < 104; i++)
        raw[ID + i] ^= stream[i];
}

static size_t encode(char text[400], const uint8_t raw[RAW])
{
    char base64[220];
    sodium_bin2base64(base64, sizeof(base64), raw, RAW, sodium_base64_VARIANT_ORIGINAL);
    return (size_t)snprintf(text, 400, UC "%s\n", base64);
}

static int parse_text(struct sb_secret_key **key, const char *text, const char *passphrase,
                      struct sb_error *error)
{
    *key = NULL;
    return sb_keyfile_parse(key, bytes_of(text), strlen(text), passphrase,
                            passphrase != NULL ? strlen(passphrase) : 0, error);
}

static int parse(struct sb_secret_key **key, const uint8_t raw[RAW], const char *passphrase,
                 struct sb_error *error)
{
    char text[400];
    encode(text, raw);
    return parse_text(key, text, passphrase, error);
}

/* The public key as in minisign's .pub file. */
static void check_stock(const char *secret, const char *base64, const char *passphrase)
{
    struct sb_secret_key *key = NULL;
    uint8_t expected[42];
    bool encrypted = passphrase == NULL;
    assert_int_equal(sb_keyfile_probe(&encrypted, bytes_of(secret), strlen(secret), NULL), 0);
    assert_int_equal(encrypted, passphrase != NULL);
    assert_int_equal(parse_text(&key, secret, passphrase, NULL), 0);
    assert_true(sb_base64_decode(expected, 42, base64, 56));
    assert_memory_equal(key->public.key_id, expected + 2, 8);
    assert_memory_equal(key->public.pk, expected + 10, 32);
    assert_memory_equal(key->sk + 32, expected + 10, 32);
    sb_secret_key_free(key);
}

static void parse_stock(void **state)
{
    (void)state;
    check_stock(stock_plain, "RWRuOjfag5sZdaI/zny/GWQVJlbuqh6Vg7AZNHVQ0Yiwd2fg+QaNe+Fy", NULL);
    if (slow_allowed())
        check_stock(stock_locked, "RWTvtHnHljqTCPk9TerkaIQG0ixU5ZoGyp++N1gNrmm5NHQek0vSe835", "pw");
}

static void parse_plain_forms(void **state)
{
    (void)state;
    uint8_t raw[RAW];
    char text[400], crlf[400];
    struct sb_secret_key *key = NULL;
    make_plain(raw);
    /* what a converted file leaves behind is not looked at, and neither is a passphrase */
    memset(raw + SALT, 0xff, 48);
    memset(raw + CHK, 0xff, 32);
    assert_int_equal(parse(&key, raw, "unneeded", NULL), 0);
    assert_memory_equal(key->sk, raw + SK, 64);
    assert_memory_equal(key->public.key_id, "keyident", 8);
    sb_secret_key_free(key);
    size_t n = encode(text, raw);
    assert_int_equal(sb_keyfile_parse(&key, bytes_of(text), n - 1, NULL, 0, NULL), 0);
    sb_secret_key_free(key);
    n = (size_t)snprintf(crlf, sizeof(crlf), "untrusted comment: x\r\n%.212s\r\n", text + 21);
    assert_int_equal(sb_keyfile_parse(&key, bytes_of(crlf), n, NULL, 0, NULL), 0);
    sb_secret_key_free(key);
    sb_secret_key_free(NULL);
}

static void refused(const char *text, const char *says)
{
    struct sb_error error = {0};
    struct sb_secret_key *key = NULL;
    bool encrypted = false;
    assert_int_equal(parse_text(&key, text, "pw", &error), SEALBAG_ERR_KEY);
    if (strstr(error.message, says) == NULL)
        fail_msg("not \"%s\": %s", says, error.message);
    assert_int_equal(sb_keyfile_probe(&encrypted, bytes_of(text), strlen(text), NULL),
                     SEALBAG_ERR_KEY);
    assert_null(key);
}

static void parse_malformed_text(void **state)
{
    (void)state;
    uint8_t raw[RAW];
    char good[400], text[800];
    make_plain(raw);
    encode(good, raw);
    const char *base64 = good + strlen(UC);
    static const struct {
        const char *before, *after, *says;
    } cases[] = {
        {"", "", "line 1 does not begin with"},
        {"\xef\xbb\xbf" UC, "", "line 1 begins with a byte order mark"},
        {"untrusted comment: \x1b\n", "", "line 1 has control"},
        {"untrusted comment: a\rb\n", "", "line 1 has control"},
        {UC " ", "", "line 2 is not base64"},
        {UC "A", "", "line 2 is not base64"},
        {"untrusted comment: a\r\n", "", "line 2 does not end as"},
        {UC, "\n", "line 3 does not belong"},
        {UC, UC, "line 3 does not belong"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text), "%s%s%s", cases[i].before, base64, cases[i].after);
        refused(text, cases[i].says);
    }
    /* cut off anywhere but before the last line end */
    for (size_t n = strlen(good) - 1; n-- > 0;) {
        good[n] = 0;
        refused(good, "line ");
    }
}

static void parse_malformed_record(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        const char *bytes, *says;
    } cases[] = {
        {0, "ED", "not an Ed25519 key"},
        {0, "\0\0", "not an Ed25519 key"},
        {KDF, "Sd", "encrypted in an unknown"},
        {KDF, "S\0", "encrypted in an unknown"},
        {KDF, "\0c", "encrypted in an unknown"},
        {CHECKSUM, "B3", "checksum of an unknown kind"},
        {CHECKSUM, "\0\0", "checksum of an unknown kind"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t raw[RAW];
        char text[400];
        make_plain(raw);
        memcpy(raw + cases[i].at, cases[i].bytes, 2);
        encode(text, raw);
        refused(text, cases[i].says);
    }
}

/* Refused before any work: these would otherwise take many GiB, or hours. */
static void parse_limits(void **state)
{
    (void)state;
    static const struct {
        uint64_t ops, mem;
        const char *says;
    } cases[] = {
        {SB_KEYFILE_OPS_MAX + 1, MEM_LOW, "more memory or time"},
        {OPS_LOW, SB_KEYFILE_MEM_MAX + 1, "more memory or time"},
        {UINT64_MAX, UINT64_MAX, "more memory or time"},
        {UINT64_C(1) << 63, MEM_LOW, "more memory or time"},
        {OPS_LOW - 1, MEM_LOW, "protected less"},
        {OPS_LOW, MEM_LOW - 1, "protected less"},
        {SB_KEYFILE_OPS_MAX, 1, "protected less"}, /* 2 GiB in libsodium */
        {0, 0, "protected less"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t raw[RAW];
        char text[400];
        make_plain(raw);
        memcpy(raw + KDF, "Sc", 2);
        put_le(raw + OPS, cases[i].ops);
        put_le(raw + MEM, cases[i].mem);
        encode(text, raw);
        refused(text, cases[i].says);
    }
}

static void parse_locked(void **state)
{
    (void)state;
    uint8_t plain[RAW], raw[RAW];
    char text[400];
    struct sb_error error = {0};
    struct sb_secret_key *key = NULL;
    bool encrypted = false;
    make_plain(plain);
    memcpy(raw, plain, RAW);
    lock(raw, "correct horse");
    size_t n = encode(text, raw);
    assert_int_equal(sb_keyfile_probe(&encrypted, bytes_of(text), n, NULL), 0);
    assert_true(encrypted);
    assert_int_equal(parse(&key, raw, "correct horse", NULL), 0);
    assert_memory_equal(key->sk, plain + SK, 64);
    assert_memory_equal(&key->public, plain + ID, 8);
    assert_memory_equal(key->public.pk, plain + SK + 32, 32);
    sb_secret_key_free(key);

    assert_int_equal(parse(&key, raw, "correct horsf", &error), SEALBAG_ERR_PASSPHRASE);
    assert_non_null(strstr(error.message, "passphrase is wrong"));
    assert_int_equal(parse(&key, raw, "", &error), SEALBAG_ERR_PASSPHRASE);
    assert_int_equal(parse(&key, raw, NULL, &error), SEALBAG_ERR_PASSPHRASE);
    assert_non_null(strstr(error.message, "none was given"));
    static const size_t fields[] = {SALT, SALT + 31, ID, ID + 7, SK, SK + 63, CHK, CHK + 31};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        raw[fields[i]] ^= 1;
        assert_int_equal(parse(&key, raw, "correct horse", NULL), SEALBAG_ERR_PASSPHRASE);
        raw[fields[i]] ^= 1;
    }
    /* called not encrypted, the same bytes are no key */
    memset(raw + KDF, 0, 2);
    assert_int_equal(parse(&key, raw, "correct horse", NULL), SEALBAG_ERR_KEY);
    assert_null(key);
}

/* Signing with another public key would give the secret away. */
static void parse_wrong_pair(void **state)
{
    (void)state;
    uint8_t raw[RAW];
    struct sb_error error = {0};
    struct sb_secret_key *key = NULL;
    for (size_t at = SK; at < SK + 64; at++) {
        make_plain(raw);
        raw[at] ^= 0x10;
        assert_int_equal(parse(&key, raw, NULL, &error), SEALBAG_ERR_KEY);
        assert_non_null(strstr(error.message, "does not belong to its secret"));
    }
    make_plain(raw);
    raw[SK + 40] ^= 1;
    lock(raw, "pw"); /* with a checksum that fits */
    assert_int_equal(parse(&key, raw, "pw", &error), SEALBAG_ERR_KEY);
    assert_null(key);
}

/* ---- making keys ----------------------------------------------------------------------- */

struct made {
    struct sb_secret_key *key;
    char *secret;
    struct sb_buf public;
};

static int make(struct made *made, const char *comment, const char *passphrase,
                struct sb_error *error)
{
    *made = (struct made){0};
    return sb_keyfile_generate(&made->key, &made->secret, &made->public, comment, passphrase,
                               passphrase != NULL ? strlen(passphrase) : 0, error);
}

/* That both files give the key back and that it signs; frees all. */
static void check_made(struct made *made, const char *passphrase)
{
    static const uint8_t message[] = "m";
    struct sb_secret_key *again = NULL;
    const struct sb_secret_key *key = made->key;
    struct sb_minisign_public read;
    struct sb_minisign_signature signature;
    struct sb_buf out = {0};
    assert_int_equal(parse_text(&again, made->secret, passphrase, NULL), 0);
    assert_memory_equal(again, key, sizeof(*key));
    sb_secret_key_free(again);
    assert_int_equal(sb_minisign_public_parse(&read, made->public.data, made->public.len, NULL), 0);
    assert_memory_equal(&read, &key->public, sizeof(read));
    assert_int_equal(sb_minisign_sign(&out, &key->public, key->sk, NULL, message, 1, 1, "m", NULL),
                     0);
    assert_int_equal(sb_minisign_signature_parse(&signature, out.data, out.len, NULL), 0);
    assert_true(sb_minisign_signature_verify(&signature, read.pk, message, 1));
    sb_buf_free(&out);
    sb_secret_key_free(made->key);
    sodium_free(made->secret);
    sb_buf_free(&made->public);
}

static void generate_plain(void **state)
{
    (void)state;
    struct made one, two;
    static const char comment[] =
        "untrusted comment: sealbag secret key (not encrypted)\nRWQAAEIyA";
    assert_int_equal(make(&one, NULL, NULL, NULL), 0);
    assert_int_equal(make(&two, "Desk", NULL, NULL), 0);
    assert_memory_equal(one.secret, comment, sizeof(comment) - 1);
    assert_memory_equal(one.public.data, "untrusted comment: minisign public key ", 39);
    assert_memory_equal(two.secret, "untrusted comment: Desk\n", 24);
    assert_memory_equal(two.public.data, "untrusted comment: Desk\n", 24);
    assert_memory_not_equal(one.key->sk, two.key->sk, 64);
    assert_memory_not_equal(one.key->public.key_id, two.key->public.key_id, 8);
    check_made(&one, NULL);
    check_made(&two, NULL);
}

static void generate_locked(void **state)
{
    (void)state;
    if (!slow_allowed())
        skip();
    struct made made;
    static const char comment[] = "untrusted comment: sealbag encrypted secret key\nRWRTY0Iy";
    assert_int_equal(make(&made, NULL, "pass", NULL), 0);
    assert_memory_equal(made.secret, comment, sizeof(comment) - 1);
    check_made(&made, "pass");
}

static void generate_refuses(void **state)
{
    (void)state;
    struct made made;
    char longest[1002];
    memset(longest, 'c', sizeof(longest));
    longest[1001] = 0;
    const struct {
        const char *comment, *passphrase;
        int code;
    } cases[] = {
        {longest, NULL, SEALBAG_ERR_USAGE},      {"a\nb", NULL, SEALBAG_ERR_USAGE},
        {"a\tb", NULL, SEALBAG_ERR_USAGE},       {"a\x1b[2J", NULL, SEALBAG_ERR_USAGE},
        {"a\xc2\x9bz", NULL, SEALBAG_ERR_USAGE}, {NULL, "", SEALBAG_ERR_PASSPHRASE},
        {NULL, longest, SEALBAG_ERR_PASSPHRASE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_error error = {0};
        assert_int_equal(make(&made, cases[i].comment, cases[i].passphrase, &error), cases[i].code);
        assert_true(strlen(error.message) > 20);
        assert_true(made.key == NULL && made.secret == NULL && made.public.data == NULL);
    }
    longest[1000] = 0;
    assert_int_equal(make(&made, longest, NULL, NULL), 0);
    check_made(&made, NULL);
}

/* ---- without memory: in a child whose address space is limited ------------------------- */

static bool limit_memory(size_t extra)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0)
        return false;
    /* the lowest limit that still lets 1 MiB be had, so that about `extra` is free */
    for (rlim_t mib = 4; mib < 512; mib++) {
        limit.rlim_cur = mib << 20;
        if (setrlimit(RLIMIT_AS, &limit) != 0)
            return false;
        void *volatile probe = malloc(1 << 20);
        free(probe);
        if (probe != NULL) {
            limit.rlim_cur += extra;
            return setrlimit(RLIMIT_AS, &limit) == 0;
        }
    }
    return false;
}

static int child_halves(void)
{
    struct made made;
    struct sb_secret_key *key = NULL;
    uint8_t raw[RAW];
    if (!limit_memory(80U << 20))
        return 1;
    if (make(&made, NULL, "pw", NULL) != 0 || parse_text(&key, made.secret, "pw", NULL) != 0)
        return 2;
    if (memcmp(key, made.key, sizeof(*key)) != 0 ||
        !sb_base64_decode(raw, RAW, strchr(made.secret, '\n') + 1, 212))
        return 3;
    /* at most 64 MiB, and as many operations fewer */
    uint64_t mem = (uint64_t)raw[MEM + 3] << 24 | (uint64_t)raw[MEM + 2] << 16;
    uint64_t ops = (uint64_t)raw[OPS + 3] << 24 | (uint64_t)raw[OPS + 2] << 16;
    return mem <= 64U << 20 && mem >= MEM_LOW && ops == mem / 32 ? 0 : 4;
}

static int child_has_none(void)
{
    struct made made;
    struct sb_secret_key *key = NULL;
    struct sb_error error = {0};
    if (!limit_memory(2U << 20))
        return 1;
    if (make(&made, NULL, "pw", NULL) != SEALBAG_ERR_MEMORY || made.key != NULL)
        return 2;
    if (parse_text(&key, stock_locked, "pw", &error) != SEALBAG_ERR_MEMORY)
        return 3;
    return key == NULL && strstr(error.message, "1024 MiB") != NULL ? 0 : 4;
}

static void run_child(int (*run)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        exit(run());
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void memory_is_short(void **state)
{
    (void)state;
    if (SANITIZED || !slow_allowed())
        skip();
    run_child(child_halves);
    run_child(child_has_none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_stock),          cmocka_unit_test(parse_plain_forms),
        cmocka_unit_test(parse_malformed_text), cmocka_unit_test(parse_malformed_record),
        cmocka_unit_test(parse_limits),         cmocka_unit_test(parse_locked),
        cmocka_unit_test(parse_wrong_pair),     cmocka_unit_test(generate_plain),
        cmocka_unit_test(generate_locked),      cmocka_unit_test(generate_refuses),
        cmocka_unit_test(memory_is_short),
    };
    return sb_sign_init(NULL) < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
