/* Do I trust the signer: counts of different keys, and names that were asked for. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "op/judge.h"

static int append_name(struct sb_buf *names, const char *name)
{
    return sb_buf_printf(names, "%s%s", names->len > 0 ? ", " : "", name);
}

int sb_key_trust(struct sb_key_trust *out, struct sb_arena *strings,
                 const struct sealbag_trust *trust, const struct sb_identity *signer, bool custody,
                 int64_t time)
{
    struct sb_buf good = {0}, all = {0};
    const struct sb_trust_entry *entry;
    int r = 0;
    *out = (struct sb_key_trust){.state = SEALBAG_TRUST_UNKNOWN};
    if (trust == NULL)
        return 0;
    for (size_t at = 0;
         r == 0 && (entry = sb_truststore_find(&trust->store, signer, &at)) != NULL;) {
        enum sealbag_trust_state state = sb_validity_state(&entry->valid, time);
        if (custody && entry->valid.no_custody)
            continue;
        r = append_name(&all, entry->name);
        if (r == 0 && state == SEALBAG_TRUST_TRUSTED)
            r = append_name(&good, entry->name);
        /* Of several that do not count, one that has expired says more. */
        if (out->state == SEALBAG_TRUST_UNKNOWN || state == SEALBAG_TRUST_EXPIRED)
            out->valid = entry->valid;
        if (out->state == SEALBAG_TRUST_UNKNOWN || state == SEALBAG_TRUST_EXPIRED || good.len > 0)
            out->state = good.len > 0 ? SEALBAG_TRUST_TRUSTED : state;
    }
    out->revocation = sb_revoked_find(&trust->revoked, signer, time);
    if (out->revocation != NULL)
        out->state = SEALBAG_TRUST_REVOKED;
    const struct sb_buf *names = out->state == SEALBAG_TRUST_TRUSTED ? &good : &all;
    if (r == 0 && names->len > 0) {
        out->names = sb_arena_copy(strings, names->data, names->len);
        r = out->names == NULL ? SEALBAG_ERR_MEMORY : 0;
    }
    sb_buf_free(&good);
    sb_buf_free(&all);
    return r;
}

/* Whether `name` is one of the key's names in the store at this time. The key is a trusted one. */
static bool key_has_name(const struct sealbag_trust *trust, const struct sealbag_signature *key,
                         const char *name, int64_t time)
{
    for (size_t i = 0; i < trust->store.count; i++) {
        const struct sb_trust_entry *entry = &trust->store.entries[i];
        if (strcmp(entry->name, name) == 0 &&
            sb_validity_state(&entry->valid, time) == SEALBAG_TRUST_TRUSTED &&
            memcmp(entry->signer.pk, key->key, SB_PK_SIZE) == 0)
            return true;
    }
    return false;
}

/* By the bytes of the key alone: who has it can make signatures of a security key, too, for any
 * number of applications. */
static bool is_among(const struct sealbag_signature *const *keys, size_t count,
                     const struct sealbag_signature *key)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(keys[i]->key, key->key, SB_PK_SIZE) == 0)
            return true;
    }
    return false;
}

/* Counts the different keys with a valid signature that is a seal, or that is not; a key that
 * signed in several forms is one. The trusted ones are added to keys[*trusted...]. */
static size_t count_keys(const struct sealbag_signature **keys, size_t *trusted,
                         const struct sb_judge *judge, bool seal,
                         const struct sealbag_signature **seen)
{
    size_t count = 0;
    for (size_t i = 0; i < judge->signatures.count; i++) {
        const struct sealbag_signature *signature = &judge->signatures.items[i];
        if (signature->state != SEALBAG_SIGNATURE_VALID || signature->seal != seal)
            continue;
        if (!is_among(seen, count, signature))
            seen[count++] = signature;
        if (signature->trust == SEALBAG_TRUST_TRUSTED && !is_among(keys, *trusted, signature))
            keys[(*trusted)++] = signature;
    }
    return count;
}

/* The keys that count, in `keys`. */
static int counted_keys(const struct sealbag_signature **keys, struct sb_judge *judge,
                        bool countersignatures)
{
    const struct sealbag_signature **seen =
        calloc(judge->signatures.count + 1, sizeof(struct sealbag_signature *));
    if (seen == NULL)
        return SEALBAG_ERR_MEMORY;
    size_t trusted = 0;
    judge->valid_seals = count_keys(keys, &trusted, judge, true, seen);
    judge->trusted_seals = judge->trusted_signers = trusted;
    judge->countersignatures = count_keys(keys, &trusted, judge, false, seen);
    if (countersignatures)
        judge->trusted_signers = trusted;
    free(seen);
    return 0;
}

/* A matching of demanded names to different keys, by augmenting paths. */
struct matching {
    const struct sealbag_trust *trust;
    const char *const *names;
    const struct sealbag_signature **keys;
    size_t key_count;
    size_t *owner; /* of each key: a name's index, or SIZE_MAX */
    bool *tried;
    int64_t time;
};

