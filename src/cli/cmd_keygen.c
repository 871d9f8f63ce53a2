#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "cli/cli.h"

enum { OPT_COMMENT = 1, OPT_NO_PASSPHRASE, OPT_PASSPHRASE_FD, OPT_PASSPHRASE_FILE };

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"comment", required_argument, NULL, OPT_COMMENT},
    {"no-passphrase", no_argument, NULL, OPT_NO_PASSPHRASE},
    {"passphrase-fd", required_argument, NULL, OPT_PASSPHRASE_FD},
    {"passphrase-file", required_argument, NULL, OPT_PASSPHRASE_FILE},
    {NULL, 0, NULL, 0},
};

/* The default place; its folder is made. NULL after a message. */
static char *default_file(void)
{
    char *dir = sb_cli_config_dir();
    struct sb_buf path = {0};
    if (dir == NULL)
        return NULL;
    /* Only the last two folders can be missing on a machine that has a home folder. */
    char *slash = strrchr(dir, '/');
    *slash = 0;
    mkdir(dir, 0700);
    *slash = '/';
    mkdir(dir, 0700);
    if (sb_buf_printf(&path, "%s/sealbag.key", dir) < 0)
        fputs("sealbag: There is not enough memory. [memory.short]\n", stderr);
    free(dir);
    return (char *)path.data;
}

static int generate(struct sealbag_keygen_options *options)
{
    struct sealbag_key_info info;
    struct sb_error error = {0};
    if (sealbag_key_generate(&info, options, &error) < 0)
        return sb_cli_fail(&error);
    char shown[1000];
    sealbag_text_escape(shown, sizeof(shown), options->file);
    printf("Secret key:   %s (keep it; whoever has it%s can seal in your name)\n", shown,
           info.encrypted ? " and its passphrase" : "");
    printf("Public key:   %s.pub (give it to those who will verify)\n", shown);
    printf("Key id:       %s (random; proves nothing)\n", info.key_id);
    printf("Fingerprint:  %s (what people compare)\n", info.fingerprint);
    return sb_cli_finish(EXIT_GOOD);
}

int sb_cmd_keygen(int argc, char **argv)
{
    struct sb_passphrases from = {.fd = -1, .confirm = true};
    struct sealbag_keygen_options options = {
        .encrypt = true, .passphrase = sb_passphrase_ask, .passphrase_context = &from};
    int option, bad = 0;
    opterr = 0;
    while (bad == 0 && (option = getopt_long(argc, argv, "o:", long_options, NULL)) != -1) {
        if (option == 'o')
            options.file = optarg;
        else if (option == OPT_COMMENT)
            options.comment = optarg;
        else if (option == OPT_NO_PASSPHRASE)
            options.encrypt = false;
        else if (option == OPT_PASSPHRASE_FD || option == OPT_PASSPHRASE_FILE)
            bad = sb_passphrases_option(&from, "keygen", option == OPT_PASSPHRASE_FD, optarg);
        else
            bad = sb_cli_bad_option("keygen", argv);
    }
    if (bad != 0)
        return bad;
    if (optind < argc)
        return sb_cli_usage("keygen", "keygen takes options only; name the key with -o.");
    if (!options.encrypt && from.fd >= 0)
        return sb_cli_usage("keygen", "--no-passphrase and a passphrase exclude each other.");
    char *own_file = NULL;
    if (options.file == NULL) {
        options.file = own_file = default_file();
        if (own_file == NULL)
            return EXIT_NOT_JUDGED;
    }
    int code = generate(&options);
    free(own_file);
    return code;
}
