/* trust export and trust import. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* ---- export ----------------------------------------------------------------------------- */

int sb_trust_export(struct sb_trusting *trusting)
{
    struct sb_error error = {0};
    struct sealbag_created created;
    struct sealbag_key *key;
    char shown[1000];
    int code = sb_cli_key_load(&key, trusting->key_file, &trusting->from);
    if (code != 0)
        return code;
    const struct sealbag_trust_exporting exporting = {
        .dir = trusting->dir,
        .output = trusting->output,
        .keys = &key,
        .key_count = 1,
        .time = trusting->time,
    };
    int r = sealbag_trust_export(&created, &exporting, &error);
    sealbag_key_free(key);
    if (r < 0)
        return sb_cli_fail(&error);
    printf("%s: your trust store, sealed\n  Seal id:  %s\n",
           sealbag_text_escape(shown, sizeof(shown), trusting->output), created.seal_id);
    sb_cli_say(false,
               "It names whom you trust: give it only to those who may know. They add it with "
               "sealbag trust import.");
    return EXIT_GOOD;
}

/* ---- import ----------------------------------------------------------------------------- */

struct asking {
    const struct sb_trusting *trusting;
    const char *bundle;
    const struct sealbag_trust *store;
    bool shown;  /* the verdict */
    bool nobody; /* could be asked, and nobody has agreed beforehand */
};

static void show_verdict(struct asking *asking, const struct sealbag_verdict *verdict)
{
    if (!asking->shown)
        sealbag_verdict_print(stderr, asking->bundle, verdict);
    asking->shown = true;
}

/* Of a key that is to be revoked: it may be known here under a name. */
static void tell_own_names(const struct sealbag_trust *store, const char *fingerprint)
{
    char shown[600];
    for (size_t i = 0; store != NULL && i < sealbag_trust_count(store); i++) {
        struct sealbag_trust_entry own;
        sealbag_trust_describe(&own, store, i, 0);
        if (own.name != NULL && strcmp(own.fingerprint, fingerprint) == 0)
            printf("    This REVOKES the key that you trust as %s.\n",
                   sealbag_text_escape(shown, sizeof(shown), own.name));
    }
}

static bool confirm(void *context, const struct sealbag_trust *more,
                    const struct sealbag_verdict *verdict)
{
    struct asking *asking = context;
    const struct sb_trusting *trusting = asking->trusting;
    /* Who takes what a stranger has sealed takes it from those whom he trusts, too. */
    bool agreed = trusting->accept_untrusted || (verdict->exit_code == EXIT_GOOD && trusting->yes);
    asking->nobody = !agreed && !sb_cli_can_ask();
    show_verdict(asking, verdict);
    printf("This %s be added to your trust store:\n", asking->nobody ? "would" : "will");
    for (size_t i = 0; i < sealbag_trust_count(more); i++) {
        struct sealbag_trust_entry entry;
        sealbag_trust_describe(&entry, more, i, trusting->time);
        fputs("  ", stdout);
        sb_trust_show(stdout, &entry);
        if (entry.name != NULL)
            sb_trust_warn_other(asking->store, entry.name, entry.fingerprint);
        else
            tell_own_names(asking->store, entry.fingerprint);
    }
    if (agreed || asking->nobody)
        return agreed;
    return sb_cli_ask(verdict->exit_code == EXIT_GOOD
                          ? "Do you want to rely on whoever sealed it for these names?"
                          : "You do not trust whoever sealed it. Add these names all the same?");
}

static int tell(const struct sealbag_trust_imported *imported,
                const struct sealbag_verdict *verdict)
{
    if (!imported->accepted)
        sb_cli_say(false, "Nothing was added.%s",
                   verdict->exit_code == 3 ? " With --accept-untrusted it would be." : "");
    else if (imported->changed)
        printf("Added %zu %s and %zu %s\n", imported->names,
               imported->names == 1 ? "name with its key" : "names with their keys",
               imported->revocations, imported->revocations == 1 ? "revocation" : "revocations");
    else
        puts("Nothing was added: nothing of it was missing in your trust store.");
    if (imported->revoked > 0)
        sb_cli_say(false, "%zu %s not added, since you have revoked the %s.", imported->revoked,
                   imported->revoked == 1 ? "name was" : "names were",
                   imported->revoked == 1 ? "key" : "keys");
    if (imported->kept > 0)
        sb_cli_say(false,
                   "%zu %s the same key with other dates in your trust store, and %s left as "
                   "before.",
                   imported->kept, imported->kept == 1 ? "name has" : "names have",
                   imported->kept == 1 ? "was" : "were");
    return imported->accepted ? EXIT_GOOD : verdict->exit_code;
}

/* `name` is "-" for a pipe. */
int sb_trust_import(const struct sb_trusting *trusting, const char *name)
{
    struct sb_error error = {0};
    struct sealbag_verdict *verdict = NULL;
    struct sealbag_trust_imported imported = {0};
    struct asking asking = {.trusting = trusting, .bundle = name};
    struct sealbag_trust *trust = NULL;
    struct sb_meter meter;
    if (sb_cli_trust_load(&trust, trusting->dir, true, &error) < 0)
        return sb_cli_fail(&error);
    asking.store = trust;
    sb_meter_start(&meter, true, SB_TIME_LIMIT);
    const struct sealbag_trust_importing importing = {
        .dir = trusting->dir,
        .verify = {.trust = trust,
                   .time = trusting->time,
                   .jobs = 1,
                   .progress = sb_meter_tick,
                   .progress_context = &meter},
        .accept_untrusted = trusting->accept_untrusted || sb_cli_can_ask(),
        .confirm = confirm,
        .confirm_context = &asking,
    };
    int fd = sb_cli_open_bundle(name, &error);
    int r =
        fd < 0 ? SEALBAG_ERR_IO : sealbag_trust_import(&imported, &verdict, fd, &importing, &error);
    if (fd >= 0)
        sb_cli_close_bundle(fd);
    if (verdict != NULL)
        show_verdict(&asking, verdict);
    int code;
    if (asking.nobody)
        code = sb_cli_usage("trust", "Nothing was added, because nobody could be asked: this is no "
                                     "terminal. Look at what is shown above; --yes adds it without "
                                     "a question.");
    else
        code = r < 0 || verdict == NULL ? sb_cli_fail(&error) : tell(&imported, verdict);
    sealbag_verdict_free(verdict);
    sealbag_trust_free(trust);
    return code;
}
