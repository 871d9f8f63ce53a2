/* Salvaging: the seal and the manifest are found behind the damage and must hold; then the
 * documents that are exactly the ones that were listed are saved. */
#include <string.h>

#include "base/path.h"
#include "op/extract.h"

/* Whether the manifest may be believed. */
static int check_authority(const struct sb_judge *judge,
                           const struct sealbag_extract_options *options, struct sb_error *error)
{
    if (judge->manifest_lines == 0)
        return sb_error_set(error, SEALBAG_ERR_DAMAGED,
                            "Nothing can be saved: the manifest, which stands near the end of the "
                            "bundle, is lost. Ask for the bundle again.");
    if (judge->sealed && !judge->manifest_signed)
        return sb_error_set(error, SEALBAG_ERR_DAMAGED,
                            "Nothing can be saved: the seal or the manifest is damaged, so nothing "
                            "says what the documents should be. Ask for the bundle again.");
    if (!judge->sealed && !options->accept_unsigned)
        return sb_error_rule(error, SEALBAG_ERR_TRUST, "seal.none",
                             "Nothing was saved: the bag has no seal, so nobody says what its "
                             "documents should be. --accept-unsigned saves what its manifest "
                             "lists.");
    if (!sb_extract_acceptable(judge->signature_code, options))
        return sb_error_set(error, SEALBAG_ERR_TRUST,
                            "Nothing was saved: the seal is not by a signer that you trust (see "
                            "above).");
    const char *name = sb_ruins_name(judge);
    const char *why = name == NULL ? "is missing" : sb_bag_name_bad(name, strlen(name));
    if (why != NULL)
        return sb_error_set(
            error, SEALBAG_ERR_DAMAGED,
            "Nothing can be saved: the bag's folder has a name that cannot be used (it %s).", why);
    return 0;
}

static int publish(struct sealbag_extracted *out, struct sb_staging *staging, const char *bag,
                   struct sb_error *error)
{
    struct sb_buf name = {0};
    int r = staging->documents == 0
                ? sb_error_set(error, SEALBAG_ERR_DAMAGED,
                               "Nothing could be saved: no document is as it was sealed.")
                : 0;
    if (r == 0 && sb_buf_printf(&name, "%s.INCOMPLETE", bag) < 0)
        r = sb_error_memory(error);
    if (r == 0)
        r = sb_extract_publish(out, staging, (const char *)name.data, error);
    sb_buf_free(&name);
    return r;
}

int sb_extract_salvage(struct sealbag_extracted *out, struct sb_guard *guard,
                       struct sb_staging *staging, const struct sealbag_extract_options *options,
                       struct sb_error *error)
{
    struct sb_inspection *inspection = &guard->inspection;
    int r = sb_guard_ask(guard, SB_READ_RUINS, error);
    if (r >= 0)
        r = check_authority(&guard->judge, options, error);
    if (r == 0)
        r = sb_guard_ask(guard, SB_WRITE_RUINS, error);
    if (r < 0)
        return r;
    sb_guard_stop(guard);
    out->lost = inspection->lost;
    out->lost_count = inspection->lost_count;
    inspection->lost = NULL;
    inspection->lost_count = 0;
    return publish(out, staging, sb_ruins_name(&guard->judge), error);
}
