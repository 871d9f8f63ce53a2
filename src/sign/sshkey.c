#include "sign/sshkey.h"

#include <string.h>

#include "sign/minisign.h"
#include "sign/parse.h"

static int refuse(struct sb_error *error, const char *bad)
{
    return sb_error_set(error, SEALBAG_ERR_KEY,
                        "This is not an OpenSSH public key file as it was made: %s. Ask the key's "
                        "owner for the file again (its name ends in .pub).",
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
