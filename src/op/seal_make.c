#include "op/seal_make.h"

#include <stdlib.h>
#include <string.h>

#include "bag/limits.h"
#include "bag/manifest.h"
#include "base/text.h"
#include "op/key.h"
#include "op/leaves.h"

/* ---- the options --------------------------------------------------------------------------- */

static int check_cosigners(const struct sb_seal_options *options, struct sb_error *error)
{
    for (size_t i = 0; i < options->cosigner_count; i++) {
        const char *cosigner = options->cosigners[i];
        uint8_t fingerprint[SB_SHA256_SIZE];
        if (!sb_fingerprint_parse(fingerprint, cosigner, strlen(cosigner)))
            return sb_error_set(error, SEALBAG_ERR_USAGE,
                                "A cosigner is given by the fingerprint of his key: SHA256: and 43 "
                                "characters.");
        bool twice = false;
        for (size_t j = 0; j < i; j++)
            twice |= strcmp(options->cosigners[j], cosigner) == 0;
        for (size_t j = 0; j < options->key_count; j++) {
            char own[SEALBAG_FINGERPRINT_SIZE];
            sb_key_fingerprint(own, options->keys[j]);
            twice |= strcmp(own, cosigner) == 0;
        }
        if (twice)
            return sb_error_set(error, SEALBAG_ERR_USAGE,
                                "The cosigner %s is given twice, or signs already with --key.",
                                cosigner);
    }
    return 0;
}

static int check_keys(const struct sb_seal_options *options, struct sb_error *error)
{
    for (size_t i = 0; i < options->key_count; i++) {
        for (size_t j = 0; j < i; j++) {
            char one[SEALBAG_FINGERPRINT_SIZE], other[SEALBAG_FINGERPRINT_SIZE];
            sb_key_fingerprint(one, options->keys[i]);
            sb_key_fingerprint(other, options->keys[j]);
            if (strcmp(one, other) == 0)
                return sb_error_set(error, SEALBAG_ERR_USAGE,
                                    "The same key is given twice. One signature by it is enough.");
        }
    }
    if (options->key_count > SB_SIGNERS_MAX ||
        options->cosigner_count > SB_SIGNERS_MAX - options->key_count)
        return sb_error_set(error, SEALBAG_ERR_USAGE, "There are too many keys.");
    return check_cosigners(options, error);
}

int sb_seal_options_check(const struct sb_seal_options *options, struct sb_error *error)
{
    uint8_t id[SB_DIGEST_SIZE];
    /* What eleven octal digits of a tar header can hold, so that every reader reads it. */
    if (options->time < 0 || options->time > INT64_C(8589934591))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The sealing time must lie between 1970 and 2242.");
    if (options->supersedes != NULL &&
        !sb_hex_decode(id, sizeof(id), options->supersedes, strlen(options->supersedes), true))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "--supersedes wants a seal id: 64 hex digits.");
    return check_keys(options, error);
}

/* ---- the files ----------------------------------------------------------------------------- */

/* What is known while they are made. */
struct making {
    struct sb_seal_files *out;
    const struct sb_sealable *bag;
    const struct sb_seal_options *options;
    const struct sealbag_key **keys; /* sorted by fingerprint */
    struct sb_seal seal;
};

/* The place of a new file, whose bytes are still to be made. There is one for each. */
static struct sb_buf *add_file(struct sb_seal_files *out, const char *path)
{
    struct sb_seal_file *file = &out->items[out->count++];
    snprintf(file->path, sizeof(file->path), "%s", path);
    return &file->bytes;
}

static int check_size(const struct sb_seal_files *out, struct sb_error *error)
{
    const struct sb_seal_file *file = &out->items[out->count - 1];
    const struct sealbag_limits limits = sb_limits_of(NULL);
    const char *name;
    if (file->bytes.len <= sb_kept_max(&name, file->path, &limits))
        return 0;
    return sb_error_set(error, SEALBAG_ERR_LIMIT,
                        "%s would be too large for programs that read bags. Make several bags.",
                        file->path);
}

/* One line for each file of this part of the bag. */
static int list_files(struct sb_buf *text, const struct sb_inventory *files, enum sb_part part)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < files->count; i++) {
        if (files->files[i].part == (uint8_t)part)
            r = sb_cover_append(text, files->files[i].digest, files->files[i].path);
    }
    return r;
}

/* For a bag that has none, so that its documents can be found by the digests that all seals use. */
static int make_manifest(struct making *making, struct sb_error *error)
{
    struct sb_buf *text = add_file(making->out, SB_SEAL_MANIFEST);
    if (list_files(text, making->bag->documents, SB_PART_PAYLOAD) < 0)
        return sb_error_memory(error);
    return check_size(making->out, error);
}

/* All lines of the cover, in the order of their paths; `manifest` is the seal's, or NULL. */
static int list_covered(struct sb_buf *text, const struct making *making,
                        const struct sb_buf *manifest, struct sb_error *error)
{
    struct sb_inventory all = {0};
    const struct sb_inventory *tags = making->bag->tags;
    uint8_t sha256[SB_SHA256_SIZE];
    int r = 0;
    for (size_t i = 0; r == 0 && i < tags->count; i++) {
        const struct sb_file *file = &tags->files[i];
        if (file->part == SB_PART_TAG)
            r = sb_inventory_add_borrowed(&all, file->path, file->size, 0, file->digest);
    }
    if (r == 0 && manifest != NULL) {
        if (sb_digest_bytes(sha256, making->bag->digest, manifest->data, manifest->len) < 0)
            r = sb_digest_failed(error);
        else
            r = sb_inventory_add_borrowed(&all, SB_SEAL_MANIFEST, manifest->len, 0, sha256);
    }
    sb_inventory_sort(&all);
    for (size_t i = 0; r == 0 && i < all.count; i++)
        r = sb_cover_append(text, all.files[i].digest, all.files[i].path);
    sb_inventory_free(&all);
    return r == SEALBAG_ERR_MEMORY ? sb_error_memory(error) : r;
}

