#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"

void sb_strings_add(struct sb_strings *strings, const char *item)
{
    const char **items =
        sb_array_grow(strings->items, &strings->cap, strings->count, sizeof(*items));
    if (items == NULL) {
        fputs("sealbag: There is not enough memory. [memory.short]\n", stderr);
        sb_process_done();
        exit(EXIT_NOT_JUDGED);
    }
    strings->items = items;
    items[strings->count++] = item;
}

void sb_strings_free(struct sb_strings *strings)
{
    free(strings->items);
    *strings = (struct sb_strings){0};
}

bool sb_cli_number(unsigned long *out, const char *verb, const char *option, const char *text,
                   unsigned long low, unsigned long high)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0 && value >= low &&
        value <= high) {
        *out = value;
        return true;
    }
    char shown[100];
    sb_cli_usage(verb, "%s takes a number from %lu to %lu, not \"%s\".", option, low, high,
                 sealbag_text_escape(shown, sizeof(shown), text));
    return false;
}

int sb_cli_jobs(unsigned *out, const char *verb, const char *text)
{
    unsigned long number;
    if (!sb_cli_number(&number, verb, "-j", text, 1, 1024))
        return EXIT_USAGE;
    *out = (unsigned)number;
    return 0;
}

int sb_cli_format(enum sealbag_format *out, const char *verb, const char *value)
{
    if (strcmp(value, "tar.gz") == 0)
        *out = SEALBAG_TAR_GZ;
    else if (strcmp(value, "tar.zst") == 0)
        *out = SEALBAG_TAR_ZST;
    else if (strcmp(value, "tar") == 0)
        *out = SEALBAG_TAR;
    else if (strcmp(value, "zip") == 0)
        *out = SEALBAG_ZIP;
    else if (strcmp(value, "folder") == 0)
        *out = SEALBAG_FOLDER;
    else
        return sb_cli_usage(verb, "--format takes tar.gz, tar.zst, tar, zip or folder.");
    return 0;
}

int sb_cli_level(int *out, const char *verb, const char *value)
{
    unsigned long number = 0;
    if (strcmp(value, "fast") != 0 && !sb_cli_number(&number, verb, "--level", value, 1, 19))
        return EXIT_USAGE;
    *out = (int)number;
    return 0;
}

char *sb_cli_config_path(void)
{
    struct sb_buf path = {0};
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int r = -1;
    if (config != NULL && config[0] == '/')
        r = sb_buf_printf(&path, "%s/sealbag", config);
    else if (home != NULL && home[0] == '/')
        r = sb_buf_printf(&path, "%s/.config/sealbag", home);
    if (r == 0)
        return (char *)path.data;
    sb_buf_free(&path);
    return NULL;
}

char *sb_cli_config_dir(void)
{
    char *path = sb_cli_config_path();
    if (path == NULL)
        fputs("sealbag: There is no home folder to keep things in. Name a folder with --keys, "
              "or a file with -o. [usage]\n",
              stderr);
    return path;
}

/* NAME=NUMBER, NUMBER with K, M, G or T for powers of 1024, or "none". */
static int limit_option(struct sb_judging *judging, const char *verb, const char *text)
{
    static const char units[] = "KMGT";
    char name[32], shown[100];
    const char *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : 0;
    const char *number = equals != NULL ? equals + 1 : "";
    size_t digits = strspn(number, "0123456789");
    const char *unit = number[digits] != 0 ? strchr(units, number[digits]) : NULL;
    unsigned shift = unit != NULL ? 10 * ((unsigned)(unit - units) + 1) : 0;
    uint64_t value;
    bool none = strcmp(number, "none") == 0;
    bool good = len > 0 && len < sizeof(name) &&
                (none || (sb_decimal_parse(&value, number, digits) && value > 0 &&
                          number[digits + (unit != NULL)] == 0 && value <= UINT64_MAX >> shift));
    if (!good)
        return sb_cli_usage(verb,
                            "--limit takes NAME=NUMBER, such as ratio=5000 or manifest-bytes=2G, "
                            "and not \"%s\". See the names with: sealbag help limits.",
                            sealbag_text_escape(shown, sizeof(shown), text));
    memcpy(name, text, len);
    name[len] = 0;
    value = none ? UINT64_MAX : value << shift;
    if (strcmp(name, "time") == 0)
        judging->time_limit = value;
    else if (!sealbag_limit_set(&judging->options.limits, name, value))
        return sb_cli_usage(verb,
                            "There is no limit called \"%s\". See the names with: sealbag help "
                            "limits.",
                            sealbag_text_escape(shown, sizeof(shown), name));
    return 0;
}

/* What people compare of an id. */
enum { SHORTEST_ID = 32 };

