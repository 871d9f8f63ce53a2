/* Does it keep to the BagIt profile that was asked for? Judged where the bag is read, like the
 * rules of RFC 8493: the profile is the user's own, and was parsed before that process was started.
 */
#include "bag/profile.h"
#include "op/judge.h"

int sb_judge_profile(struct sb_judge *judge, struct sb_error *error)
{
    struct sb_buf info = {0};
    int code = sb_findings_exit_code(&judge->findings), r = 0;
    /* What a damaged bag says is nothing to hold it to. */
    if (code == 1 || code == 5)
        return 0;
    r = sb_judge_text(&info, judge, SB_RULE_INFO_LINE, sb_judge_info_name(judge));
    const struct sb_profile_bag bag = {
        .version = judge->declaration.version,
        .files = &judge->scan.inventory,
        .info = info.data,
        .info_len = info.len,
        .packing = judge->scan.packing,
    };
    if (r >= 0)
        r = sb_profile_check(&judge->findings, judge->profile, &bag);
    sb_buf_free(&info);
    return r < 0 ? sb_error_memory(error) : 0;
}
