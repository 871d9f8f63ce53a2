#include <string.h>

#include "base/text.h"
#include "op/lookup.h"
#include "op/verify.h"

int sb_verify_options_check(const struct sealbag_verify_options *options, struct sb_error *error)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    if (options->seal == NULL)
        return 0;
    size_t len = strlen(options->seal);
    if (len < 32 || len > 64 || strspn(options->seal, digits) != len)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "A seal id is given as its first 32 to 64 hex digits.");
    return 0;
}

int sb_verify(struct sealbag_verdict **out, int fd, const struct sealbag_verify_options *options,
              bool index_is_hint, struct sb_error *error)
{
    struct sb_judge judge;
    int r = sb_judge_init(&judge, options->jobs, error);
    judge.scan.index.hint = index_is_hint;
    if (r == 0)
        r = sb_judge_read(&judge, fd, options, NULL, false, error);
    if (r == 0)
        r = sb_judge_verdict(out, &judge, options, error);
    sb_judge_free(&judge);
    return r;
}

int sealbag_bundle_verify(struct sealbag_verdict **out, int fd,
                          const struct sealbag_verify_options *options, struct sb_error *error)
{
    *out = NULL;
    int r = sb_verify_options_check(options, error);
    return r == 0 ? sb_verify(out, fd, options, false, error) : r;
}

int sealbag_bundle_list(struct sealbag_verdict **out, int fd,
                        const struct sealbag_verify_options *options, struct sb_error *error)
{
    struct sb_lookup lookup = {0};
    *out = NULL;
    int r = sb_verify_options_check(options, error);
    if (r < 0)
        return r;
    r = sb_lookup_open(&lookup, fd, options, error);
    bool read_all = r == 0;
    if (r == 1)
        r = sb_lookup_verdict(out, &lookup, 0, options, error);
    /* Before more is read: what it holds may be large. */
    sb_lookup_close(&lookup);
    return read_all ? sb_verify(out, fd, options, true, error) : r;
}
