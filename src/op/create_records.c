/* What other threads do with the records of a bag that is made, while it is walked and read: they
 * are read, hashed, and written out. */
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "op/create_impl.h"

/* ---- reading ----------------------------------------------------------------------------- */

/* The rows of a table of which nothing is wrong that can be seen by itself. What documents say of
 * themselves may still come into it; then they are hashed later, as without a table. */
static int hash_rows(struct sb_create_reading *reading)
{
    struct sb_create *create = reading->create;
    const struct sealbag_create_options *options = create->options;
    struct sb_digest *digest;
    if (create->only_check || options->recording != NULL || options->key_count == 0)
        return 0;
    int r = sb_digest_new(&digest, &reading->error);
    if (r < 0)
        return r;
    r = sb_metadata_hash_all(&create->metadata, digest);
    sb_digest_free(digest);
    if (r == SEALBAG_ERR_MEMORY)
        return sb_error_memory(&reading->error);
    return r < 0 ? sb_digest_failed(&reading->error) : 0;
}

static void read_all(struct sb_task *task)
{
    struct sb_create_reading *reading = (struct sb_create_reading *)task;
    struct sb_buf text = {0};
    int r = sb_file_take(&text, reading->fd, reading->create->options->metadata,
                         (size_t)sb_limits_of(NULL).metadata_bytes, &reading->error);
    close(reading->fd);
    if (r < 0)
        sb_buf_free(&text);
    else if (sb_metadata_take(&reading->create->metadata, &reading->faults, &text) < 0)
        r = sb_error_memory(&reading->error);
    if (r == 0 && reading->faults.count == 0)
        r = hash_rows(reading);
    reading->result = r;
}

int sb_create_start_reading(struct sb_create *create, struct sb_error *error)
{
    struct sb_create_reading *reading = &create->reading;
    if (create->options->metadata == NULL)
        return 0;
    int r = sb_file_open(&reading->fd, NULL, create->options->metadata, error);
    if (r < 0)
        return r;
    reading->create = create;
    reading->task.run = read_all;
    sb_pool_start(create->pool, NULL, &reading->task);
    return 0;
}

int sb_create_read_records(struct sb_create *create, struct sb_metadata_faults *faults,
                           struct sb_error *error)
{
    struct sb_create_reading *reading = &create->reading;
    sb_pool_wait(create->pool, &reading->task);
    *faults = reading->faults;
    reading->faults = (struct sb_metadata_faults){0};
    if (reading->result < 0 && error != NULL)
        *error = reading->error;
    return reading->result;
}

/* ---- writing ----------------------------------------------------------------------------- */

static void write_text(struct sb_task *task)
{
    struct sb_create_records *records = (struct sb_create_records *)task;
    struct sb_digest *digest;
    int r = sb_digest_new(&digest, NULL);
    if (r == 0)
        r = sb_metadata_format(&records->text, records->table);
    if (r == 0 &&
        sb_digest_bytes(records->sha256, digest, records->text.data, records->text.len) < 0)
        r = SEALBAG_ERR_SYSTEM;
    sb_digest_free(digest);
    records->result = r;
}

void sb_create_start_writing(struct sb_create *create)
{
    struct sb_create_records *records = &create->records;
    records->writing.run = write_text;
    records->table = &create->metadata;
    sb_pool_start(create->pool, NULL, &records->writing);
}

int sb_create_finish_writing(struct sb_create *create, struct sb_error *error)
{
    struct sb_create_records *records = &create->records;
    if (records->table == NULL)
        sb_create_start_writing(create);
    sb_pool_wait(create->pool, &records->writing);
    if (records->result == SEALBAG_ERR_MEMORY)
        return sb_error_memory(error);
    return records->result < 0 ? sb_digest_failed(error) : 0;
}

/* ---- all --------------------------------------------------------------------------------- */

void sb_create_wait_records(struct sb_create *create)
{
    sb_pool_wait(create->pool, &create->reading.task);
    sb_create_wait_looking(create);
    sb_pool_wait(create->pool, &create->records.writing);
}

void sb_create_free_records(struct sb_create *create)
{
    if (create->pool != NULL)
        sb_create_wait_records(create);
    sb_create_free_looking(create);
    sb_metadata_faults_free(&create->reading.faults);
    sb_metadata_free(&create->metadata);
    sb_buf_free(&create->records.text);
}
