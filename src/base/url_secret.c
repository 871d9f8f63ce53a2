/* What a secret in a URL looks like: the names of parameters, and the forms of well-known tokens.
 * The lists err on the side of cutting, since whoever cuts says what was cut, and what is missing
 * can be written down by hand; what was published cannot be taken back. */
#include <string.h>

#include "base/text.h"
#include "base/url_secret.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What is encoded more often than this is encoded to hide something. */
enum { DECODE_ROUNDS = 5 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_base64url(char c)
{
    unsigned lower = (unsigned char)c | 0x20U; /* of a letter */
    return lower - 'a' < 26 || is_digit(c) || c == '-' || c == '_';
}

int sb_url_decode(struct sb_buf *out, const char *text, size_t len)
{
    int r = sb_buf_reserve(out, len);
    for (size_t i = 0; r == 0 && i < len; i++) {
        uint8_t byte = (uint8_t)text[i];
        if (byte == '%' && len - i > 2 && sb_hex_decode(&byte, 1, text + i + 1, 2, true))
            i += 2;
        else
            byte = (uint8_t)text[i];
        r = sb_buf_append(out, &byte, 1);
    }
    return r;
}

/* Calls `test` on the text and on what it decodes to, until it decodes to itself. */
static int each_decoding(bool (*test)(const char *text, size_t len), const char *text, size_t len)
{
    struct sb_buf now = {0};
    int r = test(text, len) ? 1 : 0;
    for (int i = 1; r == 0 && memchr(text, '%', len) != NULL; i++) {
        struct sb_buf next = {0};
        r = sb_url_decode(&next, text, len);
        bool same = r == 0 && next.len == len;
        if (r == 0 && !same)
            r = i == DECODE_ROUNDS || test((const char *)next.data, next.len) ? 1 : 0;
        sb_buf_free(&now);
        now = next;
        text = (const char *)now.data;
        len = now.len;
        if (same)
            break;
    }
    sb_buf_free(&now);
    return r;
}

/* ---- names ------------------------------------------------------------------------------ */

static bool ends_in(const char *text, size_t len, const char *end)
{
    size_t n = strlen(end);
    return len >= n && memcmp(text + len - n, end, n) == 0;
}

/* Most are told apart by their first letter, and there are many to ask for. */
static bool is_same(const char *a, const char *b)
{
    return a[0] == b[0] && strcmp(a, b) == 0;
}

static bool begins(const char *text, const char *beginning)
{
    return text[0] == beginning[0] && strncmp(text, beginning, strlen(beginning)) == 0;
}

/* With which a part of a secret name begins. */
static bool begins_part(char c)
{
    switch (c) {
    case 'a':
    case 'c':
    case 'h':
    case 'j':
    case 'o':
    case 'p':
    case 's':
    case 't':
    case 'x':
        return true;
    default:
        return false;
    }
}

/* Compared with the letters and digits of a name, in lower case: X-Amz-Signature is
 * xamzsignature. */
static bool is_secret(const char *name)
{
    static const char *const whole[] = {
        /* what lets one in */
        "assertion", "auth", "authcode", "authentication", "authhash", "authid", "authorization",
        "bearer", "cfid", "code", "hdnea", "hdnst", "hdntl", "hdnts", "invite", "keypairid",
        "mkttok", "nonce", "otp", "pass", "pin", "policy", "psid", "pw", "pwd", "relaystate",
        "samlart", "samlrequest", "samlresponse", "sess", "sid", "sign", "ssid", "ticket", "tk",
        "totp", "verifier", "wpnonce", "zak",
        /* what says who it was let in for, or who clicked */
        "authuser", "cksubscriberid", "dclid", "fbclid", "gbraid", "gclid", "googleaccessid",
        "hsenc", "igsh", "igshid", "liafatid", "loginhint", "mceid", "msclkid", "olyencid", "si",
        "sip", "skoid", "sktid", "ttclid", "twclid", "upn", "veroid", "wbraid", "yclid"};
    static const char *const parts[] = {"accesskey", "apikey", "cookie", "credential", "csrf",
                                        "hmac",      "jwt",    "oauth",  "passcode",   "passphrase",
                                        "passw",     "secret", "sessid", "session",    "signature",
                                        "token",     "xsrf"};
    static const char *const ends[] = {"auth", "key", "keyid", "pwd", "sig"};
    /* Signed addresses of the large stores: all of it is made for one person and a short time. */
    static const char *const beginnings[] = {"xamz", "xcos", "xgoog", "xobs", "xoss", "xtos"};
    size_t len = strlen(name);
    for (size_t i = 0; i < COUNT(whole); i++) {
        if (is_same(name, whole[i]))
            return true;
    }
    for (const char *at = name; *at != 0; at++) {
        for (size_t i = 0; begins_part(*at) && i < COUNT(parts); i++) {
            if (begins(at, parts[i]))
                return true;
        }
    }
    bool may_end = len > 0 && strchr("dghy", name[len - 1]) != NULL;
    for (size_t i = 0; may_end && i < COUNT(ends); i++) {
        if (ends_in(name, len, ends[i]))
            return true;
    }
    for (size_t i = 0; i < COUNT(beginnings); i++) {
        if (begins(name, beginnings[i]))
            return true;
    }
    return false;
}

enum { NAME_MAX_PLAIN = 64 };

/* The letters and digits of a name, in lower case. False when there are too many for a name. */
static bool plain_name(char plain[NAME_MAX_PLAIN], const char *name, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        char c = is_upper(name[i]) ? (char)(name[i] - 'A' + 'a') : name[i];
        if (!is_lower(c) && !is_digit(c))
            continue;
        if (n + 1 == NAME_MAX_PLAIN)
            return false;
        plain[n++] = c;
    }
    plain[n] = 0;
    return true;
}

