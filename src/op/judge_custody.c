/* Whose hands it went through: the events in seal/custody/, their order, links and signatures. They
 * are about a seal and change nothing about it. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "op/judge.h"
#include "record/custody.h"
#include "sign/minisign.h"
#include "sign/sshkey.h"

/* What there is with one number. */
struct link {
    const struct sb_kept *event, *signature;
    bool ssh;
    bool twice;
};

struct chain {
    struct sb_judge *judge;
    const struct sealbag_trust *trust;
    int64_t time;       /* at which keys are judged */
    struct link *links; /* by number, from 1 */
    unsigned last;
    uint8_t (*signatures)[SB_SHA256_SIZE]; /* of the signature files in seal/, sorted */
    size_t signature_count;
    uint8_t seal_id[SB_SHA256_SIZE];
    /* of the event before the one that is judged; false: it is missing */
    bool previous_known;
    uint8_t previous[SB_SHA256_SIZE];
};

/* One event while it is judged. */
struct candidate {
    const struct link *link;
    struct sb_custody_event said;
    struct sb_minisign_signature minisign;
    struct sb_sshsig sshsig;
    struct sb_identity own;           /* that came with a minisign signature */
    const struct sb_identity *signer; /* NULL: not known */
};

/* ---- what is there --------------------------------------------------------------------- */

static enum sb_seal_kind kind_of(char fp_name[SB_FP_NAME_SIZE], const struct sb_kept *kept)
{
    return sb_part_of(kept->path) == SB_PART_SEAL ? sb_seal_kind_of(fp_name, kept->path)
                                                  : SB_SEAL_UNKNOWN;
}

static void take_file(struct chain *chain, const struct sb_kept *kept)
{
    char fp_name[SB_FP_NAME_SIZE];
    enum sb_seal_kind kind = kind_of(fp_name, kept);
    bool event = kind == SB_SEAL_CUSTODY_EVENT, ssh = kind == SB_SEAL_CUSTODY_SSHSIG;
    if (!event && !ssh && kind != SB_SEAL_CUSTODY_MINISIGN)
        return;
    struct link *link = &chain->links[sb_seal_custody_number(kept->path)];
    const struct sb_kept **place = event ? &link->event : &link->signature;
    link->twice |= *place != NULL;
    *place = kept;
    if (!event)
        link->ssh = ssh;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, SB_SHA256_SIZE);
}

/* Those directly in seal/, which is what an event lists. */
static int hash_signatures(struct chain *chain, struct sb_error *error)
{
    const struct sb_scan *scan = &chain->judge->scan;
    char fp_name[SB_FP_NAME_SIZE];
    chain->signatures = calloc(scan->kept_count + 1, sizeof(*chain->signatures));
    if (chain->signatures == NULL)
        return sb_error_memory(error);
    for (size_t i = 0; i < scan->kept_count; i++) {
        const struct sb_kept *kept = &scan->kept[i];
        enum sb_seal_kind kind = kind_of(fp_name, kept);
        if (kind != SB_SEAL_MINISIGN && kind != SB_SEAL_SSHSIG)
            continue;
        if (sb_digest_bytes(chain->signatures[chain->signature_count++], chain->judge->digest,
                            kept->bytes.data, kept->bytes.len) < 0)
            return sb_digest_failed(error);
    }
    qsort(chain->signatures, chain->signature_count, sizeof(*chain->signatures), by_bytes);
    return 0;
}

static int collect(struct chain *chain, struct sb_error *error)
{
    const struct sb_scan *scan = &chain->judge->scan;
    for (size_t i = 0; i < scan->kept_count; i++) {
        unsigned number = sb_seal_custody_number(scan->kept[i].path);
        if (number > chain->last)
            chain->last = number;
    }
    if (chain->last == 0)
        return 0;
    chain->links = calloc(chain->last + 1, sizeof(*chain->links));
    chain->judge->custody.items = calloc(chain->last, sizeof(*chain->judge->custody.items));
    if (chain->links == NULL || chain->judge->custody.items == NULL)
        return sb_error_memory(error);
    for (size_t i = 0; i < scan->kept_count; i++)
        take_file(chain, &scan->kept[i]);
    return hash_signatures(chain, error);
}

/* ---- one event ------------------------------------------------------------------------- */

static void add(struct chain *chain, enum sb_rule rule, const struct sb_kept *kept,
                const char *sentence)
{
    sb_findings_add(&chain->judge->findings, rule, kept->path, "%s", sentence);
}

