/* RFC 3339 times: known values, the calendar, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "unit/few.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LAST         INT64_C(253402300799)

static bool parse(int64_t *seconds, const char *text, bool utc_only)
{
    return sb_time_parse(seconds, text, strlen(text), utc_only);
}

/* Values from `date -u -d TEXT +%s`. */
static void known(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1, "1970-01-01T00:00:01Z"},
        {86399, "1970-01-01T23:59:59Z"},
        {86400, "1970-01-02T00:00:00Z"},
        {68169600, "1972-02-29T00:00:00Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {951868799, "2000-02-29T23:59:59Z"},
        {951868800, "2000-03-01T00:00:00Z"},
        {978307199, "2000-12-31T23:59:59Z"},
        {1000000000, "2001-09-09T01:46:40Z"},
        {1234567890, "2009-02-13T23:31:30Z"},
        {2147483647, "2038-01-19T03:14:07Z"},
        {INT64_C(2147483648), "2038-01-19T03:14:08Z"},
        {INT64_C(4107542399), "2100-02-28T23:59:59Z"},
        {INT64_C(4107542400), "2100-03-01T00:00:00Z"},
        {INT64_C(4294967296), "2106-02-07T06:28:16Z"},
        {INT64_C(13574563200), "2400-02-29T00:00:00Z"},
        {LAST, "9999-12-31T23:59:59Z"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[SB_TIME_SIZE];
        int64_t seconds = -1;
        assert_ptr_equal(sb_time_format(text, rows[i].seconds), text);
        assert_string_equal(text, rows[i].text);
        assert_true(parse(&seconds, rows[i].text, true));
        assert_true(seconds == rows[i].seconds);
        assert_true(parse(&seconds, rows[i].text, false));
        assert_true(seconds == rows[i].seconds);
    }
}

static int month_days(int year, int month)
{
    if (month == 2)
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Every day from 1970 to 9999, counted one by one; the day after a month's last is refused. */
static void every_day(void **state)
{
    (void)state;
    int last_year = one_in(2) > 1 ? 2410 : 9999;
    int64_t day_number = 0;
    for (int year = 1970; year <= last_year; year++) {
        for (int month = 1; month <= 12; month++) {
            char text[64], formatted[SB_TIME_SIZE];
            int64_t seconds = -1;
            for (int day = 1; day <= month_days(year, month); day++, day_number++) {
                snprintf(text, sizeof(text), "%04d-%02d-%02dT12:34:56Z", year, month, day);
                if (!parse(&seconds, text, true) || seconds != day_number * 86400 + 45296 ||
                    strcmp(sb_time_format(formatted, seconds), text) != 0)
                    fail_msg("%s", text);
            }
            snprintf(text, sizeof(text), "%04d-%02d-%02dT12:34:56Z", year, month,
                     month_days(year, month) + 1);
            if (parse(&seconds, text, true))
                fail_msg("%s was taken", text);
        }
    }
}

static void every_second_of_a_day(void **state)
{
    (void)state;
    for (int64_t seconds = 1582934400 - 10; seconds < 1582934400 + 86410; seconds++) {
        char text[SB_TIME_SIZE];
        int64_t back = -1;
        sb_time_format(text, seconds);
        if (!parse(&back, text, true) || back != seconds)
            fail_msg("%s", text);
    }
}

static void offsets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } rows[] = {
        {"1970-01-01T01:00:00+01:00", 0},          {"1970-01-01T00:00:00-00:30", 1800},
        {"1970-01-01T00:00:00+00:00", 0},          {"1970-01-01T00:00:00-00:00", 0},
        {"2009-02-14T05:01:30+05:30", 1234567890}, {"2009-02-13T15:31:30-08:00", 1234567890},
        {"1970-01-01T23:59:00+23:59", 0},          {"1970-01-01T00:00:00-23:59", 86340},
        {"9999-12-31T22:59:59-01:00", LAST},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t seconds = -1;
        assert_true(parse(&seconds, rows[i].text, false));
        assert_true(seconds == rows[i].seconds);
        assert_false(parse(&seconds, rows[i].text, true));
    }
}

