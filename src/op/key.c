#include "op/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sign/locked.h"

enum { PASSPHRASE_MAX = 1024 };

void sealbag_key_free(struct sealbag_key *key)
{
    if (key == NULL)
        return;
    sb_secret_key_free(key->secret);
    free(key->agent.socket);
    free(key->comment);
    free(key);
}

void sealbag_key_describe(struct sealbag_key_info *out, bool *world_readable,
                          const struct sealbag_key *key)
{
    *out = (struct sealbag_key_info){
        .encrypted = key->encrypted,
        .agent = key->secret == NULL,
        .fido = sb_identity_is_fido(&key->identity),
    };
    if (key->secret != NULL)
        sb_minisign_key_id_text(out->key_id, key->secret->public.key_id);
    sb_fingerprint_text(out->fingerprint, &key->identity);
    if (world_readable != NULL)
        *world_readable = key->world_readable;
}

void sb_key_fingerprint(char out[SEALBAG_FINGERPRINT_SIZE], const struct sealbag_key *key)
{
    sb_fingerprint_text(out, &key->identity);
}

void sb_key_name(char out[SB_FP_NAME_SIZE], const struct sealbag_key *key)
{
    sb_fingerprint_name(out, &key->identity);
}

const char *sb_key_kind(const struct sealbag_key *key)
{
    return key->secret != NULL ? "minisig" : "sshsig";
}

const char *sb_role_namespace(enum sb_role role)
{
    return role == SB_ROLE_CUSTODY ? "custody@sealbag" : SB_SSH_NAMESPACE;
}

int sb_key_sign(struct sb_buf *out, const struct sealbag_key *key, enum sb_role role,
                const struct sb_buf *message, int64_t time, const char *file,
                struct sb_error *error)
{
    if (key->secret == NULL)
        return sb_key_sign_by_agent(out, key, role, message, error);
    return sb_minisign_sign(out, &key->secret->public, key->secret->sk,
                            role == SB_ROLE_CUSTODY ? SB_MINISIGN_CUSTODY : NULL, message->data,
                            message->len, time, file, error);
}

int sb_key_ask_passphrase(char **out, size_t *len, sealbag_passphrase_fn passphrase, void *context,
                          const char *file, struct sb_error *error)
{
    char shown[1024];
    *out = NULL;
    if (passphrase == NULL)
        return sb_error_set(error, SEALBAG_ERR_PASSPHRASE,
                            "The key in %s is locked with a passphrase, and none was given.",
                            sealbag_text_escape(shown, sizeof(shown), file));
    char *buffer = sb_locked_new(PASSPHRASE_MAX);
    if (buffer == NULL)
        return sb_error_memory(error);
    int n = passphrase(context, file, buffer, PASSPHRASE_MAX);
    if (n <= 0 || n > PASSPHRASE_MAX) {
        sb_locked_free(buffer);
        return sb_error_set(
            error, SEALBAG_ERR_PASSPHRASE,
            "No passphrase was given for the key in %s. Type it on a terminal, or name "
            "a file that holds it with --passphrase-file.",
            sealbag_text_escape(shown, sizeof(shown), file));
    }
    *out = buffer;
    *len = (size_t)n;
    return 0;
}

static int unlock(struct sealbag_key *key, const struct sb_buf *text, const char *file,
                  sealbag_passphrase_fn passphrase, void *context, struct sb_error *error)
{
    char *secret = NULL;
    size_t len = 0;
    int r = sb_keyfile_probe(&key->encrypted, text->data, text->len, error);
    if (r == 0 && key->encrypted)
        r = sb_key_ask_passphrase(&secret, &len, passphrase, context, file, error);
    if (r == 0)
        r = sb_keyfile_parse(&key->secret, text->data, text->len, secret, len, error);
    if (r == 0)
        sb_identity_plain(&key->identity, key->secret->public.pk);
    sb_locked_free(secret);
    return r;
}

void sb_key_name_file(struct sb_error *error, const char *file)
{
    char shown[400];
    char sentence[1001];
    if (error == NULL || error->code == SEALBAG_ERR_MEMORY)
        return;
    snprintf(sentence, sizeof(sentence), "%.1000s", error->message);
    snprintf(error->message, sizeof(error->message), "%s: %s",
             sealbag_text_escape(shown, sizeof(shown), file), sentence);
}

static int refuse_public(struct sb_error *error)
{
    return sb_error_set(error, SEALBAG_ERR_KEY,
                        "This is a public key. Sealing needs the secret key that belongs to it.");
}

static bool begins(const struct sb_buf *text, const char *with)
{
    return text->len >= strlen(with) && memcmp(text->data, with, strlen(with)) == 0;
}