/* What it is about: this seal, the event before it, and signatures that are still there. */
static void judge_content(struct chain *chain, const struct candidate *candidate)
{
    const struct sb_custody_event *said = &candidate->said;
    const struct sb_kept *event = candidate->link->event;
    if (memcmp(said->seal, chain->seal_id, SB_SHA256_SIZE) != 0)
        add(chain, SB_RULE_CUSTODY_FOREIGN, event,
            "This custody event is about another bag: it names another seal.");
    if (chain->previous_known && memcmp(said->previous, chain->previous, SB_SHA256_SIZE) != 0)
        add(chain, SB_RULE_CUSTODY_LINK, event,
            "This custody event does not follow the one before it: events were altered, taken out "
            "or put in.");
    for (size_t i = 0; i < said->signature_count; i++) {
        uint8_t digest[SB_SHA256_SIZE];
        sb_custody_signature(digest, said, i);
        if (bsearch(digest, chain->signatures, chain->signature_count, sizeof(*chain->signatures),
                    by_bytes) != NULL)
            continue;
        add(chain, SB_RULE_CUSTODY_GONE, event,
            "A signature that the bag had at this custody event is not there any more.");
        return;
    }
}

/* Parses the signature and finds the public key. False after a finding. */
static bool prepare(struct chain *chain, struct candidate *candidate)
{
    const struct sb_kept *kept = candidate->link->signature;
    struct sb_error error = {0};
    char fp_name[SB_FP_NAME_SIZE];
    int r;
    (void)kind_of(fp_name, kept);
    if (candidate->link->ssh) {
        r = sb_sshsig_parse(&candidate->sshsig, SB_SSH_CUSTODY_NAMESPACE, kept->bytes.data,
                            kept->bytes.len, &error);
        candidate->signer = &candidate->sshsig.signer;
    } else {
        r = sb_minisign_signature_parse(&candidate->minisign, kept->bytes.data, kept->bytes.len,
                                        &error);
        if (r == 0 && !sb_minisign_signature_is_for(&candidate->minisign, SB_MINISIGN_CUSTODY))
            r = sb_rule_error(&error, SB_RULE_CUSTODY_SYNTAX,
                              "It was not made for a custody event (role:custody is not in its "
                              "comment).");
        sb_identity_plain(&candidate->own, candidate->minisign.key.pk);
        candidate->signer = candidate->minisign.has_key ? &candidate->own : NULL;
    }
    if (r == SEALBAG_ERR_UNSUPPORTED) {
        add(chain, SB_RULE_CUSTODY_KEYLESS, kept, error.message);
        candidate->signer = NULL;
        return true;
    }
    if (r < 0) {
        sb_findings_add(&chain->judge->findings, SB_RULE_CUSTODY_SYNTAX, kept->path,
                        "The signature of this custody event is malformed: %s", error.message);
        return false;
    }
    if (candidate->signer == NULL && chain->trust != NULL)
        candidate->signer = sb_truststore_key_by_name(&chain->trust->store, fp_name);
    if (candidate->signer == NULL)
        add(chain, SB_RULE_CUSTODY_KEYLESS, kept,
            "This custody event cannot be checked: its key is neither in its signature nor in your "
            "trust store.");
    return true;
}

/* By, the names of both files and the key are to be the same one. */
static bool names_agree(const struct candidate *candidate)
{
    char event_name[SB_FP_NAME_SIZE], signature_name[SB_FP_NAME_SIZE], by_name[65];
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    uint8_t by[SB_SHA256_SIZE];
    const struct sb_custody_event *said = &candidate->said;
    (void)kind_of(event_name, candidate->link->event);
    (void)kind_of(signature_name, candidate->link->signature);
    if (!sb_fingerprint_parse(by, said->by, strlen(said->by)))
        return false;
    sb_hex_encode(by_name, by, sizeof(by));
    if (memcmp(by_name, event_name, SB_FP_NAME_SIZE - 1) != 0 ||
        strcmp(event_name, signature_name) != 0)
        return false;
    if (candidate->signer == NULL)
        return true;
    sb_fingerprint_text(fingerprint, candidate->signer);
    return strcmp(fingerprint, said->by) == 0;
}

/* Whether the key that the event names is in the trust store: then its signature can be checked, or
 * it is none of that key. */
