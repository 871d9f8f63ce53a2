/* What is shown of provenance, as text and as JSON. */
#include "unit/shown.h"

static struct sealbag_verdict unsigned_one(void)
{
    struct sealbag_verdict verdict = good();
    verdict.exit_code = 4;
    verdict.valid_seals = verdict.trusted_seals = verdict.trusted_signers = 0;
    verdict.sealed = verdict.partial = false;
    verdict.signature_count = 0;
    return verdict;
}

/* Each of the lines occurs, from its beginning to its end. */
static void expect_lines(const char *text, const char *const *lines, size_t count)
{
    struct sb_buf whole = {0}, line = {0};
    assert_int_equal(sb_buf_printf(&whole, "\n%s\n", text), 0);
    for (size_t i = 0; i < count; i++) {
        line.len = 0;
        assert_int_equal(sb_buf_printf(&line, "\n%s\n", lines[i]), 0);
        if (strstr((const char *)whole.data, (const char *)line.data) == NULL)
            fail_msg("there is no line \"%s\" in\n%s", lines[i], text);
    }
    sb_buf_free(&whole);
    sb_buf_free(&line);
}

/* Nothing in it is obeyed by a terminal. */
static void expect_harmless(const char *text)
{
    for (const char *c = text; *c != 0; c++)
        assert_true((*c >= 0x20 && *c < 0x7f) || *c == '\n');
}

static void the_bag(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "\"a bag\": what was read of it is intact, and sealed by those whom you trust.",
        "  Intact?   As far as it was read: the lists, and 0 of 4 documents, exactly as sealed.",
        "            anna@example.org  SHA256:x",
        "Labels, records and relations are as stated by the signer (anna@example.org).",
        "Labels, as stated by the signer:",
        "    Source-Organization: Example Archive",
        "    \"Signed?   Yes\":",
        "        | a",
        "        | b\\u{202e}",
        "Records, as stated by the signer:",
        "    2 of 4 documents have a record",
        ("    7 relations: 4 are \"cites\", 1 is \"quotes\", 1 is \"has as its primary source\", "
         "1 is \"is derived from\""),
    };
    struct sealbag_verdict verdict = good();
    char *text = show(TEXT, &verdict, NULL);
    expect_lines(text, lines, COUNT(lines));
    expect_harmless(text);
    assert_null(strstr(text, "Custody"));
    const char *worth = strstr(text, "Labels, records and relations are");
    assert_non_null(worth); /* and is said once */
    assert_null(strstr(worth + 1, "Labels, records and relations are"));
    free(text);
}

static void a_document(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "Document data/article.txt",
        "    Size:    14 bytes",
        "    The document was not read: these are the size and digest that were sealed.",
        "    Record, as stated by the signer:",
        "        Title (dc.title): =cmd()",
        "        Title (dc.title): another title",
        "        Notes (dc.description):",
        "            | one",
        "            |   Sig\\x0dned?   Yes",
        "            | ",
        "            | last",
        "        \"Title (dc.title)\": <script>\\u{202e}\\xff",
        "        quotes (prov.wasQuotedFrom): report.txt",
        "    Relations, as stated by the signer:",
        "        quotes data/report.txt",
        "        cites data/report.txt",
    };
    struct sealbag_verdict verdict = good();
    char *text = show(TEXT, &verdict, "article.txt");
    expect_lines(text, lines, COUNT(lines));
    expect_harmless(text);
    assert_non_null(strstr(text, "x.spaces: a   \\x20\\x20"));
    assert_non_null(strstr(text, "\\x20\\x20b\\x09c\n"));
    assert_null(strstr(text, "\nLabels, as"));
    free(text);
    static const char *const back[] = {
        "Document data/report.txt",
        "        cites \"data/notice 1.txt\"",
        "        cites data/notice2.txt",
        ("        has as its primary source " HEX " (not in the bag)"),
        "        is derived from " URL,
        "        is quoted by data/article.txt",
        "        is cited by data/article.txt",
        "        is cited by data/notice2.txt",
    };
    text = show(TEXT, &verdict, "data/report.txt");
    expect_lines(text, back, COUNT(back));
    free(text);
    static const char *const none[] = {"Document \"data/notice 1.txt\"",
                                       "    There is no record of it.",
                                       "        is cited by data/report.txt"};
    text = show(TEXT, &verdict, "notice 1.txt");
    expect_lines(text, none, COUNT(none));
    free(text);
}

static void whose_word(void **state)
{
    (void)state;
    struct sealbag_verdict verdict = unsigned_one();
    char *text = show(TEXT, &verdict, "article.txt");
    static const char *const nobody[] = {
        ("Labels, records and relations are stated by nobody: the bag is unsigned. Anybody can "
         "have "
         "written them."),
        "    Record, stated by nobody:",
        "    Relations, stated by nobody:",
    };
    expect_lines(text, nobody, COUNT(nobody));
    assert_null(strstr(text, "as stated by the signer"));
    assert_null(strstr(text, "was not read"));
    free(text);
    /* A seal whose signers have not signed is nobody's word, either. */
    verdict.sealed = true;
    verdict.exit_code = 3;
    text = show(TEXT, &verdict, NULL);
    assert_non_null(strstr(text, "are stated by nobody: none of the named signers has signed"));
    assert_non_null(strstr(text, "Labels, stated by nobody:"));
    free(text);
    struct sealbag_signature stranger = signer;
    stranger.trust = SEALBAG_TRUST_UNKNOWN;
    stranger.trusted_as = NULL;
    verdict = good();
    verdict.exit_code = 3;
    verdict.signature = &stranger;
    text = show(TEXT, &verdict, NULL);
    assert_non_null(strstr(text, "as stated by the signer, whom you do not trust.\n"));
    free(text);
    verdict = good();
    for (int json = 0; json < 2; json++) {
        text = show(json == 1 ? JSON : DOT, &verdict, NULL);
        assert_non_null(strstr(text, json == 1 ? "\"stated_by\":\"signer\""
                                               : "label=\"Relations, as stated by the signer\""));
        free(text);
        struct sealbag_verdict other = unsigned_one();
        text = show(json == 1 ? JSON : DOT, &other, NULL);
        assert_non_null(strstr(text, json == 1 ? "\"stated_by\":\"nobody\""
                                               : "label=\"Relations, stated by nobody\""));
        free(text);
    }
}

