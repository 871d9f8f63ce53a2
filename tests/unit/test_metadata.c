/* Provenance records: many ways to write a table, one normal form, and what is signed of a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/metadata.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BOM          "\xef\xbb\xbf"

/* Parses a copy without anything behind it, so that a sanitizer sees who reads on. */
static int parse(struct sb_metadata *table, struct sb_metadata_faults *faults, const char *text,
                 size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    int r = sb_metadata_parse(table, faults, copy, len);
    free(copy);
    return r;
}

static int read_normal(struct sb_metadata *table, const char *text, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    int r = sb_metadata_read(table, copy, len);
    free(copy);
    if (r == 0)
        assert_true(table->row_count == 0 && table->cells == NULL && table->text.data == NULL);
    return r;
}

/* What people write, and the same in the normal form. */
static const struct {
    const char *given, *normal;
} good[] = {
    {"filename\r\n", "filename\r\n"},
    {"filename", "filename\r\n"},
    {"filename\ndata/a", "filename\r\ndata/a\r\n"},
    {"filename,dc.title\r\ndata/a,b\r\n", "filename,dc.title\r\ndata/a,b\r\n"},
    {BOM "filename,t\ndata/a,b\n", "filename,t\r\ndata/a,b\r\n"},
    /* quotation marks where they are not needed, and where they are */
    {"\"filename\",\"t\"\n\"data/a\",\"b\"\n", "filename,t\r\ndata/a,b\r\n"},
    {BOM "\"filename\"\n", "filename\r\n"},
    {"filename,t\ndata/a,\"b,c\"\n", "filename,t\r\ndata/a,\"b,c\"\r\n"},
    {"filename,t\ndata/a,\"b\"\"c\"\n", "filename,t\r\ndata/a,\"b\"\"c\"\r\n"},
    {"filename,t\ndata/a,\"\"\"\"\n", "filename,t\r\ndata/a,\"\"\"\"\r\n"},
    {"filename,t\ndata/a,\"b\nc\"\n", "filename,t\r\ndata/a,\"b\nc\"\r\n"},
    {"filename,t\ndata/a,\"b\r\nc\r\"", "filename,t\r\ndata/a,\"b\r\nc\r\"\r\n"},
    {"filename,\"t,u\"\n\"data/a,b\",c\n", "filename,\"t,u\"\r\n\"data/a,b\",c\r\n"},
    /* a row's end is no part of its last cell */
    {"filename,t\ndata/a,\"b\"\r\ndata/c,d\r\n", "filename,t\r\ndata/a,b\r\ndata/c,d\r\n"},
    /* empty cells, and rows and columns of nothing else */
    {"filename,t\ndata/a,\n", "filename,t\r\ndata/a,\r\n"},
    {"filename,t\ndata/a,", "filename,t\r\ndata/a,\r\n"},
    {"filename,t\ndata/a,\"\"\n", "filename,t\r\ndata/a,\r\n"},
    {"filename,t\n\n,\n\r\ndata/a,b\n\n", "filename,t\r\ndata/a,b\r\n"},
    {"filename,t,,\ndata/a,b,,\n,,,\n", "filename,t\r\ndata/a,b\r\n"},
    {"filename,,t,,u\ndata/a,,b,,c\n", "filename,t,u\r\ndata/a,b,c\r\n"},
    {"filename,\ndata/a,\ndata/b,\n", "filename\r\ndata/a\r\ndata/b\r\n"},
    /* columns are kept as they are */
    {"filename,t,t,T\ndata/a,1,2,3\n", "filename,t,t,T\r\ndata/a,1,2,3\r\n"},
    {"filename,z,a\ndata/b,1,2\ndata/a,3,4\n", "filename,z,a\r\ndata/b,1,2\r\ndata/a,3,4\r\n"},
    /* and so are cells, byte for byte */
    {"filename,t\ndata/a, b \n", "filename,t\r\ndata/a, b \r\n"},
    {"filename,t\ndata/a,=1+1;\t'\n", "filename,t\r\ndata/a,=1+1;\t'\r\n"},
    {"filename,t\ndata/a,e\xcc\x81\xe2\x80\xae" BOM "\n",
     "filename,t\r\ndata/a,e\xcc\x81\xe2\x80\xae" BOM "\r\n"},
};