int sb_judging_option(struct sb_judging *judging, const char *verb, int option, const char *value)
{
    unsigned long number;
    switch (option) {
    case OPT_KEYS:
        judging->keys_dir = value;
        return 0;
    case OPT_REQUIRE:
        if (!sb_cli_number(&number, verb, "--require", value, 1, 1000))
            return EXIT_USAGE;
        judging->options.require = number;
        return 0;
    case OPT_SIGNER:
        sb_strings_add(&judging->signers, value);
        return 0;
    case OPT_SEAL:
        if (!sb_typed_hex(judging->seal, value, SHORTEST_ID))
            return sb_cli_usage(verb, "--seal takes the first 32 to 64 hex digits of a seal id.");
        judging->options.seal = judging->seal;
        return 0;
    case OPT_CUSTODY:
        if (!sb_typed_hex(judging->custody, value, SHORTEST_ID))
            return sb_cli_usage(verb,
                                "--custody takes the first 32 to 64 hex digits of a custody head.");
        judging->options.custody = judging->custody;
        return 0;
    case 'j':
        return sb_cli_jobs(&judging->options.jobs, verb, value);
    case OPT_JSON:
        judging->json = true;
        return 0;
    case OPT_QUIET:
        judging->quiet = true;
        return 0;
    case OPT_LIMIT:
        return limit_option(judging, verb, value);
    case OPT_NO_SANDBOX:
        judging->options.no_sandbox = true;
        return 0;
    case OPT_AT:
        return sb_cli_date(&judging->options.time, verb, "--at", value);
    case OPT_COUNT_COUNTERSIGNATURES:
        judging->options.count_countersignatures = true;
        return 0;
    default:
        return -1;
    }
}

int sb_cli_trust_load(struct sealbag_trust **out, const char *dir, bool optional,
                      struct sb_error *error)
{
    struct stat status;
    bool there = stat(dir, &status) == 0 && S_ISDIR(status.st_mode);
    return sealbag_trust_load(out, dir, optional || there, error);
}

int sb_judging_load(struct sb_judging *judging)
{
    struct sb_error error = {0};
    char *own_dir = NULL;
    const char *dir = judging->keys_dir;
    if (dir == NULL) {
        dir = own_dir = sb_cli_config_dir();
        if (dir == NULL)
            return EXIT_USAGE;
    }
    int r = sb_cli_trust_load(&judging->trust, dir, own_dir != NULL, &error);
    if (r == 0 && sealbag_trust_writable_by_others(judging->trust)) {
        char shown[1000];
        sb_cli_warn("Others than you may change the trust store in %s. Make it yours alone with "
                    "chmod go-w. [trust.writable]",
                    sealbag_text_escape(shown, sizeof(shown), dir));
    }
    free(own_dir);
    if (r < 0)
        return sb_cli_fail(&error);
    judging->options.trust = judging->trust;
    if (judging->options.time == 0)
        judging->options.time = sb_cli_now();
    if (judging->time_limit == 0)
        judging->time_limit = SB_TIME_LIMIT;
    if (judging->options.jobs == 0)
        judging->options.jobs = sb_process_cores();
    judging->options.signers = judging->signers.items;
    judging->options.signer_count = judging->signers.count;
    return 0;
}

void sb_judging_free(struct sb_judging *judging)
{
    sealbag_trust_free(judging->trust);
    sb_strings_free(&judging->signers);
    *judging = (struct sb_judging){0};
}

int sb_cli_open_bundle(const char *name, struct sb_error *error)
{
    if (strcmp(name, "-") == 0)
        return STDIN_FILENO;
    /* A named pipe must not make the open itself wait for ever; reading one waits as it should. */
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        sb_error_errno(error, errno, "open", name);
    return fd;
}

void sb_cli_close_bundle(int fd)
{
    if (fd != STDIN_FILENO)
        close(fd);
}

int sb_bundle_list(struct sealbag_verdict **out, const char *name, const struct sb_judging *judging)
{
    struct sb_error error = {0};
    struct sb_meter meter;
    *out = NULL;
    sb_meter_start(&meter, judging->quiet, judging->time_limit);
    struct sealbag_verify_options options = judging->options;
    options.progress = sb_meter_tick;
    options.progress_context = &meter;
    int fd = sb_cli_open_bundle(name, &error);
    int r = fd < 0 ? SEALBAG_ERR_IO : sealbag_bundle_list(out, fd, &options, &error);
    sb_meter_clear(&meter);
    if (fd >= 0)
        sb_cli_close_bundle(fd);
    sb_meter_explain(&error, &meter);
    return r < 0 ? sb_cli_fail(&error) : 0;
}
