/* Changes of a trust store: a name more or less, a key revoked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bag/twins.h"
#include "base/file.h"
#include "base/text.h"
#include "op/trust_store.h"
#include "sign/sshkey.h"

enum { PUBLIC_KEY_MAX = 16384 };

/* From the file or, when that is NULL, the text. `shown`: what it is called. */
static int read_public_key(struct sb_identity *out, char shown[400], const char *file,
                           const char *text, struct sb_error *error)
{
    struct sb_buf bytes = {0};
    struct sb_error inner = {0};
    int r = 0;
    snprintf(shown, 400, "the key");
    if (file != NULL) {
        sealbag_text_escape(shown, 400, file);
        r = sb_file_read(&bytes, NULL, file, PUBLIC_KEY_MAX, error);
    } else if (sb_buf_puts(&bytes, text) < 0) {
        r = sb_error_memory(error);
    }
    if (r == 0) {
        r = sb_public_key_parse(out, bytes.data, bytes.len, &inner);
        if (r < 0)
            r = sb_error_set(error, inner.code, "%s: %.1000s", shown, inner.message);
    }
    sb_buf_free(&bytes);
    return r;
}

/* It must be the one that was compared. */
static int read_compared_key(struct sb_identity *out, const struct sealbag_trust_adding *adding,
                             struct sb_error *error)
{
    char shown[400], fingerprint[SEALBAG_FINGERPRINT_SIZE];
    int r = read_public_key(out, shown, adding->key_file, adding->key, error);
    if (r < 0 || adding->fingerprint == NULL)
        return r;
    sb_fingerprint_text(fingerprint, out);
    if (strcmp(fingerprint, adding->fingerprint) == 0)
        return 0;
    return sb_error_set(
        error, SEALBAG_ERR_KEY,
        "%s has the fingerprint %s, which is not the one that you gave: it is another "
        "key, and nothing was added. Compare again with its owner.",
        shown, fingerprint);
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

static int check_dates(const struct sb_validity *valid, struct sb_error *error)
{
    if (valid->after < 0 || valid->before < 0 ||
        (valid->after != 0 && valid->before != 0 && valid->before <= valid->after))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "A key cannot end to be valid before it begins to be.");
    return 0;
}

/* The key is revoked: no name makes it good again. */
static int refuse_revoked(const struct sb_revocation *revocation, const char *fingerprint,
                          struct sb_error *error)
{
    char on[SB_TIME_SIZE], shown[1200];
    return sb_error_rule(
        error, SEALBAG_ERR_TRUST, "trust.revoked",
        "The key %s was revoked on %s (%.1000s), so it is not added. Ask its owner "
        "for the new key.",
        fingerprint, sb_time_format(on, revocation->on),
        sealbag_text_escape(shown, sizeof(shown), revocation->reason));
}

/* A key counts under any of its lines, so a second one with narrower dates would do nothing. */
static int refuse_other_dates(const struct sealbag_trust_adding *adding, struct sb_error *error)
{
    char shown[600];
    return sb_error_set(error, SEALBAG_ERR_EXISTS,
                        "\"%s\" has this key in the trust store already, with other dates, and "
                        "these would not replace them. Remove the name first with sealbag trust "
                        "remove.",
                        sealbag_text_escape(shown, sizeof(shown), adding->name));
}

static bool confirmed(const struct sealbag_trust_adding *adding, const struct sb_buf *line)
{
    struct sealbag_trust more = {0};
    if (adding->confirm == NULL)
        return true;
    bool yes = sb_truststore_parse(&more.store, line->data, line->len, "", NULL) == 0 &&
               adding->confirm(adding->confirm_context, &more, NULL);
    sb_truststore_free(&more.store);
    return yes;
}

/* Two names that look the same would be taken for one person. */
static int refuse_twin(const struct sb_truststore *store, const char *name, struct sb_error *error)
{
    for (size_t i = 0; i < store->count; i++) {
        const char *old = store->entries[i].name;
        char shown[600];
        if (strcmp(old, name) != 0 && sb_twins_same(old, name))
            return sb_error_set(error, SEALBAG_ERR_EXISTS,
                                "The trust store has the name \"%s\", which differs only in upper "
                                "and lower case or in the form of its characters. Give this key "
                                "that very name, as sealbag trust list shows it, or another one.",
                                sealbag_text_escape(shown, sizeof(shown), old));
    }
    return 0;
}

