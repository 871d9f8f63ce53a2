#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "report/report.h"

enum { OPT_FORMAT = OPT_OWN, OPT_LEVEL, OPT_FORCE };

static const struct option long_options[] = {
    SB_JUDGING_OPTIONS,
    {"output", required_argument, NULL, 'o'},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"level", required_argument, NULL, OPT_LEVEL},
    {"force", no_argument, NULL, OPT_FORCE},
    {NULL, 0, NULL, 0},
};

static void print_converted(const char *output, const struct sealbag_converted *converted,
                            const struct sealbag_verdict *verdict, bool quiet)
{
    char shown[1000], name[600], size[SB_SIZE_TEXT];
    if (converted->beyond_ratio)
        sb_cli_warn_ratio(converted->bytes, converted->bundle_bytes);
    if (quiet)
        return;
    printf("%s: %" PRIu64 " %s (%s) in the bag \"%s\"\n",
           sealbag_text_escape(shown, sizeof(shown), output), converted->documents,
           converted->documents == 1 ? "document" : "documents",
           sb_text_size(size, converted->bytes),
           sealbag_text_escape(name, sizeof(name), converted->name));
    if (verdict->seal_id[0] != 0)
        printf("  Seal id:  %s\n", verdict->seal_id);
}

static void print_json(const char *name, const char *output, const struct sealbag_verdict *verdict,
                       const struct sealbag_converted *converted, const struct sb_error *error,
                       int code)
{
    sb_json_begin(stdout, "sealbag-convert-1", name, verdict);
    sb_json_field(stdout, "output", converted->published ? output : NULL);
    printf(",\"documents\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"bundle_bytes\":%" PRIu64,
           converted->documents, converted->bytes, converted->bundle_bytes);
    sb_json_end(stdout, error, code);
}

static int convert(const char *name, const struct sealbag_convert_options *options,
                   const struct sb_judging *judging)
{
    struct sb_error error = {0};
    struct sealbag_verdict *verdict = NULL;
    struct sealbag_converted converted = {0};
    int fd = sb_cli_open_bundle(name, &error);
    int r =
        fd < 0 ? SEALBAG_ERR_IO : sealbag_bundle_convert(&converted, &verdict, fd, options, &error);
    sb_meter_clear(options->verify.progress_context);
    if (fd >= 0)
        sb_cli_close_bundle(fd);
    sb_meter_explain(&error, options->verify.progress_context);
    int code = verdict != NULL ? verdict->exit_code : EXIT_NOT_JUDGED;
    if (!judging->json && verdict != NULL)
        sb_cli_verdict(name, verdict, judging->quiet);
    if (!judging->json && verdict != NULL && converted.published)
        print_converted(options->output, &converted, verdict, judging->quiet);
    else if (!judging->json && r == 0)
        fputs("Nothing was converted.\n", stderr);
    if (r == 0) {
        error = (struct sb_error){0};
    } else {
        /* A failure to write must not look like a verdict, but a bad bundle stays bad. */
        int failed = sb_cli_fail(&error);
        code = code == EXIT_BAD ? code : failed;
    }
    if (judging->json)
        print_json(name, options->output, verdict, &converted, &error, code);
    sealbag_verdict_free(verdict);
    return code;
}

static int take_option(struct sealbag_convert_options *options, struct sb_judging *judging,
                       int option, const char *value, char **argv)
{
    int code = sb_judging_option(judging, "convert", option, value);
    if (code >= 0)
        return code;
    switch (option) {
    case 'o':
        options->output = value;
        return 0;
    case OPT_FORMAT:
        return sb_cli_format(&options->format, "convert", value);
    case OPT_LEVEL:
        return sb_cli_level(&options->level, "convert", value);
    case OPT_FORCE:
        options->force = true;
        return 0;
    default:
        return sb_cli_bad_option("convert", argv);
    }
}

static int check(const struct sealbag_convert_options *options, int argc)
{
    if (optind == argc)
        return sb_cli_usage("convert", "Name a bundle, or - for a pipe.");
    if (optind + 1 < argc)
        return sb_cli_usage("convert", "Only one bundle is converted at a time.");
    if (options->output == NULL)
        return sb_cli_usage("convert", "Name what to write with -o.");
    if (strcmp(options->output, "-") == 0)
        return sb_cli_usage("convert", "What is made is verified before anybody gets it, so it "
                                       "cannot go to a pipe. Use -o FILE.");
    return 0;
}

int sb_cmd_convert(int argc, char **argv)
{
    struct sb_judging judging = {0};
    struct sealbag_convert_options options = {0};
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "o:j:", long_options, NULL)) != -1)
        code = take_option(&options, &judging, option, optarg, argv);
    if (code == 0)
        code = check(&options, argc);
    if (code == 0)
        code = sb_cli_check_output("convert", options.output, argc, argv);
    if (code == 0)
        code = sb_judging_load(&judging);
    if (code == 0) {
        struct sb_meter meter;
        sb_meter_start(&meter, judging.quiet, judging.time_limit);
        judging.options.progress = sb_meter_tick;
        judging.options.progress_context = &meter;
        options.verify = judging.options;
        code = convert(argv[optind], &options, &judging);
    }
    sb_judging_free(&judging);
    return sb_cli_finish(code);
}