static bool give_key(struct matching *m, size_t name)
{
    for (size_t k = 0; k < m->key_count; k++) {
        if (m->tried[k] || !key_has_name(m->trust, m->keys[k], m->names[name], m->time))
            continue;
        m->tried[k] = true;
        if (m->owner[k] == SIZE_MAX || give_key(m, m->owner[k])) {
            m->owner[k] = name;
            return true;
        }
    }
    return false;
}

/* Whether a signature by that name is there and does not count as asked. */
static bool has_countersigned(const struct sb_judge *judge,
                              const struct sealbag_verify_options *options, const char *name)
{
    for (size_t i = 0; !options->count_countersignatures && i < judge->signatures.count; i++) {
        const struct sealbag_signature *signature = &judge->signatures.items[i];
        if (signature->state == SEALBAG_SIGNATURE_VALID && !signature->seal &&
            signature->trust == SEALBAG_TRUST_TRUSTED && options->trust != NULL &&
            key_has_name(options->trust, signature, name, options->time))
            return true;
    }
    return false;
}

static int match_signers(struct sb_judge *judge, const struct sealbag_verify_options *options,
                         const struct sealbag_signature **keys, struct sb_error *error)
{
    size_t key_count = judge->trusted_signers;
    size_t *owner = calloc(key_count + 1, sizeof(*owner));
    bool *tried = calloc(key_count + 1, sizeof(*tried));
    if (owner == NULL || tried == NULL) {
        free(owner);
        free(tried);
        return sb_error_memory(error);
    }
    struct matching m = {options->trust, options->signers, keys, key_count, owner,
                         tried,          options->time};
    for (size_t k = 0; k < key_count; k++)
        owner[k] = SIZE_MAX;
    for (size_t i = 0; i < options->signer_count; i++) {
        memset(tried, 0, key_count * sizeof(*tried));
        if (options->trust != NULL && give_key(&m, i))
            continue;
        char shown[600];
        sealbag_text_escape(shown, sizeof(shown), options->signers[i]);
        if (has_countersigned(judge, options, options->signers[i]))
            sb_findings_add(&judge->findings, SB_RULE_TRUST_SIGNER, NULL,
                            "\"%s\" has only countersigned this bag. If that is enough for you, "
                            "add --count-countersignatures.",
                            shown);
        else
            sb_findings_add(&judge->findings, SB_RULE_TRUST_SIGNER, NULL,
                            "\"%s\" has not sealed this bag: not with a key that you trust under "
                            "that name, or only with one that counts for another name here.",
                            shown);
    }
    free(owner);
    free(tried);
    return 0;
}

/* Keys are judged at a time that was asked for, or now. A seal that claims to be younger was not
 * there yet at that time, so what a key was worth then says little about it. */
static void check_time(struct sb_judge *judge, int64_t time)
{
    char sealed[SB_TIME_SIZE], judged[SB_TIME_SIZE];
    if (time <= 0 || judge->valid_seals == 0 || judge->seal.sealed <= time)
        return;
    sb_findings_add(&judge->findings, SB_RULE_TRUST_BEFORE_SEAL, SB_SEAL_TXT,
                    "The seal states that it was made at %s, which is later than %s, the time at "
                    "which its keys were judged. If you did not ask for that time (--at), a clock "
                    "was wrong: the signer's or yours.",
                    sb_time_format(sealed, judge->seal.sealed), sb_time_format(judged, time));
}

int sb_judge_trust(struct sb_judge *judge, const struct sealbag_verify_options *options,
                   struct sb_error *error)
{
    /* What is no bag at all is not an unsealed one either. */
    if (sb_findings_has(&judge->findings, SB_RULE_NOT_A_BAG) && !judge->sealed)
        return 0;
    if (!judge->sealed) {
        sb_findings_add(&judge->findings, SB_RULE_UNSIGNED, NULL,
                        "The bag is not sealed: nobody vouches for it, and anyone can have changed "
                        "it.");
        return 0;
    }
    const struct sealbag_signature **keys =
        calloc(judge->signatures.count + 1, sizeof(struct sealbag_signature *));
    if (keys == NULL)
        return sb_error_memory(error);
    size_t required = options->require > 0 ? options->require : 1;
    int r = counted_keys(keys, judge, options->count_countersignatures) < 0
                ? sb_error_memory(error)
                : match_signers(judge, options, keys, error);
    const char *done = options->count_countersignatures ? "signed" : "sealed";
    if (r == 0 && judge->trusted_signers < required && judge->trusted_signers == 0)
        sb_findings_add(&judge->findings, SB_RULE_TRUST_TOO_FEW, NULL,
                        "Nobody whom you trust has %s it (and %zu must have).", done, required);
    else if (r == 0 && judge->trusted_signers < required)
        sb_findings_add(&judge->findings, SB_RULE_TRUST_TOO_FEW, NULL,
                        "Only %zu of the %zu trusted signers that you asked for %s %s it.",
                        judge->trusted_signers, required,
                        judge->trusted_signers == 1 ? "has" : "have", done);
    free(keys);
    if (r == 0)
        check_time(judge, options->time);
    return r;
}
