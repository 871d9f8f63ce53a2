/* From one container to another: nothing is added, nothing is left out. */
#include <string.h>

#include "op/repack.h"

static int convert(struct sealbag_converted *out, struct sb_repack *repack, struct sb_error *error)
{
    const struct sealbag_verdict *verdict = repack->verdict;
    int r = sb_repack_publish(repack, NULL, error);
    if (r < 0)
        return r;
    out->published = true;
    memcpy(out->name, verdict->name, sizeof(out->name));
    out->documents = verdict->documents;
    out->bytes = verdict->bytes;
    out->bundle_bytes = repack->written;
    out->beyond_ratio = repack->beyond_ratio;
    return 0;
}

int sealbag_bundle_convert(struct sealbag_converted *out, struct sealbag_verdict **verdict, int fd,
                           const struct sealbag_convert_options *options, struct sb_error *error)
{
    struct sb_repack repack = {.guard.inspection.fd = fd};
    const struct sb_repack_options to = {
        .verify = &options->verify,
        .format = options->format,
        .level = options->level,
        .output = options->output,
        .force = options->force,
    };
    *out = (struct sealbag_converted){0};
    int r = sb_repack_open(&repack, &to, error);
    if (repack.ready)
        r = convert(out, &repack, error);
    *verdict = repack.verdict;
    repack.verdict = NULL;
    return sb_repack_close(&repack, r, error);
}
