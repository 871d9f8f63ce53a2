/* A line with an OpenSSH public key, a public key file of either kind, and OpenSSH's private key
 * files. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sign/minisign.h"
#include "sign/sshkey.h"

static void expect_one_spelling(const struct sb_identity *key, const uint8_t *bytes, size_t len)
{
    struct sb_buf text = {0};
    struct sb_identity again;
    char fingerprint[SEALBAG_FINGERPRINT_SIZE], same[SEALBAG_FINGERPRINT_SIZE];
    uint8_t digest[32];
    REQUIRE(sb_sshkey_format(&text, key) == 0);
    REQUIRE(fuzz_contains(bytes, len, text.data, text.len));
    REQUIRE(sb_sshkey_parse(&again, text.data, text.len, NULL) == 0);
    REQUIRE(sb_identity_equal(&again, key));
    sb_fingerprint_text(fingerprint, key);
    REQUIRE(sb_fingerprint_parse(digest, fingerprint, strlen(fingerprint)));
    sb_fingerprint_text_from_bytes(same, digest);
    REQUIRE(strcmp(fingerprint, same) == 0);
    sb_buf_free(&text);
}

static void try_private(const uint8_t *bytes, size_t len)
{
    struct sb_identity key = {0}, again;
    struct sb_error error = {0};
    struct sb_buf line = {0};
    bool encrypted = false;
    int r = sb_sshkey_private_parse(&key, &encrypted, bytes, len, &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        REQUIRE(r == SEALBAG_ERR_KEY);
        return;
    }
    REQUIRE(sb_sshkey_is_private(bytes, len));
    REQUIRE(sb_sshkey_format(&line, &key) == 0);
    REQUIRE(sb_sshkey_parse(&again, line.data, line.len, NULL) == 0);
    REQUIRE(sb_identity_equal(&again, &key));
    sb_buf_free(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_identity key, any, other;
    struct sb_minisign_public minisign;
    struct sb_error error = {0};
    REQUIRE(sb_sign_init(NULL) == 0);
    try_private(bytes, len);
    int ssh = sb_sshkey_parse(&key, bytes, len, &error);
    if (ssh < 0)
        fuzz_check_error(&error, ssh);
    else
        expect_one_spelling(&key, bytes, len);
    int either = sb_public_key_parse(&any, bytes, len, &error);
    if (either < 0)
        fuzz_check_error(&error, either);
    /* No file is both, and either kind is taken. */
    int mini = sb_minisign_public_parse(&minisign, bytes, len, NULL);
    REQUIRE(ssh < 0 || mini < 0);
    REQUIRE((either == 0) == (ssh == 0 || mini == 0));
    if (mini == 0)
        sb_identity_plain(&other, minisign.pk);
    if (either == 0)
        REQUIRE(sb_identity_equal(&any, ssh == 0 ? &key : &other));
    return 0;
}
