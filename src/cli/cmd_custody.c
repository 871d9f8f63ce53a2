#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"

enum { OPT_EVENT = OPT_OWN, OPT_TO, OPT_NOTE };

static const struct option long_options[] = {
    SB_JUDGING_OPTIONS,
    SB_ADDING_OPTIONS,
    {"event", required_argument, NULL, OPT_EVENT},
    {"to", required_argument, NULL, OPT_TO},
    {"note", required_argument, NULL, OPT_NOTE},
    {NULL, 0, NULL, 0},
};

struct custody_arguments {
    struct sb_judging judging;
    struct sealbag_custody_options options;
    struct sb_adding adding;
    struct sb_meter meter;
    bool shown; /* the verdict was */
};

static int take_option(struct custody_arguments *a, int option, const char *value, char **argv)
{
    int code = sb_judging_option(&a->judging, "custody", option, value);
    if (code < 0)
        code = sb_adding_option(&a->adding, "custody", option, value);
    if (code >= 0)
        return code;
    a->adding.given = true;
    switch (option) {
    case OPT_EVENT:
        a->options.event = value;
        return 0;
    case OPT_TO:
        a->options.to = value;
        return 0;
    case OPT_NOTE:
        a->options.note = value;
        return 0;
    default:
        return sb_cli_bad_option("custody", argv);
    }
}

/* ---- add ------------------------------------------------------------------------------- */

static void show_line(const char *label, const char *text)
{
    char shown[8192];
    if (text != NULL)
        fprintf(stderr, "  %-8s %s\n", label, sealbag_text_escape(shown, sizeof(shown), text));
}

static void show_verdict(struct custody_arguments *a, const struct sealbag_verdict *verdict)
{
    if (verdict != NULL && !a->shown && (!a->judging.quiet || verdict->exit_code != EXIT_GOOD))
        sealbag_verdict_print(stderr, a->options.bundle, verdict);
    a->shown = true;
}

/* A sealbag_custody_confirm_fn. */
static int ask(void *context, const struct sealbag_custody_request *request)
{
    struct custody_arguments *a = context;
    const struct sealbag_custody_event *event = request->event;
    bool can_ask = sb_cli_can_ask();
    sb_meter_clear(&a->meter);
    /* Whoever is asked has to see what about. */
    if (can_ask && a->judging.quiet && (request->untrusted || !a->adding.yes))
        a->judging.quiet = false;
    show_verdict(a, request->verdict);
    if (!a->judging.quiet) {
        char shown[1100];
        fprintf(stderr, "%s to the bag \"%s\", seal id %.32s:\n",
                can_ask && !a->adding.yes ? "You are about to add, for everyone to read,"
                                          : "Adding",
                sealbag_text_escape(shown, sizeof(shown), request->verdict->name),
                request->verdict->seal_id);
        fprintf(stderr, "  Event:   %04u, %s, %s\n", event->number, event->event, event->date);
        fprintf(stderr, "  By:      %s\n", event->by);
        show_line("To:", event->to);
        show_line("Note:", event->note);
    }
    if (request->untrusted)
        return can_ask && sb_cli_ask("Nobody whom you trust has sealed it. Add it all the same?")
                   ? 0
                   : 1;
    return !can_ask || a->adding.yes || sb_cli_ask("Add it?") ? 0 : 1;
}

static void report_added(const struct custody_arguments *a,
                         const struct sealbag_custody_added *added)
{
    char shown[1000];
    const char *to = a->adding.output != NULL ? a->adding.output : a->options.bundle;
    if (a->judging.quiet)
        return;
    printf("%s: custody event %04u by %s\n", sealbag_text_escape(shown, sizeof(shown), to),
           added->number, added->fingerprint);
    printf("  Custody head:  %s\n", added->head);
    sb_cli_say(false, "Pass the head on by another way than the bundle: only with it "
                      "(--custody) can others tell that no event was cut off.");
}

static int add(struct custody_arguments *a)
{
    struct sb_error error = {0};
    struct sealbag_key *key = NULL;
    struct sealbag_custody_added added;
    struct sealbag_verdict *verdict = NULL;
    int code = sb_cli_key_load(&key, a->adding.key_file, &a->adding.from);
    if (code != 0)
        return code;
    sb_meter_start(&a->meter, a->judging.quiet, a->judging.time_limit);
    a->options.key = key;
    a->options.output = a->adding.output;
    a->options.time = a->adding.time;
    a->options.accept_untrusted = a->adding.accept_untrusted;
    a->options.confirm = ask;
    a->options.confirm_context = a;
    a->options.verify = a->judging.options;
    a->options.verify.progress = sb_meter_tick;
    a->options.verify.progress_context = &a->meter;
    int r = sealbag_custody_add(&added, &verdict, &a->options, &error);
    sb_meter_clear(&a->meter);
    sb_meter_explain(&error, &a->meter);
    show_verdict(a, verdict);
    if (r < 0) {
        code = sb_cli_fail(&error);
    } else if (!added.published) {
        code = verdict->exit_code;
        fprintf(stderr, "Nothing was added.%s\n",
                code == 3 ? " Look at the signers above; --accept-untrusted adds it all the same."
                          : "");
    } else {
        report_added(a, &added);
    }
    sealbag_verdict_free(verdict);
    sealbag_key_free(key);
    return code;
}

/* ---- list ------------------------------------------------------------------------------ */

static int list(const char *name, const struct sb_judging *judging)
{
    struct sealbag_verdict *verdict;
    int failed = sb_bundle_list(&verdict, name, judging);
    if (failed != 0)
        return failed;
    int code = verdict->exit_code;
    if (judging->json) {
        sealbag_verdict_print_json(stdout, name, verdict, false);
        fputc('\n', stdout);
    } else {
        if (code != EXIT_GOOD)
            sealbag_verdict_print(stderr, name, verdict);
        if (code != EXIT_BAD && code != EXIT_NOT_JUDGED)
            sealbag_custody_print(stdout, verdict);
    }
    sealbag_verdict_free(verdict);
    return code;
}

static int dispatch(struct custody_arguments *a, int count, char **words)
{
    bool adds = count == 2 && strcmp(words[0], "add") == 0;
    if (!adds && !(count == 2 && strcmp(words[0], "list") == 0))
        return sb_cli_usage("custody", "Use custody add --event WORD --key FILE BUNDLE, or custody "
                                       "list BUNDLE.");
    if (adds && (a->options.event == NULL || a->adding.key_file == NULL))
        return sb_cli_usage("custody", "An event needs --event WORD and --key FILE.");
    if (adds && (strcmp(words[1], "-") == 0 ||
                 (a->adding.output != NULL && strcmp(a->adding.output, "-") == 0)))
        return sb_cli_usage("custody", "An event is added to a file, not to a pipe.");
    if (adds && a->judging.json)
        return sb_cli_usage("custody", "Only custody list takes --json.");
    if (!adds && a->adding.given)
        return sb_cli_usage("custody", "custody list takes none of the options of custody add.");
    int code = sb_judging_load(&a->judging);
    if (code != 0)
        return code;
    a->options.bundle = words[1];
    return adds ? add(a) : list(words[1], &a->judging);
}

int sb_cmd_custody(int argc, char **argv)
{
    struct custody_arguments a = {
        .adding = {.time = (int64_t)time(NULL), .from = {.fd = -1}},
    };
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "o:j:", long_options, NULL)) != -1)
        code = take_option(&a, option, optarg, argv);
    if (code == 0)
        code = dispatch(&a, argc - optind, argv + optind);
    sb_judging_free(&a.judging);
    return sb_cli_finish(code);
}
