/* seal.txt, salt.txt, and what the files below seal/ are called. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bag/seal.h"
#include "base/path.h"
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "sign/sign.h"

static void check_seal(const struct sb_seal *seal)
{
    uint8_t digest[32];
    REQUIRE(sb_bag_name_bad(seal->name, strlen(seal->name)) == NULL);
    REQUIRE(fuzz_harmless(seal->name, strlen(seal->name)));
    REQUIRE(seal->signer_count > 0 && seal->signer_count <= SB_SIGNERS_MAX);
    for (size_t i = 0; i < seal->signer_count; i++) {
        const char *signer = seal->signers[i];
        char text[SEALBAG_FINGERPRINT_SIZE];
        REQUIRE(sb_fingerprint_parse(digest, signer, strlen(signer)));
        sb_fingerprint_text_from_bytes(text, digest);
        REQUIRE(strcmp(text, signer) == 0);
        REQUIRE(i == 0 || strcmp(seal->signers[i - 1], signer) < 0);
    }
}

static void try_seal(const uint8_t *bytes, size_t len)
{
    struct sb_seal seal;
    struct sb_findings findings = {0};
    struct sb_buf text = {0};
    REQUIRE(sb_seal_parse(&seal, &findings, bytes, len) == 0);
    fuzz_check_findings(&findings);
    if (findings.count == 0) {
        /* It has one spelling. */
        check_seal(&seal);
        REQUIRE(sb_seal_format(&text, &seal) == 0);
        REQUIRE(text.len == len && memcmp(text.data, bytes, len) == 0);
    } else {
        REQUIRE(seal.signers == NULL && seal.signer_count == 0 && seal.name[0] == 0);
    }
    sb_buf_free(&text);
    sb_seal_free(&seal);
    sb_findings_free(&findings);
}

static void try_salt(const uint8_t *bytes, size_t len)
{
    uint8_t salt[32];
    char text[66];
    if (!sb_salt_parse(salt, bytes, len))
        return;
    memcpy(sb_hex_encode(text, salt, sizeof(salt)) + 64, "\n", 2);
    REQUIRE(len == 65 && memcmp(text, bytes, len) == 0);
}

static void try_name(const uint8_t *bytes, size_t len)
{
    char fp_name[33] = "", again[96];
    char *path = malloc(len + 6);
    REQUIRE(path != NULL);
    memcpy(path, "seal/", 5);
    if (len > 0)
        memcpy(path + 5, bytes, len);
    path[len + 5] = 0;
    enum sb_seal_kind kind = sb_seal_kind_of(fp_name, path);
    const char *const ends[] = {
        [SB_SEAL_MINISIGN] = "minisig",      [SB_SEAL_SSHSIG] = "sshsig",
        [SB_SEAL_CUSTODY_EVENT] = "txt",     [SB_SEAL_CUSTODY_MINISIGN] = "minisig",
        [SB_SEAL_CUSTODY_SSHSIG] = "sshsig",
    };
    if (kind >= SB_SEAL_MINISIGN && kind != SB_SEAL_UNKNOWN) {
        char number[20] = "";
        REQUIRE(strlen(fp_name) == 32);
        if (kind >= SB_SEAL_CUSTODY_EVENT)
            snprintf(number, sizeof(number), "custody/%04u-", sb_seal_custody_number(path));
        snprintf(again, sizeof(again), "seal/%s%s.%s", number, fp_name, ends[kind]);
        REQUIRE(strcmp(again, path) == 0);
    }
    free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    try_seal(bytes, len);
    try_salt(bytes, len);
    try_name(bytes, len);
    return 0;
}
