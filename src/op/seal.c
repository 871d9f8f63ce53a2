/* Seals a bag that others have made. It is read by a process that is locked in; all of seal/ is
 * made here, out of what that one found. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bag/twins.h"
#include "base/file.h"
#include "base/text.h"
#include "op/folder.h"
#include "op/repack.h"
#include "op/seal_folder.h"
#include "op/seal_make.h"

struct sealing {
    const struct sealbag_seal_options *options;
    struct sb_seal_options seal;
    struct sealbag_sealed *out;
    char *path; /* of the bag, without links in it */
    int fd;
    struct sb_seal_files made;
};

/* ---- what both ways have in common --------------------------------------------------------- */

static int open_bag(struct sealing *sealing, struct sb_error *error)
{
    struct stat status;
    char shown[1024];
    sealing->path = realpath(sealing->options->bag, NULL);
    if (sealing->path == NULL)
        return sb_error_errno(error, errno, "open", sealing->options->bag);
    /* Never waits for a pipe. */
    sealing->fd = open(sealing->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    if (sealing->fd < 0 || fstat(sealing->fd, &status) < 0)
        return sb_error_errno(error, errno, "open", sealing->path);
    sealbag_text_escape(shown, sizeof(shown), sealing->path);
    if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
        return sb_error_set(error, SEALBAG_ERR_UNSUPPORTED,
                            "%s is neither a folder nor a file, so no bag in it can be sealed.",
                            shown);
    if (!S_ISDIR(status.st_mode) && sealing->options->output == NULL)
        return sb_error_set(
            error, SEALBAG_ERR_USAGE,
            "%s is a file, and no file is changed: of an archive a new one is made, with "
            "the seal. Name it with -o.",
            shown);
    return 0;
}

static int refuse_sealed(const struct sealing *sealing, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_EXISTS,
                        "%s has a seal/ already. A signature is added to a seal with sealbag sign.",
                        sealbag_text_escape(shown, sizeof(shown), sealing->path));
}

/* Among what was left out could be what whoever seals it should not. */
static int refuse_unlisted(const struct sealing *sealing, struct sb_error *error)
{
    char shown[1024];
    return sb_error_set(error, SEALBAG_ERR_LIMIT,
                        "More is to be said of %s than can be listed, so nobody can know what he "
                        "would seal. Ask for a bag whose tag manifests list its files.",
                        sealbag_text_escape(shown, sizeof(shown), sealing->path));
}

/* Where two names are one, another folder would be found in the seal or among the documents, or
 * instead of them. */
static int check_twins(const struct sealing *sealing, const struct sb_inventory *files,
                       struct sb_error *error)
{
    const char *last = "";
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->files[i].path;
        size_t len = strcspn(path, "/");
        char shown[600], bag[1024];
        /* Sorted: what lies in one folder comes one after another. */
        if (files->files[i].part != SB_PART_TAG ||
            (strncmp(path, last, len) == 0 && strcspn(last, "/") == len))
            continue;
        last = path;
        if (len == 4 && memcmp(path, "seal", len) == 0)
            return refuse_sealed(sealing, error);
        bool seal = sb_twins_first_like(path, "seal");
        if (seal || sb_twins_first_like(path, "data"))
            return sb_error_rule(
                error, SEALBAG_ERR_UNSUPPORTED, sb_rule_row(SB_RULE_PATH_TWIN)->rule,
                "%s has %s, whose first name is the same as \"%s\" on some "
                "systems: there the bag would be taken for damaged. Ask whoever "
                "made it for one without that.",
                sealbag_text_escape(bag, sizeof(bag), sealing->path),
                sealbag_text_escape(shown, sizeof(shown), path), seal ? "seal" : "data");
    }
    return 0;
}

static void describe(struct sealing *sealing, const struct sb_inventory *files,
                     const struct sealbag_verdict *verdict)
{
    struct sealbag_sealed *out = sealing->out;
    memcpy(out->name, verdict->name, sizeof(out->name));
    out->documents = verdict->documents;
    out->bytes = verdict->bytes;
    for (size_t i = 0; i < files->count; i++)
        out->covered += files->files[i].part == SB_PART_TAG;
    for (size_t i = 0; i < verdict->finding_count; i++)
        out->unlisted +=
            strcmp(verdict->finding[i].rule, sb_rule_row(SB_RULE_TAG_UNLISTED)->rule) == 0;
}

static int make_seal(struct sealing *sealing, const struct sb_inventory *files,
                     const struct sb_judge *judge, struct sb_error *error)
{
    struct sb_sealable bag = {
        .name = sealing->out->name,
        .documents = files,
        .tags = files,
        .metadata = &judge->metadata,
        .listed = judge->manifest_whole,
        .digest = judge->digest,
    };
    int r = sb_pool_new(&bag.pool, sealing->options->verify.jobs, error);
    sealing->out->manifest = !bag.listed;
    if (r == 0)
        r = sb_seal_make(&sealing->made, &bag, &sealing->seal, error);
    /* Before another process is started, which would get the locks that its threads hold. */
    sb_pool_free(bag.pool);
    return r;
}

