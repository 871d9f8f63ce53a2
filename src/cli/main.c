#include <stdio.h>
#include <string.h>

#include "base/rule.h"
#include "cli/cli.h"
#include "cli/usage.h"

static const struct sb_command commands[] = {
    {"keygen", "make a key pair to seal with", SB_USAGE_KEYGEN, sb_cmd_keygen},
    {"key", "look at key files, change their passphrase", SB_USAGE_KEY, sb_cmd_key},
    {"create", "seal documents into a bundle", SB_USAGE_CREATE, sb_cmd_create},
    {"seal", "seal a bag that others have made", SB_USAGE_SEAL, sb_cmd_seal},
    {"metadata", "make or check a table of provenance records", SB_USAGE_METADATA, sb_cmd_metadata},
    {"verify", "judge bundles: intact, signed, trusted?", SB_USAGE_VERIFY, sb_cmd_verify},
    {"list", "verify a bundle and list its documents", SB_USAGE_LIST, sb_cmd_list},
    {"show", "show what a bag says of its documents", SB_USAGE_SHOW, sb_cmd_show},
    {"extract", "verify a bundle and take its documents out", SB_USAGE_EXTRACT, sb_cmd_extract},
    {"convert", "make a bundle of another kind out of one", SB_USAGE_CONVERT, sb_cmd_convert},
    {"sign", "add your signature to a bundle", SB_USAGE_SIGN, sb_cmd_sign},
    {"trust", "say whose keys you trust", SB_USAGE_TRUST, sb_cmd_trust},
    {"custody", "record whose hands a bundle went through", SB_USAGE_CUSTODY, sb_cmd_custody},
    {"report", "verify a bundle and write a report for people", SB_USAGE_REPORT, sb_cmd_report},
    {"privacy", "look for what identifies people in files", SB_USAGE_PRIVACY, sb_cmd_privacy},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const struct sb_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static void print_help(FILE *to)
{
    fputs("sealbag seals source material and verifies what others have sealed.\n\n"
          "Usage: sealbag COMMAND [OPTIONS] ...\n\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-8s  %s\n", commands[i].name, commands[i].summary);
    fputs("\n  help COMMAND  how to use a command\n"
          "  help rules    every rule name that a verdict can have\n"
          "  help limits   what of a bundle is refused as too much\n"
          "  --version     the version of this program\n\n"
          "Exit codes: 0 intact and sealed by those whom you trust; 1 damaged, incomplete or "
          "forged;\n"
          "2 wrong usage; 3 intact and sealed, but not by those whom you trust; 4 intact, not "
          "sealed;\n"
          "5 could not be judged or done; 6 nothing wrong found by a quick check. The manual: man "
          "sealbag\n",
          to);
}

static int no_command(const char *name)
{
    char shown[200];
    return sb_cli_usage(NULL, "There is no command \"%s\".",
                        sealbag_text_escape(shown, sizeof(shown), name));
}

/* docs/findings.md is this, word for word. */
static int print_rules(void)
{
    static const char *const severities[] = {"note", "warning", "error"};
    puts("# Findings\n\n"
         "Every finding of a verdict is one of these rules, in the order of the table that the "
         "program\n"
         "itself uses. Rule names are stable: programs may match them.\n\n"
         "| rule | severity | exit | what it means | where it is said |\n"
         "| --- | --- | --- | --- | --- |");
    for (unsigned i = 0; i < SB_RULE_COUNT; i++) {
        const struct sb_rule_row *row = sb_rule_row((enum sb_rule)i);
        printf("| `%s` | %s | %d | %s | %s |\n", row->rule, severities[row->severity],
               row->exit_code, row->text, row->reference);
    }
    puts("\n# The privacy check\n\n"
         "What `sealbag privacy` and `sealbag create` find in files, labels and records has these "
         "names;\n"
         "then `privacy` exits with 1, and `create` with 2. See [privacy.md](privacy.md).\n\n"
         "| rule | what it means |\n"
         "| --- | --- |");
#define ROW(name, rule, sentence, text) printf("| `%s` | %s |\n", (rule), (text));
    SB_PRIVACY_RULES(ROW)
#undef ROW
    puts("\n# Errors\n\n"
         "Messages on standard error about the run itself, not about a bundle, have these names. "
         "Their\n"
         "exit code is 2 for `usage` and `privacy.found`, and 5 for all others.\n\n"
         "| rule | what it means |\n"
         "| --- | --- |");
#define ROW(name, value, rule, text) printf("| `%s` | %s |\n", (rule), (text));
    SEALBAG_ERRORS(ROW)
#undef ROW
    return sb_cli_finish(EXIT_GOOD);
}

/* In the words of sealbag.h. */
static int print_limits(void)
{
    puts("A bundle that goes beyond these is refused, by all commands that read one (exit code 5,\n"
         "limit.reached). Each can be changed with --limit NAME=NUMBER; K, M, G and T stand for\n"
         "powers of 1024, and \"none\" for no limit.\n");
#define ROW(field, name, value, text)                                                              \
    printf("  %-15s %15llu  %s\n", (name), (unsigned long long)(value), (text));
    SEALBAG_LIMITS(ROW)
#undef ROW
    printf("  %-15s %15llu  %s\n", "time", (unsigned long long)SB_TIME_LIMIT, "seconds");
    return sb_cli_finish(EXIT_GOOD);
}

static int help(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stdout);
        return sb_cli_finish(EXIT_GOOD);
    }
    if (strcmp(argv[1], "rules") == 0)
        return print_rules();
    if (strcmp(argv[1], "limits") == 0)
        return print_limits();
    const struct sb_command *command = find_command(argv[1]);
    if (command == NULL)
        return no_command(argv[1]);
    printf("sealbag %s: %s\n\n%s", command->name, command->summary, command->usage);
    return sb_cli_finish(EXIT_GOOD);
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return true;
    }
    return false;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0)
        return help(argc - 1, argv + 1);
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        printf("sealbag %s\n", sealbag_version_string());
        return sb_cli_finish(EXIT_GOOD);
    }
    const struct sb_command *command = find_command(argv[1]);
    if (command == NULL)
        return no_command(argv[1]);
    if (wants_help(argc - 1, argv + 1)) {
        char *arguments[] = {argv[0], argv[1], NULL};
        return help(2, arguments);
    }
    return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    sb_process_prepare();
    int code = run(argc, argv);
    sb_process_done();
    return code;
}
