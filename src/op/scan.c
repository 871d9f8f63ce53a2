#include "op/scan.h"

#include <stdlib.h>
#include <string.h>

#include "bag/index.h"
#include "op/hasher.h"

struct pass {
    struct sb_scan *scan;
    struct sb_findings *findings;
    const struct sb_sink *sink;
    struct sb_reader *reader;
    struct sb_digest *digest;
    struct sb_hasher *hasher; /* NULL: files are hashed here */
    size_t hashed;            /* files whose digest is in the inventory */
    struct sb_error *error;
    bool salvage;
    bool sink_failed; /* the error is not about the bundle */
};

void sb_scan_free(struct sb_scan *scan)
{
    sb_scan_kept_free(scan);
    free(scan->top);
    sb_inventory_free(&scan->inventory);
    sb_scan_index_free(&scan->index);
    *scan = (struct sb_scan){0};
}

/* A place to keep a file's bytes, or NULL when it is not kept. Which of two would be believed?
 * Salvaging, the first: it must hold by itself. */
static int keep(struct pass *pass, struct sb_kept **out, const char *path, uint64_t size)
{
    *out = NULL;
    if (pass->salvage && sb_scan_kept(pass->scan, path) != NULL)
        return 0;
    return sb_scan_make_room(out, pass->scan, path, size, sb_reader_limits(pass->reader),
                             sb_reader_input_bytes(pass->reader), pass->error);
}

static int sink_result(struct pass *pass, int result)
{
    pass->sink_failed = result < 0;
    return result;
}

static int hash_failed(struct pass *pass)
{
    return sb_digest_failed(pass->error);
}

/* A sb_hashed_fn: files are reported in the order in which they were read. */
static void take_digest(void *context, const uint8_t sha256[SB_SHA256_SIZE])
{
    struct pass *pass = context;
    memcpy(pass->scan->inventory.files[pass->hashed++].digest, sha256, SB_SHA256_SIZE);
}

static int hash(struct pass *pass, const uint8_t *bytes, size_t len)
{
    if (pass->scan->quick)
        return 0;
    if (pass->hasher != NULL)
        return sb_hasher_update(pass->hasher, bytes, len, pass->error);
    return sb_digest_update(pass->digest, bytes, len) < 0 ? hash_failed(pass) : 0;
}

static int take_data(struct pass *pass, struct sb_kept *kept, bool want)
{
    const uint8_t *bytes;
    size_t len;
    int r;
    if (pass->scan->quick && kept == NULL && !want)
        return sb_reader_skip(pass->reader, pass->error);
    while ((r = sb_reader_data(pass->reader, &bytes, &len, pass->error)) > 0) {
        int taken = hash(pass, bytes, len);
        if (taken < 0)
            return taken;
        if (kept != NULL && sb_buf_append(&kept->bytes, bytes, len) < 0)
            return sb_error_memory(pass->error);
        if (want) {
            taken = pass->sink->data(pass->sink->context, bytes, len, pass->error);
            if (taken < 0)
                return sink_result(pass, taken);
        }
    }
    return r;
}

/* The file was read whole: it goes into the inventory, with its digest or to wait for it. */
static int add_file(struct pass *pass, const char *path, const struct sb_entry *entry,
                    uint8_t sha256[SB_DIGEST_SIZE])
{
    struct sb_inventory *inventory = &pass->scan->inventory;
    memset(sha256, 0, SB_DIGEST_SIZE);
    if (pass->scan->quick)
        return sb_inventory_add(inventory, path, entry->size, entry->at, sha256) < 0
                   ? sb_error_memory(pass->error)
                   : 0;
    if (pass->hasher == NULL && sb_digest_finish(sha256, pass->digest) < 0)
        return hash_failed(pass);
    if (sb_inventory_add(inventory, path, entry->size, entry->at, sha256) < 0)
        return sb_error_memory(pass->error);
    int r = pass->hasher != NULL ? sb_hasher_finish(pass->hasher, pass->error) : 0;
    if (r == 0 && !pass->salvage)
        r = sb_scan_index_file(&pass->scan->index, path, entry, inventory->count - 1, pass->error);
    return r;
}

