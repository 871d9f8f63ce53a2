#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"

enum {
    OPT_NAME = 1,
    OPT_INFO,
    OPT_LEVEL,
    OPT_FORMAT,
    OPT_ALGORITHM,
    OPT_METADATA,
    OPT_REQUIRE_METADATA,
    OPT_PROFILE,
    OPT_FROM_XATTRS,
    OPT_RECORD_MTIMES,
    OPT_SKIP,
    OPT_FORCE,
    OPT_PRIVACY,
#define LABEL_ENUM(id, label, option, repeatable, text) OPT_##id,
    SEALBAG_LABELS(LABEL_ENUM)
#undef LABEL_ENUM
};

static const struct option long_options[] = {
    SB_SEALING_OPTIONS,
    {"output", required_argument, NULL, 'o'},
    {"name", required_argument, NULL, OPT_NAME},
    {"info", required_argument, NULL, OPT_INFO},
    {"level", required_argument, NULL, OPT_LEVEL},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"algorithm", required_argument, NULL, OPT_ALGORITHM},
    {"jobs", required_argument, NULL, 'j'},
    {"metadata", required_argument, NULL, OPT_METADATA},
    {"require-metadata", no_argument, NULL, OPT_REQUIRE_METADATA},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"from-xattrs", no_argument, NULL, OPT_FROM_XATTRS},
    {"record-mtimes", no_argument, NULL, OPT_RECORD_MTIMES},
    {"skip-special", no_argument, NULL, OPT_SKIP},
    {"force", no_argument, NULL, OPT_FORCE},
    {"privacy", required_argument, NULL, OPT_PRIVACY},
    {"quiet", no_argument, NULL, OPT_QUIET},
#define LABEL_OPTION(id, label, option, repeatable, text)                                          \
    {option, required_argument, NULL, OPT_##id},
    SEALBAG_LABELS(LABEL_OPTION)
#undef LABEL_OPTION
        {NULL, 0, NULL, 0},
};

struct create_arguments {
    struct sealbag_create_options options;
    const char *output;
    struct sb_sealing sealing;
    struct sb_strings info, algorithms;
    struct sb_arena labels; /* of `info`: those that an option of their own gave */
    struct sealbag_profile *profile;
    struct sealbag_recording recording;
    struct sealbag_privacy privacy;
    struct sb_names names;
    bool quiet;
};

static int take_metadata(struct create_arguments *a, const char *file)
{
    struct sb_error error = {0};
    int fd;
    if (a->options.metadata != NULL)
        return sb_cli_usage("create", "--metadata is given twice. All records go into one file.");
    if (sb_file_open(&fd, NULL, file, &error) < 0) /* before a passphrase is asked for */
        return sb_cli_fail(&error);
    close(fd);
    a->options.metadata = file;
    return 0;
}

/* --contact-name NAME is --info "Contact-Name: NAME". */
static int take_label(struct create_arguments *a, int option, const char *value, char **argv)
{
    const char *label = NULL;
#define LABEL_CASE(id, name, option_name, repeatable, text)                                        \
    label = option == OPT_##id ? (name) : label;
    SEALBAG_LABELS(LABEL_CASE)
#undef LABEL_CASE
    struct sb_buf text = {0};
    struct sb_error error = {0};
    if (label == NULL)
        return sb_cli_bad_option("create", argv);
    const char *line = sb_buf_printf(&text, "%s: %s", label, value) == 0
                           ? sb_arena_copy(&a->labels, text.data, text.len)
                           : NULL;
    sb_buf_free(&text);
    if (line == NULL) {
        sb_error_memory(&error);
        return sb_cli_fail(&error);
    }
    sb_strings_add(&a->info, line);
    return 0;
}

static int take_record_option(struct create_arguments *a, int option, const char *value,
                              char **argv)
{
    switch (option) {
    case OPT_METADATA:
        return take_metadata(a, value);
    case OPT_PROFILE:
        return sb_cli_profile(&a->profile, "create", value);
    case OPT_REQUIRE_METADATA:
        a->options.require_metadata = true;
        return 0;
    case OPT_FROM_XATTRS:
        a->recording.xattrs = true;
        return 0;
    case OPT_RECORD_MTIMES:
        a->recording.mtimes = true;
        return 0;
    default:
        return take_label(a, option, value, argv);
    }
}

