#include "sign/sign.h"

#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "sign/parse.h"

#define FP_PREFIX "SHA256:"
enum { FP_PREFIX_LEN = 7, FP_BASE64_LEN = 43 };

_Static_assert(FP_PREFIX_LEN + FP_BASE64_LEN + 1 == SEALBAG_FINGERPRINT_SIZE, "fingerprint size");

int sb_sign_init(struct sb_error *error)
{
    if (sodium_init() < 0)
        return sb_error_set(error, SEALBAG_ERR_SYSTEM,
                            "The system gives no random numbers, so nothing can be signed or "
                            "checked. Check that /dev/urandom can be read.");
    return 0;
}

void sb_identity_plain(struct sb_identity *out, const uint8_t pk[SB_PK_SIZE])
{
    *out = (struct sb_identity){0};
    memcpy(out->pk, pk, SB_PK_SIZE);
}

bool sb_identity_is_fido(const struct sb_identity *identity)
{
    return identity->application[0] != 0;
}

bool sb_identity_equal(const struct sb_identity *a, const struct sb_identity *b)
{
    return memcmp(a->pk, b->pk, SB_PK_SIZE) == 0 && strcmp(a->application, b->application) == 0;
}

void sb_fingerprint_bytes(uint8_t out[32], const struct sb_identity *identity)
{
    uint8_t blob[SB_SSH_BLOB_MAX];
    size_t len = sb_ssh_blob_write(blob, identity);
    crypto_hash_sha256(out, blob, len);
}

void sb_fingerprint_text_from_bytes(char out[SEALBAG_FINGERPRINT_SIZE], const uint8_t digest[32])
{
    memcpy(out, FP_PREFIX, FP_PREFIX_LEN);
    sodium_bin2base64(out + FP_PREFIX_LEN, FP_BASE64_LEN + 1, digest, 32,
                      sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

void sb_fingerprint_text(char out[SEALBAG_FINGERPRINT_SIZE], const struct sb_identity *identity)
{
    uint8_t digest[32];
    sb_fingerprint_bytes(digest, identity);
    sb_fingerprint_text_from_bytes(out, digest);
}

void sb_fingerprint_name(char out[SB_FP_NAME_SIZE], const struct sb_identity *identity)
{
    uint8_t digest[32];
    sb_fingerprint_bytes(digest, identity);
    sb_hex_encode(out, digest, (SB_FP_NAME_SIZE - 1) / 2);
}

/* libsodium refuses unused bits that are not zero, wrong padding and foreign characters of ASCII.
 * But 1.0.18 takes every byte from 0x80 on for a '/' where char is signed, so those are refused
 * here. With the lengths of the text and of the result fixed too, a value has one spelling. */
static bool decode(uint8_t *out, size_t n, const char *text, size_t len, int variant)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] >= 0x80)
            return false;
    }
    size_t got = 0;
    const char *end = NULL;
    if (sodium_base642bin(out, n, text, len, NULL, &got, &end, variant) != 0)
        return false;
    return got == n && end == text + len;
}

bool sb_fingerprint_parse(uint8_t out[32], const char *text, size_t len)
{
    if (len != SEALBAG_FINGERPRINT_SIZE - 1 || memcmp(text, FP_PREFIX, FP_PREFIX_LEN) != 0)
        return false;
    return decode(out, 32, text + FP_PREFIX_LEN, FP_BASE64_LEN,
                  sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

bool sb_base64_decode(uint8_t *out, size_t n, const char *text, size_t len)
{
    if (n > SIZE_MAX / 2 || len != (n + 2) / 3 * 4)
        return false;
    return n == 0 || decode(out, n, text, len, sodium_base64_VARIANT_ORIGINAL);
}

int sb_base64_append(struct sb_buf *out, const uint8_t *bytes, size_t n)
{
    if (n > SIZE_MAX / 4)
        return SEALBAG_ERR_MEMORY;
    size_t len = (n + 2) / 3 * 4;
    int r = sb_buf_reserve(out, len);
    if (r < 0)
        return r;
    sodium_bin2base64((char *)out->data + out->len, len + 1, bytes, n,
                      sodium_base64_VARIANT_ORIGINAL);
    out->len += len;
    return 0;
}
