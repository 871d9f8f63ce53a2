#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bag/index.h"
#include "base/file.h"
#include "base/limits.h"
#include "op/folder.h"

enum { BATCH_MAX = 16, READ_SIZE = 128 << 10 };

/* What became of a file. */
struct outcome {
    int trouble; /* errno, or CHANGED */
    bool kept, linked;
};
enum { CHANGED = -1, HASHING_FAILED = -2 };

struct hashing {
    struct sb_scan *scan;
    struct sb_rehash *rehash;
    struct sb_findings *findings;
    struct sb_folder *folder;
    unsigned algorithms;
    struct outcome *outcomes; /* for each file of the inventory */
    struct sealbag_progress now;
    struct sb_error *error;
};

/* Some files, one after the other, on any thread. */
struct batch {
    struct sb_task task;
    const struct hashing *hashing;
    struct sb_tree tree;
    struct sb_digest *digests[SB_ALGORITHMS];
    uint8_t *bytes;
    size_t first, count;
};

/* ---- on any thread ----------------------------------------------------------------------- */

static bool start(const struct batch *batch)
{
    for (int i = 0; i < SB_ALGORITHMS; i++) {
        if (batch->digests[i] != NULL && sb_digest_start(batch->digests[i]) < 0)
            return false;
    }
    return true;
}

static bool update(const struct batch *batch, const void *bytes, size_t len)
{
    for (int i = 0; i < SB_ALGORITHMS; i++) {
        if (batch->digests[i] != NULL && sb_digest_update(batch->digests[i], bytes, len) < 0)
            return false;
    }
    return true;
}

static bool finish(const struct batch *batch, size_t number)
{
    for (int i = 0; i < SB_ALGORITHMS; i++) {
        size_t size = sb_algorithm_size((enum sb_algorithm)i);
        uint8_t *out = i == SB_SHA256 ? batch->hashing->scan->inventory.files[number].digest
                       : batch->digests[i] != NULL
                           ? batch->hashing->rehash->digests[i] + number * size
                           : NULL;
        if (batch->digests[i] != NULL && sb_digest_finish(out, batch->digests[i]) < 0)
            return false;
    }
    return true;
}

/* No more than it had, so that one that grows for ever is read to an end. 0 or as in outcome. */
static int hash_bytes(const struct batch *batch, int fd, uint64_t size)
{
    if (batch->hashing->scan->quick)
        return 0;
    if (!start(batch))
        return HASHING_FAILED;
    for (uint64_t got = 0; got < size;) {
        uint64_t left = size - got;
        ssize_t n = sb_fd_read(fd, batch->bytes, left < READ_SIZE ? (size_t)left : READ_SIZE);
        if (n <= 0)
            return n < 0 ? errno : CHANGED;
        if (!update(batch, batch->bytes, (size_t)n))
            return HASHING_FAILED;
        got += (uint64_t)n;
    }
    return 0;
}

static void hash_file(struct batch *batch, size_t number)
{
    struct sb_file *file = &batch->hashing->scan->inventory.files[number];
    struct outcome *outcome = &batch->hashing->outcomes[number];
    struct stat status;
    int fd = sb_folder_open_file(&status, &batch->tree, file->path);
    if (fd < 0) {
        outcome->trouble = errno;
        return;
    }
    outcome->linked = status.st_nlink > 1;
    file->size = (uint64_t)status.st_size;
    outcome->trouble = hash_bytes(batch, fd, file->size);
    if (outcome->trouble == 0 && !finish(batch, number))
        outcome->trouble = HASHING_FAILED;
    if (outcome->trouble == 0 && !sb_folder_unchanged(fd, &status))
        outcome->trouble = CHANGED;
    close(fd);
}

static void run(struct sb_task *task)
{
    struct batch *batch = (struct batch *)task;
    for (size_t i = batch->first; i < batch->first + batch->count; i++) {
        if (!batch->hashing->outcomes[i].kept)
            hash_file(batch, i);
    }
}

