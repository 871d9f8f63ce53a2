/* A line with an OpenSSH public key, and a public key file of either kind. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sign/minisign.h"
#include "sign/sshkey.h"

static void expect_one_spelling(const uint8_t pk[SB_PK_SIZE], const uint8_t *bytes, size_t len)
{
    struct sb_buf text = {0};
    uint8_t again[SB_PK_SIZE];
    char fingerprint[SEALBAG_FINGERPRINT_SIZE], same[SEALBAG_FINGERPRINT_SIZE];
    uint8_t digest[32];
    REQUIRE(sb_sshkey_format(&text, pk) == 0);
    REQUIRE(fuzz_contains(bytes, len, text.data, text.len));
    REQUIRE(sb_sshkey_parse(again, text.data, text.len, NULL) == 0);
    REQUIRE(memcmp(again, pk, SB_PK_SIZE) == 0);
    sb_fingerprint_text(fingerprint, pk);
    REQUIRE(sb_fingerprint_parse(digest, fingerprint, strlen(fingerprint)));
    sb_fingerprint_text_from_bytes(same, digest);
    REQUIRE(strcmp(fingerprint, same) == 0);
    sb_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t pk[SB_PK_SIZE], any[SB_PK_SIZE];
    struct sb_minisign_public minisign;
    struct sb_error error = {0};
    REQUIRE(sb_sign_init(NULL) == 0);
    int ssh = sb_sshkey_parse(pk, bytes, len, &error);
    if (ssh < 0)
        fuzz_check_error(&error, ssh);
    else
        expect_one_spelling(pk, bytes, len);
    int either = sb_public_key_parse(any, bytes, len, &error);
    if (either < 0)
        fuzz_check_error(&error, either);
    /* No file is both, and either kind is taken. */
    int mini = sb_minisign_public_parse(&minisign, bytes, len, NULL);
    REQUIRE(ssh < 0 || mini < 0);
    REQUIRE((either == 0) == (ssh == 0 || mini == 0));
    if (either == 0)
        REQUIRE(memcmp(any, ssh == 0 ? pk : minisign.pk, SB_PK_SIZE) == 0);
    return 0;
}