static int add_entry(struct sb_trust_change *change, const struct sealbag_trust_adding *adding,
                     const struct sb_identity *signer, const struct sb_validity *valid,
                     struct sb_error *error)
{
    struct sb_buf line = {0};
    struct sb_buf *text = &change->files.signers_text;
    int r = sb_truststore_append(&line, adding->name, signer, valid);
    bool wanted = r == 0 && confirmed(adding, &line);
    sb_buf_free(&line);
    if (r == 0 && !wanted)
        return sb_error_set(error, SEALBAG_ERR_CANCELLED, "Nothing was added, as you said.");
    if (r < 0 || sb_truststore_append(text, adding->name, signer, valid) < 0)
        return sb_error_memory(error);
    return sb_trust_write_signers(change, text, error);
}

int sealbag_trust_add_key(bool *added, char fingerprint[SEALBAG_FINGERPRINT_SIZE],
                          const struct sealbag_trust_adding *adding, struct sb_error *error)
{
    struct sb_identity signer;
    const struct sb_validity valid = {.after = adding->valid_after, .before = adding->valid_before};
    struct sb_trust_change change = {.lock = -1};
    *added = false;
    int r = check_name(adding->name, error);
    if (r == 0)
        r = check_dates(&valid, error);
    if (r == 0)
        r = sb_sign_init(error);
    if (r == 0)
        r = read_compared_key(&signer, adding, error);
    if (r < 0)
        return r;
    sb_fingerprint_text(fingerprint, &signer);
    r = sb_trust_change_begin(&change, adding->dir, true, error);
    const struct sealbag_trust *trust = &change.files.trust;
    const struct sb_trust_entry *entry =
        r == 0 ? sb_trust_entry_of(&trust->store, adding->name, &signer, &valid) : NULL;
    const struct sb_revocation *revocation =
        r == 0 ? sb_revoked_strictest(&trust->revoked, &signer) : NULL;
    if (revocation != NULL)
        r = refuse_revoked(revocation, fingerprint, error);
    else if (entry != NULL && !sb_validity_same(&entry->valid, &valid))
        r = refuse_other_dates(adding, error);
    else if (r == 0 && entry == NULL) {
        r = refuse_twin(&trust->store, adding->name, error);
        if (r == 0)
            r = add_entry(&change, adding, &signer, &valid, error);
        *added = r == 0;
    }
    sb_trust_change_end(&change);
    return r;
}

int sealbag_trust_add(bool *added, char fingerprint[SEALBAG_FINGERPRINT_SIZE], const char *dir,
                      const char *name, const char *key_file, struct sb_error *error)
{
    const struct sealbag_trust_adding adding = {.dir = dir, .name = name, .key_file = key_file};
    return sealbag_trust_add_key(added, fingerprint, &adding, error);
}

static int no_such_name(const char *name, struct sb_error *error)
{
    char shown[600];
    return sb_error_set(error, SEALBAG_ERR_NOT_FOUND,
                        "The trust store has no name \"%s\". See what it has with sealbag trust "
                        "list.",
                        sealbag_text_escape(shown, sizeof(shown), name));
}

int sealbag_trust_remove(size_t *removed, const char *dir, const char *name, struct sb_error *error)
{
    struct sb_trust_change change = {.lock = -1};
    struct sb_buf text = {0};
    *removed = 0;
    int r = sb_trust_change_begin(&change, dir, false, error);
    const struct sb_buf *before = &change.files.signers_text;
    if (r == 0 && sb_truststore_without(&text, removed, before->data, before->len, name) < 0)
        r = sb_error_memory(error);
    if (r == 0 && *removed == 0)
        r = no_such_name(name, error);
    if (r == 0)
        r = sb_trust_write_signers(&change, &text, error);
    sb_buf_free(&text);
    sb_trust_change_end(&change);
    return r;
}

/* ---- revoking --------------------------------------------------------------------------- */

struct keys {
    struct sb_identity *items;
    size_t count, cap;
};

static int take_key(struct keys *keys, const struct sb_identity *signer)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (sb_identity_equal(&keys->items[i], signer))
            return 0;
    }
    struct sb_identity *items = sb_array_grow(keys->items, &keys->cap, keys->count, sizeof(*items));
    if (items == NULL)
        return SEALBAG_ERR_MEMORY;
    keys->items = items;
    items[keys->count++] = *signer;
    return 0;
}

