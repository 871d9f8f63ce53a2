/* Of a bag that is to be sealed: what whoever seals it will be shown to have stated. Somebody else
 * has written it, and it may be a trap. */
#include <string.h>

#include "bag/taginfo.h"
#include "op/judge.h"
#include "op/trust_store.h"

static void name_records(struct sb_judge *judge)
{
    if (judge->metadata.row_count > 0)
        sb_findings_add(&judge->findings, SB_RULE_STATEMENTS, SB_METADATA_CSV,
                        "The bag has %zu %s about its documents. Whoever seals it states what they "
                        "say: read them first, with sealbag show.",
                        judge->metadata.row_count,
                        judge->metadata.row_count == 1 ? "record" : "records");
}

/* All that a reader is told but those that say nothing of anybody. */
static bool is_statement(const struct sb_buf *label)
{
    static const char *const others[] = {"Bagging-Date", "Payload-Oxum", "Bag-Size",
                                         "Bag-Software-Agent"};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        if (label->len == strlen(others[i]) && memcmp(label->data, others[i], label->len) == 0)
            return false;
    }
    return true;
}

static int name_labels(struct sb_judge *judge)
{
    const char *name = sb_judge_info_name(judge);
    struct sb_buf text = {0}, label = {0}, value = {0};
    size_t count = 0;
    int r = sb_judge_text(&text, judge, SB_RULE_INFO_LINE, name);
    struct sb_bag_info info = {{.bytes = (const char *)text.data, .len = text.len}};
    while (r > 0) {
        label.len = value.len = 0;
        r = sb_bag_info_next(&info, &label, &value);
        count += r > 0 && is_statement(&label);
    }
    if (count > 0)
        sb_findings_add(&judge->findings, SB_RULE_STATEMENTS, name,
                        "The bag has %zu %s. Whoever seals it states what %s: read %s first, with "
                        "sealbag show.",
                        count, count == 1 ? "label" : "labels", count == 1 ? "it says" : "they say",
                        count == 1 ? "it" : "them");
    sb_buf_free(&text);
    sb_buf_free(&label);
    sb_buf_free(&value);
    return r;
}

/* What sealbag trust import takes in on the word of whoever sealed it. */
static void name_trust_store(struct sb_judge *judge)
{
    static const char signers[] = "data/" SB_TRUST_SIGNERS, revoked[] = "data/" SB_TRUST_REVOKED;
    const struct sb_inventory *files = &judge->scan.inventory;
    if (judge->payload_files == 2 && sb_inventory_find(files, signers) != NULL &&
        sb_inventory_find(files, revoked) != NULL)
        sb_findings_add(&judge->findings, SB_RULE_STATEMENTS, signers,
                        "The bag is a trust store that others can import. Whoever seals it states "
                        "that its keys belong to those whom it names.");
}

int sb_judge_statements(struct sb_judge *judge, struct sb_error *error)
{
    /* Nothing of what is not intact is told. */
    if (judge->findings.exit_code != 0)
        return 0;
    name_records(judge);
    name_trust_store(judge);
    return name_labels(judge) < 0 ? sb_error_memory(error) : 0;
}
