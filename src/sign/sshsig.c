/* SSHSIG signatures, PROTOCOL.sshsig:
 *
 *   blob:   "SSHSIG" u32 1, string pubkey, string namespace, string reserved, string hash name,
 *           string signature
 *   signed: "SSHSIG" string namespace, string reserved, string hash name, string H(message) */
#include "sign/sshkey.h"

#include <sodium.h>
#include <string.h>

#include "base/rule.h"
#include "sign/parse.h"

#define MAGIC "SSHSIG"
#define TYPE  "ssh-ed25519"
#define BEGIN "-----BEGIN SSH SIGNATURE-----"
#define END   "-----END SSH SIGNATURE-----"

enum {
    MAGIC_LEN = 6,
    COLUMNS_MAX = 76,
    /* An Ed25519 signature takes some 300 bytes; one by the longest RSA key stays below this too,
     * so that it is called unsupported and not damaged. */
    ARMOR_MAX = 8192,
    NAMESPACE_MAX = 255,
    HASH_MAX = 64,
};

static int malformed(struct sb_error *error, const char *bad)
{
    return sb_rule_error(error, SB_RULE_SIGNATURE_SYNTAX,
                         "The OpenSSH signature is not as it was made: %s. Ask for a fresh copy of "
                         "it.",
                         bad);
}

/* Joins the base64 between the armor's first and last line. NULL, or what is wrong. */
static const char *open_armor(char *out, size_t *out_len, const uint8_t *bytes, size_t len)
{
    struct sb_sign_lines lines;
    struct sb_span line = {NULL, 0};
    if (len > ARMOR_MAX)
        return "it is far too long";
    if (sb_sign_lines_start(&lines, bytes, len) != NULL)
        return "it begins with a byte order mark, which an editor has put there";
    if (sb_sign_lines_next(&line, &lines) != NULL || !sb_span_is(line, BEGIN))
        return "its first line is not " BEGIN;
    *out_len = 0;
    for (;;) {
        if (sb_sign_lines_next(&line, &lines) != NULL)
            return "its last line is not " END ", or its line ends are mixed";
        if (sb_span_is(line, END))
            break;
        if (line.len == 0 || line.len > COLUMNS_MAX)
            return "it has an empty line or one that is too long";
        memcpy(out + *out_len, line.at, line.len);
        *out_len += line.len;
    }
    return sb_sign_lines_end(&lines) != NULL ? "there is something after its last line" : NULL;
}

struct fields {
    struct sb_span pubkey, name_space, hash, signature;
};

static const char *split_blob(struct fields *out, const uint8_t *blob, size_t len)
{
    struct sb_wire wire = {blob + MAGIC_LEN, len - MAGIC_LEN};
    struct sb_span reserved = {NULL, 0};
    uint32_t version = 0;
    if (memcmp(blob, MAGIC, MAGIC_LEN) != 0)
        return "it does not hold an SSHSIG structure";
    if (!sb_wire_u32(&version, &wire))
        return "it ends too early";
    if (version != 1)
        return "its version is not 1";
    if (!sb_wire_string(&out->pubkey, &wire) || !sb_wire_string(&out->name_space, &wire) ||
        !sb_wire_string(&reserved, &wire) || !sb_wire_string(&out->hash, &wire) ||
        !sb_wire_string(&out->signature, &wire))
        return "it ends too early";
    if (reserved.len != 0)
        return "its reserved field is not empty";
    if (wire.left != 0)
        return "it goes on after its end";
    return NULL;
}

/* string type, string sig64 (RFC 8709, section 6) */
static bool read_signature(uint8_t sig[SB_SIG_SIZE], struct sb_span field)
{
    struct sb_wire wire = {(const uint8_t *)field.at, field.len};
    struct sb_span type = {NULL, 0};
    struct sb_span bytes = {NULL, 0};
    if (!sb_wire_string(&type, &wire) || !sb_span_is(type, TYPE) ||
        !sb_wire_string(&bytes, &wire) || bytes.len != SB_SIG_SIZE || wire.left != 0)
        return false;
    memcpy(sig, bytes.at, SB_SIG_SIZE);
    return true;
}