/* What is too long for a name is a secret in the place of one. */
static bool is_secret_name(const char *name, size_t len)
{
    char plain[NAME_MAX_PLAIN];
    /* Google's: without the sign, "gl" is a country. */
    if (len == 3 && (memcmp(name, "_ga", 3) == 0 || memcmp(name, "_gl", 3) == 0))
        return true;
    return !plain_name(plain, name, len) || is_secret(plain);
}

int sb_url_secret_name(const char *name, size_t len)
{
    return each_decoding(is_secret_name, name, len);
}

static bool is_password(const char *name, size_t len)
{
    static const char *const whole[] = {"otp", "pass", "pin", "pw", "pwd"};
    char plain[NAME_MAX_PLAIN];
    if (!plain_name(plain, name, len))
        return false;
    for (size_t i = 0; i < COUNT(whole); i++) {
        if (strcmp(plain, whole[i]) == 0)
            return true;
    }
    return strstr(plain, "passw") != NULL;
}

int sb_url_is_password(const char *name, size_t len)
{
    return each_decoding(is_password, name, len);
}

static bool is_account(const char *name, size_t len)
{
    static const char *const whole[] = {"account", "email", "login",  "loginname", "mail",
                                        "uid",     "user",  "userid", "username"};
    char plain[NAME_MAX_PLAIN];
    if (!plain_name(plain, name, len))
        return false;
    for (size_t i = 0; i < COUNT(whole); i++) {
        if (strcmp(plain, whole[i]) == 0)
            return true;
    }
    return false;
}

int sb_url_is_account(const char *name, size_t len)
{
    return each_decoding(is_account, name, len);
}

/* ---- values ----------------------------------------------------------------------------- */

enum { RANDOM_MIN = 20 };

bool sb_url_looks_random(const char *text, size_t len)
{
    size_t changes = 0;
    char before = 0;
    while (len > 0 && text[len - 1] == '=') /* base64's padding */
        len--;
    for (size_t i = 0; i < len; i++) {
        char kind = is_digit(text[i]) ? '0' : is_upper(text[i]) ? 'A' : is_lower(text[i]) ? 'a' : 0;
        if (kind == 0 && (text[i] == 0 || strchr("-_.~+/", text[i]) == NULL))
            return false;
        if (kind != 0 && before != 0 && kind != before)
            changes++;
        if (kind != 0)
            before = kind;
    }
    /* Words and dates change between letters and digits once in a while, random digits of base 16
     * at every second place. */
    return len >= RANDOM_MIN && changes >= len / 4;
}