static int take_privacy(struct create_arguments *a, const char *value)
{
    a->options.privacy = strcmp(value, "off") == 0 ? NULL : &a->privacy;
    a->options.privacy_accept = strcmp(value, "accept") == 0;
    if (strcmp(value, "off") != 0 && strcmp(value, "accept") != 0 && strcmp(value, "check") != 0)
        return sb_cli_usage("create", "--privacy takes check, accept or off.");
    return 0;
}

static int take_option(struct create_arguments *a, int option, const char *value, char **argv)
{
    int code = sb_sealing_option(&a->sealing, "create", option, value);
    if (code >= 0)
        return code;
    switch (option) {
    case 'o':
        a->output = value;
        return 0;
    case OPT_NAME:
        a->options.name = value;
        return 0;
    case OPT_INFO:
        sb_strings_add(&a->info, value);
        return 0;
    case OPT_LEVEL:
        return sb_cli_level(&a->options.level, "create", value);
    case OPT_FORMAT:
        return sb_cli_format(&a->options.format, "create", value);
    case OPT_ALGORITHM:
        sb_strings_add(&a->algorithms, value);
        return 0;
    case 'j':
        return sb_cli_jobs(&a->options.jobs, "create", value);
    case OPT_SKIP:
        a->options.skip_special = true;
        return 0;
    case OPT_FORCE:
        a->options.force = true;
        return 0;
    case OPT_PRIVACY:
        return take_privacy(a, value);
    case OPT_QUIET:
        a->quiet = true;
        return 0;
    default:
        return take_record_option(a, option, value, argv);
    }
}

/* Somebody may have taken create for what seal does. */
static bool is_a_bag(const struct sealbag_create_options *options)
{
    struct sb_buf path = {0};
    bool bag = options->source_count == 1 &&
               sb_buf_printf(&path, "%s/bagit.txt", options->sources[0]) == 0 &&
               access((const char *)path.data, F_OK) == 0;
    sb_buf_free(&path);
    return bag;
}

static void report(const struct create_arguments *a, const struct sealbag_created *created,
                   const struct sealbag_problems *problems)
{
    char size[SB_SIZE_TEXT], shown[1000];
    sb_cli_problems(problems);
    if (created->empty_folders > 0)
        sb_cli_warn("%" PRIu64 " empty %s not kept: a bag holds files only. [source.empty-folders]",
                    created->empty_folders,
                    created->empty_folders == 1 ? "folder is" : "folders are");
    if (a->sealing.key_count == 0)
        sb_cli_warn("The bag is NOT SEALED: without a key nobody vouches for it. Give one with "
                    "--key. [seal.none]");
    if (created->beyond_ratio)
        sb_cli_warn_ratio(created->bytes, created->bundle_bytes);
    if (a->quiet)
        return;
    /* With the bundle on standard output, the result has no place there. */
    FILE *to = a->options.output != NULL ? stdout : stderr;
    fprintf(to, "%s: %" PRIu64 " %s (%s) in the bag \"%s\"\n",
            a->options.output != NULL ? sealbag_text_escape(shown, sizeof(shown), a->options.output)
                                      : "standard output",
            created->documents, created->documents == 1 ? "document" : "documents",
            sb_text_size(size, created->bytes), created->name);
    if (created->records > 0)
        fprintf(to, "  Records:  for %" PRIu64 " of %" PRIu64 " %s\n", created->records,
                created->documents, created->documents == 1 ? "document" : "documents");
    if (created->folders > 0)
        fprintf(to, "  Records:  for %" PRIu64 " %s\n", created->folders,
                created->folders == 1 ? "folder" : "folders");
    if (created->filled > 0)
        fprintf(to, "  Filled:   %" PRIu64 " %s of them, from what the files tell\n",
                created->filled, created->filled == 1 ? "cell" : "cells");
    if (is_a_bag(&a->options))
        fputs("  Note:     the source is a bag already, and all of it is now the documents of "
              "another.\n"
              "            To seal a bag as it is: sealbag seal\n",
              to);
    sb_sealing_print(to, &a->sealing, created->seal_id);
}

