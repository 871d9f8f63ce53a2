/* Writes seal/: the cover, the salt, seal.txt and one signature for each key. */
#include <stdlib.h>
#include <string.h>

#include "bag/manifest.h"
#include "base/text.h"
#include "op/create_impl.h"
#include "op/key.h"
#include "op/leaves.h"

static int hash_failed(struct sb_error *error)
{
    return sb_error_set(error, SEALBAG_ERR_SYSTEM, "Hashing failed.");
}

static int make_cover(uint8_t cover[SB_SHA256_SIZE], struct sb_create *create,
                      const char salt_text[65], struct sb_error *error)
{
    struct sb_buf text = {0};
    int r = 0;
    sb_inventory_sort(&create->tags);
    for (size_t i = 0; r == 0 && i < create->tags.count; i++)
        r = sb_cover_append(&text, create->tags.files[i].digest, create->tags.files[i].path);
    if (r < 0) {
        r = sb_error_memory(error);
    } else if (sb_digest_start(create->digest) < 0 ||
               sb_digest_update(create->digest, salt_text, 65) < 0 ||
               sb_digest_update(create->digest, text.data, text.len) < 0 ||
               sb_digest_finish(cover, create->digest) < 0) {
        r = hash_failed(error);
    } else {
        r = sb_create_plain(create, SB_COVER_TXT, text.data, text.len, error);
    }
    sb_buf_free(&text);
    if (r == 0)
        r = sb_create_plain(create, SB_SALT_TXT, salt_text, 65, error);
    return r;
}

static int by_fingerprint(const void *a, const void *b)
{
    const struct sealbag_key *const *left = a, *const *right = b;
    char left_text[SEALBAG_FINGERPRINT_SIZE], right_text[SEALBAG_FINGERPRINT_SIZE];
    sb_key_fingerprint(left_text, *left);
    sb_key_fingerprint(right_text, *right);
    return strcmp(left_text, right_text);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int sign_all(struct sb_create *create, const struct sealbag_key *const *keys,
                    const struct sb_buf *seal_text, struct sb_error *error)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < create->options->key_count; i++) {
        char name[SB_FP_NAME_SIZE], path[64];
        struct sb_buf signature = {0};
        sb_key_name(name, keys[i]);
        snprintf(path, sizeof(path), "seal/%s.%s", name, sb_key_kind(keys[i]));
        r = sb_key_sign(&signature, keys[i], SB_ROLE_SEAL, seal_text, create->options->time,
                        "seal.txt", error);
        if (r == 0)
            r = sb_create_plain(create, path, signature.data, signature.len, error);
        sb_buf_free(&signature);
    }
    return r;
}

/* Fills seal.txt's fields and writes it; the text is kept for the signatures. */
static int write_seal_txt(struct sb_buf *text, struct sb_create *create,
                          const struct sealbag_key *const *keys, struct sb_seal *seal,
                          struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    size_t count = options->key_count + options->cosigner_count;
    memcpy(seal->name, create->name, sizeof(seal->name));
    seal->sealed = create->options->time;
    seal->leaves = create->documents.count;
    seal->signers = calloc(count, sizeof(*seal->signers));
    if (seal->signers == NULL)
        return sb_error_memory(error);
    seal->signer_count = count;
    for (size_t i = 0; i < options->key_count; i++)
        sb_key_fingerprint(seal->signers[i], keys[i]);
    for (size_t i = 0; i < options->cosigner_count; i++)
        memcpy(seal->signers[options->key_count + i], options->cosigners[i],
               SEALBAG_FINGERPRINT_SIZE);
    qsort(seal->signers, count, sizeof(*seal->signers), by_text);
    const char *supersedes = options->supersedes;
    seal->supersedes_stated = supersedes != NULL;
    if (supersedes != NULL &&
        !sb_hex_decode(seal->supersedes, SB_DIGEST_SIZE, supersedes, strlen(supersedes), true))
        return sb_error_set(error, SEALBAG_ERR_USAGE, "A seal id is 64 hex digits.");
    if (sb_seal_format(text, seal) < 0)
        return sb_error_memory(error);
    return sb_create_plain(create, SB_SEAL_TXT, text->data, text->len, error);
}

int sb_create_seal(char seal_id[65], struct sb_create *create, struct sb_error *error)
{
    size_t count = create->options->key_count;
    uint8_t salt[SB_SALT_SIZE], id[SB_SHA256_SIZE];
    char salt_text[66];
    struct sb_seal seal = {0};
    struct sb_buf text = {0};
    if (create->options->salt != NULL)
        memcpy(salt, create->options->salt, sizeof(salt));
    else
        sb_leaf_new_salt(salt);
    sb_hex_encode(salt_text, salt, sizeof(salt));
    memcpy(salt_text + 64, "\n", 2);

    const struct sealbag_key **keys = calloc(count, sizeof(const struct sealbag_key *));
    if (keys == NULL)
        return sb_error_memory(error);
    for (size_t i = 0; i < count; i++)
        keys[i] = create->options->keys[i];
    qsort(keys, count, sizeof(const struct sealbag_key *), by_fingerprint);

    int r =
        sb_leaves_root(seal.root, &create->documents, &create->metadata, salt, create->pool, error);
    if (r == 0)
        r = make_cover(seal.cover, create, salt_text, error);
    if (r == 0)
        r = write_seal_txt(&text, create, keys, &seal, error);
    if (r == 0)
        r = sign_all(create, keys, &text, error);
    if (r == 0 && sb_digest_bytes(id, create->digest, text.data, text.len) < 0)
        r = hash_failed(error);
    if (r == 0)
        sb_hex_encode(seal_id, id, sizeof(id));
    sb_buf_free(&text);
    sb_seal_free(&seal);
    free(keys);
    return r;
}
