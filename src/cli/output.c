/* An output must not take the place of what the command needs. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "base/tree.h"
#include "cli/cli.h"

/* Whether the argument is such an option, maybe shortened as getopt allows it, or with its value.
 */
static bool reads_a_file(const char *argument)
{
    static const char *const options[] = {"key",     "keys", "cosigner",       "metadata",
                                          "profile", "salt", "passphrase-file"};
    size_t len = strcspn(argument, "=");
    if (len < 3 || strncmp(argument, "--", 2) != 0)
        return false;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (strncmp(argument + 2, options[i], len - 2) == 0)
            return true;
    }
    return false;
}

static bool is_in_store(const char *folder, const struct stat *old)
{
    static const char *const names[] = {"allowed_signers", "revoked_keys"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct stat status;
        char file[SB_PATH_MAX];
        int n = snprintf(file, sizeof(file), "%s/%s", folder, names[i]);
        if (n >= 0 && (size_t)n < sizeof(file) && stat(file, &status) == 0 &&
            sb_tree_same(&status, old))
            return true;
    }
    return false;
}

/* A folder that is read is a trust store; of a source what is in it is for others to compare. */
static bool is_file(const char *name, const struct stat *old)
{
    struct stat status;
    if (stat(name, &status) < 0)
        return false;
    return S_ISDIR(status.st_mode) ? is_in_store(name, old) : sb_tree_same(&status, old);
}

/* The user's own store, whether it is read this time or not. */
static bool is_in_own_store(const struct stat *old)
{
    char *folder = sb_cli_config_path();
    bool found = folder != NULL && is_in_store(folder, old);
    free(folder);
    return found;
}

static bool is_input(const struct stat *old, int argc, char **argv)
{
    struct stat input;
    for (int i = 1; i < optind && argv[i] != NULL; i++) {
        const char *equals = strchr(argv[i], '=');
        const char *value = equals != NULL ? equals + 1 : argv[i + 1];
        if (reads_a_file(argv[i]) && value != NULL && is_file(value, old))
            return true;
    }
    for (int i = optind; i < argc && argv[i] != NULL; i++) {
        if (strcmp(argv[i], "-") != 0 && is_file(argv[i], old))
            return true;
        if (strcmp(argv[i], "-") == 0 && fstat(STDIN_FILENO, &input) == 0 &&
            sb_tree_same(&input, old))
            return true;
    }
    return false;
}

int sb_cli_check_output(const char *verb, const char *output, int argc, char **argv)
{
    struct stat old;
    char shown[1000];
    if (output == NULL || strcmp(output, "-") == 0 || lstat(output, &old) < 0 ||
        !S_ISREG(old.st_mode) || (!is_input(&old, argc, argv) && !is_in_own_store(&old)))
        return 0;
    return sb_cli_usage(verb,
                        "The output %s is also what sealbag is to read, and would be lost. "
                        "Write it under another name.",
                        sealbag_text_escape(shown, sizeof(shown), output));
}
