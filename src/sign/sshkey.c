#include "sign/sshkey.h"

#include <string.h>

#include "sign/locked.h"
#include "sign/minisign.h"
#include "sign/parse.h"

static int refuse(struct sb_error *error, const char *bad)
{
    return sb_error_set(
        error, SEALBAG_ERR_KEY,
        "This is not an OpenSSH key file as it was made: %s. Ask the key's owner for "
        "the public key file again (its name ends in .pub).",
        bad);
}

static int wrong_type(struct sb_span type, struct sb_error *error)
{
    static const char *const others[] = {"ssh-", "ecdsa-", "sk-"};
    char shown[SB_SHOWN_SIZE];
    if (sb_span_has_control(type, false))
        return refuse(error, "it has a tab or another control character in it");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (sb_span_starts(type, others[i]))
            return sb_error_set(error, SEALBAG_ERR_KEY,
                                "This is a key of the type %s, but only Ed25519 keys can be used. "
                                "Ask for one that was made with: ssh-keygen -t ed25519",
                                sb_span_show(shown, type));
    }
    if (sb_span_starts(type, "-----BEGIN"))
        return sb_error_set(error, SEALBAG_ERR_KEY,
                            "This looks like a private key, but the public key is needed. Use the "
                            "file whose name ends in .pub, and never pass a private key on.");
    return refuse(error, "it does not begin with \"" SB_SSH_PLAIN "\"");
}

int sb_sshkey_parse(struct sb_identity *out, const uint8_t *bytes, size_t len,
                    struct sb_error *error)
{
    struct sb_sign_lines lines;
    struct sb_span line = {NULL, 0};
    const char *bad = sb_sign_lines_start(&lines, bytes, len);
    if (bad != NULL)
        return refuse(error, "it begins with a byte order mark, which an editor has put there");
    if (sb_sign_lines_next(&line, &lines) != NULL)
        return refuse(error, "it is empty");
    struct sb_span rest = line;
    struct sb_span type = sb_span_take(&rest, ' ');
    bool fido = sb_span_is(type, SB_SSH_FIDO);
    if (!fido && !sb_span_is(type, SB_SSH_PLAIN))
        return wrong_type(type, error);
    if (sb_sign_lines_end(&lines) != NULL)
        return refuse(error, "it has more than one line");
    struct sb_span base64 = sb_span_take(&rest, ' ');
    struct sb_identity key;
    if (!sb_ssh_blob_decode(&key, base64) || sb_identity_is_fido(&key) != fido)
        return refuse(error, fido ? "what follows \"" SB_SSH_FIDO "\" is not such a key in base64"
                                  : "what follows \"" SB_SSH_PLAIN
                                    "\" is not such a key in base64");
    if (sb_span_has_control(rest, false))
        return refuse(error, "its comment has control characters");
    *out = key;
    return 0;
}

/* ---- private key files ----------------------------------------------------------------- */

#define ARMOR "OPENSSH PRIVATE KEY"

enum { PRIVATE_MAX = 16384, TAG_MAX = 16 };

static const char begin[] = "-----BEGIN " ARMOR "-----";

bool sb_sshkey_is_private(const uint8_t *bytes, size_t len)
{
    return len >= sizeof(begin) - 1 && memcmp(bytes, begin, sizeof(begin) - 1) == 0;
}

/* "openssh-key-v1" NUL, string cipher, string kdf, string kdf options, u32 1, string public key,
 * string private part; and, with some ciphers, a tag */
static int read_private(struct sb_identity *out, bool *encrypted, const uint8_t *blob, size_t len,
                        struct sb_error *error)
{
    static const char magic[] = "openssh-key-v1";
    struct sb_span cipher, kdf, options, key, secret, type;
    uint32_t count = 0;
    if (len < sizeof(magic) || memcmp(blob, magic, sizeof(magic)) != 0)
        return refuse(error, "it does not hold what it should");
    struct sb_wire wire = {blob + sizeof(magic), len - sizeof(magic)};
    if (!sb_wire_string(&cipher, &wire) || !sb_wire_string(&kdf, &wire) ||
        !sb_wire_string(&options, &wire) || !sb_wire_u32(&count, &wire) || count != 1 ||
        !sb_wire_string(&key, &wire) || !sb_wire_string(&secret, &wire))
        return refuse(error, "it ends too early, or has several keys in it");
    *encrypted = !sb_span_is(cipher, "none");
    if (wire.left > (*encrypted ? TAG_MAX : 0))
        return refuse(error, "it goes on after its end");
    if (sb_ssh_blob_read(out, key.at, key.len))
        return 0;
    wire = (struct sb_wire){(const uint8_t *)key.at, key.len};
    if (!sb_wire_string(&type, &wire) || sb_span_is(type, SB_SSH_PLAIN) ||
        sb_span_is(type, SB_SSH_FIDO))
        return refuse(error, "the key in it is malformed");
    return wrong_type(type, error);
}

int sb_sshkey_private_parse(struct sb_identity *out, bool *encrypted, const uint8_t *bytes,
                            size_t len, struct sb_error *error)
{
    size_t base64_len = 0, blob_len = 0;
    if (len > PRIVATE_MAX)
        return refuse(error, "it is far too long");
    char *base64 = sb_locked_new(len + 1);
    uint8_t *blob = sb_locked_new(len + 1);
    int r = base64 == NULL || blob == NULL ? sb_error_memory(error) : 0;
    if (r == 0 && base64 != NULL && blob != NULL) {
        const char *bad = sb_sign_armor(base64, &base64_len, ARMOR, bytes, len);
        if (bad == NULL && (!sb_base64_size(&blob_len, base64, base64_len) ||
                            !sb_base64_decode(blob, blob_len, base64, base64_len)))
            bad = "its text is not base64";
        r = bad != NULL ? refuse(error, bad) : read_private(out, encrypted, blob, blob_len, error);
    }
    sb_locked_free(base64);
    sb_locked_free(blob);
    return r;
}

int sb_sshkey_format(struct sb_buf *out, const struct sb_identity *identity)
{
    uint8_t blob[SB_SSH_BLOB_MAX];
    size_t len = sb_ssh_blob_write(blob, identity);
    size_t before = out->len;
    int r = sb_buf_puts(out, sb_identity_is_fido(identity) ? SB_SSH_FIDO " " : SB_SSH_PLAIN " ");
    if (r == 0)
        r = sb_base64_append(out, blob, len);
    if (r < 0)
        out->len = before;
    return r;
}

int sb_public_key_parse(struct sb_identity *out, const uint8_t *bytes, size_t len,
                        struct sb_error *error)
{
    static const char untrusted[] = "untrusted comment:";
    if (len < sizeof(untrusted) - 1 || memcmp(bytes, untrusted, sizeof(untrusted) - 1) != 0)
        return sb_sshkey_parse(out, bytes, len, error);
    struct sb_minisign_public key;
    int r = sb_minisign_public_parse(&key, bytes, len, error);
    if (r == 0)
        sb_identity_plain(out, key.pk);
    return r;
}
