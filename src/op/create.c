#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bag/limits.h"
#include "bag/taginfo.h"
#include "base/path.h"
#include "base/text.h"
#include "op/create_impl.h"
#include "op/format.h"
#include "op/key.h"
#include "op/problems.h"
#include "op/profile.h"

int sb_create_plain(struct sb_create *create, const char *path, const void *bytes, size_t len,
                    struct sb_error *error)
{
    if (!sb_create_is_folder(create))
        return sb_bundle_add(&create->bundle, path, bytes, len, error);
    struct sb_buf whole = {0};
    if (sb_buf_printf(&whole, "%s/%s", create->name, path) < 0)
        return sb_error_memory(error);
    int r = sb_bag_writer_begin(&create->writer, (const char *)whole.data, len, error);
    if (r == 0 && len > 0)
        r = sb_bag_writer_data(&create->writer, bytes, len, error);
    if (r == 0)
        r = sb_bag_writer_end(&create->writer, error);
    sb_buf_free(&whole);
    return r;
}

int sb_create_tag(struct sb_create *create, const char *path, const struct sb_buf *bytes,
                  struct sb_error *error)
{
    uint8_t sha256[SB_DIGEST_SIZE];
    if (sb_digest_bytes(sha256, create->digest, bytes->data, bytes->len) < 0)
        return sb_digest_failed(error);
    return sb_create_hashed_tag(create, path, bytes, sha256, error);
}

int sb_create_hashed_tag(struct sb_create *create, const char *path, const struct sb_buf *bytes,
                         const uint8_t sha256[SB_SHA256_SIZE], struct sb_error *error)
{
    const struct sealbag_limits limits = sb_limits_of(NULL);
    const char *name;
    if (bytes->len > sb_kept_max(&name, path, &limits))
        return sb_error_set(error, SEALBAG_ERR_LIMIT,
                            "%s would be too large for programs that read bags. Make several bags.",
                            path);
    if (sb_inventory_add(&create->tags, path, bytes->len, 0, sha256) < 0)
        return sb_error_memory(error);
    int r = sb_create_note_second_tag(create, bytes, error);
    return r == 0 ? sb_create_plain(create, path, bytes->data, bytes->len, error) : r;
}

/* ---- the options ------------------------------------------------------------------------ */

/* The output's name without its ending, or the one source's name. */
static int derive_name(struct sb_create *create, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    char *name = NULL;
    if (sb_create_is_folder(create)) {
        return sb_create_name_folder(create, error);
    } else if (options->name != NULL) {
        name = strdup(options->name);
    } else if (options->output != NULL) {
        const char *slash = strrchr(options->output, '/');
        const char *base = slash != NULL ? slash + 1 : options->output;
        name = strndup(base, sb_format_stem(base));
    } else if (options->source_count == 1) {
        name = sb_source_name(options->sources[0]);
        if (name == NULL && errno == ENOENT)
            return sb_error_errno(error, errno, "open", options->sources[0]);
    } else {
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "Give the bag a name with --name when several sources go to a pipe.");
    }
    if (name == NULL)
        return sb_error_memory(error);
    const char *why = sb_bag_name_bad(name, strlen(name));
    int r = 0;
    if (why != NULL) {
        char shown[600];
        r = sb_error_set(error, SEALBAG_ERR_USAGE,
                         "\"%s\" cannot name a bag: it %s. Give another name with --name.",
                         sealbag_text_escape(shown, sizeof(shown), name), why);
    } else {
        memcpy(create->name, name, strlen(name) + 1);
    }
    free(name);
    return r;
}

/* What is said of the seal, or may be said only of one. */
static int check_seal(const struct sealbag_create_options *options, struct sb_error *error)
{
    if (options->key_count == 0 &&
        (options->salt != NULL || options->supersedes != NULL || options->cosigner_count > 0))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "A salt, --supersedes and --cosigner are parts of a seal. Give a key "
                            "with --key.");
    const struct sb_seal_options seal = sb_create_seal_options(options);
    return sb_seal_options_check(&seal, error);
}

