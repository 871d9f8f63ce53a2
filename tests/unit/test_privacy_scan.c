/* What texts give away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "privacy/privacy.h"
#include "record/csv.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* Nobody's home, written so that it is no path of this machine. */
#define HOME                                                                                       \
    "/home"                                                                                        \
    "/"

struct found {
    size_t count;
    enum sb_privacy_rule rule;
    char field[200], value[400];
};

static void take(void *context, enum sb_privacy_rule rule, const char *field, const void *value,
                 size_t len)
{
    struct found *found = context;
    found->count++;
    found->rule = rule;
    snprintf(found->field, sizeof(found->field), "%s", field);
    snprintf(found->value, sizeof(found->value), "%.*s", (int)len, (const char *)value);
}

static const char *const names[] = {"jdoe", "Jane Doe"};

static struct found scan(const char *text)
{
    struct found found = {0};
    const struct sb_privacy_sink sink = {
        .found = take, .context = &found, .names = names, .name_count = COUNT(names)};
    sb_privacy_scan(&sink, "field", text, strlen(text));
    return found;
}

static void expect(const char *text, enum sb_privacy_rule rule, const char *value)
{
    struct found found = scan(text);
    if (found.count != 1 || found.rule != rule || strcmp(found.value, value) != 0)
        fail_msg("\"%s\": %zu findings, the last is %d: \"%s\"", text, found.count, found.rule,
                 found.value);
    assert_string_equal(found.field, "field");
}

static void nothing(const char *text)
{
    struct found found = scan(text);
    if (found.count != 0)
        fail_msg("\"%s\": %d: \"%s\"", text, found.rule, found.value);
}

static void emails(void **state)
{
    (void)state;
    expect("mail@example.org", SB_PRIVACY_EMAIL, "mail@example.org");
    expect("Write to first.last+tag@mail.example.co.uk, please.", SB_PRIVACY_EMAIL,
           "first.last+tag@mail.example.co.uk");
    expect("mailto:a@example.org?subject=x", SB_PRIVACY_EMAIL, "a@example.org");
    expect("<a@example.org>", SB_PRIVACY_EMAIL, "a@example.org");
    expect("j\xc3\xb6rg@b\xc3\xbcro.de", SB_PRIVACY_EMAIL, "j\xc3\xb6rg@b\xc3\xbcro.de");
    assert_int_equal(scan("a@example.org b@example.org").count, 2);
    nothing("a@b");
    nothing("@example.org");
    nothing("name@");
    nothing("a @ example.org");
    nothing("user@host.1");
    nothing("icon@2x.png");
    nothing("photo@3x.jpeg");
    nothing("https://example.org/@name");
    nothing("a@example.");
}

static void homes(void **state)
{
    (void)state;
    expect(HOME "maria/pictures/a.jpg", SB_PRIVACY_HOME_FOLDER, HOME "maria");
    expect("in " HOME "maria", SB_PRIVACY_HOME_FOLDER, HOME "maria");
    expect("file://" HOME "maria/a", SB_PRIVACY_HOME_FOLDER, HOME "maria");
    expect("\"/Users"
           "/maria/a\"",
           SB_PRIVACY_HOME_FOLDER,
           "/Users"
           "/maria");
    expect("C:\\Users"
           "\\Maria P\\a.doc",
           SB_PRIVACY_HOME_FOLDER,
           "C:\\Users"
           "\\Maria P");
    expect("d:/users"
           "/maria/a",
           SB_PRIVACY_HOME_FOLDER,
           "d:/users"
           "/maria");
    expect("C:\\Documents and Settings\\maria\\a", SB_PRIVACY_HOME_FOLDER,
           "C:\\Documents and Settings\\maria");
    nothing("https://example.org" HOME "news");
    nothing("/srv" HOME "x");
    nothing(HOME);
    nothing("C:\\Users"
            "\\Public\\a");
    nothing("/Users"
            "/Shared/a");
    nothing("\\Users"
            "\\x");
}

