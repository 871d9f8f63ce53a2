/* Adds a signature to a bundle that others have sealed. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "op/append.h"
#include "op/key.h"
#include "op/verify.h"

struct countersign {
    const struct sealbag_sign_options *options;
    struct sb_append append;
    struct sealbag_sign_request request;
    struct sealbag_signed *out;
};

/* Also when its signature cannot be checked here: a second file of this name there cannot be. */
static int refuse_second(const struct countersign *sign, struct sb_error *error)
{
    const struct sealbag_verdict *verdict = sign->append.verdict;
    bool before = sb_append_kept(&sign->append, sign->out->file) != NULL;
    for (size_t i = 0; i < verdict->signature_count; i++) {
        const struct sealbag_signature *signature = &verdict->signature[i];
        before |= signature->state == SEALBAG_SIGNATURE_VALID &&
                  strcmp(signature->fingerprint, sign->out->fingerprint) == 0;
    }
    if (!before)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_EXISTS,
                        "This bundle was signed by this key before: %s. Nothing was added.",
                        sign->out->fingerprint);
}

/* Whether nothing stands against it but that signers whom the seal names have not signed yet, of
 * whom this key is one. */
static bool only_waits_for_it(const struct sealbag_verdict *verdict, const char *fingerprint)
{
    const char *waiting = sb_rule_row(SB_RULE_SIGNER_MISSING)->rule;
    bool own = false;
    for (size_t i = 0; i < verdict->signature_count; i++) {
        const struct sealbag_signature *signature = &verdict->signature[i];
        own |= signature->state == SEALBAG_SIGNATURE_MISSING &&
               strcmp(signature->fingerprint, fingerprint) == 0;
    }
    for (size_t i = 0; own && i < verdict->finding_count; i++)
        own = verdict->finding[i].exit_code == 0 || strcmp(verdict->finding[i].rule, waiting) == 0;
    return own && verdict->findings_omitted == 0 && verdict->trusted_seals >= verdict->required;
}

static void describe(struct countersign *sign)
{
    const struct sealbag_key *key = sign->options->key;
    const struct sb_judge *judge = &sign->append.guard.judge;
    struct sealbag_signed *out = sign->out;
    char name[SB_FP_NAME_SIZE];
    sb_key_fingerprint(out->fingerprint, key);
    sb_key_name(name, key);
    snprintf(out->file, sizeof(out->file), "seal/%s.%s", name, sb_key_kind(key));
    for (size_t i = 0; i < judge->seal.signer_count; i++)
        out->seal |= strcmp(judge->seal.signers[i], out->fingerprint) == 0;
}

/* 1: sign. 0: nobody wants it signed as it is. */
static int confirm(struct countersign *sign, struct sb_error *error)
{
    const struct sealbag_sign_options *options = sign->options;
    struct sealbag_sign_request *request = &sign->request;
    request->verdict = sign->append.verdict;
    memcpy(request->fingerprint, sign->out->fingerprint, sizeof(request->fingerprint));
    request->seal = sign->out->seal;
    request->untrusted = request->verdict->exit_code == 3 && !options->accept_untrusted &&
                         !only_waits_for_it(request->verdict, request->fingerprint);
    if (options->confirm == NULL)
        return !request->untrusted;
    if (options->confirm(options->confirm_context, request) == 0)
        return 1;
    if (request->untrusted)
        return 0;
    return sb_error_set(error, SEALBAG_ERR_CANCELLED, "Nothing was signed, as asked.");
}

/* Over the bytes that belong to the seal id that was shown, and no others. */
static int make_signature(struct sb_buf *signature, struct countersign *sign,
                          struct sb_error *error)
{
    const struct sb_buf *text = sb_append_seal(&sign->append);
    uint8_t sha256[SB_SHA256_SIZE];
    char seal_id[2 * SB_SHA256_SIZE + 1];
    if (text == NULL ||
        sb_digest_bytes(sha256, sign->append.guard.judge.digest, text->data, text->len) < 0)
        return sb_digest_failed(error);
    sb_hex_encode(seal_id, sha256, sizeof(sha256));
    if (strcmp(seal_id, sign->append.verdict->seal_id) != 0)
        return sb_error_set(error, SEALBAG_ERR_READER,
                            "What was read of the bundle contradicts itself. Do not use it.");
    return sb_key_sign(signature, sign->options->key, SB_ROLE_SEAL, text, sign->options->time,
                       "seal.txt", error);
}

static int add_signature(struct countersign *sign, struct sb_error *error)
{
    struct sb_buf signature = {0};
    int r = make_signature(&signature, sign, error);
    if (r == 0) {
        const struct sb_addition addition = {sign->out->file, signature.data, signature.len};
        r = sb_append_publish(&sign->out->bundle_bytes, &sign->append, &addition, 1,
                              sign->options->output, error);
    }
    sb_buf_free(&signature);
    return r;
}

int sealbag_bundle_sign(struct sealbag_signed *out, struct sealbag_verdict **verdict,
                        const struct sealbag_sign_options *options, struct sb_error *error)
{
    struct countersign sign = {.options = options, .append = {.fd = -1}, .out = out};
    *out = (struct sealbag_signed){0};
    *verdict = NULL;
    int r = sb_verify_options_check(&options->verify, error);
    if (r == 0)
        r = sb_append_open(&sign.append, options->bundle, options->output, &options->verify, error);
    int code = sign.append.verdict != NULL ? sign.append.verdict->exit_code : 5;
    if (r == 0 && (code == 0 || code == 3)) {
        describe(&sign);
        r = refuse_second(&sign, error);
        if (r == 0)
            r = confirm(&sign, error);
        if (r > 0) {
            r = add_signature(&sign, error);
            out->published = r == 0;
        }
    }
    *verdict = sign.append.verdict;
    sign.append.verdict = NULL;
    sb_append_close(&sign.append);
    return r;
}
