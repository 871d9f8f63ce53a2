#include "sign/store_options.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sign/sshkey.h"

/* ---- patterns --------------------------------------------------------------------------- */

/* A star takes as little as it can, and one character more each time that the rest does not fit. */
static bool match_one(struct sb_span pattern, const char *text)
{
    size_t at = 0, star = SIZE_MAX;
    const char *retry = text;
    for (;;) {
        if (at < pattern.len && pattern.at[at] == '*') {
            star = at++;
            retry = text;
        } else if (*text != 0 && at < pattern.len &&
                   (pattern.at[at] == '?' || pattern.at[at] == *text)) {
            at++;
            text++;
        } else if (*text == 0 && at == pattern.len) {
            return true;
        } else if (star != SIZE_MAX && *retry != 0) {
            at = star + 1;
            text = ++retry;
        } else {
            return false;
        }
    }
}

bool sb_store_match(struct sb_span patterns, const char *text)
{
    bool found = false;
    while (patterns.len > 0) {
        struct sb_span one = sb_span_take(&patterns, ',');
        bool negated = one.len > 0 && one.at[0] == '!';
        if (negated)
            one = (struct sb_span){one.at + 1, one.len - 1};
        if (!match_one(one, text))
            continue;
        if (negated)
            return false;
        found = true;
    }
    return found;
}

static int check_patterns(const struct sb_store_place *place, struct sb_span list)
{
    for (bool more = true; more;) {
        more = list.len > 0 && memchr(list.at, ',', list.len) != NULL;
        struct sb_span one = sb_span_take(&list, ',');
        struct sb_span rest = one;
        if (rest.len > 0 && rest.at[0] == '!')
            rest = (struct sb_span){rest.at + 1, rest.len - 1};
        if (rest.len == 0)
            return sb_store_refuse(place, "a namespace is empty", SB_STORE_CORRECT);
        if (rest.len > 255)
            return sb_store_refuse(place, "a namespace is longer than 255 bytes", SB_STORE_CORRECT);
        for (size_t i = 0; i < rest.len; i++) {
            if (strchr(" !\\", rest.at[i]) != NULL)
                return sb_store_refuse_text(place, "the namespace ", one,
                                            " has a space, a backslash or a ! in its middle",
                                            SB_STORE_CORRECT);
        }
    }
    return 0;
}

/* ---- dates ------------------------------------------------------------------------------ */

/* YYYYMMDD[HHMM[SS]]Z. Not the very first second, which OpenSSH takes for no date. */
static bool parse_date(int64_t *seconds, struct sb_span date)
{
    char text[SB_TIME_SIZE];
    char d[15] = "00000000000000";
    size_t digits = date.len - 1;
    if (date.len == 0 || (digits != 8 && digits != 12 && digits != 14) || date.at[digits] != 'Z')
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (date.at[i] < '0' || date.at[i] > '9')
            return false;
        d[i] = date.at[i];
    }
    snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", d, d + 4, d + 6, d + 8, d + 10,
             d + 12);
    return sb_time_parse(seconds, text, strlen(text), true) && *seconds > 0;
}

static int check_date(int64_t *seconds, const struct sb_store_place *place, struct sb_span date)
{
    if (parse_date(seconds, date))
        return 0;
    char with_z[20];
    if (date.len > 0 && date.len < sizeof(with_z) - 1) {
        int64_t ignored;
        memcpy(with_z, date.at, date.len);
        with_z[date.len] = 'Z';
        if (parse_date(&ignored, (struct sb_span){with_z, date.len + 1}))
            return sb_store_refuse_text(
                place, "the date ", date,
                " has no Z at its end, so that it would mean something else in each time zone",
                "Write it in UTC with a Z, such as 20260131Z.");
    }
    return sb_store_refuse_text(place, "", date, " is not a date",
                                "Write it in UTC with a Z, such as 20260131Z or 202601311200Z.");
}

static int append_date(struct sb_buf *out, const char *option, int64_t seconds)
{
    char t[SB_TIME_SIZE];
    if (seconds == 0)
        return 0;
    sb_time_format(t, seconds);
    int r = sb_buf_printf(out, ",%s=\"%.4s%.2s%.2s", option, t, t + 5, t + 8);
    if (r == 0 && seconds % 86400 != 0)
        r = sb_buf_printf(out, "%.2s%.2s%.2s", t + 11, t + 14, t + 17);
    return r == 0 ? sb_buf_puts(out, "Z\"") : r;
}

