/* Adds an event to a bundle's custody chain. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bag/limits.h"
#include "base/text.h"
#include "op/append.h"
#include "op/key.h"
#include "op/verify.h"
#include "record/custody.h"

enum { HEX = 2 * SB_SHA256_SIZE };

struct custody {
    const struct sealbag_custody_options *options;
    struct sb_append append;
    struct sealbag_custody_added *out;
    struct sb_custody_event event;
    struct sb_buf signatures; /* the event's list of them */
    struct sb_buf text;       /* the event */
    char name[SB_FP_NAME_SIZE];
};

/* ---- what was asked for ---------------------------------------------------------------- */

static bool is_line(const char *text, size_t max)
{
    return text == NULL || sb_custody_is_line(text, strlen(text), max);
}

static int check_options(const struct sealbag_custody_options *options, struct sb_error *error)
{
    char time[SB_TIME_SIZE];
    int64_t again;
    if (options->event == NULL || !sb_custody_is_word(options->event, strlen(options->event)))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "An event is one word of up to %d lower-case letters, digits and "
                            "dashes, such as transfer.",
                            SB_CUSTODY_WORD_MAX);
    if (!is_line(options->to, SB_CUSTODY_TO_MAX) || !is_line(options->note, SB_CUSTODY_NOTE_MAX))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "Whom an event concerns and its note are one line each, of at most %d "
                            "and %d bytes of UTF-8, without invisible characters, and without "
                            "spaces at its ends or two in a row.",
                            SB_CUSTODY_TO_MAX, SB_CUSTODY_NOTE_MAX);
    sb_time_format(time, options->time);
    if (!sb_time_parse(&again, time, strlen(time), true) || again != options->time)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The time of an event lies between 1970 and 9999.");
    return sb_verify_options_check(&options->verify, error);
}

/* ---- the event ------------------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, SB_SHA256_SIZE);
}

static int append_digests(struct sb_buf *out, const uint8_t (*digests)[SB_SHA256_SIZE],
                          size_t count)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        char hex[HEX + 1];
        if (i > 0 && memcmp(digests[i - 1], digests[i], SB_SHA256_SIZE) == 0)
            continue;
        r = sb_buf_printf(out, "%s%s", out->len > 0 ? " " : "",
                          sb_hex_encode(hex, digests[i], SB_SHA256_SIZE));
    }
    return r;
}

/* Those that the verdict is about: what the judge was given. */
static int list_signatures(struct custody *custody, struct sb_error *error)
{
    const struct sb_judge *judge = &custody->append.guard.judge;
    size_t count = 0;
    uint8_t(*digests)[SB_SHA256_SIZE] = calloc(judge->scan.kept_count + 1, sizeof(*digests));
    int r = digests != NULL ? 0 : sb_error_memory(error);
    for (size_t i = 0; r == 0 && i < judge->scan.kept_count; i++) {
        const struct sb_kept *kept = &judge->scan.kept[i];
        char fp_name[SB_FP_NAME_SIZE];
        enum sb_seal_kind kind = sb_seal_kind_of(fp_name, kept->path);
        if (sb_part_of(kept->path) != SB_PART_SEAL ||
            (kind != SB_SEAL_MINISIGN && kind != SB_SEAL_SSHSIG))
            continue;
        if (sb_digest_bytes(digests[count++], judge->digest, kept->bytes.data, kept->bytes.len) < 0)
            r = sb_digest_failed(error);
    }
    if (r == 0 && digests != NULL) {
        qsort(digests, count, sizeof(*digests), by_bytes);
        if (append_digests(&custody->signatures, (const uint8_t(*)[SB_SHA256_SIZE])digests, count) <
            0)
            r = sb_error_memory(error);
    }
    free(digests);
    custody->event.signatures = (const char *)custody->signatures.data;
    custody->event.signature_count = (custody->signatures.len + 1) / (HEX + 1);
    return r;
}

static int make_event(struct custody *custody, struct sb_error *error)
{
    const struct sealbag_custody_options *options = custody->options;
    const struct sealbag_verdict *verdict = custody->append.verdict;
    struct sb_custody_event *event = &custody->event, again;
    const char *before = verdict->custody_count > 0 ? verdict->custody_head : verdict->seal_id;
    snprintf(event->event, sizeof(event->event), "%s", options->event);
    snprintf(event->to, sizeof(event->to), "%s", options->to != NULL ? options->to : "");
    snprintf(event->note, sizeof(event->note), "%s", options->note != NULL ? options->note : "");
    memcpy(event->by, custody->out->fingerprint, sizeof(event->by));
    event->date = options->time;
    if (!sb_hex_decode(event->seal, SB_SHA256_SIZE, verdict->seal_id, HEX, false) ||
        !sb_hex_decode(event->previous, SB_SHA256_SIZE, before, HEX, false))
        return sb_error_set(error, SEALBAG_ERR_READER,
                            "What was read of the bundle contradicts itself. Do not use it.");
    int r = list_signatures(custody, error);
    if (r < 0)
        return r;
    if (event->signature_count == 0)
        return sb_error_set(
            error, SEALBAG_ERR_UNSUPPORTED,
            "Nobody has signed this bag yet, so that nothing is there for a custody "
            "event to follow. Sign it first.");
    if (sb_custody_format(&custody->text, event) < 0)
        return sb_error_memory(error);
    if (event->signature_count > SB_CUSTODY_SIGNATURES_MAX)
        return sb_rule_error(error, SB_RULE_LIMIT,
                             "The bundle has more signatures than a custody event can list.");
    return sb_custody_parse(&again, custody->text.data, custody->text.len, error);
}

