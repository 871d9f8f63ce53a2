/* What documents say of themselves, in their extended attributes and by their time, goes into the
 * cells of the records that are empty. It is known only when a document is read, by whichever
 * thread; it is taken up in the order of the bag. */
#include <string.h>

#include "base/text.h"
#include "op/create_impl.h"

/* Of the year 9999. */
#define LAST_SECOND INT64_C(253402300799)

/* Whether the records say nothing there: a column can be repeated. */
static bool is_empty(const struct sb_metadata *table, size_t row, enum sb_known known)
{
    const char *column = sb_known_column(known);
    if (row == SIZE_MAX)
        return true;
    for (size_t i = 0; (i = sb_metadata_column(table, column, i)) != SIZE_MAX; i++) {
        if (sb_metadata_cell(table, row, i) != NULL)
            return false;
    }
    return true;
}

static int remember(struct sb_create *create, enum sb_known known, const char *value,
                    struct sb_error *error)
{
    struct sb_filling *filling = &create->filling;
    void *grown =
        sb_array_grow(filling->items, &filling->cap, filling->count, sizeof(*filling->items));
    const char *copy = sb_arena_copy(&filling->strings, value, strlen(value));
    if (grown != NULL)
        filling->items = grown;
    if (grown == NULL || copy == NULL)
        return sb_error_memory(error);
    filling->items[filling->count++] = (struct sb_fill){create->documents.count - 1, known, copy};
    return 0;
}

static int tell(const struct sb_create *create, const struct sb_source_file *file,
                const struct sb_known_note *note, struct sb_error *error)
{
    const struct sealbag_recording *recording = create->options->recording;
    struct sb_buf text = {0};
    const char *path = file->bag_path + strlen("data/");
    if (recording->note == NULL)
        return 0;
    int r = sb_text_escape(&text, path, strlen(path));
    if (r == 0)
        r = sb_buf_printf(&text, ": %s", note->sentence);
    if (r == 0)
        recording->note(recording->note_context, note->rule, note->warning,
                        (const char *)text.data);
    sb_buf_free(&text);
    return r == 0 ? 0 : sb_error_memory(error);
}

static int note_time(struct sb_create *create, const struct sb_source_file *file,
                     const struct timespec *mtime, struct sb_error *error)
{
    static const struct sb_known_note out_of_range = {
        "metadata.left-out", true,
        "Its time is not recorded: it lies before the year 1970 or after 9999."};
    char text[SB_INSTANT_SIZE];
    if (mtime->tv_sec < 0 || mtime->tv_sec > LAST_SECOND)
        return tell(create, file, &out_of_range, error);
    sb_instant_format(text, mtime->tv_sec, (uint32_t)mtime->tv_nsec);
    return remember(create, SB_KNOWN_MTIME, text, error);
}

int sb_create_note_known(struct sb_create *create, const struct sb_source_file *file,
                         const struct sb_document *document, struct sb_error *error)
{
    const struct sealbag_recording *recording = create->options->recording;
    const struct sb_metadata *table = &create->metadata;
    if (recording == NULL)
        return 0;
    size_t row = sb_metadata_find(table, file->bag_path);
    int r = 0;
    for (unsigned i = 0; recording->xattrs && i < document->known.count; i++) {
        const struct sb_known_value *value = &document->known.items[i];
        if (!is_empty(table, row, value->known))
            continue;
        if (value->value != NULL)
            r = remember(create, value->known, value->value, error);
        for (unsigned j = 0; r == 0 && j < value->note_count; j++)
            r = tell(create, file, &value->notes[j], error);
        if (r < 0)
            return r;
    }
    if (recording->mtimes && is_empty(table, row, SB_KNOWN_MTIME))
        r = note_time(create, file, &document->mtime, error);
    return r;
}

/* ---- the records ------------------------------------------------------------------------ */

/* The columns that are missing, in the order of the list of what can be known. */
static int add_columns(size_t columns[SB_KNOWN_COUNT], struct sb_metadata *table,
                       const struct sb_filling *filling)
{
    bool used[SB_KNOWN_COUNT] = {0};
    for (size_t i = 0; i < filling->count; i++)
        used[filling->items[i].known] = true;
    for (unsigned i = 0; i < SB_KNOWN_COUNT; i++) {
        const char *name = sb_known_column((enum sb_known)i);
        columns[i] = sb_metadata_column(table, name, 0);
        if (!used[i] || columns[i] != SIZE_MAX)
            continue;
        columns[i] = table->column_count;
        if (sb_metadata_add_column(table, name) < 0)
            return SEALBAG_ERR_MEMORY;
    }
    return 0;
}

int sb_create_fill_metadata(struct sb_create *create, struct sb_error *error)
{
    const struct sb_filling *filling = &create->filling;
    struct sb_metadata *table = &create->metadata;
    size_t columns[SB_KNOWN_COUNT];
    size_t document = SIZE_MAX, row = SIZE_MAX;
    if (filling->count == 0)
        return 0;
    int r = add_columns(columns, table, filling);
    for (size_t i = 0; r == 0 && i < filling->count; i++) {
        const struct sb_fill *fill = &filling->items[i];
        if (fill->document != document) {
            const char *path = create->documents.files[fill->document].path;
            document = fill->document;
            row = sb_metadata_find(table, path);
            if (row == SIZE_MAX) {
                row = table->row_count;
                r = sb_metadata_add_row(table, path);
            }
        }
        if (r == 0)
            r = sb_metadata_set(table, row, columns[fill->known], fill->value);
    }
    if (r == 0)
        r = sb_metadata_sort(table);
    return r < 0 ? sb_error_memory(error) : 0;
}