/* The namespaces keep the key from being good for anything else, should the file be used with other
 * programs, such as git. */
int sb_store_options_append(struct sb_buf *out, const struct sb_validity *valid)
{
    bool custody = valid == NULL || !valid->no_custody;
    int r =
        sb_buf_printf(out, "namespaces=\"%s\"",
                      custody ? SB_SSH_NAMESPACE "," SB_SSH_CUSTODY_NAMESPACE : SB_SSH_NAMESPACE);
    if (r == 0 && valid != NULL)
        r = append_date(out, "valid-after", valid->after);
    if (r == 0 && valid != NULL)
        r = append_date(out, "valid-before", valid->before);
    return r;
}

/* ---- the options ------------------------------------------------------------------------ */

enum { NAMESPACES, VALID_AFTER, VALID_BEFORE, OPTIONS };

static const char *const option_names[OPTIONS] = {"namespaces", "valid-after", "valid-before"};

/* Takes NAME="VALUE" off the options, and a comma behind it when another option follows. */
static int take_option(int *which, struct sb_span *value, struct sb_span *options,
                       const struct sb_store_place *place)
{
    size_t len = 0;
    while (len < options->len && options->at[len] != '=' && options->at[len] != ',')
        len++;
    struct sb_span name = {options->at, len};
    for (*which = 0; *which < OPTIONS && !sb_span_is(name, option_names[*which]); ++*which)
        ;
    if (sb_span_is(name, "cert-authority"))
        return sb_store_refuse(place,
                               "it is the key of a certificate authority, so that it would stand "
                               "for people whom it does not name",
                               "Write each signer's own key in a line of its own.");
    if (*which == OPTIONS)
        return sb_store_refuse_text(place, "the option ", name,
                                    " is not understood by this version",
                                    "Remove the line or the option.");
    const char *open =
        len + 1 < options->len && options->at[len] == '=' ? options->at + len + 1 : NULL;
    const char *end = options->at + options->len;
    const char *close =
        open != NULL && *open == '"' ? memchr(open + 1, '"', (size_t)(end - open) - 1) : NULL;
    if (close == NULL || (close + 1 < end && close[1] != ','))
        return sb_store_refuse_text(place, "the option ", name,
                                    " is not written as NAME=\"VALUE\", with a comma before the "
                                    "next one",
                                    SB_STORE_CORRECT);
    if (close + 2 == end)
        return sb_store_refuse(place, "no option follows the last comma of the options",
                               SB_STORE_CORRECT);
    *value = (struct sb_span){open + 1, (size_t)(close - open) - 1};
    size_t used = (size_t)(close + 1 - options->at) + (close + 1 < end);
    *options = (struct sb_span){options->at + used, options->len - used};
    return 0;
}

int sb_store_options(bool *ours, struct sb_validity *valid, const struct sb_store_place *place,
                     struct sb_span options)
{
    bool seen[OPTIONS] = {false};
    *ours = true;
    *valid = (struct sb_validity){0};
    while (options.len > 0) {
        int which = OPTIONS;
        struct sb_span value = {NULL, 0};
        int r = take_option(&which, &value, &options, place);
        if (r < 0 || which == OPTIONS)
            return r;
        if (seen[which])
            return sb_store_refuse_text(
                place, "the option ",
                (struct sb_span){option_names[which], strlen(option_names[which])},
                " is there twice", SB_STORE_CORRECT);
        seen[which] = true;
        if (which == NAMESPACES) {
            r = check_patterns(place, value);
            *ours = r == 0 && sb_store_match(value, SB_SSH_NAMESPACE);
            valid->no_custody = !sb_store_match(value, SB_SSH_CUSTODY_NAMESPACE);
        } else {
            r = check_date(which == VALID_AFTER ? &valid->after : &valid->before, place, value);
        }
        if (r < 0)
            return r;
    }
    /* As OpenSSH has it. */
    if (valid->after != 0 && valid->before != 0 && valid->before <= valid->after)
        return sb_store_refuse(place,
                               "it ends to be valid (valid-before) before it begins to be "
                               "(valid-after)",
                               SB_STORE_CORRECT);
    return 0;
}