static void take_seal(struct create_arguments *a)
{
    const struct sb_sealing *sealing = &a->sealing;
    a->options.keys = sealing->keys;
    a->options.key_count = sealing->key_count;
    a->options.cosigners = sealing->cosigners;
    a->options.cosigner_count = sealing->cosigner_count;
    a->options.time = sealing->time;
    a->options.salt = sealing->salted ? sealing->salt : NULL;
    a->options.supersedes = sealing->supersedes[0] != 0 ? sealing->supersedes : NULL;
}

static int create(struct create_arguments *a)
{
    struct sealbag_created created;
    struct sealbag_problems problems;
    struct sb_error error = {0};
    struct sb_meter meter;
    struct sb_cli_notes notes = {&meter, a->quiet};
    sb_meter_start(&meter, a->quiet, 0);
    take_seal(a);
    a->recording.note = sb_cli_note;
    a->recording.note_context = &notes;
    if (a->recording.xattrs || a->recording.mtimes)
        a->options.recording = &a->recording;
    a->options.progress = sb_meter_tick;
    a->options.progress_context = &meter;
    int r = sealbag_bundle_create(&created, &problems, &a->options, &error);
    sb_meter_clear(&meter);
    int code = EXIT_GOOD;
    if (a->privacy.unconfined && a->privacy.count == 0)
        sb_cli_warn(
            "The documents were examined without a full sandbox, which this system does not "
            "offer. [reader.unconfined]");
    if (a->privacy.count > 0)
        sealbag_privacy_write(stderr, &a->privacy, false, "sealbag: ");
    if (r < 0) {
        sb_cli_problems(&problems);
        code = sb_cli_fail(&error);
    } else {
        report(a, &created, &problems);
    }
    sealbag_problems_free(&problems);
    sealbag_privacy_free(&a->privacy);
    return code;
}

static int check(struct create_arguments *a, int argc, char **argv)
{
    if (a->output == NULL)
        return sb_cli_usage("create", "Name the bundle to write with -o, or -o - for a pipe.");
    if (optind == argc)
        return sb_cli_usage("create", "Name a folder or files to seal.");
    if (strcmp(a->output, "-") != 0)
        a->options.output = a->output;
    else if (isatty(STDOUT_FILENO))
        return sb_cli_usage("create", "A bundle is not written to a terminal. Use -o FILE.");
    a->options.output_fd = STDOUT_FILENO;
    a->options.sources = (const char *const *)(argv + optind);
    a->options.source_count = (size_t)(argc - optind);
    a->options.profile = a->profile;
    a->options.info = a->info.items;
    a->options.info_count = a->info.count;
    a->options.algorithms = a->algorithms.items;
    a->options.algorithm_count = a->algorithms.count;
    return 0;
}

int sb_cmd_create(int argc, char **argv)
{
    struct create_arguments a = {
        .options = {.jobs = sb_process_cores()},
        .sealing = {.time = (int64_t)time(NULL), .from = {.fd = -1}},
    };
    a.options.privacy = &a.privacy;
    sb_names_find(&a.names);
    a.privacy.names = a.names.list;
    a.privacy.name_count = a.names.count;
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "o:j:", long_options, NULL)) != -1)
        code = take_option(&a, option, optarg, argv);
    if (code == 0)
        code = check(&a, argc, argv);
    if (code == 0)
        code = sb_cli_check_output("create", a.output, argc, argv);
    if (code == 0)
        code = sb_sealing_load(&a.sealing, "create");
    if (code == 0)
        code = create(&a);
    sb_sealing_free(&a.sealing);
    sb_strings_free(&a.info);
    sb_strings_free(&a.algorithms);
    sb_arena_free(&a.labels);
    sealbag_profile_free(a.profile);
    return sb_cli_finish(code);
}
