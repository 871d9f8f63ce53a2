#include "fuzz/json.h"

#include <string.h>

enum { DEPTH_MAX = 16 };

struct json {
    const char *at, *end;
};

static bool is(const struct json *json, char c)
{
    return json->at < json->end && *json->at == c;
}

static bool take(struct json *json, char c)
{
    if (!is(json, c))
        return false;
    json->at++;
    return true;
}

static bool take_word(struct json *json, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(json->end - json->at) < n || memcmp(json->at, word, n) != 0)
        return false;
    json->at += n;
    return true;
}

static bool take_string(struct json *json)
{
    if (!take(json, '"'))
        return false;
    while (json->at < json->end && *json->at != '"') {
        unsigned char c = (unsigned char)*json->at++;
        if (c < 0x20)
            return false;
        if (c != '\\')
            continue;
        if (json->at == json->end || strchr("\"\\/bfnrtu", *json->at) == NULL)
            return false;
        if (*json->at++ != 'u')
            continue;
        if (json->end - json->at < 4 || strspn(json->at, "0123456789abcdefABCDEF") < 4)
            return false;
        json->at += 4;
    }
    return take(json, '"');
}

/* sealbag writes no fractions. */
static bool take_number(struct json *json)
{
    const char *start = json->at;
    while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
        json->at++;
    return json->at > start && (*start != '0' || json->at == start + 1);
}

static bool take_value(struct json *json, unsigned depth);

static bool take_members(struct json *json, char close, unsigned depth)
{
    if (take(json, close))
        return true;
    do {
        if (close == '}' && !(take_string(json) && take(json, ':')))
            return false;
        if (!take_value(json, depth + 1))
            return false;
    } while (take(json, ','));
    return take(json, close);
}

/* sealbag writes no white space either. */
static bool take_value(struct json *json, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return false;
    if (is(json, '"'))
        return take_string(json);
    if (take(json, '{'))
        return take_members(json, '}', depth);
    if (take(json, '['))
        return take_members(json, ']', depth);
    return take_word(json, "true") || take_word(json, "false") || take_word(json, "null") ||
           take_number(json);
}

bool fuzz_json_valid(const char *text, size_t len)
{
    struct json json = {text, text + len};
    return take_value(&json, 0) && json.at == json.end;
}
