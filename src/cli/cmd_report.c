#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/tree.h"
#include "cli/cli.h"

enum { OPT_LANGUAGE = OPT_OWN, OPT_FORCE, OPT_PROFILE };

static const struct option long_options[] = {
    SB_JUDGING_OPTIONS,
    {"output", required_argument, NULL, 'o'},
    {"language", required_argument, NULL, OPT_LANGUAGE},
    {"force", no_argument, NULL, OPT_FORCE},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {NULL, 0, NULL, 0},
};

struct job {
    struct sb_judging judging;
    struct sealbag_profile *profile;
    const char *output;
    char language[3];
    bool force;
};

/* The one that the system speaks, as POSIX finds it out, if reports can be written in it. */
static void default_language(char language[3])
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *value = NULL;
    for (size_t i = 0; i < 3 && (value == NULL || value[0] == 0); i++)
        value = getenv(names[i]);
    if (value != NULL && strlen(value) >= 2 && strchr("_.@", value[2]) != NULL) {
        char wanted[3] = {value[0], value[1], 0};
        if (sealbag_language_known(wanted)) {
            memcpy(language, wanted, 3);
            return;
        }
    }
    memcpy(language, "en", 3);
}

static int take_language(struct job *job, const char *value)
{
    char shown[100];
    if (strlen(value) != 2 || !sealbag_language_known(value))
        return sb_cli_usage("report",
                            "Reports are written in en (English) or es (Spanish), not "
                            "\"%s\".",
                            sealbag_text_escape(shown, sizeof(shown), value));
    memcpy(job->language, value, 3);
    return 0;
}

static int take_option(struct job *job, int option, const char *value, char **argv)
{
    switch (option) {
    case 'o':
        job->output = value;
        return 0;
    case OPT_LANGUAGE:
        return take_language(job, value);
    case OPT_FORCE:
        job->force = true;
        return 0;
    case OPT_PROFILE:
        return sb_cli_profile(&job->profile, "report", value);
    case OPT_JSON:
        return sb_cli_usage("report", "A report is HTML; for JSON use verify, list or show.");
    default:
        break;
    }
    int code = sb_judging_option(&job->judging, "report", option, value);
    return code < 0 ? sb_cli_bad_option("report", argv) : code;
}

/* The verdict with everything in it. */
static int judge(struct sealbag_verdict **out, const char *name, const struct job *job)
{
    struct sb_error error = {0};
    struct sb_meter meter;
    struct sealbag_verify_options options = job->judging.options;
    sb_meter_start(&meter, job->judging.quiet, job->judging.time_limit);
    options.provenance = true;
    options.profile = job->profile;
    options.named = strcmp(name, "-") != 0 ? name : NULL; /* a pipe has none */
    options.progress = sb_meter_tick;
    options.progress_context = &meter;
    int fd = sb_cli_open_bundle(name, &error);
    int r = fd < 0 ? SEALBAG_ERR_IO : sealbag_bundle_verify(out, fd, &options, &error);
    sb_meter_clear(&meter);
    if (fd >= 0)
        sb_cli_close_bundle(fd);
    sb_meter_explain(&error, &meter);
    return r < 0 ? sb_cli_fail(&error) : 0;
}

/* Writes it through a descriptor that stays open. */
static int write_to(int fd, const char *name, const struct sealbag_verdict *verdict,
                    const struct job *job, struct sb_error *error)
{
    char shown[1024];
    const char *path = job->output;
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    FILE *to = own >= 0 ? fdopen(own, "w") : NULL;
    if (to == NULL) {
        if (own >= 0)
            close(own);
        return sb_error_errno(error, errno, "write", path);
    }
    errno = 0;
    int r = sealbag_verdict_print_html(to, name, verdict, job->language);
    int reason = errno;
    if (fclose(to) != 0 && r == 0) {
        r = SEALBAG_ERR_IO;
        reason = errno;
    }
    if (r == SEALBAG_ERR_IO)
        return sb_error_errno(error, reason != 0 ? reason : EIO, "write", path);
    if (r < 0)
        sb_error_set(error, r, "The report %s could not be made: %s.",
                     sealbag_text_escape(shown, sizeof(shown), path), sealbag_error_text(r));
    return r;
}

/* A bag that is a folder stays as it is. */
static int check_place(const struct sb_output *output, const char *name, struct sb_error *error)
{
    struct stat bag;
    char shown[1024];
    if (output->dir_fd < 0 || stat(name, &bag) < 0 || !S_ISDIR(bag.st_mode))
        return 0;
    int within = sb_tree_is_within(output->dir_fd, &bag);
    if (within < 0)
        return sb_error_errno(error, errno, "examine the folder of", output->path);
    return within == 0 ? 0
                       : sb_error_set(error, SEALBAG_ERR_USAGE,
                                      "The report %s would lie inside the bag, which it would "
                                      "change. Write it somewhere else.",
                                      sealbag_text_escape(shown, sizeof(shown), output->path));
}

/* The output is opened first: judging can take long, and a name that cannot be used is known at
 * once. */
static int report(const char *name, const struct job *job)
{
    struct sb_error error = {0};
    struct sealbag_verdict *verdict = NULL;
    struct sb_output output = {.fd = -1, .dir_fd = -1};
    bool pipe = strcmp(job->output, "-") == 0;
    int r = 0;
    if (pipe)
        sb_output_stream(&output, STDOUT_FILENO);
    else
        r = sb_output_open_forcible(&output, job->output, job->force, 0666, &error);
    if (r == 0)
        r = check_place(&output, name, &error);
    if (r < 0) {
        sb_output_abort(&output);
        return sb_cli_fail(&error);
    }
    int code = judge(&verdict, name, job);
    if (code == 0 && verdict != NULL) {
        r = write_to(output.fd, name, verdict, job, &error);
        if (r == 0)
            r = sb_output_commit(&output, job->force, &error);
        code = r < 0 ? sb_cli_fail(&error) : verdict->exit_code;
    }
    sb_output_abort(&output);
    if (verdict != NULL && r == 0 && !pipe) {
        char shown[1000];
        sealbag_verdict_print(stdout, name, verdict);
        printf("The report is in %s\n", sealbag_text_escape(shown, sizeof(shown), job->output));
    }
    sealbag_verdict_free(verdict);
    return code;
}

int sb_cmd_report(int argc, char **argv)
{
    struct job job = {0};
    int option, code = 0;
    opterr = 0;
    default_language(job.language);
    while (code == 0 && (option = getopt_long(argc, argv, "j:o:", long_options, NULL)) != -1)
        code = take_option(&job, option, optarg, argv);
    if (code == 0 && (optind + 1 != argc || job.output == NULL))
        code = sb_cli_usage("report", "Name one bundle, or - for a pipe, and with -o the file for "
                                      "the report.");
    if (code == 0)
        code = sb_cli_check_output("report", job.output, argc, argv);
    if (code == 0)
        code = sb_judging_load(&job.judging);
    if (code == 0)
        code = report(argv[optind], &job);
    sb_judging_free(&job.judging);
    sealbag_profile_free(job.profile);
    return sb_cli_finish(code);
}