/* How many characters at text are of base64url. */
static size_t span(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && is_base64url(text[n]))
        n++;
    return n;
}

/* RFC 7519: three parts, the first two of them JSON, which begins as "{". */
static bool is_jwt(const char *text, size_t len)
{
    if (len < 3 || memcmp(text, "eyJ", 3) != 0)
        return false;
    size_t first = span(text, len);
    if (first < 8 || len - first < 4 || memcmp(text + first, ".eyJ", 4) != 0)
        return false;
    size_t second = span(text + first + 1, len - first - 1);
    return len - first - 1 > second && text[first + 1 + second] == '.';
}

/* A bot's of Telegram: its number, a colon, 35 characters. */
static bool is_bot(const char *text, size_t len)
{
    size_t at = len > 3 && memcmp(text, "bot", 3) == 0 ? 3 : 0, digits = 0;
    while (at + digits < len && is_digit(text[at + digits]))
        digits++;
    at += digits;
    return digits >= 6 && at < len && text[at] == ':' && span(text + at + 1, len - at - 1) >= 35;
}

/* Whether a word begins as no other word does: the makers gave these tokens their forms so that
 * they are found when they leak. */
static bool is_known_form(const char *text, size_t len)
{
    static const struct {
        const char *beginning;
        size_t rest; /* at least so many characters follow */
    } forms[] = {
        {"AIza", 35},     {"AKIA", 16},        {"ASIA", 16},    {"EAAC", 40},     {"SG.", 20},
        {"dop_v1_", 40},  {"github_pat_", 20}, {"glpat-", 20},  {"gho_", 30},     {"ghp_", 30},
        {"ghr_", 30},     {"ghs_", 30},        {"ghu_", 30},    {"hf_", 30},      {"npm_", 30},
        {"pypi-", 40},    {"rk_live_", 16},    {"sk-ant-", 20}, {"sk-proj-", 20}, {"sk_live_", 16},
        {"sk_test_", 16}, {"xapp-", 20},       {"xoxa-", 10},   {"xoxb-", 10},    {"xoxp-", 10},
        {"xoxr-", 10},    {"xoxs-", 10},       {"ya29.", 20},
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        if (len == 0 || text[0] != forms[i].beginning[0])
            continue;
        size_t n = strlen(forms[i].beginning);
        if (len >= n && memcmp(text, forms[i].beginning, n) == 0 &&
            span(text + n, len - n) >= forms[i].rest)
            return true;
    }
    return is_jwt(text, len) || is_bot(text, len);
}

/* A token has no other characters in it. */
static bool is_of_token(char c)
{
    return is_base64url(c) || c == '.' || c == ':';
}

static bool has_known_form(const char *text, size_t len)
{
    enum { TOKEN_MIN = 13 }; /* no form is shorter */
    size_t end = 0;
    for (size_t start = 0; start < len; start = end + 1) {
        end = start;
        while (end < len && is_of_token(text[end]))
            end++;
        for (size_t i = start; i + TOKEN_MIN <= end; i++) {
            if ((i == start || (!is_base64url(text[i - 1]) && text[i - 1] != '.')) &&
                is_known_form(text + i, len - i))
                return true;
        }
    }
    return false;
}

/* ---- addresses in a text ---------------------------------------------------------------- */

static bool ends_authority(char c)
{
    switch (c) {
    case '/':
    case '?':
    case '#':
    case '"':
    case '<':
    case '>':
    case '\\':
        return true;
    default:
        return (unsigned char)c <= ' ';
    }
}

