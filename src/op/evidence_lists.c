/* The lists that tell of provenance, as the other process gave them: whether they are signed. */
#include <string.h>

#include "op/evidence.h"
#include "op/leaves.h"

/* seal.txt vouches for the cover. 1, 0 when it does not, or a negative code. */
static int take_cover(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_buf *salt = sb_scan_kept(&judge->scan, SB_SALT_TXT);
    const struct sb_buf *cover = sb_scan_kept(&judge->scan, SB_COVER_TXT);
    struct sb_findings findings = {0};
    uint8_t sha256[SB_SHA256_SIZE];
    if (salt == NULL || cover == NULL)
        return 0;
    if (sb_digest_start(judge->digest) < 0 ||
        sb_digest_update(judge->digest, salt->data, salt->len) < 0 ||
        sb_digest_update(judge->digest, cover->data, cover->len) < 0 ||
        sb_digest_finish(sha256, judge->digest) < 0)
        return sb_digest_failed(error);
    if (memcmp(sha256, judge->seal.cover, SB_SHA256_SIZE) != 0)
        return 0;
    int r = sb_cover_parse(&judge->cover, &findings, cover->data, cover->len);
    bool good = findings.count == 0 && !findings.overflow;
    sb_findings_free(&findings);
    return r < 0 ? sb_error_memory(error) : good;
}

/* The file is there exactly if it is listed, and is the one that is listed: by what is signed, or,
 * in a bag that is not sealed, by what was told. 1, 0 or a negative code. */
static int check_list(const struct sb_judge *judge, const char *path, struct sb_error *error)
{
    const struct sb_kept *kept = sb_scan_kept_file(&judge->scan, path);
    const struct sb_listed *listed = sb_manifest_find(&judge->cover, path);
    const struct sb_file *file = sb_inventory_find(&judge->scan.inventory, path);
    const uint8_t *expected = NULL;
    uint8_t sha256[SB_SHA256_SIZE];
    if (judge->sealed)
        expected = listed != NULL ? listed->digest : NULL;
    else
        expected = file != NULL ? file->digest : NULL;
    if (kept == NULL || expected == NULL)
        return kept == NULL && expected == NULL;
    if (sb_digest_bytes(sha256, judge->digest, kept->bytes.data, kept->bytes.len) < 0)
        return sb_digest_failed(error);
    return memcmp(sha256, expected, SB_SHA256_SIZE) == 0;
}

/* Labels are in the encoding that bagit.txt names. Whether it is good was said. */
static void read_declaration(struct sb_judge *judge)
{
    const struct sb_buf *text = sb_scan_kept(&judge->scan, "bagit.txt");
    struct sb_findings ignored = {0};
    judge->declaration = (struct sb_declaration){.encoding = SB_UTF8};
    if (text != NULL)
        sb_bagit_txt_check(&judge->declaration, &ignored, text->data, text->len);
    sb_findings_free(&ignored);
}

int sb_evidence_check_lists(struct sb_judge *judge, struct sb_error *error)
{
    int r = judge->sealed ? take_cover(judge, error) : 1;
    if (r == 1)
        r = check_list(judge, "bagit.txt", error);
    if (r == 1)
        read_declaration(judge);
    if (r == 1)
        r = check_list(judge, "bag-info.txt", error);
    if (r == 1)
        r = check_list(judge, SB_SEAL_MANIFEST, error);
    if (r == 1)
        r = check_list(judge, "package-info.txt", error);
    return r == 1 ? check_list(judge, SB_METADATA_CSV, error) : r;
}

/* With their names, sizes, digests and rows, as their leaves have them. */
int sb_evidence_check_documents(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_buf *text = sb_scan_kept(&judge->scan, SB_SALT_TXT);
    uint8_t salt[SB_SALT_SIZE], root[SB_SHA256_SIZE];
    if (!judge->sealed)
        return 1;
    if (text == NULL || !sb_salt_parse(salt, text->data, text->len))
        return 0;
    int r =
        sb_leaves_root(root, &judge->scan.inventory, &judge->metadata, salt, judge->pool, error);
    return r < 0 ? r : memcmp(root, judge->seal.root, SB_SHA256_SIZE) == 0;
}
