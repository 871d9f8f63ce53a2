#include "bag/seal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bag/index.h"
#include "base/label.h"
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

/* The Signer lines: at least one, strictly ascending. */
static int take_signers(struct sb_seal *out, const char **at, const char *end, bool *good)
{
    const char *value;
    size_t len, cap = 0;
    *good = false;
    while (sb_label_take(at, end, "Signer", &value, &len)) {
        if (!sb_label_is_fingerprint(value, len) || out->signer_count == SB_SIGNERS_MAX)
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
    if (!sb_label_take(&at, end, "Bag-Name", &value, &len) || sb_bag_name_bad(value, len) != NULL)
        return 0;
    memcpy(out->name, value, len);
    out->name[len] = 0;
    if (!sb_label_take(&at, end, "Sealed", &value, &len) ||
        !sb_time_parse(&out->sealed, value, len, true))
        return 0;
    bool signers_good;
    int r = take_signers(out, &at, end, &signers_good);
    if (r < 0 || !signers_good)
        return r;
    if (!sb_label_take(&at, end, "Leaves", &value, &len) ||
        !sb_decimal_parse(&out->leaves, value, len))
        return 0;
    if (!sb_label_take_sha256(&at, end, "Root", out->root) ||
        !sb_label_take_sha256(&at, end, "Cover", out->cover))
        return 0;
    if (at < end) {
        if (!sb_label_take_sha256(&at, end, "Supersedes", out->supersedes))
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
    if (len == 0 || !sb_label_take(&at, end, "Sealbag-Version", &value, &value_len) ||
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

/* What is behind the directory and the number: <FP> and the kind. */
static const char *after_fp(char fp_name[33], const char *name)
{
    enum { DIGITS = 32 };
    uint8_t bytes[DIGITS / 2];
    if (strlen(name) < DIGITS || !sb_hex_decode(bytes, sizeof(bytes), name, DIGITS, false))
        return "";
    memcpy(fp_name, name, DIGITS);
    fp_name[DIGITS] = 0;
    return name + DIGITS;
}

unsigned sb_seal_custody_number(const char *path)
{
    enum { DIGITS = 4 };
    unsigned number = 0;
    if (strncmp(path, SB_CUSTODY_DIR, strlen(SB_CUSTODY_DIR)) != 0)
        return 0;
    const char *at = path + strlen(SB_CUSTODY_DIR);
    for (int i = 0; i < DIGITS; i++) {
        if (at[i] < '0' || at[i] > '9')
            return 0;
        number = 10 * number + (unsigned)(at[i] - '0');
    }
    return at[DIGITS] == '-' ? number : 0;
}

enum sb_seal_kind sb_seal_kind_of(char fp_name[33], const char *path)
{
    enum { PREFIX = 5, NUMBER = 5 };
    if (strcmp(path, SB_SEAL_TXT) == 0 || strcmp(path, SB_SALT_TXT) == 0 ||
        strcmp(path, SB_COVER_TXT) == 0 || strcmp(path, SB_SEAL_MANIFEST) == 0)
        return SB_SEAL_FIXED;
    if (strcmp(path, SB_INDEX_TSV) == 0)
        return SB_SEAL_INDEX;
    if (strlen(path) < PREFIX)
        return SB_SEAL_UNKNOWN;
    bool custody = sb_seal_custody_number(path) > 0;
    const char *suffix =
        after_fp(fp_name, custody ? path + strlen(SB_CUSTODY_DIR) + NUMBER : path + PREFIX);
    if (strcmp(suffix, ".minisig") == 0)
        return custody ? SB_SEAL_CUSTODY_MINISIGN : SB_SEAL_MINISIGN;
    if (strcmp(suffix, ".sshsig") == 0)
        return custody ? SB_SEAL_CUSTODY_SSHSIG : SB_SEAL_SSHSIG;
    return custody && strcmp(suffix, ".txt") == 0 ? SB_SEAL_CUSTODY_EVENT : SB_SEAL_UNKNOWN;
}
