/* What an ssh-agent answers. The first byte of the input chooses: a list of keys, or a signature by
 * a plain or a FIDO key. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sign/agent.h"

static void try_keys(const uint8_t *bytes, size_t len)
{
    struct sb_agent_keys keys;
    struct sb_error error = {0};
    int r = sb_agent_read_keys(&keys, bytes, len, &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        REQUIRE(r == SEALBAG_ERR_AGENT && keys.items == NULL && keys.count == 0);
        return;
    }
    for (size_t i = 0; i < keys.count; i++) {
        const struct sb_agent_key *key = &keys.items[i];
        struct sb_identity again;
        struct sb_buf line = {0};
        REQUIRE(memchr(key->comment, 0, sizeof(key->comment)) != NULL);
        REQUIRE(sb_sshkey_format(&line, &key->identity) == 0);
        REQUIRE(sb_sshkey_parse(&again, line.data, line.len, NULL) == 0);
        REQUIRE(sb_identity_equal(&again, &key->identity));
        sb_buf_free(&line);
    }
    REQUIRE((keys.count + keys.others) * 8 <= len);
    sb_agent_keys_free(&keys);
}

static void try_signature(const uint8_t *bytes, size_t len, bool fido)
{
    struct sb_sshsig signature = {.sha512 = true}, again;
    struct sb_error error = {0};
    struct sb_buf armor = {0};
    bool refused;
    if (fido)
        memcpy(signature.signer.application, "ssh:", 4);
    int r = sb_agent_read_signature(&signature, &refused, bytes, len, &error);
    REQUIRE(!refused || r < 0);
    if (r < 0) {
        fuzz_check_error(&error, r);
        REQUIRE(r == SEALBAG_ERR_AGENT);
        return;
    }
    REQUIRE(!sb_sshsig_verify(&signature, SB_SSH_NAMESPACE, bytes, len));
    /* What is written of it is what a bundle may hold, if it was touched. */
    REQUIRE(sb_sshsig_format(&armor, &signature, SB_SSH_NAMESPACE) == 0);
    r = sb_sshsig_parse(&again, SB_SSH_NAMESPACE, armor.data, armor.len, NULL);
    REQUIRE((r == 0) == (!fido || (signature.flags & 1) != 0));
    REQUIRE(r < 0 || memcmp(again.sig, signature.sig, SB_SIG_SIZE) == 0);
    sb_buf_free(&armor);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    REQUIRE(sb_sign_init(NULL) == 0);
    if (len == 0)
        return 0;
    if (bytes[0] % 3 == 0)
        try_keys(bytes + 1, len - 1);
    else
        try_signature(bytes + 1, len - 1, bytes[0] % 3 == 2);
    return 0;
}
