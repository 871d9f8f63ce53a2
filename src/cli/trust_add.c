/* trust add: a key from a file, or the one that sealed a bundle. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

struct asked {
    const struct sealbag_trust *store; /* as it was; NULL: there is none */
    bool yes;                          /* do not ask */
    bool done;                         /* it was asked, and the fingerprint was shown */
};

static bool confirm(void *context, const struct sealbag_trust *more,
                    const struct sealbag_verdict *verdict)
{
    struct asked *asked = context;
    struct sealbag_trust_entry entry;
    char shown[600];
    (void)verdict;
    sealbag_trust_describe(&entry, more, 0, 0);
    sb_trust_warn_other(asked->store, entry.name, entry.fingerprint);
    if (asked->yes || !sb_cli_can_ask())
        return true;
    fprintf(
        stderr,
        "This key is to be trusted as %s:\n  %s\nCompare this fingerprint with the key's owner, "
        "by another way than the key came, such as the phone.\n",
        sealbag_text_escape(shown, sizeof(shown), entry.name), entry.fingerprint);
    asked->done = true;
    return sb_cli_ask("Is it the same?");
}

static int add_key(const struct sb_trusting *trusting, const char *name, const char *key_file,
                   const char *key)
{
    struct sb_error error = {0};
    char fingerprint[SEALBAG_FINGERPRINT_SIZE], shown[600];
    /* Whoever gives the fingerprint has compared it. */
    struct asked asked = {.yes = trusting->yes || trusting->fingerprint != NULL};
    bool added;
    const struct sealbag_trust_adding adding = {
        .dir = trusting->dir,
        .name = name,
        .key_file = key_file,
        .key = key,
        .fingerprint = trusting->fingerprint,
        .valid_after = trusting->valid_after,
        .valid_before = trusting->valid_before,
        .confirm = confirm,
        .confirm_context = &asked,
    };
    struct sealbag_trust *store = NULL;
    if (sealbag_trust_load(&store, trusting->dir, true, NULL) == 0)
        asked.store = store;
    int r = sealbag_trust_add_key(&added, fingerprint, &adding, &error);
    sealbag_trust_free(store);
    if (r < 0)
        return sb_cli_fail(&error);
    printf("%s  %s  %s\n", added ? "Trusted" : "Trusted before",
           sealbag_text_escape(shown, sizeof(shown), name), fingerprint);
    if (added && !asked.done && trusting->fingerprint == NULL)
        sb_cli_say(false, "Compare this fingerprint with the key's owner, by another way than the "
                          "key came. If it differs: sealbag trust remove.");
    return EXIT_GOOD;
}

/* The key with this fingerprint among those that signed the bundle; NULL after a message. */
static const char *find_key(const struct sealbag_verdict *verdict, const char *bundle,
                            const char *fingerprint)
{
    char shown[1000];
    if (verdict->exit_code != EXIT_GOOD && verdict->exit_code != 3) {
        sealbag_verdict_print(stderr, bundle, verdict);
        return NULL;
    }
    for (size_t i = 0; i < verdict->signature_count; i++) {
        const struct sealbag_signature *signature = &verdict->signature[i];
        if (signature->public_key != NULL && strcmp(signature->fingerprint, fingerprint) == 0)
            return signature->public_key;
    }
    fprintf(stderr,
            "sealbag: %s was NOT signed with the key whose fingerprint you gave, so nothing was "
            "added. If you typed it as the key's owner read it to you, the bundle is not from its "
            "owner: do not use it. Never copy the fingerprint from the bundle. [io.not-found]\n",
            sealbag_text_escape(shown, sizeof(shown), bundle));
    return NULL;
}

static int add_from(const struct sb_trusting *trusting, const char *name)
{
    struct sb_error error = {0};
    struct sealbag_verdict *verdict = NULL;
    struct sb_meter meter;
    const char *bundle = trusting->from_bundle;
    if (trusting->fingerprint == NULL)
        return sb_cli_usage("trust",
                            "--from needs --fingerprint SHA256:..., as you have heard it from "
                            "the key's owner.");
    sb_meter_start(&meter, false, SB_TIME_LIMIT);
    const struct sealbag_verify_options options = {.jobs = sb_process_cores(),
                                                   .unlisted = true,
                                                   .time = trusting->time,
                                                   .progress = sb_meter_tick,
                                                   .progress_context = &meter};
    int fd = sb_cli_open_bundle(bundle, &error);
    int r = fd < 0 ? SEALBAG_ERR_IO : sealbag_bundle_verify(&verdict, fd, &options, &error);
    sb_meter_clear(&meter);
    if (fd >= 0)
        sb_cli_close_bundle(fd);
    if (r < 0)
        return sb_cli_fail(&error);
    const char *key = find_key(verdict, bundle, trusting->fingerprint);
    int bad = verdict->exit_code == EXIT_GOOD || verdict->exit_code == 3 ? EXIT_NOT_JUDGED
                                                                         : verdict->exit_code;
    int code = key != NULL ? add_key(trusting, name, NULL, key) : bad;
    sealbag_verdict_free(verdict);
    return code;
}

int sb_trust_add(const struct sb_trusting *trusting, const char *name, const char *key_file)
{
    return key_file != NULL ? add_key(trusting, name, key_file, NULL) : add_from(trusting, name);
}
