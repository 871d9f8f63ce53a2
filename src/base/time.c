/* Calendar arithmetic without the C library's: that one depends on TZ and on the process's state.
 */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Days since 1970-01-01 of a proleptic Gregorian date; years are counted from March so that the
 * leap day is the last of its year. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static void civil_from_days(int64_t *year, int *month, int *day, int64_t days)
{
    days += 719468;
    int64_t era = days / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

char *sb_time_format(char out[SB_TIME_SIZE], int64_t seconds)
{
    int64_t year;
    int month, day;
    civil_from_days(&year, &month, &day, seconds / 86400);
    int rest = (int)(seconds % 86400);
    snprintf(out, SB_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000U,
             (unsigned)month % 100U, (unsigned)day % 100U, (unsigned)(rest / 3600) % 100U,
             (unsigned)(rest / 60) % 60U, (unsigned)rest % 60U);
    return out;
}

uint32_t sb_time_dos(int64_t seconds)
{
    const int64_t first = 315532800, last = 4354819198; /* 1980-01-01, 2107-12-31 23:59:58 */
    int64_t year;
    int month, day;
    seconds = seconds < first ? first : seconds > last ? last : seconds;
    civil_from_days(&year, &month, &day, seconds / 86400);
    uint32_t rest = (uint32_t)(seconds % 86400);
    return (uint32_t)(year - 1980) << 25 | (uint32_t)month << 21 | (uint32_t)day << 16 |
           rest / 3600 << 11 | rest / 60 % 60 << 5 | rest % 60 / 2;
}

/* `count` decimal digits at text, or -1. */
static int digits(const char *text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static int month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : lengths[month - 1];
}

/* RFC 3339, section 5.6, time-offset: "Z" or +hh:mm. Seconds to subtract to get UTC. */
static bool parse_offset(int64_t *offset, const char *text, size_t len)
{
    *offset = 0;
    if (len == 1 && text[0] == 'Z')
        return true;
    if (len != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
        return false;
    int hours = digits(text + 1, 2);
    int minutes = digits(text + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset = (int64_t)(hours * 60 + minutes) * 60;
    if (text[0] == '-')
        *offset = -*offset;
    return true;
}

bool sb_time_parse(int64_t *seconds, const char *text, size_t len, bool utc_only)
{
    if (len < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
        text[16] != ':')
        return false;
    int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
    int hour = digits(text + 11, 2), minute = digits(text + 14, 2), second = digits(text + 17, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > month_length(year, month))
        return false;
    /* Leap seconds (:60) have no place in seconds since 1970: refused, not rounded. */
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    int64_t offset;
    if (!parse_offset(&offset, text + 19, len - 19) || (utc_only && len != 20))
        return false;
    int64_t value = days_from_civil(year, month, day) * 86400 +
                    (int64_t)((hour * 60 + minute) * 60 + second) - offset;
    if (value < 0 || value > INT64_C(253402300799))
        return false;
    *seconds = value;
    return true;
}

/* "Thh:mm", "Thh:mm:ss" or "Thh:mm:ss.s", and a zone. */
static bool is_clock(const char *text, size_t len)
{
    int64_t offset;
    size_t at = 6;
    if (len < 7 || text[0] != 'T' || text[3] != ':')
        return false;
    int hour = digits(text + 1, 2), minute = digits(text + 4, 2), second = 0;
    if (len >= 9 && text[at] == ':') {
        second = digits(text + 7, 2);
        at = 9;
        if (at + 1 < len && text[at] == '.') {
            do
                at++;
            while (at < len && text[at] >= '0' && text[at] <= '9');
            if (text[at - 1] == '.')
                return false;
        }
    }
    return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59 &&
           parse_offset(&offset, text + at, len - at);
}

bool sb_date_valid(const char *text, size_t len)
{
    int year = len >= 4 ? digits(text, 4) : -1;
    if (year < 1)
        return false;
    if (len == 4)
        return true;
    int month = len >= 7 && text[4] == '-' ? digits(text + 5, 2) : -1;
    if (month < 1 || month > 12)
        return false;
    if (len == 7)
        return true;
    int day = len >= 10 && text[7] == '-' ? digits(text + 8, 2) : -1;
    if (day < 1 || day > month_length(year, month))
        return false;
    return len == 10 || is_clock(text + 10, len - 10);
}

/* How many characters of "2026-11-25T09:12:42Z" stand before the fraction. */
enum { FRACTION_AT = SB_TIME_SIZE - 2, FRACTION_MAX = 9 };

char *sb_instant_format(char out[SB_INSTANT_SIZE], int64_t seconds, uint32_t nanoseconds)
{
    sb_time_format(out, seconds);
    if (nanoseconds == 0)
        return out;
    size_t end = FRACTION_AT + 1 + FRACTION_MAX;
    snprintf(out + FRACTION_AT, SB_INSTANT_SIZE - FRACTION_AT, ".%09u",
             (unsigned)nanoseconds % 1000000000U);
    while (out[end - 1] == '0')
        end--;
    memcpy(out + end, "Z", 2);
    return out;
}

bool sb_instant_parse(int64_t *seconds, uint32_t *nanoseconds, const char *text, size_t len)
{
    char whole[SB_TIME_SIZE];
    uint32_t value = 0;
    if (len < FRACTION_AT + 1 || len > FRACTION_AT + 1 + FRACTION_MAX + 1)
        return false;
    size_t count = len - FRACTION_AT - 1; /* of ".05" */
    if (count > 0) {
        const char *fraction = text + FRACTION_AT;
        if (count < 2 || fraction[0] != '.' || fraction[count - 1] == '0')
            return false;
        for (size_t i = 1; i <= FRACTION_MAX; i++) {
            char c = i < count ? fraction[i] : '0';
            if (c < '0' || c > '9')
                return false;
            value = value * 10 + (uint32_t)(c - '0');
        }
    }
    memcpy(whole, text, FRACTION_AT);
    whole[FRACTION_AT] = text[len - 1];
    if (!sb_time_parse(seconds, whole, FRACTION_AT + 1, true))
        return false;
    *nanoseconds = value;
    return true;
}
