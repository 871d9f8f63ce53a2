/* bagit.txt and bag-info.txt, and the labels that a sender may give. */
#include <stdlib.h>
#include <string.h>

#include "bag/taginfo.h"
#include "base/text.h"
#include "fuzz/fuzz.h"

/* What bag-info.txt comes to. */
struct outcome {
    size_t findings;
    struct sb_oxum oxum;
};

static struct outcome judge_info(const uint8_t *bytes, size_t len)
{
    struct sb_findings findings = {0};
    struct outcome outcome;
    sb_bag_info_check(&outcome.oxum, &findings, "bag-info.txt", bytes, len);
    fuzz_check_findings(&findings);
    outcome.findings = findings.count;
    if (!outcome.oxum.stated)
        REQUIRE(outcome.oxum.bytes == 0 && outcome.oxum.files == 0);
    sb_findings_free(&findings);
    return outcome;
}

static size_t judge_declaration(struct sb_declaration *out, const uint8_t *bytes, size_t len)
{
    struct sb_findings findings = {0};
    sb_bagit_txt_check(out, &findings, bytes, len);
    fuzz_check_findings(&findings);
    size_t count = findings.count;
    sb_findings_free(&findings);
    return count;
}

/* All line ends mean the same: LF is replaced by another one. */
static void try_line_ends(const uint8_t *bytes, size_t len, const char *end)
{
    struct sb_buf text = {0};
    for (size_t i = 0; i < len; i++)
        fuzz_append(&text, bytes[i] == '\n' ? end : (const char *)bytes + i,
                    bytes[i] == '\n' ? strlen(end) : 1);
    struct outcome was = judge_info(bytes, len), is = judge_info(text.data, text.len);
    REQUIRE(was.findings == is.findings && was.oxum.stated == is.oxum.stated);
    REQUIRE(was.oxum.bytes == is.oxum.bytes && was.oxum.files == is.oxum.files);
    struct sb_declaration one, other;
    REQUIRE(judge_declaration(&one, bytes, len) == judge_declaration(&other, text.data, text.len));
    REQUIRE(one.old == other.old && one.encoding == other.encoding);
    sb_buf_free(&text);
}

/* What a sender may give is a line that a reader accepts. */
static void try_label(const uint8_t *bytes, size_t len)
{
    char *text = malloc(len + 1);
    struct sb_buf line = {0};
    REQUIRE(text != NULL);
    if (len > 0)
        memcpy(text, bytes, len);
    text[len] = 0;
    if (sb_bag_info_label_bad(text) == NULL) {
        REQUIRE(fuzz_harmless(text, strlen(text)));
        REQUIRE(sb_buf_printf(&line, "%s\nPayload-Oxum: 1.2\n", text) == 0);
        struct outcome outcome = judge_info(line.data, line.len);
        REQUIRE(outcome.findings == 0 && outcome.oxum.stated);
        REQUIRE(outcome.oxum.bytes == 1 && outcome.oxum.files == 2);
    }
    sb_buf_free(&line);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    judge_info(bytes, len);
    struct sb_declaration declaration;
    /* Few versions and encodings are judged, in a few spellings of the line ends. */
    if (judge_declaration(&declaration, bytes, len) == 0)
        REQUIRE(len <= strlen(SB_BAGIT_TXT) + 48 && declaration.encoding != SB_ENCODING_UNKNOWN);
    if (len == 0 || memchr(bytes, '\r', len) == NULL) {
        try_line_ends(bytes, len, "\r\n");
        try_line_ends(bytes, len, "\r");
    }
    try_label(bytes, len);
    return 0;
}