/* Whether the bag is one to seal. 1: it is. 0: the verdict says why not. */
static int consider(struct sealing *sealing, const struct sb_inventory *files,
                    const struct sealbag_verdict *verdict, struct sb_error *error)
{
    const struct sealbag_seal_options *options = sealing->options;
    if (verdict->sealed)
        return refuse_sealed(sealing, error);
    if (verdict->exit_code != sb_rule_row(SB_RULE_UNSIGNED)->exit_code ||
        verdict->intact != SEALBAG_INTACT)
        return 0;
    int r = verdict->findings_omitted == 0 ? check_twins(sealing, files, error)
                                           : refuse_unlisted(sealing, error);
    if (r < 0)
        return r;
    describe(sealing, files, verdict);
    if (options->confirm != NULL && options->confirm(options->confirm_context, verdict) != 0)
        return sb_error_set(error, SEALBAG_ERR_CANCELLED, "Nothing was sealed, as asked.");
    return 1;
}

static void tell_published(struct sealing *sealing)
{
    memcpy(sealing->out->seal_id, sealing->made.seal_id, sizeof(sealing->made.seal_id));
    sealing->out->published = true;
}

/* ---- a folder, in place -------------------------------------------------------------------- */

/* The verdict takes the inventory, so what is sealed is copied before. */
static int copy_files(struct sb_inventory *files, const struct sb_inventory *from,
                      struct sb_error *error)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < from->count; i++)
        r = sb_inventory_add(files, from->files[i].path, from->files[i].size, 0,
                             from->files[i].digest);
    return r < 0 ? sb_error_memory(error) : 0;
}

static int read_bag(struct sealbag_verdict **verdict, struct sb_inventory *files,
                    struct sb_guard *guard, const struct sealing *sealing, struct sb_error *error)
{
    int r = sb_inspection_look(&guard->inspection, error);
    if (r == 0)
        r = sb_guard_open(guard, &sealing->options->verify, error);
    if (r == 0)
        r = sb_guard_ask(guard, SB_READ_ALL, error);
    if (r > 0)
        r = copy_files(files, &guard->judge.scan.inventory, error);
    if (r == 0)
        r = sb_guard_verdict(verdict, guard, error);
    /* From now on nobody is there who has read hostile bytes. */
    sb_guard_stop(guard);
    return r;
}

/* What is signed is not what the other process says of the files, which it may have been made to
 * say by one of them. They are hashed once more, here, where none is looked into. */
static int hash_again(const struct sealing *sealing, const struct sb_inventory *files,
                      struct sb_error *error)
{
    const struct sealbag_verify_options *options = &sealing->options->verify;
    const struct sb_reader_options reading = {
        .limits = &options->limits,
        .progress = options->progress,
        .progress_context = options->progress_context,
    };
    struct sb_folder folder = {.fd = sealing->fd, .name = sealing->out->name, .reading = &reading};
    char shown[1024];
    bool same;
    int r = sb_folder_check(&same, files, &folder, options->jobs, error);
    if (r < 0 || same)
        return r;
    return sb_error_rule(error, SEALBAG_ERR_CHANGED, sb_rule_row(SB_RULE_FOLDER_CHANGED)->rule,
                         "%s is not as it was when it was judged, so it was not sealed. If no "
                         "program writes there, the bag may have been made to do that: do not "
                         "use it.",
                         sealbag_text_escape(shown, sizeof(shown), sealing->path));
}

static bool holds_made(const struct sb_judge *judge, const struct sealing *sealing)
{
    for (size_t i = 0; i < sealing->made.count; i++) {
        const struct sb_seal_file *file = &sealing->made.items[i];
        uint8_t sha256[SB_SHA256_SIZE];
        const struct sb_file *found = sb_inventory_find(&judge->scan.inventory, file->path);
        if (found == NULL || found->size != file->bytes.len ||
            sb_digest_bytes(sha256, judge->digest, file->bytes.data, file->bytes.len) < 0 ||
            memcmp(sha256, found->digest, sizeof(sha256)) != 0)
            return false;
    }
    return true;
}

/* Once more the whole bag, now with its seal: somebody could have changed it since. */
static int look_at_new(const struct sealing *sealing, struct sb_error *error)
{
    struct sealbag_verify_options options = sealing->options->verify;
    struct sb_guard guard = {.inspection = {.fd = sealing->fd, .start = -1}};
    options.seal = sealing->made.seal_id;
    int r = sb_inspection_look(&guard.inspection, error);
    if (r == 0)
        r = sb_guard_open(&guard, &options, error);
    if (r == 0)
        r = sb_guard_ask(&guard, SB_READ_ALL, error);
    if (r > 0) {
        const struct sb_findings *findings = &guard.judge.findings;
        bool verifies = findings->exit_code == 0 || findings->exit_code == 3;
        r = 0;
        if (!verifies || !holds_made(&guard.judge, sealing))
            r = sb_error_set(error, SEALBAG_ERR_CHANGED,
                             "With its seal the bag would not verify, so it was not sealed. %s",
                             !verifies && findings->count > 0
                                 ? findings->items[0].sentence
                                 : "It was changed while it was sealed.");
    }
    sb_guard_close(&guard);
    return r;
}