static int check_options(struct sb_create *create, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    if (options->source_count == 0)
        return sb_error_set(error, SEALBAG_ERR_USAGE, "Name a folder or files to seal.");
    int r = sb_format_choose(&create->packing, options->format, options->output, error);
    if (r == 0)
        r = sb_format_check_level(create->packing, options->level, error);
    if (r == 0)
        r = sb_create_take_algorithms(create, error);
    if (r < 0)
        return r;
    for (size_t i = 0; i < options->info_count; i++) {
        const char *why = sb_bag_info_label_bad(options->info[i]);
        if (why != NULL) {
            char shown[600];
            return sb_error_set(error, SEALBAG_ERR_USAGE, "The label \"%s\" %s.",
                                sealbag_text_escape(shown, sizeof(shown), options->info[i]), why);
        }
    }
    const char *twice = sb_bag_info_repeated(options->info, options->info_count);
    if (twice != NULL)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The label %s is given twice. A bag states it once.", twice);
    r = check_seal(options, error);
    return r == 0 ? derive_name(create, error) : r;
}

/* ---- the source ------------------------------------------------------------------------- */

static int list_omissions(struct sealbag_problems *problems, const struct sb_create *create)
{
    const struct sb_source *source = &create->source;
    bool skip = create->options->skip_special;
    const char *what = create->only_check ? " (create refuses it, or leaves it out with "
                                            "--skip-special)"
                       : skip             ? " (left out)"
                                          : "";
    int r = 0;
    for (size_t i = 0; r == 0 && i < source->omission_count; i++) {
        const char *path = source->omissions[i].bag_path;
        r = sb_problems_add(problems, skip ? SEALBAG_WARNING : SEALBAG_ERROR,
                            skip ? "source.omitted" : sb_error_rule_of(SEALBAG_ERR_SOURCE),
                            strncmp(path, "data/", 5) == 0 ? path + 5 : path, "%s%s",
                            source->omissions[i].why, what);
    }
    return r;
}

int sb_create_take_source(struct sb_create *create, struct sealbag_problems *problems,
                          struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    struct sb_source *source = &create->source;
    int r = sb_source_walk(source, create->name, options->sources, options->source_count,
                           create->pool, error);
    if (r < 0)
        return r;
    if (list_omissions(problems, create) < 0)
        return sb_error_memory(error);
    if (source->omission_count > 0 && !options->skip_special)
        return sb_error_set(error, SEALBAG_ERR_SOURCE,
                            "%zu %s cannot be sealed, so nothing was. Take %s out of the "
                            "source, or leave %s out on record with --skip-special.",
                            source->omission_count,
                            source->omission_count == 1 ? "thing in the source"
                                                        : "things in the source",
                            source->omission_count == 1 ? "it" : "them",
                            source->omission_count == 1 ? "it" : "them");
    if (source->count == 0)
        return sb_error_set(error, SEALBAG_ERR_SOURCE,
                            "The source holds no document. There is nothing to seal.");
    create->now.bytes_total = source->bytes;
    create->now.files_total = source->count;
    return 0;
}

/* ---- the bag ---------------------------------------------------------------------------- */

/* A path that is not UTF-8 is recorded as it would be shown; bag-info.txt is UTF-8. */
static int append_omission(struct sb_buf *text, const struct sb_omission *omission)
{
    const char *path = omission->bag_path;
    int r = sb_buf_puts(text, "Omitted-File: ");
    if (r == 0)
        r = sb_text_escape(text, path, strlen(path));
    return r == 0 ? sb_buf_printf(text, " (%s)\n", omission->why) : r;
}

static int write_bag_info(struct sb_create *create, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    struct sb_buf text = {0};
    char time[SB_TIME_SIZE];
    uint64_t bytes = 0;
    int r = 0;
    for (size_t i = 0; i < create->documents.count; i++)
        bytes += create->documents.files[i].size;
    for (size_t i = 0; r == 0 && i < options->info_count; i++)
        r = sb_buf_printf(&text, "%s\n", options->info[i]);
    if (r == 0)
        r = sb_create_name_profile(&text, options);
    for (size_t i = 0; r == 0 && i < create->source.omission_count; i++)
        r = append_omission(&text, &create->source.omissions[i]);
    if (r == 0)
        r = sb_buf_printf(&text,
                          "Bagging-Date: %.10s\nPayload-Oxum: %" PRIu64
                          ".%zu\nBag-Software-Agent: sealbag " SEALBAG_VERSION "\n",
                          sb_time_format(time, options->time), bytes, create->documents.count);
    r = r < 0 ? sb_error_memory(error) : sb_create_tag(create, "bag-info.txt", &text, error);
    sb_buf_free(&text);
    return r;
}

