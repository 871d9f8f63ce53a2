/* The privacy check over all that goes into a bag. */
#include <stdlib.h>
#include <string.h>

#include "op/create_impl.h"
#include "op/heads.h"
#include "op/privacy.h"
#include "record/csv.h"

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

/* ---- cells: threads find out which of them tell something ---------------------------------- */

enum { SLICE_ROWS = 4096 };

struct place {
    size_t row, column;
};

/* Some of the rows. */
struct sb_create_slice {
    struct sb_task task;
    const struct sb_metadata *table;
    const struct sealbag_privacy *check;
    size_t from, to;
    struct place *telling;
    size_t count, cap;
    bool no_memory;
};

/* As sb_privacy_may_tell, of a text that is UTF-8. */
static bool may_tell(const struct sb_create_slice *slice, size_t row, size_t column)
{
    return slice->check->name_count > 0
               ? sb_metadata_cell(slice->table, row, column) != NULL
               : (sb_metadata_kinds(slice->table, row, column) & SB_CSV_ADDRESS) != 0;
}

static void look(struct sb_task *task)
{
    struct sb_create_slice *slice = (struct sb_create_slice *)task;
    const struct sb_metadata *table = slice->table;
    for (size_t row = slice->from; row < slice->to; row++) {
        for (size_t column = 0; column < table->column_count; column++) {
            if (!may_tell(slice, row, column) ||
                !sb_privacy_text_tells(slice->check, sb_metadata_cell(table, row, column)))
                continue;
            struct place *grown =
                sb_array_grow(slice->telling, &slice->cap, slice->count, sizeof(*grown));
            slice->no_memory |= grown == NULL;
            if (grown == NULL)
                return;
            slice->telling = grown;
            slice->telling[slice->count++] = (struct place){row, column};
        }
    }
}

int sb_create_start_looking(struct sb_create *create)
{
    struct sb_create_looking *looking = &create->looking;
    size_t rows = create->metadata.row_count, count = (rows + SLICE_ROWS - 1) / SLICE_ROWS;
    if (create->options->privacy == NULL)
        return 0;
    looking->slices = calloc(count + 1, sizeof(*looking->slices));
    if (looking->slices == NULL)
        return SEALBAG_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        struct sb_create_slice *slice = &looking->slices[looking->count++];
        size_t from = i * SLICE_ROWS, left = rows - from;
        *slice = (struct sb_create_slice){.task = {.run = look},
                                          .table = &create->metadata,
                                          .check = create->options->privacy,
                                          .from = from,
                                          .to = from + (left < SLICE_ROWS ? left : SLICE_ROWS)};
        sb_pool_start(create->pool, NULL, &slice->task);
    }
    return 0;
}

void sb_create_wait_looking(struct sb_create *create)
{
    for (size_t i = 0; i < create->looking.count; i++)
        sb_pool_wait(create->pool, &create->looking.slices[i].task);
}

void sb_create_free_looking(struct sb_create *create)
{
    for (size_t i = 0; i < create->looking.count; i++)
        free(create->looking.slices[i].telling);
    free(create->looking.slices);
    create->looking = (struct sb_create_looking){0};
}

static int tell_of_cell(struct sealbag_privacy *check, const struct sb_metadata *table,
                        const struct place *place, struct sb_error *error)
{
    struct sb_buf file = {0};
    int r = sb_buf_printf(&file, "the record of %s", table->rows[place->row].path) < 0
                ? sb_error_memory(error)
                : sb_privacy_text(check, (const char *)file.data, table->columns[place->column],
                                  sb_metadata_cell(table, place->row, place->column), error);
    sb_buf_free(&file);
    return r;
}

/* In the order of the table. */
static int tell_of_cells(const struct sb_create *create, struct sb_error *error)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < create->looking.count; i++) {
        const struct sb_create_slice *slice = &create->looking.slices[i];
        if (slice->no_memory)
            return sb_error_memory(error);
        for (size_t j = 0; r == 0 && j < slice->count; j++)
            r = tell_of_cell(create->options->privacy, slice->table, &slice->telling[j], error);
    }
    return r;
}

/* ---- all --------------------------------------------------------------------------------- */

static int conclude(const struct sb_create *create, struct sb_error *error)
{
    const struct sealbag_create_options *options = create->options;
    if (options->privacy->count == 0 || options->privacy_accept)
        return 0;
    if (create->only_check)
        return sb_error_set(error, SEALBAG_ERR_PRIVACY,
                            "The records hold what may identify people, so create would stop. Look "
                            "at each finding; change the records, or seal all as it is with "
                            "--privacy=accept.");
    return sb_error_set(error, SEALBAG_ERR_PRIVACY,
                        "The privacy check found what may identify people, so nothing was sealed. "
                        "Look at each finding; seal clean copies of the files, and keep the "
                        "originals elsewhere; change records and labels; or seal all as it is "
                        "with --privacy=accept.");
}

int sb_create_check_cells(struct sb_create *create, struct sb_error *error)
{
    if (create->options->privacy == NULL)
        return 0;
    sb_create_wait_looking(create);
    int r = tell_of_cells(create, error);
    return r == 0 ? conclude(create, error) : r;
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
    struct sealbag_privacy *check = options->privacy;
    uint8_t *kinds = NULL;
    if (check == NULL)
        return 0;
    int r = sb_heads_read(&kinds, &create->source, create->pool, error);
    sb_create_wait_records(create);
    sb_pool_free(create->pool);
    create->pool = NULL;
    if (r == 0)
        r = sb_privacy_source(check, &create->source, kinds, options->progress,
                              options->progress_context, error);
    free(kinds);
    if (r == 0)
        r = sb_pool_new(&create->pool, options->jobs, error);
    for (size_t i = 0; r == 0 && i < options->info_count; i++)
        r = check_label(check, options->info[i], error);
    if (r == 0)
        r = tell_of_cells(create, error);
    return r == 0 ? conclude(create, error) : r;
}
