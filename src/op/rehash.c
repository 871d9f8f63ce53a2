#include "op/rehash.h"

#include <stdlib.h>
#include <string.h>

#include "op/scan.h"

struct pass {
    struct sb_rehash *out;
    const struct sb_inventory *inventory;
    struct sb_digest *digests[SB_ALGORITHMS];
    size_t seen;
};

static int changed(struct sb_error *error)
{
    return sb_error_set(error, SEALBAG_ERR_CHANGED,
                        "The bundle was changed while it was read. Try again.");
}

static int begin(void *context, bool *want, const char *top, const char *path,
                 struct sb_error *error)
{
    struct pass *pass = context;
    (void)top;
    (void)path;
    *want = true;
    for (int i = 0; i < SB_ALGORITHMS; i++) {
        if (pass->digests[i] != NULL && sb_digest_start(pass->digests[i]) < 0)
            return sb_digest_failed(error);
    }
    return 0;
}

static int data(void *context, const void *bytes, size_t len, struct sb_error *error)
{
    struct pass *pass = context;
    for (int i = 0; i < SB_ALGORITHMS; i++) {
        if (pass->digests[i] != NULL && sb_digest_update(pass->digests[i], bytes, len) < 0)
            return sb_digest_failed(error);
    }
    return 0;
}

static int end(void *context, const char *path, bool lost, const uint8_t *digest,
               struct sb_error *error)
{
    struct pass *pass = context;
    const struct sb_file *file = sb_inventory_find(pass->inventory, path);
    if (lost || file == NULL)
        return changed(error);
    size_t number = (size_t)(file - pass->inventory->files);
    /* Of a path that is there twice, which is a finding, nobody can tell which one this is. */
    bool twice = number + 1 < pass->inventory->count && strcmp(file[1].path, path) == 0;
    if (!twice && memcmp(file->digest, digest, SB_DIGEST_SIZE) != 0)
        return changed(error);
    for (int i = 0; i < SB_ALGORITHMS; i++) {
        size_t size = sb_algorithm_size((enum sb_algorithm)i);
        if (pass->digests[i] != NULL &&
            sb_digest_finish(pass->out->digests[i] + number * size, pass->digests[i]) < 0)
            return sb_digest_failed(error);
    }
    pass->seen++;
    return 0;
}

int sb_rehash_reserve(struct sb_rehash *out, unsigned wanted, size_t files, struct sb_error *error)
{
    for (int i = 0; i < SB_ALGORITHMS; i++) {
        if ((wanted >> i & 1) == 0)
            continue;
        out->digests[i] = calloc(files + 1, sb_algorithm_size((enum sb_algorithm)i));
        if (out->digests[i] == NULL)
            return sb_error_memory(error);
    }
    return 0;
}

static int prepare(struct pass *pass, unsigned wanted, struct sb_error *error)
{
    int r = sb_rehash_reserve(pass->out, wanted, pass->inventory->count, error);
    for (int i = 0; r == 0 && i < SB_ALGORITHMS; i++) {
        if ((wanted >> i & 1) != 0)
            r = sb_digest_new_of(&pass->digests[i], (enum sb_algorithm)i, error);
    }
    return r;
}

int sb_rehash_read(struct sb_rehash *out, unsigned wanted, const struct sb_inventory *inventory,
                   int fd, const struct sb_reader_options *options, struct sb_error *error)
{
    struct sb_scan again = {0};
    struct sb_findings findings = {0};
    struct pass pass = {.out = out, .inventory = inventory};
    const struct sb_sink sink = {
        .context = &pass, .begin = begin, .data = data, .needs_digest = true, .end = end};
    int r = prepare(&pass, wanted, error);
    if (r == 0)
        r = sb_scan_read(&again, &findings, fd, options, &sink, error);
    if (r == 0 && (!again.ended || pass.seen != inventory->count))
        r = changed(error);
    for (int i = 0; i < SB_ALGORITHMS; i++)
        sb_digest_free(pass.digests[i]);
    sb_scan_free(&again);
    sb_findings_free(&findings);
    return r;
}

const uint8_t *sb_rehash_digest(const struct sb_rehash *rehash, enum sb_algorithm algorithm,
                                const struct sb_inventory *inventory, size_t number)
{
    if (algorithm == SB_SHA256)
        return inventory->files[number].digest;
    const uint8_t *digests = rehash->digests[algorithm];
    return digests != NULL ? digests + number * sb_algorithm_size(algorithm) : NULL;
}

void sb_rehash_free(struct sb_rehash *rehash)
{
    for (int i = 0; i < SB_ALGORITHMS; i++)
        free(rehash->digests[i]);
    *rehash = (struct sb_rehash){0};
}
