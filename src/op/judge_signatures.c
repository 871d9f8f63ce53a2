/* Is it signed: every signature file in seal/, over the very bytes of seal.txt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "op/judge.h"
#include "sign/minisign.h"
#include "sign/sshkey.h"

/* One signature file while it is judged. */
struct candidate {
    const struct sb_kept *kept;
    char fp_name[SB_FP_NAME_SIZE];
    bool ssh;
    struct sb_minisign_signature minisign;
    struct sb_sshsig sshsig;
    struct sb_identity own;           /* the key that a minisign signature holds */
    const struct sb_identity *signer; /* NULL: not known */
};

static struct sealbag_signature *add_signature(struct sb_judge *judge, struct sb_error *error)
{
    struct sb_signature_list *list = &judge->signatures;
    struct sealbag_signature *items =
        sb_array_grow(list->items, &list->cap, list->count, sizeof(*items));
    if (items == NULL) {
        sb_error_memory(error);
        return NULL;
    }
    list->items = items;
    items[list->count] = (struct sealbag_signature){0};
    return &items[list->count++];
}

/* Parses and finds the public key. False after a finding: it will not be verified. */
static bool prepare(struct sb_judge *judge, struct candidate *candidate,
                    const struct sealbag_trust *trust)
{
    const struct sb_buf *bytes = &candidate->kept->bytes;
    struct sb_error error = {0};
    char fp_name[SB_FP_NAME_SIZE];
    int r;
    if (candidate->ssh) {
        r = sb_sshsig_parse(&candidate->sshsig, SB_SSH_NAMESPACE, bytes->data, bytes->len, &error);
        candidate->signer = &candidate->sshsig.signer;
    } else {
        r = sb_minisign_signature_parse(&candidate->minisign, bytes->data, bytes->len, &error);
        if (r == 0 && !sb_minisign_signature_is_for(&candidate->minisign, NULL))
            r = sb_rule_error(&error, SB_RULE_SIGNATURE_SYNTAX,
                              "It was made for another purpose (its comment names a role).");
        sb_identity_plain(&candidate->own, candidate->minisign.key.pk);
        candidate->signer = candidate->minisign.has_key ? &candidate->own : NULL;
    }
    if (r == SEALBAG_ERR_UNSUPPORTED) {
        sb_findings_add(&judge->findings, SB_RULE_SIGNATURE_KEYLESS, candidate->kept->path, "%s",
                        error.message);
        candidate->signer = NULL;
        return true;
    }
    if (r < 0) {
        sb_findings_add(&judge->findings, SB_RULE_SIGNATURE_SYNTAX, candidate->kept->path,
                        "This signature file is malformed: %s", error.message);
        return false;
    }
    if (candidate->signer == NULL && trust != NULL)
        candidate->signer = sb_truststore_key_by_name(&trust->store, candidate->fp_name);
    if (candidate->signer == NULL) {
        sb_findings_add(&judge->findings, SB_RULE_SIGNATURE_KEYLESS, candidate->kept->path,
                        "This signature cannot be checked: its key is neither in it nor in your "
                        "trust store.");
        return true;
    }
    sb_fingerprint_name(fp_name, candidate->signer);
    if (strcmp(fp_name, candidate->fp_name) != 0) {
        sb_findings_add(&judge->findings, SB_RULE_SIGNATURE_NAME, candidate->kept->path,
                        "This signature file has the name of another key.");
        return false;
    }
    return true;
}

static bool holds(const struct candidate *candidate, const struct sb_buf *seal_text)
{
    if (candidate->ssh)
        return sb_sshsig_verify(&candidate->sshsig, SB_SSH_NAMESPACE, seal_text->data,
                                seal_text->len);
    /* A FIDO key, found by the file's name, makes no such signatures. */
    return !sb_identity_is_fido(candidate->signer) &&
           sb_minisign_signature_verify(&candidate->minisign, candidate->signer->pk,
                                        seal_text->data, seal_text->len);
}

/* "maria's key SHA256:... " for a sentence. */
static void describe_key(char *out, size_t size, const struct sealbag_signature *signature)
{
    char shown[400];
    if (signature->known_as == NULL)
        snprintf(out, size, "The key %s", signature->fingerprint);
    else
        snprintf(out, size, "The key %s (%s in your trust store)", signature->fingerprint,
                 sealbag_text_escape(shown, sizeof(shown), signature->known_as));
}

static void tell_revoked(struct sb_judge *judge, const char *path, const char *key,
                         const struct sb_revocation *revocation)
{
    char on[SB_TIME_SIZE], since[SB_TIME_SIZE], reason[2100];
    sb_time_format(on, revocation->on);
    sealbag_text_escape(reason, sizeof(reason), revocation->reason);
    if (revocation->since == 0) {
        sb_findings_add(&judge->findings, SB_RULE_TRUST_REVOKED, path,
                        "%s was revoked on %s: %s. The signature is valid, but it counts for "
                        "nothing, whenever it was made.",
                        key, on, reason);
        return;
    }
    sb_time_format(since, revocation->since);
    bool claims_before = judge->seal.sealed < revocation->since;
    sb_findings_add(&judge->findings, SB_RULE_TRUST_REVOKED, path,
                    "%s was revoked on %s, since %s: %s. The signature is valid, but it counts for "
                    "nothing%s.",
                    key, on, since, reason,
                    claims_before ? ": the seal says that it is older, which proves nothing, since "
                                    "whoever has the key can write any time"
                                  : "");
}

