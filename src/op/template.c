/* A table to fill in, and whether a filled one can be taken: create without a bag. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/media.h"
#include "op/create_impl.h"
#include "op/problems.h"
#include "record/relation.h"

/* As in docs/format.md, "Provenance records". Who has more than two values of a kind adds columns
 * of the same name. */
const char *const sb_record_columns[SB_RECORD_COLUMNS] = {
    "dc.title",
    "dc.creator",
    "dc.publisher",
    "dc.source",
    "dcterms.issued",
    "premis.eventDateTime",
    "premis.linkingAgentIdentifierValue",
    "premis.eventDetail",
    "dc.language",
    "dc.rights",
    "dc.description",
    "dcterms.references",
    "dcterms.references",
    "prov.wasQuotedFrom",
    "prov.wasQuotedFrom",
    "prov.hadPrimarySource",
    "prov.hadPrimarySource",
    "prov.wasDerivedFrom",
    "prov.wasDerivedFrom",
    "dc.format",
    "dcterms.extent",
};

static int add_rows(struct sb_create *create)
{
    struct sb_metadata *table = &create->metadata;
    int r = 0;
    for (size_t i = 0; r == 0 && i < SB_RECORD_COLUMNS; i++)
        r = sb_metadata_add_column(table, sb_record_columns[i]);
    for (size_t i = 0; r == 0 && i < create->source.count; i++)
        r = sb_metadata_add_row(table, create->source.files[i].bag_path);
    return r == 0 ? sb_metadata_sort(table) : r;
}

static int add_value(struct sb_document *document, struct sb_arena *arena, enum sb_known known,
                     const char *text)
{
    struct sb_known_values *values = &document->known;
    if (values->count == SB_KNOWN_VALUES_MAX)
        return 0;
    const char *copy = sb_arena_copy(arena, text, strlen(text));
    values->items[values->count++] = (struct sb_known_value){.known = known, .value = copy};
    return copy != NULL ? 0 : SEALBAG_ERR_MEMORY;
}

/* What can be told from an open document. 0, MEMORY, or IO with errno. */
static int examine(struct sb_document *out, struct sb_document_reader *reader, int fd)
{
    struct stat status;
    char extent[SB_EXTENT_SIZE];
    if (fstat(fd, &status) < 0)
        return SEALBAG_ERR_IO;
    if (!S_ISREG(status.st_mode)) {
        errno = EINVAL; /* it was replaced since the walk */
        return SEALBAG_ERR_IO;
    }
    out->size = (uint64_t)status.st_size;
    ssize_t n = sb_fd_read(fd, reader->buffer, SB_MEDIA_BYTES);
    if (n < 0)
        return SEALBAG_ERR_IO;
    const char *type = sb_media_type(reader->buffer, (size_t)n);
    int r = sb_xattr_read(&out->known, &reader->known, fd);
    if (r == 0 && type != NULL)
        r = add_value(out, &reader->known, SB_KNOWN_FORMAT, type);
    sb_create_write_extent(extent, out->size);
    return r == 0 ? add_value(out, &reader->known, SB_KNOWN_EXTENT, extent) : r;
}

static int take_document(struct sb_create *create, struct sb_document_reader *reader,
                         const struct sb_source_file *file, struct sb_error *error)
{
    struct sb_document document = {0};
    sb_arena_free(&reader->known);
    int fd = sb_document_open(reader, file);
    int r = fd >= 0 ? examine(&document, reader, fd) : SEALBAG_ERR_IO;
    int reason = errno;
    if (fd >= 0)
        close(fd);
    if (r == SEALBAG_ERR_IO) {
        struct sb_buf name = {0};
        r = sb_source_name_of(&name, &create->source, file->root, file->bag_path) < 0
                ? sb_error_memory(error)
                : sb_error_errno(error, reason, "read", (const char *)name.data);
        sb_buf_free(&name);
        return r;
    }
    if (r < 0 || sb_inventory_add_borrowed(&create->documents, file->bag_path, document.size, 0,
                                           document.sha256) < 0)
        return sb_error_memory(error);
    return sb_create_note_known(create, file, &document, error);
}

