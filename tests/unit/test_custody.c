/* Custody events: one form, everything else refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rule.h"
#include "record/custody.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SEAL  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define FIRST "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
#define LAST  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define BY    "SHA256:1/abcdefghijklmnopqrstuvwx0123456789ABCDEFA"

enum { LINES = 9, TO = 3, NOTE = 7, SIGNATURES = 8 };
static const char *const lines[LINES] = {
    "Custody-Version: 1",          "Event: transfer", "By: " BY,         "To: B\xc3\xbcro",
    "Date: 2026-11-25T09:12:42Z",  "Seal: " SEAL,     "Previous: " LAST, "Note: by train",
    "Signatures: " FIRST " " LAST,
};

/* The lines, with line `which` replaced by `text` (NULL: left out). */
static struct sb_buf with(size_t which, const char *text)
{
    struct sb_buf out = {0};
    for (size_t i = 0; i < LINES; i++) {
        const char *line = i == which ? text : lines[i];
        if (line != NULL)
            assert_int_equal(sb_buf_printf(&out, "%s\n", line), 0);
    }
    return out;
}

static int parse_bytes(struct sb_custody_event *out, const void *bytes, size_t len)
{
    struct sb_error error = {0};
    memset(out, 0x55, sizeof(*out));
    int r = sb_custody_parse(out, bytes, len, &error);
    if (r < 0) {
        assert_true(out->event[0] == 0 && out->by[0] == 0 && out->to[0] == 0 && out->note[0] == 0);
        assert_true(out->date == 0 && out->signatures == NULL && out->signature_count == 0);
        assert_int_equal(error.code, r);
        assert_string_equal(error.rule,
                            r == SEALBAG_ERR_UNSUPPORTED ? "custody.version" : "custody.syntax");
    }
    return r;
}

static int parse_with(size_t which, const char *text)
{
    struct sb_custody_event event;
    struct sb_buf bytes = with(which, text);
    int r = parse_bytes(&event, bytes.data, bytes.len);
    if (r == 0) { /* it has one spelling */
        struct sb_buf again = {0};
        assert_int_equal(sb_custody_format(&again, &event), 0);
        assert_int_equal(again.len, bytes.len);
        assert_memory_equal(again.data, bytes.data, bytes.len);
        sb_buf_free(&again);
    }
    sb_buf_free(&bytes);
    return r;
}

static void expect_taken(size_t which, const char *text)
{
    if (parse_with(which, text) != 0)
        fail_msg("refused: %s", text != NULL ? text : "a line left out");
}

static void expect_refused(size_t which, const char *text)
{
    if (parse_with(which, text) != SEALBAG_ERR_DAMAGED)
        fail_msg("not refused: %s", text != NULL ? text : lines[which]);
}

static void read_and_write(void **state)
{
    (void)state;
    struct sb_custody_event event;
    struct sb_buf bytes = with(LINES, NULL);
    uint8_t digest[SB_SHA256_SIZE];
    assert_int_equal(parse_bytes(&event, bytes.data, bytes.len), 0);
    assert_string_equal(event.event, "transfer");
    assert_string_equal(event.by, BY);
    assert_string_equal(event.to, "B\xc3\xbcro");
    assert_true(event.date == 1795597962);
    assert_int_equal(event.seal[0], 0xe3);
    assert_int_equal(event.previous[31], 0xad);
    assert_string_equal(event.note, "by train");
    assert_int_equal(event.signature_count, 2);
    sb_custody_signature(digest, &event, 0);
    assert_int_equal(digest[0], 0x5d);
    sb_custody_signature(digest, &event, 1);
    assert_int_equal(digest[31], 0xad);
    sb_buf_free(&bytes);
    expect_taken(LINES, NULL);
    expect_taken(TO, NULL);
    expect_taken(NOTE, NULL);
    expect_taken(SIGNATURES, "Signatures: " FIRST);
    expect_taken(1, "Event: x");
    expect_taken(1, "Event: a-1-");
    expect_taken(NOTE, "Note: a b: c");
}

static void every_line_once_in_its_place(void **state)
{
    (void)state;
    char twice[600];
    for (size_t i = 0; i < LINES; i++) {
        if (i != TO && i != NOTE)
            expect_refused(i, NULL);
        snprintf(twice, sizeof(twice), "%s\n%s", lines[i], lines[i]);
        expect_refused(i, twice);
        snprintf(twice, sizeof(twice), "%s\r", lines[i]);
        expect_refused(i, twice);
        snprintf(twice, sizeof(twice), " %s", lines[i]);
        expect_refused(i, twice);
        snprintf(twice, sizeof(twice), "%s ", lines[i]);
        expect_refused(i, twice);
        snprintf(twice, sizeof(twice), "%s\n", lines[i]);
        expect_refused(i, twice);
        snprintf(twice, sizeof(twice), "\n%s", lines[i]);
        expect_refused(i, twice);
        if (i + 1 < LINES) { /* in another order */
            struct sb_buf text = {0};
            struct sb_custody_event event;
            for (size_t k = 0; k < LINES; k++)
                assert_int_equal(sb_buf_printf(&text, "%s\n",
                                               lines[k == i       ? i + 1
                                                     : k == i + 1 ? i
                                                                  : k]),
                                 0);
            assert_true(parse_bytes(&event, text.data, text.len) < 0);
            sb_buf_free(&text);
        }
    }
}

