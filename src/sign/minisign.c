#include "sign/minisign.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/rule.h"
#include "sign/parse.h"

/* The records under the base64, as byte arrays so that they have no padding. */
struct public_record {
    uint8_t algorithm[2]; /* "Ed" */
    uint8_t key_id[SB_KEY_ID_SIZE];
    uint8_t pk[SB_PK_SIZE];
};

struct signature_record {
    uint8_t algorithm[2]; /* "ED": over the BLAKE2b-512 digest; "Ed" (legacy): over the message */
    uint8_t key_id[SB_KEY_ID_SIZE];
    uint8_t sig[SB_SIG_SIZE];
};

_Static_assert(sizeof(struct public_record) == 42, "a public key is 42 bytes");
_Static_assert(sizeof(struct signature_record) == 74, "a signature is 74 bytes");

enum { PUBLIC_BASE64 = 56, SECRET_BASE64 = 212, DIGEST_SIZE = 64, FILE_MAX = 1000 };

static void public_fill(struct public_record *record, const struct sb_minisign_public *key)
{
    memcpy(record->algorithm, "Ed", 2);
    memcpy(record->key_id, key->key_id, SB_KEY_ID_SIZE);
    memcpy(record->pk, key->pk, SB_PK_SIZE);
}

static bool public_take(struct sb_minisign_public *out, const struct public_record *record)
{
    if (memcmp(record->algorithm, "Ed", 2) != 0)
        return false;
    memcpy(out->key_id, record->key_id, SB_KEY_ID_SIZE);
    memcpy(out->pk, record->pk, SB_PK_SIZE);
    return true;
}

static const char *public_lines(struct sb_minisign_public *out, struct sb_sign_lines *lines)
{
    struct sb_span comment = {NULL, 0};
    const char *bad = sb_sign_lines_comment(&comment, lines, SB_UNTRUSTED_PREFIX, SB_UNTRUSTED_MAX);
    struct sb_span line = {NULL, 0};
    if (bad == NULL)
        bad = sb_sign_lines_next(&line, lines);
    if (bad != NULL)
        return bad;
    struct public_record record;
    if (line.len == SECRET_BASE64)
        return "looks like a secret key, but the public key is needed; never pass a secret key on";
    if (!sb_base64_decode((uint8_t *)&record, sizeof(record), line.at, line.len))
        return "is not base64 of the right length";
    if (!public_take(out, &record))
        return "is not an Ed25519 key";
    return sb_sign_lines_end(lines);
}

int sb_minisign_public_parse(struct sb_minisign_public *out, const uint8_t *bytes, size_t len,
                             struct sb_error *error)
{
    struct sb_sign_lines lines;
    struct sb_minisign_public key;
    const char *bad = sb_sign_lines_start(&lines, bytes, len);
    if (bad == NULL)
        bad = public_lines(&key, &lines);
    if (bad == NULL) {
        *out = key;
        return 0;
    }
    return sb_error_set(error, SEALBAG_ERR_KEY,
                        "This is not a minisign public key file as it was made: line %zu %s. Ask "
                        "the key's owner for the file again.",
                        lines.number, bad);
}

void sb_minisign_key_id_text(char out[17], const uint8_t key_id[SB_KEY_ID_SIZE])
{
    uint64_t number = 0;
    for (size_t i = SB_KEY_ID_SIZE; i-- > 0;)
        number = number << 8 | key_id[i];
    snprintf(out, 17, "%016" PRIX64, number);
}

int sb_minisign_public_format(struct sb_buf *out, const struct sb_minisign_public *key,
                              const char *comment)
{
    char id[17];
    char fallback[64];
    sb_minisign_key_id_text(id, key->key_id);
    snprintf(fallback, sizeof(fallback), "minisign public key %s", id);
    if (comment == NULL)
        comment = fallback;
    struct sb_span span = {comment, strlen(comment)};
    if (span.len > SB_UNTRUSTED_MAX || sb_span_has_control(span, true))
        return SEALBAG_ERR_USAGE;
    struct public_record record;
    public_fill(&record, key);
    size_t before = out->len;
    int r = sb_buf_printf(out, SB_UNTRUSTED_PREFIX "%s\n", comment);
    if (r == 0)
        r = sb_base64_append(out, (const uint8_t *)&record, sizeof(record));
    if (r == 0)
        r = sb_buf_puts(out, "\n");
    if (r < 0)
        out->len = before;
    return r;
}

