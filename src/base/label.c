#include "base/label.h"

#include <sealbag/sealbag.h>
#include <string.h>

#include "base/text.h"

bool sb_label_take(const char **at, const char *end, const char *label, const char **value,
                   size_t *len)
{
    size_t n = strlen(label);
    if ((size_t)(end - *at) < n + 2 || memcmp(*at, label, n) != 0 || (*at)[n] != ':' ||
        (*at)[n + 1] != ' ')
        return false;
    const char *start = *at + n + 2;
    const char *newline = memchr(start, '\n', (size_t)(end - start));
    if (newline == NULL)
        return false;
    *value = start;
    *len = (size_t)(newline - start);
    *at = newline + 1;
    return true;
}

bool sb_label_take_sha256(const char **at, const char *end, const char *label, uint8_t out[32])
{
    const char *value;
    size_t len;
    return sb_label_take(at, end, label, &value, &len) && sb_hex_decode(out, 32, value, len, false);
}

bool sb_label_is_fingerprint(const char *value, size_t len)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char prefix[] = "SHA256:";
    if (len != SEALBAG_FINGERPRINT_SIZE - 1 || memcmp(value, prefix, strlen(prefix)) != 0)
        return false;
    for (size_t i = strlen(prefix); i < len; i++) {
        if (strchr(base64, value[i]) == NULL || value[i] == 0)
            return false;
    }
    /* 32 bytes are 43 digits with 2 bits to spare, which are zero in the one right spelling. */
    return (strchr(base64, value[len - 1]) - base64) % 4 == 0;
}
