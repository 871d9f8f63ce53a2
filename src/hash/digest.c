#include "hash/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *library;
    size_t size;
} algorithms[] = {
#define SB_ALGORITHM_ROW(id, name, library, size) {name, library, size},
    SB_ALGORITHM_TABLE(SB_ALGORITHM_ROW)
#undef SB_ALGORITHM_ROW
};

const char *sb_algorithm_name(enum sb_algorithm algorithm)
{
    return algorithms[algorithm].name;
}

size_t sb_algorithm_size(enum sb_algorithm algorithm)
{
    return algorithms[algorithm].size;
}

enum sb_algorithm sb_algorithm_find(const char *name, size_t len)
{
    int found = 0;
    while (found < SB_ALGORITHMS && (strlen(algorithms[found].name) != len ||
                                     memcmp(algorithms[found].name, name, len) != 0))
        found++;
    return (enum sb_algorithm)found;
}

struct sb_digest {
    size_t size;
    EVP_MD *md;
    EVP_MD_CTX *context;
    bool started;
};

int sb_digest_new(struct sb_digest **out, struct sb_error *error)
{
    return sb_digest_new_of(out, SB_SHA256, error);
}

int sb_digest_new_of(struct sb_digest **out, enum sb_algorithm algorithm, struct sb_error *error)
{
    struct sb_digest *digest = calloc(1, sizeof(*digest));
    *out = NULL;
    if (digest == NULL)
        return sb_error_memory(error);
    /* When there was no memory for its own set-up, EVP_MD_fetch would crash. */
    digest->context = OSSL_LIB_CTX_get0_global_default() != NULL ? EVP_MD_CTX_new() : NULL;
    if (digest->context == NULL) {
        free(digest);
        return sb_error_memory(error);
    }
    digest->size = algorithms[algorithm].size;
    digest->md = EVP_MD_fetch(NULL, algorithms[algorithm].library, NULL);
    if (digest->md == NULL) {
        sb_digest_free(digest);
        return sb_error_set(error, SEALBAG_ERR_SYSTEM,
                            "The cryptographic library offers no %s. Memory is short, or "
                            "OpenSSL is set up in an unusual way on this machine.",
                            algorithms[algorithm].library);
    }
    /* From now on it is only started again, which is quicker than being told its kind each time. */
    if (EVP_DigestInit_ex2(digest->context, digest->md, NULL) != 1) {
        sb_digest_free(digest);
        return sb_error_set(error, SEALBAG_ERR_SYSTEM, "Hashing failed.");
    }
    *out = digest;
    return 0;
}

void sb_digest_free(struct sb_digest *digest)
{
    if (digest == NULL)
        return;
    EVP_MD_CTX_free(digest->context);
    EVP_MD_free(digest->md);
    free(digest);
}

int sb_digest_start(struct sb_digest *digest)
{
    digest->started = EVP_DigestInit_ex2(digest->context, NULL, NULL) == 1;
    return digest->started ? 0 : SEALBAG_ERR_SYSTEM;
}

int sb_digest_update(struct sb_digest *digest, const void *bytes, size_t len)
{
    return digest->started && EVP_DigestUpdate(digest->context, bytes, len) == 1
               ? 0
               : SEALBAG_ERR_SYSTEM;
}

int sb_digest_finish(uint8_t *out, struct sb_digest *digest)
{
    unsigned len = 0;
    bool started = digest->started;
    digest->started = false;
    if (!started || EVP_DigestFinal_ex(digest->context, out, &len) != 1 || len != digest->size)
        return SEALBAG_ERR_SYSTEM;
    return 0;
}

int sb_digest_bytes(uint8_t out[SB_SHA256_SIZE], struct sb_digest *digest, const void *bytes,
                    size_t len)
{
    int r = sb_digest_start(digest);
    if (r == 0)
        r = sb_digest_update(digest, bytes, len);
    return r == 0 ? sb_digest_finish(out, digest) : r;
}

int sb_digest_failed(struct sb_error *error)
{
    return sb_error_set(error, SEALBAG_ERR_SYSTEM, "Hashing failed.");
}
