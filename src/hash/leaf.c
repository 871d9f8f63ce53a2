#include "hash/leaf.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int hash_failed(struct sb_error *error)
{
    return sb_error_set(error, SEALBAG_ERR_SYSTEM, "The cryptographic library failed to hash.");
}

/* In hex, and a space. */
static size_t put_hex(char *out, const uint8_t *bytes, size_t len)
{
    sb_hex_encode(out, bytes, len);
    out[2 * len] = ' ';
    return 2 * len + 1;
}

int sb_leaf_make(struct sb_leaf *out, struct sb_digest *digest,
                 const uint8_t bag_salt[SB_SALT_SIZE], const char *encoded_path,
                 const uint8_t sha256[SB_SHA256_SIZE], uint64_t size, const uint8_t *row,
                 struct sb_error *error)
{
    if (crypto_generichash_blake2b(out->salt, SB_SALT_SIZE, (const unsigned char *)encoded_path,
                                   strlen(encoded_path), bag_salt, SB_SALT_SIZE) != 0)
        return hash_failed(error);
    /* The line but for the path. */
    char fields[4 * SB_SHA256_SIZE + 2 * SB_SALT_SIZE + 32];
    size_t len = put_hex(fields, out->salt, SB_SALT_SIZE);
    len += put_hex(fields + len, sha256, SB_SHA256_SIZE);
    len += sb_decimal_format(fields + len, size);
    fields[len++] = ' ';
    if (row != NULL) {
        len += put_hex(fields + len, row, SB_SHA256_SIZE);
    } else {
        fields[len++] = '-';
        fields[len++] = ' ';
    }
    struct sb_buf line = {0};
    int r = sb_buf_reserve(&line, len + strlen(encoded_path) + 1);
    if (r == 0)
        r = sb_buf_append(&line, fields, len);
    if (r == 0)
        r = sb_buf_puts(&line, encoded_path);
    if (r == 0)
        r = sb_buf_puts(&line, "\n");
    if (r < 0)
        r = sb_error_memory(error);
    else if (sb_merkle_leaf(out->hash, digest, line.data, line.len) < 0)
        r = hash_failed(error);
    sb_buf_free(&line);
    return r;
}

void sb_leaf_new_salt(uint8_t out[SB_SALT_SIZE])
{
    randombytes_buf(out, SB_SALT_SIZE);
}

static int by_salt(const void *a, const void *b)
{
    const struct sb_leaf *left = a, *right = b;
    return memcmp(left->salt, right->salt, SB_SALT_SIZE);
}

int sb_leaf_root(uint8_t out[SB_SHA256_SIZE], struct sb_leaf *leaves, size_t count,
                 struct sb_digest *digest, struct sb_error *error)
{
    struct sb_merkle tree = {0};
    if (count > 0)
        qsort(leaves, count, sizeof(*leaves), by_salt);
    for (size_t i = 0; i < count; i++) {
        if (sb_merkle_add(&tree, digest, leaves[i].hash) < 0)
            return hash_failed(error);
    }
    return sb_merkle_root(out, &tree, digest) < 0 ? hash_failed(error) : 0;
}