static int publish(struct sealing *sealing, struct sb_error *error)
{
    struct sb_seal_folder folder;
    struct sb_error back = {0};
    int r = sb_seal_folder_open(&folder, sealing->fd, sealing->path, error);
    if (r == 0 && folder.replaces)
        r = refuse_sealed(sealing, error);
    for (size_t i = 0; r == 0 && i < sealing->made.count; i++) {
        const struct sb_seal_file *file = &sealing->made.items[i];
        r = sb_seal_folder_add(&folder, file->path, file->bytes.data, file->bytes.len, error);
    }
    if (r == 0)
        r = sb_seal_folder_publish(&folder, error);
    if (r == 0) {
        r = look_at_new(sealing, error);
        if (r < 0 && sb_seal_folder_revert(&folder, &back) < 0) {
            r = back.code;
            if (error != NULL)
                *error = back;
        }
    }
    return sb_seal_folder_close(&folder, r, error);
}

static int seal_in_place(struct sealbag_verdict **verdict, struct sealing *sealing,
                         struct sb_error *error)
{
    struct sb_inventory files = {0};
    struct sb_guard guard = {
        .inspection = {.fd = sealing->fd, .start = -1, .provenance = true, .to_seal = true}};
    int r = sb_file_lock(sealing->fd, sealing->path, error);
    if (r == 0)
        r = read_bag(verdict, &files, &guard, sealing, error);
    if (r == 0)
        r = consider(sealing, &files, *verdict, error);
    if (r > 0) {
        r = hash_again(sealing, &files, error);
        if (r == 0)
            r = make_seal(sealing, &files, &guard.judge, error);
        if (r == 0)
            r = publish(sealing, error);
        if (r == 0)
            tell_published(sealing);
    }
    sb_inventory_free(&files);
    sb_guard_close(&guard);
    return r;
}

/* ---- into a new archive -------------------------------------------------------------------- */

static int publish_copy(struct sealing *sealing, struct sb_repack *repack, struct sb_error *error)
{
    size_t count = sealing->made.count;
    struct sb_addition *additions = calloc(count + 1, sizeof(*additions));
    if (additions == NULL)
        return sb_error_memory(error);
    for (size_t i = 0; i < count; i++) {
        const struct sb_seal_file *file = &sealing->made.items[i];
        additions[i] = (struct sb_addition){file->path, file->bytes.data, file->bytes.len};
    }
    const struct sb_repack_more more = {
        .additions = additions,
        .count = count,
        .seal = sealing->made.seal_id,
        .time = sealing->options->time,
    };
    int r = sb_repack_publish(repack, &more, error);
    free(additions);
    return r;
}

static int seal_copy(struct sealbag_verdict **verdict, struct sealing *sealing,
                     struct sb_error *error)
{
    struct sb_repack repack = {.guard = {.inspection = {.fd = sealing->fd, .to_seal = true}}};
    const struct sb_repack_options options = {
        .verify = &sealing->options->verify,
        .output = sealing->options->output,
        .force = sealing->options->force,
        .format = sealing->options->format,
        .level = sealing->options->level,
    };
    int r = sb_repack_open(&repack, &options, error);
    if (r == 0 && repack.verdict != NULL)
        r = consider(sealing, &repack.files, repack.verdict, error);
    bool made = r > 0;
    if (r > 0)
        r = make_seal(sealing, &repack.files, &repack.guard.judge, error);
    if (r == 0 && made)
        r = publish_copy(sealing, &repack, error);
    *verdict = repack.verdict;
    repack.verdict = NULL;
    r = sb_repack_close(&repack, r, error);
    if (r == 0 && made)
        tell_published(sealing);
    return r;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static int check_options(struct sealing *sealing, struct sb_error *error)
{
    const struct sealbag_seal_options *options = sealing->options;
    sealing->seal = (struct sb_seal_options){
        .keys = options->keys,
        .key_count = options->key_count,
        .cosigners = options->cosigners,
        .cosigner_count = options->cosigner_count,
        .supersedes = options->supersedes,
        .salt = options->salt,
        .time = options->time,
    };
    if (options->key_count == 0)
        return sb_error_set(error, SEALBAG_ERR_USAGE, "Name the key to seal with: --key FILE.");
    return sb_seal_options_check(&sealing->seal, error);
}

int sealbag_bag_seal(struct sealbag_sealed *out, struct sealbag_verdict **verdict,
                     const struct sealbag_seal_options *options, struct sb_error *error)
{
    struct sealing sealing = {.options = options, .out = out, .fd = -1};
    *out = (struct sealbag_sealed){0};
    *verdict = NULL;
    int r = check_options(&sealing, error);
    if (r == 0)
        r = sb_sign_init(error);
    if (r == 0)
        r = open_bag(&sealing, error);
    if (r == 0)
        r = options->output != NULL ? seal_copy(verdict, &sealing, error)
                                    : seal_in_place(verdict, &sealing, error);
    sb_seal_files_free(&sealing.made);
    if (sealing.fd >= 0)
        close(sealing.fd);
    free(sealing.path);
    return r;
}