/* A document, of which only the list of entries is believed. */
static int list_file(struct pass *pass, const char *path, const struct sb_entry *entry)
{
    const uint8_t none[SB_DIGEST_SIZE] = {0};
    return sb_inventory_add(&pass->scan->inventory, path, entry->size, entry->at, none) < 0
               ? sb_error_memory(pass->error)
               : sb_reader_skip(pass->reader, pass->error);
}

static int take_file(struct pass *pass, const char *path, const struct sb_entry *entry)
{
    const struct sb_sink *sink = pass->sink;
    uint8_t sha256[SB_DIGEST_SIZE];
    struct sb_kept *kept;
    bool want = false;
    int r = keep(pass, &kept, path, entry->size);
    if (r == 0 && sink != NULL)
        r = sink_result(pass,
                        sink->begin(sink->context, &want, pass->scan->top, path, pass->error));
    if (r == 0 && pass->hasher == NULL && sb_digest_start(pass->digest) < 0)
        r = hash_failed(pass);
    if (r < 0)
        return r;
    r = take_data(pass, kept, want);
    bool lost = r == SEALBAG_ERR_DAMAGED && pass->salvage && !pass->sink_failed;
    if (r == 0 && kept != NULL)
        r = sb_scan_check_kept(kept, sb_reader_limits(pass->reader),
                               sb_reader_input_bytes(pass->reader), pass->error);
    if (r < 0 && !lost)
        return r;
    if (kept != NULL)
        kept->number = pass->scan->inventory.count;
    if (lost && kept != NULL)
        sb_scan_unkeep(pass->scan);
    r = lost ? 0 : add_file(pass, path, entry, sha256);
    if (r == 0 && want)
        r = sink_result(pass, sink->end(sink->context, path, lost,
                                        sink->needs_digest && !lost ? sha256 : NULL, pass->error));
    return r;
}

/* After the last file: all digests are there, also those of the files that were kept. */
static int finish_files(struct pass *pass)
{
    struct sb_scan *scan = pass->scan;
    int r = pass->hasher != NULL ? sb_hasher_drain(pass->hasher, pass->error) : 0;
    for (size_t i = 0; r == 0 && i < scan->kept_count; i++) {
        struct sb_kept *kept = &scan->kept[i];
        if (kept->number < scan->inventory.count)
            memcpy(kept->digest, scan->inventory.files[kept->number].digest, SB_DIGEST_SIZE);
    }
    return r;
}

/* Strips the top-level folder: *path is NULL for what lies outside it or is it. 0 or MEMORY. */
static int inside(const char **path, struct pass *pass, const struct sb_entry *entry)
{
    struct sb_scan *scan = pass->scan;
    const char *slash = strchr(entry->path, '/');
    size_t len = slash != NULL ? (size_t)(slash - entry->path) : strlen(entry->path);
    *path = NULL;
    if (scan->top == NULL && (slash != NULL || entry->folder)) {
        scan->top = strndup(entry->path, len);
        if (scan->top == NULL)
            return sb_error_memory(pass->error);
    }
    if (scan->top != NULL && strlen(scan->top) == len && memcmp(scan->top, entry->path, len) == 0) {
        if (slash != NULL)
            *path = slash + 1;
        if (slash != NULL || entry->folder)
            return 0;
    }
    sb_findings_add(pass->findings, SB_RULE_PATH_OUTSIDE, entry->path,
                    "This lies outside the one top-level folder that a bag has.");
    return 0;
}

/* A file, or a folder, which only counts when it is empty. */
static int take_entry(struct pass *pass, const struct sb_entry *entry)
{
    const char *path = NULL;
    int r = sb_scan_check_limits(pass->scan, entry->path, sb_reader_limits(pass->reader),
                                 sb_reader_input_bytes(pass->reader), pass->error);
    if (r == 0)
        r = inside(&path, pass, entry);
    if (r < 0 || path == NULL)
        return r;
    if (!entry->folder && pass->scan->only_lists && sb_part_of(path) == SB_PART_PAYLOAD)
        return list_file(pass, path, entry);
    if (!entry->folder)
        return take_file(pass, path, entry);
    return sb_inventory_add_folder(&pass->scan->inventory, path) < 0 ? sb_error_memory(pass->error)
                                                                     : 0;
}