static int take_all(struct sb_create *create, struct sb_error *error)
{
    struct sb_document_reader reader = {0};
    int r = sb_document_reader_open(&reader, create, NULL, error);
    for (size_t i = 0; r == 0 && i < create->source.count; i++)
        r = take_document(create, &reader, &create->source.files[i], error);
    sb_document_reader_close(&reader);
    return r == 0 ? sb_create_fill_metadata(create, error) : r;
}

static int write_table(struct sb_create *create, struct sb_error *error)
{
    struct sb_buf text = {0};
    int r = sb_metadata_format(&text, &create->metadata) < 0
                ? sb_error_memory(error)
                : sb_output_write(&create->output, text.data, text.len, error);
    sb_buf_free(&text);
    return r == 0 ? sb_output_commit(&create->output, create->options->force, error) : r;
}

/* Names what is to be walked; nothing of it has to fit into a bag of a certain name. */
static int take_source(struct sb_create *create, struct sealbag_problems *problems,
                       struct sb_error *error)
{
    memcpy(create->name, "bag", sizeof("bag"));
    if (problems != NULL)
        *problems = (struct sealbag_problems){0};
    if (create->options->source_count == 0)
        return sb_error_set(error, SEALBAG_ERR_USAGE, "Name a folder or files.");
    int r = sb_pool_new(&create->pool, create->options->jobs, error);
    if (r == 0)
        r = sb_create_start_reading(create, error);
    return r == 0 ? sb_create_take_source(create, problems, error) : r;
}

int sealbag_metadata_template(uint64_t *documents, struct sealbag_problems *problems,
                              const struct sealbag_template_options *options,
                              struct sb_error *error)
{
    const struct sealbag_recording recording = {
        .xattrs = true, .note = options->note, .note_context = options->note_context};
    const struct sealbag_create_options as_create = {
        .output = options->output,
        .output_fd = options->output_fd,
        .force = options->force,
        .sources = options->sources,
        .source_count = options->source_count,
        .recording = &recording,
        .jobs = options->jobs,
        .skip_special = true,
    };
    /* It goes into a file, as a bundle does that is no folder. */
    struct sb_create create = {.options = &as_create,
                               .packing = SB_PACKED_TAR,
                               .output = {.fd = -1, .dir_fd = -1},
                               .only_check = true};
    int r = take_source(&create, problems, error);
    if (r == 0)
        r = sb_create_open_output(&create, error);
    if (r == 0 && add_rows(&create) < 0)
        r = sb_error_memory(error);
    if (r == 0)
        r = take_all(&create, error);
    if (r == 0)
        r = write_table(&create, error);
    if (documents != NULL)
        *documents = create.documents.count;
    sb_create_free(&create);
    sb_output_abort(&create.output);
    return r;
}

/* ---- check ------------------------------------------------------------------------------- */

static void count_records(struct sealbag_metadata_checked *out, const struct sb_create *create)
{
    const struct sb_metadata *table = &create->metadata;
    *out = (struct sealbag_metadata_checked){.documents = create->source.count,
                                             .records = sb_metadata_documents(table)};
    out->folders = table->row_count - out->records;
    for (size_t i = 0; i < table->column_count; i++) {
        if (sb_relation_kind(table->columns[i]) == SEALBAG_RELATION_KINDS)
            continue;
        for (size_t j = 0; j < table->row_count; j++)
            out->relations += sb_metadata_cell(table, j, i) != NULL &&
                              !sb_metadata_is_folder(table->rows[j].path);
    }
}

int sealbag_metadata_check(struct sealbag_metadata_checked *out, struct sealbag_problems *problems,
                           const struct sealbag_create_options *options, struct sb_error *error)
{
    const struct sealbag_create_options as_create = {
        .sources = options->sources,
        .source_count = options->source_count,
        .metadata = options->metadata,
        .require_metadata = options->require_metadata,
        .jobs = options->jobs,
        .privacy = options->privacy,
        .privacy_accept = options->privacy_accept,
        .skip_special = true,
    };
    struct sb_create create = {
        .options = &as_create, .output = {.fd = -1, .dir_fd = -1}, .only_check = true};
    int r = take_source(&create, problems, error);
    if (r == 0)
        r = sb_create_take_metadata(&create, problems, error);
    if (r == 0 && out != NULL)
        count_records(out, &create);
    if (r == 0)
        r = sb_create_doubt_records(problems, &create, error);
    if (r == 0)
        r = sb_create_check_cells(&create, error);
    sb_create_free(&create);
    return r;
}
