#include "bag/taginfo.h"

#include <string.h>

#include "bag/lines.h"
#include "base/text.h"

/* A file with so many malformed lines is something else; the rest of it is not looked at. */
enum { BAD_LINES_MAX = 1000 };

/* ASCII letters only: labels are compared without their case (RFC 8493, section 2.2.2). */
static bool label_is(const char *text, size_t len, const char *label)
{
    if (strlen(label) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char a = text[i], b = label[i];
        if (a >= 'A' && a <= 'Z')
            a = (char)(a - 'A' + 'a');
        if (b >= 'A' && b <= 'Z')
            b = (char)(b - 'A' + 'a');
        if (a != b)
            return false;
    }
    return true;
}

static bool line_is(const char *line, size_t len, const char *text)
{
    return len == strlen(text) && memcmp(line, text, len) == 0;
}

/* M.N (RFC 8493, section 2.1.1). */
static bool is_version(const char *text, size_t len)
{
    const char *dot = memchr(text, '.', len);
    uint64_t number;
    return dot != NULL && sb_decimal_parse(&number, text, (size_t)(dot - text)) &&
           sb_decimal_parse(&number, dot + 1, (size_t)(text + len - dot) - 1);
}

/* The rest of a line that begins so; NULL when it does not. */
static const char *after(const char *prefix, const char *line, size_t *len)
{
    size_t n = strlen(prefix);
    if (*len <= n || memcmp(line, prefix, n) != 0)
        return NULL;
    *len -= n;
    return line + n;
}

/* No name in IANA's registry is longer. */
static void unknown_encoding(struct sb_findings *findings, const char *name, const char *encoding,
                             size_t len)
{
    char text[46], shown[6 * sizeof(text)];
    size_t n = len < sizeof(text) ? len : sizeof(text) - 1;
    memcpy(text, encoding, n);
    text[n] = 0;
    n = strlen(text); /* it may hold a NUL */
    sb_findings_add(findings, SB_RULE_ENCODING, name,
                    "The tag files are in an encoding that this version does not know: \"%s%s\". "
                    "Ask for the bag with tag files in UTF-8.",
                    sealbag_text_escape(shown, sizeof(shown), text), n < len ? "..." : "");
}

void sb_bagit_txt_check(struct sb_declaration *out, struct sb_findings *findings,
                        const uint8_t *bytes, size_t len)
{
    static const char name[] = "bagit.txt";
    static const char *const old[] = {"0.93", "0.94", "0.95", "0.96", "0.97"};
    struct sb_lines lines = {.bytes = (const char *)bytes, .len = len};
    const char *version, *encoding, *third;
    size_t version_len, encoding_len, third_len;
    *out = (struct sb_declaration){.encoding = SB_UTF8};
    if (!sb_lines_next(&lines, &version, &version_len) ||
        !sb_lines_next(&lines, &encoding, &encoding_len) ||
        sb_lines_next(&lines, &third, &third_len) ||
        (version = after("BagIt-Version: ", version, &version_len)) == NULL ||
        (encoding = after("Tag-File-Character-Encoding: ", encoding, &encoding_len)) == NULL ||
        !is_version(version, version_len)) {
        sb_findings_add(findings, SB_RULE_DECLARATION, name,
                        "bagit.txt must be exactly two lines, BagIt-Version and "
                        "Tag-File-Character-Encoding.");
        return;
    }
    for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
        out->old |= line_is(version, version_len, old[i]);
    if (!out->old && !line_is(version, version_len, "1.0"))
        sb_findings_add(findings, SB_RULE_VERSION, name,
                        "The bag uses a version of BagIt other than 0.93 to 0.97 and 1.0, which "
                        "this version cannot judge.");
    else
        memcpy(out->version, version, version_len);
    out->encoding = sb_encoding_find(encoding, encoding_len);
    if (out->encoding == SB_ENCODING_UNKNOWN)
        unknown_encoding(findings, name, encoding, encoding_len);
}

/* "<octets>.<files>" (RFC 8493, section 2.2.2). */
static bool parse_oxum(struct sb_oxum *oxum, const char *text, size_t len)
{
    const char *dot = memchr(text, '.', len);
    if (dot == NULL || oxum->stated)
        return false;
    oxum->stated = true;
    return sb_decimal_parse(&oxum->bytes, text, (size_t)(dot - text)) &&
           sb_decimal_parse(&oxum->files, dot + 1, (size_t)(text + len - dot) - 1);
}

