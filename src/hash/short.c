#include "hash/short.h"

#include <sodium.h>
#include <string.h>

_Static_assert(SB_SHORT_KEY_SIZE == crypto_shorthash_KEYBYTES, "the key of SipHash");

void sb_short_key(uint8_t key[SB_SHORT_KEY_SIZE])
{
    randombytes_buf(key, SB_SHORT_KEY_SIZE);
}

uint64_t sb_short_hash(const uint8_t key[SB_SHORT_KEY_SIZE], const void *bytes, size_t len)
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t value;
    crypto_shorthash(hash, bytes, len, key);
    memcpy(&value, hash, sizeof(value));
    return value;
}
