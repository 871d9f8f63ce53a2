#include "bag/seal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bag/index.h"
#include "base/path.h"
#include "base/text.h"

void sb_seal_free(struct sb_seal *seal)
{
    free(seal->signers);
    *seal = (struct sb_seal){0};
}

int sb_seal_format(struct sb_buf *out, const struct sb_seal *seal)
{
    char time[SB_TIME_SIZE], hex[2 * SB_DIGEST_SIZE + 1];
    int r = sb_buf_printf(out, "Sealbag-Version: 1\nBag-Name: %s\nSealed: %s\n", seal->name,
                          sb_time_format(time, seal->sealed));
    for (size_t i = 0; r == 0 && i < seal->signer_count; i++)
        r = sb_buf_printf(out, "Signer: %s\n", seal->signers[i]);
    if (r == 0)
        r = sb_buf_printf(out, "Leaves: %" PRIu64 "\n", seal->leaves);
    if (r == 0)
        r = sb_buf_printf(out, "Root: %s\n", sb_hex_encode(hex, seal->root, SB_DIGEST_SIZE));
    if (r == 0)
        r = sb_buf_printf(out, "Cover: %s\n", sb_hex_encode(hex, seal->cover, SB_DIGEST_SIZE));
    if (r == 0 && seal->supersedes_stated)
        r = sb_buf_printf(out, "Supersedes: %s\n",
                          sb_hex_encode(hex, seal->supersedes, SB_DIGEST_SIZE));
    return r;
}

/* Takes "Label: value\n" off the front when it is there. */
static bool take(const char **at, const char *end, const char *label, const char **value,
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

static bool take_hex(const char **at, const char *end, const char *label, uint8_t *out)
{
    const char *value;
    size_t len;
    return take(at, end, label, &value, &len) &&
           sb_hex_decode(out, SB_DIGEST_SIZE, value, len, false);
}

static bool signer_well_formed(const char *value, size_t len)
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

/* The Signer lines: at least one, strictly ascending. */
static int take_signers(struct sb_seal *out, const char **at, const char *end, bool *good)
{
    const char *value;
    size_t len, cap = 0;
    *good = false;
    while (take(at, end, "Signer", &value, &len)) {
        if (!signer_well_formed(value, len) || out->signer_count == SB_SIGNERS_MAX)
            return 0;
        void *grown = sb_array_grow(out->signers, &cap, out->signer_count, sizeof(*out->signers));
        if (grown == NULL)
            return SEALBAG_ERR_MEMORY;
        out->signers = grown;
        memcpy(out->signers[out->signer_count], value, len);
        out->signers[out->signer_count][len] = 0;
        if (out->signer_count > 0 &&
            strcmp(out->signers[out->signer_count - 1], out->signers[out->signer_count]) >= 0)
            return 0;
        out->signer_count++;
    }
    *good = out->signer_count > 0;
    return 0;
}

static int parse(struct sb_seal *out, const char *at, const char *end, bool *good)
{
    const char *value;
    size_t len;
    *good = false;
    if (!take(&at, end, "Bag-Name", &value, &len) || sb_bag_name_bad(value, len) != NULL)
        return 0;
    memcpy(out->name, value, len);
    out->name[len] = 0;
    if (!take(&at, end, "Sealed", &value, &len) || !sb_time_parse(&out->sealed, value, len, true))
        return 0;
    bool signers_good;
    int r = take_signers(out, &at, end, &signers_good);
    if (r < 0 || !signers_good)
        return r;
    if (!take(&at, end, "Leaves", &value, &len) || !sb_decimal_parse(&out->leaves, value, len))
        return 0;
    if (!take_hex(&at, end, "Root", out->root) || !take_hex(&at, end, "Cover", out->cover))
        return 0;
    if (at < end) {
        if (!take_hex(&at, end, "Supersedes", out->supersedes))
            return 0;
        out->supersedes_stated = true;
    }
    *good = at == end;
    return 0;
}

int sb_seal_parse(struct sb_seal *out, struct sb_findings *findings, const uint8_t *bytes,
                  size_t len)
{
    *out = (struct sb_seal){0};
    const char *at = (const char *)bytes, *value;
    const char *end = len > 0 ? at + len : at;
    size_t value_len;
    uint64_t version;
    if (len == 0 || !take(&at, end, "Sealbag-Version", &value, &value_len) ||
        !sb_decimal_parse(&version, value, value_len)) {
        sb_findings_add(findings, SB_RULE_SEAL_SYNTAX, SB_SEAL_TXT,
                        "seal.txt does not begin with its version.");
        return 0;
    }
    if (version != 1) {
        sb_findings_add(findings, SB_RULE_SEAL_VERSION, SB_SEAL_TXT,
                        "The seal is of a newer kind than this version can judge. Get a newer "
                        "sealbag.");
        return 0;
    }
    bool good;
    int r = parse(out, at, end, &good);
    if (r < 0 || !good) {
        sb_seal_free(out);
        if (r == 0)
            sb_findings_add(findings, SB_RULE_SEAL_SYNTAX, SB_SEAL_TXT,
                            "seal.txt does not have exactly its lines in their order.");
    }
    return r;
}

bool sb_salt_parse(uint8_t out[32], const uint8_t *bytes, size_t len)
{
    return len == 65 && bytes[64] == '\n' && sb_hex_decode(out, 32, (const char *)bytes, 64, false);
}

enum sb_seal_kind sb_seal_kind_of(char fp_name[33], const char *path)
{
    enum { PREFIX = 5, DIGITS = 32 };
    if (strcmp(path, SB_SEAL_TXT) == 0 || strcmp(path, SB_SALT_TXT) == 0 ||
        strcmp(path, SB_COVER_TXT) == 0)
        return SB_SEAL_FIXED;
    if (strcmp(path, SB_INDEX_TSV) == 0)
        return SB_SEAL_INDEX;
    uint8_t bytes[DIGITS / 2];
    if (strlen(path) < PREFIX + DIGITS ||
        !sb_hex_decode(bytes, sizeof(bytes), path + PREFIX, DIGITS, false))
        return SB_SEAL_UNKNOWN;
    memcpy(fp_name, path + PREFIX, DIGITS);
    fp_name[DIGITS] = 0;
    const char *suffix = path + PREFIX + DIGITS;
    if (strcmp(suffix, ".minisig") == 0)
        return SB_SEAL_MINISIGN;
    return strcmp(suffix, ".sshsig") == 0 ? SB_SEAL_SSHSIG : SB_SEAL_UNKNOWN;
}
