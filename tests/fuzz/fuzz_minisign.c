/* minisign's three files: public key, signature, secret key. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sign/keyfile.h"

/* The one line of base64 that these values have must be in the file. */
static void expect_base64(const uint8_t *bytes, size_t len, const uint8_t *value, size_t n)
{
    struct sb_buf text = {0};
    REQUIRE(sb_base64_append(&text, value, n) == 0);
    REQUIRE(fuzz_contains(bytes, len, text.data, text.len));
    sb_buf_free(&text);
}

static void try_public(const uint8_t *bytes, size_t len)
{
    struct sb_minisign_public key, again;
    struct sb_error error = {0};
    struct sb_buf text = {0};
    char id[17];
    int r = sb_minisign_public_parse(&key, bytes, len, &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        return;
    }
    sb_minisign_key_id_text(id, key.key_id);
    REQUIRE(strlen(id) == 16);
    REQUIRE(sb_minisign_public_format(&text, &key, NULL) == 0);
    REQUIRE(sb_minisign_public_parse(&again, text.data, text.len, NULL) == 0);
    REQUIRE(memcmp(&key, &again, sizeof(key)) == 0);
    const uint8_t *line = memchr(text.data, '\n', text.len);
    REQUIRE(line != NULL);
    size_t from = (size_t)(line - text.data) + 1;
    REQUIRE(text.data[text.len - 1] == '\n');
    REQUIRE(fuzz_contains(bytes, len, text.data + from, text.len - from - 1));
    sb_buf_free(&text);
}

static void expect_fields(const struct sb_minisign_signature *signature, const uint8_t *bytes,
                          size_t len)
{
    uint8_t record[2 + SB_KEY_ID_SIZE + SB_SIG_SIZE] = {'E', 'D'};
    memcpy(record + 2, signature->key_id, SB_KEY_ID_SIZE);
    memcpy(record + 2 + SB_KEY_ID_SIZE, signature->sig, SB_SIG_SIZE);
    expect_base64(bytes, len, record, sizeof(record));
    expect_base64(bytes, len, signature->global, SB_SIG_SIZE);
    if (!signature->has_key)
        return;
    uint8_t key[2 + SB_KEY_ID_SIZE + SB_PK_SIZE] = {'E', 'd'};
    memcpy(key + 2, signature->key.key_id, SB_KEY_ID_SIZE);
    memcpy(key + 2 + SB_KEY_ID_SIZE, signature->key.pk, SB_PK_SIZE);
    expect_base64((const uint8_t *)signature->trusted, signature->trusted_len, key, sizeof(key));
    REQUIRE(memcmp(signature->key_id, signature->key.key_id, SB_KEY_ID_SIZE) == 0);
}

static void try_signature(const uint8_t *bytes, size_t len)
{
    static const uint8_t message[] = "message", other[] = "massage";
    struct sb_minisign_signature signature = {.trusted = NULL};
    struct sb_error error = {0};
    int r = sb_minisign_signature_parse(&signature, bytes, len, &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        return;
    }
    const char *begin = (const char *)bytes;
    REQUIRE(signature.trusted >= begin && signature.trusted <= begin + len);
    REQUIRE(signature.trusted_len <= len - (size_t)(signature.trusted - begin));
    expect_fields(&signature, bytes, len);
    const uint8_t *pk = signature.has_key ? signature.key.pk : signature.sig;
    if (sb_minisign_signature_verify(&signature, pk, message, sizeof(message)))
        REQUIRE(!sb_minisign_signature_verify(&signature, pk, other, sizeof(other)));
}

static void try_secret(const uint8_t *bytes, size_t len)
{
    struct sb_secret_key *key = NULL;
    struct sb_error error = {0};
    bool encrypted = false;
    int r = sb_keyfile_probe(&encrypted, bytes, len, &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        REQUIRE(sb_keyfile_parse(&key, bytes, len, NULL, 0, &error) == r && key == NULL);
        return;
    }
    /* Without a passphrase: each one would take a second. */
    r = sb_keyfile_parse(&key, bytes, len, NULL, 0, &error);
    REQUIRE(encrypted ? r == SEALBAG_ERR_PASSPHRASE : r == 0 || r == SEALBAG_ERR_KEY);
    REQUIRE((r == 0) == (key != NULL));
    if (r < 0)
        fuzz_check_error(&error, r);
    else
        REQUIRE(memcmp(key->sk + 32, key->public.pk, SB_PK_SIZE) == 0);
    sb_secret_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    REQUIRE(sb_sign_init(NULL) == 0);
    try_public(bytes, len);
    try_signature(bytes, len);
    try_secret(bytes, len);
    return 0;
}