static const char *take_key(struct sb_minisign_signature *out, struct sb_span field)
{
    struct public_record record;
    if (out->has_key)
        return "names two keys";
    if (!sb_base64_decode((uint8_t *)&record, sizeof(record), field.at + 4, field.len - 4) ||
        !public_take(&out->key, &record))
        return "has a malformed key in its comment";
    if (memcmp(out->key.key_id, out->key_id, SB_KEY_ID_SIZE) != 0)
        return "names a key with another id than the signature's";
    out->has_key = true;
    return NULL;
}

/* The signer's own key in the trusted comment: it is signed with it, so it is the signer's word,
 * and saves whoever checks from having the key beforehand. And what the signature is for. */
static const char *find_fields(struct sb_minisign_signature *out)
{
    const char *at = out->trusted;
    size_t left = out->trusted_len;
    for (;;) {
        const char *tab = left > 0 ? memchr(at, '\t', left) : NULL;
        struct sb_span field = {at, tab != NULL ? (size_t)(tab - at) : left};
        const char *bad = sb_span_starts(field, "key:") ? take_key(out, field) : NULL;
        if (bad != NULL)
            return bad;
        if (sb_span_starts(field, "role:")) {
            if (out->role != NULL)
                return "has two roles in its comment";
            out->role = field.at + 5;
            out->role_len = field.len - 5;
        }
        if (tab == NULL)
            return NULL;
        at = tab + 1;
        left -= field.len + 1;
    }
}

static const char *signature_lines(struct sb_minisign_signature *out, struct sb_sign_lines *lines,
                                   bool *legacy)
{
    struct sb_span untrusted = {NULL, 0};
    struct sb_span trusted = {NULL, 0};
    struct signature_record record;
    const char *bad =
        sb_sign_lines_comment(&untrusted, lines, SB_UNTRUSTED_PREFIX, SB_UNTRUSTED_MAX);
    if (bad == NULL)
        bad = sb_sign_lines_base64((uint8_t *)&record, sizeof(record), lines);
    if (bad != NULL)
        return bad;
    *legacy = memcmp(record.algorithm, "Ed", 2) == 0;
    if (memcmp(record.algorithm, "ED", 2) != 0)
        return "is not an Ed25519 signature over a digest";
    memcpy(out->key_id, record.key_id, SB_KEY_ID_SIZE);
    memcpy(out->sig, record.sig, SB_SIG_SIZE);
    bad = sb_sign_lines_comment(&trusted, lines, SB_TRUSTED_PREFIX, SB_TRUSTED_MAX);
    if (bad != NULL)
        return bad;
    out->trusted = trusted.at;
    out->trusted_len = trusted.len;
    bad = find_fields(out);
    if (bad == NULL)
        bad = sb_sign_lines_base64(out->global, sizeof(out->global), lines);
    return bad != NULL ? bad : sb_sign_lines_end(lines);
}

int sb_minisign_signature_parse(struct sb_minisign_signature *out, const uint8_t *bytes, size_t len,
                                struct sb_error *error)
{
    struct sb_sign_lines lines;
    bool legacy = false;
    *out = (struct sb_minisign_signature){.has_key = false};
    const char *bad = sb_sign_lines_start(&lines, bytes, len);
    if (bad == NULL)
        bad = signature_lines(out, &lines, &legacy);
    if (bad == NULL)
        return 0;
    *out = (struct sb_minisign_signature){.has_key = false};
    if (legacy)
        /* The algorithm bytes are not signed: taken as legacy, a signature holds over another
         * file, the 64-byte digest of the real one. */
        return sb_rule_error(error, SB_RULE_SIGNATURE_SYNTAX,
                             "This signature is of minisign's old kind (Ed), which can be passed "
                             "off as one over other data, so it is refused. Ask the signer to sign "
                             "again with a current minisign and without its option -l.");
    return sb_rule_error(error, SB_RULE_SIGNATURE_SYNTAX,
                         "The signature file is not as it was made: line %zu %s. Ask for a fresh "
                         "copy of it.",
                         lines.number, bad);
}

bool sb_minisign_signature_is_for(const struct sb_minisign_signature *signature, const char *role)
{
    if (role == NULL || signature->role == NULL)
        return role == NULL && signature->role == NULL;
    return signature->role_len == strlen(role) &&
           memcmp(signature->role, role, signature->role_len) == 0;
}