/* The label and the value of a line. Version 0.97 allows any white space around the colon, and its
 * tools use it. False: it is not "Label: value". */
static bool split_line(size_t *label_len, size_t *value_at, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    size_t label = colon != NULL ? (size_t)(colon - line) : 0;
    if (label == 0 || sb_is_blank(line[0]) || (label + 1 < len && !sb_is_blank(line[label + 1])))
        return false;
    size_t value = label + 1;
    while (value < len && sb_is_blank(line[value]))
        value++;
    while (sb_is_blank(line[label - 1]))
        label--;
    *label_len = label;
    *value_at = value;
    return true;
}

static void bad_oxum(struct sb_findings *findings, const char *name)
{
    sb_findings_add(findings, SB_RULE_OXUM, name,
                    "Payload-Oxum in %s is malformed or stated twice.", name);
}

/* "N of T", where T is "?" when it is not known. */
static bool is_bag_count(const char *text, size_t len)
{
    char count[50]; /* two numbers of 64 bits */
    if (len >= sizeof(count))
        return false;
    memcpy(count, text, len);
    count[len] = 0;
    const char *of = strstr(count, " of ");
    uint64_t number, total;
    if (of == NULL || strlen(count) != len ||
        !sb_decimal_parse(&number, count, (size_t)(of - count)) || number == 0)
        return false;
    const char *all = of + 4;
    return strcmp(all, "?") == 0 || (sb_decimal_parse(&total, all, strlen(all)) && number <= total);
}

/* YYYY-MM-DD */
static bool is_day(const char *text, size_t len)
{
    return len == 10 && sb_date_valid(text, len);
}

/* What RFC 8493, section 2.2.2, gives a form. Said once of each: there can be any number. */
static void check_form(bool said[2], struct sb_findings *findings, const char *name,
                       const char *line, size_t label_len, const char *value, size_t len)
{
    while (len > 0 && sb_is_blank(value[len - 1]))
        len--;
    bool date = label_is(line, label_len, "Bagging-Date") && !is_day(value, len);
    bool count = label_is(line, label_len, "Bag-Count") && !is_bag_count(value, len);
    if (date && !said[0])
        sb_findings_add(findings, SB_RULE_INFO_FORM, name,
                        "Bagging-Date in %s is not a date in the form YYYY-MM-DD.", name);
    if (count && !said[1])
        sb_findings_add(findings, SB_RULE_INFO_FORM, name,
                        "Bag-Count in %s is not two numbers such as 2 of 5, or 2 of ?.", name);
    said[0] |= date;
    said[1] |= count;
}

void sb_bag_info_check(struct sb_oxum *oxum, struct sb_findings *findings, const char *name,
                       const uint8_t *bytes, size_t len)
{
    struct sb_lines lines = {.bytes = (const char *)bytes, .len = len};
    const char *line;
    size_t line_len;
    bool any = false;
    *oxum = (struct sb_oxum){0};
    size_t bad_lines = 0;
    bool said[2] = {false, false};
    bool oxum_above = false; /* the line above is Payload-Oxum, which is never folded */
    while (bad_lines < BAD_LINES_MAX && sb_lines_next(&lines, &line, &line_len)) {
        if (line_len == 0)
            continue;
        if (any && sb_is_blank(line[0])) {
            if (oxum_above)
                bad_oxum(findings, name);
            continue;
        }
        size_t label, value;
        if (!split_line(&label, &value, line, line_len)) {
            sb_findings_add(findings, SB_RULE_INFO_LINE, name,
                            "Line %zu of %s is not \"Label: value\".", lines.number, name);
            bad_lines++;
            continue;
        }
        any = true;
        oxum_above = label_is(line, label, "Payload-Oxum");
        if (oxum_above && !parse_oxum(oxum, line + value, line_len - value))
            bad_oxum(findings, name);
        check_form(said, findings, name, line, label, line + value, line_len - value);
    }
}

