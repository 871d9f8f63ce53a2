/* OpenSSH public keys, plain and FIDO, and public key files of either kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "sign/minisign.h"
#include "sign/sshkey.h"

/* RFC 8032, section 7.1, test 1 */
#define KEY "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
/* The same bytes as a FIDO key for "ssh:". */
#define SK "sk-ssh-ed25519@openssh.com"
#define SK_KEY                                                                                     \
    "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAINdamAGCsQq31Uv+08lk"                             \
    "BzoO4XLz2qYjJa8CGmj3B1EaAAAABHNzaDo="
static const char key_hex[] = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

static const uint8_t *bytes_of(const char *text)
{
    return (const uint8_t *)text;
}

static void key_good(void **state)
{
    (void)state;
    static const char *const good[] = {
        "ssh-ed25519 " KEY,
        "ssh-ed25519 " KEY "\n",
        "ssh-ed25519 " KEY "\r\n",
        "ssh-ed25519 " KEY " ",
        "ssh-ed25519 " KEY " anna@example.org\n",
        "ssh-ed25519 " KEY " Anna  \xc3\x84, desk 2 \n",
    };
    struct sb_identity expected = {0}, key;
    assert_true(sb_hex_decode(expected.pk, 32, key_hex, 64, false));
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        memset(&key, 0xff, sizeof(key));
        assert_int_equal(sb_sshkey_parse(&key, bytes_of(good[i]), strlen(good[i]), NULL), 0);
        assert_true(sb_identity_equal(&key, &expected));
        memset(&key, 0xff, sizeof(key));
        assert_int_equal(sb_public_key_parse(&key, bytes_of(good[i]), strlen(good[i]), NULL), 0);
        assert_true(sb_identity_equal(&key, &expected));
    }
    struct sb_buf out = {0};
    assert_int_equal(sb_sshkey_format(&out, &expected), 0);
    assert_string_equal((const char *)out.data, good[0]);
    sb_buf_free(&out);
}

static void key_bad(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "it is empty"},
        {"\n", "does not begin with"},
        {"ssh-ed25519", "not such a key"},
        {"ssh-ed25519 ", "not such a key"},
        {"ssh-ed25519  " KEY, "not such a key"},
        {" ssh-ed25519 " KEY, "does not begin with"},
        {"ssh-ed25519\t" KEY, "a tab or another"},
        {"SSH-ED25519 " KEY, "does not begin with"},
        {KEY, "does not begin with"},
        {"\xef\xbb\xbfssh-ed25519 " KEY, "byte order mark"},
        {"ssh-ed25519 " KEY "A", "not such a key"},
        {"ssh-ed25519 " KEY "=", "not such a key"},
        {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE4AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
         "not such a key"},
        {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
         "not such a key"},
        {"ssh-ed25519 AAAAB3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
         "not such a key"},
        {"ssh-ed25519 " KEY " a\tb", "control characters"},
        {"ssh-ed25519 " KEY " a\r", "control characters"},
        {"ssh-ed25519 " KEY " \x1b[2J\n", "control characters"},
        {"ssh-ed25519 " KEY "\n\n", "more than one line"},
        {"ssh-ed25519 " KEY "\nssh-ed25519 " KEY "\n", "more than one line"},
        {"ssh-rsa AAAA", "of the type ssh-rsa"},
        {"ecdsa-sha2-nistp256 AAAA", "only Ed25519"},
        {"sk-ecdsa-sha2-nistp256@openssh.com AAAA", "only Ed25519"},
        {SK " AAAA", "not such a key"},
        {SK " " KEY, "not such a key"},
        {"ssh-ed25519 " SK_KEY, "not such a key"},
        {SK " " SK_KEY "AAAA", "not such a key"},
        {"ssh-\x1b[2J AAAA", "a tab or another control"},
        {"ssh-\xe2\x80\xae AAAA", "ssh-\\u{202e}"},
        {"ssh-ed25519\r\n" KEY, "more than one line"},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3\n", "looks like a private key"},
        {"namespaces=\"a\" ssh-ed25519 " KEY, "does not begin with"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_error error = {0};
        struct sb_identity key;
        size_t len = strlen(cases[i].text);
        assert_int_equal(sb_sshkey_parse(&key, bytes_of(cases[i].text), len, &error),
                         SEALBAG_ERR_KEY);
        if (strstr(error.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error.message);
        assert_int_equal(sb_public_key_parse(&key, bytes_of(cases[i].text), len, NULL),
                         SEALBAG_ERR_KEY);
    }
    struct sb_identity key;
    assert_int_equal(sb_sshkey_parse(&key, bytes_of("ssh-a\0b"), 7, NULL), SEALBAG_ERR_KEY);
}

