/* A verdict with provenance, made by hand, and what is shown of it. */
#ifndef SB_TESTS_UNIT_SHOWN_H
#define SB_TESTS_UNIT_SHOWN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/printed.h"

#include "base/buf.h"
#include "report/show.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define BIDI "\xe2\x80\xae"
#define URL  "https://example.org/a?b&amp;c"
#define HEX  "sha256:abababababababababababababababababababababababababababababababab"

static const struct sealbag_document documents[] = {
    {.path = "data/article.txt", .size = 14},
    {.path = "data/notice 1.txt", .size = 2},
    {.path = "data/notice2.txt", .size = 3},
    {.path = "data/report.txt", .size = 2000},
};
static const struct sealbag_label labels[] = {
    {"Source-Organization", "Example Archive"},
    {"Signed?   Yes", "a\nb" BIDI},
};
static const struct sealbag_value article[] = {
    {"dc.title", "=cmd()"},
    {"dc.title", "another title"},
    {"dc.description", "one\n  Sig\rned?   Yes\n\nlast\r\n"},
    {"Title (dc.title)", "<script>" BIDI "\xff"},
    {"x.spaces", "a                                         b\tc"},
    {"prov.wasQuotedFrom", "report.txt"},
};
static const struct sealbag_value report[] = {{"dcterms.references", "notice 1.txt"}};
static const struct sealbag_record records[] = {
    {.path = "data/report.txt", .value = report, .value_count = COUNT(report)},
    {.path = "data/article.txt", .value = article, .value_count = COUNT(article)},
};
#define D SEALBAG_TARGET_DOCUMENT
static const struct sealbag_relation relations[] = {
    {SEALBAG_RELATION_CITES, D, "data/report.txt", "data/notice 1.txt"},
    {SEALBAG_RELATION_CITES, D, "data/report.txt", "data/notice2.txt"},
    {SEALBAG_RELATION_PRIMARY_SOURCE, SEALBAG_TARGET_DIGEST, "data/report.txt", HEX},
    {SEALBAG_RELATION_DERIVED, SEALBAG_TARGET_URL, "data/report.txt", URL},
    {SEALBAG_RELATION_QUOTES, D, "data/article.txt", "data/report.txt"},
    {SEALBAG_RELATION_CITES, D, "data/article.txt", "data/report.txt"},
    {SEALBAG_RELATION_CITES, D, "data/notice2.txt", "data/report.txt"},
};
static const struct sealbag_provenance provenance = {
    .label = labels,
    .label_count = COUNT(labels),
    .record = records,
    .record_count = COUNT(records),
    .relation = relations,
    .relation_count = COUNT(relations),
};
static const struct sealbag_signature signer = {
    .fingerprint = "SHA256:x",
    .seal = true,
    .state = SEALBAG_SIGNATURE_VALID,
    .kind = "minisign",
    .trust = SEALBAG_TRUST_TRUSTED,
    .trusted_as = "anna@example.org",
    .known_as = "anna@example.org",
};

static inline struct sealbag_verdict good(void)
{
    return (struct sealbag_verdict){
        .intact = SEALBAG_INTACT,
        .valid_seals = 1,
        .trusted_seals = 1,
        .trusted_signers = 1,
        .required = 1,
        .sealed = true,
        .partial = true,
        .name = "bag",
        .documents = COUNT(documents),
        .document = documents,
        .signature = &signer,
        .signature_count = 1,
        .provenance = &provenance,
    };
}

enum how { TEXT, JSON, TREE, DOT };

/* What is shown; the caller frees it. */
static inline char *show(enum how how, const struct sealbag_verdict *verdict, const char *path)
{
    size_t count = path != NULL ? 1 : 0;
    FILE *to = printing();
    int r = 0;
    if (how == TEXT)
        r = sealbag_show_print(to, "a bag", verdict, &path, count);
    else if (how == JSON)
        r = sealbag_show_print_json(to, "a bag", verdict, &path, count);
    else
        r = sealbag_graph_print(to, how == TREE ? SEALBAG_GRAPH_TEXT : SEALBAG_GRAPH_DOT, "a bag",
                                verdict, &path, count);
    assert_int_equal(r, 0);
    return printed(to);
}

#endif
