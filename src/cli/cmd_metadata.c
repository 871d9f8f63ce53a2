#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sealbag/privacy.h>

#include "cli/cli.h"

enum { OPT_FORCE = 1, OPT_ALL, OPT_ONLY_ERRORS, OPT_PRIVACY };

static const struct option template_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"jobs", required_argument, NULL, 'j'},
    {"force", no_argument, NULL, OPT_FORCE},
    {"quiet", no_argument, NULL, OPT_ONLY_ERRORS},
    {NULL, 0, NULL, 0},
};

static const struct option check_options[] = {
    {"jobs", required_argument, NULL, 'j'},
    {"require-metadata", no_argument, NULL, OPT_ALL},
    {"privacy", required_argument, NULL, OPT_PRIVACY},
    {"quiet", no_argument, NULL, OPT_ONLY_ERRORS},
    {NULL, 0, NULL, 0},
};

struct arguments {
    const char *output;
    unsigned jobs;
    bool force, require, quiet;
    bool privacy, privacy_accept;
};

static int take_privacy(struct arguments *a, const char *value)
{
    a->privacy = strcmp(value, "off") != 0;
    a->privacy_accept = strcmp(value, "accept") == 0;
    if (a->privacy && !a->privacy_accept && strcmp(value, "check") != 0)
        return sb_cli_usage("metadata", "--privacy takes check, accept or off.");
    return EXIT_GOOD;
}

static int take_options(struct arguments *a, const struct option *options, const char *letters,
                        int argc, char **argv)
{
    int option, code = 0;
    opterr = 0;
    *a = (struct arguments){.jobs = sb_process_cores(), .privacy = true};
    while (code == 0 && (option = getopt_long(argc, argv, letters, options, NULL)) != -1) {
        if (option == 'o')
            a->output = optarg;
        else if (option == 'j')
            code = sb_cli_jobs(&a->jobs, "metadata", optarg);
        else if (option == OPT_FORCE)
            a->force = true;
        else if (option == OPT_ALL)
            a->require = true;
        else if (option == OPT_ONLY_ERRORS)
            a->quiet = true;
        else if (option == OPT_PRIVACY)
            code = take_privacy(a, optarg);
        else
            code = sb_cli_bad_option("metadata", argv);
    }
    return code;
}

/* ---- template --------------------------------------------------------------------------- */

static int make_template(int argc, char **argv)
{
    struct arguments a;
    struct sb_error error = {0};
    struct sealbag_problems problems = {0};
    char shown[1000];
    uint64_t documents = 0;
    int code = take_options(&a, template_options, "o:j:", argc, argv);
    if (code == 0 && optind == argc)
        code = sb_cli_usage("metadata", "Name the folder or files that are to be sealed.");
    if (code != 0)
        return code;
    struct sb_cli_notes notes = {.quiet = a.quiet};
    const struct sealbag_template_options options = {
        .sources = (const char *const *)(argv + optind),
        .source_count = (size_t)(argc - optind),
        .jobs = a.jobs,
        .output = a.output != NULL && strcmp(a.output, "-") != 0 ? a.output : NULL,
        .output_fd = STDOUT_FILENO,
        .force = a.force,
        .note = sb_cli_note,
        .note_context = &notes,
    };
    int r = sealbag_metadata_template(&documents, &problems, &options, &error);
    sb_cli_problems(&problems);
    if (r < 0)
        code = sb_cli_fail(&error);
    else if (options.output != NULL)
        sb_cli_say(a.quiet,
                   "Wrote %s with %" PRIu64 " %s. Fill in what you know, leave the rest empty, and "
                   "save it as CSV, in UTF-8 and with commas.",
                   sealbag_text_escape(shown, sizeof(shown), options.output), documents,
                   documents == 1 ? "row" : "rows");
    sealbag_problems_free(&problems);
    return code;
}

/* ---- check ------------------------------------------------------------------------------- */

/* Both words are paths, and easily swapped. */
static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static void sum_up(bool quiet, const struct sealbag_metadata_checked *checked)
{
    char folders[64] = "";
    if (checked->folders > 0)
        snprintf(folders, sizeof(folders), " %" PRIu64 " %s one, too.", checked->folders,
                 checked->folders == 1 ? "folder has" : "folders have");
    sb_cli_say(quiet,
               "create would take these records: %" PRIu64 " of %" PRIu64
               " %s one, and there %s %" PRIu64 " %s.%s",
               checked->records, checked->documents,
               checked->documents == 1 ? "document has" : "documents have",
               checked->relations == 1 ? "is" : "are", checked->relations,
               checked->relations == 1 ? "relation" : "relations", folders);
}

static int check_table(int argc, char **argv)
{
    char shown[1000];
    struct arguments a;
    struct sb_error error = {0};
    struct sealbag_problems problems = {0};
    struct sealbag_metadata_checked checked = {0};
    int code = take_options(&a, check_options, "j:", argc, argv);
    if (code == 0 && argc - optind < 2)
        code = sb_cli_usage("metadata", "Name the table, and the folder or files it is about.");
    if (code != 0)
        return code;
    const char *name = argv[optind];
    if (is_folder(name))
        return sb_cli_usage("metadata",
                            "%s is a folder. Name the table first, and then what it is about.",
                            sealbag_text_escape(shown, sizeof(shown), name));
    struct sb_names names;
    sb_names_find(&names);
    struct sealbag_privacy privacy = {.names = names.list, .name_count = names.count};
    const struct sealbag_create_options options = {
        .sources = (const char *const *)(argv + optind + 1),
        .source_count = (size_t)(argc - optind) - 1,
        .metadata = name,
        .require_metadata = a.require,
        .privacy = a.privacy ? &privacy : NULL,
        .privacy_accept = a.privacy_accept,
        .jobs = a.jobs,
    };
    int r = sealbag_metadata_check(&checked, &problems, &options, &error);
    sb_cli_problems(&problems);
    if (privacy.count > 0)
        sealbag_privacy_write(stderr, &privacy, false, "sealbag: ");
    if (r < 0)
        code = sb_cli_fail(&error);
    else
        sum_up(a.quiet, &checked);
    sealbag_privacy_free(&privacy);
    sealbag_problems_free(&problems);
    return code;
}

int sb_cmd_metadata(int argc, char **argv)
{
    int code;
    if (argc >= 2 && strcmp(argv[1], "template") == 0)
        code = make_template(argc - 1, argv + 1);
    else if (argc >= 2 && strcmp(argv[1], "check") == 0)
        code = check_table(argc - 1, argv + 1);
    else
        code = sb_cli_usage("metadata", "Say \"template\" or \"check\" after metadata.");
    return sb_cli_finish(code);
}
