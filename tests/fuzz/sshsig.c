#include "fuzz/sshsig.h"

#include <sodium.h>
#include <string.h>

#include "fuzz/fuzz.h"

static void put_string(struct sb_buf *out, const void *bytes, size_t len)
{
    const uint8_t size[4] = {0, 0, (uint8_t)(len >> 8), (uint8_t)len};
    fuzz_append(out, size, sizeof(size));
    fuzz_append(out, bytes, len);
}

static const char *type_of(const struct sb_sshsig *signature)
{
    return sb_identity_is_fido(&signature->signer) ? "sk-ssh-ed25519@openssh.com" : "ssh-ed25519";
}

static void put_key(struct sb_buf *out, const struct sb_sshsig *signature)
{
    const struct sb_identity *signer = &signature->signer;
    struct sb_buf blob = {0};
    put_string(&blob, type_of(signature), strlen(type_of(signature)));
    put_string(&blob, signer->pk, SB_PK_SIZE);
    if (sb_identity_is_fido(signer))
        put_string(&blob, signer->application, strlen(signer->application));
    put_string(out, blob.data, blob.len);
    sb_buf_free(&blob);
}

static void put_signature(struct sb_buf *out, const struct sb_sshsig *signature)
{
    struct sb_buf blob = {0};
    put_string(&blob, type_of(signature), strlen(type_of(signature)));
    put_string(&blob, signature->sig, SB_SIG_SIZE);
    if (sb_identity_is_fido(&signature->signer)) {
        uint32_t n = signature->counter;
        const uint8_t end[5] = {signature->flags, (uint8_t)(n >> 24), (uint8_t)(n >> 16),
                                (uint8_t)(n >> 8), (uint8_t)n};
        fuzz_append(&blob, end, sizeof(end));
    }
    put_string(out, blob.data, blob.len);
    sb_buf_free(&blob);
}

void fuzz_sshsig_base64(struct sb_buf *out, const struct sb_sshsig *signature,
                        const char *name_space)
{
    struct sb_buf blob = {0};
    fuzz_append(&blob, "SSHSIG\0\0\0\1", 10);
    put_key(&blob, signature);
    put_string(&blob, name_space, strlen(name_space));
    put_string(&blob, "", 0);
    put_string(&blob, signature->sha512 ? "sha512" : "sha256", 6);
    put_signature(&blob, signature);
    REQUIRE(sb_base64_append(out, blob.data, blob.len) == 0);
    sb_buf_free(&blob);
}

void fuzz_sshsig_make(struct sb_buf *out, const uint8_t sk[64], const uint8_t *message, size_t len)
{
    enum { COLUMNS = 70 };
    struct sb_sshsig signature = {.sha512 = true};
    struct sb_buf text = {0}, base64 = {0};
    uint8_t hash[64];
    crypto_hash_sha512(hash, message, len);
    fuzz_append(&text, "SSHSIG", 6);
    put_string(&text, SB_SSH_NAMESPACE, strlen(SB_SSH_NAMESPACE));
    put_string(&text, "", 0);
    put_string(&text, "sha512", 6);
    put_string(&text, hash, sizeof(hash));
    memcpy(signature.signer.pk, sk + 32, SB_PK_SIZE);
    REQUIRE(crypto_sign_detached(signature.sig, NULL, text.data, text.len, sk) == 0);
    fuzz_sshsig_base64(&base64, &signature, SB_SSH_NAMESPACE);
    REQUIRE(sb_buf_puts(out, "-----BEGIN SSH SIGNATURE-----\n") == 0);
    for (size_t at = 0; at < base64.len; at += COLUMNS) {
        fuzz_append(out, base64.data + at, base64.len - at < COLUMNS ? base64.len - at : COLUMNS);
        fuzz_append(out, "\n", 1);
    }
    REQUIRE(sb_buf_puts(out, "-----END SSH SIGNATURE-----\n") == 0);
    sb_buf_free(&text);
    sb_buf_free(&base64);
}
