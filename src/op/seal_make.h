/* Makes the files of seal/ out of what is known of a bag: for one that is being made, and for one
 * that others have made. */
#ifndef SB_OP_SEAL_MAKE_H
#define SB_OP_SEAL_MAKE_H

#include "bag/seal.h"
#include "base/pool.h"
#include "hash/digest.h"
#include "record/metadata.h"

/* Who signs, and what is said of it. All is borrowed. */
struct sb_seal_options {
    struct sealbag_key *const *keys; /* at least one */
    size_t key_count;
    const char *const *cosigners; /* fingerprints */
    size_t cosigner_count;
    const char *supersedes; /* 64 hex digits, or NULL */
    const uint8_t *salt;    /* 32 bytes, or NULL for random ones */
    int64_t time;
};

/* The bag. All is borrowed. */
struct sb_sealable {
    const char *name;
    const struct sb_inventory *documents; /* sorted; what is no document in it does not count */
    const struct sb_inventory *tags;      /* sorted; what is no tag file in it does not count */
    const struct sb_metadata *metadata;
    bool listed; /* its own manifest-sha256.txt lists all documents: the seal needs none */
    struct sb_pool *pool;
    struct sb_digest *digest;
};

struct sb_seal_file {
    char path[64]; /* in the bag */
    struct sb_buf bytes;
};

/* In the order in which they are written. Zero-initialise; free with sb_seal_files_free. */
struct sb_seal_files {
    struct sb_seal_file *items;
    size_t count;
    char seal_id[2 * SB_DIGEST_SIZE + 1];
};

/* Keys that are given twice, cosigners that sign already, times and ids that are none: USAGE. */
int sb_seal_options_check(const struct sb_seal_options *options, struct sb_error *error);

/* Makes all of seal/ but the index. Free *out in any case. */
int sb_seal_make(struct sb_seal_files *out, const struct sb_sealable *bag,
                 const struct sb_seal_options *options, struct sb_error *error);
void sb_seal_files_free(struct sb_seal_files *files);

#endif
