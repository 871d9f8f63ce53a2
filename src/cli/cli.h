/* What the commands share: messages, the verdict's exit codes, options, the terminal. */
#ifndef SB_CLI_CLI_H
#define SB_CLI_CLI_H

#include <sealbag/sealbag.h>

#include "base/typed.h"

enum {
    EXIT_GOOD = 0,
    EXIT_BAD = 1,
    EXIT_USAGE = 2,
    EXIT_NOT_JUDGED = 5,
};

/* One verb. `run` gets the arguments from the verb's name on. */
struct sb_command {
    const char *name;
    const char *summary;
    const char *usage;
    int (*run)(int argc, char **argv);
};

int sb_cmd_keygen(int argc, char **argv);
int sb_cmd_create(int argc, char **argv);
int sb_cmd_seal(int argc, char **argv);
int sb_cmd_verify(int argc, char **argv);
int sb_cmd_list(int argc, char **argv);
int sb_cmd_show(int argc, char **argv);
int sb_cmd_extract(int argc, char **argv);
int sb_cmd_convert(int argc, char **argv);
int sb_cmd_sign(int argc, char **argv);
int sb_cmd_trust(int argc, char **argv);
int sb_cmd_key(int argc, char **argv);
int sb_cmd_custody(int argc, char **argv);
int sb_cmd_metadata(int argc, char **argv);
int sb_cmd_report(int argc, char **argv);
int sb_cmd_privacy(int argc, char **argv);

/* After getopt. 2, with a sentence, when the output (NULL: none) is a file that another argument
 * names to be read (a key, a table, a trust store, the bundle), or is of the user's own trust
 * store. Else 0. */
int sb_cli_check_output(const char *verb, const char *output, int argc, char **argv);

/* ---- messages, all on stderr ---- */