bool sb_minisign_signature_verify(const struct sb_minisign_signature *signature,
                                  const uint8_t pk[SB_PK_SIZE], const uint8_t *message, size_t len)
{
    uint8_t digest[DIGEST_SIZE];
    uint8_t global[SB_SIG_SIZE + SB_TRUSTED_MAX];
    if (signature->trusted_len > SB_TRUSTED_MAX)
        return false;
    crypto_generichash(digest, sizeof(digest), message, len, NULL, 0);
    if (crypto_sign_verify_detached(signature->sig, digest, sizeof(digest), pk) != 0)
        return false;
    memcpy(global, signature->sig, SB_SIG_SIZE);
    if (signature->trusted_len > 0)
        memcpy(global + SB_SIG_SIZE, signature->trusted, signature->trusted_len);
    return crypto_sign_verify_detached(signature->global, global,
                                       SB_SIG_SIZE + signature->trusted_len, pk) == 0;
}

/* The text that is signed a second time: sig[64], then the trusted comment. */
static int trusted_text(struct sb_buf *out, const uint8_t sig[SB_SIG_SIZE],
                        const struct sb_minisign_public *key, const char *role, int64_t time,
                        const char *file)
{
    struct public_record record;
    public_fill(&record, key);
    int r = sb_buf_append(out, sig, SB_SIG_SIZE);
    if (r == 0)
        r = sb_buf_printf(out, "timestamp:%" PRId64 "\tfile:%s\thashed\tsealbag:1\t", time, file);
    if (r == 0 && role != NULL)
        r = sb_buf_printf(out, "role:%s\t", role);
    if (r == 0)
        r = sb_buf_puts(out, "key:");
    if (r == 0)
        r = sb_base64_append(out, (const uint8_t *)&record, sizeof(record));
    return r;
}

static int format_signature(struct sb_buf *out, const struct signature_record *record,
                            const char *trusted, const uint8_t global[SB_SIG_SIZE])
{
    char id[17];
    sb_minisign_key_id_text(id, record->key_id);
    int r = sb_buf_printf(out, SB_UNTRUSTED_PREFIX "signature by sealbag, key %s\n", id);
    if (r == 0)
        r = sb_base64_append(out, (const uint8_t *)record, sizeof(*record));
    if (r == 0)
        r = sb_buf_printf(out, "\n" SB_TRUSTED_PREFIX "%s\n", trusted);
    if (r == 0)
        r = sb_base64_append(out, global, SB_SIG_SIZE);
    return r == 0 ? sb_buf_puts(out, "\n") : r;
}

int sb_minisign_sign(struct sb_buf *out, const struct sb_minisign_public *key, const uint8_t sk[64],
                     const char *role, const uint8_t *message, size_t len, int64_t time,
                     const char *file, struct sb_error *error)
{
    struct sb_span name = {file, strlen(file)};
    if (name.len > FILE_MAX || sb_span_has_control(name, false))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The name of the file to sign is too long or has control characters. "
                            "Give it another name.");
    /* Ed25519 mixes sk[32:64] into the signature: with another public key there, two signatures
     * give the secret away. */
    if (sodium_memcmp(sk + 32, key->pk, SB_PK_SIZE) != 0)
        return sb_error_set(error, SEALBAG_ERR_KEY,
                            "The secret key and its public key do not belong together. Use a copy "
                            "of the key file that has not been changed.");
    struct signature_record record;
    uint8_t digest[DIGEST_SIZE];
    uint8_t global[SB_SIG_SIZE];
    crypto_generichash(digest, sizeof(digest), message, len, NULL, 0);
    memcpy(record.algorithm, "ED", 2);
    memcpy(record.key_id, key->key_id, SB_KEY_ID_SIZE);
    crypto_sign_detached(record.sig, NULL, digest, sizeof(digest), sk);

    struct sb_buf text = {0};
    size_t before = out->len;
    int r = trusted_text(&text, record.sig, key, role, time, file);
    if (r == 0) {
        crypto_sign_detached(global, NULL, text.data, text.len, sk);
        r = format_signature(out, &record, (const char *)text.data + SB_SIG_SIZE, global);
    }
    sb_buf_free(&text);
    if (r < 0) {
        out->len = before;
        return sb_error_memory(error);
    }
    return 0;
}