static int take_entries(struct pass *pass)
{
    struct sb_entry entry;
    int r;
    while ((r = sb_reader_next(pass->reader, &entry, pass->error)) > 0) {
        r = take_entry(pass, &entry);
        if (r < 0)
            return r;
    }
    return r;
}

int sb_scan_some(struct sb_scan *scan, struct sb_scan_end *end, struct sb_reader *reader,
                 size_t most, const struct sb_sink *sink, struct sb_error *error)
{
    struct sb_findings findings = {0};
    struct pass pass = {
        .scan = scan, .findings = &findings, .sink = sink, .reader = reader, .error = error};
    struct sb_entry entry;
    *end = (struct sb_scan_end){0};
    int r = sb_digest_new(&pass.digest, error);
    for (size_t i = 0; r == 0 && i < most; i++) {
        r = sb_reader_next(reader, &entry, error);
        end->ended = r == 0;
        if (r <= 0)
            break;
        r = take_entry(&pass, &entry);
    }
    if (r == 0)
        r = finish_files(&pass);
    if (r == 0 && findings.exit_code != 0)
        r = sb_rule_error(error, SB_RULE_PATH_OUTSIDE, "A file lies outside the bag's folder.");
    end->sink_failed = pass.sink_failed;
    sb_findings_free(&findings);
    sb_digest_free(pass.digest);
    return r;
}

bool sb_scan_about_bundle(const struct sb_error *error)
{
    return sb_rule_by_name(error->rule) != SB_RULE_COUNT &&
           (error->code == SEALBAG_ERR_DAMAGED || error->code == SEALBAG_ERR_UNSUPPORTED ||
            error->code == SEALBAG_ERR_LIMIT || error->code == SEALBAG_ERR_IO);
}

int sb_scan_read(struct sb_scan *scan, struct sb_findings *findings, int fd,
                 const struct sb_reader_options *options, const struct sb_sink *sink,
                 struct sb_error *error)
{
    struct sb_error own = {0};
    struct pass pass = {
        .scan = scan,
        .findings = findings,
        .sink = sink,
        .error = &own,
        .salvage = options->salvage,
    };
    int r = sb_digest_new(&pass.digest, error);
    /* With two threads, this one is busy enough with hashing while the other decompresses. */
    if (r == 0 && !options->salvage && !scan->quick && (sink == NULL || !sink->needs_digest) &&
        sb_pool_jobs(options->pool) > 2)
        r = sb_hasher_new(&pass.hasher, options->pool, take_digest, &pass, error);
    if (r < 0) {
        sb_digest_free(pass.digest);
        return r;
    }
    r = sb_reader_open(&pass.reader, fd, options, &own);
    if (r == 0) {
        scan->packing = sb_reader_packing(pass.reader);
        r = take_entries(&pass);
    }
    if (r == 0 || pass.hasher == NULL) {
        int finished = finish_files(&pass);
        r = r == 0 ? finished : r;
    }
    if (r == 0) {
        scan->ended = true;
        scan->index.could_point = sb_reader_pointer(&scan->index.pointer, pass.reader);
        if (!options->salvage && !scan->quick)
            sb_scan_index_judge(findings, scan);
    }
    sb_reader_close(pass.reader);
    sb_hasher_free(pass.hasher);
    sb_digest_free(pass.digest);
    if (r < 0 && !pass.sink_failed && sb_scan_about_bundle(&own)) {
        sb_findings_add_error(findings, &own);
        r = 0;
    }
    if (r < 0 && error != NULL)
        *error = own;
    sb_inventory_sort(&scan->inventory);
    return findings->overflow ? sb_error_memory(error) : r;
}