static void cut_or_longer(void **state)
{
    (void)state;
    struct sb_custody_event event;
    struct sb_buf bytes = with(LINES, NULL);
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(parse_bytes(&event, len > 0 ? bytes.data : NULL, len),
                         SEALBAG_ERR_DAMAGED);
    assert_int_equal(sb_buf_append(&bytes, "", 1), 0);
    assert_int_equal(parse_bytes(&event, bytes.data, bytes.len), SEALBAG_ERR_DAMAGED);
    sb_buf_free(&bytes);
}

static void versions(void **state)
{
    (void)state;
    assert_int_equal(parse_with(0, "Custody-Version: 2"), SEALBAG_ERR_UNSUPPORTED);
    assert_int_equal(parse_with(0, "Custody-Version: 4294967297"), SEALBAG_ERR_UNSUPPORTED);
    expect_refused(0, "Custody-Version: 01");
    expect_refused(0, "Custody-Version: one");
    expect_refused(0, "Custody-Version: ");
    expect_refused(0, "Sealbag-Version: 1");
    expect_refused(0, "custody-version: 1");
}

static void values(void **state)
{
    (void)state;
    static const struct {
        size_t line;
        const char *text;
    } bad[] = {
        {1, "Event: "},
        {1, "Event: Transfer"},
        {1, "Event: 1"},
        {1, "Event: -a"},
        {1, "Event: hand over"},
        {1, "Event: hand_over"},
        {1, "Event: caf\xc3\xa9"},
        {1, "Event: abcdefghijklmnopqrstuvwxyzabcdefg"},
        {2, "By: "},
        {2, "By: MD5:00"},
        {2, "By: " BY "="},
        {2, "By: SHA256:1/abcdefghijklmnopqrstuvwx0123456789ABCDEFB"}, /* spare bits */
        {2, "By: SHA256:1/abcdefghijklmnopqrstuvwx0123456789ABCDE-A"},
        {TO, "To: "},
        {TO, "To:  a"},
        {TO, "To: a\tb"},
        {TO, "To: a\x7f"},
        {TO, "To: \xe2\x80\xae"
             "a"},
        {TO, "To: a\xe2\x80\x8b"},
        {TO, "To: caf\xe9"},
        {4, "Date: 2026-02-29T00:00:00Z"},
        {4, "Date: 2026-11-25T09:12:42+00:00"},
        {4, "Date: 2026-11-25 09:12:42Z"},
        {4, "Date: 1969-12-31T23:59:59Z"},
        {5, "Seal: 00"},
        {5, "Seal: E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {6, "Previous: g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {NOTE, "Note: "},
        {NOTE, "Note: a  b"},
        {NOTE, "Note: a\xc2\xa0"
               "b"},
        {NOTE, "Note: a\xe2\xa0\x80"
               "b"},
        {NOTE, "Note: \x1b[2J"},
        {NOTE, "Note: a\xc2\x85"},
        {NOTE, "Note: \xed\xa0\x80"},
        {SIGNATURES, "Signatures: "},
        {SIGNATURES, "Signatures: " FIRST " " FIRST},
        {SIGNATURES, "Signatures: " LAST " " FIRST},
        {SIGNATURES, "Signatures: " FIRST "  " LAST},
        {SIGNATURES, "Signatures: " FIRST "," LAST},
        {SIGNATURES, "Signatures: " FIRST LAST},
        {SIGNATURES, "Signatures: " FIRST " "},
        {SIGNATURES, "Signatures: " FIRST " ba"},
        {SIGNATURES,
         "Signatures: " FIRST " BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f"
         "20015ad"},
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        expect_refused(bad[i].line, bad[i].text);
}

/* "<label>: " and so many times a character. */
static char *line_of(const char *label, size_t count)
{
    size_t n = strlen(label);
    char *line = malloc(n + count + 1);
    assert_non_null(line);
    memcpy(line, label, n);
    memset(line + n, 'a', count);
    line[n + count] = 0;
    return line;
}

static void longest(void **state)
{
    (void)state;
    static const struct {
        size_t line, most;
        const char *label;
    } rows[] = {{1, SB_CUSTODY_WORD_MAX, "Event: "},
                {TO, SB_CUSTODY_TO_MAX, "To: "},
                {NOTE, SB_CUSTODY_NOTE_MAX, "Note: "}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *most = line_of(rows[i].label, rows[i].most);
        char *more = line_of(rows[i].label, rows[i].most + 1);
        expect_taken(rows[i].line, most);
        expect_refused(rows[i].line, more);
        free(most);
        free(more);
    }
}

static void most_signatures(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct sb_buf line = {0};
        assert_int_equal(sb_buf_puts(&line, "Signatures:"), 0);
        for (unsigned i = 0; i < SB_CUSTODY_SIGNATURES_MAX + more; i++)
            assert_int_equal(sb_buf_printf(&line, " %064x", i), 0);
        if (more == 0)
            expect_taken(SIGNATURES, (const char *)line.data);
        else
            expect_refused(SIGNATURES, (const char *)line.data);
        sb_buf_free(&line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_and_write),  cmocka_unit_test(every_line_once_in_its_place),
        cmocka_unit_test(cut_or_longer),   cmocka_unit_test(versions),
        cmocka_unit_test(values),          cmocka_unit_test(longest),
        cmocka_unit_test(most_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