static const char *const malformed[] = {"",
                                        "Z",
                                        "1970-01-01",
                                        "1970-01-01T00:00Z",
                                        "1970-01-01T00:00:00",
                                        "1970-01-01 00:00:00Z",
                                        "1970-01-01t00:00:00Z",
                                        "1970-01-01T00:00:00z",
                                        "1970-01-01T00:00:00.5Z",
                                        "1970-01-01T00:00:00Z ",
                                        " 1970-01-01T00:00:00Z",
                                        "1970-01-01T00:00:00ZZ",
                                        "1970/01-01T00:00:00Z",
                                        "1970-01/01T00:00:00Z",
                                        "1970-01-01T00.00:00Z",
                                        "1970-01-01T00:00.00Z",
                                        "1970-00-01T00:00:00Z",
                                        "1970-13-01T00:00:00Z",
                                        "1970-01-00T00:00:00Z",
                                        "1970-01-32T00:00:00Z",
                                        "1970-04-31T00:00:00Z",
                                        "1971-02-29T00:00:00Z",
                                        "2100-02-29T00:00:00Z",
                                        "2000-02-30T00:00:00Z",
                                        "1970-01-01T24:00:00Z",
                                        "1970-01-01T00:60:00Z",
                                        "2016-12-31T23:59:60Z",
                                        "1969-12-31T23:59:59Z",
                                        "0000-01-01T00:00:00Z",
                                        "1970-01-01T00:00:00+00:01",
                                        "9999-12-31T23:59:59-00:01",
                                        "9999-12-31T23:59:00-00:01",
                                        "10000-01-01T00:00:00Z",
                                        "-970-01-01T00:00:00Z",
                                        "1970-1--01T00:00:00Z",
                                        "197a-01-01T00:00:00Z",
                                        "1970-a1-01T00:00:00Z",
                                        "1970-01-0aT00:00:00Z",
                                        "1970-01-01T0a:00:00Z",
                                        "1970-01-01T00:a0:00Z",
                                        "1970-01-01T00:00:0aZ",
                                        "1970-01-01T00:00:+1Z",
                                        "1970-01-02T00:00:00+24:00",
                                        "1970-01-02T00:00:00+00:60",
                                        "1970-01-02T00:00:00+0100",
                                        "1970-01-02T00:00:00+01-00",
                                        "1970-01-02T00:00:00 01:00",
                                        "1970-01-02T00:00:00+a1:00",
                                        "1970-01-02T00:00:00+01:0b",
                                        "1970-01-02T00:00:00+01:000",
                                        "1970-01-02T00:00:00+1:00",
                                        "1970-01-02T00:00:00X"};

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(malformed); i++) {
        int64_t seconds = 42;
        if (parse(&seconds, malformed[i], false) || parse(&seconds, malformed[i], true))
            fail_msg("\"%s\" was taken", malformed[i]);
        assert_true(seconds == 42);
    }
}

/* No other byte in any place means the same time. */
static void every_byte_matters(void **state)
{
    (void)state;
    static const char good[] = "2009-02-13T23:31:30Z";
    for (size_t at = 0; at < sizeof(good) - 1; at++) {
        for (unsigned c = 0; c < 256; c++) {
            char text[sizeof(good)];
            int64_t seconds;
            memcpy(text, good, sizeof(good));
            text[at] = (char)c;
            if (text[at] != good[at] && sb_time_parse(&seconds, text, sizeof(good) - 1, true))
                assert_true(seconds != 1234567890);
        }
    }
}

/* Dates as people state them. */
static void good_dates(void **state)
{
    (void)state;
    static const char *const good[] = {
        "2026",
        "0001",
        "9999",
        "1848-12",
        "2024-02-29",
        "2000-02-29",
        "2026-11-25T09:30Z",
        "2026-11-25T09:30+05:30",
        "2026-11-25T00:00:00-23:59",
        "2026-11-25T23:59:59Z",
        "2026-11-25T23:59:59.5Z",
        "2026-11-25T23:59:59.123456789+01:00",
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        if (!sb_date_valid(good[i], strlen(good[i])))
            fail_msg("\"%s\" was refused", good[i]);
    }
}

static void bad_dates(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "202",
        "20260",
        "0000",
        "-026",
        "2026-",
        "2026-1",
        "2026-00",
        "2026-13",
        "2026/11",
        "2026-11-",
        "2026-11-1",
        "2026-11-00",
        "2026-11-31",
        "1900-02-29",
        "2023-02-29",
        "20261125",
        "2026-11-25 ",
        " 2026",
        "25.11.2026",
        "2026-11-25T",
        "2026-11-25T09Z",
        "2026-11-25T09:30",
        "2026-11-25T09:30:00",
        "2026-11-25T09:30:00.Z",
        "2026-11-25T09:30.5Z",
        "2026-11-25T24:00Z",
        "2026-11-25T09:60Z",
        "2026-11-25T09:30:60Z",
        "2026-11-25t09:30Z",
        "2026-11-25 09:30Z",
        "2026-11-25T09:30z",
        "2026-11-25T09:30ZZ",
        "2026-11-25T09:30+0100",
        "2026-11T09:30Z",
        "2026-W48",
        "about 1900",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (sb_date_valid(bad[i], strlen(bad[i])))
            fail_msg("\"%s\" was taken", bad[i]);
    }
}

