/* Key files by themselves: what they are, and their passphrase. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "op/key.h"
#include "sign/locked.h"

/* The rest follows from the identity. */
static int fill(struct sealbag_key_file *out, const struct sb_identity *identity,
                struct sb_error *error)
{
    struct sb_buf line = {0};
    sb_fingerprint_text(out->fingerprint, identity);
    memcpy(out->application, identity->application, sizeof(out->application));
    if (sb_sshkey_format(&line, identity) < 0)
        return sb_error_memory(error);
    memcpy(out->ssh_line, line.data, line.len + 1);
    sb_buf_free(&line);
    return 0;
}

_Static_assert(sizeof(((struct sealbag_key_file *)0)->application) == SB_APPLICATION_SIZE,
               "the size of an application");
_Static_assert(sizeof(((struct sealbag_key_file *)0)->ssh_line) >
                   27 + (SB_SSH_BLOB_MAX + 2) / 3 * 4,
               "a public key's line");

static int examine_minisign_secret(struct sealbag_key_file *out, const struct sb_buf *text,
                                   const char *file, sealbag_passphrase_fn passphrase,
                                   void *context, struct sb_error *error)
{
    struct sb_secret_key *secret = NULL;
    struct sb_identity identity;
    char *typed = NULL;
    size_t len = 0;
    out->secret = true;
    int r = sb_keyfile_probe(&out->encrypted, text->data, text->len, error);
    if (r < 0 || (out->encrypted && passphrase == NULL))
        return r;
    if (out->encrypted)
        r = sb_key_ask_passphrase(&typed, &len, passphrase, context, file, error);
    if (r == 0)
        r = sb_keyfile_parse(&secret, text->data, text->len, typed, len, error);
    if (r == 0) {
        sb_minisign_key_id_text(out->key_id, secret->public.key_id);
        sb_identity_plain(&identity, secret->public.pk);
        r = fill(out, &identity, error);
    }
    sb_locked_free(typed);
    sb_secret_key_free(secret);
    return r;
}

static int examine_minisign(struct sealbag_key_file *out, const struct sb_buf *text,
                            const char *file, sealbag_passphrase_fn passphrase, void *context,
                            struct sb_error *error)
{
    struct sb_minisign_public public;
    struct sb_identity identity;
    if (sb_minisign_public_parse(&public, text->data, text->len, NULL) < 0)
        return examine_minisign_secret(out, text, file, passphrase, context, error);
    sb_minisign_key_id_text(out->key_id, public.key_id);
    sb_identity_plain(&identity, public.pk);
    return fill(out, &identity, error);
}

static int examine_openssh(struct sealbag_key_file *out, const struct sb_buf *text,
                           struct sb_error *error)
{
    struct sb_identity identity;
    out->secret = sb_sshkey_is_private(text->data, text->len);
    int r = out->secret
                ? sb_sshkey_private_parse(&identity, &out->encrypted, text->data, text->len, error)
                : sb_sshkey_parse(&identity, text->data, text->len, error);
    if (r < 0)
        return r;
    out->kind = sb_identity_is_fido(&identity) ? SEALBAG_KEY_FIDO : SEALBAG_KEY_OPENSSH;
    return fill(out, &identity, error);
}

static bool is_minisign(const struct sb_buf *text)
{
    static const char untrusted[] = "untrusted comment:";
    return text->len >= sizeof(untrusted) - 1 &&
           memcmp(text->data, untrusted, sizeof(untrusted) - 1) == 0;
}

int sealbag_key_examine(struct sealbag_key_file *out, const char *file,
                        sealbag_passphrase_fn passphrase, void *passphrase_context,
                        struct sb_error *error)
{
    struct sealbag_key_file found = {.kind = SEALBAG_KEY_MINISIGN};
    struct sb_buf text = {0};
    mode_t mode = 0;
    int r = sb_sign_init(error);
    if (r == 0)
        r = sb_file_read(&text, &mode, file, SB_KEY_FILE_MAX, error);
    if (r == 0) {
        r = is_minisign(&text)
                ? examine_minisign(&found, &text, file, passphrase, passphrase_context, error)
                : examine_openssh(&found, &text, error);
        if (r < 0)
            sb_key_name_file(error, file);
    }
    sb_locked_wipe(text.data, text.cap);
    sb_buf_free(&text);
    if (r < 0)
        return r;
    found.world_readable = found.secret && (mode & 077) != 0;
    *out = found;
    return 0;
}

