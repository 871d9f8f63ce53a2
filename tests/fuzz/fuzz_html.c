/* Reports about whatever may be in a bundle, and catalogues of translations. An input is texts that
 * NULs separate; one that begins as a catalogue does is one. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "report/catalogue.h"

enum { TEXTS = 48, MAGIC = 4 };

static void try_catalogue(const uint8_t *bytes, size_t len)
{
    struct sb_catalogue catalogue;
    if (!sb_catalogue_parse(&catalogue, bytes, len))
        return;
    /* Each text is found, and is one. */
    for (uint32_t i = 0; i < catalogue.count; i++) {
        const uint8_t *pair = bytes + catalogue.originals + (size_t)i * 8;
        size_t at = pair[4] | (size_t)pair[5] << 8 | (size_t)pair[6] << 16 | (size_t)pair[7] << 24;
        const char *text = (const char *)bytes + at;
        const char *there = sb_catalogue_find(&catalogue, text);
        REQUIRE(there[0] != 0 || text[0] == 0);
        REQUIRE(sb_utf8_valid(there, strlen(there)));
        for (uint64_t n = 0; n < 3; n++) {
            there = sb_catalogue_plural(&catalogue, text, text, n);
            REQUIRE(there != NULL);
        }
    }
}

/* ---- reports ---- */

struct texts {
    const char *text[TEXTS];
    size_t count;
};

struct content {
    struct sealbag_label label[TEXTS];
    struct sealbag_value value[TEXTS];
    struct sealbag_record record;
    struct sealbag_relation relation[TEXTS];
    struct sealbag_document document[TEXTS];
    struct sealbag_finding finding[TEXTS];
    struct sealbag_custody_event custody[TEXTS];
    struct sealbag_provenance provenance;
    struct sealbag_signature signature;
};

/* Every text is in every place. */
static void fill(struct content *content, const struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        const char *one = texts->text[i], *other = texts->text[(i + 1) % texts->count];
        content->label[i] = (struct sealbag_label){one, other};
        content->value[i] = (struct sealbag_value){one, other};
        content->document[i] = (struct sealbag_document){.path = one, .size = i};
        content->finding[i] = (struct sealbag_finding){
            .severity = SEALBAG_NOTE, .rule = "path.twin", .path = one, .sentence = other};
        content->custody[i] = (struct sealbag_custody_event){
            .number = (unsigned)i, .event = one, .to = other, .note = one, .known_as = other};
        content->relation[i] =
            (struct sealbag_relation){(enum sealbag_relation_kind)(i % SEALBAG_RELATION_KINDS),
                                      (enum sealbag_target)(i % 3), one, other};
    }
    content->record = (struct sealbag_record){texts->text[0], content->value, texts->count, 0, 0};
    content->provenance = (struct sealbag_provenance){
        content->label, texts->count, &content->record, 1, 0, content->relation,
        texts->count,   false};
    content->signature = (struct sealbag_signature){
        .fingerprint = "SHA256:xdeixzWZMVADQm4IXunwr+VvMlywKv2SZ0TEGRiqvfM",
        .seal = true,
        .kind = texts->count % 2 == 0 ? "minisign" : "sshsig",
        .known_as = texts->text[0],
        .public_key = texts->text[0],
    };
}

/* Where a tag begins after "<", or 0: only those that reports have. */
static bool is_tag(const char *at)
{
    static const char *const tags[] = {"!DOCTYPE html>",
                                       "html",
                                       "head",
                                       "meta",
                                       "title",
                                       "link",
                                       "style",
                                       "body",
                                       "main",
                                       "h1",
                                       "h2",
                                       "h3",
                                       "small",
                                       "section",
                                       "p",
                                       "span",
                                       "strong",
                                       "table",
                                       "thead",
                                       "tbody",
                                       "tr",
                                       "th",
                                       "td",
                                       "dl",
                                       "div",
                                       "dt",
                                       "dd",
                                       "bdi",
                                       "time",
                                       "code",
                                       "wbr",
                                       "svg",
                                       "path",
                                       "ul",
                                       "ol",
                                       "li",
                                       "em",
                                       "br",
                                       "pre",
                                       "defs",
                                       "marker",
                                       "g",
                                       "text",
                                       "rect",
                                       "footer"};
    at += at[0] == '/';
    for (size_t i = 0; i < COUNT(tags); i++) {
        size_t len = strlen(tags[i]);
        if (strncmp(at, tags[i], len) == 0 && strchr(" >/\n", at[len]) != NULL)
            return true;
    }
    return false;
}

/* Nothing of the texts can be taken for markup of ours, or is obeyed. */
static void check(const char *html, size_t len)
{
    REQUIRE(strlen(html) == len && sb_utf8_valid(html, len));
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, html + at, len - at);
        REQUIRE(code == '\n' || !sb_code_hidden(code));
        if (code == '<')
            REQUIRE(is_tag(html + at + 1));
        if (code == '&') {
            size_t name = strcspn(html + at, ";");
            REQUIRE(name >= 3 && name <= 5);
        }
        at += n;
    }
}

static void try_report(const struct texts *texts, int exit_code, const char *language)
{
    char *html = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&html, &len);
    struct content *content = calloc(1, sizeof(*content));
    REQUIRE(to != NULL && content != NULL);
    fill(content, texts);
    struct sealbag_verdict verdict = {
        .exit_code = exit_code,
        .sealed = exit_code != 4,
        .valid_seals = exit_code != 4,
        .documents = texts->count,
        .document = content->document,
        .signature = &content->signature,
        .signature_count = 1,
        .custody = content->custody,
        .custody_count = texts->count,
        .finding = content->finding,
        .finding_count = texts->count,
        .provenance = &content->provenance,
    };
    memset(verdict.seal_id, 'a', 64);
    snprintf(verdict.name, sizeof(verdict.name), "%s", texts->text[0]);
    snprintf(verdict.sealed_at, sizeof(verdict.sealed_at), "%s", texts->text[0]);
    REQUIRE(sealbag_verdict_print_html(to, texts->text[0], &verdict, language) == 0);
    REQUIRE(fclose(to) == 0);
    check(html, len);
    free(html);
    free(content);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct texts texts = {{NULL}, 0};
    if (len >= MAGIC && memcmp(bytes, "\xde\x12\x04\x95", MAGIC) == 0) {
        try_catalogue(bytes, len);
        return 0;
    }
    char *copy = malloc(len + 1);
    REQUIRE(copy != NULL);
    memcpy(copy, bytes, len);
    copy[len] = 0;
    for (size_t at = 0; at <= len && texts.count < TEXTS; at += strlen(copy + at) + 1)
        texts.text[texts.count++] = copy + at;
    static const int exit_codes[] = {0, 1, 3, 4, 5};
    int exit_code = exit_codes[len % COUNT(exit_codes)];
    try_report(&texts, exit_code, len % 2 == 0 ? "en" : "es");
    free(copy);
    return 0;
}
