/* A verdict for programs. The fields are documented in sealbag(1); they may grow, never change. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "report/report.h"

static void put_escape(FILE *to, uint32_t code)
{
    if (code >= 0x10000)
        fprintf(to, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((code - 0x10000) >> 10)),
                (unsigned)(0xdc00 + ((code - 0x10000) & 0x3ff)));
    else
        fprintf(to, "\\u%04x", (unsigned)code);
}

void sb_json_string(FILE *to, const char *text)
{
    size_t len = strlen(text);
    fputc('"', to);
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, text + at, len - at);
        if (n == 0) {
            fprintf(to, "\\\\x%02x", (unsigned)(unsigned char)text[at]);
            n = 1;
        } else if (code == '"' || code == '\\') {
            fprintf(to, "\\%c", (char)code);
        } else if (sb_code_hidden(code)) {
            put_escape(to, code);
        } else {
            fwrite(text + at, 1, n, to);
        }
        at += n;
    }
    fputc('"', to);
}

void sb_json_error(FILE *to, const struct sb_error *error)
{
    fputs("{\"rule\":", to);
    sb_json_string(to, error->rule);
    fputs(",\"sentence\":", to);
    sb_json_string(to, error->message);
    fputc('}', to);
}

void sb_json_end(FILE *to, const struct sb_error *error, int exit_code)
{
    fputs(",\"error\":", to);
    if (error->code != 0)
        sb_json_error(to, error);
    else
        fputs("null", to);
    fprintf(to, ",\"exit\":%d}\n", exit_code);
}

void sb_json_field(FILE *to, const char *name, const char *value)
{
    fprintf(to, ",\"%s\":", name);
    if (value == NULL || value[0] == 0)
        fputs("null", to);
    else
        sb_json_string(to, value);
}

/* By enum sealbag_signature_state. */
static const char *const states[] = {"valid", "invalid", "not-checkable", "missing"};

/* By enum sealbag_trust_state. */
static const char *const trust[] = {"unknown", "trusted", "not-yet-valid", "expired", "revoked"};

static void print_signatures(FILE *to, const struct sealbag_verdict *verdict)
{
    fputs(",\"signatures\":[", to);
    for (size_t i = 0; i < verdict->signature_count; i++) {
        const struct sealbag_signature *signature = &verdict->signature[i];
        fprintf(to, "%s{\"state\":\"%s\",\"role\":\"%s\",\"kind\":\"%s\"", i > 0 ? "," : "",
                states[signature->state], signature->seal ? "seal" : "countersignature",
                signature->kind);
        sb_json_field(to, "fingerprint", signature->fingerprint);
        fprintf(to, ",\"trust\":\"%s\"", trust[signature->trust]);
        sb_json_field(to, "trusted_as", signature->trusted_as);
        sb_json_field(to, "known_as", signature->known_as);
        sb_json_field(to, "public_key", signature->public_key);
        fputc('}', to);
    }
    fputc(']', to);
}

static void print_custody(FILE *to, const struct sealbag_verdict *verdict)
{
    fputs(",\"custody\":[", to);
    for (size_t i = 0; i < verdict->custody_count; i++) {
        const struct sealbag_custody_event *event = &verdict->custody[i];
        fprintf(to, "%s{\"number\":%u,\"state\":\"%s\"", i > 0 ? "," : "", event->number,
                states[event->state]);
        sb_json_field(to, "event", event->event);
        sb_json_field(to, "by", event->by);
        fprintf(to, ",\"trust\":\"%s\"", trust[event->trust]);
        sb_json_field(to, "trusted_as", event->trusted_as);
        sb_json_field(to, "known_as", event->known_as);
        sb_json_field(to, "to", event->to);
        sb_json_field(to, "date", event->date);
        sb_json_field(to, "note", event->note);
        sb_json_field(to, "sha256", event->sha256);
        fputc('}', to);
    }
    fputc(']', to);
    sb_json_field(to, "custody_head", verdict->custody_head);
}

static void print_findings(FILE *to, const struct sealbag_verdict *verdict)
{
    static const char *const severities[] = {"note", "warning", "error"};
    fprintf(to, ",\"findings_omitted\":%zu,\"findings\":[", verdict->findings_omitted);
    for (size_t i = 0; i < verdict->finding_count; i++) {
        const struct sealbag_finding *finding = &verdict->finding[i];
        fprintf(to, "%s{\"severity\":\"%s\",\"rule\":\"%s\",\"exit\":%d", i > 0 ? "," : "",
                severities[finding->severity], finding->rule, finding->exit_code);
        sb_json_field(to, "path", finding->path);
        sb_json_field(to, "sentence", finding->sentence);
        fputc('}', to);
    }
    fputc(']', to);
}

static void print_documents(FILE *to, const struct sealbag_verdict *verdict)
{
    fputs(",\"document_list\":[", to);
    for (uint64_t i = 0; verdict->document != NULL && i < verdict->documents; i++) {
        const struct sealbag_document *document = &verdict->document[i];
        char hex[65];
        fprintf(to, "%s{\"path\":", i > 0 ? "," : "");
        sb_json_string(to, document->path);
        fprintf(to, ",\"size\":%" PRIu64 ",\"sha256\":\"%s\"}", document->size,
                sb_hex_encode(hex, document->sha256, 32));
    }
    fputc(']', to);
}

int sealbag_verdict_print_json(FILE *to, const char *label, const struct sealbag_verdict *verdict,
                               bool documents)
{
    static const char *const intact[] = {"yes", "damaged", "incomplete", "not-a-bag", "not-judged"};
    static const char *const modes[] = {"full", "completeness", "fast"};
    fputs("{\"bundle\":", to);
    sb_json_string(to, label);
    fprintf(to, ",\"exit\":%d,\"mode\":\"%s\",\"intact\":\"%s\",\"sealed\":%s", verdict->exit_code,
            modes[verdict->depth], verdict->partial ? "as-far-as-read" : intact[verdict->intact],
            verdict->sealed ? "true" : "false");
    fprintf(to,
            ",\"valid_seals\":%zu,\"trusted_seals\":%zu,\"required\":%zu,"
            "\"countersignatures\":%zu,\"countersignatures_count\":%s,\"trusted_signers\":%zu",
            verdict->valid_seals, verdict->trusted_seals, verdict->required,
            verdict->countersignatures, verdict->countersignatures_count ? "true" : "false",
            verdict->trusted_signers);
    sb_json_field(to, "judged_at", verdict->judged_at);
    sb_json_field(to, "sealed_at_by", verdict->sealed_at[0] != 0 ? "signer" : NULL);
    sb_json_field(to, "name", verdict->name);
    sb_json_field(to, "sealed_at", verdict->sealed_at);
    sb_json_field(to, "seal_id", verdict->seal_id);
    sb_json_field(to, "supersedes", verdict->supersedes);
    fprintf(to,
            ",\"documents\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"partial\":%s,"
            "\"documents_checked\":%" PRIu64,
            verdict->documents, verdict->bytes, verdict->partial ? "true" : "false",
            verdict->documents_checked);
    print_signatures(to, verdict);
    print_custody(to, verdict);
    print_findings(to, verdict);
    if (documents)
        print_documents(to, verdict);
    fputc('}', to);
    return ferror(to) ? SEALBAG_ERR_IO : 0;
}

void sb_json_begin(FILE *to, const char *format, const char *label,
                   const struct sealbag_verdict *verdict)
{
    fprintf(to, "{\"format\":\"%s\",\"verdict\":", format);
    if (verdict != NULL)
        sealbag_verdict_print_json(to, label, verdict, false);
    else
        fputs("null", to);
}
