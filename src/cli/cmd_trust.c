#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum {
    OPT_VALID_AFTER = OPT_OWN,
    OPT_VALID_BEFORE,
    OPT_YES,
    OPT_REASON,
    OPT_SINCE,
    OPT_KEY,
    OPT_ACCEPT,
    OPT_FROM,
    OPT_FINGERPRINT,
    OPT_PASSPHRASE_FD,
    OPT_PASSPHRASE_FILE
};

static const struct option long_options[] = {
    {"keys", required_argument, NULL, OPT_KEYS},
    {"valid-after", required_argument, NULL, OPT_VALID_AFTER},
    {"valid-before", required_argument, NULL, OPT_VALID_BEFORE},
    {"from", required_argument, NULL, OPT_FROM},
    {"fingerprint", required_argument, NULL, OPT_FINGERPRINT},
    {"yes", no_argument, NULL, OPT_YES},
    {"reason", required_argument, NULL, OPT_REASON},
    {"since", required_argument, NULL, OPT_SINCE},
    {"json", no_argument, NULL, OPT_JSON},
    {"at", required_argument, NULL, OPT_AT},
    {"output", required_argument, NULL, 'o'},
    {"key", required_argument, NULL, OPT_KEY},
    {"accept-untrusted", no_argument, NULL, OPT_ACCEPT},
    {"passphrase-fd", required_argument, NULL, OPT_PASSPHRASE_FD},
    {"passphrase-file", required_argument, NULL, OPT_PASSPHRASE_FILE},
    {NULL, 0, NULL, 0},
};

/* ---- remove, revoke ---------------------------------------------------------------- */

static int remove_name(const struct sb_trusting *trusting, const char *name)
{
    struct sb_error error = {0};
    char shown[600];
    size_t removed;
    if (sealbag_trust_remove(&removed, trusting->dir, name, &error) < 0)
        return sb_cli_fail(&error);
    printf("Removed %zu %s of %s\n", removed, removed == 1 ? "key" : "keys",
           sealbag_text_escape(shown, sizeof(shown), name));
    return EXIT_GOOD;
}

/* All names that the key has, each after two spaces. */
static void print_names(const struct sealbag_trust *trust, const char *fingerprint)
{
    for (size_t i = 0; i < sealbag_trust_count(trust); i++) {
        struct sealbag_trust_entry entry;
        char shown[600];
        sealbag_trust_describe(&entry, trust, i, 0);
        if (entry.name != NULL && strcmp(entry.fingerprint, fingerprint) == 0)
            printf("  %s", sealbag_text_escape(shown, sizeof(shown), entry.name));
    }
}

static int revoke(const struct sb_trusting *trusting, const char *who)
{
    struct sb_error error = {0};
    struct sealbag_revoked_key *keys;
    struct sealbag_trust *trust = NULL;
    size_t count;
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    if (who != NULL && sb_typed_fingerprint(fingerprint, who))
        who = fingerprint;
    const struct sealbag_trust_revoking revoking = {
        .dir = trusting->dir,
        .who = who,
        .key_file = who == NULL ? trusting->key_file : NULL,
        .reason = trusting->reason,
        .now = sb_cli_now(),
        .since = trusting->since,
    };
    if (trusting->reason == NULL)
        return sb_cli_usage("trust", "Say why with --reason TEXT; verdicts will show it.");
    if (sealbag_trust_revoke(&keys, &count, &revoking, &error) < 0)
        return sb_cli_fail(&error);
    /* The names are only shown: it is done. */
    (void)sealbag_trust_load(&trust, trusting->dir, true, NULL);
    for (size_t i = 0; i < count; i++) {
        printf("%s  %s", keys[i].before ? "Revoked before" : "Revoked", keys[i].fingerprint);
        if (trust != NULL)
            print_names(trust, keys[i].fingerprint);
        putchar('\n');
    }
    sealbag_trust_free(trust);
    free(keys);
    return EXIT_GOOD;
}

/* ---- options ---------------------------------------------------------------------------- */

