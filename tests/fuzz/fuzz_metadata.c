/* Tables of provenance records: what people write, the normal form, and what is signed of a row. */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "privacy/privacy.h"
#include "record/csv.h"
#include "record/metadata.h"

static void check_faults(const struct sb_metadata_faults *faults)
{
    REQUIRE(!faults->overflow);
    for (size_t i = 0; i < faults->count; i++)
        REQUIRE(fuzz_harmless(faults->items[i].sentence, strlen(faults->items[i].sentence)));
}

static void check_same(const struct sb_metadata *one, const struct sb_metadata *other)
{
    REQUIRE(one->column_count == other->column_count && one->row_count == other->row_count);
    for (size_t i = 0; i < one->column_count; i++)
        REQUIRE(strcmp(one->columns[i], other->columns[i]) == 0);
    for (size_t row = 0; row < one->row_count; row++) {
        REQUIRE(strcmp(one->rows[row].path, other->rows[row].path) == 0);
        for (size_t i = 0; i < one->column_count; i++) {
            const char *a = sb_metadata_cell(one, row, i), *b = sb_metadata_cell(other, row, i);
            REQUIRE((a == NULL) == (b == NULL));
            REQUIRE(a == NULL || (a[0] != 0 && strcmp(a, b) == 0));
        }
    }
}

static void found_something(void *context, enum sb_privacy_rule rule, const char *field,
                            const void *value, size_t len)
{
    (void)rule;
    (void)field;
    (void)value;
    (void)len;
    *(bool *)context = true;
}

/* What is kept of a cell beside its text is true of it, and what the privacy check passes over by
 * that tells nothing. */
static void check_cells(const struct sb_metadata *table, const uint8_t *bytes, size_t bytes_len)
{
    size_t values = 0;
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->column_count; i++) {
            const char *cell = sb_metadata_cell(table, row, i);
            bool found = false;
            const struct sb_privacy_sink sink = {.found = found_something, .context = &found};
            if (cell == NULL)
                continue;
            size_t len = strlen(cell);
            values++;
            REQUIRE(table->cells[row * table->stride + i].len == len);
            REQUIRE(sb_metadata_kinds(table, row, i) == sb_csv_kinds(cell, len));
            REQUIRE(sb_utf8_valid(cell, len));
            if ((sb_metadata_kinds(table, row, i) & SB_CSV_ADDRESS) == 0)
                sb_privacy_scan(&sink, "cell", cell, len);
            REQUIRE(!found);
        }
    }
    REQUIRE(values <= sb_metadata_count(bytes, bytes_len));
}

/* The text before `end` in a canonical line, decoded; *at is put behind `end`. */
static struct sb_buf decode(const char **at, char end)
{
    struct sb_buf out = {0};
    fuzz_append(&out, "", 0);
    for (; **at != end; ++*at) {
        uint8_t byte = (uint8_t) * *at;
        REQUIRE(byte != 0 && byte != '\r' && byte != '\n');
        if (byte == '%') {
            REQUIRE(sb_hex_decode(&byte, 1, *at + 1, 2, true));
            REQUIRE(byte == '%' || byte == '\r' || byte == '\n' || (end == '=' && byte == '='));
            *at += 2;
        }
        fuzz_append(&out, &byte, 1);
    }
    ++*at;
    return out;
}

/* What is signed says everything that is in the row, and nothing else. */
static void check_canonical(const struct sb_metadata *table, size_t row, struct sb_digest *digest)
{
    struct sb_metadata_digest hashed;
    uint8_t sha256[SB_SHA256_SIZE];
    struct sb_metadata_scratch scratch = {0};
    REQUIRE(sb_metadata_canonical(&scratch, table, row) == 0);
    const char *at = scratch.row.len > 0 ? (const char *)scratch.row.data : "";
    REQUIRE(strlen(at) == scratch.row.len);
    for (size_t i = 0; i < table->column_count; i++) {
        const char *cell = sb_metadata_cell(table, row, i);
        if (cell == NULL)
            continue;
        struct sb_buf column = decode(&at, '='), value = decode(&at, '\n');
        REQUIRE(strcmp((const char *)column.data, table->columns[i]) == 0);
        REQUIRE(strcmp((const char *)value.data, cell) == 0);
        sb_buf_free(&column);
        sb_buf_free(&value);
    }
    REQUIRE(*at == 0);
    REQUIRE(sb_digest_bytes(sha256, digest, scratch.row.data, scratch.row.len) == 0);
    REQUIRE(sb_metadata_hash(&hashed, table, row, digest, &scratch) == 0);
    REQUIRE(hashed.any == (scratch.row.len > 0));
    REQUIRE(!hashed.any || memcmp(hashed.sha256, sha256, sizeof(sha256)) == 0);
    sb_metadata_scratch_free(&scratch);
}

/* Whoever reads what is written finds the same. */
static void check_table(struct sb_metadata *table)
{
    struct sb_digest *digest;
    struct sb_metadata again;
    struct sb_metadata_faults faults = {0};
    struct sb_buf text = {0};
    REQUIRE(sb_metadata_format(&text, table) == 0);
    REQUIRE(sb_metadata_parse(&again, &faults, text.data, text.len) == 0);
    REQUIRE(faults.count == 0);
    check_same(table, &again);
    REQUIRE(sb_digest_new(&digest, NULL) == 0);
    REQUIRE(sb_metadata_hash_all(table, digest) == 0);
    for (size_t row = 0; row < table->row_count; row++) {
        check_canonical(table, row, digest);
        check_canonical(&again, row, digest);
    }
    sb_digest_free(digest);
    sb_metadata_free(&again);
    sb_buf_free(&text);
}

/* It has one spelling. */
static void check_normal(const struct sb_metadata *table, const uint8_t *bytes, size_t len)
{
    struct sb_buf text = {0};
    REQUIRE(sb_metadata_format(&text, table) == 0);
    REQUIRE(text.len == len && memcmp(text.data, bytes, len) == 0);
    sb_buf_free(&text);
    REQUIRE(table->by_path_count == table->row_count);
    for (size_t i = 0; i < table->column_count; i++)
        REQUIRE(table->columns[i][0] != 0 && strcmp(table->columns[i], "filename") != 0);
    for (size_t row = 0; row < table->row_count; row++) {
        const char *path = table->rows[row].path;
        REQUIRE(strncmp(path, "data/", 5) == 0 &&
                sb_path_unsafe(path, strlen(path) - sb_metadata_is_folder(path)) == NULL);
        REQUIRE(sb_metadata_find(table, path) == row);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_metadata table, normal;
    struct sb_metadata_faults faults = {0};
    REQUIRE(sb_metadata_parse(&table, &faults, bytes, len) == 0);
    check_faults(&faults);
    int r = sb_metadata_read(&normal, bytes, len);
    REQUIRE(r == 0 || r == 1);
    if (faults.count == 0) {
        check_cells(&table, bytes, len);
        check_table(&table);
    }
    if (r == 1) {
        REQUIRE(faults.count == 0);
        check_same(&table, &normal);
        check_normal(&normal, bytes, len);
    }
    sb_metadata_free(&table);
    sb_metadata_free(&normal);
    sb_metadata_faults_free(&faults);
    return 0;
}
