#include "sign/truststore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sign/sshkey.h"
#include "sign/store_options.h"

/* The key types that ssh(1) reads in allowed_signers, without certificates: OpenSSH would match
 * the plain key inside of one, so a line with one could stand for a seal and is refused. */
static const char *const other_types[] = {
    "ssh-rsa",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
};

/* One line, cut into its fields. */
struct fields {
    struct sb_span indent, principals, options, type, base64;
    struct sb_span rest; /* from the end of the principals on */
};

const char *sb_truststore_name_bad(const char *name)
{
    return sb_store_name_bad((struct sb_span){name, strlen(name)});
}

/* ---- lines ----------------------------------------------------------------------------- */

static bool is_other_type(struct sb_span word)
{
    for (size_t i = 0; i < sizeof(other_types) / sizeof(other_types[0]); i++) {
        if (sb_span_is(word, other_types[i]))
            return true;
    }
    return false;
}

static bool is_type(struct sb_span word)
{
    return sb_span_is(word, SB_SSH_PLAIN) || sb_span_is(word, SB_SSH_FIDO) || is_other_type(word);
}

/* False for a line without an entry. */
static bool split_line(struct fields *out, struct sb_span line)
{
    *out = (struct fields){0};
    struct sb_span rest = line;
    out->indent = sb_store_take_spaces(&rest);
    if (rest.len == 0 || rest.at[0] == '#')
        return false;
    out->principals = sb_store_take_word(&rest);
    out->rest = rest;
    sb_store_take_spaces(&rest);
    out->type = sb_store_take_word(&rest);
    sb_store_take_spaces(&rest);
    if (!is_type(out->type)) {
        out->options = out->type;
        out->type = sb_store_take_word(&rest);
        sb_store_take_spaces(&rest);
    }
    out->base64 = sb_store_take_word(&rest);
    return true;
}

/* ---- parsing --------------------------------------------------------------------------- */

static int add_entry(struct sb_truststore *store, const struct sb_store_place *place,
                     struct sb_span name, const struct sb_identity *signer,
                     const struct sb_validity *valid)
{
    struct sb_trust_entry *entries =
        sb_array_grow(store->entries, &store->cap, store->count, sizeof(*entries));
    if (entries == NULL)
        return sb_error_memory(place->error);
    store->entries = entries;
    char *copy = sb_arena_copy(&store->strings, name.at, name.len);
    if (copy == NULL)
        return sb_error_memory(place->error);
    struct sb_trust_entry *entry = &entries[store->count++];
    *entry = (struct sb_trust_entry){
        .name = copy, .signer = *signer, .valid = *valid, .line = place->line};
    return 0;
}

static int check_names(const struct sb_store_place *place, struct sb_span names)
{
    for (bool more = true; more;) {
        more = names.len > 0 && memchr(names.at, ',', names.len) != NULL;
        struct sb_span name = sb_span_take(&names, ',');
        const char *bad = sb_store_name_bad(name);
        char after[128];
        if (bad == NULL)
            continue;
        snprintf(after, sizeof(after), " %s", bad);
        return sb_store_refuse_text(place, "the name ", name, after,
                                    "Correct the name, or remove the line.");
    }
    return 0;
}

static int parse_line(struct sb_truststore *store, const struct sb_store_place *place,
                      struct sb_span line)
{
    struct fields fields;
    int r = sb_store_check_line(place, line);
    if (r < 0 || !split_line(&fields, line))
        return r;
    bool ours = false;
    struct sb_validity valid = {0};
    struct sb_identity signer = {0};
    r = check_names(place, fields.principals);
    if (r == 0 && !is_type(fields.type))
        r = sb_store_refuse(place, "there is no key of a known type, such as ssh-ed25519",
                            SB_STORE_CORRECT);
    if (r == 0)
        r = sb_store_options(&ours, &valid, place, fields.options);
    if (r == 0)
        r = sb_store_read_key(&signer, place, fields.type, fields.base64);
    bool use = ours && !is_other_type(fields.type);
    struct sb_span names = fields.principals;
    while (r == 0 && use && names.len > 0)
        r = add_entry(store, place, sb_span_take(&names, ','), &signer, &valid);
    return r;
}