/* Behind the next "://"; NULL: there is none. */
static const char *find_authority(const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    while ((at = memchr(at, ':', (size_t)(end - at))) != NULL) {
        if (end - at >= 3 && memcmp(at, "://", 3) == 0)
            return at + 3;
        at++;
    }
    return NULL;
}

/* "://" and a "@" before the path begins. */
static bool has_user(const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    if (memchr(text, '@', len) == NULL) /* most have none */
        return false;
    while ((at = find_authority(at, (size_t)(end - at))) != NULL) {
        for (; at < end && !ends_authority(*at); at++) {
            if (*at == '@')
                return true;
        }
    }
    return false;
}

static bool ends_parameter(char c)
{
    switch (c) {
    case '?':
    case '&':
    case ';':
    case '#':
    case '"':
    case '<':
    case '>':
        return true;
    default:
        return (unsigned char)c <= ' ';
    }
}

/* A piece between the signs that separate parameters, which is "name=value". */
static bool has_parameter(const char *text, size_t len)
{
    const char *start = text, *end = text + len;
    for (const char *mark; (mark = memchr(start, '=', (size_t)(end - start))) != NULL;) {
        const char *name = mark, *value = mark + 1;
        while (name > start && name[-1] != '/' && !ends_parameter(name[-1]))
            name--;
        if (name < mark && is_secret_name(name, (size_t)(mark - name)))
            return true;
        while (value < end && !ends_parameter(*value)) /* in which other "=" may stand */
            value++;
        start = value;
    }
    return false;
}

/* Whether a segment of a path says that the next one opens something: "reset/4f9c...". */
static bool announces_secret(const char *name, size_t len)
{
    static const char *const whole[] = {
        "activate",    "activation", "confirm", "confirmation", "invitation", "login",
        "magic",       "magiclink",  "recover", "recovery",     "reset",      "signin",
        "unsubscribe", "validate",   "verify",  "webhook",      "webhooks"};
    char plain[NAME_MAX_PLAIN];
    if (len == 0 || !plain_name(plain, name, len))
        return false;
    for (size_t i = 0; i < COUNT(whole); i++) {
        if (is_same(plain, whole[i]))
            return true;
    }
    return is_secret(plain);
}

static bool is_number(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && is_digit(text[n]))
        n++;
    return n == len;
}

/* Addresses to which anybody may write who knows them: hooks.slack.com, x.webhook.office.com. */
static bool is_hook_host(const char *host, size_t len)
{
    static const char hooks[] = "hooks.", webhook[] = "webhook.";
    if (len >= strlen(hooks) && memcmp(host, hooks, strlen(hooks)) == 0)
        return true;
    for (size_t i = 0; i + strlen(webhook) <= len; i++) {
        if ((i == 0 || host[i - 1] == '.') && memcmp(host + i, webhook, strlen(webhook)) == 0)
            return true;
    }
    return false;
}

/* A segment of a path that looks random, where the host or the segment before says what it is for;
 * numbers may stand between. Anywhere else it is as often the id of what is there. */
static bool has_opening_path(const char *text, size_t len)
{
    const char *host = text;
    while ((host = find_authority(host, len - (size_t)(host - text))) != NULL) {
        size_t at = (size_t)(host - text), end = at;
        while (end < len && !ends_authority(text[end]))
            end++;
        bool hook = is_hook_host(text + at, end - at);
        size_t name = at, name_len = 0; /* the last segment that is no number */
        while (end < len && text[end] == '/') {
            at = ++end;
            while (end < len && !ends_authority(text[end]))
                end++;
            if (end - at >= RANDOM_MIN && sb_url_looks_random(text + at, end - at) &&
                (hook || announces_secret(text + name, name_len)))
                return true;
            if (!is_number(text + at, end - at)) {
                name = at;
                name_len = end - at;
            }
        }
        host = text + end;
    }
    return false;
}

static bool tells(const char *text, size_t len)
{
    return has_user(text, len) || has_parameter(text, len) || has_known_form(text, len) ||
           has_opening_path(text, len);
}

int sb_url_tells(const char *text, size_t len)
{
    return each_decoding(tells, text, len);
}