static void key_of_either_format(void **state)
{
    (void)state;
    struct sb_minisign_public key = {.key_id = {1}};
    struct sb_identity found, expected;
    struct sb_buf out = {0};
    assert_true(sb_hex_decode(key.pk, 32, key_hex, 64, false));
    sb_identity_plain(&expected, key.pk);
    assert_int_equal(sb_minisign_public_format(&out, &key, NULL), 0);
    assert_int_equal(sb_public_key_parse(&found, out.data, out.len, NULL), 0);
    assert_true(sb_identity_equal(&found, &expected));
    struct sb_error error = {0};
    assert_int_equal(sb_public_key_parse(&found, out.data, out.len - 2, &error), SEALBAG_ERR_KEY);
    assert_non_null(strstr(error.message, "minisign"));
    sb_buf_free(&out);
}

static void put_u32(struct sb_buf *out, size_t value)
{
    uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                        (uint8_t)value};
    assert_int_equal(sb_buf_append(out, bytes, 4), 0);
}

static void put_string(struct sb_buf *out, const void *bytes, size_t len)
{
    put_u32(out, len);
    assert_int_equal(sb_buf_append(out, bytes, len), 0);
}

static void put_text(struct sb_buf *out, const char *text)
{
    put_string(out, text, strlen(text));
}

/* The fingerprint is what ssh-keygen -l shows for this key. */
static void key_fido(void **state)
{
    (void)state;
    static const char line[] = SK " " SK_KEY " touch me\n";
    struct sb_identity plain = {0}, key;
    struct sb_buf out = {0};
    char text[SEALBAG_FINGERPRINT_SIZE];
    assert_true(sb_hex_decode(plain.pk, 32, key_hex, 64, false));
    assert_int_equal(sb_public_key_parse(&key, bytes_of(line), sizeof(line) - 1, NULL), 0);
    assert_memory_equal(key.pk, plain.pk, SB_PK_SIZE);
    assert_string_equal(key.application, "ssh:");
    assert_true(sb_identity_is_fido(&key));
    assert_false(sb_identity_is_fido(&plain));
    assert_false(sb_identity_equal(&key, &plain));
    sb_fingerprint_text(text, &key);
    assert_string_equal(text, "SHA256:RxsWX5EQt+xo0Ss98l4A8DNJ465vhojTye2hqzKLrSM");
    assert_int_equal(sb_sshkey_format(&out, &key), 0);
    assert_string_equal((const char *)out.data, SK " " SK_KEY);
    sb_buf_free(&out);
}

/* An application is 1 to 128 bytes without control characters. */
static void key_fido_application(void **state)
{
    (void)state;
    static const struct {
        const char *byte;
        size_t len;
        int r;
    } cases[] = {
        {"a", 0, SEALBAG_ERR_KEY},
        {"a", 1, 0},
        {"a", 128, 0},
        {"a", 129, SEALBAG_ERR_KEY},
        {"a", 500, SEALBAG_ERR_KEY},
        {"", 4, SEALBAG_ERR_KEY},
        {"\n", 4, SEALBAG_ERR_KEY},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_buf blob = {0}, text = {0};
        struct sb_identity key = {0};
        uint8_t application[500];
        memset(application, cases[i].byte[0], sizeof(application));
        put_text(&blob, SK);
        put_string(&blob, application, 32);
        put_string(&blob, application, cases[i].len);
        assert_int_equal(sb_buf_puts(&text, SK " "), 0);
        assert_int_equal(sb_base64_append(&text, blob.data, blob.len), 0);
        assert_int_equal(sb_sshkey_parse(&key, text.data, text.len, NULL), cases[i].r);
        assert_int_equal(strlen(key.application), cases[i].r == 0 ? cases[i].len : 0);
        sb_buf_free(&blob);
        sb_buf_free(&text);
    }
}

/* ---- private key files ----------------------------------------------------------------- */

struct draft {
    const char *magic, *cipher, *type;
    uint8_t count;
    const char *key_tail, *tail;
};

