/* What is in a trust store, for people and for programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "report/report.h"

static void show_dates(FILE *to, const struct sealbag_trust_entry *entry)
{
    char time[SB_TIME_SIZE];
    if (entry->valid_after != 0)
        fprintf(to, ", valid from %s", sb_time_format(time, entry->valid_after));
    if (entry->valid_before != 0)
        fprintf(to, "%s until %s", entry->valid_after != 0 ? "" : ", valid",
                sb_time_format(time, entry->valid_before));
}

static void show_revocation(FILE *to, const struct sealbag_trust_entry *entry)
{
    char shown[2100], time[SB_TIME_SIZE];
    bool counts = entry->state == SEALBAG_TRUST_REVOKED;
    fprintf(to, "%s on %s", counts ? "REVOKED" : ", revoked",
            sb_time_format(time, entry->revoked_on));
    if (entry->revoked_since != 0)
        fprintf(to, ", from %s on", sb_time_format(time, entry->revoked_since));
    fprintf(to, ": %s", sealbag_text_escape(shown, sizeof(shown), entry->reason));
}

void sb_trust_warn_other(const struct sealbag_trust *store, const char *name,
                         const char *fingerprint)
{
    char shown[600];
    for (size_t i = 0; store != NULL && i < sealbag_trust_count(store); i++) {
        struct sealbag_trust_entry entry;
        sealbag_trust_describe(&entry, store, i, 0);
        if (entry.name == NULL || strcmp(entry.name, name) != 0 ||
            strcmp(entry.fingerprint, fingerprint) == 0)
            continue;
        sb_cli_warn("You trust another key as %s already: %s. Anyone can claim to have a new key: "
                    "ask its owner, by another way than this one came. [trust.other-key]",
                    sealbag_text_escape(shown, sizeof(shown), name), entry.fingerprint);
        return;
    }
}

void sb_trust_show(FILE *to, const struct sealbag_trust_entry *entry)
{
    static const char *const states[] = {"not revoked yet", "trusted", "NOT YET VALID", "EXPIRED"};
    char shown[2100];
    fprintf(to, "%s  %s  ", entry->fingerprint,
            entry->name != NULL ? sealbag_text_escape(shown, sizeof(shown), entry->name)
                                : "(no name)");
    if (entry->state != SEALBAG_TRUST_REVOKED) {
        fputs(states[entry->state], to);
        show_dates(to, entry);
    }
    if (entry->reason != NULL)
        show_revocation(to, entry);
    fputc('\n', to);
}

static void json_time(const char *name, int64_t seconds)
{
    char time[SB_TIME_SIZE];
    if (seconds == 0)
        printf(",\"%s\":null", name);
    else
        printf(",\"%s\":\"%s\"", name, sb_time_format(time, seconds));
}

static void print_json(const struct sealbag_trust_entry *entry, bool first)
{
    static const char *const states[] = {"unknown", "trusted", "not-yet-valid", "expired",
                                         "revoked"};
    printf("%s{\"fingerprint\":\"%s\",\"name\":", first ? "" : ",", entry->fingerprint);
    if (entry->name != NULL)
        sb_json_string(stdout, entry->name);
    else
        fputs("null", stdout);
    printf(",\"state\":\"%s\"", states[entry->state]);
    json_time("valid_after", entry->valid_after);
    json_time("valid_before", entry->valid_before);
    json_time("revoked_on", entry->revoked_on);
    json_time("revoked_since", entry->revoked_since);
    fputs(",\"reason\":", stdout);
    if (entry->reason != NULL)
        sb_json_string(stdout, entry->reason);
    else
        fputs("null", stdout);
    fputc('}', stdout);
}

/* A revocation of a key that has a name was told with that name. */
static bool told_before(const struct sealbag_trust_entry *entries, size_t count,
                        const struct sealbag_trust_entry *entry)
{
    for (size_t i = 0; entry->name == NULL && i < count && entries[i].name != NULL; i++) {
        if (strcmp(entries[i].fingerprint, entry->fingerprint) == 0)
            return true;
    }
    return false;
}

static void print_all(const struct sealbag_trust_entry *entries, size_t count, bool json)
{
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (told_before(entries, count, &entries[i]))
            continue;
        if (json)
            print_json(&entries[i], first);
        else
            sb_trust_show(stdout, &entries[i]);
        first = false;
    }
}

int sb_trust_list(const struct sb_trusting *trusting)
{
    struct sb_error error = {0};
    struct sealbag_trust *trust;
    char time[SB_TIME_SIZE];
    if (sb_cli_trust_load(&trust, trusting->dir, trusting->optional_dir, &error) < 0)
        return sb_cli_fail(&error);
    size_t count = sealbag_trust_count(trust);
    struct sealbag_trust_entry *entries = calloc(count + 1, sizeof(*entries));
    if (entries == NULL) {
        sealbag_trust_free(trust);
        sb_error_memory(&error);
        return sb_cli_fail(&error);
    }
    for (size_t i = 0; i < count; i++)
        sealbag_trust_describe(&entries[i], trust, i, trusting->time);
    if (trusting->json)
        printf("{\"format\":\"sealbag-trust-1\",\"judged_at\":\"%s\",\"entries\":[",
               sb_time_format(time, trusting->time));
    print_all(entries, count, trusting->json);
    if (trusting->json)
        puts("]}");
    else if (count == 0)
        sb_cli_say(false,
                   "You trust nobody's key yet. Add one with sealbag trust add NAME KEY.pub");
    free(entries);
    sealbag_trust_free(trust);
    return EXIT_GOOD;
}
