#include "op/verify.h"

#include <string.h>
#include <unistd.h>

#include "op/guard.h"

static bool is_id(const char *text)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    size_t len = strlen(text);
    return len >= 32 && len <= 64 && strspn(text, digits) == len;
}

static int check_all(const struct sealbag_verify_options *options, struct sb_error *error)
{
    if (options->time < 0 || options->time > INT64_C(253402300799))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "Keys can be judged at a time from 1970 to 9999.");
    if (options->seal != NULL && !is_id(options->seal))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "A seal id is given as its first 32 to 64 hex digits.");
    if (options->custody != NULL && !is_id(options->custody))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "A custody head is given as its first 32 to 64 hex digits.");
    return 0;
}

int sb_verify_options_check(const struct sealbag_verify_options *options, struct sb_error *error)
{
    if (options->depth != SEALBAG_WHOLE)
        return sb_error_set(error, SEALBAG_ERR_USAGE, "Only verify makes quick checks.");
    return check_all(options, error);
}

/* A quick check looks at no seal, so it can meet no demand on one; nor on a profile, which is for
 * bags that are intact. */
static int check_depth(const struct sealbag_verify_options *options, struct sb_error *error)
{
    if (options->depth == SEALBAG_WHOLE ||
        (options->require == 0 && options->signer_count == 0 && options->seal == NULL &&
         options->custody == NULL && !options->count_countersignatures && !options->provenance &&
         options->profile == NULL))
        return 0;
    return sb_error_set(
        error, SEALBAG_ERR_USAGE,
        "A quick check does not look at the seal, so nothing can be demanded of "
        "it, and no bag is held to a profile. Use verify without --fast and --completeness-only.");
}

/* That the verdict is not to be relied on is for this process to say. */
static void tell_depth(struct sb_guard *guard)
{
    struct sb_findings *findings = &guard->judge.findings;
    if (guard->inspection.depth == SEALBAG_FAST)
        sb_findings_add(findings, SB_RULE_QUICK, NULL,
                        "Only the number of the documents and their size all together were "
                        "compared, as asked. Altered or exchanged documents and a forged seal "
                        "would not be noticed: for that, use verify without --fast.");
    if (guard->inspection.depth == SEALBAG_COMPLETENESS)
        sb_findings_add(findings, SB_RULE_QUICK, NULL,
                        "Only the names of the files, and Payload-Oxum if the bag states one, were "
                        "compared, as asked. Altered documents and a forged seal would not be "
                        "noticed: for that, use verify without --completeness-only.");
}

int sealbag_bundle_verify(struct sealbag_verdict **out, int fd,
                          const struct sealbag_verify_options *options, struct sb_error *error)
{
    struct sb_guard guard = {.inspection = {
                                 .fd = fd,
                                 .start = -1,
                                 .depth = options->depth,
                                 .unlisted = options->unlisted,
                                 .profile = options->profile,
                                 .named = options->named,
                             }};
    *out = NULL;
    int r = check_all(options, error);
    if (r == 0)
        r = check_depth(options, error);
    if (r == 0)
        r = sb_inspection_look(&guard.inspection, error);
    if (r == 0)
        r = sb_guard_open(&guard, options, error);
    if (r == 0)
        r = sb_guard_ask(&guard, SB_READ_ALL, error);
    if (r > 0) {
        tell_depth(&guard);
        r = sb_guard_verdict(out, &guard, error);
    }
    sb_guard_close(&guard);
    return r;
}

int sealbag_bundle_list(struct sealbag_verdict **out, int fd,
                        const struct sealbag_verify_options *options, struct sb_error *error)
{
    struct sb_guard guard = {
        .inspection = {.fd = fd, .start = lseek(fd, 0, SEEK_CUR), .index_is_hint = true}};
    *out = NULL;
    int r = sb_verify_options_check(options, error);
    if (r == 0)
        r = sb_inspection_look(&guard.inspection, error);
    if (r == 0)
        r = sb_guard_open(&guard, options, error);
    if (r < 0) {
        sb_guard_close(&guard);
        return r;
    }
    r = sb_guard_ask(&guard, SB_READ_LISTS, error);
    if (r > 0) {
        r = sb_guard_partial_verdict(out, &guard, 0, error);
    } else if (r == 0) {
        r = sb_guard_ask(&guard, SB_READ_ALL, error);
        if (r > 0)
            r = sb_guard_verdict(out, &guard, error);
    }
    sb_guard_close(&guard);
    return r;
}
