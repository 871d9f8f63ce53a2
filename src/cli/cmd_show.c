#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum { OPT_GRAPH = OPT_OWN };

static const struct option long_options[] = {
    SB_JUDGING_OPTIONS,
    {"graph", optional_argument, NULL, OPT_GRAPH},
    {NULL, 0, NULL, 0},
};

struct show_arguments {
    struct sb_judging judging;
    bool draw;
    enum sealbag_graph graph;
    const char *const *paths;
    size_t path_count;
};

static int take_graph(struct show_arguments *a, const char *value)
{
    a->draw = true;
    if (value == NULL || strcmp(value, "text") == 0)
        a->graph = SEALBAG_GRAPH_TEXT;
    else if (strcmp(value, "dot") == 0)
        a->graph = SEALBAG_GRAPH_DOT;
    else
        return sb_cli_usage("show", "--graph is text or dot.");
    return 0;
}

/* Whether the bag has all the documents that were named. */
static int check_paths(const struct show_arguments *a, const struct sealbag_verdict *verdict)
{
    char shown[4096];
    for (size_t i = 0; i < a->path_count; i++) {
        if (sealbag_document_find(verdict, a->paths[i]) == NULL &&
            (a->draw || sealbag_folder_find(verdict, a->paths[i]) == NULL))
            return sb_cli_usage("show",
                                "The bag holds no document \"%s\". See its documents with sealbag "
                                "list.",
                                sealbag_text_escape(shown, sizeof(shown), a->paths[i]));
    }
    return 0;
}

static int print(const struct show_arguments *a, const char *name,
                 const struct sealbag_verdict *verdict)
{
    if (a->judging.json) {
        int r = sealbag_show_print_json(stdout, name, verdict, a->paths, a->path_count);
        fputc('\n', stdout);
        return r;
    }
    if (!a->draw)
        return sealbag_show_print(stdout, name, verdict, a->paths, a->path_count);
    if (a->graph == SEALBAG_GRAPH_DOT && verdict->exit_code != EXIT_GOOD)
        sealbag_verdict_print(stderr, name, verdict);
    return sealbag_graph_print(stdout, a->graph, name, verdict, a->paths, a->path_count);
}

static int show(struct show_arguments *a, const char *name)
{
    struct sealbag_verdict *verdict;
    a->judging.options.provenance = true;
    int failed = sb_bundle_list(&verdict, name, &a->judging);
    if (failed != 0)
        return failed;
    int code = verdict->exit_code, r = 0;
    bool usable = code != EXIT_BAD && code != EXIT_NOT_JUDGED;
    failed = usable ? check_paths(a, verdict) : 0;
    if (failed != 0)
        code = failed;
    else if (usable || a->judging.json)
        r = print(a, name, verdict);
    else
        sealbag_verdict_print(stderr, name, verdict);
    sealbag_verdict_free(verdict);
    if (r == SEALBAG_ERR_MEMORY) {
        struct sb_error error = {.code = r, .rule = "memory.short"};
        snprintf(error.message, sizeof(error.message), "There is not enough memory.");
        return sb_cli_fail(&error);
    }
    return code; /* sb_cli_finish sees whether the output failed */
}

int sb_cmd_show(int argc, char **argv)
{
    struct show_arguments a = {0};
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "j:", long_options, NULL)) != -1) {
        code = option == OPT_GRAPH ? take_graph(&a, optarg)
                                   : sb_judging_option(&a.judging, "show", option, optarg);
        if (code < 0)
            code = sb_cli_bad_option("show", argv);
    }
    if (code == 0 && optind >= argc)
        code = sb_cli_usage("show", "Name one bundle, or - for a pipe.");
    if (code == 0 && a.draw && a.judging.json)
        code = sb_cli_usage("show", "Use --graph or --json, and not both.");
    if (code == 0)
        code = sb_judging_load(&a.judging);
    if (code == 0) {
        a.paths = (const char *const *)(argv + optind + 1);
        a.path_count = (size_t)(argc - optind - 1);
        code = show(&a, argv[optind]);
    }
    sb_judging_free(&a.judging);
    return sb_cli_finish(code);
}