static int check_fields(struct sb_sshsig *out, const char *name_space, const struct fields *fields,
                        struct sb_error *error)
{
    struct sb_wire wire = {(const uint8_t *)fields->pubkey.at, fields->pubkey.len};
    struct sb_span type = {NULL, 0};
    char shown[SB_SHOWN_SIZE];
    if (!sb_wire_string(&type, &wire) || type.len == 0)
        return malformed(error, "its key has no type");
    if (!sb_span_is(type, TYPE))
        return sb_error_set(error, SEALBAG_ERR_UNSUPPORTED,
                            "This OpenSSH signature is by a key of the type %s, which this version "
                            "cannot check. Ask the signer to sign with an Ed25519 key.",
                            sb_span_show(shown, type));
    if (!sb_span_is(fields->name_space, name_space))
        return malformed(error, "it was made for another purpose (its namespace is another one)");
    out->sha512 = sb_span_is(fields->hash, "sha512");
    if (!out->sha512 && !sb_span_is(fields->hash, "sha256"))
        return malformed(error, "its hash is neither sha256 nor sha512");
    if (!sb_ssh_blob_read(&out->signer, fields->pubkey.at, fields->pubkey.len))
        return malformed(error, "its Ed25519 key is malformed");
    if (!read_signature(out->sig, fields->signature))
        return malformed(error, "its Ed25519 signature is malformed");
    return 0;
}

int sb_sshsig_parse(struct sb_sshsig *out, const char *name_space, const uint8_t *bytes, size_t len,
                    struct sb_error *error)
{
    char base64[ARMOR_MAX];
    uint8_t blob[ARMOR_MAX / 4 * 3];
    size_t base64_len = 0;
    size_t blob_len = 0;
    const char *bad = open_armor(base64, &base64_len, bytes, len);
    if (bad != NULL)
        return malformed(error, bad);
    if (!sb_base64_size(&blob_len, base64, base64_len) ||
        !sb_base64_decode(blob, blob_len, base64, base64_len))
        return malformed(error, "its text is not base64");
    struct fields fields = {0};
    if (blob_len < MAGIC_LEN)
        return malformed(error, "it ends too early");
    bad = split_blob(&fields, blob, blob_len);
    if (bad != NULL)
        return malformed(error, bad);
    struct sb_sshsig found;
    int r = check_fields(&found, name_space, &fields, error);
    if (r == 0)
        *out = found;
    return r;
}

static uint8_t *put_string(uint8_t *to, const void *bytes, size_t len)
{
    to[0] = to[1] = to[2] = 0;
    to[3] = (uint8_t)len; /* nothing here is longer than 255 */
    if (len > 0)
        memcpy(to + 4, bytes, len);
    return to + 4 + len;
}

bool sb_sshsig_verify(const struct sb_sshsig *signature, const char *name_space,
                      const uint8_t *message, size_t len)
{
    uint8_t hash[HASH_MAX];
    uint8_t text[MAGIC_LEN + 4 * 4 + NAMESPACE_MAX + 6 + HASH_MAX];
    size_t name_len = strlen(name_space);
    if (name_len > NAMESPACE_MAX)
        return false;
    if (signature->sha512)
        crypto_hash_sha512(hash, message, len);
    else
        crypto_hash_sha256(hash, message, len);
    memcpy(text, MAGIC, MAGIC_LEN);
    uint8_t *end = put_string(text + MAGIC_LEN, name_space, name_len);
    end = put_string(end, NULL, 0);
    end = put_string(end, signature->sha512 ? "sha512" : "sha256", 6);
    end = put_string(end, hash, signature->sha512 ? 64 : 32);
    return crypto_sign_verify_detached(signature->sig, text, (size_t)(end - text),
                                       signature->signer.pk) == 0;
}