static int take_key_file(struct keys *keys, const char *file, struct sb_error *error)
{
    struct sb_identity signer;
    char shown[400];
    int r = read_public_key(&signer, shown, file, NULL, error);
    return r == 0 && take_key(keys, &signer) < 0 ? sb_error_memory(error) : r;
}

/* The keys of a name, or the key of a fingerprint, be it trusted or revoked. */
static int find_keys(struct keys *keys, const struct sealbag_trust *trust, const char *who,
                     struct sb_error *error)
{
    uint8_t wanted[32], found[32];
    bool is_key = sb_fingerprint_parse(wanted, who, strlen(who));
    int r = 0;
    for (size_t i = 0; r == 0 && i < trust->store.count; i++) {
        const struct sb_trust_entry *entry = &trust->store.entries[i];
        sb_fingerprint_bytes(found, &entry->signer);
        if (is_key ? memcmp(found, wanted, sizeof(found)) == 0 : strcmp(entry->name, who) == 0)
            r = take_key(keys, &entry->signer);
    }
    for (size_t i = 0; r == 0 && is_key && i < trust->revoked.count; i++) {
        sb_fingerprint_bytes(found, &trust->revoked.items[i].signer);
        if (memcmp(found, wanted, sizeof(found)) == 0)
            r = take_key(keys, &trust->revoked.items[i].signer);
    }
    if (r < 0)
        return sb_error_memory(error);
    if (keys->count > 0)
        return 0;
    char shown[600];
    return sb_error_set(error, SEALBAG_ERR_NOT_FOUND,
                        "The trust store has no name or key \"%s\". See what it has with sealbag "
                        "trust list. A key that it does not have is revoked with sealbag trust "
                        "revoke --key KEY.pub.",
                        sealbag_text_escape(shown, sizeof(shown), who));
}

static int check_revoking(const struct sealbag_trust_revoking *revoking, struct sb_error *error)
{
    const char *why = sb_revoked_reason_bad(revoking->reason);
    if (why != NULL)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The reason of a revocation %s. Write it as a short text, such as "
                            "\"laptop stolen\".",
                            why);
    if (revoking->now <= 0 || revoking->since < 0)
        return sb_error_set(error, SEALBAG_ERR_USAGE, "A revocation needs a date.");
    return sb_sign_init(error);
}

/* Fills what was and what will be revoked, and adds the lines to the file's text. */
static int revoke_keys(struct sealbag_revoked_key *out, size_t *added,
                       struct sb_trust_change *change, const struct keys *keys,
                       const struct sealbag_trust_revoking *revoking)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < keys->count; i++) {
        const struct sb_revocation *old =
            sb_revoked_strictest(&change->files.trust.revoked, &keys->items[i]);
        const struct sb_revocation one = {.signer = keys->items[i],
                                          .on = revoking->now,
                                          .since = revoking->since,
                                          .reason = revoking->reason};
        sb_fingerprint_text(out[i].fingerprint, &keys->items[i]);
        out[i].before = old != NULL && old->since <= revoking->since;
        if (!out[i].before) {
            r = sb_revoked_append(&change->files.revoked_text, &one);
            ++*added;
        }
    }
    return r;
}

int sealbag_trust_revoke(struct sealbag_revoked_key **out, size_t *count,
                         const struct sealbag_trust_revoking *revoking, struct sb_error *error)
{
    struct sb_trust_change change = {.lock = -1};
    struct keys keys = {0};
    size_t added = 0;
    *out = NULL;
    *count = 0;
    int r = check_revoking(revoking, error);
    if (r == 0 && revoking->key_file != NULL)
        r = take_key_file(&keys, revoking->key_file, error);
    if (r < 0)
        return r;
    r = sb_trust_change_begin(&change, revoking->dir, revoking->key_file != NULL, error);
    if (r == 0 && revoking->key_file == NULL)
        r = find_keys(&keys, &change.files.trust, revoking->who, error);
    if (r == 0) {
        *out = calloc(keys.count + 1, sizeof(**out));
        if (*out == NULL || revoke_keys(*out, &added, &change, &keys, revoking) < 0)
            r = sb_error_memory(error);
    }
    if (r == 0 && added > 0)
        r = sb_trust_write_revoked(&change, &change.files.revoked_text, error);
    if (r == 0) {
        *count = keys.count;
    } else {
        free(*out);
        *out = NULL;
    }
    free(keys.items);
    sb_trust_change_end(&change);
    return r;
}
