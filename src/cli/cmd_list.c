#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct option long_options[] = {SB_JUDGING_OPTIONS, {NULL, 0, NULL, 0}};

static void print_documents(const struct sealbag_verdict *verdict)
{
    char shown[16500];
    for (uint64_t i = 0; verdict->document != NULL && i < verdict->documents; i++)
        printf("%12" PRIu64 "  %s\n", verdict->document[i].size,
               sealbag_text_escape(shown, sizeof(shown), verdict->document[i].path));
}

/* A good verdict is not shown, but that not all was read, or why all had to be, is. */
static void print_how_read(const struct sealbag_verdict *verdict, bool quiet)
{
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct sealbag_finding *finding = &verdict->finding[i];
        if (strcmp(finding->rule, "bag.partly-read") == 0)
            sb_cli_say(quiet, "%s [%s]", finding->sentence, finding->rule);
        else if (strcmp(finding->rule, "seal.index-not-used") == 0)
            sb_cli_warn("%s [%s]", finding->sentence, finding->rule);
    }
    sb_cli_verdict_warnings(verdict);
}

static int list(const char *name, const struct sb_judging *judging)
{
    struct sealbag_verdict *verdict;
    int failed = sb_bundle_list(&verdict, name, judging);
    if (failed != 0)
        return failed;
    int code = verdict->exit_code;
    bool usable = code != EXIT_BAD && code != EXIT_NOT_JUDGED;
    if (judging->json) {
        sealbag_verdict_print_json(stdout, name, verdict, usable);
        fputc('\n', stdout);
    } else {
        if (code != EXIT_GOOD)
            sealbag_verdict_print(stderr, name, verdict);
        else
            print_how_read(verdict, judging->quiet);
        if (usable)
            print_documents(verdict);
    }
    sealbag_verdict_free(verdict);
    return code;
}

int sb_cmd_list(int argc, char **argv)
{
    struct sb_judging judging = {0};
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "j:", long_options, NULL)) != -1) {
        code = sb_judging_option(&judging, "list", option, optarg);
        if (code < 0)
            code = sb_cli_bad_option("list", argv);
    }
    if (code == 0 && optind + 1 != argc)
        code = sb_cli_usage("list", "Name one bundle, or - for a pipe.");
    if (code == 0)
        code = sb_judging_load(&judging);
    if (code == 0)
        code = list(argv[optind], &judging);
    sb_judging_free(&judging);
    return sb_cli_finish(code);
}
