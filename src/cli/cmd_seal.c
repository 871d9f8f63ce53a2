#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "cli/cli.h"
#include "report/report.h"

enum { OPT_YES = 1, OPT_FORCE, OPT_FORMAT, OPT_LEVEL };

/* Of those that verify takes, only what says how the bag is read. */
static const struct option long_options[] = {
    SB_SEALING_OPTIONS,
    {"output", required_argument, NULL, 'o'},
    {"jobs", required_argument, NULL, 'j'},
    {"limit", required_argument, NULL, OPT_LIMIT},
    {"no-sandbox", no_argument, NULL, OPT_NO_SANDBOX},
    {"json", no_argument, NULL, OPT_JSON},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"force", no_argument, NULL, OPT_FORCE},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"level", required_argument, NULL, OPT_LEVEL},
    {"yes", no_argument, NULL, OPT_YES},
    {NULL, 0, NULL, 0},
};

struct seal_arguments {
    struct sealbag_seal_options options;
    struct sb_sealing sealing;
    struct sb_judging judging;
    struct sb_meter meter;
    bool packed; /* there is an option that is only about an output */
    bool yes;
    bool shown; /* the verdict was */
};

static int take_option(struct seal_arguments *a, int option, const char *value, char **argv)
{
    int code = sb_sealing_option(&a->sealing, "seal", option, value);
    if (code < 0)
        code = sb_judging_option(&a->judging, "seal", option, value);
    if (code >= 0)
        return code;
    switch (option) {
    case 'o':
        a->options.output = value;
        return 0;
    case OPT_FORMAT:
        a->packed = true;
        return sb_cli_format(&a->options.format, "seal", value);
    case OPT_LEVEL:
        a->packed = true;
        return sb_cli_level(&a->options.level, "seal", value);
    case OPT_FORCE:
        a->packed = true;
        a->options.force = true;
        return 0;
    case OPT_YES:
        a->yes = true;
        return 0;
    default:
        return sb_cli_bad_option("seal", argv);
    }
}

static int check(struct seal_arguments *a, int argc, char **argv)
{
    if (a->sealing.key_names.count == 0)
        return sb_cli_usage("seal", "Name the key to seal with: --key FILE.");
    if (argc - optind != 1)
        return sb_cli_usage("seal", "Name one bag to seal.");
    a->options.bag = argv[optind];
    if (a->packed && a->options.output == NULL)
        return sb_cli_usage("seal", "--format, --level and --force are about an output: name it "
                                    "with -o.");
    if (strcmp(a->options.bag, "-") == 0)
        return sb_cli_usage("seal", "A bag in a pipe cannot be sealed. Store it, and name it.");
    if (a->options.output != NULL && strcmp(a->options.output, "-") == 0)
        return sb_cli_usage("seal", "The sealed bag is verified before it appears, so it cannot go "
                                    "to a pipe. Use -o FILE.");
    return sb_cli_check_output("seal", a->options.output, argc, argv);
}

/* ---- what is shown ------------------------------------------------------------------------- */

static void show_verdict(struct seal_arguments *a, const struct sealbag_verdict *verdict)
{
    if (verdict != NULL && !a->shown && !a->judging.json &&
        (!a->judging.quiet || verdict->exit_code != 4))
        sealbag_verdict_print(stderr, a->options.bag, verdict);
    a->shown = true;
}

/* A sealbag_seal_fn. */
static int ask(void *context, const struct sealbag_verdict *verdict)
{
    struct seal_arguments *a = context;
    char shown[1100];
    bool can_ask = sb_cli_can_ask() && !a->judging.json && !a->yes;
    sb_meter_clear(&a->meter);
    /* Whoever is asked has to see what about. */
    if (can_ask)
        a->judging.quiet = false;
    show_verdict(a, verdict);
    sb_cli_say(a->judging.quiet || a->judging.json, "%s the bag \"%s\" (%" PRIu64 " %s) as it is.",
               can_ask ? "You are about to seal" : "Sealing",
               sealbag_text_escape(shown, sizeof(shown), verdict->name), verdict->documents,
               verdict->documents == 1 ? "document" : "documents");
    return !can_ask || sb_cli_ask("Seal it?") ? 0 : 1;
}

static const char *result(const struct seal_arguments *a)
{
    return a->options.output != NULL ? a->options.output : a->options.bag;
}