static bool is_known(const struct chain *chain, const struct candidate *candidate)
{
    char name[SB_FP_NAME_SIZE];
    (void)kind_of(name, candidate->link->event);
    return chain->trust != NULL && sb_truststore_key_by_name(&chain->trust->store, name) != NULL;
}

static bool holds(const struct candidate *candidate)
{
    const struct sb_buf *text = &candidate->link->event->bytes;
    if (candidate->link->ssh)
        return sb_sshsig_verify(&candidate->sshsig, SB_SSH_CUSTODY_NAMESPACE, text->data,
                                text->len);
    /* A FIDO key, found by the file's name, makes no such signatures. */
    return !sb_identity_is_fido(candidate->signer) &&
           sb_minisign_signature_verify(&candidate->minisign, candidate->signer->pk, text->data,
                                        text->len);
}

static void tell_trust(struct chain *chain, const struct sb_kept *event, const char *by,
                       const struct sb_key_trust *trust)
{
    static const char *const states[] = {
        [SEALBAG_TRUST_UNKNOWN] =
            "is not in your trust store, or not for custody events: anyone can have added it",
        [SEALBAG_TRUST_NOT_YET_VALID] = "is not valid yet by your trust store",
        [SEALBAG_TRUST_EXPIRED] = "has expired by your trust store",
        [SEALBAG_TRUST_REVOKED] = "was revoked: whoever has it can have added this",
    };
    if (trust->state != SEALBAG_TRUST_TRUSTED)
        sb_findings_add(&chain->judge->findings,
                        trust->state == SEALBAG_TRUST_REVOKED ? SB_RULE_CUSTODY_REVOKED
                                                              : SB_RULE_CUSTODY_UNKNOWN,
                        event->path, "The key %s of this custody event %s.", by,
                        states[trust->state]);
}

static int judge_signature(struct sealbag_custody_event *out, struct chain *chain,
                           struct candidate *candidate, struct sb_error *error)
{
    const struct sb_kept *event = candidate->link->event;
    out->state = SEALBAG_SIGNATURE_INVALID;
    if (!prepare(chain, candidate))
        return 0;
    if (!names_agree(candidate) || (candidate->signer != NULL && !holds(candidate))) {
        add(chain, SB_RULE_CUSTODY_BAD, event,
            "This custody event is not signed by the key that it names: it was altered, or its "
            "signature belongs to something else.");
        return 0;
    }
    if (candidate->signer == NULL && is_known(chain, candidate)) {
        add(chain, SB_RULE_CUSTODY_BAD, event,
            "This custody event names a key of your trust store, but its signature is not one by "
            "that key: it was put in place of another, or the event is not by whom it says.");
        return 0;
    }
    if (candidate->signer == NULL) {
        out->state = SEALBAG_SIGNATURE_NOT_CHECKABLE;
        return 0;
    }
    out->state = SEALBAG_SIGNATURE_VALID;
    struct sb_key_trust trust;
    if (sb_key_trust(&trust, &chain->judge->strings, chain->trust, candidate->signer, true,
                     chain->time) < 0)
        return sb_error_memory(error);
    out->trust = trust.state;
    out->known_as = trust.names;
    out->trusted_as = trust.state == SEALBAG_TRUST_TRUSTED ? trust.names : NULL;
    tell_trust(chain, event, out->by, &trust);
    return 0;
}

static const char *copy(struct chain *chain, const char *text, bool *failed)
{
    const char *own =
        text[0] != 0 ? sb_arena_copy(&chain->judge->strings, text, strlen(text)) : NULL;
    *failed |= text[0] != 0 && own == NULL;
    return own;
}

/* What it says, for people. */
static int tell(struct sealbag_custody_event *out, struct chain *chain,
                const struct sb_custody_event *said, struct sb_error *error)
{
    bool failed = false;
    out->event = copy(chain, said->event, &failed);
    out->to = copy(chain, said->to, &failed);
    out->note = copy(chain, said->note, &failed);
    memcpy(out->by, said->by, sizeof(out->by));
    sb_time_format(out->date, said->date);
    return failed ? sb_error_memory(error) : 0;
}