/* "sealbag: <sentence> [rule]"; returns the exit code: 2 for USAGE, else 5. */
int sb_cli_fail(const struct sb_error *error);
/* A usage error with its own sentence, and where to read more; returns 2. */
int sb_cli_usage(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sb_cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A sentence that --quiet silences. */
void sb_cli_say(bool quiet, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One line each. */
void sb_cli_problems(const struct sealbag_problems *problems);
/* Of a new bundle that is beyond the ratio. */
void sb_cli_warn_ratio(uint64_t bytes, uint64_t bundle_bytes);
/* The verdict on a bundle of which something is made. A good one is left out if `quiet`, but not
 * its warnings about trust and about the process that reads. */
void sb_cli_verdict(const char *bundle, const struct sealbag_verdict *verdict, bool quiet);
/* These warnings alone. */
void sb_cli_verdict_warnings(const struct sealbag_verdict *verdict);
/* After getopt_long met something wrong; returns 2. */
int sb_cli_bad_option(const char *verb, char **argv);
/* Flushes stdout; an error there is 5, whatever `code` is. */
int sb_cli_finish(int code);

/* ---- options ---- */

/* A growing list of borrowed strings. */
struct sb_strings {
    const char **items;
    size_t count, cap;
};
/* Exits with a message when memory is short. */
void sb_strings_add(struct sb_strings *strings, const char *item);
void sb_strings_free(struct sb_strings *strings);

/* A decimal in [low, high]; false after a message. */
bool sb_cli_number(unsigned long *out, const char *verb, const char *option, const char *text,
                   unsigned long low, unsigned long high);

/* The number that -j takes. 0, or an exit code after a message. */
int sb_cli_jobs(unsigned *out, const char *verb, const char *text);

/* What --format and --level take. The same. */
int sb_cli_format(enum sealbag_format *out, const char *verb, const char *value);
int sb_cli_level(int *out, const char *verb, const char *value);

/* A date (2026-01-31, its beginning) or a time (2026-01-31T12:00:00Z), in UTC. 0, or an exit code
 * after a message. */
int sb_cli_date(int64_t *out, const char *verb, const char *option, const char *text);
/* A time in the form of RFC 3339, for the option --time. The same. */
int sb_cli_time(int64_t *out, const char *verb, const char *text);
/* Now, in seconds since 1970. */
int64_t sb_cli_now(void);

/* Whether somebody can be asked: the standard input and the standard error are a terminal. */
bool sb_cli_can_ask(void);
/* Asks on the terminal; only "yes" in full is yes. */
bool sb_cli_ask(const char *question);

/* $XDG_CONFIG_HOME/sealbag or ~/.config/sealbag, allocated; NULL when there is no home folder. */
char *sb_cli_config_path(void);
/* The same; NULL after a message. */
char *sb_cli_config_dir(void);

/* A store in a folder that is there but has none yet is empty; a folder that is not there is an
 * error unless `optional`. */
int sb_cli_trust_load(struct sealbag_trust **out, const char *dir, bool optional,
                      struct sb_error *error);

/* A day: a terabyte from a slow disk takes three hours. */
enum { SB_TIME_LIMIT = 86400 };

/* What verify, list and extract have in common. */
struct sb_judging {
    struct sealbag_verify_options options;
    const char *keys_dir;
    struct sb_strings signers;
    struct sealbag_trust *trust;
    char seal[SB_TYPED_HEX], custody[SB_TYPED_HEX]; /* what the options' point to */
    uint64_t time_limit;                            /* seconds */
    bool json, quiet;
};

/* The long options of struct sb_judging, for use in a getopt_long table. */
enum {
    OPT_KEYS = 1000,
    OPT_REQUIRE,
    OPT_SIGNER,
    OPT_SEAL,
    OPT_CUSTODY,
    OPT_JSON,
    OPT_QUIET,
    OPT_NO_SANDBOX,
    OPT_LIMIT,
    OPT_AT,
    OPT_COUNT_COUNTERSIGNATURES,
    OPT_OWN
};
#define SB_JUDGING_OPTIONS                                                                         \
    {"keys", required_argument, NULL, OPT_KEYS},                                                   \
        {"require", required_argument, NULL, OPT_REQUIRE},                                         \
        {"signer", required_argument, NULL, OPT_SIGNER},                                           \
        {"seal", required_argument, NULL, OPT_SEAL}, {"json", no_argument, NULL, OPT_JSON},        \
        {"custody", required_argument, NULL, OPT_CUSTODY}, {"jobs", required_argument, NULL, 'j'}, \
        {"no-sandbox", no_argument, NULL, OPT_NO_SANDBOX},                                         \
        {"limit", required_argument, NULL, OPT_LIMIT}, {"at", required_argument, NULL, OPT_AT},    \
        {"count-countersignatures", no_argument, NULL, OPT_COUNT_COUNTERSIGNATURES},               \
    {                                                                                              \
        "quiet", no_argument, NULL, OPT_QUIET                                                      \
    }

/* Takes one option. 0, or an exit code after a message; -1 when it is none of these. */
int sb_judging_option(struct sb_judging *judging, const char *verb, int option, const char *value);
/* Loads the trust store. 0, or an exit code after a message. */
int sb_judging_load(struct sb_judging *judging);
void sb_judging_free(struct sb_judging *judging);

/* Reads the BagIt profile that --profile names, and warns of what in it is not judged. 0 and *out,
 * which the caller frees, or an exit code after a message. */
int sb_cli_profile(struct sealbag_profile **out, const char *verb, const char *file);

/* ---- passphrases ---- */

/* Where they come from. */
struct sb_passphrases {
    int fd;       /* --passphrase-fd, or the open --passphrase-file; -1: the terminal */
    bool confirm; /* ask twice on a terminal */
    bool change;  /* of a key that is there already */
};

/* Takes --passphrase-fd and --passphrase-file. 0, or an exit code after a message. */
int sb_passphrases_option(struct sb_passphrases *from, const char *verb, bool is_fd,
                          const char *value);

/* A sealbag_passphrase_fn; context is a struct sb_passphrases. One line for each call. */
int sb_passphrase_ask(void *context, const char *key_file, char *out, size_t size);

/* ---- keys that sign ---- */

/* Opens what --key names: a minisign secret key file; ssh:FINGERPRINT or ssh:COMMENT, a key that
 * the ssh-agent at SSH_AUTH_SOCK has; or an OpenSSH public key file, for the same. Tells on stderr
 * when a security key is to be touched, and asks whether to go on when it was not. Warns of a
 * secret key that others can read. 0 and *out, which the caller frees, or an exit code after a
 * message. */
int sb_cli_key_load(struct sealbag_key **out, const char *given, struct sb_passphrases *from);

/* The warning alone. */
void sb_cli_key_warn(bool world_readable, const char *file);

/* ---- seals ---- */

/* Who makes a seal, and what is said in it. Set `time`, and from.fd to -1. */
struct sb_sealing {
    int64_t time;
    struct sb_passphrases from;
    struct sb_strings key_names, cosigner_names;
    struct sealbag_key **keys;
    size_t key_count;
    const char **cosigners; /* their fingerprints */
    size_t cosigner_count;
    struct sealbag_key_file *cosigner_files; /* what is said of those given by a file */
    bool salted;
    uint8_t salt[32];
    char supersedes[SB_TYPED_HEX]; /* "": nothing */
};

/* The long options of struct sb_sealing, for use in a getopt_long table. */
enum {
    OPT_SEAL_KEY = 2000,
    OPT_SEAL_COSIGNER,
    OPT_SEAL_TIME,
    OPT_SEAL_SALT,
    OPT_SEAL_SUPERSEDES,
    OPT_SEAL_PASSPHRASE_FD,
    OPT_SEAL_PASSPHRASE_FILE,
};
#define SB_SEALING_OPTIONS                                                                         \
    {"key", required_argument, NULL, OPT_SEAL_KEY},                                                \
        {"cosigner", required_argument, NULL, OPT_SEAL_COSIGNER},                                  \
        {"time", required_argument, NULL, OPT_SEAL_TIME},                                          \
        {"salt", required_argument, NULL, OPT_SEAL_SALT},                                          \
        {"supersedes", required_argument, NULL, OPT_SEAL_SUPERSEDES},                              \
        {"passphrase-fd", required_argument, NULL, OPT_SEAL_PASSPHRASE_FD},                        \
    {                                                                                              \
        "passphrase-file", required_argument, NULL, OPT_SEAL_PASSPHRASE_FILE                       \
    }

/* Takes one option. 0, or an exit code after a message; -1 when it is none of these. */
int sb_sealing_option(struct sb_sealing *sealing, const char *verb, int option, const char *value);
/* Finds the cosigners and opens the keys, in this order. 0, or an exit code after a message. */
int sb_sealing_load(struct sb_sealing *sealing, const char *verb);
/* Who has signed and who is to sign. */
void sb_sealing_print(FILE *to, const struct sb_sealing *sealing, const char *seal_id);
void sb_sealing_free(struct sb_sealing *sealing);

/* What sign and custody have in common: who adds to a seal, and where. Set `time`, and from.fd to
 * -1. */
struct sb_adding {
    int64_t time;
    struct sb_passphrases from;
    const char *key_file, *output;
    bool accept_untrusted, yes;
    bool given; /* one of these options was, or one of the verb's own */
};

/* The long options of struct sb_adding, for use in a getopt_long table; the short one is "o:". */
enum {
    OPT_ADD_KEY = 3000,
    OPT_ADD_TIME,
    OPT_ADD_UNTRUSTED,
    OPT_ADD_YES,
    OPT_ADD_PASSPHRASE_FD,
    OPT_ADD_PASSPHRASE_FILE,
};
#define SB_ADDING_OPTIONS                                                                          \
    {"key", required_argument, NULL, OPT_ADD_KEY}, {"output", required_argument, NULL, 'o'},       \
        {"time", required_argument, NULL, OPT_ADD_TIME},                                           \
        {"accept-untrusted", no_argument, NULL, OPT_ADD_UNTRUSTED},                                \
        {"yes", no_argument, NULL, OPT_ADD_YES},                                                   \
        {"passphrase-fd", required_argument, NULL, OPT_ADD_PASSPHRASE_FD},                         \
    {                                                                                              \
        "passphrase-file", required_argument, NULL, OPT_ADD_PASSPHRASE_FILE                        \
    }

/* Takes one option. 0, or an exit code after a message; -1 when it is none of these. */
int sb_adding_option(struct sb_adding *adding, const char *verb, int option, const char *value);

/* ---- privacy ---- */

/* What the privacy check looks for: the login name and the full name of who runs the program,
 * unless they are too common. */
struct sb_names {
    char session[100], login[100], full[100];
    const char *list[3];
    size_t count;
};
void sb_names_find(struct sb_names *names);

/* ---- trust ---- */

/* The options of the trust commands. */
struct sb_trusting {
    const char *dir;
    bool optional_dir; /* the store need not be there */
    int64_t valid_after, valid_before, since;
    int64_t time; /* now, or --at */
    const char *reason, *output, *key_file, *from_bundle;
    const char *fingerprint;                          /* NULL, or */
    char fingerprint_given[SEALBAG_FINGERPRINT_SIZE]; /* what it points to */
    struct sb_passphrases from;
    bool yes, json, accept_untrusted;
};

/* `key_file` NULL: the key is taken from a bundle. */
int sb_trust_add(const struct sb_trusting *trusting, const char *name, const char *key_file);
int sb_trust_list(const struct sb_trusting *trusting);
/* Says when the name has another key in the store, which may be NULL. */
void sb_trust_warn_other(const struct sealbag_trust *store, const char *name,
                         const char *fingerprint);
/* One line about an entry for people. */
void sb_trust_show(FILE *to, const struct sealbag_trust_entry *entry);
int sb_trust_export(struct sb_trusting *trusting);
int sb_trust_import(const struct sb_trusting *trusting, const char *name);

/* ---- bundles ---- */

/* Opens a bundle, "-" being standard input, or a bag that is a folder. -1 with *error filled. Close
 * it with sb_cli_close_bundle. */
int sb_cli_open_bundle(const char *name, struct sb_error *error);
void sb_cli_close_bundle(int fd);

/* The verdict on a bundle, with its documents, as far as they can be listed without reading all. 0
 * and *out, which the caller frees, or an exit code after a message. */
int sb_bundle_list(struct sealbag_verdict **out, const char *name,
                   const struct sb_judging *judging);

/* ---- the terminal and the process ---- */

/* Signals ask running work to stop; no core dumps, no debugger on a process with keys. */
void sb_process_prepare(void);
/* Before the process ends: without it, whoever calls exit is taken for a library in trouble. */
void sb_process_done(void);
bool sb_process_stopped(void);
/* How many processors this process may use. */
unsigned sb_process_cores(void);

struct sb_meter {
    bool shown; /* stderr is a terminal and not --quiet */
    bool drawn;
    bool late; /* the time was up, and the run was stopped for it */
    double started, last, time_limit;
};
/* `time_limit` in seconds; 0: none. */
void sb_meter_start(struct sb_meter *meter, bool quiet, uint64_t time_limit);
/* A sealbag_progress_fn; context is a struct sb_meter. */
int sb_meter_tick(void *context, const struct sealbag_progress *now);
void sb_meter_clear(struct sb_meter *meter);
/* A run that was stopped because the time was up failed for that reason. */
void sb_meter_explain(struct sb_error *error, const struct sb_meter *meter);

/* Who is told what create and the template did with values. */
struct sb_cli_notes {
    struct sb_meter *meter; /* NULL: none is shown */
    bool quiet;             /* only what is a warning */
};
/* A sealbag_note_fn; context is a struct sb_cli_notes. */
void sb_cli_note(void *context, const char *rule, bool warning, const char *sentence);

#endif
