#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"

enum {
    OPT_EVENT = OPT_OWN,
    OPT_KEY,
    OPT_TO,
    OPT_NOTE,
    OPT_TIME,
    OPT_YES,
    OPT_ACCEPT_UNTRUSTED,
    OPT_PASSPHRASE_FD,
    OPT_PASSPHRASE_FILE,
};

static const struct option long_options[] = {
    SB_JUDGING_OPTIONS,
    {"event", required_argument, NULL, OPT_EVENT},
    {"key", required_argument, NULL, OPT_KEY},
    {"to", required_argument, NULL, OPT_TO},
    {"note", required_argument, NULL, OPT_NOTE},
    {"time", required_argument, NULL, OPT_TIME},
    {"yes", no_argument, NULL, OPT_YES},
    {"accept-untrusted", no_argument, NULL, OPT_ACCEPT_UNTRUSTED},
    {"passphrase-fd", required_argument, NULL, OPT_PASSPHRASE_FD},
    {"passphrase-file", required_argument, NULL, OPT_PASSPHRASE_FILE},
    {NULL, 0, NULL, 0},
};

struct custody_arguments {
    struct sb_judging judging;
    struct sealbag_custody_options options;
    const char *key_file;
    struct sb_passphrases from;
    bool yes;
    bool adding; /* there is an option that only add takes */
};

static int take_option(struct custody_arguments *a, int option, const char *value, char **argv)
{
    int code = sb_judging_option(&a->judging, "custody", option, value);
    if (code >= 0)
        return code;
    a->adding = true;
    switch (option) {
    case OPT_EVENT:
        a->options.event = value;
        return 0;
    case OPT_KEY:
        if (a->key_file != NULL)
            return sb_cli_usage("custody", "An event has one signer: give one --key.");
        a->key_file = value;
        return 0;
    case OPT_TO:
        a->options.to = value;
        return 0;
    case OPT_NOTE:
        a->options.note = value;
        return 0;
    case OPT_TIME: {
        char shown[100];
        if (sb_time_parse(&a->options.time, value, strlen(value), false))
            return 0;
        return sb_cli_usage("custody", "\"%s\" is not a time. Write it as 2026-11-25T10:00:00Z.",
                            sealbag_text_escape(shown, sizeof(shown), value));
    }
    case OPT_YES:
        a->yes = true;
        return 0;
    case OPT_ACCEPT_UNTRUSTED:
        a->options.accept_untrusted = true;
        return 0;
    case OPT_PASSPHRASE_FD:
    case OPT_PASSPHRASE_FILE:
        return sb_passphrases_option(&a->from, "custody", option == OPT_PASSPHRASE_FD, value);
    default:
        return sb_cli_bad_option("custody", argv);
    }
}

/* ---- add ------------------------------------------------------------------------------- */

/* A line on the terminal. */
static bool ask_yes(const char *question)
{
    char line[16];
    FILE *tty = fopen("/dev/tty", "r+e");
    if (tty == NULL) {
        sb_cli_warn("There is no terminal to ask on. Look at the verdict, then use --yes. "
                    "[run.cancelled]");
        return false;
    }
    fprintf(tty, "%s", question);
    fflush(tty);
    bool yes = fgets(line, sizeof(line), tty) != NULL &&
               (strcmp(line, "y\n") == 0 || strcmp(line, "yes\n") == 0);
    fclose(tty);
    return yes;
}

static void show_line(const char *label, const char *text)
{
    char shown[8192];
    if (text != NULL)
        fprintf(stderr, "  %-8s %s\n", label, sealbag_text_escape(shown, sizeof(shown), text));
}

/* A sealbag_custody_confirm_fn: shows the bundle and the event. */
static int confirm(void *context, const struct sealbag_custody_request *request)
{
    const struct custody_arguments *a = context;
    const struct sealbag_custody_event *event = request->event;
    if (request->untrusted)
        return 1; /* the verdict is shown, with a reason */
    if (!a->judging.quiet) {
        sealbag_verdict_print(stderr, a->options.bundle, request->verdict);
        fprintf(stderr, "This event will be added for good, and everyone can read it:\n");
        fprintf(stderr, "  Event:   %04u, %s, %s\n", event->number, event->event, event->date);
        fprintf(stderr, "  By:      %s\n", event->by);
        show_line("To:", event->to);
        show_line("Note:", event->note);
    }
    if (a->yes)
        return 0;
    return ask_yes("Add it? [y/N] ") ? 0 : 1;
}