/* Nanoseconds: each has one spelling. */
static void instants(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        uint32_t nanoseconds;
        const char *text;
    } rows[] = {
        {0, 0, "1970-01-01T00:00:00Z"},
        {0, 1, "1970-01-01T00:00:00.000000001Z"},
        {1, 500000000, "1970-01-01T00:00:01.5Z"},
        {1234567890, 123456789, "2009-02-13T23:31:30.123456789Z"},
        {1234567890, 120000000, "2009-02-13T23:31:30.12Z"},
        {LAST, 999999999, "9999-12-31T23:59:59.999999999Z"},
    };
    static const char *const bad[] = {
        "",
        "Z",
        "1970-01-01T00:00:00",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00.0Z",
        "1970-01-01T00:00:00.50Z",
        "1970-01-01T00:00:00.000000000Z",
        "1970-01-01T00:00:00.1234567891Z",
        "1970-01-01T00:00:00.12345678901Z",
        "1970-01-01T00:00:00,5Z",
        "1970-01-01T00:00:00.5",
        "1970-01-01T00:00:00.5z",
        "1970-01-01T00:00:00.5+00:00",
        "1970-01-01T00:00:00+00:00",
        "1970-01-01t00:00:00.5Z",
        "1970-01-01 00:00:00.5Z",
        "1970-01-01T00:00:00.-1Z",
        "1970-01-01T00:00:00. 1Z",
        "1970-01-01T00:00:00.5Z ",
        "1970-01-01T00:00:60.5Z",
        "1970-02-30T00:00:00.5Z",
        "1969-12-31T23:59:59.5Z",
        "10000-01-01T00:00:00Z",
        "-970-01-01T00:00:00Z",
        "9999-99-99T99:99:99.9Z",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[SB_INSTANT_SIZE];
        int64_t seconds = -1;
        uint32_t nanoseconds = 1;
        assert_ptr_equal(sb_instant_format(text, rows[i].seconds, rows[i].nanoseconds), text);
        assert_string_equal(text, rows[i].text);
        assert_true(sb_instant_parse(&seconds, &nanoseconds, text, strlen(text)));
        assert_true(seconds == rows[i].seconds && nanoseconds == rows[i].nanoseconds);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t seconds = -7;
        uint32_t nanoseconds = 7;
        if (sb_instant_parse(&seconds, &nanoseconds, bad[i], strlen(bad[i])))
            fail_msg("%s", bad[i]);
        assert_int_equal(nanoseconds, 7);
    }
}

/* Values from Python's struct and `date -u`: years since 1980 in seven bits, month, day; hours,
 * minutes, two seconds at a time. */
static void dos(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        uint32_t value;
    } rows[] = {
        {0, 0x00210000},                                    /* before 1980 */
        {315532799, 0x00210000},                            /* 1979-12-31T23:59:59Z */
        {315532800, 0x00210000},                            /* 1980-01-01T00:00:00Z */
        {315532802, 0x00210001},                            /* two seconds later */
        {951868799, 0x285dbf7d},                            /* 2000-02-29T23:59:59Z */
        {1234567890, 0x3a4dbbef},                           /* 2009-02-13T23:31:30Z */
        {1234567891, 0x3a4dbbef}, {4354819198, 0xff9fbf7d}, /* 2107-12-31T23:59:58Z */
        {4354819200, 0xff9fbf7d}, {LAST, 0xff9fbf7d},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(sb_time_dos(rows[i].seconds), rows[i].value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known),      cmocka_unit_test(every_day),
        cmocka_unit_test(offsets),    cmocka_unit_test(every_second_of_a_day),
        cmocka_unit_test(refused),    cmocka_unit_test(every_byte_matters),
        cmocka_unit_test(good_dates), cmocka_unit_test(bad_dates),
        cmocka_unit_test(instants),   cmocka_unit_test(dos),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