static void parses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct sb_metadata table, again;
        struct sb_metadata_faults faults = {0};
        struct sb_buf text = {0};
        assert_int_equal(parse(&table, &faults, good[i].given, strlen(good[i].given)), 0);
        assert_int_equal(faults.count, 0);
        assert_int_equal(sb_metadata_format(&text, &table), 0);
        assert_string_equal((const char *)text.data, good[i].normal);
        /* Of the two, only the normal form is read from a bag. */
        assert_int_equal(read_normal(&again, good[i].given, strlen(good[i].given)),
                         strcmp(good[i].given, good[i].normal) == 0);
        sb_metadata_free(&again);
        assert_int_equal(read_normal(&again, (const char *)text.data, text.len), 1);
        assert_int_equal(again.row_count, table.row_count);
        assert_int_equal(again.by_path_count, table.row_count);
        sb_metadata_free(&again);
        sb_metadata_free(&table);
        sb_buf_free(&text);
        sb_metadata_faults_free(&faults);
    }
}

#define TEXT(text) text, sizeof(text) - 1

static const struct {
    const char *text;
    size_t len;
    size_t line;
    const char *says;
} bad[] = {
    {TEXT(""), 0, "is empty"},
    {TEXT(BOM), 0, "is empty"},
    {TEXT("\n"), 1, "names the first column \"\""},
    {TEXT("dc.title,filename\n"), 1, "names the first column \"dc.title\""},
    {TEXT("Filename\n"), 1, "names the first column"},
    {TEXT(" filename\n"), 1, "names the first column"},
    {TEXT(BOM BOM "filename\n"), 1, "names the first column \"\\u{feff}filename\""},
    {TEXT("filename;dc.title\ndata/a;b\n"), 1, "semicolons"},
    {TEXT("filename\tdc.title\n"), 1, "tabs"},
    {TEXT("filename,t,filename\n"), 1, "two columns"},
    {TEXT("filename,t\ndata/a,b\0\n"), 2, "NUL"},
    {TEXT("f\0i\0"), 1, "NUL"},
    {TEXT("\xff\xfe"
          "f\0i\0"),
     0, "UTF-16"},
    {TEXT("\xfe\xff\0f"), 0, "UTF-16. Save it as UTF-8"},
    {TEXT("filename,t\ndata/a,caf\xe9\n"), 2, "\"Unicode (UTF-8)\""},
    {TEXT("filename,t\ndata/a,\xed\xa0\x80\n"), 2, "not UTF-8"},
    {TEXT("filename,t\ndata/a,\xc0\xaf\n"), 2, "not UTF-8"},
    /* cells */
    {TEXT("filename,t\ndata/a\n"), 2, "has 1 cell, but there are 2 columns"},
    {TEXT("filename,t\ndata/a,b,c\n"), 2, "has 3 cells"},
    {TEXT("filename,t\ndata/a,b,\n"), 2, "has 3 cells"},
    {TEXT("filename,t\n,b\n"), 2, "first cell is empty"},
    {TEXT("filename,\ndata/a,b\n"), 2, "in column 2, which has no name"},
    {TEXT("filename,t,\ndata/a,b,\ndata/b,c,d\n"), 3, "in column 3, which has no name"},
    /* quotation marks */
    {TEXT("filename,t\ndata/a,b\"c\n"), 2, "in the middle of a cell"},
    {TEXT("filename,t\ndata/a, \"b\"\n"), 2, "in the middle of a cell"},
    {TEXT("filename,t\ndata/a,\"b\"c\n"), 2, "behind a closing quotation mark"},
    {TEXT("filename,t\ndata/a,\"b\" ,c\n"), 2, "behind a closing quotation mark"},
    {TEXT("\"filename\";\"t\"\n\"data/a\";\"b\"\n"), 1, "semicolon"},
    {TEXT("\"filename\"\t\"t\"\n"), 1, "tab"},
    {TEXT("PK\3\4\x14\0\6\0"), 0, "is a spreadsheet"},
    {TEXT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"), 0, "is a spreadsheet"},
    {TEXT("filename,t\ndata/a,\"x\ny\nb\"c\n"), 4, "behind a closing quotation mark"},
    {TEXT("filename,t\ndata/a,\"b\n\n\n"), 2, "never closed"},
    {TEXT("filename,t\ndata/a,\""), 2, "never closed"},
    {TEXT("filename,t\ndata/a,\"b\"\"\n"), 2, "never closed"},
    {TEXT("\"filename"), 1, "never closed"},
    /* line ends */
    {TEXT("filename,t\rdata/a,b\r"), 1, "carriage return"},
    {TEXT("filename,t\ndata/a,b\rc\n"), 2, "carriage return"},
    {TEXT("filename,t\ndata/a,\"b\"\r"), 2, "carriage return"},
    {TEXT("filename,t\ndata/a,\"b\nc\"\rd\n"), 3, "carriage return"},
    /* a line is counted by its LF, also within cells and in empty rows */
    {TEXT("filename,t\r\n\r\ndata/a,\"b\nc\"\r\ndata/b\r\n"), 5, "has 1 cell,"},
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct sb_metadata table;
        struct sb_metadata_faults faults = {0};
        assert_int_equal(parse(&table, &faults, bad[i].text, bad[i].len), 0);
        assert_true(faults.count == 1);
        assert_int_equal(faults.items[0].line, bad[i].line);
        assert_non_null(strstr(faults.items[0].sentence, bad[i].says));
        sb_metadata_free(&table);
        sb_metadata_faults_free(&faults);
        assert_int_equal(read_normal(&table, bad[i].text, bad[i].len), 0);
    }
}