/* Its place in the chain, and whether there is room for it. */
static int take_number(struct custody *custody, struct sb_error *error)
{
    const struct sealbag_verdict *verdict = custody->append.verdict;
    struct sealbag_custody_added *out = custody->out;
    const struct sb_scan *scan = &custody->append.guard.judge.scan;
    enum { SIGNATURE_ROOM = 16 << 10 };
    if (verdict->custody_count >= SB_CUSTODY_MAX ||
        scan->custody_bytes + custody->text.len + SIGNATURE_ROOM > SB_CUSTODY_BYTES_MAX)
        return sb_rule_error(error, SB_RULE_LIMIT,
                             "The custody chain of this bundle is as long as one may be.");
    out->number = (unsigned)verdict->custody_count + 1;
    snprintf(out->file, sizeof(out->file), SB_CUSTODY_DIR "%04u-%s.txt", out->number,
             custody->name);
    return 0;
}

/* ---- adding it ------------------------------------------------------------------------- */

/* 1: add it. 0: nobody wants it in the bundle as that is. */
static int confirm(struct custody *custody, struct sb_error *error)
{
    const struct sealbag_custody_options *options = custody->options;
    struct sealbag_custody_event shown = {
        .number = custody->out->number,
        .event = options->event,
        .to = options->to,
        .note = options->note,
    };
    struct sealbag_custody_request request = {
        .verdict = custody->append.verdict,
        .event = &shown,
        .untrusted = custody->append.verdict->exit_code == 3 && !options->accept_untrusted,
    };
    memcpy(shown.by, custody->out->fingerprint, sizeof(shown.by));
    memcpy(shown.sha256, custody->out->head, sizeof(shown.sha256));
    sb_time_format(shown.date, options->time);
    if (options->confirm == NULL)
        return !request.untrusted;
    if (options->confirm(options->confirm_context, &request) == 0)
        return 1;
    if (request.untrusted)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_CANCELLED, "Nothing was added, as asked.");
}

static int publish(struct custody *custody, struct sb_error *error)
{
    const struct sealbag_custody_options *options = custody->options;
    struct sealbag_custody_added *out = custody->out;
    struct sb_buf signature = {0};
    char path[80];
    snprintf(path, sizeof(path), SB_CUSTODY_DIR "%04u-%s.%s", out->number, custody->name,
             sb_key_kind(options->key));
    int r = sb_key_sign(&signature, options->key, SB_ROLE_CUSTODY, &custody->text, options->time,
                        strrchr(out->file, '/') + 1, error);
    if (r == 0) {
        const struct sb_addition additions[2] = {
            {out->file, custody->text.data, custody->text.len},
            {path, signature.data, signature.len},
        };
        r = sb_append_publish(&out->bundle_bytes, &custody->append, additions, 2, options->output,
                              error);
    }
    sb_buf_free(&signature);
    return r;
}

static int add(struct custody *custody, struct sb_error *error)
{
    struct sealbag_custody_added *out = custody->out;
    uint8_t sha256[SB_SHA256_SIZE];
    sb_key_fingerprint(out->fingerprint, custody->options->key);
    sb_key_name(custody->name, custody->options->key);
    int r = make_event(custody, error);
    if (r == 0 && sb_digest_bytes(sha256, custody->append.guard.judge.digest, custody->text.data,
                                  custody->text.len) < 0)
        r = sb_digest_failed(error);
    if (r < 0)
        return r;
    sb_hex_encode(out->head, sha256, sizeof(sha256));
    r = take_number(custody, error);
    if (r == 0)
        r = confirm(custody, error);
    if (r <= 0)
        return r;
    r = publish(custody, error);
    out->published = r == 0;
    return r;
}

int sealbag_custody_add(struct sealbag_custody_added *out, struct sealbag_verdict **verdict,
                        const struct sealbag_custody_options *options, struct sb_error *error)
{
    struct custody custody = {.options = options, .append = {.fd = -1}, .out = out};
    *out = (struct sealbag_custody_added){0};
    *verdict = NULL;
    int r = check_options(options, error);
    if (r < 0)
        return r;
    r = sb_append_open(&custody.append, options->bundle, options->output, &options->verify, error);
    int code = custody.append.verdict != NULL ? custody.append.verdict->exit_code : 5;
    if (r == 0 && (code == 0 || code == 3))
        r = add(&custody, error);
    *verdict = custody.append.verdict;
    custody.append.verdict = NULL;
    sb_append_close(&custody.append);
    sb_buf_free(&custody.signatures);
    sb_buf_free(&custody.text);
    return r;
}
