/* SSHSIG signatures. Those of openssh-portable's own tests are read from
 * $SEALBAG_TEST_DATA/sshsig. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/file.h"
#include "sign/sshkey.h"

#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END   "-----END SSH SIGNATURE-----\n"

static const uint8_t message[] = "the message";
enum { MESSAGE_LEN = sizeof(message) - 1 };

static const uint8_t *bytes_of(const char *text)
{
    return (const uint8_t *)text;
}

/* What a signature is made of; made by other code than the one under test. */
struct draft {
    const char *magic, *type, *name_space, *reserved, *hash, *sig_type;
    uint32_t version, sig_len;
    const char *key_tail, *sig_tail, *blob_tail;
    size_t columns;
    const char *end;
};

static const struct draft good = {
    .magic = "SSHSIG",
    .type = "ssh-ed25519",
    .name_space = SB_SSH_NAMESPACE,
    .reserved = "",
    .hash = "sha512",
    .sig_type = "ssh-ed25519",
    .version = 1,
    .sig_len = 64,
    .key_tail = "",
    .sig_tail = "",
    .blob_tail = "",
    .columns = 70,
    .end = "\n",
};

static void put_raw(struct sb_buf *out, const char *text)
{
    assert_int_equal(sb_buf_puts(out, text), 0);
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

static void put_fields(struct sb_buf *out, const struct draft *draft)
{
    put_text(out, draft->name_space);
    put_text(out, draft->reserved);
    put_text(out, draft->hash);
}

static void armor(struct sb_buf *out, const struct sb_buf *blob, const struct draft *draft)
{
    struct sb_buf base64 = {0};
    assert_int_equal(sb_base64_append(&base64, blob->data, blob->len), 0);
    assert_int_equal(sb_buf_printf(out, "-----BEGIN SSH SIGNATURE-----%s", draft->end), 0);
    for (size_t at = 0; at < base64.len; at += draft->columns)
        assert_int_equal(sb_buf_printf(out, "%.*s%s", (int)draft->columns,
                                       (const char *)base64.data + at, draft->end),
                         0);
    assert_int_equal(sb_buf_printf(out, "-----END SSH SIGNATURE-----%s", draft->end), 0);
    sb_buf_free(&base64);
}

static void make(struct sb_buf *out, const struct draft *draft)
{
    uint8_t seed[32] = {3}, pk[32], sk[64], hash[64], sig[64];
    struct sb_buf text = {0}, key = {0}, signature = {0}, blob = {0};
    crypto_sign_seed_keypair(pk, sk, seed);
    bool long_hash = strcmp(draft->hash, "sha256") != 0;
    (long_hash ? crypto_hash_sha512 : crypto_hash_sha256)(hash, message, MESSAGE_LEN);
    put_raw(&text, "SSHSIG");
    put_fields(&text, draft);
    put_string(&text, hash, long_hash ? 64 : 32);
    crypto_sign_detached(sig, NULL, text.data, text.len, sk);

    put_text(&key, draft->type);
    put_string(&key, pk, 32);
    put_raw(&key, draft->key_tail);
    put_text(&signature, draft->sig_type);
    put_string(&signature, sig, draft->sig_len);
    put_raw(&signature, draft->sig_tail);

    put_raw(&blob, draft->magic);
    put_u32(&blob, draft->version);
    put_string(&blob, key.data, key.len);
    put_fields(&blob, draft);
    put_string(&blob, signature.data, signature.len);
    put_raw(&blob, draft->blob_tail);
    out->len = 0;
    armor(out, &blob, draft);
    sb_buf_free(&text);
    sb_buf_free(&key);
    sb_buf_free(&signature);
    sb_buf_free(&blob);
}

static int parse(struct sb_sshsig *out, const struct sb_buf *text, struct sb_error *error)
{
    return sb_sshsig_parse(out, SB_SSH_NAMESPACE, text->data, text->len, error);
}

static bool holds(const uint8_t *bytes, size_t len)
{
    struct sb_sshsig sig;
    return sb_sshsig_parse(&sig, SB_SSH_NAMESPACE, bytes, len, NULL) == 0 &&
           sb_sshsig_verify(&sig, SB_SSH_NAMESPACE, message, MESSAGE_LEN);
}

static void sshsig_good(void **state)
{
    (void)state;
    struct draft drafts[] = {good, good, good, good, good};
    drafts[1].hash = "sha256";
    drafts[2].end = "\r\n";
    drafts[3].columns = 76;
    drafts[4].columns = 1;
    for (size_t i = 0; i < 5; i++) {
        struct sb_buf text = {0};
        struct sb_sshsig sig;
        make(&text, &drafts[i]);
        assert_int_equal(parse(&sig, &text, NULL), 0);
        assert_int_equal(sig.sha512, i != 1);
        assert_true(sb_sshsig_verify(&sig, SB_SSH_NAMESPACE, message, MESSAGE_LEN));
        assert_false(sb_sshsig_verify(&sig, SB_SSH_NAMESPACE, message, MESSAGE_LEN - 1));
        assert_false(sb_sshsig_verify(&sig, "file", message, MESSAGE_LEN));
        sig.sha512 = !sig.sha512;
        assert_false(sb_sshsig_verify(&sig, SB_SSH_NAMESPACE, message, MESSAGE_LEN));
        sig.sha512 = !sig.sha512;
        sig.signer.pk[0] ^= 1;
        assert_false(sb_sshsig_verify(&sig, SB_SSH_NAMESPACE, message, MESSAGE_LEN));
        char name[300];
        memset(name, 'n', sizeof(name));
        name[256] = 0;
        assert_false(sb_sshsig_verify(&sig, name, message, MESSAGE_LEN));
        /* the last line end may be missing */
        assert_true(holds(text.data, text.len - strlen(drafts[i].end)));
        sb_buf_free(&text);
    }
}

static void sshsig_bad_fields(void **state)
{
    (void)state;
#define CASE(field, value, code, says)                                                             \
    {                                                                                              \
        offsetof(struct draft, field), (value), (code), (says)                                     \
    }
    static const struct {
        size_t offset;
        const char *value;
        int code;
        const char *says;
    } cases[] = {
        CASE(magic, "SSHSIH", SEALBAG_ERR_DAMAGED, "does not hold an SSHSIG"),
        CASE(magic, "", SEALBAG_ERR_DAMAGED, "does not hold an SSHSIG"),
        CASE(type, "", SEALBAG_ERR_DAMAGED, "no type"),
        CASE(type, "ssh-rsa", SEALBAG_ERR_UNSUPPORTED, "of the type ssh-rsa"),
        CASE(type, "sk-ssh-ed25519@openssh.com", SEALBAG_ERR_DAMAGED, "key is malformed"),
        CASE(type, "ssh-ed25519-cert-v01@openssh.com", SEALBAG_ERR_UNSUPPORTED, "-cert-"),
        CASE(type, "ssh-ed2551\x1b", SEALBAG_ERR_UNSUPPORTED, "ssh-ed2551\\x1b"),
        CASE(name_space, "file", SEALBAG_ERR_DAMAGED, "another purpose"),
        CASE(name_space, "", SEALBAG_ERR_DAMAGED, "another purpose"),
        CASE(name_space, "seal@sealbag2", SEALBAG_ERR_DAMAGED, "another purpose"),
        CASE(name_space, "Seal@sealbag", SEALBAG_ERR_DAMAGED, "another purpose"),
        CASE(reserved, "x", SEALBAG_ERR_DAMAGED, "reserved"),
        CASE(hash, "sha1", SEALBAG_ERR_DAMAGED, "neither sha256"),
        CASE(hash, "SHA512", SEALBAG_ERR_DAMAGED, "neither sha256"),
        CASE(hash, "", SEALBAG_ERR_DAMAGED, "neither sha256"),
        CASE(type, "sk-ecdsa-sha2-nistp256@openssh.com", SEALBAG_ERR_UNSUPPORTED, "sk-ecdsa"),
        CASE(sig_type, "sk-ssh-ed25519@openssh.com", SEALBAG_ERR_DAMAGED, "signature is malformed"),
        CASE(sig_type, "ssh-rsa", SEALBAG_ERR_DAMAGED, "signature is malformed"),
        CASE(key_tail, "x", SEALBAG_ERR_DAMAGED, "key is malformed"),
        CASE(sig_tail, "x", SEALBAG_ERR_DAMAGED, "signature is malformed"),
        CASE(blob_tail, "x", SEALBAG_ERR_DAMAGED, "after its end"),
    };
#undef CASE
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct draft draft = good;
        struct sb_buf text = {0};
        struct sb_error error = {0};
        struct sb_sshsig sig;
        memcpy((char *)&draft + cases[i].offset, &cases[i].value, sizeof(cases[i].value));
        make(&text, &draft);
        assert_int_equal(parse(&sig, &text, &error), cases[i].code);
        if (strstr(error.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error.message);
        sb_buf_free(&text);
    }
}

static void sshsig_bad_numbers(void **state)
{
    (void)state;
    struct draft drafts[] = {good, good, good, good};
    struct sb_buf text = {0};
    struct sb_sshsig sig;
    drafts[0].version = 2;
    drafts[1].version = 0;
    drafts[2].sig_len = 63;
    drafts[3].columns = 77;
    for (size_t i = 0; i < 4; i++) {
        make(&text, &drafts[i]);
        assert_int_equal(parse(&sig, &text, NULL), SEALBAG_ERR_DAMAGED);
    }
    sb_buf_free(&text);
}

/* Each length in the blob made larger, and the blob cut off anywhere. */
static void sshsig_bad_blob(void **state)
{
    (void)state;
    struct sb_buf text = {0};
    uint8_t blob[200];
    char base64[400];
    size_t len = 0, used = 0;
    make(&text, &good);
    for (size_t i = sizeof(BEGIN) - 1; text.data[i] != '-'; i++) {
        if (text.data[i] != '\n')
            base64[used++] = (char)text.data[i];
    }
    assert_int_equal(sodium_base642bin(blob, sizeof(blob), base64, used, NULL, &len, NULL,
                                       sodium_base64_VARIANT_ORIGINAL),
                     0);
    for (size_t n = 0; n <= len; n++) {
        struct sb_buf cut = {0};
        text.len = 0;
        assert_int_equal(sb_buf_append(&cut, blob, n), 0);
        armor(&text, &cut, &good);
        assert_int_equal(holds(text.data, text.len), n == len);
        sb_buf_free(&cut);
    }
    for (size_t i = 0; i < len; i++) {
        struct sb_buf changed = {0};
        text.len = 0;
        assert_int_equal(sb_buf_append(&changed, blob, len), 0);
        changed.data[i] ^= 0xff;
        armor(&text, &changed, &good);
        assert_false(holds(text.data, text.len));
        sb_buf_free(&changed);
    }
    sb_buf_free(&text);
}

static void sshsig_bad_armor(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        BEGIN,
        BEGIN END,
        BEGIN "U1NI\n" END,
        BEGIN "U1N\n" END,
        BEGIN "====\n" END,
        BEGIN "U1NIU0lH\n" END,
        BEGIN "U1NIU0lHAAAAAQAAADM=\n" END,
        "-----BEGIN SSH SIGNATURE-----",
        ("-----BEGIN PGP SIGNATURE-----\nU1NIU0lH\n" END),
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(holds(bytes_of(bad[i]), strlen(bad[i])));
    static uint8_t longest[10000] = BEGIN;
    assert_false(holds(longest, sizeof(longest)));

    /* something put before, into or after a good one */
    struct sb_buf text = {0}, changed = {0};
    make(&text, &good);
    static const char *const insert[] = {"\n",           " ", "x", "=", "\r\n",
                                         "\xef\xbb\xbf", "A", "/", "\t"};
    for (size_t i = 0; i < sizeof(insert) / sizeof(insert[0]); i++) {
        for (size_t at = 0; at <= text.len; at++) {
            bool between = at >= sizeof(BEGIN) && at < text.len - sizeof(END);
            if (i == 0 && between) /* another break of the same lines */
                continue;
            changed.len = 0;
            assert_int_equal(sb_buf_append(&changed, text.data, at), 0);
            put_raw(&changed, insert[i]);
            assert_int_equal(sb_buf_append(&changed, text.data + at, text.len - at), 0);
            assert_false(holds(changed.data, changed.len));
        }
    }
    sb_buf_free(&text);
    sb_buf_free(&changed);
}

static void sshsig_truncated_and_flipped(void **state)
{
    (void)state;
    struct sb_buf text = {0};
    make(&text, &good);
    for (size_t n = 0; n < text.len; n++)
        assert_int_equal(holds(text.data, n), n == text.len - 1);
    for (size_t i = 0; i < text.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text.data[i] ^= (uint8_t)(1U << bit);
            if (holds(text.data, text.len))
                fail_msg("bit %u of byte %zu does not matter", bit, i);
            text.data[i] ^= (uint8_t)(1U << bit);
        }
    }
    sb_buf_free(&text);
}

