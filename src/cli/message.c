#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "report/report.h"

int sb_cli_fail(const struct sb_error *error)
{
    fprintf(stderr, "sealbag: %s [%s]\n", error->message,
            error->rule != NULL ? error->rule : "error");
    bool given_wrong = error->code == SEALBAG_ERR_USAGE || error->code == SEALBAG_ERR_METADATA ||
                       error->code == SEALBAG_ERR_PRIVACY || error->code == SEALBAG_ERR_PROFILE;
    return given_wrong ? EXIT_USAGE : EXIT_NOT_JUDGED;
}

int sb_cli_usage(const char *verb, const char *format, ...)
{
    va_list arguments;
    fputs("sealbag: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, " Read more with: sealbag help%s%s [usage]\n", verb != NULL ? " " : "",
            verb != NULL ? verb : "");
    return EXIT_USAGE;
}

void sb_cli_warn(const char *format, ...)
{
    va_list arguments;
    fputs("sealbag: warning: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void sb_cli_problems(const struct sealbag_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct sealbag_problem *problem = &problems->items[i];
        fprintf(stderr, "sealbag: %s%s [%s]\n",
                problem->severity == SEALBAG_ERROR ? "" : "warning: ", problem->sentence,
                problem->rule);
    }
}

void sb_cli_say(bool quiet, const char *format, ...)
{
    va_list arguments;
    if (quiet)
        return;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void sb_cli_warn_ratio(uint64_t bytes, uint64_t bundle_bytes)
{
    sb_cli_warn("The documents compress so far that sealbag takes the bundle for one that was "
                "made to fill a disk. Whoever verifies it needs --limit ratio=%" PRIu64
                ". [bundle.ratio]",
                bytes / (bundle_bytes > 0 ? bundle_bytes : 1) * 2);
}

void sb_cli_verdict(const char *bundle, const struct sealbag_verdict *verdict, bool quiet)
{
    if (!quiet || verdict->exit_code != EXIT_GOOD)
        sealbag_verdict_print(stderr, bundle, verdict);
    else
        sb_cli_verdict_warnings(verdict);
}

void sb_cli_verdict_warnings(const struct sealbag_verdict *verdict)
{
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct sealbag_finding *finding = &verdict->finding[i];
        if (strcmp(finding->rule, "reader.unconfined") == 0 ||
            (finding->severity == SEALBAG_WARNING && strncmp(finding->rule, "trust.", 6) == 0))
            sb_cli_warn("%s [%s]", finding->sentence, finding->rule);
    }
}

void sb_cli_note(void *context, const char *rule, bool warning, const char *sentence)
{
    const struct sb_cli_notes *notes = context;
    if (notes->quiet && !warning)
        return;
    if (notes->meter != NULL)
        sb_meter_clear(notes->meter);
    fprintf(stderr, "sealbag: %s%s [%s]\n", warning ? "warning: " : "", sentence, rule);
}

int sb_cli_bad_option(const char *verb, char **argv)
{
    char shown[200];
    const char *given = optind > 0 ? argv[optind - 1] : "";
    return sb_cli_usage(verb, "The option \"%s\" is not known, or its value is missing.",
                        sealbag_text_escape(shown, sizeof(shown), given));
}

int sb_cli_finish(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "sealbag: The result could not be written: %s. [io.failed]\n", strerror(errno));
    return EXIT_NOT_JUDGED;
}
