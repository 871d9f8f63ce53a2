/* The privacy check over all that goes into a bag. */
#include <string.h>

#include "op/create_impl.h"
#include "op/privacy.h"

static int check_label(struct sealbag_privacy *check, const char *line, struct sb_error *error)
{
    struct sb_buf field = {0};
    size_t len = strcspn(line, ":");
    int r = sb_buf_printf(&field, "the label %.*s", (int)(len < 100 ? len : 100), line) < 0
                ? sb_error_memory(error)
                : sb_privacy_text(check, "bag-info.txt", (const char *)field.data,
                                  line + len + (line[len] != 0), error);
    sb_buf_free(&field);
    return r;
}

static int check_cell(struct sealbag_privacy *check, const struct sb_metadata *table, size_t row,
                      size_t column, struct sb_error *error)
{
    const char *cell = sb_metadata_cell(table, row, column);
    struct sb_buf file = {0};
    if (cell == NULL || !sb_privacy_text_tells(check, cell))
        return 0;
    int r =
        sb_buf_printf(&file, "the record of %s", table->rows[row].path) < 0
            ? sb_error_memory(error)
            : sb_privacy_text(check, (const char *)file.data, table->columns[column], cell, error);
    sb_buf_free(&file);
    return r;
}

static int conclude(const struct sb_create *create, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    if (options->privacy->count == 0 || options->privacy_accept)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_PRIVACY,
                        "The privacy check found what may identify people, so nothing was sealed. "
                        "Look at each finding; seal clean copies of the files, and keep the "
                        "originals elsewhere; change records and labels; or seal all as it is "
                        "with --privacy=accept.");
}

int sb_create_check_filled(const struct sb_create *create, struct sb_error *error)
{
    struct sealbag_privacy *check = create->options->privacy;
    struct sb_buf file = {0};
    int r = 0;
    if (check == NULL)
        return 0;
    for (size_t i = 0; r == 0 && i < create->filling.count; i++) {
        const struct sb_fill *fill = &create->filling.items[i];
        if (!sb_privacy_text_tells(check, fill->value))
            continue;
        file.len = 0;
        if (sb_buf_printf(&file, "the record of %s", create->documents.files[fill->document].path) <
            0)
            r = sb_error_memory(error);
        else
            r = sb_privacy_text(check, (const char *)file.data, sb_known_column(fill->known),
                                fill->value, error);
    }
    sb_buf_free(&file);
    return r == 0 ? conclude(create, error) : r;
}

int sb_create_check_privacy(struct sb_create *create, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    const struct sb_metadata *table = &create->metadata;
    struct sealbag_privacy *check = options->privacy;
    if (check == NULL)
        return 0;
    int r = sb_privacy_source(check, &create->source, &create->pool, options->progress,
                              options->progress_context, error);
    if (r == 0)
        r = sb_pool_new(&create->pool, options->jobs, error);
    for (size_t i = 0; r == 0 && i < options->info_count; i++)
        r = check_label(check, options->info[i], error);
    for (size_t i = 0; r == 0 && i < table->row_count; i++) {
        for (size_t j = 0; r == 0 && j < table->column_count; j++)
            r = check_cell(check, table, i, j, error);
    }
    return r == 0 ? conclude(create, error) : r;
}