/* ---- on the caller's --------------------------------------------------------------------- */

static int open_batch(struct batch *batch, const struct hashing *hashing)
{
    batch->task.run = run;
    batch->hashing = hashing;
    sb_tree_init(&batch->tree, hashing->folder->fd);
    batch->bytes = malloc(READ_SIZE);
    int r = batch->bytes != NULL ? 0 : sb_error_memory(hashing->error);
    for (int i = 0; r == 0 && i < SB_ALGORITHMS; i++) {
        if ((hashing->algorithms >> i & 1) != 0)
            r = sb_digest_new_of(&batch->digests[i], (enum sb_algorithm)i, hashing->error);
    }
    return r;
}

static void close_batch(struct batch *batch)
{
    if (batch->hashing == NULL)
        return;
    sb_pool_wait(batch->hashing->folder->pool, &batch->task);
    sb_tree_close(&batch->tree);
    for (int i = 0; i < SB_ALGORITHMS; i++)
        sb_digest_free(batch->digests[i]);
    free(batch->bytes);
}

/* Waits for the batch and counts what it did. 0 or CANCELLED. */
static int take_batch(struct hashing *hashing, struct batch *batch)
{
    const struct sb_reader_options *reading = hashing->folder->reading;
    sb_pool_wait(hashing->folder->pool, &batch->task);
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it is one of an array */
    for (size_t i = batch->first; i < batch->first + batch->count; i++)
        hashing->now.bytes += hashing->scan->inventory.files[i].size;
    hashing->now.files += batch->count;
    batch->count = 0;
    if (reading->progress != NULL && reading->progress(reading->progress_context, &hashing->now))
        return sb_error_set(hashing->error, SEALBAG_ERR_CANCELLED, "Stopped, as asked.");
    return 0;
}

/* All files, in the order of their paths: neighbours share a folder. */
static int hash_all(struct hashing *hashing, struct batch *batches, size_t batch_count)
{
    size_t files = hashing->scan->inventory.count;
    size_t each = files / (8 * batch_count) + 1, turn = 0;
    int r = 0;
    if (each > BATCH_MAX)
        each = BATCH_MAX;
    for (size_t i = 0; r == 0 && i < batch_count; i++)
        r = open_batch(&batches[i], hashing);
    for (size_t at = 0; r == 0 && at < files; at += each) {
        struct batch *batch = &batches[turn++ % batch_count];
        r = take_batch(hashing, batch);
        if (r < 0)
            break;
        batch->first = at;
        batch->count = files - at < each ? files - at : each;
        sb_pool_start(hashing->folder->pool, NULL, &batch->task);
    }
    for (size_t i = 0; r == 0 && i < batch_count; i++)
        r = take_batch(hashing, &batches[turn++ % batch_count]);
    return r;
}

/* Those that are kept: exactly the bytes that will be judged. */
static int hash_kept(struct hashing *hashing)
{
    struct sb_scan *scan = hashing->scan;
    struct batch batch = {0};
    int r = open_batch(&batch, hashing);
    for (size_t i = 0; r == 0 && i < scan->kept_count; i++) {
        struct sb_kept *kept = &scan->kept[i];
        if (kept->number >= scan->inventory.count)
            continue; /* it could not be read */
        if (!start(&batch) || !update(&batch, kept->bytes.data, kept->bytes.len) ||
            !finish(&batch, kept->number))
            r = sb_digest_failed(hashing->error);
        memcpy(kept->digest, scan->inventory.files[kept->number].digest, SB_DIGEST_SIZE);
        hashing->outcomes[kept->number].kept = true;
    }
    close_batch(&batch);
    return r;
}

