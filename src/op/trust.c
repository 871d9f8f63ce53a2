#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "op/judge.h"
#include "sign/sshkey.h"

enum { STORE_MAX = 16 << 20, PUBLIC_KEY_MAX = 16384 };

static const char store_name[] = "allowed_signers";

void sealbag_trust_free(struct sealbag_trust *trust)
{
    if (trust == NULL)
        return;
    sb_truststore_free(&trust->store);
    free(trust);
}

size_t sealbag_trust_count(const struct sealbag_trust *trust)
{
    return trust->store.count;
}

const char *sealbag_trust_entry(char fingerprint[SEALBAG_FINGERPRINT_SIZE],
                                const struct sealbag_trust *trust, size_t index)
{
    sb_fingerprint_text(fingerprint, &trust->store.entries[index].signer);
    return trust->store.entries[index].name;
}

bool sealbag_trust_writable_by_others(const struct sealbag_trust *trust)
{
    return trust->writable_by_others;
}

/* Revocations are not understood by this version; a store that has some must not be half-read. */
static int refuse_revocations(const char *dir, struct sb_error *error)
{
    struct sb_buf path = {0};
    struct stat status;
    int r = sb_buf_printf(&path, "%s/revoked_keys", dir) < 0 ? sb_error_memory(error) : 0;
    int there = r == 0 ? sb_path_there(&status, AT_FDCWD, (const char *)path.data) : 0;
    if (there < 0)
        r = sb_error_errno(error, errno, "examine", (const char *)path.data);
    if (there > 0) {
        char shown[700];
        r = sb_error_set(error, SEALBAG_ERR_TRUST,
                         "%s lists revoked keys, which this version does not understand, so the "
                         "trust store is refused. Use a newer sealbag.",
                         sealbag_text_escape(shown, sizeof(shown), (const char *)path.data));
    }
    sb_buf_free(&path);
    return r;
}

static int store_path(struct sb_buf *out, const char *dir, struct sb_error *error)
{
    if (sb_buf_printf(out, "%s/%s", dir, store_name) < 0)
        return sb_error_memory(error);
    return 0;
}

int sealbag_trust_load(struct sealbag_trust **out, const char *dir, bool optional,
                       struct sb_error *error)
{
    *out = NULL;
    int r = sb_sign_init(error);
    if (r < 0)
        return r;
    struct sealbag_trust *trust = calloc(1, sizeof(*trust));
    struct sb_buf path = {0}, text = {0};
    if (trust == NULL)
        return sb_error_memory(error);
    mode_t mode = 0;
    struct stat status;
    r = store_path(&path, dir, error);
    if (r == 0)
        r = refuse_revocations(dir, error);
    if (r == 0)
        r = sb_file_read(&text, &mode, (const char *)path.data, STORE_MAX, error);
    if (r == SEALBAG_ERR_NOT_FOUND && optional)
        r = 0;
    else if (r == 0)
        r = sb_truststore_parse(&trust->store, text.data, text.len, (const char *)path.data, error);
    trust->writable_by_others =
        (mode & 022) != 0 || (stat(dir, &status) == 0 && (status.st_mode & 022) != 0);
    sb_buf_free(&path);
    sb_buf_free(&text);
    if (r < 0) {
        sealbag_trust_free(trust);
        return r;
    }
    *out = trust;
    return 0;
}

/* ---- changing it ------------------------------------------------------------------------ */

static int make_folder(const char *dir)
{
    if (mkdir(dir, 0700) == 0 || errno == EEXIST)
        return 0;
    if (errno != ENOENT)
        return -1;
    char *folder, *name;
    if (sb_path_split(&folder, &name, dir) < 0) {
        errno = ENOMEM;
        return -1;
    }
    int r = strcmp(folder, ".") != 0 ? make_folder(folder) : -1;
    free(folder);
    free(name);
    return r < 0 ? r : mkdir(dir, 0700);
}

/* An open trust store, locked against other runs until it is closed: two changes at once are made
 * one after the other. */
struct change {
    int lock;
    struct sb_buf path;
    struct sb_buf text;
    struct sb_truststore store;
};

static void end_change(struct change *change)
{
    if (change->lock >= 0)
        close(change->lock);
    sb_buf_free(&change->path);
    sb_buf_free(&change->text);
    sb_truststore_free(&change->store);
}

