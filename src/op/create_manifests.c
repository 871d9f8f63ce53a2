/* The manifests of a new bag: of SHA-256, and of SHA-512 beside them if it is asked for. The
 * digests of the documents were made while these were read. */
#include <stdlib.h>
#include <string.h>

#include "bag/manifest.h"
#include "op/create_impl.h"

/* RFC 8493, section 2.4, recommends these two for new bags; the older ones can be forged, or are no
 * stronger. */
int sb_create_take_algorithms(struct sb_create *create, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    for (size_t i = 0; i < options->algorithm_count; i++) {
        const char *name = options->algorithms[i];
        char shown[100];
        enum sb_algorithm algorithm = sb_algorithm_find(name, strlen(name));
        create->sha512 |= algorithm == SB_SHA512;
        if (algorithm != SB_SHA256 && algorithm != SB_SHA512)
            return sb_error_set(error, SEALBAG_ERR_USAGE,
                                "New bags have manifests of sha256, always, and of sha512 if it is "
                                "asked for, but not of \"%s\".",
                                sealbag_text_escape(shown, sizeof(shown), name));
    }
    return 0;
}

int sb_create_open_second(struct sb_create *create, struct sb_error *error)
{
    return create->sha512 ? sb_digest_new_of(&create->second.digest, SB_SHA512, error) : 0;
}

void sb_create_free_second(struct sb_create *create)
{
    sb_digest_free(create->second.digest);
    sb_buf_free(&create->second.documents);
    free(create->second.tags);
}

int sb_create_note_second(struct sb_create *create, const struct sb_document *document,
                          struct sb_error *error)
{
    if (!create->sha512)
        return 0;
    return sb_buf_append(&create->second.documents, document->sha512, SB_HASH_SIZE_MAX) < 0
               ? sb_error_memory(error)
               : 0;
}

int sb_create_note_second_tag(struct sb_create *create, const struct sb_buf *bytes,
                              struct sb_error *error)
{
    struct sb_create_second *second = &create->second;
    if (!create->sha512)
        return 0;
    struct sb_tag_digest *tags =
        sb_array_grow(second->tags, &second->tag_cap, second->tag_count, sizeof(*tags));
    if (tags == NULL)
        return sb_error_memory(error);
    second->tags = tags;
    struct sb_tag_digest *tag = &tags[second->tag_count++];
    tag->path = create->tags.files[create->tags.count - 1].path;
    return sb_digest_bytes(tag->sha512, second->digest, bytes->data, bytes->len) < 0
               ? sb_digest_failed(error)
               : 0;
}

/* A tag file's other digest. There are few of them. */
static const uint8_t *find_tag(const struct sb_create *create, const char *path)
{
    size_t i = 0;
    while (i + 1 < create->second.tag_count && strcmp(create->second.tags[i].path, path) != 0)
        i++;
    return create->second.tags[i].sha512;
}

static int write_manifest(struct sb_create *create, enum sb_algorithm algorithm, bool tags,
                          struct sb_error *error)
{
    const struct sb_inventory *listed = tags ? &create->tags : &create->documents;
    struct sb_buf text = {0};
    char path[40];
    int r = 0;
    snprintf(path, sizeof(path), "%smanifest-%s.txt", tags ? "tag" : "",
             sb_algorithm_name(algorithm));
    for (size_t i = 0; r == 0 && i < listed->count; i++) {
        const struct sb_file *file = &listed->files[i];
        const uint8_t *digest = file->digest;
        /* Tag manifests list no tag manifests (RFC 8493, section 2.2.1). */
        if (tags && strncmp(file->path, "tagmanifest-", 12) == 0)
            continue;
        if (algorithm == SB_SHA512)
            digest = tags ? find_tag(create, file->path)
                          : create->second.documents.data + i * SB_HASH_SIZE_MAX;
        r = sb_manifest_append_of(&text, algorithm, digest, file->path);
    }
    r = r < 0 ? sb_error_memory(error) : sb_create_tag(create, path, &text, error);
    sb_buf_free(&text);
    return r;
}

int sb_create_manifests(struct sb_create *create, struct sb_error *error)
{
    int r = write_manifest(create, SB_SHA256, false, error);
    if (r == 0 && create->sha512)
        r = write_manifest(create, SB_SHA512, false, error);
    sb_inventory_sort(&create->tags);
    if (r == 0)
        r = write_manifest(create, SB_SHA256, true, error);
    if (r == 0 && create->sha512)
        r = write_manifest(create, SB_SHA512, true, error);
    return r;
}
