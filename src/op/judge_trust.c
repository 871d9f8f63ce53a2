/* Do I trust the signer: counts of different keys, and names that were asked for. */
#include <stdlib.h>
#include <string.h>

#include "op/judge.h"

/* Whether `name` is one of the key's names in the store. */
static bool key_has_name(const struct sealbag_trust *trust, const char *fingerprint,
                         const char *name)
{
    for (size_t i = 0; i < sealbag_trust_count(trust); i++) {
        char text[SEALBAG_FINGERPRINT_SIZE];
        const char *entry = sealbag_trust_entry(text, trust, i);
        if (strcmp(text, fingerprint) == 0 && strcmp(entry, name) == 0)
            return true;
    }
    return false;
}

/* The different keys with a valid seal; a key that signed as minisign and as SSHSIG is one. */
static size_t sealing_keys(const char **keys, struct sb_judge *judge)
{
    size_t count = 0;
    for (size_t i = 0; i < judge->signatures.count; i++) {
        const struct sealbag_signature *signature = &judge->signatures.items[i];
        if (signature->state != SEALBAG_SIGNATURE_VALID)
            continue;
        if (!signature->seal) {
            judge->countersignatures++;
            continue;
        }
        bool seen = false;
        for (size_t k = 0; k < count; k++)
            seen = seen || strcmp(keys[k], signature->fingerprint) == 0;
        if (seen)
            continue;
        keys[count++] = signature->fingerprint;
        if (signature->trusted_as != NULL)
            judge->trusted_seals++;
    }
    judge->valid_seals = count;
    return count;
}

/* A matching of demanded names to different keys, by augmenting paths. */
struct matching {
    const struct sealbag_trust *trust;
    const char *const *names;
    const char **keys;
    size_t key_count;
    size_t *owner; /* of each key: a name's index, or SIZE_MAX */
    bool *tried;
};

static bool give_key(struct matching *m, size_t name)
{
    for (size_t k = 0; k < m->key_count; k++) {
        if (m->tried[k] || !key_has_name(m->trust, m->keys[k], m->names[name]))
            continue;
        m->tried[k] = true;
        if (m->owner[k] == SIZE_MAX || give_key(m, m->owner[k])) {
            m->owner[k] = name;
            return true;
        }
    }
    return false;
}

static int match_signers(struct sb_judge *judge, const struct sealbag_verify_options *options,
                         const char **keys, size_t key_count, struct sb_error *error)
{
    size_t *owner = calloc(key_count + 1, sizeof(*owner));
    bool *tried = calloc(key_count + 1, sizeof(*tried));
    if (owner == NULL || tried == NULL) {
        free(owner);
        free(tried);
        return sb_error_memory(error);
    }
    struct matching m = {options->trust, options->signers, keys, key_count, owner, tried};
    for (size_t k = 0; k < key_count; k++)
        owner[k] = SIZE_MAX;
    for (size_t i = 0; i < options->signer_count; i++) {
        memset(tried, 0, key_count * sizeof(*tried));
        if (options->trust != NULL && give_key(&m, i))
            continue;
        char shown[600];
        sb_findings_add(&judge->findings, SB_RULE_TRUST_SIGNER, NULL,
                        "\"%s\" has not sealed this bag with a key that your trust store has for "
                        "that name (and that no other name here needs).",
                        sealbag_text_escape(shown, sizeof(shown), options->signers[i]));
    }
    free(owner);
    free(tried);
    return 0;
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
    const char **keys = calloc(judge->signatures.count + 1, sizeof(*keys));
    if (keys == NULL)
        return sb_error_memory(error);
    size_t count = sealing_keys(keys, judge);
    size_t required = options->require > 0 ? options->require : 1;
    int r = match_signers(judge, options, keys, count, error);
    if (judge->trusted_seals < required)
        sb_findings_add(&judge->findings, SB_RULE_TRUST_TOO_FEW, NULL,
                        "%zu of the %zu trusted %s asked for %s sealed it.", judge->trusted_seals,
                        required, required == 1 ? "signer" : "signers",
                        judge->trusted_seals == 1 ? "has" : "have");
    free(keys);
    return r;
}
