#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static const struct option long_options[] = {
    {"keys", required_argument, NULL, OPT_KEYS},
    {NULL, 0, NULL, 0},
};

static int add(const char *dir, const char *name, const char *key_file)
{
    struct sb_error error = {0};
    char fingerprint[SEALBAG_FINGERPRINT_SIZE], shown[600];
    bool added;
    if (sealbag_trust_add(&added, fingerprint, dir, name, key_file, &error) < 0)
        return sb_cli_fail(&error);
    printf("%s  %s  %s\n", added ? "Trusted" : "Trusted before",
           sealbag_text_escape(shown, sizeof(shown), name), fingerprint);
    if (added)
        sb_cli_say(false, "Compare this fingerprint with the key's owner, by another way than the "
                          "key came. If it differs: sealbag trust remove.");
    return EXIT_GOOD;
}

static int list(const char *dir, bool optional)
{
    struct sb_error error = {0};
    struct sealbag_trust *trust;
    if (sb_cli_trust_load(&trust, dir, optional, &error) < 0)
        return sb_cli_fail(&error);
    for (size_t i = 0; i < sealbag_trust_count(trust); i++) {
        char fingerprint[SEALBAG_FINGERPRINT_SIZE], shown[600];
        const char *name = sealbag_trust_entry(fingerprint, trust, i);
        printf("%s  %s\n", fingerprint, sealbag_text_escape(shown, sizeof(shown), name));
    }
    if (sealbag_trust_count(trust) == 0)
        sb_cli_say(false,
                   "You trust nobody's key yet. Add one with sealbag trust add NAME KEY.pub");
    sealbag_trust_free(trust);
    return EXIT_GOOD;
}

static int remove_name(const char *dir, const char *name)
{
    struct sb_error error = {0};
    char shown[600];
    size_t removed;
    if (sealbag_trust_remove(&removed, dir, name, &error) < 0)
        return sb_cli_fail(&error);
    printf("Removed %zu %s of %s\n", removed, removed == 1 ? "key" : "keys",
           sealbag_text_escape(shown, sizeof(shown), name));
    return EXIT_GOOD;
}

static int dispatch(const char *dir, bool optional, int count, char **words)
{
    if (count == 3 && strcmp(words[0], "add") == 0)
        return add(dir, words[1], words[2]);
    if (count == 1 && strcmp(words[0], "list") == 0)
        return list(dir, optional);
    if (count == 2 && strcmp(words[0], "remove") == 0)
        return remove_name(dir, words[1]);
    return sb_cli_usage("trust", "Use trust add NAME KEY.pub, trust list or trust remove NAME.");
}

int sb_cmd_trust(int argc, char **argv)
{
    const char *dir = NULL;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option != OPT_KEYS)
            return sb_cli_bad_option("trust", argv);
        dir = optarg;
    }
    char *own_dir = NULL;
    if (dir == NULL) {
        dir = own_dir = sb_cli_config_dir();
        if (dir == NULL)
            return EXIT_USAGE;
    }
    int code = dispatch(dir, own_dir != NULL, argc - optind, argv + optind);
    free(own_dir);
    return sb_cli_finish(code);
}