static void print_sealed(const struct seal_arguments *a, const struct sealbag_sealed *made)
{
    char size[SB_SIZE_TEXT], shown[1000];
    if (a->judging.quiet)
        return;
    printf("%s: sealed, with %" PRIu64 " %s (%s) in the bag \"%s\"\n",
           sealbag_text_escape(shown, sizeof(shown), result(a)), made->documents,
           made->documents == 1 ? "document" : "documents", sb_text_size(size, made->bytes),
           made->name);
    printf("  Covered:  the documents and %" PRIu64 " other %s", made->covered,
           made->covered == 1 ? "file" : "files");
    if (made->unlisted > 0)
        printf(", %" PRIu64 " of them listed nowhere before", made->unlisted);
    puts("");
    if (made->manifest)
        puts("  Added:    seal/manifest-sha256.txt, since no manifest of SHA-256 in the bag lists "
             "all documents");
    sb_sealing_print(stdout, &a->sealing, made->seal_id);
}

/* The run as one JSON object: the verdict on what was there, the seal, and the exit code. */
static void print_json(const struct seal_arguments *a, const struct sealbag_verdict *verdict,
                       const struct sealbag_sealed *made, const struct sb_error *error, int code)
{
    sb_json_begin(stdout, "sealbag-seal-1", a->options.bag, verdict);
    sb_json_field(stdout, "bag", made->published ? result(a) : NULL);
    fputs(",\"seal\":", stdout);
    if (made->published)
        printf("{\"id\":\"%s\",\"covered\":%" PRIu64 ",\"unlisted\":%" PRIu64 ",\"manifest\":%s}",
               made->seal_id, made->covered, made->unlisted, made->manifest ? "true" : "false");
    else
        fputs("null", stdout);
    sb_json_end(stdout, error, code);
}

static int seal(struct seal_arguments *a)
{
    struct sb_error error = {0};
    struct sealbag_verdict *verdict = NULL;
    struct sealbag_sealed made;
    int r = sealbag_bag_seal(&made, &verdict, &a->options, &error);
    sb_meter_clear(&a->meter);
    sb_meter_explain(&error, &a->meter);
    if (verdict != NULL && !verdict->sealed) /* nobody asked whether that seal holds */
        show_verdict(a, verdict);
    int code = EXIT_GOOD;
    if (r < 0) {
        code = sb_cli_fail(&error);
    } else if (!made.published && verdict != NULL) {
        code = verdict->exit_code;
        if (!a->judging.json)
            fputs(verdict->intact == SEALBAG_NOT_A_BAG
                      ? "Nothing was sealed: seal takes a bag. Documents are put "
                        "into one, and sealed, with sealbag create.\n"
                      : "Nothing was sealed: only a bag that is intact is.\n",
                  stderr);
    } else if (!a->judging.json) {
        print_sealed(a, &made);
    }
    if (r == 0)
        error = (struct sb_error){0};
    if (a->judging.json)
        print_json(a, verdict, &made, &error, code);
    sealbag_verdict_free(verdict);
    return code;
}

static void take_options(struct seal_arguments *a)
{
    struct sb_judging *judging = &a->judging;
    if (judging->time_limit == 0)
        judging->time_limit = SB_TIME_LIMIT;
    if (judging->options.jobs == 0)
        judging->options.jobs = sb_process_cores();
    sb_meter_start(&a->meter, judging->quiet, judging->time_limit);
    judging->options.progress = sb_meter_tick;
    judging->options.progress_context = &a->meter;
    a->options.verify = judging->options;
    a->options.keys = a->sealing.keys;
    a->options.key_count = a->sealing.key_count;
    a->options.cosigners = a->sealing.cosigners;
    a->options.cosigner_count = a->sealing.cosigner_count;
    a->options.time = a->sealing.time;
    a->options.salt = a->sealing.salted ? a->sealing.salt : NULL;
    a->options.supersedes = a->sealing.supersedes[0] != 0 ? a->sealing.supersedes : NULL;
    a->options.confirm = ask;
    a->options.confirm_context = a;
}

int sb_cmd_seal(int argc, char **argv)
{
    struct seal_arguments a = {.sealing = {.time = (int64_t)time(NULL), .from = {.fd = -1}}};
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "o:j:", long_options, NULL)) != -1)
        code = take_option(&a, option, optarg, argv);
    if (code == 0)
        code = check(&a, argc, argv);
    if (code == 0)
        code = sb_sealing_load(&a.sealing, "seal");
    if (code == 0) {
        take_options(&a);
        code = seal(&a);
    }
    sb_sealing_free(&a.sealing);
    sb_judging_free(&a.judging);
    return sb_cli_finish(code);
}
