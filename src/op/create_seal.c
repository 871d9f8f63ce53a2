/* Writes seal/ of a bag that is being made. */
#include <string.h>

#include "op/create_impl.h"
#include "op/seal_make.h"

struct sb_seal_options sb_create_seal_options(const struct sealbag_create_options *options)
{
    return (struct sb_seal_options){
        .keys = options->keys,
        .key_count = options->key_count,
        .cosigners = options->cosigners,
        .cosigner_count = options->cosigner_count,
        .supersedes = options->supersedes,
        .salt = options->salt,
        .time = options->time,
    };
}

int sb_create_seal(char seal_id[65], struct sb_create *create, struct sb_error *error)
{
    const struct sb_seal_options options = sb_create_seal_options(create->options);
    const struct sb_sealable bag = {
        .name = create->name,
        .documents = &create->documents,
        .tags = &create->tags,
        .metadata = &create->metadata,
        .listed = true,
        .pool = create->pool,
        .digest = create->digest,
    };
    struct sb_seal_files files;
    sb_inventory_sort(&create->tags);
    int r = sb_seal_make(&files, &bag, &options, error);
    for (size_t i = 0; r == 0 && i < files.count; i++)
        r = sb_create_plain(create, files.items[i].path, files.items[i].bytes.data,
                            files.items[i].bytes.len, error);
    if (r == 0)
        memcpy(seal_id, files.seal_id, sizeof(files.seal_id));
    sb_seal_files_free(&files);
    return r;
}
