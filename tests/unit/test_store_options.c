/* The options of a line in allowed_signers: namespaces with patterns, dates, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sign/truststore.h"

/* RFC 8032, section 7.1, test 1 */
#define KEY1 "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define ED1  "ssh-ed25519 " KEY1

static const uint8_t *bytes_of(const char *text)
{
    return (const uint8_t *)text;
}

static int parse(struct sb_truststore *store, const char *text, struct sb_error *error)
{
    *store = (struct sb_truststore){0};
    return sb_truststore_parse(store, bytes_of(text), strlen(text), "allowed_signers", error);
}

static int set_up(void **state)
{
    (void)state;
    return sb_sign_init(NULL);
}

static void parse_options(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        bool ours;
        int64_t after, before;
    } cases[] = {
        {"valid-after=\"20260101Z\"", true, 1767225600, 0},
        {"valid-before=\"202601011230Z\"", true, 0, 1767270600},
        {"valid-before=\"20260101123045Z\"", true, 0, 1767270645},
        {"valid-after=\"20240229Z\",valid-before=\"20260101Z\"", true, 1709164800, 1767225600},
        {"valid-before=\"20260101Z\",namespaces=\"seal@sealbag\",valid-after=\"20240229Z\"", true,
         1709164800, 1767225600},
        {"valid-after=\"19700101000001Z\"", true, 1, 0},
        {"valid-before=\"99991231235959Z\"", true, 0, 253402300799},
        {"valid-before=\"20260101Z\",namespaces=\"git\"", false, 0, 0},
        {"namespaces=\"*\"", true, 0, 0},
        {"namespaces=\"seal@*\"", true, 0, 0},
        {"namespaces=\"*@sealbag\"", true, 0, 0},
        {"namespaces=\"s*l@s*b*g\"", true, 0, 0},
        {"namespaces=\"**\"", true, 0, 0},
        {"namespaces=\"seal@sealbag*\"", true, 0, 0},
        {"namespaces=\"seal?sealba?\"", true, 0, 0},
        {"namespaces=\"seal@sealba?g\"", false, 0, 0},
        {"namespaces=\"????????????\"", true, 0, 0},
        {"namespaces=\"?????????????\"", false, 0, 0},
        {"namespaces=\"*?\"", true, 0, 0},
        {"namespaces=\"seal@sealba\"", false, 0, 0},
        {"namespaces=\"Seal@sealbag\"", false, 0, 0},
        {"namespaces=\"!file,seal@sealbag\"", true, 0, 0},
        {"namespaces=\"*,!seal@sealbag\"", false, 0, 0},
        {"namespaces=\"!seal@*,*\"", false, 0, 0},
        {"namespaces=\"!file\"", false, 0, 0},
        {"namespaces=\"git,file\"", false, 0, 0},
        {"namespaces=\"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b\"", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1000];
        struct sb_truststore store;
        snprintf(text, sizeof(text), "a,b %s " ED1 " c\n", cases[i].options);
        assert_int_equal(parse(&store, text, NULL), 0);
        if (store.count != (cases[i].ours ? 2 : 0))
            fail_msg("%s", cases[i].options);
        for (size_t k = 0; k < store.count; k++) {
            assert_int_equal(store.entries[k].valid.after, cases[i].after);
            assert_int_equal(store.entries[k].valid.before, cases[i].before);
        }
        sb_truststore_free(&store);
    }
}

/* A key can be good for seals and not for custody events. The other way round it is no entry. */
static void custody(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        bool kept, no_custody;
        const char *written;
    } cases[] = {
        {"", true, false, "seal@sealbag,custody@sealbag"},
        {"namespaces=\"*\"", true, false, "seal@sealbag,custody@sealbag"},
        {"namespaces=\"seal@sealbag,custody@sealbag\"", true, false,
         "seal@sealbag,custody@sealbag"},
        {"namespaces=\"*,!custody@sealbag\"", true, true, "seal@sealbag"},
        {"namespaces=\"seal@sealbag\"", true, true, "seal@sealbag"},
        {"namespaces=\"custody@sealbag\"", false, false, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1000], wanted[200];
        struct sb_truststore store;
        struct sb_buf line = {0};
        snprintf(text, sizeof(text), "a %s " ED1 " c\n", cases[i].options);
        assert_int_equal(parse(&store, text, NULL), 0);
        assert_int_equal(store.count, cases[i].kept ? 1 : 0);
        if (cases[i].kept) {
            const struct sb_trust_entry *entry = &store.entries[0];
            assert_int_equal(entry->valid.no_custody, cases[i].no_custody);
            assert_int_equal(sb_truststore_append(&line, "a", &entry->signer, &entry->valid), 0);
            snprintf(wanted, sizeof(wanted), "a namespaces=\"%s\" ssh-ed25519 ", cases[i].written);
            assert_memory_equal(line.data, wanted, strlen(wanted));
            sb_buf_free(&line);
        }
        sb_truststore_free(&store);
    }
}

