/* What a verdict comes to in one sentence, and why it is not as asked. Text and HTML say the same.
 */
#include <string.h>

#include "report/language.h"
#include "report/report.h"

/* Sentences about what is intact, with and without the rest that was not read. */
static const char *const trusted[] = {
    SB_N("Intact, and sealed by those whom you trust."),
    SB_N("What was read of it is intact, and sealed by those whom you trust.")};
static const char *const untrusted[] = {
    SB_N("Intact, but not sealed by those whom you trust."),
    SB_N("What was read of it is intact, but not sealed by those whom you trust.")};
static const char *const without_named[] = {
    SB_N("Intact, and sealed by somebody whom you trust, but not by all whom its seal names."),
    SB_N("What was read of it is intact, and sealed by somebody whom you trust, but not by all "
         "whom its seal names.")};
static const char *const without_asked[] = {
    SB_N("Intact, and sealed by somebody whom you trust, but not by all whom you asked for."),
    SB_N("What was read of it is intact, and sealed by somebody whom you trust, but not by all "
         "whom you asked for.")};
static const char *const too_few[] = {
    SB_N("Intact, and sealed by somebody whom you trust, but by fewer than you asked for."),
    SB_N("What was read of it is intact, and sealed by somebody whom you trust, but by fewer than "
         "you asked for.")};

static bool has_bad_custody(const struct sealbag_verdict *verdict)
{
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct sealbag_finding *finding = &verdict->finding[i];
        if (finding->exit_code == 1 && strncmp(finding->rule, "custody.", 8) == 0 &&
            strcmp(finding->rule, "custody.head-mismatch") != 0)
            return true;
    }
    return false;
}

bool sb_report_has(const struct sealbag_verdict *verdict, const char *rule)
{
    for (size_t i = 0; i < verdict->finding_count; i++) {
        if (strcmp(verdict->finding[i].rule, rule) == 0)
            return true;
    }
    return false;
}

/* Whether what is intact is bad only by rules that begin with one of these. */
static bool only(const struct sealbag_verdict *verdict, const char *const *prefixes)
{
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct sealbag_finding *finding = &verdict->finding[i];
        const char *const *prefix = prefixes;
        while (*prefix != NULL && strncmp(finding->rule, *prefix, strlen(*prefix)) != 0)
            prefix++;
        if (finding->exit_code == 1 && *prefix == NULL)
            return false;
    }
    return verdict->intact == SEALBAG_INTACT && verdict->findings_omitted == 0;
}

bool sb_report_only_profile(const struct sealbag_verdict *verdict)
{
    static const char *const profile[] = {"profile.", NULL};
    return only(verdict, profile);
}

/* Exit code 1. */
static const char *bad_headline(enum sb_grade *grade, const struct sealbag_verdict *verdict)
{
    static const char *const another[] = {"seal.id-mismatch", "custody.head-mismatch", NULL};
    static const char *const signatures[] = {"seal.bad-signature", "seal.signature-", NULL};
    *grade = SB_CAREFUL;
    if (sb_report_only_profile(verdict))
        return SB_N("Intact, but it does not keep to the profile that you asked for.");
    if (verdict->intact == SEALBAG_NOT_A_BAG && sb_report_has(verdict, "folder.ordinary"))
        return SB_N("Not a bundle: an ordinary folder, which nobody has sealed.");
    *grade = SB_BAD;
    if (only(verdict, another))
        return SB_N("DO NOT USE. It is not the one that you asked for.");
    if (only(verdict, signatures))
        return SB_N("DO NOT USE. A signature in it is invalid.");
    return SB_N("DO NOT USE. It is damaged, incomplete or forged.");
}

/* Exit code 3. */
static const char *untrusted_headline(const struct sealbag_verdict *verdict)
{
    if (verdict->trusted_seals == 0)
        return untrusted[verdict->partial];
    if (sb_report_has(verdict, "seal.signer-missing"))
        return without_named[verdict->partial];
    if (sb_report_has(verdict, "trust.signer-not-found"))
        return without_asked[verdict->partial];
    return verdict->trusted_signers < verdict->required ? too_few[verdict->partial]
                                                        : untrusted[verdict->partial];
}

const char *sb_report_headline(enum sb_grade *grade, const struct sealbag_verdict *verdict)
{
    *grade = SB_CAREFUL;
    switch (verdict->exit_code) {
    case 0:
        *grade = SB_GOOD;
        return trusted[verdict->partial];
    case 1:
        return bad_headline(grade, verdict);
    case 3:
        return untrusted_headline(verdict);
    case 4:
        return SB_N("Intact, but not sealed: nobody vouches for it.");
    case 6:
        *grade = SB_UNKNOWN;
        return SB_N("A quick check found nothing wrong, which proves little.");
    default:
        *grade = SB_UNKNOWN;
        return SB_N("It could not be judged.");
    }
}

const char *sb_report_shortfall(size_t *at, const struct sealbag_verdict *verdict)
{
    static const struct {
        const char *rule, *sentence;
    } reasons[] = {
        {"seal.id-mismatch", SB_N("Its seal id is not the one that you asked for.")},
        {"custody.head-mismatch", SB_N("Its custody head is not the one that you asked for.")},
        {"trust.signer-not-found", SB_N("Somebody whom you asked for has not sealed it.")},
        {"", SB_N("Its custody chain is not as it was signed.")},
        {"seal.signer-missing", SB_N("Somebody whom its seal names has not signed it.")},
    };
    while (*at < sizeof(reasons) / sizeof(reasons[0])) {
        size_t i = (*at)++;
        if (reasons[i].rule[0] == 0 ? has_bad_custody(verdict)
                                    : sb_report_has(verdict, reasons[i].rule))
            return reasons[i].sentence;
    }
    return NULL;
}

bool sb_report_signing_known(const struct sealbag_verdict *verdict)
{
    if (sb_report_has(verdict, "folder.ordinary"))
        return true;
    return verdict->intact != SEALBAG_NOT_A_BAG && verdict->intact != SEALBAG_NOT_JUDGED &&
           (verdict->sealed || verdict->intact == SEALBAG_INTACT);
}

bool sb_report_trusted(const struct sealbag_verdict *verdict)
{
    return verdict->exit_code == 0 || (verdict->exit_code == 1 && sb_report_only_profile(verdict) &&
                                       verdict->trusted_signers >= verdict->required &&
                                       !sb_report_has(verdict, "seal.signer-missing") &&
                                       !sb_report_has(verdict, "trust.signer-not-found"));
}