/* A NUL would hide what follows it. */
static int append_text(struct sb_buf *out, const char *text, size_t len)
{
    int r = 0;
    while (r == 0 && len > 0) {
        const char *nul = memchr(text, 0, len);
        size_t n = nul != NULL ? (size_t)(nul - text) : len;
        r = sb_buf_append(out, text, n);
        if (r == 0 && nul != NULL)
            r = sb_buf_puts(out, "\xef\xbf\xbd");
        n += nul != NULL;
        text += n;
        len -= n;
    }
    return r;
}

int sb_bag_info_next(struct sb_bag_info *info, struct sb_buf *label, struct sb_buf *value)
{
    const char *line;
    size_t len, label_len, value_at;
    do {
        if (!sb_lines_next(&info->lines, &line, &len))
            return 0;
    } while (!split_line(&label_len, &value_at, line, len));
    int r = append_text(label, line, label_len);
    if (r == 0)
        r = append_text(value, line + value_at, len - value_at);
    struct sb_lines ahead = info->lines;
    while (r == 0 && sb_lines_next(&ahead, &line, &len) && (len == 0 || sb_is_blank(line[0]))) {
        info->lines = ahead;
        for (value_at = 0; value_at < len && sb_is_blank(line[value_at]);)
            value_at++;
        if (value_at < len) {
            r = value->len > 0 ? sb_buf_puts(value, " ") : 0;
            if (r == 0)
                r = append_text(value, line + value_at, len - value_at);
        }
    }
    return r == 0 ? 1 : r;
}

/* ---- what a sender states ---------------------------------------------------------------- */

static const struct {
    const char *label;
    bool repeatable;
} reserved[] = {
#define RESERVED_ROW(id, label, option, repeatable, text) {label, repeatable},
    SEALBAG_LABELS(RESERVED_ROW)
#undef RESERVED_ROW
};

/* A number and a unit: "42600 MB", ".043 TB". */
static bool is_bag_size(const char *text)
{
    static const char digits[] = "0123456789";
    static const char *const units[] = {"B",   "KB",  "MB",  "GB",  "TB",   "PB",
                                        "KiB", "MiB", "GiB", "TiB", "bytes"};
    size_t whole = strspn(text, digits);
    const char *at = text + whole;
    size_t part = *at == '.' ? strspn(at + 1, digits) : 0;
    if (whole + part == 0 || (*at == '.' && part == 0))
        return false;
    at += *at == '.' ? part + 1 : 0;
    at += *at == ' ';
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (label_is(at, strlen(at), units[i]))
            return true;
    }
    return false;
}

const char *sb_bag_info_repeated(const char *const *labels, size_t count)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        bool stated = false;
        for (size_t j = 0; j < count && !reserved[i].repeatable; j++) {
            const char *colon = strchr(labels[j], ':');
            if (colon == NULL ||
                !label_is(labels[j], (size_t)(colon - labels[j]), reserved[i].label))
                continue;
            if (stated)
                return reserved[i].label;
            stated = true;
        }
    }
    return NULL;
}

const char *sb_bag_info_label_bad(const char *text)
{
    static const char *const own[] = {"Bagging-Date", "Payload-Oxum", "Bag-Software-Agent",
                                      "Omitted-File"};
    size_t len = strlen(text);
    const char *colon = strchr(text, ':');
    uint32_t code;
    if (!sb_utf8_valid(text, len))
        return "is not UTF-8";
    for (size_t at = 0; at < len;) {
        at += sb_utf8_decode(&code, text + at, len - at);
        if (sb_code_hidden(code))
            return "holds a line break, a control or an invisible character";
    }
    if (colon == NULL || colon == text)
        return "has no colon after its name; write it as 'Label: value'";
    if (colon[1] != ' ' || colon[2] == 0)
        return "needs exactly one space and a value after its colon; write it as 'Label: value'";
    if (text[0] == ' ' || colon[-1] == ' ' || colon[2] == ' ' || text[len - 1] == ' ')
        return "has spaces around its name or value";
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (label_is(text, (size_t)(colon - text), own[i]))
            return "is one that sealbag writes itself";
    }
    if (label_is(text, (size_t)(colon - text), "Bag-Count") &&
        !is_bag_count(colon + 2, strlen(colon + 2)))
        return "must be two numbers such as 2 of 5, or 2 of ? when the second is not known";
    if (label_is(text, (size_t)(colon - text), "Bag-Size") && !is_bag_size(colon + 2))
        return "must be a number and a unit, such as 42.6 GB";
    return NULL;
}