static void urls(void **state)
{
    (void)state;
    expect("see https://example.org/a?access_token=0123456789abcdef0123 there",
           SB_PRIVACY_URL_SECRET, "https://example.org/a...");
    expect("https://user:secret@example.org/a", SB_PRIVACY_URL_SECRET, "https://...");
    expect("https://user@example.org/a", SB_PRIVACY_URL_SECRET, "https://...");
    expect("https://example.org/dl/AKIAIOSFODNN7EXAMPLE/x", SB_PRIVACY_URL_SECRET,
           "https://example.org...");
    expect("https://example.org/reset/9f86d081884c7d659a2feaa0c55ad015?a=b", SB_PRIVACY_URL_SECRET,
           "https://example.org...");
    expect("https://example.org/?e=m%40x.org&a=b", SB_PRIVACY_EMAIL, "m@x.org");
    expect("https://example.org/?e=m%2540x.org", SB_PRIVACY_EMAIL, "m@x.org");
    nothing("https://example.org/?e=m%40&b=%");
    nothing("https://example.org/a?page=2");
    nothing("https://example.org/");
    nothing("://");
    nothing("a: b, c:/ d");
}

static void own_names(void **state)
{
    (void)state;
    expect("by JDoe", SB_PRIVACY_USER_NAME, "by JDoe");
    expect("jane doe", SB_PRIVACY_USER_NAME, "jane doe");
    expect("a_jdoe_b.txt", SB_PRIVACY_USER_NAME, "a_jdoe_b.txt");
    nothing("jdoes");
    nothing("ajdoe");
    nothing("jane  doe");
    nothing("");
}

static void names_of_files(void **state)
{
    (void)state;
    struct found found = {0};
    const struct sb_privacy_sink sink = {
        .found = take, .context = &found, .names = names, .name_count = COUNT(names)};
    sb_privacy_scan_name(&sink, "a/b.txt");
    assert_int_equal(found.count, 0);
    sb_privacy_scan_name(&sink, "jdoe/b.txt");
    assert_int_equal(found.count, 1);
    assert_int_equal(found.rule, SB_PRIVACY_USER_NAME);
    sb_privacy_scan_name(&sink, "a/mail@example.org");
    assert_int_equal(found.count, 2);
    assert_int_equal(found.rule, SB_PRIVACY_EMAIL);
}

static const struct {
    const char *path, *sentence; /* a part of it; NULL: it is none */
} left[] = {
    {".DS_Store", "left by macOS: it says how"},
    {"a/b/.DS_Store", "left by macOS"},
    {"a/.ds_store", "left by macOS"},
    {"a/.DS_Store/b", NULL},
    {"a/.DS_Stores", NULL},
    {"a/x.DS_Store", NULL},
    {"._photo.jpg", "noted of another file"},
    {"a/._b", "noted of another file"},
    {"a/._", NULL},
    {"a/.b", NULL},
    {"a._b", NULL},
    {"._a/b", NULL},
    {"a/Thumbs.db", "small copies"},
    {"a/THUMBS.DB", "small copies"},
    {"ehthumbs.db", "small copies"},
    {"ehthumbs_vista.db", "small copies"},
    {"a/Thumbs.dbx", NULL},
    {"thumbs", NULL},
    {"Desktop.ini", "left by Windows: it says how"},
    {"my desktop.ini", NULL},
    {"a/x.pdf:Zone.Identifier", "downloaded"},
    {"a/:Zone.Identifier", NULL},
    {"a/Zone.Identifier", NULL},
    {"$RECYCLE.BIN/S-1-5/$I1.txt", "trash"},
    {"a/$Recycle.Bin/b", "trash"},
    {"a/$RECYCLE.BIN", NULL},
    {".Trash-1000/info/a.trashinfo", "trash"},
    {".Trash-/a", NULL},
    {".Trash/a", "trash"},
    {".Trashes/501/a/b", "trash"},
    {".fseventsd/0001", "on a disk"},
    {".Spotlight-V100/x", "on a disk"},
    {".DocumentRevisions-V100/x", "on a disk"},
    {"System Volume Information/x", "on a disk"},
    {"System Volume Information", NULL},
    {".directory", "KDE"},
    {"a/~$report.docx", "Microsoft Office"},
    {"~$", NULL},
    {".~lock.report.odt#", "LibreOffice"},
    {"a/.notes.txt.swp", "editor"},
    {"a/notes.txt.swp", NULL},
    {"a/.swp", NULL},
    {"Picasa.ini", "Picasa"},
    {"a/.picasa.ini", "Picasa"},
    {"", NULL},
    {"a//b", NULL},
    {"a.txt", NULL},
};

