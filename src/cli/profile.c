/* The BagIt profile that --profile names. */
#include "base/file.h"
#include "cli/cli.h"

int sb_cli_profile(struct sealbag_profile **out, const char *verb, const char *file)
{
    struct sb_buf bytes = {0};
    struct sb_error error = {0};
    const char *name;
    char shown[400];
    if (*out != NULL)
        return sb_cli_usage(verb, "--profile is given twice. A bag is held to one profile.");
    int r = sb_file_read(&bytes, NULL, file, SEALBAG_PROFILE_BYTES_MAX, &error);
    if (r == 0)
        r = sealbag_profile_parse(out, bytes.data != NULL ? (const void *)bytes.data : "",
                                  bytes.len, file, &error);
    sb_buf_free(&bytes);
    if (r < 0)
        return sb_cli_fail(&error);
    for (size_t i = 0; (name = sealbag_profile_not_judged(*out, i)) != NULL; i++)
        sb_cli_warn("What the profile says under \"%s\" is no part of the BagIt Profiles "
                    "Specification, and is not judged. [profile.not-judged]",
                    sealbag_text_escape(shown, sizeof(shown), name));
    return 0;
}