static void make_private(struct sb_buf *out, const struct draft *draft)
{
    struct sb_buf blob = {0}, key = {0}, base64 = {0};
    uint8_t pk[32];
    assert_true(sb_hex_decode(pk, 32, key_hex, 64, false));
    put_text(&key, draft->type);
    put_string(&key, pk, 32);
    assert_int_equal(sb_buf_puts(&key, draft->key_tail), 0);
    assert_int_equal(sb_buf_append(&blob, draft->magic, strlen(draft->magic) + 1), 0);
    put_text(&blob, draft->cipher);
    put_text(&blob, "kdf");
    put_text(&blob, "");
    put_u32(&blob, draft->count);
    put_string(&blob, key.data, key.len);
    put_text(&blob, "the private part");
    assert_int_equal(sb_buf_puts(&blob, draft->tail), 0);
    assert_int_equal(sb_base64_append(&base64, blob.data, blob.len), 0);
    assert_int_equal(sb_buf_puts(out, "-----BEGIN OPENSSH PRIVATE KEY-----\n"), 0);
    for (size_t at = 0; at < base64.len; at += 70)
        assert_int_equal(sb_buf_printf(out, "%.70s\n", (const char *)base64.data + at), 0);
    assert_int_equal(sb_buf_puts(out, "-----END OPENSSH PRIVATE KEY-----\n"), 0);
    sb_buf_free(&blob);
    sb_buf_free(&key);
    sb_buf_free(&base64);
}

static void private_keys(void **state)
{
    (void)state;
    static const struct draft good = {"openssh-key-v1", "none", "ssh-ed25519", 1, "", ""};
    static const struct {
        struct draft draft;
        const char *says; /* NULL: it is read */
    } cases[] = {
        {{"openssh-key-v1", "none", "ssh-ed25519", 1, "", ""}, NULL},
        {{"openssh-key-v1", "aes256-ctr", "ssh-ed25519", 1, "", ""}, NULL},
        {{"openssh-key-v1", "aes256-gcm", "ssh-ed25519", 1, "", "sixteen bytes tag"}, "its end"},
        {{"openssh-key-v1", "aes256-gcm", "ssh-ed25519", 1, "", "sixteen byte tag"}, NULL},
        {{"openssh-key-v1", "none", "ssh-ed25519", 1, "", "x"}, "its end"},
        {{"openssh-key-v2", "none", "ssh-ed25519", 1, "", ""}, "does not hold"},
        {{"openssh-key-v1", "none", "ssh-ed25519", 2, "", ""}, "several keys"},
        {{"openssh-key-v1", "none", "ssh-ed25519", 0, "", ""}, "several keys"},
        {{"openssh-key-v1", "none", "ssh-ed25519", 1, "x", ""}, "is malformed"},
        {{"openssh-key-v1", "none", "sk-ssh-ed25519@openssh.com", 1, "", ""}, "is malformed"},
        {{"openssh-key-v1", "none", "ssh-rsa", 1, "", ""}, "of the type ssh-rsa"},
        {{"openssh-key-v1", "none", "", 1, "", ""}, "does not begin with"},
    };
    struct sb_identity expected = {0}, key;
    struct sb_buf text = {0};
    bool encrypted;
    assert_true(sb_hex_decode(expected.pk, 32, key_hex, 64, false));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_error error = {0};
        text.len = 0;
        make_private(&text, &cases[i].draft);
        assert_true(sb_sshkey_is_private(text.data, text.len));
        int r = sb_sshkey_private_parse(&key, &encrypted, text.data, text.len, &error);
        assert_int_equal(r, cases[i].says == NULL ? 0 : SEALBAG_ERR_KEY);
        if (cases[i].says != NULL && strstr(error.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error.message);
        if (r == 0) {
            assert_true(sb_identity_equal(&key, &expected));
            assert_int_equal(encrypted, strcmp(cases[i].draft.cipher, "none") != 0);
        }
    }
    text.len = 0;
    make_private(&text, &good);
    for (size_t n = 0; n < text.len - 1; n++)
        assert_int_equal(sb_sshkey_private_parse(&key, &encrypted, text.data, n, NULL),
                         SEALBAG_ERR_KEY);
    sb_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_good),
        cmocka_unit_test(key_bad),
        cmocka_unit_test(key_of_either_format),
        cmocka_unit_test(key_fido),
        cmocka_unit_test(key_fido_application),
        cmocka_unit_test(private_keys),
    };
    return sb_sign_init(NULL) < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