/* What there is to say of a valid signature's key. */
static void tell_trust(struct sb_judge *judge, const char *path,
                       const struct sealbag_signature *signature, const struct sb_key_trust *trust,
                       int64_t time)
{
    char key[600], at[SB_TIME_SIZE], limit[SB_TIME_SIZE];
    describe_key(key, sizeof(key), signature);
    const char *now = time > 0 ? sb_time_format(at, time) : "a time that was not given";
    switch (trust->state) {
    case SEALBAG_TRUST_TRUSTED:
        break;
    case SEALBAG_TRUST_UNKNOWN:
        sb_findings_add(&judge->findings, SB_RULE_TRUST_UNKNOWN, path,
                        "The key %s is not in your trust store: the signature is valid, but it "
                        "does not tell whose it is.",
                        signature->fingerprint);
        break;
    case SEALBAG_TRUST_NOT_YET_VALID:
        sb_findings_add(&judge->findings, SB_RULE_TRUST_NOT_YET, path,
                        "%s is valid from %s on, and is judged at %s: its signature does not count "
                        "yet.",
                        key, sb_time_format(limit, trust->valid.after), now);
        break;
    case SEALBAG_TRUST_EXPIRED:
        sb_findings_add(&judge->findings, SB_RULE_TRUST_EXPIRED, path,
                        "%s was valid until %s, and is judged at %s: its signature does not count. "
                        "When it sealed is only its own claim.",
                        key, sb_time_format(limit, trust->valid.before), now);
        break;
    case SEALBAG_TRUST_REVOKED:
        tell_revoked(judge, path, key, trust->revocation);
        break;
    }
}

/* So that whoever compares the fingerprint can trust the very key that signed. */
static int write_key(const char **out, struct sb_judge *judge, const struct sb_identity *signer)
{
    struct sb_buf line = {0};
    int r = sb_sshkey_format(&line, signer);
    *out = r == 0 ? sb_arena_copy(&judge->strings, line.data, line.len) : NULL;
    sb_buf_free(&line);
    return *out != NULL ? 0 : SEALBAG_ERR_MEMORY;
}

static bool is_signer(const struct sb_judge *judge, const char *fingerprint)
{
    for (size_t i = 0; i < judge->seal.signer_count; i++) {
        if (strcmp(judge->seal.signers[i], fingerprint) == 0)
            return true;
    }
    return false;
}

static int judge_one(struct sb_judge *judge, struct candidate *candidate,
                     const struct sb_buf *seal_text, const struct sealbag_verify_options *options,
                     struct sb_error *error)
{
    bool prepared = prepare(judge, candidate, options->trust);
    struct sealbag_signature *signature = add_signature(judge, error);
    if (signature == NULL)
        return SEALBAG_ERR_MEMORY;
    signature->kind = candidate->ssh ? "sshsig" : "minisign";
    if (!prepared) {
        signature->state = SEALBAG_SIGNATURE_INVALID;
        return 0;
    }
    if (candidate->signer == NULL) {
        signature->state = SEALBAG_SIGNATURE_NOT_CHECKABLE;
        return 0;
    }
    sb_fingerprint_text(signature->fingerprint, candidate->signer);
    memcpy(signature->key, candidate->signer->pk, SB_PK_SIZE);
    signature->seal = is_signer(judge, signature->fingerprint);
    signature->state = SEALBAG_SIGNATURE_VALID;
    if (!holds(candidate, seal_text)) {
        signature->state = SEALBAG_SIGNATURE_INVALID;
        sb_findings_add(&judge->findings, SB_RULE_SIGNATURE_BAD, candidate->kept->path,
                        "This signature does not belong to this seal: one of them was altered or "
                        "comes from another bag.");
        return 0;
    }
    struct sb_key_trust trust;
    if (sb_key_trust(&trust, &judge->strings, options->trust, candidate->signer, false,
                     options->time) < 0)
        return sb_error_memory(error);
    signature->trust = trust.state;
    signature->known_as = trust.names;
    signature->trusted_as = trust.state == SEALBAG_TRUST_TRUSTED ? trust.names : NULL;
    if (write_key(&signature->public_key, judge, candidate->signer) < 0)
        return sb_error_memory(error);
    tell_trust(judge, candidate->kept->path, signature, &trust, options->time);
    return 0;
}

static bool has_signature(const struct sb_judge *judge, const char *fingerprint,
                          enum sealbag_signature_state state)
{
    for (size_t i = 0; i < judge->signatures.count; i++) {
        const struct sealbag_signature *signature = &judge->signatures.items[i];
        if (signature->state == state && strcmp(signature->fingerprint, fingerprint) == 0)
            return true;
    }
    return false;
}

