/* Keys that ssh-agent has: finding one, and having it sign. */
#include <stdlib.h>
#include <string.h>

#include "op/key.h"
#include "sign/agent.h"

/* ---- finding --------------------------------------------------------------------------- */

static bool fits(const struct sb_agent_key *key, const char *wanted,
                 const struct sb_identity *identity)
{
    static const char prefix[] = "SHA256:";
    char fingerprint[SEALBAG_FINGERPRINT_SIZE];
    if (identity != NULL)
        return sb_identity_equal(&key->identity, identity);
    if (strncmp(wanted, prefix, sizeof(prefix) - 1) != 0)
        return strcmp(key->comment, wanted) == 0;
    /* A few characters could be met by a key that was made for it. */
    enum { SHORTEST = sizeof(prefix) - 1 + 16 };
    sb_fingerprint_text(fingerprint, &key->identity);
    return strlen(wanted) >= SHORTEST && strncmp(fingerprint, wanted, strlen(wanted)) == 0;
}

static int not_there(const struct sb_agent_keys *keys, const char *wanted, const char *file,
                     struct sb_error *error)
{
    char shown[400];
    int r = sb_error_set(error, SEALBAG_ERR_AGENT,
                         file != NULL ? "The ssh-agent does not have the key of %s. Give it to the "
                                        "agent with ssh-add."
                                      : "The ssh-agent has no Ed25519 key with the fingerprint or "
                                        "comment \"%s\". See its keys with ssh-add -l, and give it "
                                        "others with ssh-add.",
                         sealbag_text_escape(shown, sizeof(shown), file != NULL ? file : wanted));
    if (file == NULL && keys->others > 0)
        sb_error_add(error, " (It has %zu of other types, which cannot seal.)", keys->others);
    return r;
}

static int several(const struct sb_agent_keys *keys, const char *wanted, struct sb_error *error)
{
    char shown[400], fingerprint[SEALBAG_FINGERPRINT_SIZE];
    int r = sb_error_set(error, SEALBAG_ERR_AGENT,
                         "Several keys of the ssh-agent fit \"%s\". Name one by its fingerprint:",
                         sealbag_text_escape(shown, sizeof(shown), wanted));
    for (size_t i = 0, said = 0; i < keys->count && said < 5; i++) {
        if (!fits(&keys->items[i], wanted, NULL))
            continue;
        sb_fingerprint_text(fingerprint, &keys->items[i].identity);
        sb_error_add(error, "%s ssh:%s", said > 0 ? "," : "", fingerprint);
        said++;
    }
    sb_error_add(error, ".");
    return r;
}

static int choose(const struct sb_agent_key **out, const struct sb_agent_keys *keys,
                  const char *wanted, const struct sb_identity *identity, const char *file,
                  struct sb_error *error)
{
    const struct sb_agent_key *found = NULL;
    for (size_t i = 0; keys->items != NULL && i < keys->count; i++) {
        const struct sb_agent_key *key = &keys->items[i];
        if (!fits(key, wanted, identity))
            continue;
        if (found != NULL && !sb_identity_equal(&found->identity, &key->identity))
            return several(keys, wanted, error);
        if (found == NULL)
            found = key;
    }
    *out = found;
    return found != NULL ? 0 : not_there(keys, wanted, file, error);
}

int sb_key_find_in_agent(struct sealbag_key *key, const char *wanted,
                         const struct sb_identity *identity, const char *file,
                         struct sb_error *error)
{
    struct sb_buf request = {0}, answer = {0};
    struct sb_agent_keys keys = {0};
    const struct sb_agent_key *found = NULL;
    int r = sb_agent_ask_keys(&request) < 0 ? sb_error_memory(error) : 0;
    if (r == 0)
        r = sb_agent_talk(&answer, &key->agent, &request, SB_AGENT_LIST_WAIT, error);
    if (r == 0)
        r = sb_agent_read_keys(&keys, answer.data, answer.len, error);
    if (r == 0)
        r = choose(&found, &keys, wanted, identity, file, error);
    if (r == 0 && found != NULL) {
        key->identity = found->identity;
        key->comment = strdup(found->comment);
        if (key->comment == NULL)
            r = sb_error_memory(error);
    }
    sb_agent_keys_free(&keys);
    sb_buf_free(&request);
    sb_buf_free(&answer);
    return r;
}

/* ---- signing --------------------------------------------------------------------------- */

static int tell(const struct sealbag_key *key, enum sealbag_agent_event event, unsigned tries)
{
    const struct sb_agent_link *link = &key->agent;
    return link->tell != NULL ? link->tell(link->context, event, key->comment, tries) : 1;
}

/* Again and again, as long as it is refused and somebody wants to go on. */
static int ask_agent(struct sb_sshsig *out, const struct sealbag_key *key,
                     const struct sb_buf *request, struct sb_error *error)
{
    for (unsigned tries = 1;; tries++) {
        struct sb_buf answer = {0};
        bool refused = false;
        if (sb_identity_is_fido(&key->identity))
            (void)tell(key, SEALBAG_AGENT_TOUCH, tries);
        int r = sb_agent_talk(&answer, &key->agent, request, SB_AGENT_SIGN_WAIT, error);
        if (r == 0)
            r = sb_agent_read_signature(out, &refused, answer.data, answer.len, error);
        sb_buf_free(&answer);
        if (r == 0 || !refused || tell(key, SEALBAG_AGENT_REFUSED, tries) != 0)
            return r;
    }
}

/* What the agent gives is not taken for a signature because the agent says so. */
static int check(const struct sb_sshsig *signature, const char *name_space,
                 const struct sb_buf *message, struct sb_error *error)
{
    if (sb_sshsig_verify(signature, name_space, message->data, message->len))
        return 0;
    if (sb_identity_is_fido(&signature->signer) && (signature->flags & 1) == 0)
        return sb_error_set(error, SEALBAG_ERR_AGENT,
                            "The security key signs without being touched, and such signatures are "
                            "not valid here. Make a key without the option no-touch-required.");
    return sb_error_set(error, SEALBAG_ERR_AGENT,
                        "What the ssh-agent has signed is not valid, so it is not used. Try again; "
                        "if it happens again, do not trust this agent.");
}

int sb_key_sign_by_agent(struct sb_buf *out, const struct sealbag_key *key, enum sb_role role,
                         const struct sb_buf *message, struct sb_error *error)
{
    const char *name_space = sb_role_namespace(role);
    struct sb_sshsig signature = {.signer = key->identity, .sha512 = true};
    struct sb_buf text = {0}, request = {0};
    int r = sb_sshsig_to_sign(&text, name_space, message->data, message->len);
    if (r == 0)
        r = sb_agent_ask_signature(&request, &key->identity, text.data, text.len);
    if (r < 0)
        r = sb_error_memory(error);
    else
        r = ask_agent(&signature, key, &request, error);
    if (r == 0)
        r = check(&signature, name_space, message, error);
    if (r == 0 && sb_sshsig_format(out, &signature, name_space) < 0)
        r = sb_error_memory(error);
    sb_buf_free(&text);
    sb_buf_free(&request);
    return r;
}