static int write_bag(struct sealbag_created *out, struct sb_create *create, struct sb_error *error)
{
    struct sb_buf declaration = {0};
    int r = sb_buf_puts(&declaration, SB_BAGIT_TXT) < 0
                ? sb_error_memory(error)
                : sb_create_tag(create, "bagit.txt", &declaration, error);
    sb_buf_free(&declaration);
    if (r == 0)
        r = sb_create_documents(create, error);
    if (r == 0)
        r = write_bag_info(create, error);
    if (r == 0)
        r = sb_create_check_filled(create, error);
    if (r == 0)
        r = sb_create_fill_metadata(create, error);
    if (r == 0)
        r = sb_create_write_metadata(create, error);
    if (r == 0)
        r = sb_create_manifests(create, error);
    if (r == 0 && create->options->key_count > 0)
        r = sb_create_seal(out->seal_id, create, error);
    return r == 0 && !sb_create_is_folder(create) ? sb_bundle_finish(&create->bundle, error) : r;
}

static int open_writer(struct sb_create *create, struct sb_error *error)
{
    bool folder = sb_create_is_folder(create);
    const struct sb_bundle_options options = {
        .packing = create->packing,
        .level = create->options->level,
        .name = create->name,
        .mtime = create->options->time,
        .indexed = create->options->key_count > 0,
        .output = &create->output,
        .pool = create->pool,
    };
    int r = folder ? 0 : sb_bundle_open(&create->bundle, &options, error);
    if (r == 0)
        sb_bag_writer_open(&create->writer, create, folder ? NULL : &create->bundle, NULL);
    return r;
}

void sb_create_free(struct sb_create *create)
{
    sb_create_free_records(create);
    sb_bag_writer_close(&create->writer);
    sb_bundle_free(&create->bundle);
    sb_pool_free(create->pool);
    sb_digest_free(create->digest);
    sb_create_free_second(create);
    sb_inventory_free(&create->documents);
    sb_inventory_free(&create->tags);
    free(create->filling.items);
    sb_arena_free(&create->filling.strings);
    sb_source_free(&create->source);
    free(create->output_folder);
}

static int run(struct sealbag_created *out, struct sealbag_problems *problems,
               struct sb_create *create, struct sb_error *error)
{
    int r = check_options(create, error);
    if (r == 0)
        r = sb_sign_init(error);
    if (r == 0)
        r = sb_pool_new(&create->pool, create->options->jobs, error);
    if (r == 0)
        r = sb_create_start_reading(create, error);
    if (r == 0)
        r = sb_create_take_source(create, problems, error);
    if (r == 0)
        r = sb_create_take_metadata(create, problems, error);
    if (r == 0)
        r = sb_create_check_profile(create, problems, error);
    if (r == 0)
        r = sb_create_open_output(create, error); /* it is known at once when it cannot be there */
    if (r == 0)
        r = sb_create_check_privacy(create, error);
    if (r == 0)
        r = sb_digest_new(&create->digest, error);
    if (r == 0)
        r = sb_create_open_second(create, error);
    if (r == 0)
        r = open_writer(create, error);
    if (r == 0)
        r = write_bag(out, create, error);
    if (r == 0)
        r = sb_create_doubt_names(problems, create, error);
    if (r == 0)
        r = sb_create_doubt_records(problems, create, error);
    if (r == 0)
        r = sb_create_doubt_labels(problems, create, error);
    if (r < 0)
        return r;
    if (sb_create_is_folder(create))
        return sb_create_publish(create, error);
    out->bundle_bytes = create->output.written;
    out->beyond_ratio = sb_expands_too_far(
        sb_limits_of(NULL).ratio, sb_bundle_unpacked(&create->bundle), create->output.written);
    return sb_output_commit(&create->output, create->options->force, error);
}

int sealbag_bundle_create(struct sealbag_created *out, struct sealbag_problems *problems,
                          const struct sealbag_create_options *options, struct sb_error *error)
{
    struct sb_create create = {.options = options,
                               .output = {.fd = -1, .dir_fd = -1},
                               .staging = {.fd = -1, .dir_fd = -1, .file = -1}};
    *out = (struct sealbag_created){0};
    if (problems != NULL)
        *problems = (struct sealbag_problems){0};
    int r = run(out, problems, &create, error);
    if (r == 0) {
        memcpy(out->name, create.name, sizeof(out->name));
        out->documents = create.documents.count;
        for (size_t i = 0; i < create.documents.count; i++)
            out->bytes += create.documents.files[i].size;
        out->empty_folders = create.source.empty_folders;
        out->omitted = create.source.omission_count;
        out->filled = create.filling.count;
        out->records = sb_metadata_documents(&create.metadata);
        out->folders = create.metadata.row_count - out->records;
    }
    /* First what may still be writing. */
    sb_create_free(&create);
    sb_output_abort(&create.output);
    return sb_staging_close(&create.staging, r, error);
}