/* All that can be found is told at once, and no more than can be read. */
static void tells_all(void **state)
{
    (void)state;
    static const char several[] = "filename,t\ndata/a\n,x\ndata/b,c\ndata/c,d,e\n";
    struct sb_metadata table;
    struct sb_metadata_faults faults = {0};
    assert_int_equal(parse(&table, &faults, several, strlen(several)), 0);
    assert_int_equal(faults.count, 3);
    assert_int_equal(faults.items[0].line, 2);
    assert_int_equal(faults.items[1].line, 3);
    assert_int_equal(faults.items[2].line, 5);
    sb_metadata_free(&table);
    sb_metadata_faults_free(&faults);

    enum { MANY = SB_METADATA_FAULTS_MAX + 7 };
    struct sb_buf text = {0};
    assert_int_equal(sb_buf_puts(&text, "filename,t\n"), 0);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(sb_buf_puts(&text, "x\n"), 0);
    assert_int_equal(parse(&table, &faults, (const char *)text.data, text.len), 0);
    assert_int_equal(faults.count, SB_METADATA_FAULTS_MAX);
    assert_int_equal(faults.omitted, 7);
    sb_metadata_free(&table);
    sb_metadata_faults_free(&faults);
    sb_buf_free(&text);
}

/* A table has its limits, which are far from what people have. */
static void many_columns(void **state)
{
    (void)state;
    for (size_t columns = SB_METADATA_COLUMNS_MAX; columns <= SB_METADATA_COLUMNS_MAX + 1;
         columns++) {
        struct sb_metadata table;
        struct sb_metadata_faults faults = {0};
        struct sb_buf text = {0};
        assert_int_equal(sb_buf_puts(&text, "filename"), 0);
        for (size_t i = 0; i < columns; i++)
            assert_int_equal(sb_buf_puts(&text, ",c"), 0);
        assert_int_equal(sb_buf_puts(&text, "\r\n"), 0);
        assert_int_equal(parse(&table, &faults, (const char *)text.data, text.len), 0);
        assert_int_equal(faults.count, columns > SB_METADATA_COLUMNS_MAX);
        sb_metadata_free(&table);
        sb_metadata_faults_free(&faults);
        sb_buf_free(&text);
    }
}

