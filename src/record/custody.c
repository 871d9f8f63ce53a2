#include "record/custody.h"

#include <string.h>

#include "base/label.h"
#include "base/rule.h"
#include "base/text.h"

enum { HEX = 2 * SB_SHA256_SIZE };

bool sb_custody_is_word(const char *text, size_t len)
{
    if (len == 0 || len > SB_CUSTODY_WORD_MAX || text[0] < 'a' || text[0] > 'z')
        return false;
    for (size_t i = 1; i < len; i++) {
        char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

/* With much white space a text could be made to look like other lines where it is shown. */
bool sb_custody_is_line(const char *text, size_t len, size_t max)
{
    if (len == 0 || len > max || text[0] == ' ' || text[len - 1] == ' ')
        return false;
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, text + at, len - at);
        if (n == 0 || sb_code_hidden(code) || (sb_code_space(code) && code != ' ') ||
            (code == ' ' && text[at + 1] == ' '))
            return false;
        at += n;
    }
    return true;
}

/* A line of text that may be missing. False only when it is there and malformed. */
static bool take_line(char *out, size_t max, const char **at, const char *end, const char *label)
{
    const char *value;
    size_t len;
    if (!sb_label_take(at, end, label, &value, &len))
        return true;
    if (!sb_custody_is_line(value, len, max))
        return false;
    memcpy(out, value, len);
    out[len] = 0;
    return true;
}

/* Digests with one space between them, strictly ascending: hex digits are in the order of the bytes
 * that they stand for. */
static bool take_signatures(struct sb_custody_event *out, const char **at, const char *end)
{
    const char *value;
    size_t len;
    if (!sb_label_take(at, end, "Signatures", &value, &len) || len % (HEX + 1) != HEX ||
        len / (HEX + 1) >= SB_CUSTODY_SIGNATURES_MAX)
        return false;
    for (size_t i = 0; i < len; i += HEX + 1) {
        uint8_t digest[SB_SHA256_SIZE];
        if (!sb_hex_decode(digest, sizeof(digest), value + i, HEX, false))
            return false;
        if (i > 0 && (value[i - 1] != ' ' || memcmp(value + i - HEX - 1, value + i, HEX) >= 0))
            return false;
    }
    out->signatures = value;
    out->signature_count = len / (HEX + 1) + 1;
    return true;
}

static bool parse_lines(struct sb_custody_event *out, const char *at, const char *end)
{
    const char *value;
    size_t len;
    if (!sb_label_take(&at, end, "Event", &value, &len) || !sb_custody_is_word(value, len))
        return false;
    memcpy(out->event, value, len);
    out->event[len] = 0;
    if (!sb_label_take(&at, end, "By", &value, &len) || !sb_label_is_fingerprint(value, len))
        return false;
    memcpy(out->by, value, len);
    out->by[len] = 0;
    if (!take_line(out->to, SB_CUSTODY_TO_MAX, &at, end, "To") ||
        !sb_label_take(&at, end, "Date", &value, &len) ||
        !sb_time_parse(&out->date, value, len, true))
        return false;
    if (!sb_label_take_sha256(&at, end, "Seal", out->seal) ||
        !sb_label_take_sha256(&at, end, "Previous", out->previous))
        return false;
    return take_line(out->note, SB_CUSTODY_NOTE_MAX, &at, end, "Note") &&
           take_signatures(out, &at, end) && at == end;
}

int sb_custody_parse(struct sb_custody_event *out, const uint8_t *bytes, size_t len,
                     struct sb_error *error)
{
    const char *at = (const char *)bytes, *value;
    const char *end = len > 0 ? at + len : at;
    size_t value_len;
    uint64_t version;
    *out = (struct sb_custody_event){0};
    if (len == 0 || !sb_label_take(&at, end, "Custody-Version", &value, &value_len) ||
        !sb_decimal_parse(&version, value, value_len))
        return sb_rule_error(error, SB_RULE_CUSTODY_SYNTAX,
                             "The custody event does not begin with its version.");
    if (version != 1)
        return sb_rule_error(error, SB_RULE_CUSTODY_VERSION,
                             "The custody event is of a newer kind than this version can judge. "
                             "Get a newer sealbag.");
    if (parse_lines(out, at, end))
        return 0;
    *out = (struct sb_custody_event){0};
    return sb_rule_error(error, SB_RULE_CUSTODY_SYNTAX,
                         "The custody event does not have exactly its lines in their order.");
}

static int put_line(struct sb_buf *out, const char *label, const char *value)
{
    return value[0] != 0 ? sb_buf_printf(out, "%s: %s\n", label, value) : 0;
}

int sb_custody_format(struct sb_buf *out, const struct sb_custody_event *event)
{
    char time[SB_TIME_SIZE], seal[HEX + 1], previous[HEX + 1];
    int r = sb_buf_printf(out, "Custody-Version: 1\nEvent: %s\nBy: %s\n", event->event, event->by);
    if (r == 0)
        r = put_line(out, "To", event->to);
    if (r == 0)
        r = sb_buf_printf(out, "Date: %s\nSeal: %s\nPrevious: %s\n",
                          sb_time_format(time, event->date),
                          sb_hex_encode(seal, event->seal, SB_SHA256_SIZE),
                          sb_hex_encode(previous, event->previous, SB_SHA256_SIZE));
    if (r == 0)
        r = put_line(out, "Note", event->note);
    if (r == 0)
        r = sb_buf_puts(out, "Signatures: ");
    if (r == 0 && event->signature_count > 0)
        r = sb_buf_append(out, event->signatures, event->signature_count * (HEX + 1) - 1);
    return r == 0 ? sb_buf_puts(out, "\n") : r;
}

void sb_custody_signature(uint8_t out[SB_SHA256_SIZE], const struct sb_custody_event *event,
                          size_t i)
{
    /* They were seen to be hex when it was parsed. */
    (void)sb_hex_decode(out, SB_SHA256_SIZE, event->signatures + i * (HEX + 1), HEX, false);
}
