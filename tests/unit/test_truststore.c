/* The trust store: what is read, what is refused with its line, and changes to the text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "sign/truststore.h"

/* RFC 8032, section 7.1, tests 1 and 2 */
#define KEY1 "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define KEY2 "AAAAC3NzaC1lZDI1NTE5AAAAID1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM"
#define OWN  "namespaces=\"seal@sealbag,custody@sealbag\" "
#define ED1  "ssh-ed25519 " KEY1
#define ED2  "ssh-ed25519 " KEY2
#define SK1                                                                                        \
    "sk-ssh-ed25519@openssh.com "                                                                  \
    "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1EaAAAA" \
    "BHNzaDo="
#define EC                                                                                         \
    "ecdsa-sha2-nistp256 "                                                                         \
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNw3tF1JACe+"                             \
    "3wxlOXlomQVtsphq0BiAipzNvWz4alcACBw7eRzXFS50uB0GUdi8mX9SCz9dm0Y9CByBwSK+wzk="

static const uint8_t *bytes_of(const char *text)
{
    return (const uint8_t *)text;
}

static int parse(struct sb_truststore *store, const char *text, struct sb_error *error)
{
    *store = (struct sb_truststore){0};
    return sb_truststore_parse(store, bytes_of(text), strlen(text), "allowed_signers", error);
}

static void take_key(struct sb_identity *key, const char *hex)
{
    *key = (struct sb_identity){0};
    assert_true(sb_hex_decode(key->pk, SB_PK_SIZE, hex, 64, false));
}

