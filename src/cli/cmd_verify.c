#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "report/report.h"

enum { OPT_FAST = OPT_OWN, OPT_COMPLETENESS, OPT_PROFILE };

static const struct option long_options[] = {
    {"fast", no_argument, NULL, OPT_FAST},
    {"completeness-only", no_argument, NULL, OPT_COMPLETENESS},
    {"profile", required_argument, NULL, OPT_PROFILE},
    SB_JUDGING_OPTIONS,
    {NULL, 0, NULL, 0},
};

/* A bundle that could not be judged because of our side, as JSON. */
static void print_failure(const char *name, const struct sb_error *error)
{
    fputs("{\"bundle\":", stdout);
    sb_json_string(stdout, name);
    fputs(",\"exit\":5,\"error\":", stdout);
    sb_json_error(stdout, error);
    fputc('}', stdout);
}

static int verify_one(const char *name, const struct sb_judging *judging)
{
    struct sb_error error = {0};
    struct sealbag_verdict *verdict = NULL;
    struct sb_meter meter;
    struct sealbag_verify_options options = judging->options;
    sb_meter_start(&meter, judging->quiet, judging->time_limit);
    options.unlisted = true;
    options.named = strcmp(name, "-") != 0 ? name : NULL; /* a pipe has none */
    options.progress = sb_meter_tick;
    options.progress_context = &meter;
    int fd = sb_cli_open_bundle(name, &error);
    int r = fd < 0 ? SEALBAG_ERR_IO : sealbag_bundle_verify(&verdict, fd, &options, &error);
    sb_meter_clear(&meter);
    if (fd >= 0)
        sb_cli_close_bundle(fd);
    if (r < 0) {
        sb_meter_explain(&error, &meter);
        int code = sb_cli_fail(&error);
        if (judging->json)
            print_failure(name, &error);
        return code;
    }
    int code = verdict->exit_code;
    if (judging->json)
        sealbag_verdict_print_json(stdout, name, verdict, false);
    else
        sealbag_verdict_print(stdout, name, verdict);
    sealbag_verdict_free(verdict);
    return code;
}

static int verify_all(char **names, const struct sb_judging *judging)
{
    int worst = EXIT_GOOD;
    if (judging->json)
        fputs("{\"format\":\"sealbag-verdict-1\",\"verdicts\":[", stdout);
    for (size_t i = 0; names[i] != NULL; i++) {
        if (i > 0)
            fputs(judging->json ? "," : "\n", stdout);
        int code = verify_one(names[i], judging);
        worst = sealbag_exit_worse(worst, code);
        if (sb_process_stopped())
            break;
    }
    if (judging->json)
        printf("],\"exit\":%d}\n", worst);
    return worst;
}

static int take_option(struct sb_judging *judging, int option, const char *value, char **argv)
{
    if (option == OPT_FAST || option == OPT_COMPLETENESS) {
        enum sealbag_depth depth = option == OPT_FAST ? SEALBAG_FAST : SEALBAG_COMPLETENESS;
        if (judging->options.depth != SEALBAG_WHOLE && judging->options.depth != depth)
            return sb_cli_usage("verify", "Give either --fast or --completeness-only.");
        judging->options.depth = depth;
        return 0;
    }
    int code = sb_judging_option(judging, "verify", option, value);
    return code < 0 ? sb_cli_bad_option("verify", argv) : code;
}

int sb_cmd_verify(int argc, char **argv)
{
    struct sb_judging judging = {0};
    struct sealbag_profile *profile = NULL;
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "j:", long_options, NULL)) != -1)
        code = option == OPT_PROFILE ? sb_cli_profile(&profile, "verify", optarg)
                                     : take_option(&judging, option, optarg, argv);
    if (code == 0 && optind == argc)
        code = sb_cli_usage("verify", "Name the bundles to verify, or - for a pipe.");
    if (code == 0)
        code = sb_judging_load(&judging);
    judging.options.profile = profile;
    if (code == 0)
        code = verify_all(argv + optind, &judging);
    sb_judging_free(&judging);
    sealbag_profile_free(profile);
    return sb_cli_finish(code);
}