int sb_truststore_parse(struct sb_truststore *out, const uint8_t *bytes, size_t len,
                        const char *file, struct sb_error *error)
{
    struct sb_truststore store = {0};
    struct sb_store_place place;
    struct sb_span text, line;
    int r = sb_store_start(&place, &text, bytes, len, file, error);
    for (; r == 0 && sb_store_next(&line, &text); place.line++)
        r = parse_line(&store, &place, line);
    if (r < 0)
        sb_truststore_free(&store);
    else
        *out = store;
    return r;
}

void sb_truststore_free(struct sb_truststore *store)
{
    free(store->entries);
    sb_arena_free(&store->strings);
    *store = (struct sb_truststore){0};
}

/* ---- changing -------------------------------------------------------------------------- */

int sb_truststore_append(struct sb_buf *text, const char *name, const struct sb_identity *signer,
                         const struct sb_validity *valid)
{
    if (sb_truststore_name_bad(name) != NULL)
        return SEALBAG_ERR_USAGE;
    size_t before = text->len;
    int r = 0;
    if (text->len > 0 && text->data[text->len - 1] != '\n')
        r = sb_buf_puts(text, "\n");
    if (r == 0)
        r = sb_buf_printf(text, "%s ", name);
    if (r == 0)
        r = sb_store_options_append(text, valid);
    if (r == 0)
        r = sb_buf_puts(text, " ");
    if (r == 0)
        r = sb_sshkey_format(text, signer);
    if (r == 0)
        r = sb_buf_puts(text, "\n");
    if (r < 0)
        text->len = before;
    return r;
}

/* Appends the line (with its end, if it has one) as far as it is of others. */
static int copy_others(struct sb_buf *out, size_t *removed, struct sb_span line, size_t ends,
                       const char *name)
{
    struct fields fields;
    if (!split_line(&fields, line))
        return sb_buf_append(out, line.at, line.len + ends);
    size_t kept = 0;
    struct sb_span names = fields.principals;
    int r = 0;
    for (bool more = true; r == 0 && more;) {
        more = memchr(names.at, ',', names.len) != NULL;
        struct sb_span one = sb_span_take(&names, ',');
        if (sb_span_is(one, name)) {
            ++*removed;
            continue;
        }
        if (kept++ == 0)
            r = sb_buf_append(out, fields.indent.at, fields.indent.len);
        else
            r = sb_buf_puts(out, ",");
        if (r == 0)
            r = sb_buf_append(out, one.at, one.len);
    }
    if (r == 0 && kept > 0)
        r = sb_buf_append(out, fields.rest.at, fields.rest.len + ends);
    return r;
}

int sb_truststore_without(struct sb_buf *out, size_t *removed, const uint8_t *bytes, size_t len,
                          const char *name)
{
    struct sb_truststore store = {0};
    int r = sb_truststore_parse(&store, bytes, len, "", NULL);
    sb_truststore_free(&store);
    size_t before = out->len;
    struct sb_span text = {(const char *)bytes, len};
    struct sb_span line;
    *removed = 0;
    while (r == 0 && sb_store_next(&line, &text)) {
        /* only the last line may have no end, and then nothing follows it */
        size_t ends = text.at > line.at + line.len ? 1 : 0;
        r = copy_others(out, removed, line, ends, name);
    }
    if (r < 0)
        out->len = before;
    return r;
}

/* ---- finding --------------------------------------------------------------------------- */

enum sealbag_trust_state sb_validity_state(const struct sb_validity *valid, int64_t time)
{
    if (valid->after != 0 && time < valid->after)
        return SEALBAG_TRUST_NOT_YET_VALID;
    if (valid->before != 0 && (time <= 0 || time > valid->before))
        return SEALBAG_TRUST_EXPIRED;
    return SEALBAG_TRUST_TRUSTED;
}

const struct sb_trust_entry *sb_truststore_find(const struct sb_truststore *store,
                                                const struct sb_identity *signer, size_t *at)
{
    while (*at < store->count) {
        const struct sb_trust_entry *entry = &store->entries[(*at)++];
        if (sb_identity_equal(&entry->signer, signer))
            return entry;
    }
    return NULL;
}

const struct sb_identity *sb_truststore_key_by_name(const struct sb_truststore *store,
                                                    const char fp_name[SB_FP_NAME_SIZE])
{
    char name[SB_FP_NAME_SIZE];
    for (size_t i = 0; i < store->count; i++) {
        sb_fingerprint_name(name, &store->entries[i].signer);
        if (memcmp(name, fp_name, SB_FP_NAME_SIZE - 1) == 0)
            return &store->entries[i].signer;
    }
    return NULL;
}