static void key1(struct sb_identity *key)
{
    take_key(key, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

static void key2(struct sb_identity *key)
{
    take_key(key, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
}

static int set_up(void **state)
{
    (void)state;
    return sb_sign_init(NULL);
}

/* ---- parsing --------------------------------------------------------------------------- */

static void parse_entries(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int key;
        size_t line;
    } expected[] = {
        {"anna@example.org", 1, 3}, {"bo", 2, 5},  {"bo2", 2, 5},
        {"J\xc3\xb6rg", 1, 6},      {"all", 1, 7}, {"late", 2, 9},
        {"namespaces=a", 1, 13},
    };
    struct sb_truststore store;
    struct sb_identity id1, id2;
    key1(&id1);
    key2(&id2);
    assert_int_equal(parse(&store,
                           "# a comment, \"quoted *\n"
                           "\n"
                           "anna@example.org " ED1 "\n"
                           "   # indented\n"
                           "bo,bo2  " ED2 "  desk 2 \"x\n"
                           "J\xc3\xb6rg namespaces=\"seal@sealbag\" " ED1 "\n"
                           "all namespaces=\"file,seal@sealbag\" " ED1 " c\n"
                           "other namespaces=\"file\" " ED1 "\n"
                           "  late  namespaces=\"seal@sealbag\"  " ED2 " \n"
                           "ec " EC " comment\n"
                           "ec namespaces=\"seal@sealbag\" " EC "\n"
                           "   \n"
                           "namespaces=a " ED1,
                           NULL),
                     0);
    assert_int_equal(store.count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < store.count; i++) {
        assert_string_equal(store.entries[i].name, expected[i].name);
        assert_true(
            sb_identity_equal(&store.entries[i].signer, expected[i].key == 1 ? &id1 : &id2));
        assert_int_equal(store.entries[i].line, expected[i].line);
    }
    sb_truststore_free(&store);
    assert_null(store.entries);
    sb_truststore_free(&store);
}

/* A FIDO key is an entry, and another one than the plain key with the same 32 bytes. */
static void parse_fido(void **state)
{
    (void)state;
    struct sb_truststore store;
    struct sb_identity key;
    size_t at = 0;
    assert_int_equal(
        parse(&store, "plain " ED1 "\ntoken namespaces=\"seal@sealbag\" " SK1 " desk\n", NULL), 0);
    assert_int_equal(store.count, 2);
    key1(&key);
    assert_string_equal(sb_truststore_find(&store, &key, &at)->name, "plain");
    assert_null(sb_truststore_find(&store, &key, &at));
    at = 0;
    memcpy(key.application, "ssh:", 4);
    assert_string_equal(sb_truststore_find(&store, &key, &at)->name, "token");
    assert_null(sb_truststore_find(&store, &key, &at));
    at = 0;
    key.application[3] = 0;
    assert_null(sb_truststore_find(&store, &key, &at));
    sb_truststore_free(&store);
}

static void parse_empty(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n", "\n\n", "#", "# x\n", " ", "  \n#\n"};
    struct sb_truststore store;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(parse(&store, texts[i], NULL), 0);
        assert_int_equal(store.count, 0);
        sb_truststore_free(&store);
    }
    assert_int_equal(sb_truststore_parse(&store, NULL, 0, "f", NULL), 0);
    sb_truststore_free(&store);
}

static void parse_many(void **state)
{
    (void)state;
    struct sb_buf text = {0};
    struct sb_truststore store = {0};
    for (int i = 0; i < 1000; i++)
        assert_int_equal(sb_buf_printf(&text, "name%d " ED1 "\n", i), 0);
    assert_int_equal(sb_truststore_parse(&store, text.data, text.len, "f", NULL), 0);
    assert_int_equal(store.count, 1000);
    assert_string_equal(store.entries[999].name, "name999");
    sb_truststore_free(&store);
    sb_buf_free(&text);
}

/* Each is put on line 3, after good entries: one bad line refuses all. */
static void parse_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"*  " ED1, "the name * has one of the characters"},
        {"*@example.org " ED1, "has one of the characters"},
        {"a? " ED1, "has one of the characters"},
        {"!a " ED1, "has one of the characters"},
        {"a,!b " ED1, "the name !b has one of the characters"},
        {"\"a b\" " ED1, "the name \"a b\" has one of"},
        {"\"a\" " ED1, "has one of the characters"},
        {"a\" " ED1, "has one of the characters"},
        {"a, " ED1, "the name  is empty"},
        {",a " ED1, "is empty"},
        {"a,,b " ED1, "is empty"},
        {"a,#b " ED1, "the name #b begins with #"},
        {"a\xe2\x80\xae " ED1, "the name a\\u{202e} has a control or invisible"},
        {"a\xc2\xa0z " ED1, "white space"},
        {"a", "no key of a known type"},
        {"a ", "no key of a known type"},
        {"a ssh-ed25519", "the key is not base64"},
        {"a " KEY1, "no key of a known type"},
        {"a ed25519 " KEY1, "no key of a known type"},
        {"a ssh-ed25519-cert-v01@openssh.com " KEY1, "no key of a known type"},
        {"a Ssh-ed25519 " KEY1, "no key of a known type"},
        {ED1, "no key of a known type"},
        {"a ssh-ed25519 " KEY1 "A", "the key is not base64"},
        {"a ssh-ed25519 " KEY1 "====", "the key is not base64"},
        {"a ssh-ed25519 AAAA", "not an Ed25519 key"},
        {"a ssh-ed25519 AAAAC3NzaC1lZDI1NTE4AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
         "not an Ed25519 key"},
        {"a ssh-ed25519 " KEY1 "AAAA", "not an Ed25519 key"},
        {"a ssh-rsa " KEY1, "not of the type"},
        {"a ssh-rsa AAAA", "not of the type"},
        {"a ssh-rsa ssh-rsa", "the key is not base64"},
        {"a ssh-rsa \xc3\xa4\xc3\xa4", "the key is not base64"},
        {"a " ED1 "\r", "ends as on Windows"},
        {"a\t" ED1, "a control character, such as a tab"},
        {"# \x1b[2J", "a control character"},
        {"# \xc2\x85", "a control character"},
        {"a " ED1 " \x7f", "a control character"},
        {"# \xff", "not UTF-8"},
        {"a\xc3 " ED1, "not UTF-8"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1000];
        struct sb_error error = {0};
        struct sb_truststore store;
        snprintf(text, sizeof(text), "x " ED1 "\n#\n%s\ny " ED2 "\n", cases[i].line);
        assert_int_equal(parse(&store, text, &error), SEALBAG_ERR_TRUST);
        if (strstr(error.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error.message);
        assert_non_null(strstr(error.message, "allowed_signers, line 3: "));
        assert_null(store.entries);
    }
}

