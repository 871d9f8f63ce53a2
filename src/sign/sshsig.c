/* SSHSIG signatures, PROTOCOL.sshsig and, of FIDO keys, PROTOCOL.u2f:
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
#define ARMOR "SSH SIGNATURE"

enum {
    MAGIC_LEN = 6,
    COLUMNS = 70, /* as OpenSSH writes them */
    /* An Ed25519 signature takes some 300 bytes; one by the longest RSA key stays below this too,
     * so that it is called unsupported and not damaged. */
    ARMOR_MAX = 8192,
    NAMESPACE_MAX = 255,
    HASH_MAX = 64,
    TEXT_MAX = MAGIC_LEN + 4 * 4 + NAMESPACE_MAX + 6 + HASH_MAX,
    TOKEN_TEXT_SIZE = 32 + 1 + 4 + 32,
    USER_PRESENT = 0x01, /* a flag of a token's: it was touched */
    SIGNATURE_MAX = 4 + 26 + 4 + SB_SIG_SIZE + 1 + 4,
    BLOB_MAX = MAGIC_LEN + 4 + 5 * 4 + SB_SSH_BLOB_MAX + NAMESPACE_MAX + 6 + SIGNATURE_MAX,
};

static int malformed(struct sb_error *error, const char *bad)
{
    return sb_rule_error(error, SB_RULE_SIGNATURE_SYNTAX,
                         "The OpenSSH signature is not as it was made: %s. Ask for a fresh copy of "
                         "it.",
                         bad);
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

bool sb_sshsig_read_blob(struct sb_sshsig *out, const void *bytes, size_t len)
{
    struct sb_wire wire = {bytes, len};
    struct sb_span type = {NULL, 0}, sig = {NULL, 0};
    bool fido = sb_identity_is_fido(&out->signer);
    out->flags = 0;
    out->counter = 0;
    if (!sb_wire_string(&type, &wire) || !sb_span_is(type, fido ? SB_SSH_FIDO : SB_SSH_PLAIN) ||
        !sb_wire_string(&sig, &wire) || sig.len != SB_SIG_SIZE)
        return false;
    if (fido) {
        if (wire.left == 0)
            return false;
        out->flags = *wire.at++;
        wire.left--;
        if (!sb_wire_u32(&out->counter, &wire))
            return false;
    }
    memcpy(out->sig, sig.at, SB_SIG_SIZE);
    return wire.left == 0;
}

/* A token that signs without being touched lets whoever has got into the machine sign, too. */
static bool touched(const struct sb_sshsig *signature)
{
    return !sb_identity_is_fido(&signature->signer) || (signature->flags & USER_PRESENT) != 0;
}

static int check_fields(struct sb_sshsig *out, const char *name_space, const struct fields *fields,
                        struct sb_error *error)
{
    struct sb_wire wire = {(const uint8_t *)fields->pubkey.at, fields->pubkey.len};
    struct sb_span type = {NULL, 0};
    char shown[SB_SHOWN_SIZE];
    if (!sb_wire_string(&type, &wire) || type.len == 0)
        return malformed(error, "its key has no type");
    if (!sb_span_is(type, SB_SSH_PLAIN) && !sb_span_is(type, SB_SSH_FIDO))
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
    if (!sb_sshsig_read_blob(out, fields->signature.at, fields->signature.len))
        return malformed(error, "its Ed25519 signature is malformed");
    if (!touched(out))
        return malformed(error, "the security key was not touched for it");
    return 0;
}

int sb_sshsig_parse(struct sb_sshsig *out, const char *name_space, const uint8_t *bytes, size_t len,
                    struct sb_error *error)
{
    char base64[ARMOR_MAX];
    uint8_t blob[ARMOR_MAX / 4 * 3];
    size_t base64_len = 0;
    size_t blob_len = 0;
    const char *bad = len > ARMOR_MAX ? "it is far too long"
                                      : sb_sign_armor(base64, &base64_len, ARMOR, bytes, len);
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

/* What the key signs, or, of a FIDO key, what the token is given to sign. */
static size_t signed_text(uint8_t out[TEXT_MAX], const char *name_space, bool sha512,
                          const uint8_t *message, size_t len)
{
    uint8_t hash[HASH_MAX];
    if (sha512)
        crypto_hash_sha512(hash, message, len);
    else
        crypto_hash_sha256(hash, message, len);
    memcpy(out, MAGIC, MAGIC_LEN);
    uint8_t *end = sb_ssh_string_write(out + MAGIC_LEN, name_space, (uint32_t)strlen(name_space));
    end = sb_ssh_string_write(end, NULL, 0);
    end = sb_ssh_string_write(end, sha512 ? "sha512" : "sha256", 6);
    end = sb_ssh_string_write(end, hash, sha512 ? 64 : 32);
    return (size_t)(end - out);
}

/* PROTOCOL.u2f: SHA256(application) | flags | counter | SHA256(what it is given to sign) */
static size_t token_text(uint8_t out[TOKEN_TEXT_SIZE], const struct sb_sshsig *signature,
                         const uint8_t *text, size_t len)
{
    const char *application = signature->signer.application;
    crypto_hash_sha256(out, (const uint8_t *)application, strlen(application));
    out[32] = signature->flags;
    for (int i = 0; i < 4; i++)
        out[33 + i] = (uint8_t)(signature->counter >> (24 - 8 * i));
    crypto_hash_sha256(out + 37, text, len);
    return TOKEN_TEXT_SIZE;
}

bool sb_sshsig_verify(const struct sb_sshsig *signature, const char *name_space,
                      const uint8_t *message, size_t len)
{
    uint8_t text[TEXT_MAX], token[TOKEN_TEXT_SIZE];
    const uint8_t *over = text;
    if (strlen(name_space) > NAMESPACE_MAX || !touched(signature))
        return false;
    size_t size = signed_text(text, name_space, signature->sha512, message, len);
    if (sb_identity_is_fido(&signature->signer)) {
        size = token_text(token, signature, text, size);
        over = token;
    }
    return crypto_sign_verify_detached(signature->sig, over, size, signature->signer.pk) == 0;
}

/* ---- writing --------------------------------------------------------------------------- */

int sb_sshsig_to_sign(struct sb_buf *out, const char *name_space, const uint8_t *message,
                      size_t len)
{
    uint8_t text[TEXT_MAX];
    if (strlen(name_space) > NAMESPACE_MAX)
        return SEALBAG_ERR_USAGE;
    return sb_buf_append(out, text, signed_text(text, name_space, true, message, len));
}

static size_t write_blob(uint8_t out[BLOB_MAX], const struct sb_sshsig *signature,
                         const char *name_space)
{
    uint8_t key[SB_SSH_BLOB_MAX], sig[SIGNATURE_MAX];
    bool fido = sb_identity_is_fido(&signature->signer);
    const char *type = fido ? SB_SSH_FIDO : SB_SSH_PLAIN;
    size_t key_len = sb_ssh_blob_write(key, &signature->signer);
    uint8_t *sig_end = sb_ssh_string_write(sig, type, (uint32_t)strlen(type));
    sig_end = sb_ssh_string_write(sig_end, signature->sig, SB_SIG_SIZE);
    if (fido) {
        *sig_end++ = signature->flags;
        for (int shift = 24; shift >= 0; shift -= 8)
            *sig_end++ = (uint8_t)(signature->counter >> shift);
    }
    static const uint8_t head[MAGIC_LEN + 4] = {'S', 'S', 'H', 'S', 'I', 'G', 0, 0, 0, 1};
    memcpy(out, head, sizeof(head));
    uint8_t *end = sb_ssh_string_write(out + sizeof(head), key, (uint32_t)key_len);
    end = sb_ssh_string_write(end, name_space, (uint32_t)strlen(name_space));
    end = sb_ssh_string_write(end, NULL, 0);
    end = sb_ssh_string_write(end, signature->sha512 ? "sha512" : "sha256", 6);
    end = sb_ssh_string_write(end, sig, (uint32_t)(sig_end - sig));
    return (size_t)(end - out);
}

int sb_sshsig_format(struct sb_buf *out, const struct sb_sshsig *signature, const char *name_space)
{
    uint8_t blob[BLOB_MAX];
    struct sb_buf base64 = {0};
    size_t before = out->len;
    if (strlen(name_space) > NAMESPACE_MAX)
        return SEALBAG_ERR_USAGE;
    int r = sb_base64_append(&base64, blob, write_blob(blob, signature, name_space));
    if (r == 0)
        r = sb_buf_puts(out, "-----BEGIN " ARMOR "-----\n");
    for (size_t at = 0; r == 0 && at < base64.len; at += COLUMNS) {
        size_t left = base64.len - at;
        r = sb_buf_append(out, base64.data + at, left < COLUMNS ? left : COLUMNS);
        if (r == 0)
            r = sb_buf_puts(out, "\n");
    }
    if (r == 0)
        r = sb_buf_puts(out, "-----END " ARMOR "-----\n");
    if (r < 0)
        out->len = before;
    sb_buf_free(&base64);
    return r;
}
