#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "cli/cli.h"
#include "report/report.h"

static const struct option long_options[] = {
    SB_JUDGING_OPTIONS,
    SB_ADDING_OPTIONS,
    {NULL, 0, NULL, 0},
};

struct sign_arguments {
    struct sealbag_sign_options options;
    struct sb_judging judging;
    struct sb_meter meter;
    struct sb_adding adding;
    struct sealbag_key *key;
    bool shown; /* the verdict was */
};

static int take_option(struct sign_arguments *a, int option, const char *value, char **argv)
{
    int code = sb_judging_option(&a->judging, "sign", option, value);
    if (code < 0)
        code = sb_adding_option(&a->adding, "sign", option, value);
    return code >= 0 ? code : sb_cli_bad_option("sign", argv);
}

static int check(struct sign_arguments *a, int argc, char **argv)
{
    if (a->adding.key_file == NULL)
        return sb_cli_usage("sign", "Name the key to sign with: --key FILE.");
    if (argc - optind != 1)
        return sb_cli_usage("sign", "Name one bundle to sign.");
    a->options.bundle = argv[optind];
    if (strcmp(a->options.bundle, "-") == 0 ||
        (a->adding.output != NULL && strcmp(a->adding.output, "-") == 0))
        return sb_cli_usage("sign", "A bundle in a pipe cannot be signed. Store it in a file.");
    return 0;
}

/* ---- what is shown ------------------------------------------------------------------------- */

static void show_verdict(struct sign_arguments *a, const struct sealbag_verdict *verdict)
{
    if (verdict != NULL && !a->shown && !a->judging.json &&
        (!a->judging.quiet || verdict->exit_code != EXIT_GOOD))
        sealbag_verdict_print(stderr, a->options.bundle, verdict);
    a->shown = true;
}

/* A sealbag_confirm_fn. */
static int ask(void *context, const struct sealbag_sign_request *request)
{
    struct sign_arguments *a = context;
    const struct sealbag_verdict *verdict = request->verdict;
    char shown[1100];
    bool can_ask = sb_cli_can_ask() && !a->judging.json;
    sb_meter_clear(&a->meter);
    /* Whoever is asked has to see what about. */
    if (can_ask && a->judging.quiet && (request->untrusted || !a->adding.yes))
        a->judging.quiet = false;
    show_verdict(a, verdict);
    sb_cli_say(a->judging.quiet || a->judging.json,
               "%s with the key %s\n  the bag \"%s\" (%" PRIu64 " %s), seal id %.32s,\n  %s.",
               can_ask && !a->adding.yes ? "You are about to sign" : "Signing",
               request->fingerprint, sealbag_text_escape(shown, sizeof(shown), verdict->name),
               verdict->documents, verdict->documents == 1 ? "document" : "documents",
               verdict->seal_id,
               request->seal ? "as one of the signers that its seal names"
                             : "as a countersigner: its seal does not name this key");
    if (request->untrusted)
        return can_ask && sb_cli_ask(verdict->trusted_seals > 0
                                         ? "It is not sealed as asked; see above. Sign it all the "
                                           "same?"
                                         : "Nobody whom you trust has sealed it. Sign it all the "
                                           "same?")
                   ? 0
                   : 1;
    return !can_ask || a->adding.yes || sb_cli_ask("Sign it?") ? 0 : 1;
}

static const char *why_not(int exit_code)
{
    return exit_code == 3 ? " Look at the signers above; --accept-untrusted signs it all the same."
                          : "";
}

static void print_signed(const struct sign_arguments *a, const struct sealbag_signed *made)
{
    const char *to = a->adding.output != NULL ? a->adding.output : a->options.bundle;
    char shown[1000];
    if (a->judging.quiet)
        return;
    printf("%s: signed by %s%s\n", sealbag_text_escape(shown, sizeof(shown), to), made->fingerprint,
           made->seal ? "" : ", as a countersignature");
    printf("  The signature is %s in the bag.\n", made->file);
}

/* The run as one JSON object: the verdict on what was there, what was added, and the exit code. */
static void print_json(const struct sign_arguments *a, const struct sealbag_verdict *verdict,
                       const struct sealbag_signed *made, const struct sb_error *error, int code)
{
    const char *output = a->adding.output != NULL ? a->adding.output : a->options.bundle;
    sb_json_begin(stdout, "sealbag-sign-1", a->options.bundle, verdict);
    sb_json_field(stdout, "bundle", made->published ? output : NULL);
    fputs(",\"signature\":", stdout);
    if (made->published)
        printf("{\"path\":\"%s\",\"fingerprint\":\"%s\",\"seal\":%s}", made->file,
               made->fingerprint, made->seal ? "true" : "false");
    else
        fputs("null", stdout);
    sb_json_end(stdout, error, code);
}

static int sign(struct sign_arguments *a)
{
    struct sb_error error = {0};
    struct sealbag_verdict *verdict = NULL;
    struct sealbag_signed made;
    int r = sealbag_bundle_sign(&made, &verdict, &a->options, &error);
    sb_meter_clear(&a->meter);
    sb_meter_explain(&error, &a->meter);
    show_verdict(a, verdict);
    int code = EXIT_GOOD;
    if (r < 0) {
        code = sb_cli_fail(&error);
    } else if (!made.published) {
        code = verdict->exit_code;
        if (!a->judging.json)
            fprintf(stderr, "Nothing was signed.%s\n", why_not(code));
    } else if (!a->judging.json) {
        print_signed(a, &made);
    }
    if (r == 0)
        error = (struct sb_error){0};
    if (a->judging.json)
        print_json(a, verdict, &made, &error, code);
    sealbag_verdict_free(verdict);
    return code;
}

int sb_cmd_sign(int argc, char **argv)
{
    struct sign_arguments a = {.adding = {.time = (int64_t)time(NULL), .from = {.fd = -1}}};
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "o:j:", long_options, NULL)) != -1)
        code = take_option(&a, option, optarg, argv);
    if (code == 0)
        code = check(&a, argc, argv);
    if (code == 0)
        code = sb_judging_load(&a.judging);
    if (code == 0)
        code = sb_cli_key_load(&a.key, a.adding.key_file, &a.adding.from);
    if (code == 0) {
        sb_meter_start(&a.meter, a.judging.quiet, a.judging.time_limit);
        a.judging.options.progress = sb_meter_tick;
        a.judging.options.progress_context = &a.meter;
        a.options.verify = a.judging.options;
        a.options.key = a.key;
        a.options.output = a.adding.output;
        a.options.time = a.adding.time;
        a.options.accept_untrusted = a.adding.accept_untrusted;
        a.options.confirm = ask;
        a.options.confirm_context = &a;
        code = sign(&a);
    }
    sealbag_key_free(a.key);
    sb_judging_free(&a.judging);
    return sb_cli_finish(code);
}