/* ---- the passphrase -------------------------------------------------------------------- */

/* The file and what is in it. */
struct key_text {
    const char *file;
    struct sb_buf text;
    struct sb_secret_key *secret;
    bool encrypted;
};

static int unlock(struct key_text *key, const struct sealbag_passwd_options *options,
                  struct sb_error *error)
{
    struct sb_identity identity;
    char *typed = NULL;
    size_t len = 0;
    const uint8_t *bytes = key->text.data;
    int r;
    if (sb_sshkey_is_private(bytes, key->text.len))
        r = sb_error_set(
            error, SEALBAG_ERR_KEY,
            "This is an OpenSSH private key. Change its passphrase with: ssh-keygen -p "
            "-f FILE");
    else if (sb_public_key_parse(&identity, bytes, key->text.len, NULL) == 0)
        r = sb_error_set(error, SEALBAG_ERR_KEY,
                         "This is a public key, which has no passphrase. Name the secret key that "
                         "belongs to it.");
    else
        r = sb_keyfile_probe(&key->encrypted, bytes, key->text.len, error);
    if (r == 0 && key->encrypted)
        r = sb_key_ask_passphrase(&typed, &len, options->passphrase, options->passphrase_context,
                                  key->file, error);
    if (r == 0)
        r = sb_keyfile_parse(&key->secret, bytes, key->text.len, typed, len, error);
    sb_locked_free(typed);
    return r;
}

/* It stays its owner's, also when root does this, and nobody else may use it. */
static int replace_key(const char *path, const char *text, struct sb_error *error)
{
    struct sb_output output;
    struct stat status;
    if (stat(path, &status) < 0)
        return sb_error_errno(error, errno, "examine", path);
    status.st_mode &= ~(mode_t)(S_IRWXG | S_IRWXO);
    int r = sb_output_open(&output, path, true, 0600, error);
    if (r < 0)
        return r;
    r = sb_output_write(&output, text, strlen(text), error);
    if (r == 0)
        r = sb_output_commit_over(&output, -1, &status, error);
    else
        sb_output_abort(&output);
    return r;
}

static int write_key(const char *file, const char *text, struct sb_error *error)
{
    /* A key file that is a link stays one. */
    char *real = realpath(file, NULL);
    int r = replace_key(real != NULL ? real : file, text, error);
    free(real);
    return r;
}

static int rewrite(const struct key_text *key, const struct sealbag_passwd_options *options,
                   struct sb_error *error)
{
    char *typed = NULL, *text = NULL;
    size_t len = 0;
    int r = 0;
    if (options->encrypt)
        r = sb_key_ask_passphrase(&typed, &len, options->new_passphrase, options->new_context,
                                  key->file, error);
    if (r == 0)
        r = sb_keyfile_rewrite(&text, key->secret, key->text.data, key->text.len, typed, len,
                               error);
    if (r == 0)
        r = write_key(key->file, text, error);
    sb_locked_free(typed);
    sb_locked_free(text);
    return r;
}

int sealbag_key_change_passphrase(bool *was_encrypted, const char *file,
                                  const struct sealbag_passwd_options *options,
                                  struct sb_error *error)
{
    struct key_text key = {.file = file};
    int r = sb_sign_init(error);
    if (r == 0)
        r = sb_file_read(&key.text, NULL, file, SB_KEY_FILE_MAX, error);
    if (r == 0) {
        r = unlock(&key, options, error);
        if (r < 0)
            sb_key_name_file(error, file);
    }
    if (r == 0)
        r = rewrite(&key, options, error);
    if (was_encrypted != NULL)
        *was_encrypted = key.encrypted;
    sb_secret_key_free(key.secret);
    sb_locked_wipe(key.text.data, key.text.cap);
    sb_buf_free(&key.text);
    return r;
}