/* ---- signatures by OpenSSH ------------------------------------------------------------- */

static void read_vector(struct sb_buf *out, const char *name)
{
    const char *folder = getenv("SEALBAG_TEST_DATA");
    char path[4096];
    if (folder == NULL) {
        print_message("skipped: SEALBAG_TEST_DATA does not name the folder of the test data\n");
        skip();
    }
    snprintf(path, sizeof(path), "%s/sshsig/%s", folder, name);
    if (sb_file_read(out, NULL, path, 65536, NULL) < 0) {
        print_message("skipped: %s cannot be read\n", path);
        skip();
    }
}

/* Both are read, hold, and are written again byte for byte as OpenSSH wrote them. */
static void try_vector(const char *name)
{
    struct sb_buf key = {0}, text = {0}, data = {0}, again = {0};
    struct sb_sshsig sig;
    struct sb_identity owner;
    char file[64];
    snprintf(file, sizeof(file), "%s.pub", name);
    read_vector(&key, file);
    snprintf(file, sizeof(file), "%s.sig", name);
    read_vector(&text, file);
    read_vector(&data, "signed-data");
    assert_int_equal(sb_sshkey_parse(&owner, key.data, key.len, NULL), 0);
    assert_int_equal(sb_sshsig_parse(&sig, "unittest", text.data, text.len, NULL), 0);
    assert_true(sb_identity_equal(&sig.signer, &owner));
    assert_true(sig.sha512);
    assert_true(sb_sshsig_verify(&sig, "unittest", data.data, data.len));
    assert_false(sb_sshsig_verify(&sig, "unittest", data.data, data.len - 1));
    assert_false(sb_sshsig_verify(&sig, "unittesT", data.data, data.len));
    assert_int_equal(parse(&sig, &text, NULL), SEALBAG_ERR_DAMAGED);
    assert_int_equal(sb_sshsig_format(&again, &sig, "unittest"), 0);
    assert_int_equal(again.len, text.len);
    assert_memory_equal(again.data, text.data, text.len);
    sb_buf_free(&key);
    sb_buf_free(&text);
    sb_buf_free(&data);
    sb_buf_free(&again);
}

static void sshsig_vectors(void **state)
{
    (void)state;
    try_vector("ed25519");
    try_vector("ed25519_sk");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sshsig_good),        cmocka_unit_test(sshsig_bad_fields),
        cmocka_unit_test(sshsig_bad_numbers), cmocka_unit_test(sshsig_bad_blob),
        cmocka_unit_test(sshsig_bad_armor),   cmocka_unit_test(sshsig_truncated_and_flipped),
        cmocka_unit_test(sshsig_vectors),
    };
    return sb_sign_init(NULL) < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