static int take_option(struct sb_trusting *trusting, int option, const char *value, char **argv)
{
    switch (option) {
    case OPT_KEYS:
        trusting->dir = value;
        return 0;
    case OPT_VALID_AFTER:
        return sb_cli_date(&trusting->valid_after, "trust", "--valid-after", value);
    case OPT_VALID_BEFORE:
        return sb_cli_date(&trusting->valid_before, "trust", "--valid-before", value);
    case OPT_SINCE:
        return sb_cli_date(&trusting->since, "trust", "--since", value);
    case OPT_AT:
        return sb_cli_date(&trusting->time, "trust", "--at", value);
    case OPT_FROM:
        trusting->from_bundle = value;
        return 0;
    case OPT_FINGERPRINT:
        if (!sb_typed_fingerprint(trusting->fingerprint_given, value))
            return sb_cli_usage("trust", "That is not a whole fingerprint: it is SHA256: and 43 "
                                         "letters, digits, + and /. Capital and small letters are "
                                         "different.");
        trusting->fingerprint = trusting->fingerprint_given;
        return 0;
    case OPT_YES:
        trusting->yes = true;
        return 0;
    case OPT_JSON:
        trusting->json = true;
        return 0;
    case OPT_ACCEPT:
        trusting->accept_untrusted = true;
        return 0;
    case OPT_REASON:
        trusting->reason = value;
        return 0;
    case 'o':
        trusting->output = value;
        return 0;
    case OPT_KEY:
        trusting->key_file = value;
        return 0;
    case OPT_PASSPHRASE_FD:
    case OPT_PASSPHRASE_FILE:
        return sb_passphrases_option(&trusting->from, "trust", option == OPT_PASSPHRASE_FD, value);
    default:
        return sb_cli_bad_option("trust", argv);
    }
}

static int dispatch(struct sb_trusting *trusting, int count, char **words)
{
    const char *verb = count > 0 ? words[0] : "";
    if (count == 3 && strcmp(verb, "add") == 0 && trusting->from_bundle == NULL)
        return sb_trust_add(trusting, words[1], words[2]);
    if (count == 2 && strcmp(verb, "add") == 0 && trusting->from_bundle != NULL)
        return sb_trust_add(trusting, words[1], NULL);
    if (count == 1 && strcmp(verb, "list") == 0)
        return sb_trust_list(trusting);
    if (count == 2 && strcmp(verb, "remove") == 0)
        return remove_name(trusting, words[1]);
    if (count == 2 && strcmp(verb, "revoke") == 0 && trusting->key_file == NULL)
        return revoke(trusting, words[1]);
    if (count == 1 && strcmp(verb, "revoke") == 0 && trusting->key_file != NULL)
        return revoke(trusting, NULL);
    if (count == 2 && strcmp(verb, "import") == 0)
        return sb_trust_import(trusting, words[1]);
    if (count == 1 && strcmp(verb, "export") == 0) {
        if (trusting->output == NULL || trusting->key_file == NULL)
            return sb_cli_usage("trust", "trust export needs -o BUNDLE and --key KEY.");
        return sb_trust_export(trusting);
    }
    return sb_cli_usage("trust", "Use trust add NAME KEY.pub, trust list, trust remove NAME, trust "
                                 "revoke NAME, trust export or trust import BUNDLE.");
}

int sb_cmd_trust(int argc, char **argv)
{
    struct sb_trusting trusting = {.from = {.fd = -1}};
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "o:", long_options, NULL)) != -1)
        code = take_option(&trusting, option, optarg, argv);
    char *own_dir = NULL;
    if (code == 0 && trusting.dir == NULL) {
        trusting.dir = own_dir = sb_cli_config_dir();
        trusting.optional_dir = true;
        if (own_dir == NULL)
            code = EXIT_USAGE;
    }
    if (trusting.time == 0)
        trusting.time = sb_cli_now();
    if (code == 0)
        code = dispatch(&trusting, argc - optind, argv + optind);
    free(own_dir);
    return sb_cli_finish(code);
}
