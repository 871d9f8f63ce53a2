#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "report/report.h"

enum { OPT_NO_PASSPHRASE = 1, OPT_PASSPHRASE_FD, OPT_PASSPHRASE_FILE, OPT_SSH };

static const struct option long_options[] = {
    {"no-passphrase", no_argument, NULL, OPT_NO_PASSPHRASE},
    {"passphrase-fd", required_argument, NULL, OPT_PASSPHRASE_FD},
    {"passphrase-file", required_argument, NULL, OPT_PASSPHRASE_FILE},
    {"ssh", no_argument, NULL, OPT_SSH},
    {"json", no_argument, NULL, OPT_JSON},
    {NULL, 0, NULL, 0},
};

struct key_arguments {
    struct sb_passphrases from;
    bool no_passphrase, ssh, json;
};

static const char *const kinds[] = {"minisign", "openssh", "fido"};

/* ---- show ------------------------------------------------------------------------------ */

static void print_text(const char *file, const struct sealbag_key_file *key)
{
    static const char *const makers[] = {"minisign", "OpenSSH", "OpenSSH"};
    char shown[1000];
    printf("%s: a%s %s %s key%s%s\n", sealbag_text_escape(shown, sizeof(shown), file),
           key->kind == SEALBAG_KEY_MINISIGN ? "" : "n", makers[key->kind],
           key->secret ? "secret" : "public",
           key->kind == SEALBAG_KEY_FIDO ? " of a security key (FIDO)" : "",
           !key->secret     ? ""
           : key->encrypted ? ", locked with a passphrase"
                            : ", not locked with a passphrase");
    if (key->fingerprint[0] == 0) {
        printf("  Key id and fingerprint are locked, too. Look at %s.pub, or give the passphrase "
               "with --passphrase-fd.\n",
               shown);
        return;
    }
    if (key->key_id[0] != 0)
        printf("  Key id:       %s (random; proves nothing)\n", key->key_id);
    printf("  Fingerprint:  %s (what people compare)\n", key->fingerprint);
    if (key->application[0] != 0)
        printf("  Application:  %s\n", sealbag_text_escape(shown, sizeof(shown), key->application));
}

static void put_field(const char *name, const char *value)
{
    printf(",\"%s\":", name);
    if (value[0] != 0)
        sb_json_string(stdout, value);
    else
        fputs("null", stdout);
}

static void print_json(const char *file, const struct sealbag_key_file *key)
{
    fputs("{\"file\":", stdout);
    sb_json_string(stdout, file);
    printf(",\"kind\":\"%s\",\"secret\":%s,\"encrypted\":%s", kinds[key->kind],
           key->secret ? "true" : "false", key->encrypted ? "true" : "false");
    put_field("key_id", key->key_id);
    put_field("fingerprint", key->fingerprint);
    put_field("application", key->application);
    puts("}");
}

static int show(struct key_arguments *a, const char *file)
{
    struct sealbag_key_file key;
    struct sb_error error = {0};
    /* Nobody is asked for a passphrase only to be shown something. */
    sealbag_passphrase_fn ask = a->from.fd >= 0 ? sb_passphrase_ask : NULL;
    if (sealbag_key_examine(&key, file, ask, &a->from, &error) < 0)
        return sb_cli_fail(&error);
    sb_cli_key_warn(key.world_readable, file);
    if (a->json)
        print_json(file, &key);
    else
        print_text(file, &key);
    return EXIT_GOOD;
}

/* ---- export and passwd ----------------------------------------------------------------- */

static int export_key(struct key_arguments *a, const char *file)
{
    struct sealbag_key_file key;
    struct sb_error error = {0};
    if (sealbag_key_examine(&key, file, sb_passphrase_ask, &a->from, &error) < 0)
        return sb_cli_fail(&error);
    puts(key.ssh_line);
    return EXIT_GOOD;
}

static int passwd(struct key_arguments *a, const char *file)
{
    /* Two lines of the same descriptor, or of a terminal, where the new one is typed twice. */
    struct sb_passphrases fresh = {.fd = a->from.fd, .confirm = true, .change = true};
    const struct sealbag_passwd_options options = {
        .passphrase = sb_passphrase_ask,
        .passphrase_context = &a->from,
        .encrypt = !a->no_passphrase,
        .new_passphrase = sb_passphrase_ask,
        .new_context = &fresh,
    };
    struct sb_error error = {0};
    char shown[1000];
    bool before;
    if (sealbag_key_change_passphrase(&before, file, &options, &error) < 0)
        return sb_cli_fail(&error);
    printf("%s: %s\n", sealbag_text_escape(shown, sizeof(shown), file),
           a->no_passphrase ? "not locked any more: whoever has the file can seal in your name"
           : before         ? "locked with the new passphrase"
                            : "locked with a passphrase");
    sb_cli_say(false, "Copies that were made of the file before are as they were.");
    return EXIT_GOOD;
}

/* ---- the verb -------------------------------------------------------------------------- */

static int dispatch(struct key_arguments *a, int count, char **words)
{
    const char *verb = count > 0 ? words[0] : "";
    bool is_show = strcmp(verb, "show") == 0;
    bool is_passwd = strcmp(verb, "passwd") == 0;
    bool is_export = strcmp(verb, "export") == 0;
    if (count != 2 || !(is_show || is_passwd || is_export))
        return sb_cli_usage("key", "Use key show FILE, key passwd FILE or key export --ssh FILE.");
    if (is_export && !a->ssh)
        return sb_cli_usage("key", "Say in which form: key export --ssh FILE.");
    if ((a->json && !is_show) || (a->no_passphrase && !is_passwd) || (a->ssh && !is_export))
        return sb_cli_usage("key", "One of the options does not belong to \"key %s\".", verb);
    if (is_show)
        return show(a, words[1]);
    return is_passwd ? passwd(a, words[1]) : export_key(a, words[1]);
}

int sb_cmd_key(int argc, char **argv)
{
    struct key_arguments a = {.from = {.fd = -1}};
    int option, code = 0;
    opterr = 0;
    while (code == 0 && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPT_NO_PASSPHRASE)
            a.no_passphrase = true;
        else if (option == OPT_PASSPHRASE_FD || option == OPT_PASSPHRASE_FILE)
            code = sb_passphrases_option(&a.from, "key", option == OPT_PASSPHRASE_FD, optarg);
        else if (option == OPT_SSH)
            a.ssh = true;
        else if (option == OPT_JSON)
            a.json = true;
        else
            code = sb_cli_bad_option("key", argv);
    }
    if (code == 0)
        code = dispatch(&a, argc - optind, argv + optind);
    return sb_cli_finish(code);
}