static int begin_change(struct change *change, const char *dir, bool create, struct sb_error *error)
{
    *change = (struct change){.lock = -1};
    int r = sb_sign_init(error);
    if (r == 0)
        r = store_path(&change->path, dir, error);
    if (r == 0 && create && make_folder(dir) < 0)
        r = sb_error_errno(error, errno, "make the folder", dir);
    if (r < 0)
        return r;
    change->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (change->lock < 0)
        return sb_error_errno(error, errno, "open the trust store", dir);
    int locked;
    do {
        locked = flock(change->lock, LOCK_EX);
    } while (locked < 0 && errno == EINTR);
    if (locked < 0)
        return sb_error_errno(error, errno, "lock the trust store", dir);
    const char *path = (const char *)change->path.data;
    r = sb_file_read(&change->text, NULL, path, STORE_MAX, error);
    if (r == SEALBAG_ERR_NOT_FOUND && create)
        return 0;
    if (r == 0)
        r = sb_truststore_parse(&change->store, change->text.data, change->text.len, path, error);
    return r;
}

static int write_store(const struct change *change, const struct sb_buf *text,
                       struct sb_error *error)
{
    struct sb_output output;
    /* A store that is a link, as people keep their settings, stays one. */
    char *real = realpath((const char *)change->path.data, NULL);
    const char *path = real != NULL ? real : (const char *)change->path.data;
    int r = sb_output_open(&output, path, true, 0600, error);
    free(real);
    if (r == 0)
        r = sb_output_write(&output, text->data, text->len, error);
    if (r < 0) {
        sb_output_abort(&output);
        return r;
    }
    return sb_output_commit(&output, true, error);
}

static int read_public_key(struct sb_identity *out, const char *key_file, struct sb_error *error)
{
    struct sb_buf bytes = {0};
    int r = sb_file_read(&bytes, NULL, key_file, PUBLIC_KEY_MAX, error);
    if (r == 0) {
        struct sb_error inner = {0};
        r = sb_public_key_parse(out, bytes.data, bytes.len, &inner);
        if (r < 0) {
            char shown[400];
            r = sb_error_set(error, inner.code, "%s: %.1000s",
                             sealbag_text_escape(shown, sizeof(shown), key_file), inner.message);
        }
    }
    sb_buf_free(&bytes);
    return r;
}

static bool has_entry(const struct sb_truststore *store, const char *name,
                      const struct sb_identity *signer)
{
    const struct sb_trust_entry *entry;
    for (size_t at = 0; (entry = sb_truststore_find(store, signer, &at)) != NULL;) {
        if (strcmp(entry->name, name) == 0)
            return true;
    }
    return false;
}

static int check_name(const char *name, struct sb_error *error)
{
    const char *why = sb_truststore_name_bad(name);
    if (why == NULL)
        return 0;
    char shown[600];
    return sb_error_set(error, SEALBAG_ERR_USAGE,
                        "\"%s\" cannot be a name in the trust store: it %s. Use a name such as "
                        "maria@example.org.",
                        sealbag_text_escape(shown, sizeof(shown), name), why);
}

int sealbag_trust_add(bool *added, char fingerprint[SEALBAG_FINGERPRINT_SIZE], const char *dir,
                      const char *name, const char *key_file, struct sb_error *error)
{
    struct sb_identity signer;
    struct change change = {.lock = -1};
    *added = false;
    int r = check_name(name, error);
    if (r == 0)
        r = sb_sign_init(error);
    if (r == 0)
        r = read_public_key(&signer, key_file, error);
    if (r < 0)
        return r;
    sb_fingerprint_text(fingerprint, &signer);
    r = begin_change(&change, dir, true, error);
    if (r == 0 && !has_entry(&change.store, name, &signer)) {
        r = sb_truststore_append(&change.text, name, &signer) < 0 ? sb_error_memory(error) : 0;
        if (r == 0)
            r = write_store(&change, &change.text, error);
        *added = r == 0;
    }
    end_change(&change);
    return r;
}

int sealbag_trust_remove(size_t *removed, const char *dir, const char *name, struct sb_error *error)
{
    struct change change = {.lock = -1};
    struct sb_buf text = {0};
    *removed = 0;
    int r = begin_change(&change, dir, false, error);
    if (r == 0 &&
        sb_truststore_without(&text, removed, change.text.data, change.text.len, name) < 0)
        r = sb_error_memory(error);
    if (r == 0 && *removed == 0) {
        char shown[600];
        r = sb_error_set(
            error, SEALBAG_ERR_NOT_FOUND,
            "The trust store has no name \"%s\". See its names with sealbag trust list.",
            sealbag_text_escape(shown, sizeof(shown), name));
    }
    if (r == 0)
        r = write_store(&change, &text, error);
    sb_buf_free(&text);
    end_change(&change);
    return r;
}