/* Normal but for its paths. */
static void paths_of_a_bag(void **state)
{
    (void)state;
    static const char *const foreign[] = {
        "filename\r\na\r\n",
        "filename\r\nobjects/a\r\n",
        "filename\r\ndata//\r\n",
        "filename\r\ndata/a//\r\n",
        "filename\r\ndata/../\r\n",
        "filename\r\ndata/a/\r\ndata/a/\r\n",
        "filename\r\ndata\r\n",
        "filename\r\n/data/a\r\n",
        "filename\r\ndata/../a\r\n",
        "filename\r\ndata//a\r\n",
        "filename\r\ndata/a\\b\r\n",
        "filename\r\ndata/a\r\ndata/a\r\n",
        "filename\r\ndata/b\r\ndata/a\r\ndata/b\r\n",
        "filename,t\r\ndata/a,\"b\"\r\n",
        "filename,t\ndata/a,b\n",
        "filename,t\r\ndata/a,b",
        "filename,t\r\ndata/a,b\r\n\r\n",
        "filename,t\r\ndata/a,b\r\n,\r\n",
        "filename,\r\ndata/a,b\r\n",
        "filename,\r\ndata/a,\r\n",
        "filename,t,\r\ndata/a,b,\r\n",
    };
    static const char normal[] = "filename,t\r\ndata/b,1\r\ndata/a,2\r\n\"data/c\nd\",3\r\n";
    static const char folders[] = "filename,t\r\ndata/b/,1\r\ndata/,2\r\ndata/b/c,3\r\n";
    struct sb_metadata table;
    assert_int_equal(read_normal(&table, folders, strlen(folders)), 1);
    assert_int_equal(sb_metadata_documents(&table), 1);
    assert_int_equal(sb_metadata_find(&table, "data/b/"), 0);
    assert_true(sb_metadata_is_folder(table.rows[1].path));
    assert_false(sb_metadata_is_folder(table.rows[2].path));
    sb_metadata_free(&table);
    for (size_t i = 0; i < COUNT(foreign); i++)
        assert_int_equal(read_normal(&table, foreign[i], strlen(foreign[i])), 0);
    assert_int_equal(read_normal(&table, normal, strlen(normal)), 1);
    assert_int_equal(sb_metadata_find(&table, "data/a"), 1);
    assert_int_equal(sb_metadata_find(&table, "data/b"), 0);
    assert_int_equal(sb_metadata_find(&table, "data/c\nd"), 2);
    assert_true(sb_metadata_find(&table, "data/") == SIZE_MAX);
    assert_true(sb_metadata_find(&table, "data/d") == SIZE_MAX);
    assert_int_equal(table.rows[2].line, 4);
    sb_metadata_free(&table);
}