/* A key file of either kind. */
static int load(struct sealbag_key *key, const char *file,
                const struct sealbag_key_options *options, struct sb_error *error)
{
    struct sb_buf text = {0};
    struct sb_identity identity;
    mode_t mode = 0;
    int r = sb_file_read(&text, &mode, file, SB_KEY_FILE_MAX, error);
    if (r < 0) {
        sb_buf_free(&text);
        return r;
    }
    bool public = sb_public_key_parse(&identity, text.data, text.len, NULL) == 0;
    bool minisign = begins(&text, "untrusted comment:");
    if (public && !minisign && key->agent.socket != NULL) {
        r = sb_key_find_in_agent(key, NULL, &identity, file, error);
    } else if (public) {
        r = refuse_public(error);
    } else if (begins(&text, "ssh-") || begins(&text, "ecdsa-") || begins(&text, "sk-")) {
        r = sb_sshkey_parse(&identity, text.data, text.len, error); /* says why not */
    } else if (sb_sshkey_is_private(text.data, text.len)) {
        r = sb_error_set(
            error, SEALBAG_ERR_KEY,
            "This is an OpenSSH private key, which only ssh-agent uses: give it to the "
            "agent with ssh-add, and name the public key file, which ends in .pub.");
    } else {
        key->world_readable = (mode & 077) != 0;
        r = unlock(key, &text, file, options->passphrase, options->passphrase_context, error);
    }
    if (r < 0 && r != SEALBAG_ERR_AGENT && r != SEALBAG_ERR_CANCELLED)
        sb_key_name_file(error, file);
    sb_locked_wipe(text.data, text.cap);
    sb_buf_free(&text);
    return r;
}

static int open_key(struct sealbag_key **out, const char *given,
                    const struct sealbag_key_options *options, bool with_agent,
                    struct sb_error *error)
{
    *out = NULL;
    int r = sb_sign_init(error);
    if (r < 0)
        return r;
    struct sealbag_key *key = calloc(1, sizeof(*key));
    if (key == NULL)
        return sb_error_memory(error);
    if (with_agent) {
        key->agent.tell = options->agent;
        key->agent.context = options->agent_context;
        key->agent.socket = strdup(options->agent_socket != NULL ? options->agent_socket : "");
        if (key->agent.socket == NULL)
            r = sb_error_memory(error);
    }
    if (r == 0 && with_agent && strncmp(given, "ssh:", 4) == 0)
        r = sb_key_find_in_agent(key, given + 4, NULL, NULL, error);
    else if (r == 0)
        r = load(key, given, options, error);
    if (r < 0) {
        sealbag_key_free(key);
        return r;
    }
    *out = key;
    return 0;
}

int sealbag_key_open(struct sealbag_key **out, const char *key,
                     const struct sealbag_key_options *options, struct sb_error *error)
{
    return open_key(out, key, options, true, error);
}

int sealbag_key_load(struct sealbag_key **out, const char *file, sealbag_passphrase_fn passphrase,
                     void *passphrase_context, struct sb_error *error)
{
    const struct sealbag_key_options options = {.passphrase = passphrase,
                                                .passphrase_context = passphrase_context};
    return open_key(out, file, &options, false, error);
}

/* Writes FILE and FILE.pub, both or neither, and never over something that is there. */
static int write_pair(const char *file, const char *secret_text, const struct sb_buf *public_text,
                      struct sb_error *error)
{
    struct sb_buf public_file = {0};
    if (sb_buf_printf(&public_file, "%s.pub", file) < 0)
        return sb_error_memory(error);
    const char *public_name = (const char *)public_file.data;
    int r = sb_file_create(public_name, 0644, public_text->data, public_text->len, error);
    if (r == 0) {
        r = sb_file_create(file, 0600, secret_text, strlen(secret_text), error);
        if (r < 0)
            unlink(public_name);
    }
    sb_buf_free(&public_file);
    return r;
}

int sealbag_key_generate(struct sealbag_key_info *out, const struct sealbag_keygen_options *options,
                         struct sb_error *error)
{
    struct stat status;
    char *passphrase = NULL, *secret_text = NULL;
    size_t passphrase_len = 0;
    struct sb_secret_key *secret = NULL;
    struct sb_buf public_text = {0};
    int r = sb_sign_init(error);
    int there = r == 0 ? sb_path_there(&status, AT_FDCWD, options->file) : 0;
    if (there < 0)
        r = sb_error_errno(error, errno, "examine", options->file);
    if (there > 0) {
        char shown[1024];
        r = sb_error_set(error, SEALBAG_ERR_EXISTS,
                         "%s exists already, and a key is never overwritten. Choose another name.",
                         sealbag_text_escape(shown, sizeof(shown), options->file));
    }
    if (r == 0 && options->encrypt)
        r = sb_key_ask_passphrase(&passphrase, &passphrase_len, options->passphrase,
                                  options->passphrase_context, options->file, error);
    if (r == 0)
        r = sb_keyfile_generate(&secret, &secret_text, &public_text, options->comment, passphrase,
                                passphrase_len, error);
    if (r == 0)
        r = write_pair(options->file, secret_text, &public_text, error);
    if (r == 0 && out != NULL) {
        struct sealbag_key key = {.secret = secret, .encrypted = options->encrypt};
        sb_identity_plain(&key.identity, secret->public.pk);
        sealbag_key_describe(out, NULL, &key);
    }
    sb_locked_free(passphrase);
    sb_locked_free(secret_text);
    sb_secret_key_free(secret);
    sb_buf_free(&public_text);
    return r;
}