static void parse_refuses_the_file(void **state)
{
    (void)state;
    struct sb_error error = {0};
    struct sb_truststore store;
    assert_int_equal(parse(&store, "\xef\xbb\xbfx " ED1 "\n", &error), SEALBAG_ERR_TRUST);
    assert_non_null(strstr(error.message, "line 1: the file begins with a byte order mark"));
    static const char nul[] = "x " ED1 " a\0b\n";
    assert_int_equal(sb_truststore_parse(&store, bytes_of(nul), sizeof(nul) - 1, "a\x1b/f", &error),
                     SEALBAG_ERR_TRUST);
    assert_non_null(strstr(error.message, "a\\x1b/f, line 1: there is a control"));
}

/* A cut file gives fewer entries or is refused, and never another name or key. */
static void parse_truncated(void **state)
{
    (void)state;
    static const char text[] = "anna,bo namespaces=\"seal@sealbag\" " ED1 "\n";
    struct sb_identity key;
    key1(&key);
    for (size_t n = 0; n < sizeof(text); n++) {
        struct sb_truststore store = {0};
        int r = sb_truststore_parse(&store, bytes_of(text), n, "f", NULL);
        if (n >= sizeof(text) - 2) {
            assert_int_equal(r, 0);
            assert_int_equal(store.count, 2);
            assert_string_equal(store.entries[1].name, "bo");
            assert_true(sb_identity_equal(&store.entries[1].signer, &key));
        } else if (n > 0) {
            assert_int_equal(r, SEALBAG_ERR_TRUST);
        }
        sb_truststore_free(&store);
    }
}

