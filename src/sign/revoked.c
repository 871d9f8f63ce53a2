#include "sign/revoked.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sign/sshkey.h"
#include "sign/store_line.h"

enum { REASON_MAX = 500 };

static const char form[] =
    "Each line is written as: ssh-ed25519 AAAA... revoked=2026-11-25T10:00:00Z reason=TEXT (with "
    "since=... before the reason, if it has one).";

static const char *reason_bad(struct sb_span reason)
{
    if (reason.len == 0)
        return "is empty";
    if (reason.len > REASON_MAX)
        return "is longer than 500 bytes";
    if (reason.at[0] == ' ' || reason.at[reason.len - 1] == ' ')
        return "has a space at an end";
    for (size_t at = 0; at < reason.len;) {
        uint32_t code = 0;
        size_t n = sb_utf8_decode(&code, reason.at + at, reason.len - at);
        if (n == 0)
            return "is not UTF-8 text";
        if (sb_code_hidden(code))
            return "has a control or invisible character in it";
        at += n;
    }
    return NULL;
}

const char *sb_revoked_reason_bad(const char *reason)
{
    return reason_bad((struct sb_span){reason, strlen(reason)});
}

/* ---- parsing --------------------------------------------------------------------------- */

/* "<label>TIME" up to the next space, and that space. */
static bool take_time(int64_t *seconds, struct sb_span *rest, const char *label)
{
    size_t skip = strlen(label);
    if (!sb_span_starts(*rest, label))
        return false;
    struct sb_span after = {rest->at + skip, rest->len - skip};
    struct sb_span time = sb_span_take(&after, ' ');
    if (!sb_time_parse(seconds, time.at, time.len, true) || *seconds <= 0)
        return false;
    *rest = after;
    return true;
}

static int add(struct sb_revoked *revoked, const struct sb_store_place *place,
               const struct sb_revocation *revocation, struct sb_span reason)
{
    struct sb_revocation *items =
        sb_array_grow(revoked->items, &revoked->cap, revoked->count, sizeof(*items));
    if (items == NULL)
        return sb_error_memory(place->error);
    revoked->items = items;
    items[revoked->count] = *revocation;
    items[revoked->count].reason = sb_arena_copy(&revoked->strings, reason.at, reason.len);
    if (items[revoked->count].reason == NULL)
        return sb_error_memory(place->error);
    revoked->count++;
    return 0;
}

static int parse_line(struct sb_revoked *revoked, const struct sb_store_place *place,
                      struct sb_span line)
{
    static const char label[] = "reason=";
    struct sb_revocation revocation = {.since = 0};
    struct sb_span rest = line;
    int r = sb_store_check_line(place, line);
    if (r < 0 || line.len == 0 || line.at[0] == '#')
        return r;
    struct sb_span type = sb_span_take(&rest, ' ');
    struct sb_span base64 = sb_span_take(&rest, ' ');
    if (!sb_span_is(type, SB_SSH_PLAIN) && !sb_span_is(type, SB_SSH_FIDO))
        return sb_store_refuse(place, "there is no Ed25519 key at its beginning", form);
    r = sb_store_read_key(&revocation.signer, place, type, base64);
    if (r < 0)
        return r;
    if (!take_time(&revocation.on, &rest, "revoked="))
        return sb_store_refuse(
            place, "the time of the revocation (revoked=) does not follow the key", form);
    if (sb_span_starts(rest, "since=") && !take_time(&revocation.since, &rest, "since="))
        return sb_store_refuse(place, "what follows since= is not a time", form);
    if (!sb_span_starts(rest, label))
        return sb_store_refuse(place, "the reason (reason=) is missing", form);
    struct sb_span reason = {rest.at + sizeof(label) - 1, rest.len - (sizeof(label) - 1)};
    const char *bad = reason_bad(reason);
    if (bad != NULL)
        return sb_store_refuse_text(place, "the reason ", (struct sb_span){bad, strlen(bad)}, "",
                                    form);
    return add(revoked, place, &revocation, reason);
}

int sb_revoked_parse(struct sb_revoked *out, const uint8_t *bytes, size_t len, const char *file,
                     struct sb_error *error)
{
    struct sb_revoked revoked = {0};
    struct sb_store_place place;
    struct sb_span text, line;
    int r = sb_store_start(&place, &text, bytes, len, file, error);
    if (r == 0 && sb_span_starts(text, "SSHKRL\n"))
        r = sb_error_set(error, SEALBAG_ERR_TRUST,
                         "%s is a key revocation list in OpenSSH's binary format (KRL), which is "
                         "not understood here, so the trust store is refused. Move it away, and "
                         "revoke the keys with sealbag trust revoke.",
                         place.file);
    for (; r == 0 && sb_store_next(&line, &text); place.line++)
        r = parse_line(&revoked, &place, line);
    if (r < 0)
        sb_revoked_free(&revoked);
    else
        *out = revoked;
    return r;
}

void sb_revoked_free(struct sb_revoked *revoked)
{
    free(revoked->items);
    sb_arena_free(&revoked->strings);
    *revoked = (struct sb_revoked){0};
}

/* ---- changing, finding ------------------------------------------------------------------ */

int sb_revoked_append(struct sb_buf *text, const struct sb_revocation *revocation)
{
    char on[SB_TIME_SIZE], since[SB_TIME_SIZE];
    if (sb_revoked_reason_bad(revocation->reason) != NULL)
        return SEALBAG_ERR_USAGE;
    size_t before = text->len;
    int r = 0;
    if (text->len > 0 && text->data[text->len - 1] != '\n')
        r = sb_buf_puts(text, "\n");
    if (r == 0)
        r = sb_sshkey_format(text, &revocation->signer);
    if (r == 0)
        r = sb_buf_printf(text, " revoked=%s", sb_time_format(on, revocation->on));
    if (r == 0 && revocation->since != 0)
        r = sb_buf_printf(text, " since=%s", sb_time_format(since, revocation->since));
    if (r == 0)
        r = sb_buf_printf(text, " reason=%s\n", revocation->reason);
    if (r < 0)
        text->len = before;
    return r;
}

const struct sb_revocation *sb_revoked_strictest(const struct sb_revoked *revoked,
                                                 const struct sb_identity *signer)
{
    const struct sb_revocation *found = NULL;
    for (size_t i = 0; i < revoked->count; i++) {
        const struct sb_revocation *one = &revoked->items[i];
        /* In whatever form: who has the key of one can sign in the others. */
        if (memcmp(one->signer.pk, signer->pk, SB_PK_SIZE) == 0 &&
            (found == NULL || one->since < found->since))
            found = one;
    }
    return found;
}

const struct sb_revocation *sb_revoked_find(const struct sb_revoked *revoked,
                                            const struct sb_identity *signer, int64_t time)
{
    const struct sb_revocation *found = sb_revoked_strictest(revoked, signer);
    return found != NULL && (time <= 0 || time >= found->since) ? found : NULL;
}
