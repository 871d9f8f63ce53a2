#include "hash/merkle.h"

#include <string.h>

int sb_merkle_leaf(uint8_t out[SB_SHA256_SIZE], struct sb_digest *digest, const void *data,
                   size_t len)
{
    static const uint8_t prefix = 0x00;
    int r = sb_digest_start(digest);
    if (r == 0)
        r = sb_digest_update(digest, &prefix, 1);
    if (r == 0)
        r = sb_digest_update(digest, data, len);
    return r == 0 ? sb_digest_finish(out, digest) : r;
}

/* node = SHA-256(01 | left | right); out may be one of them. */
static int node(uint8_t out[SB_SHA256_SIZE], struct sb_digest *digest, const uint8_t *left,
                const uint8_t *right)
{
    uint8_t bytes[1 + 2 * SB_SHA256_SIZE] = {0x01};
    memcpy(bytes + 1, left, SB_SHA256_SIZE);
    memcpy(bytes + 1 + SB_SHA256_SIZE, right, SB_SHA256_SIZE);
    return sb_digest_bytes(out, digest, bytes, sizeof(bytes));
}

static unsigned bits_set(uint64_t value)
{
    unsigned n = 0;
    for (; value != 0; value &= value - 1)
        n++;
    return n;
}

/* Like adding one in binary: every trailing 1 bit is a subtree that the new leaf completes. */
int sb_merkle_add(struct sb_merkle *tree, struct sb_digest *digest,
                  const uint8_t leaf[SB_SHA256_SIZE])
{
    unsigned top = bits_set(tree->leaves);
    uint8_t hash[SB_SHA256_SIZE];
    memcpy(hash, leaf, SB_SHA256_SIZE);
    for (uint64_t rest = tree->leaves; (rest & 1) != 0; rest >>= 1) {
        int r = node(hash, digest, tree->subtree[--top], hash);
        if (r < 0)
            return r;
    }
    memcpy(tree->subtree[top], hash, SB_SHA256_SIZE);
    tree->leaves++;
    return 0;
}

int sb_merkle_root(uint8_t out[SB_SHA256_SIZE], const struct sb_merkle *tree,
                   struct sb_digest *digest)
{
    unsigned top = bits_set(tree->leaves);
    if (top == 0)
        return sb_digest_bytes(out, digest, "", 0);
    memcpy(out, tree->subtree[--top], SB_SHA256_SIZE);
    while (top > 0) {
        int r = node(out, digest, tree->subtree[--top], out);
        if (r < 0)
            return r;
    }
    return 0;
}