/* The names that a key has in the trust store, of which only its fingerprint is known. */
static int name_missing(struct sealbag_signature *signature, struct sb_judge *judge,
                        const char *fp_name, const struct sealbag_verify_options *options)
{
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    struct sb_key_trust trust;
    const struct sb_identity *key =
        options->trust != NULL ? sb_truststore_key_by_name(&options->trust->store, fp_name) : NULL;
    if (key == NULL)
        return 0;
    sb_fingerprint_text(fingerprint, key);
    if (strcmp(fingerprint, signature->fingerprint) != 0)
        return 0;
    int r = sb_key_trust(&trust, &judge->strings, options->trust, key, false, options->time);
    signature->known_as = trust.names;
    return r;
}

/* Whether there is a file that would be the signature of this key, but cannot be checked. */
static bool has_file(const struct sb_judge *judge, const char *fp_name)
{
    char path[64];
    snprintf(path, sizeof(path), "seal/%s.minisig", fp_name);
    if (sb_scan_kept(&judge->scan, path) != NULL)
        return true;
    snprintf(path, sizeof(path), "seal/%s.sshsig", fp_name);
    return sb_scan_kept(&judge->scan, path) != NULL;
}

static int add_missing(struct sb_judge *judge, const char *signer,
                       const struct sealbag_verify_options *options, struct sb_error *error)
{
    uint8_t digest[SB_SHA256_SIZE];
    char fp_name[SB_FP_NAME_SIZE] = "", key[600];
    struct sealbag_signature *signature = add_signature(judge, error);
    if (signature == NULL)
        return SEALBAG_ERR_MEMORY;
    memcpy(signature->fingerprint, signer, SEALBAG_FINGERPRINT_SIZE);
    signature->seal = true;
    signature->kind = "none";
    signature->state = SEALBAG_SIGNATURE_MISSING;
    if (sb_fingerprint_parse(digest, signer, strlen(signer)))
        sb_hex_encode(fp_name, digest, (sizeof(fp_name) - 1) / 2);
    if (name_missing(signature, judge, fp_name, options) < 0)
        return sb_error_memory(error);
    describe_key(key, sizeof(key), signature);
    sb_findings_add(&judge->findings, SB_RULE_SIGNER_MISSING, SB_SEAL_TXT,
                    "%s is named by the seal as a signer, but there is no signature of it%s.", key,
                    has_file(judge, fp_name) ? " that can be checked" : "");
    return 0;
}

/* Who is named as a signer and has not signed. */
static int find_missing(struct sb_judge *judge, const struct sealbag_verify_options *options,
                        struct sb_error *error)
{
    for (size_t i = 0; i < judge->seal.signer_count; i++) {
        const char *signer = judge->seal.signers[i];
        if (has_signature(judge, signer, SEALBAG_SIGNATURE_VALID) ||
            has_signature(judge, signer, SEALBAG_SIGNATURE_INVALID))
            continue;
        if (add_missing(judge, signer, options, error) < 0)
            return SEALBAG_ERR_MEMORY;
    }
    return 0;
}

/* The seal id must begin with the digits that were asked for. */
static void check_seal_id(struct sb_judge *judge, const char *demanded)
{
    if (demanded == NULL)
        return;
    for (size_t i = 0; demanded[i] != 0; i++) {
        char c = demanded[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        if (judge->seal_id[i] == c)
            continue;
        sb_findings_add(&judge->findings, SB_RULE_SEAL_ID, NULL,
                        judge->seal_id[0] != 0
                            ? "This is not the bag that you asked for: its seal id is another one."
                            : "This is not the bag that you asked for: it has no seal.");
        return;
    }
}

int sb_judge_signatures(struct sb_judge *judge, const struct sealbag_verify_options *options,
                        struct sb_error *error)
{
    const struct sb_buf *seal_text = sb_scan_kept(&judge->scan, SB_SEAL_TXT);
    int before = judge->findings.exit_code;
    judge->findings.exit_code = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && judge->seal_parsed && i < judge->scan.kept_count; i++) {
        struct candidate candidate = {.kept = &judge->scan.kept[i]};
        enum sb_seal_kind kind = SB_SEAL_UNKNOWN;
        if (sb_part_of(candidate.kept->path) == SB_PART_SEAL)
            kind = sb_seal_kind_of(candidate.fp_name, candidate.kept->path);
        candidate.ssh = kind == SB_SEAL_SSHSIG;
        if (kind == SB_SEAL_MINISIGN || kind == SB_SEAL_SSHSIG)
            r = judge_one(judge, &candidate, seal_text, options, error);
    }
    if (r == 0 && judge->seal_parsed)
        r = find_missing(judge, options, error);
    if (r == 0) {
        check_seal_id(judge, options->seal);
        r = sb_judge_trust(judge, options, error);
    }
    judge->signature_code = judge->findings.exit_code;
    judge->findings.exit_code = sealbag_exit_worse(before, judge->signature_code);
    return r;
}
