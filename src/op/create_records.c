/* What other threads do with the records of a bag that is made, while it is walked and read: they
 * are read, and written out. */
#include "op/create_impl.h"

/* ---- reading ----------------------------------------------------------------------------- */

static void read_all(struct sb_task *task)
{
    struct sb_create *create = ((struct sb_create_reading *)task)->create;
    create->reading.result =
        sb_metadata_parse(&create->metadata, &create->reading.faults, create->options->metadata,
                          create->options->metadata_len);
}

void sb_create_start_reading(struct sb_create *create)
{
    create->reading.create = create;
    create->reading.task.run = read_all;
    if (create->options->metadata != NULL)
        sb_pool_start(create->pool, NULL, &create->reading.task);
}

int sb_create_read_records(struct sb_create *create, struct sb_metadata_faults *faults)
{
    sb_pool_wait(create->pool, &create->reading.task);
    *faults = create->reading.faults;
    create->reading.faults = (struct sb_metadata_faults){0};
    return create->reading.result;
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

static void hash_rows(struct sb_task *task)
{
    struct sb_create_row_task *hashing = (struct sb_create_row_task *)task;
    struct sb_digest *digest;
    int r = sb_digest_new(&digest, NULL);
    if (r == 0)
        r = sb_metadata_hash_all(hashing->table, digest);
    sb_digest_free(digest);
    hashing->result = r;
}

void sb_create_start_writing(struct sb_create *create)
{
    struct sb_create_records *records = &create->records;
    records->writing.run = write_text;
    records->table = &create->metadata;
    records->hashing =
        (struct sb_create_row_task){.task = {.run = hash_rows}, .table = &create->metadata};
    sb_pool_start(create->pool, NULL, &records->hashing.task);
    sb_pool_start(create->pool, NULL, &records->writing);
}

static void wait_writing(struct sb_create *create)
{
    sb_pool_wait(create->pool, &create->records.hashing.task);
    sb_pool_wait(create->pool, &create->records.writing);
}

int sb_create_finish_writing(struct sb_create *create, struct sb_error *error)
{
    struct sb_create_records *records = &create->records;
    if (records->table == NULL)
        sb_create_start_writing(create);
    wait_writing(create);
    int r = records->result < 0 ? records->result : records->hashing.result;
    if (r == SEALBAG_ERR_MEMORY)
        return sb_error_memory(error);
    return r < 0 ? sb_digest_failed(error) : 0;
}

/* ---- all --------------------------------------------------------------------------------- */

void sb_create_wait_records(struct sb_create *create)
{
    sb_pool_wait(create->pool, &create->reading.task);
    sb_create_wait_looking(create);
    wait_writing(create);
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