static void left_behind(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(left); i++) {
        const char *sentence = sb_privacy_left_behind(left[i].path);
        if ((sentence == NULL) != (left[i].sentence == NULL) ||
            (sentence != NULL && strstr(sentence, left[i].sentence) == NULL))
            fail_msg("%s: %s", left[i].path, sentence != NULL ? sentence : "nothing");
    }
}

static void values(void **state)
{
    (void)state;
    struct found found = {0};
    const struct sb_privacy_sink sink = {.found = take, .context = &found, .prefix = "its"};
    sb_privacy_value(&sink, SB_PRIVACY_PERSON, "name", "  \0 \n\0", 6);
    sb_privacy_value(&sink, SB_PRIVACY_PERSON, "name", "", 0);
    sb_privacy_value(&sink, SB_PRIVACY_SERIAL_NUMBER, "number", "0000", 4);
    assert_int_equal(found.count, 0);
    sb_privacy_value(&sink, SB_PRIVACY_PERSON, "name", "A B \n\0C", 7);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.field, "its name");
    assert_string_equal(found.value, "A B");
    sb_privacy_value(&sink, SB_PRIVACY_SERIAL_NUMBER, "number", "00007", 5);
    assert_int_equal(found.count, 2);
    /* EXIF 2.32, Copyright: one space when only the editor is known */
    sb_privacy_value(&sink, SB_PRIVACY_PERSON, "name", " \0Editor\0", 9);
    assert_int_equal(found.count, 3);
    assert_string_equal(found.value, "Editor");
}

/* UTF-16 in either order, with a mark or without, and what stands behind zeros. */
static void wide(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } cases[] = {
        {"m\0@\0x\0.\0o\0r\0g\0", 14},
        {"\0m\0@\0x\0.\0o\0r\0g", 14},
        {"m\0@\0x\0.\0o\0r\0g\0\0\0", 16},
        {"\xff\xfem\0@\0x\0.\0o\0r\0g\0", 16},
        {"\xfe\xff\0m\0@\0x\0.\0o\0r\0g", 16},
        {"text\0m@x.org", 12},
        {"\0m@x.org", 8},
        {"m@x.org\0\0\0\0\0\0\0\0\0\0", 17},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct found found = {0};
        const struct sb_privacy_sink sink = {.found = take, .context = &found};
        sb_privacy_scan(&sink, "field", cases[i].text, cases[i].len);
        if (found.count != 1 || strcmp(found.value, "m@x.org") != 0)
            fail_msg("text %zu: %zu, \"%s\"", i, found.count, found.value);
        sb_privacy_value(&sink, SB_PRIVACY_PERSON, "field", cases[i].text, cases[i].len);
        assert_int_equal(found.count, 2);
        if (strcmp(found.value, i == 5 ? "text" : "m@x.org") != 0)
            fail_msg("value %zu: \"%s\"", i, found.value);
    }
}

/* Cells of records are passed over by their kind. */
static void kinds_of_cells(void **state)
{
    (void)state;
    for (unsigned c = 1; c < 0x80; c++) {
        const char text[] = {'a', (char)c, 'b', 0};
        bool address = (sb_csv_kinds(text, strlen(text)) & SB_CSV_ADDRESS) != 0;
        if (sb_privacy_may_tell(text) != address)
            fail_msg("byte %u", c);
    }
    assert_false(sb_privacy_may_tell("\xc3\xa9"));
    assert_int_equal(sb_csv_kinds("\xc3\xa9", 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(emails),         cmocka_unit_test(homes),
        cmocka_unit_test(urls),           cmocka_unit_test(own_names),
        cmocka_unit_test(names_of_files), cmocka_unit_test(left_behind),
        cmocka_unit_test(values),         cmocka_unit_test(wide),
        cmocka_unit_test(kinds_of_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