static int judge_event(struct chain *chain, unsigned number, struct sb_error *error)
{
    struct sb_custody_list *list = &chain->judge->custody;
    struct candidate candidate = {.link = &chain->links[number]};
    const struct sb_kept *event = candidate.link->event;
    struct sealbag_custody_event *out = &list->items[list->count++];
    struct sb_error bad = {0};
    uint8_t sha256[SB_SHA256_SIZE];
    out->number = number;
    out->state = SEALBAG_SIGNATURE_INVALID;
    if (sb_digest_bytes(sha256, chain->judge->digest, event->bytes.data, event->bytes.len) < 0)
        return sb_digest_failed(error);
    sb_hex_encode(out->sha256, sha256, sizeof(sha256));
    int r = 0;
    if (sb_custody_parse(&candidate.said, event->bytes.data, event->bytes.len, &bad) < 0) {
        add(chain, sb_rule_by_name(bad.rule), event, bad.message);
    } else {
        judge_content(chain, &candidate);
        r = tell(out, chain, &candidate.said, error);
        if (r == 0 && candidate.link->signature == NULL)
            out->state = SEALBAG_SIGNATURE_MISSING;
        else if (r == 0)
            r = judge_signature(out, chain, &candidate, error);
    }
    memcpy(chain->previous, sha256, sizeof(sha256));
    chain->previous_known = true;
    return r;
}

/* ---- the chain ------------------------------------------------------------------------- */

/* From this number to the next event, or a signature that has none. */
static unsigned tell_gap(struct chain *chain, unsigned from)
{
    unsigned to = from;
    while (to < chain->last && chain->links[to].event == NULL && chain->links[to + 1].event == NULL)
        to++;
    if (from == to)
        sb_findings_add(&chain->judge->findings, SB_RULE_CUSTODY_ORDER, NULL,
                        "The custody event %04u is missing.", from);
    else
        sb_findings_add(&chain->judge->findings, SB_RULE_CUSTODY_ORDER, NULL,
                        "The custody events %04u to %04u are missing.", from, to);
    chain->previous_known = false;
    return to;
}

static int judge_chain(struct chain *chain, struct sb_error *error)
{
    int r = 0;
    memcpy(chain->previous, chain->seal_id, sizeof(chain->seal_id));
    chain->previous_known = true;
    for (unsigned number = 1; r == 0 && number <= chain->last; number++) {
        const struct link *link = &chain->links[number];
        if (link->event == NULL) {
            number = tell_gap(chain, number);
            continue;
        }
        if (link->twice)
            add(chain, SB_RULE_CUSTODY_ORDER, link->event,
                "There are two custody events, or two signatures of one, with this number.");
        if (link->signature == NULL)
            add(chain, SB_RULE_CUSTODY_ORDER, link->event,
                "The signature of this custody event is missing.");
        r = judge_event(chain, number, error);
    }
    return r;
}

/* The head must begin with the digits that were asked for. */
static bool check_head(struct sb_judge *judge, const char *demanded)
{
    for (size_t i = 0; demanded[i] != 0; i++) {
        char c = demanded[i];
        if (c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        if (judge->custody_head[i] == c)
            continue;
        sb_findings_add(&judge->findings, SB_RULE_CUSTODY_HEAD, NULL,
                        judge->custody.count > 0
                            ? "The custody chain does not end with the event that you asked for: "
                              "events were cut off, or others were added since."
                            : "There is no custody chain, but you asked for one: its events were "
                              "cut off.");
        return false;
    }
    return true;
}

int sb_judge_custody(struct sb_judge *judge, const struct sealbag_verify_options *options,
                     struct sb_error *error)
{
    struct chain chain = {.judge = judge, .trust = options->trust, .time = options->time};
    int before = judge->findings.exit_code;
    judge->findings.exit_code = 0;
    int r = judge->seal_parsed ? collect(&chain, error) : 0;
    if (r == 0 && chain.last > 0) {
        (void)sb_hex_decode(chain.seal_id, sizeof(chain.seal_id), judge->seal_id, 64, false);
        r = judge_chain(&chain, error);
    }
    free(chain.links);
    free(chain.signatures);
    const struct sb_custody_list *list = &judge->custody;
    if (r == 0 && judge->findings.exit_code == 0 && list->items != NULL && list->count > 0)
        memcpy(judge->custody_head, list->items[list->count - 1].sha256,
               sizeof(judge->custody_head));
    judge->findings.exit_code = sealbag_exit_worse(before, judge->findings.exit_code);
    /* Who asks for a head and does not get it asked for another bundle. */
    if (r == 0 && options->custody != NULL && !check_head(judge, options->custody))
        judge->signature_code = sealbag_exit_worse(judge->signature_code, 1);
    return r;
}