static void validity(void **state)
{
    (void)state;
    static const struct {
        struct sb_validity valid;
        int64_t time;
        enum sealbag_trust_state wanted;
    } cases[] = {
        {{0, 0, false}, 0, SEALBAG_TRUST_TRUSTED},
        {{0, 0, false}, 100, SEALBAG_TRUST_TRUSTED},
        {{100, 0, false}, 99, SEALBAG_TRUST_NOT_YET_VALID},
        {{100, 0, false}, 100, SEALBAG_TRUST_TRUSTED},
        {{100, 0, false}, 0, SEALBAG_TRUST_NOT_YET_VALID},
        {{0, 100, false}, 100, SEALBAG_TRUST_TRUSTED},
        {{0, 100, false}, 101, SEALBAG_TRUST_EXPIRED},
        {{0, 100, false}, 0, SEALBAG_TRUST_EXPIRED},
        {{0, 100, false}, -1, SEALBAG_TRUST_EXPIRED},
        {{50, 100, false}, 75, SEALBAG_TRUST_TRUSTED},
        {{50, 100, false}, 49, SEALBAG_TRUST_NOT_YET_VALID},
        {{50, 100, false}, 101, SEALBAG_TRUST_EXPIRED},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(sb_validity_state(&cases[i].valid, cases[i].time), cases[i].wanted);
}

static void parse_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"a cert-authority " ED1,
         "allowed_signers, line 3: it is the key of a certificate authority, so that it would "
         "stand "
         "for people whom it does not name, so the whole file is refused. Write each signer's own "
         "key in a line of its own."},
        {"a cert-authority,namespaces=\"x\" " ED1, "certificate authority"},
        {"a namespaces=\"x\",cert-authority " ED1, "certificate authority"},
        {"a namespaces=\"x\", " ED1, "no option follows the last comma"},
        {"a ,namespaces=\"x\" " ED1, "the option  is not understood"},
        {"a namespaces=\"x\",,valid-after=\"20260101Z\" " ED1, "the option  is not understood"},
        {"a namespaces=\"x\",namespaces=\"seal@sealbag\" " ED1, "namespaces is there twice"},
        {"a valid-after=\"20260101Z\",valid-after=\"20260101Z\" " ED1,
         "valid-after is there twice"},
        {"a valid-before=\"20260101Z\",valid-before=\"20270101Z\" " ED1,
         "valid-before is there twice"},
        {"a NAMESPACES=\"seal@sealbag\" " ED1, "the option NAMESPACES is not"},
        {"a Valid-After=\"20260101Z\" " ED1, "the option Valid-After is not"},
        {"a no-touch-required " ED1, "the option no-touch-required is not"},
        {"a \xe2\x80\xae " ED1, "the option \\u{202e} is not"},
        {"a namespaces " ED1, "not written as"},
        {"a namespaces= " ED1, "not written as"},
        {"a namespaces=x " ED1, "not written as"},
        {"a namespaces=\"x\"y " ED1, "not written as"},
        {"a valid-after=20260101Z " ED1, "not written as"},
        {"a namespaces=\"x " ED1, "no key of a known type"},
        {"a namespaces=\" " ED1, "no key of a known type"},
        {"a namespaces=\"\" " ED1, "a namespace is empty"},
        {"a namespaces=\"!\" " ED1, "a namespace is empty"},
        {"a namespaces=\"seal@sealbag,\" " ED1, "a namespace is empty"},
        {"a namespaces=\",seal@sealbag\" " ED1, "a namespace is empty"},
        {"a namespaces=\"x y\" " ED1, "the namespace x y has a space"},
        {"a namespaces=\"x\\\" " ED1, "the namespace x\\\\ has a space, a backslash"},
        {"a namespaces=\"!!x\" " ED1, "the namespace !!x has a space, a backslash or a !"},
        {"a namespaces=\"x!\" " ED1, "the namespace x! has"},
        {"a valid-after=\"20260101\" " ED1,
         "allowed_signers, line 3: the date 20260101 has no Z at its end, so that it would mean "
         "something else in each time zone, so the whole file is refused. Write it in UTC with a "
         "Z, such as 20260131Z."},
        {"a valid-before=\"202601011200\" " ED1, "has no Z at its end"},
        {"a valid-before=\"20260101120000\" " ED1, "has no Z at its end"},
        {"a valid-after=\"\" " ED1, " is not a date"},
        {"a valid-after=\"Z\" " ED1, "Z is not a date"},
        {"a valid-after=\"2026Z\" " ED1, "2026Z is not a date"},
        {"a valid-after=\"2026010112Z\" " ED1, "is not a date"},
        {"a valid-after=\"20260101ZZ\" " ED1, "is not a date"},
        {"a valid-after=\"20260101z\" " ED1, "is not a date"},
        {"a valid-after=\"20260101UTC\" " ED1, "is not a date"},
        {"a valid-after=\"2026-01-01Z\" " ED1, "is not a date"},
        {"a valid-after=\"20260230Z\" " ED1, "20260230Z is not a date"},
        {"a valid-after=\"20261301Z\" " ED1, "is not a date"},
        {"a valid-after=\"202601012400Z\" " ED1, "is not a date"},
        {"a valid-after=\"20260101120060Z\" " ED1, "is not a date"},
        {"a valid-after=\"19691231Z\" " ED1, "is not a date"},
        {"a valid-after=\"19700101Z\" " ED1, "is not a date"},
        {"a valid-after=\" 20260101Z\" " ED1, "is not a date"},
        {"a valid-after=\"20270101Z\",valid-before=\"20260101Z\" " ED1,
         "it ends to be valid (valid-before) before it begins to be (valid-after)"},
        {"a valid-before=\"20260101Z\",valid-after=\"20260101Z\" " ED1, "it ends to be valid"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1000];
        struct sb_error error = {0};
        struct sb_truststore store;
        snprintf(text, sizeof(text), "x " ED1 "\n#\n%s\ny " ED1 "\n", cases[i].line);
        assert_int_equal(parse(&store, text, &error), SEALBAG_ERR_TRUST);
        if (strstr(error.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error.message);
        assert_non_null(strstr(error.message, "allowed_signers, line 3: "));
        assert_null(store.entries);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_options),
        cmocka_unit_test(custody),
        cmocka_unit_test(validity),
        cmocka_unit_test(parse_refuses),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
