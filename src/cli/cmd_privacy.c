#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sealbag/privacy.h>

#include "base/file.h"
#include "cli/cli.h"

/* Too common to be anybody's name; a program would find them everywhere. */
static bool is_nobody(const char *name)
{
    static const char *const common[] = {"root",   "user", "admin",  "guest",  "debian",
                                         "ubuntu", "test", "nobody", "unknown"};
    for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
        if (strcmp(name, common[i]) == 0)
            return true;
    }
    return strlen(name) < 3;
}

static void take_name(struct sb_names *names, char *to, size_t size, const char *name, size_t len)
{
    snprintf(to, size, "%.*s", (int)len, name);
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->list[i], to) == 0)
            return;
    }
    if (!is_nobody(to))
        names->list[names->count++] = to;
}

/* name:x:uid:gid:Full Name,...: the one of this user. */
static void parse_passwd(struct sb_names *names, char *text)
{
    char *rest;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *fields[5] = {line};
        size_t count = 1;
        for (char *at = line; count < 5 && (at = strchr(at, ':')) != NULL; count++)
            fields[count] = ++at;
        if (count < 5 || strtoul(fields[2], NULL, 10) != getuid())
            continue;
        take_name(names, names->login, sizeof(names->login), line, strcspn(line, ":"));
        take_name(names, names->full, sizeof(names->full), fields[4], strcspn(fields[4], ",:"));
        return;
    }
}

/* Not by getpwuid: it loads modules into this process, which has keys, and crashes when memory is
 * short. */
void sb_names_find(struct sb_names *names)
{
    enum { PASSWD_MAX = 1 << 20 };
    struct sb_buf text = {0};
    const char *login = getenv("LOGNAME");
    *names = (struct sb_names){0};
    if (login != NULL)
        take_name(names, names->session, sizeof(names->session), login, strlen(login));
    if (sb_file_read(&text, NULL, "/etc/passwd", PASSWD_MAX, NULL) == 0 && text.len > 0)
        parse_passwd(names, (char *)text.data);
    sb_buf_free(&text);
}

enum { OPT_ALL = 1, OPT_SECONDS, OPT_NAME };

static int report(const struct sealbag_privacy *check, bool all, bool json, bool quiet)
{
    if (json)
        sealbag_privacy_write_json(stdout, check);
    else if (!quiet || check->count > 0)
        sealbag_privacy_write(stdout, check, all, "");
    return check->count > 0 ? EXIT_BAD : EXIT_GOOD;
}

int sb_cmd_privacy(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"all", no_argument, NULL, OPT_ALL},
        {"json", no_argument, NULL, OPT_JSON},
        {"name", required_argument, NULL, OPT_NAME},
        {"seconds", required_argument, NULL, OPT_SECONDS},
        {"quiet", no_argument, NULL, OPT_QUIET},
        {NULL, 0, NULL, 0},
    };
    struct sealbag_privacy check = {0};
    struct sb_strings list = {0};
    struct sb_names own;
    bool all = false, quiet = false, json = false;
    unsigned long seconds = 0;
    int option, code = EXIT_GOOD;
    opterr = 0;
    while (code == EXIT_GOOD && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPT_ALL)
            all = true;
        else if (option == OPT_QUIET)
            quiet = true;
        else if (option == OPT_JSON)
            json = true;
        else if (option == OPT_NAME)
            sb_strings_add(&list, optarg);
        else if (option == OPT_SECONDS)
            code = sb_cli_number(&seconds, "privacy", "--seconds", optarg, 1, 3600) ? EXIT_GOOD
                                                                                    : EXIT_USAGE;
        else
            code = sb_cli_bad_option("privacy", argv);
    }
    if (code == EXIT_GOOD && optind == argc)
        code = sb_cli_usage("privacy", "Name a folder or files to look into.");
    if (code == EXIT_GOOD) {
        struct sb_error error = {0};
        struct sb_meter meter;
        sb_names_find(&own);
        for (size_t i = 0; i < own.count; i++)
            sb_strings_add(&list, own.list[i]);
        check.names = list.items;
        check.name_count = list.count;
        check.seconds = (unsigned)seconds;
        check.jobs = sb_process_cores();
        sb_meter_start(&meter, quiet, 0);
        int r = sealbag_privacy_check(&check, (const char *const *)(argv + optind),
                                      (size_t)(argc - optind), sb_meter_tick, &meter, &error);
        sb_meter_clear(&meter);
        if (r < 0)
            code = sb_cli_fail(&error);
        else
            code = report(&check, all, json, quiet);
    }
    sealbag_privacy_free(&check);
    sb_strings_free(&list);
    return sb_cli_finish(code);
}