static int tell_outcomes(struct hashing *hashing)
{
    const struct sb_inventory *files = &hashing->scan->inventory;
    uint64_t linked = 0, bytes = 0;
    const char *example = NULL;
    for (size_t i = 0; i < files->count; i++) {
        const struct outcome *outcome = &hashing->outcomes[i];
        if (outcome->trouble == HASHING_FAILED)
            return sb_digest_failed(hashing->error);
        if (outcome->trouble != 0)
            sb_folder_tell(hashing->findings, hashing->folder, files->files[i].path,
                           outcome->trouble == CHANGED ? 0 : outcome->trouble);
        if (outcome->linked && linked++ == 0)
            example = files->files[i].path;
        bytes += files->files[i].size;
    }
    if (linked > 0)
        sb_findings_add(hashing->findings, SB_RULE_FOLDER_LINKED, example,
                        "%" PRIu64
                        " files, such as this one, also have another name (hard links), through "
                        "which they can be changed. Keep a copy that has none.",
                        linked);
    if (bytes > hashing->folder->limits.expanded) {
        hashing->folder->failed = true;
        struct sb_error over = {0};
        sb_limit_reached(&over, "expanded", hashing->folder->limits.expanded,
                         "The bag has more bytes than it may");
        sb_findings_add_error(hashing->findings, &over);
    }
    return 0;
}

static bool same_part(struct sb_tree *tree, const struct sb_folder_part *part)
{
    const char *name;
    struct stat now;
    if (part->path[0] == 0)
        return sb_folder_unchanged(tree->root, &part->before);
    int above = sb_tree_parent(tree, part->path, false, &name);
    return above >= 0 && fstatat(above, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
           sb_folder_same(&now, &part->before);
}

/* A folder in which something came or went meanwhile was not read as it was at any one time. */
static void check_parts(struct hashing *hashing)
{
    struct sb_folder *folder = hashing->folder;
    struct sb_tree tree;
    sb_tree_init(&tree, folder->fd);
    for (size_t i = 0; i < folder->count; i++) {
        if (!same_part(&tree, &folder->parts[i]))
            sb_folder_tell(hashing->findings, folder, folder->parts[i].path, 0);
    }
    sb_tree_close(&tree);
}

/* index.tsv tells places in an archive. */
static void judge_index(struct hashing *hashing)
{
    struct sb_scan *scan = hashing->scan;
    const struct sb_file *index = sb_inventory_find(&scan->inventory, SB_INDEX_TSV);
    if (scan->quick)
        return;
    scan->index.found = index != NULL;
    scan->index.number = index != NULL ? (size_t)(index - scan->inventory.files) : 0;
    sb_scan_index_judge(hashing->findings, scan);
}

int sb_folder_hash(struct sb_scan *scan, struct sb_rehash *rehash, unsigned others,
                   struct sb_findings *findings, struct sb_folder *folder, struct sb_error *error)
{
    struct hashing hashing = {.scan = scan,
                              .rehash = rehash,
                              .findings = findings,
                              .folder = folder,
                              .algorithms = scan->quick ? 0 : others | 1U << SB_SHA256,
                              .now = {.files_total = scan->inventory.count},
                              .error = error};
    size_t batch_count = 2 * (size_t)sb_pool_jobs(folder->pool);
    struct batch *batches = calloc(batch_count, sizeof(*batches));
    hashing.outcomes = calloc(scan->inventory.count + 1, sizeof(*hashing.outcomes));
    int r = batches != NULL && hashing.outcomes != NULL ? 0 : sb_error_memory(error);
    if (r == 0)
        r = sb_rehash_reserve(rehash, others, scan->inventory.count, error);
    if (r == 0)
        r = hash_kept(&hashing);
    if (r == 0)
        r = hash_all(&hashing, batches, batch_count);
    for (size_t i = 0; batches != NULL && i < batch_count; i++)
        close_batch(&batches[i]);
    if (r == 0)
        r = tell_outcomes(&hashing);
    if (r == 0) {
        check_parts(&hashing);
        judge_index(&hashing);
        scan->ended = !folder->failed;
    }
    free(batches);
    free(hashing.outcomes);
    return r;
}
