/* A short keyed hash for tables: who does not know the key cannot choose what collides. */
#ifndef SB_HASH_SHORT_H
#define SB_HASH_SHORT_H

#include <stddef.h>
#include <stdint.h>

enum { SB_SHORT_KEY_SIZE = 16 };

void sb_short_key(uint8_t key[SB_SHORT_KEY_SIZE]);
uint64_t sb_short_hash(const uint8_t key[SB_SHORT_KEY_SIZE], const void *bytes, size_t len);

#endif
