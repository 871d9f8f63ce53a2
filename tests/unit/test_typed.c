/* Ids that people copied from paper: white space between the digits is left out, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/typed.h"

#define ID     "1e8732fa1edc36fe5c9d589f1c1c83f6fdefde05f25efc7980d27c58c37c56ea"
#define HALF   "1e8732fa1edc36fe5c9d589f1c1c83f6"
#define PRINT  "SHA256:xdeixzWZMVADQm4IXunwr+VvMlywKv2SZ0TEGRiqvfM"
#define DIGITS "xdeixzWZMVADQm4IXunwr+VvMlywKv2SZ0TEGRiqvfM"

static void good_hex(const char *text, const char *wanted)
{
    char out[SB_TYPED_HEX];
    assert_true(sb_typed_hex(out, text, 32));
    assert_string_equal(out, wanted);
}

static void bad_hex(const char *text, size_t least)
{
    char out[SB_TYPED_HEX];
    assert_false(sb_typed_hex(out, text, least));
}

static void hex_in_groups(void **state)
{
    (void)state;
    good_hex(ID, ID);
    good_hex(HALF, HALF);
    good_hex("1e87 32fa 1edc 36fe 5c9d 589f 1c1c 83f6", HALF);
    good_hex("1E87 32FA 1EDC 36FE\n5C9D 589F 1C1C 83F6", HALF);
    good_hex(" \t\r\n\v\f" ID "\n ", ID);
    good_hex("1e87\xc2\xa0"
             "32fa\xc2\xa0 1edc36fe5c9d589f1c1c83f6",
             HALF);
}

static void hex_of_the_right_length(void **state)
{
    (void)state;
    char all[SB_TYPED_HEX + 1];
    bad_hex("", 32);
    bad_hex("   ", 32);
    bad_hex("1e8732fa1edc36fe5c9d589f1c1c83f", 32);
    bad_hex("1e8732fa1edc36fe5c9d589f1c1c83f ", 32);
    bad_hex(ID "0", 32);
    bad_hex(ID " 0", 32);
    bad_hex(ID "   " ID, 32);
    bad_hex(HALF, 64);
    /* Every length, with a space between any two. */
    for (size_t len = 0; len < sizeof(all); len++) {
        char spaced[2 * sizeof(all) + 1], out[SB_TYPED_HEX];
        memset(all, 'A', len);
        all[len < sizeof(all) ? len : 0] = 0;
        for (size_t i = 0; i < len; i++)
            memcpy(spaced + 2 * i, "A ", 2);
        spaced[2 * len] = 0;
        assert_int_equal(sb_typed_hex(out, all, 32), len >= 32 && len <= 64);
        assert_int_equal(sb_typed_hex(out, spaced, 32), len >= 32 && len <= 64);
    }
}

/* Every byte that is neither a digit nor white space is refused, wherever it stands. */
static void hex_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned c = 1; c < 256; c++) {
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        bool space = c == ' ' || (c >= '\t' && c <= '\r');
        for (size_t at = 0; at <= 33; at++) {
            char text[40] = "", out[SB_TYPED_HEX];
            memcpy(text, HALF "0", at < 33 ? at : 33);
            text[at] = (char)c;
            memcpy(text + at + 1, &(HALF "0")[at < 33 ? at : 33], at < 33 ? 34 - at : 1);
            assert_int_equal(sb_typed_hex(out, text, 32), digit || space);
        }
    }
    bad_hex("1e87-32fa-1edc-36fe-5c9d-589f-1c1c-83f6", 32);
    bad_hex("0x" HALF, 32);
    bad_hex("1e87\xc2", 2);
    bad_hex("1e87\xa0", 2);
    bad_hex("1e87\xe2\x80\x89", 2); /* a thin space */
}

static void good_print(const char *text)
{
    char out[SEALBAG_FINGERPRINT_SIZE];
    assert_true(sb_typed_fingerprint(out, text));
    assert_string_equal(out, PRINT);
}

static void bad_print(const char *text)
{
    char out[SEALBAG_FINGERPRINT_SIZE];
    assert_false(sb_typed_fingerprint(out, text));
}

static void fingerprints(void **state)
{
    (void)state;
    good_print(PRINT);
    good_print(" " PRINT "\n");
    good_print("SHA256: xdei xzWZ MVAD Qm4I Xunw r+Vv Mlyw Kv2S Z0TE GRiq vfM");
    good_print("\xc2\xa0SHA256:xdei\xc2\xa0xzWZMVADQm4IXunwr+VvMlywKv2SZ0TEGRiqvfM");
    bad_print("");
    bad_print(" ");
    bad_print("SHA256:");
    bad_print(DIGITS);
    bad_print("sha256:" DIGITS);
    bad_print("SHA 256:" DIGITS);
    bad_print("SHA256 :" DIGITS);
    bad_print("S HA256:" DIGITS);
    bad_print("SHA256" DIGITS);
    bad_print("MD5:" DIGITS);
    bad_print(PRINT "=");
    bad_print(PRINT " A");
    bad_print(PRINT " " PRINT);
    bad_print("SHA256:xdeixzWZMVADQm4IXunwr+VvMlywKv2SZ0TEGRiqvf");
    bad_print("SHA256:xdei-xzWZ-MVAD-Qm4I-Xunw-r+Vv-Mlyw-Kv2S-Z0TE-GRiq-vfM");
    bad_print("SHA256:xdeixzWZMVADQm4IXunwr+VvMlywKv2SZ0TEGRiqvfN"); /* not the one spelling */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_in_groups),
        cmocka_unit_test(hex_of_the_right_length),
        cmocka_unit_test(hex_and_nothing_else),
        cmocka_unit_test(fingerprints),
    };
    return cmocka_run_group_tests_name("typed", tests, NULL, NULL);
}