static int load_key(struct sealbag_key **key, struct custody_arguments *a)
{
    struct sb_error error = {0};
    bool world_readable;
    struct sealbag_key_info info;
    if (sealbag_key_load(key, a->key_file, sb_passphrase_ask, &a->from, &error) < 0)
        return sb_cli_fail(&error);
    sealbag_key_describe(&info, &world_readable, *key);
    if (world_readable) {
        char shown[1000];
        sb_cli_warn("Others than you can read the secret key %s. Make it yours alone with chmod "
                    "600. [key.readable]",
                    sealbag_text_escape(shown, sizeof(shown), a->key_file));
    }
    return 0;
}

static int report_added(const struct custody_arguments *a,
                        const struct sealbag_custody_added *added)
{
    char shown[1000];
    printf("%s: custody event %04u by %s\n",
           sealbag_text_escape(shown, sizeof(shown), a->options.bundle), added->number,
           added->fingerprint);
    printf("  Custody head:  %s\n", added->head);
    sb_cli_say(a->judging.quiet, "Pass the head on by another way than the bundle: only with it "
                                 "(--custody) can others tell that no event was cut off.");
    return EXIT_GOOD;
}

/* Why nothing was added. */
static int report_refused(const struct custody_arguments *a, const struct sealbag_verdict *verdict)
{
    sealbag_verdict_print(stderr, a->options.bundle, verdict);
    fputs(verdict->exit_code == 3
              ? "sealbag: Nothing was added, because the bundle is not sealed by those whom you "
                "trust. To add the event all the same: --accept-untrusted. [trust.too-few]\n"
              : "sealbag: Nothing was added, because the bundle is not intact and sealed. "
                "[run.cancelled]\n",
          stderr);
    return verdict->exit_code != 0 ? verdict->exit_code : EXIT_NOT_JUDGED;
}

static int add(struct custody_arguments *a)
{
    struct sb_error error = {0};
    struct sb_meter meter;
    struct sealbag_key *key = NULL;
    struct sealbag_custody_added added;
    struct sealbag_verdict *verdict = NULL;
    int code = load_key(&key, a);
    if (code != 0)
        return code;
    sb_meter_start(&meter, a->judging.quiet, a->judging.time_limit);
    a->options.key = key;
    a->options.confirm = confirm;
    a->options.confirm_context = a;
    a->options.verify = a->judging.options;
    a->options.verify.progress = sb_meter_tick;
    a->options.verify.progress_context = &meter;
    int r = sealbag_custody_add(&added, &verdict, &a->options, &error);
    sb_meter_clear(&meter);
    sb_meter_explain(&error, &meter);
    if (r < 0)
        code = sb_cli_fail(&error);
    else
        code = added.published ? report_added(a, &added) : report_refused(a, verdict);
    sealbag_verdict_free(verdict);
    sealbag_key_free(key);
    return code;
}

/* ---- list ------------------------------------------------------------------------------ */

static int list(const char *name, const struct sb_judging *judging)
{
    struct sb_error error = {0};
    struct sealbag_verdict *verdict = NULL;
    struct sb_meter meter;
    sb_meter_start(&meter, judging->quiet, judging->time_limit);
    struct sealbag_verify_options options = judging->options;
    options.progress = sb_meter_tick;
    options.progress_context = &meter;
    int fd = sb_bundle_open(name, &error);
    int r = fd < 0 ? SEALBAG_ERR_IO : sealbag_bundle_list(&verdict, fd, &options, &error);
    sb_meter_clear(&meter);
    if (fd >= 0)
        sb_bundle_close(fd);
    sb_meter_explain(&error, &meter);
    if (r < 0)
        return sb_cli_fail(&error);
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
    if (adds && (a->options.event == NULL || a->key_file == NULL))
        return sb_cli_usage("custody", "An event needs --event WORD and --key FILE.");
    if (adds && strcmp(words[1], "-") == 0)
        return sb_cli_usage("custody", "An event is added to a file, not to a pipe.");
    if (adds && a->judging.json)
        return sb_cli_usage("custody", "Only custody list takes --json.");
    if (!adds && a->adding)
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
        .options = {.time = (int64_t)time(NULL)},
        .from = {.fd = -1},
    };
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "j:", long_options, NULL)) != -1)
        code = take_option(&a, option, optarg, argv);
    if (code == 0)
        code = dispatch(&a, argc - optind, argv + optind);
    sb_judging_free(&a.judging);
    return sb_cli_finish(code);
}