/* Of a bundle that is damaged, or that could not be judged, nothing is shown. */
static void nothing_of_the_damaged(void **state)
{
    (void)state;
    static const int codes[] = {1, 5};
    for (size_t i = 0; i < COUNT(codes); i++) {
        struct sealbag_verdict verdict = good();
        verdict.exit_code = codes[i];
        for (unsigned how = TEXT; how <= DOT; how++) {
            char *text = show((enum how)how, &verdict, how % 2 == 0 ? "article.txt" : NULL);
            if (how == JSON)
                assert_non_null(strstr(text, "},\"stated_by\":null}"));
            else
                assert_string_equal(text, "");
            assert_null(strstr(text, "cmd"));
            assert_null(strstr(text, "Archive"));
            free(text);
        }
    }
}

static void without_records(void **state)
{
    (void)state;
    static const struct sealbag_provenance foreign = {.foreign = true};
    struct sealbag_verdict verdict = good();
    verdict.provenance = &foreign;
    char *text = show(TEXT, &verdict, NULL);
    assert_non_null(strstr(text, "is not in the form that sealbag writes"));
    free(text);
    text = show(TEXT, &verdict, "article.txt");
    assert_non_null(strstr(text, "is not in the form that sealbag writes"));
    assert_null(strstr(text, "no record"));
    free(text);
    text = show(JSON, &verdict, "article.txt");
    assert_non_null(strstr(text, "\"foreign_metadata\":true"));
    free(text);
    verdict.provenance = NULL;
    for (unsigned how = TEXT; how <= DOT; how++)
        free(show((enum how)how, &verdict, NULL));
    text = show(TREE, &verdict, NULL);
    assert_non_null(strstr(text, "\nNo relations between documents are stated.\n"));
    free(text);
}

static void documents_by_name(void **state)
{
    (void)state;
    struct sealbag_verdict verdict = good();
    assert_ptr_equal(sealbag_document_find(&verdict, "data/report.txt"), &documents[3]);
    assert_ptr_equal(sealbag_document_find(&verdict, "report.txt"), &documents[3]);
    assert_ptr_equal(sealbag_document_find(&verdict, "notice 1.txt"), &documents[1]);
    assert_null(sealbag_document_find(&verdict, "data"));
    assert_null(sealbag_document_find(&verdict, "data/"));
    assert_null(sealbag_document_find(&verdict, ""));
    assert_null(sealbag_document_find(&verdict, "report"));
    verdict.document = NULL;
    assert_null(sealbag_document_find(&verdict, "report.txt"));
    assert_string_equal(sealbag_column_text("dc.creator"), "Author");
    assert_string_equal(sealbag_column_text("prov.wasDerivedFrom"), "is derived from");
    assert_null(sealbag_column_text("dc.Creator"));
}

static void json(void **state)
{
    (void)state;
    struct sealbag_verdict verdict = good();
    char *text = show(JSON, &verdict, "report.txt");
    const char *list = strstr(text, "\"document_list\":");
    assert_non_null(list);
    assert_string_equal(
        list,
        "\"document_list\":[{\"path\":\"data/report.txt\",\"size\":2000,\"sha256\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\",\"record\":"
        "[{\"column\":\"dcterms.references\",\"value\":\"notice 1.txt\"}],\"relations\":["
        "{\"column\":\"dcterms.references\",\"target\":\"document\",\"to\":\"data/notice 1.txt\"},"
        "{\"column\":\"dcterms.references\",\"target\":\"document\",\"to\":\"data/notice2.txt\"},"
        "{\"column\":\"prov.hadPrimarySource\",\"target\":\"digest\",\"to\":\"" HEX "\"},"
        "{\"column\":\"prov.wasDerivedFrom\",\"target\":\"url\",\"to\":\"" URL "\"}],"
        "\"related_from\":[{\"column\":\"prov.wasQuotedFrom\",\"from\":\"data/article.txt\"},"
        "{\"column\":\"dcterms.references\",\"from\":\"data/article.txt\"},"
        "{\"column\":\"dcterms.references\",\"from\":\"data/notice2.txt\"}]}]}");
    free(text);
    text = show(JSON, &verdict, NULL);
    assert_non_null(strstr(text, "\"label\":\"Signed?   Yes\",\"value\":\"a\\u000ab\\u202e\"}]"));
    assert_non_null(strstr(text, "\"records\":2,\"relations\":7"));
    assert_non_null(strstr(text, "{\"path\":\"data/notice 1.txt\",\"size\":2,"));
    assert_non_null(strstr(text, "\"record\":null"));
    assert_non_null(strstr(text, "\"value\":\"<script>\\u202e\\\\xff\""));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bag),
        cmocka_unit_test(a_document),
        cmocka_unit_test(whose_word),
        cmocka_unit_test(nothing_of_the_damaged),
        cmocka_unit_test(without_records),
        cmocka_unit_test(documents_by_name),
        cmocka_unit_test(json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
