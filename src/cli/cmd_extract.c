#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "report/report.h"

enum { OPT_UNTRUSTED = OPT_OWN, OPT_UNSIGNED, OPT_SALVAGE, OPT_NO_MTIMES };

static const struct option long_options[] = {
    SB_JUDGING_OPTIONS,
    {"directory", required_argument, NULL, 'C'},
    {"accept-untrusted", no_argument, NULL, OPT_UNTRUSTED},
    {"accept-unsigned", no_argument, NULL, OPT_UNSIGNED},
    {"salvage", no_argument, NULL, OPT_SALVAGE},
    {"no-restore-mtimes", no_argument, NULL, OPT_NO_MTIMES},
    {NULL, 0, NULL, 0},
};

static void print_published(const struct sealbag_extracted *extracted, bool incomplete)
{
    char shown[4096], size[SB_SIZE_TEXT];
    printf("Extracted %" PRIu64 " %s (%s) to %s%s\n", extracted->documents,
           extracted->documents == 1 ? "document" : "documents",
           sb_text_size(size, extracted->bytes),
           sealbag_text_escape(shown, sizeof(shown), extracted->folder),
           incomplete ? ", which is INCOMPLETE" : "");
    for (size_t i = 0; i < extracted->lost_count; i++)
        printf("Lost: %s\n", sealbag_text_escape(shown, sizeof(shown), extracted->lost[i]));
}

static void print_times(const struct sealbag_extracted *extracted, int exit_code, bool quiet)
{
    const char *times = extracted->mtimes_left == 1 ? "time is" : "times are";
    if (extracted->mtimes > 0 && !quiet)
        printf("Restored %" PRIu64 " file %s, as stated by the signer\n", extracted->mtimes,
               extracted->mtimes == 1 ? "time" : "times");
    if (extracted->mtimes_left > 0 && exit_code == 4)
        sb_cli_warn("%" PRIu64 " file %s not restored: stated by nobody, since the bag is "
                    "unsigned. [extract.mtimes]",
                    extracted->mtimes_left, times);
    else if (extracted->mtimes_left > 0)
        sb_cli_warn("%" PRIu64 " file %s not restored: malformed, or beyond what this disk can "
                    "hold. [extract.mtimes]",
                    extracted->mtimes_left, times);
}

static const char *why_not(int exit_code)
{
    switch (exit_code) {
    case 3:
        return " First find out whose keys these are; --accept-untrusted extracts it all the same.";
    case 4:
        return " --accept-unsigned extracts it all the same.";
    case 1:
        return " --salvage saves the documents that still match a signed manifest.";
    default:
        return "";
    }
}

/* The run as one JSON object: the verdict, what was published, and the exit code. */
static void print_json(const char *name, const struct sealbag_verdict *verdict,
                       const struct sealbag_extracted *extracted, const struct sb_error *error,
                       int code)
{
    sb_json_begin(stdout, "sealbag-extract-1", name, verdict);
    sb_json_field(stdout, "folder", extracted->published ? extracted->folder : NULL);
    printf(",\"documents\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"mtimes\":%" PRIu64
           ",\"mtimes_left\":%" PRIu64 ",\"lost\":[",
           extracted->documents, extracted->bytes, extracted->mtimes, extracted->mtimes_left);
    for (size_t i = 0; i < extracted->lost_count; i++) {
        fputs(i > 0 ? "," : "", stdout);
        sb_json_string(stdout, extracted->lost[i]);
    }
    fputc(']', stdout);
    sb_json_end(stdout, error, code);
}

/* `done`: nothing failed on our side, so that there is a verdict. */
static void print_text(const char *name, const struct sealbag_verdict *verdict,
                       const struct sealbag_extracted *extracted, bool done, bool quiet)
{
    if (verdict == NULL)
        return;
    sb_cli_verdict(name, verdict, quiet);
    if (done && extracted->published) {
        print_published(extracted, verdict->exit_code == EXIT_BAD);
        print_times(extracted, verdict->exit_code, quiet);
    } else if (done)
        fprintf(stderr, "Nothing was extracted.%s\n", why_not(verdict->exit_code));
}

static int extract(const char *name, const struct sealbag_extract_options *options,
                   const struct sb_judging *judging)
{
    struct sb_error error = {0};
    struct sealbag_verdict *verdict = NULL;
    struct sealbag_extracted extracted = {0};
    int fd = sb_cli_open_bundle(name, &error);
    int r =
        fd < 0 ? SEALBAG_ERR_IO : sealbag_bundle_extract(&extracted, &verdict, fd, options, &error);
    sb_meter_clear(options->verify.progress_context);
    if (fd >= 0)
        sb_cli_close_bundle(fd);
    sb_meter_explain(&error, options->verify.progress_context);
    int code = verdict != NULL ? verdict->exit_code : EXIT_NOT_JUDGED;
    if (!judging->json)
        print_text(name, verdict, &extracted, r == 0, judging->quiet);
    if (r == 0) {
        error = (struct sb_error){0};
    } else {
        /* A failure to write must not look like a verdict, but a bad bundle stays bad. */
        int failed = sb_cli_fail(&error);
        code = code == EXIT_BAD ? code : failed;
    }
    if (judging->json)
        print_json(name, verdict, &extracted, &error, code);
    sealbag_extracted_free(&extracted);
    sealbag_verdict_free(verdict);
    return code;
}

int sb_cmd_extract(int argc, char **argv)
{
    struct sb_judging judging = {0};
    struct sealbag_extract_options options = {.directory = "."};
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "C:j:", long_options, NULL)) != -1) {
        code = sb_judging_option(&judging, "extract", option, optarg);
        if (code >= 0)
            continue;
        code = 0;
        if (option == 'C')
            options.directory = optarg;
        else if (option == OPT_UNTRUSTED)
            options.accept_untrusted = true;
        else if (option == OPT_UNSIGNED)
            options.accept_unsigned = true;
        else if (option == OPT_SALVAGE)
            options.salvage = true;
        else if (option == OPT_NO_MTIMES)
            options.no_mtimes = true;
        else
            code = sb_cli_bad_option("extract", argv);
    }
    if (code == 0 && optind == argc)
        code = sb_cli_usage("extract", "Name a bundle, or - for a pipe.");
    if (code == 0)
        code = sb_judging_load(&judging);
    if (code == 0) {
        struct sb_meter meter;
        sb_meter_start(&meter, judging.quiet, judging.time_limit);
        judging.options.progress = sb_meter_tick;
        judging.options.progress_context = &meter;
        options.verify = judging.options;
        options.paths = (const char *const *)(argv + optind + 1);
        options.path_count = (size_t)(argc - optind) - 1;
        code = extract(argv[optind], &options, &judging);
    }
    sb_judging_free(&judging);
    return sb_cli_finish(code);
}
