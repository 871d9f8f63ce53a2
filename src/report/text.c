/* A verdict for people. Everything from a bundle goes through sealbag_text_escape. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "report/report.h"

static void print_intact(FILE *to, const struct sealbag_verdict *verdict)
{
    char size[SB_SIZE_TEXT];
    fputs("  Intact?   ", to);
    if (verdict->partial) {
        fprintf(to,
                "As far as it was read: the lists, and %" PRIu64 " of %" PRIu64 " %s, exactly as "
                "sealed.\n",
                verdict->documents_checked, verdict->documents,
                verdict->documents == 1 ? "document" : "documents");
        return;
    }
    switch (verdict->intact) {
    case SEALBAG_INTACT:
        fprintf(to, "Yes: %" PRIu64 " %s, %s, each exactly as listed.\n", verdict->documents,
                verdict->documents == 1 ? "document" : "documents",
                sb_text_size(size, verdict->bytes));
        break;
    case SEALBAG_DAMAGED:
        fputs("No: damaged or altered.\n", to);
        break;
    case SEALBAG_INCOMPLETE:
        fputs("No: incomplete.\n", to);
        break;
    case SEALBAG_NOT_A_BAG:
        fputs("No: this is not a bag.\n", to);
        break;
    case SEALBAG_NOT_JUDGED:
        if (verdict->exit_code == 6)
            fprintf(to, "Not known. There are %" PRIu64 " %s, %s, as %s.\n", verdict->documents,
                    verdict->documents == 1 ? "document" : "documents",
                    sb_text_size(size, verdict->bytes),
                    verdict->depth == SEALBAG_FAST ? "the bag says" : "listed");
        else
            fputs("Not known.\n", to);
        break;
    }
}

static size_t count_invalid(const struct sealbag_verdict *verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < verdict->signature_count; i++)
        count += verdict->signature[i].state == SEALBAG_SIGNATURE_INVALID;
    return count;
}

static void print_signed(FILE *to, const struct sealbag_verdict *verdict)
{
    size_t invalid = count_invalid(verdict);
    fputs("  Signed?   ", to);
    if (!sb_report_signing_known(verdict)) {
        fputs("Not known.\n", to);
    } else if (!verdict->sealed) {
        fputs("No: it has no seal.\n", to);
    } else if (invalid > 0) {
        fprintf(to, "No: %zu invalid %s.\n", invalid, invalid == 1 ? "signature" : "signatures");
    } else if (verdict->intact != SEALBAG_INTACT) {
        fputs("Not over this content: what was sealed is not what is here.\n", to);
    } else if (verdict->valid_seals == 0) {
        fputs("No: its seal has no valid signature.\n", to);
    } else {
        fprintf(to, "Yes: %zu valid %s over %s.\n", verdict->valid_seals,
                verdict->valid_seals == 1 ? "signature" : "signatures",
                verdict->partial ? "the lists of what it holds" : "exactly this content");
    }
}

const char *sb_report_state(enum sealbag_signature_state state, enum sealbag_trust_state trust)
{
    static const char *const words[] = {"unknown key", "", "key not valid yet", "EXPIRED key",
                                        "REVOKED key"};
    switch (state) {
    case SEALBAG_SIGNATURE_INVALID:
        return "INVALID signature";
    case SEALBAG_SIGNATURE_MISSING:
        return "signature missing";
    case SEALBAG_SIGNATURE_NOT_CHECKABLE:
        return "not checkable: its key is not known here";
    case SEALBAG_SIGNATURE_VALID:
        break;
    }
    return words[trust];
}

static void print_signer(FILE *to, const struct sealbag_signature *signature, bool intact)
{
    char shown[1024];
    fputs("            ", to);
    const char *state = sb_report_state(signature->state, signature->trust);
    fputs(state, to);
    if (signature->known_as != NULL)
        fprintf(to, "%s%s", state[0] != 0 ? " of " : "",
                sealbag_text_escape(shown, sizeof(shown), signature->known_as));
    if (signature->fingerprint[0] != 0)
        fprintf(to, "  %s", signature->fingerprint);
    if (!intact && signature->state == SEALBAG_SIGNATURE_VALID)
        fputs("  (for other content than this)", to);
    fprintf(to, "%s\n", signature->seal ? "" : "  (countersignature)");
}

/* Nobody but the signer vouches for the sealing time, so it does not decide which keys are valid.
 */
static void print_judged(FILE *to, const struct sealbag_verdict *verdict)
{
    if (verdict->judged_at[0] != 0)
        fprintf(to, "            judged at %s: the sealing time is only the signer's claim\n",
                verdict->judged_at);
    else
        fputs("            judged without a date: keys with dates do not count\n", to);
    if (verdict->countersignatures_count)
        fputs("            countersignatures count, as asked\n", to);
}

static void print_shortfall(FILE *to, const struct sealbag_verdict *verdict)
{
    size_t at = 0;
    const char *sentence = sb_report_shortfall(&at, verdict);
    fputs("Not as it should be", to);
    fputs(sentence == NULL ? "; see below:" : ".", to);
    for (; sentence != NULL; sentence = sb_report_shortfall(&at, verdict))
        fprintf(to, " %s", sentence);
    fputc('\n', to);
}