static void cells_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
    } cases[] = {
        {"", 0},
        {"filename", 0},
        {"filename,a\r\n", 1},
        {"filename,a\r\ndata/x,1\r\n", 2},
        {"filename,a,b\r\ndata/x,,\r\ndata/y,,2\r\n", 3},
        {"filename,a\ndata/x,\"1,2\r\n3\"\ndata/y,\"\"\"\"\n", 3},
        {"filename,a\r\ndata/x,1", 2},
        {"\"a,b\",c\r\n", 1},
        {"x,\"1,2,3", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(sb_metadata_count(cases[i].text, strlen(cases[i].text)), cases[i].count);
}

/* ---- what is signed ---------------------------------------------------------------------- */

static void canonical_is(const char *csv, const char *expected)
{
    struct sb_metadata table;
    struct sb_metadata_scratch scratch = {0};
    assert_int_equal(read_normal(&table, csv, strlen(csv)), 1);
    for (int i = 0; i < 2; i++) { /* it is used again */
        assert_int_equal(sb_metadata_canonical(&scratch, &table, 0), 0);
        assert_int_equal(scratch.row.len, strlen(expected));
        if (scratch.row.len > 0)
            assert_string_equal(scratch.row.data, expected);
    }
    sb_metadata_scratch_free(&scratch);
    sb_metadata_free(&table);
}

static void canonical(void **state)
{
    (void)state;
    canonical_is("filename\r\ndata/a\r\n", "");
    canonical_is("filename,t,u\r\ndata/a,,\r\n", "");
    canonical_is("filename,t\r\ndata/a,b\r\n", "t=b\n");
    canonical_is("filename,t,u,t\r\ndata/a,1,,2\r\n", "t=1\nt=2\n");
    canonical_is("filename,u,t\r\ndata/a,1,2\r\n", "u=1\nt=2\n");
    canonical_is("filename,t\r\ndata/a, b = c \r\n", "t= b = c \n");
    canonical_is("filename,t\r\ndata/a,\"1\nu=2\"\r\n", "t=1%0Au=2\n");
    canonical_is("filename,t\r\ndata/a,\"1\r\n\"\"%0A\"\r\n", "t=1%0D%0A\"%250A\n");
    canonical_is("filename,t=u\r\ndata/a,v\r\n", "t%3Du=v\n");
    canonical_is("filename,t\r\ndata/a,u=v\r\n", "t=u=v\n");
    canonical_is("filename,\"a\nb%\"\r\ndata/a,x\r\n", "a%0Ab%25=x\n");
}

/* ---- making ------------------------------------------------------------------------------ */

static void made(void **state)
{
    (void)state;
    struct sb_metadata table = {0};
    struct sb_buf text = {0};
    assert_int_equal(sb_metadata_format(&text, &table), 0);
    assert_string_equal((const char *)text.data, "filename\r\n");
    assert_int_equal(sb_metadata_add_row(&table, "data/b"), 0);
    assert_int_equal(sb_metadata_add_column(&table, "t"), 0);
    assert_null(sb_metadata_cell(&table, 0, 0));
    assert_int_equal(sb_metadata_set(&table, 0, 0, "1"), 0);
    assert_int_equal(sb_metadata_add_column(&table, "u"), 0);
    assert_int_equal(sb_metadata_add_row(&table, "data/a"), 0);
    assert_int_equal(sb_metadata_set(&table, 1, 1, "x,\"y\""), 0);
    assert_int_equal(sb_metadata_set(&table, 0, 1, "gone"), 0);
    assert_int_equal(sb_metadata_set(&table, 0, 1, ""), 0);
    assert_int_equal(sb_metadata_column(&table, "u", 0), 1);
    assert_true(sb_metadata_column(&table, "t", 1) == SIZE_MAX);
    assert_int_equal(sb_metadata_sort(&table), 0);
    assert_int_equal(sb_metadata_find(&table, "data/a"), 1);
    assert_int_equal(sb_metadata_set_path(&table, 1, "data/c"), 0);
    assert_true(sb_metadata_find(&table, "data/a") == SIZE_MAX);
    assert_int_equal(sb_metadata_sort(&table), 0);
    assert_int_equal(sb_metadata_find(&table, "data/c"), 1);
    text.len = 0;
    assert_int_equal(sb_metadata_format(&text, &table), 0);
    assert_string_equal((const char *)text.data,
                        "filename,t,u\r\ndata/b,1,\r\ndata/c,,\"x,\"\"y\"\"\"\r\n");
    sb_buf_free(&text);
    sb_metadata_free(&table);
}

/* Columns and rows are added to what was parsed, also where columns were dropped. */
static void made_out_of_parsed(void **state)
{
    (void)state;
    enum { ROWS = 100, COLUMNS = 20 };
    struct sb_metadata table;
    struct sb_metadata_faults faults = {0};
    static const char given[] = "filename,,t,\na,,1,\nb,,2,\n";
    char name[32];
    assert_int_equal(parse(&table, &faults, given, strlen(given)), 0);
    assert_int_equal(table.column_count, 1);
    for (size_t i = 1; i < COLUMNS; i++) {
        snprintf(name, sizeof(name), "c%zu", i);
        assert_int_equal(sb_metadata_add_column(&table, name), 0);
        for (size_t row = 0; row < table.row_count; row++)
            assert_null(sb_metadata_cell(&table, row, i));
        snprintf(name, sizeof(name), "r%zu", i);
        assert_int_equal(sb_metadata_add_row(&table, name), 0);
        assert_int_equal(sb_metadata_set(&table, table.row_count - 1, i, name), 0);
    }
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(sb_metadata_add_row(&table, "x"), 0);
    assert_string_equal(sb_metadata_cell(&table, 0, 0), "1");
    assert_string_equal(sb_metadata_cell(&table, 1, 0), "2");
    for (size_t row = 2; row < table.row_count; row++) {
        for (size_t i = 0; i < COLUMNS; i++) {
            const char *cell = sb_metadata_cell(&table, row, i);
            if (row - 1 == i && i > 0)
                assert_string_equal(cell, table.rows[row].path);
            else
                assert_null(cell);
        }
    }
    assert_int_equal(table.row_count, 2 + COLUMNS - 1 + ROWS);
    sb_metadata_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses),
        cmocka_unit_test(refuses),
        cmocka_unit_test(tells_all),
        cmocka_unit_test(paths_of_a_bag),
        cmocka_unit_test(cells_are_counted),
        cmocka_unit_test(canonical),
        cmocka_unit_test(many_columns),
        cmocka_unit_test(made),
        cmocka_unit_test(made_out_of_parsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