static void names(void **state)
{
    (void)state;
    static const char *const good[] = {"a",    "anna@example.org", "J\xc3\xb6rg", "a#b", "-",
                                       "a\\b", "namespaces='x'",   "\xe6\x96\x87"};
    static const char *const bad[] = {
        "",
        "#a",
        "a b",
        "a,b",
        "a\"",
        "a*",
        "a?",
        "!a",
        "a!",
        "a\tb",
        "a\n",
        "\x7f",
        "\xff",
        "a\xe2\x80\x8b",
        "a\xc2\xa0",
        "a\xe2\x80\x83",
        "a\xe1\x9a\x80",
        "a\xe3\x80\x80",
        "a\xe2\x80\xaf",
        "a\xe2\x81\x9f",
        "a\xc2\x85",
        "a\xe2\x80\xa8",
        "\xef\xbb\xbfz",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_null(sb_truststore_name_bad(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_non_null(sb_truststore_name_bad(bad[i]));
    char name[257];
    memset(name, 'n', sizeof(name));
    name[256] = 0;
    assert_non_null(sb_truststore_name_bad(name));
    name[255] = 0;
    assert_null(sb_truststore_name_bad(name));
}

/* ---- changing -------------------------------------------------------------------------- */

static void append(void **state)
{
    (void)state;
    struct sb_buf text = {0};
    struct sb_truststore store = {0};
    struct sb_identity key;
    key1(&key);
    assert_int_equal(sb_truststore_append(&text, "anna", &key, NULL), 0);
    assert_string_equal((const char *)text.data, "anna " OWN ED1 "\n");
    text.len--; /* as an editor may leave it */
    key2(&key);
    assert_int_equal(sb_truststore_append(&text, "bo", &key, NULL), 0);
    assert_string_equal((const char *)text.data, "anna " OWN ED1 "\n"
                                                 "bo " OWN ED2 "\n");
    size_t end = text.len;
    const struct sb_validity some = {1709164800, 1767270645, false}, one = {0, 1767225600, false};
    assert_int_equal(sb_truststore_append(&text, "c", &key, &some), 0);
    assert_int_equal(sb_truststore_append(&text, "d", &key, &one), 0);
    assert_string_equal(
        (const char *)text.data + end,
        "c namespaces=\"seal@sealbag,custody@sealbag\",valid-after=\"20240229Z\","
        "valid-before=\"20260101123045Z\" " ED2 "\n"
        "d namespaces=\"seal@sealbag,custody@sealbag\",valid-before=\"20260101Z\" " ED2 "\n");
    text.len = end;
    size_t len = text.len;
    assert_int_equal(sb_truststore_append(&text, "b o", &key, NULL), SEALBAG_ERR_USAGE);
    assert_int_equal(sb_truststore_append(&text, "#x", &key, NULL), SEALBAG_ERR_USAGE);
    assert_int_equal(text.len, len);
    assert_int_equal(sb_truststore_parse(&store, text.data, text.len, "f", NULL), 0);
    assert_int_equal(store.count, 2);
    assert_string_equal(store.entries[1].name, "bo");
    assert_true(sb_identity_equal(&store.entries[1].signer, &key));
    sb_truststore_free(&store);
    sb_buf_free(&text);
}

static void without(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        size_t removed;
    } cases[] = {
        {"", "", 0},
        {"# bo\n", "# bo\n", 0},
        {"bo " ED1 "\n", "", 1},
        {"bo " ED1, "", 1},
        {"bo2 " ED1 "\nBo " ED1 " bo", "bo2 " ED1 "\nBo " ED1 " bo", 0},
        {"# a\nbo " ED1 "\n\nanna " ED2 "\nbo " ED2 "\n", "# a\n\nanna " ED2 "\n", 2},
        {"a,bo,c namespaces=\"file\"  " ED1 "  x \n", "a,c namespaces=\"file\"  " ED1 "  x \n", 1},
        {"  bo,a  " ED1 "\n", "  a  " ED1 "\n", 1},
        {"a,bo " ED1, "a " ED1, 1},
        {"bo,bo,bo " ED1 "\n", "", 3},
        {"bo " EC "\n#\n", "#\n", 1}, /* no name of this person stays in the file */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sb_buf out = {0};
        size_t removed = 99;
        assert_int_equal(sb_buf_puts(&out, "="), 0);
        assert_int_equal(sb_truststore_without(&out, &removed, bytes_of(cases[i].before),
                                               strlen(cases[i].before), "bo"),
                         0);
        assert_string_equal((const char *)out.data + 1, cases[i].after);
        assert_int_equal(removed, cases[i].removed);
        sb_buf_free(&out);
    }
}

static void without_needs_a_good_file(void **state)
{
    (void)state;
    struct sb_buf out = {0};
    size_t removed = 0;
    static const char text[] = "bo " ED1 "\nx valid-after=\"2026\" " ED1 "\n";
    assert_int_equal(sb_truststore_without(&out, &removed, bytes_of(text), sizeof(text) - 1, "bo"),
                     SEALBAG_ERR_TRUST);
    assert_int_equal(out.len, 0);
    assert_int_equal(removed, 0);
}

/* ---- finding --------------------------------------------------------------------------- */

static void find(void **state)
{
    (void)state;
    struct sb_truststore store;
    struct sb_identity key;
    size_t at = 0;
    assert_int_equal(parse(&store, "a " ED1 "\nb " ED2 "\nc,d " ED1 "\n", NULL), 0);
    key1(&key);
    static const char *const expected[] = {"a", "c", "d"};
    for (size_t i = 0; i < 3; i++) {
        const struct sb_trust_entry *entry = sb_truststore_find(&store, &key, &at);
        assert_non_null(entry);
        assert_string_equal(entry->name, expected[i]);
    }
    assert_null(sb_truststore_find(&store, &key, &at));
    assert_null(sb_truststore_find(&store, &key, &at));
    at = 0;
    key.pk[31] ^= 1;
    assert_null(sb_truststore_find(&store, &key, &at));

    char name[SB_FP_NAME_SIZE];
    key2(&key);
    sb_fingerprint_name(name, &key);
    const struct sb_identity *found = sb_truststore_key_by_name(&store, name);
    assert_non_null(found);
    assert_true(sb_identity_equal(found, &key));
    name[31] = name[31] == '0' ? '1' : '0';
    assert_null(sb_truststore_key_by_name(&store, name));
    sb_truststore_free(&store);
    assert_null(sb_truststore_key_by_name(&store, name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_entries),
        cmocka_unit_test(parse_fido),
        cmocka_unit_test(parse_empty),
        cmocka_unit_test(parse_many),
        cmocka_unit_test(parse_refuses),
        cmocka_unit_test(parse_refuses_the_file),
        cmocka_unit_test(parse_truncated),
        cmocka_unit_test(names),
        cmocka_unit_test(append),
        cmocka_unit_test(without),
        cmocka_unit_test(without_needs_a_good_file),
        cmocka_unit_test(find),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