static void print_trusted(FILE *to, const struct sealbag_verdict *verdict)
{
    bool signed_intact = verdict->intact == SEALBAG_INTACT && verdict->sealed;
    fputs("  Trusted?  ", to);
    if (!signed_intact || count_invalid(verdict) > 0)
        fputs(signed_intact ? "No: not with an invalid signature.\n" : "No.\n", to);
    else if (sb_report_trusted(verdict))
        fputs("Yes, by your trust store:\n", to);
    else if (verdict->trusted_signers >= verdict->required)
        print_shortfall(to, verdict);
    else if (verdict->trusted_signers == 0)
        fputs("No: nobody whom you trust has sealed it.\n", to);
    else
        fprintf(to, "No: %zu of %zu trusted signers.\n", verdict->trusted_signers,
                verdict->required);
    for (size_t i = 0; i < verdict->signature_count; i++)
        print_signer(to, &verdict->signature[i], signed_intact);
    if (signed_intact && verdict->valid_seals + verdict->countersignatures > 0)
        print_judged(to, verdict);
}

static void print_seal(FILE *to, const struct sealbag_verdict *verdict)
{
    char shown[1024];
    if (verdict->intact != SEALBAG_INTACT)
        return;
    fprintf(to, "  Bag:      %s\n", sealbag_text_escape(shown, sizeof(shown), verdict->name));
    if (verdict->sealed_at[0] != 0)
        fprintf(to, "  Sealed:   %s, as the signer says\n", verdict->sealed_at);
    if (verdict->seal_id[0] != 0 && verdict->valid_seals > 0)
        fprintf(to, "  Seal id:  %.32s\n", verdict->seal_id);
    if (verdict->supersedes[0] != 0)
        fprintf(to, "  Replaces: the bag with the seal id %.32s, as the signer says\n",
                verdict->supersedes);
}

static void print_custody(FILE *to, const struct sealbag_verdict *verdict)
{
    if (verdict->custody_head[0] != 0)
        fprintf(to, "  Custody:  %zu %s, head %.32s\n", verdict->custody_count,
                verdict->custody_count == 1 ? "event" : "events", verdict->custody_head);
    else if (verdict->custody_count > 0)
        fputs("  Custody:  not as it was signed; see below.\n", to);
}

void sb_report_seal(FILE *to, const struct sealbag_verdict *verdict)
{
    print_seal(to, verdict);
    print_custody(to, verdict);
}

void sb_report_finding(FILE *to, const struct sealbag_finding *finding)
{
    static const char *const words[] = {"Note", "Warning", "Problem"};
    char shown[16500];
    fprintf(to, "  %s: ", words[finding->severity]);
    if (finding->path != NULL)
        fprintf(to, "%s: ", sealbag_text_escape(shown, sizeof(shown), finding->path));
    fprintf(to, "%s [%s]\n", finding->sentence, finding->rule);
}

static void print_findings(FILE *to, const struct sealbag_verdict *verdict)
{
    for (size_t i = 0; i < verdict->finding_count; i++)
        sb_report_finding(to, &verdict->finding[i]);
    if (verdict->findings_omitted > 0)
        fprintf(to, "  And %zu more, which are too many to list.\n", verdict->findings_omitted);
}

static bool has_unknown_signer(const struct sealbag_verdict *verdict)
{
    for (size_t i = 0; i < verdict->signature_count; i++) {
        const struct sealbag_signature *signature = &verdict->signature[i];
        if (signature->state == SEALBAG_SIGNATURE_VALID &&
            signature->trust == SEALBAG_TRUST_UNKNOWN)
            return true;
    }
    return false;
}

/* What a good verdict is often taken for and is not. */
static void print_limits(FILE *to, const struct sealbag_verdict *verdict)
{
    if (verdict->valid_seals > 0 && (verdict->exit_code == 0 || verdict->exit_code == 3))
        fprintf(to,
                "  Not proven: that any document is true, or when it was sealed. A signature shows "
                "who\n"
                "  sealed the bag and that nothing %shas changed since.\n",
                verdict->partial ? "that was read " : "");
    if (verdict->exit_code == 3 && has_unknown_signer(verdict))
        fputs(
            "  To trust a key, compare its fingerprint with its owner by another way, such as the\n"
            "  phone, then: sealbag trust add NAME --from BUNDLE --fingerprint SHA256:...\n",
            to);
}

bool sb_report_stated(const struct sealbag_verdict *verdict)
{
    return verdict->sealed && verdict->intact == SEALBAG_INTACT && verdict->valid_seals > 0;
}

void sb_report_answers(FILE *to, const char *label, const struct sealbag_verdict *verdict)
{
    char shown[4096];
    /* Whoever sent it has chosen its name, perhaps one that reads like a verdict. */
    const char *quote = strchr(label, ' ') != NULL ? "\"" : "";
    enum sb_grade grade;
    const char *headline = sb_report_headline(&grade, verdict);
    /* It goes on after a colon; but "DO NOT USE" stays. */
    bool lower = headline[1] >= 'a' || headline[1] == ' ';
    fprintf(to, "%s%s%s: %c%s\n", quote, sealbag_text_escape(shown, sizeof(shown), label), quote,
            lower ? headline[0] - 'A' + 'a' : headline[0], headline + 1);
    print_intact(to, verdict);
    if (verdict->depth != SEALBAG_WHOLE) {
        fputs("  Signed?   Not looked at.\n  Trusted?  Not looked at.\n", to);
        return;
    }
    print_signed(to, verdict);
    print_trusted(to, verdict);
}

int sealbag_verdict_print(FILE *to, const char *label, const struct sealbag_verdict *verdict)
{
    sb_report_answers(to, label, verdict);
    sb_report_seal(to, verdict);
    print_findings(to, verdict);
    print_limits(to, verdict);
    return ferror(to) ? SEALBAG_ERR_IO : 0;
}