static int make_cover(struct making *making, const uint8_t salt[SB_SALT_SIZE],
                      struct sb_error *error)
{
    struct sb_digest *digest = making->bag->digest;
    char salt_text[2 * SB_SALT_SIZE + 2];
    const struct sb_buf *manifest = NULL;
    int r = 0;
    if (!making->bag->listed) {
        r = make_manifest(making, error);
        manifest = &making->out->items[making->out->count - 1].bytes;
    }
    struct sb_buf *text = add_file(making->out, SB_COVER_TXT);
    if (r == 0)
        r = list_covered(text, making, manifest, error);
    if (r == 0)
        r = check_size(making->out, error);
    sb_hex_encode(salt_text, salt, SB_SALT_SIZE);
    memcpy(salt_text + (size_t)2 * SB_SALT_SIZE, "\n", 2);
    if (r == 0 &&
        sb_buf_append(add_file(making->out, SB_SALT_TXT), salt_text, strlen(salt_text)) < 0)
        r = sb_error_memory(error);
    if (r == 0 && (sb_digest_start(digest) < 0 ||
                   sb_digest_update(digest, salt_text, strlen(salt_text)) < 0 ||
                   sb_digest_update(digest, text->data, text->len) < 0 ||
                   sb_digest_finish(making->seal.cover, digest) < 0))
        r = sb_digest_failed(error);
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

static int make_seal_txt(struct making *making, struct sb_error *error)
{
    const struct sb_seal_options *options = making->options;
    const struct sb_inventory *documents = making->bag->documents;
    struct sb_seal *seal = &making->seal;
    uint8_t id[SB_SHA256_SIZE];
    size_t count = options->key_count + options->cosigner_count;
    snprintf(seal->name, sizeof(seal->name), "%s", making->bag->name);
    seal->sealed = options->time;
    for (size_t i = 0; i < documents->count; i++)
        seal->leaves += documents->files[i].part == SB_PART_PAYLOAD;
    seal->signers = calloc(count, sizeof(*seal->signers));
    if (seal->signers == NULL)
        return sb_error_memory(error);
    seal->signer_count = count;
    for (size_t i = 0; i < options->key_count; i++)
        sb_key_fingerprint(seal->signers[i], making->keys[i]);
    for (size_t i = 0; i < options->cosigner_count; i++)
        memcpy(seal->signers[options->key_count + i], options->cosigners[i],
               SEALBAG_FINGERPRINT_SIZE);
    qsort(seal->signers, count, sizeof(*seal->signers), by_text);
    const char *supersedes = options->supersedes;
    seal->supersedes_stated = supersedes != NULL;
    if (supersedes != NULL &&
        !sb_hex_decode(seal->supersedes, SB_DIGEST_SIZE, supersedes, strlen(supersedes), true))
        return sb_error_set(error, SEALBAG_ERR_USAGE, "A seal id is 64 hex digits.");
    struct sb_buf *text = add_file(making->out, SB_SEAL_TXT);
    if (sb_seal_format(text, seal) < 0)
        return sb_error_memory(error);
    if (sb_digest_bytes(id, making->bag->digest, text->data, text->len) < 0)
        return sb_digest_failed(error);
    sb_hex_encode(making->out->seal_id, id, sizeof(id));
    return 0;
}

static int sign_all(struct making *making, struct sb_error *error)
{
    const struct sb_buf *text = &making->out->items[making->out->count - 1].bytes;
    int r = 0;
    for (size_t i = 0; r == 0 && i < making->options->key_count; i++) {
        char name[SB_FP_NAME_SIZE], path[64];
        sb_key_name(name, making->keys[i]);
        snprintf(path, sizeof(path), "seal/%s.%s", name, sb_key_kind(making->keys[i]));
        r = sb_key_sign(add_file(making->out, path), making->keys[i], SB_ROLE_SEAL, text,
                        making->options->time, "seal.txt", error);
    }
    return r;
}

int sb_seal_make(struct sb_seal_files *out, const struct sb_sealable *bag,
                 const struct sb_seal_options *options, struct sb_error *error)
{
    enum { FIXED = 4 }; /* manifest, cover, salt, seal.txt */
    struct making making = {.out = out, .bag = bag, .options = options};
    uint8_t salt[SB_SALT_SIZE];
    *out = (struct sb_seal_files){0};
    if (options->salt != NULL)
        memcpy(salt, options->salt, sizeof(salt));
    else
        sb_leaf_new_salt(salt);
    out->items = calloc(FIXED + options->key_count, sizeof(*out->items));
    making.keys = calloc(options->key_count + 1, sizeof(const struct sealbag_key *));
    if (out->items == NULL || making.keys == NULL) {
        free(making.keys);
        return sb_error_memory(error);
    }
    for (size_t i = 0; i < options->key_count; i++)
        making.keys[i] = options->keys[i];
    qsort(making.keys, options->key_count, sizeof(const struct sealbag_key *), by_fingerprint);
    int r = sb_leaves_root(making.seal.root, bag->documents, bag->metadata, salt, bag->pool, error);
    if (r == 0)
        r = make_cover(&making, salt, error);
    if (r == 0)
        r = make_seal_txt(&making, error);
    if (r == 0)
        r = sign_all(&making, error);
    sb_seal_free(&making.seal);
    free(making.keys);
    return r;
}

void sb_seal_files_free(struct sb_seal_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        sb_buf_free(&files->items[i].bytes);
    free(files->items);
    *files = (struct sb_seal_files){0};
}
