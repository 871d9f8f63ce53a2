/* Is it the bag that was sealed: from seal.txt to the cover, the manifests and the documents. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "op/judge.h"
#include "op/leaves.h"

static void need(struct sb_judge *judge, const char *path)
{
    if (sb_scan_kept(&judge->scan, path) == NULL)
        sb_findings_add(&judge->findings, SB_RULE_SEAL_INCOMPLETE, path,
                        "This part of the seal is missing.");
}

/* Every file of seal/ must be one of the kinds that belong there. */
static void check_kinds(struct sb_judge *judge)
{
    char fp_name[33];
    for (size_t i = 0; i < judge->scan.inventory.count; i++) {
        const struct sb_file *file = &judge->scan.inventory.files[i];
        if (file->part != SB_PART_SEAL)
            continue;
        if (sb_seal_kind_of(fp_name, file->path) == SB_SEAL_UNKNOWN)
            sb_findings_add(&judge->findings, SB_RULE_SEAL_FILE, file->path,
                            "This file does not belong into a seal.");
        else if (strcmp(file->path, SB_SEAL_MANIFEST) == 0 && judge->manifest_whole)
            sb_findings_add(&judge->findings, SB_RULE_SEAL_FILE, file->path,
                            "This file does not belong into this seal, because the bag has a "
                            "manifest-sha256.txt of its own that lists all documents.");
    }
}

bool sb_judge_covered(const struct sb_judge *judge, const char *path, const uint8_t *digest)
{
    const struct sb_listed *listed = sb_manifest_find(&judge->cover, path);
    return listed != NULL && memcmp(listed->digest, digest, SB_DIGEST_SIZE) == 0;
}

/* All that is neither a document nor in seal/; and the manifest in it, which says as much. */
static bool belongs_into_cover(const char *path)
{
    return sb_part_of(path) == SB_PART_TAG || strcmp(path, SB_SEAL_MANIFEST) == 0;
}

static void compare_cover(struct sb_judge *judge)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    for (size_t i = 0; i < judge->cover.count; i++) {
        const char *path = judge->cover.lines[i].path;
        const struct sb_file *file = sb_inventory_find(files, path);
        if (!belongs_into_cover(path))
            sb_findings_add(&judge->findings, SB_RULE_MANIFEST_SCOPE, path,
                            "The seal's cover lists a file that it must not list.");
        else if (file == NULL)
            sb_findings_add(&judge->findings, SB_RULE_FILE_MISSING, path,
                            "This file was sealed, but it is not there.");
        else if (judge->depth == SEALBAG_WHOLE &&
                 !sb_judge_covered(judge, file->path, file->digest))
            sb_findings_add(&judge->findings, SB_RULE_DIGEST, path,
                            "This file is not the one that was sealed: it was altered or damaged.");
    }
    for (size_t i = 0; i < files->count; i++) {
        const struct sb_file *file = &files->files[i];
        if (belongs_into_cover(file->path) && sb_manifest_find(&judge->cover, file->path) == NULL)
            sb_findings_add(&judge->findings, SB_RULE_FILE_UNLISTED, file->path,
                            "This file was added after the bag was sealed.");
    }
}

/* Cover = SHA-256 of salt.txt's bytes followed by the cover's. */
static int check_cover(struct sb_judge *judge, const struct sb_buf *salt,
                       const struct sb_buf *cover, struct sb_error *error)
{
    uint8_t sha256[SB_DIGEST_SIZE];
    if (sb_digest_start(judge->digest) < 0 ||
        sb_digest_update(judge->digest, salt->data, salt->len) < 0 ||
        sb_digest_update(judge->digest, cover->data, cover->len) < 0 ||
        sb_digest_finish(sha256, judge->digest) < 0)
        return sb_digest_failed(error);
    if (memcmp(sha256, judge->seal.cover, SB_DIGEST_SIZE) != 0) {
        sb_findings_add(&judge->findings, SB_RULE_SEAL_COVER, SB_COVER_TXT,
                        "The list of files in the seal is not the one that was signed.");
        return 0;
    }
    if (sb_cover_parse(&judge->cover, &judge->findings, cover->data, cover->len) < 0)
        return sb_error_memory(error);
    /* The manifest that was kept is the one that is used: its own bytes must be the signed ones. */
    const struct sb_kept *manifest = sb_scan_kept_file(&judge->scan, SB_SEAL_MANIFEST);
    if (manifest == NULL)
        manifest = sb_scan_kept_file(&judge->scan, "manifest-sha256.txt");
    judge->manifest_signed =
        manifest != NULL && sb_judge_covered(judge, manifest->path, manifest->digest);
    compare_cover(judge);
    return 0;
}

static int check_root(struct sb_judge *judge, const uint8_t salt[SB_SALT_SIZE],
                      struct sb_error *error)
{
    uint8_t root[SB_SHA256_SIZE];
    if (judge->seal.leaves != judge->payload_files) {
        sb_findings_add(&judge->findings, SB_RULE_SEAL_LEAVES, SB_SEAL_TXT,
                        "%" PRIu64 " documents were sealed, but there are %" PRIu64 ".",
                        judge->seal.leaves, judge->payload_files);
        return 0;
    }
    int r =
        sb_leaves_root(root, &judge->scan.inventory, &judge->metadata, salt, judge->pool, error);
    if (r == 0 && memcmp(root, judge->seal.root, SB_SHA256_SIZE) != 0)
        sb_findings_add(&judge->findings, SB_RULE_SEAL_ROOT, SB_SEAL_TXT,
                        judge->metadata.row_count > 0
                            ? "The documents, or the records about them, are not the ones that "
                              "were sealed."
                            : "The documents are not the ones that were sealed.");
    return r;
}

static int check_parts(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_buf *salt_text = sb_scan_kept(&judge->scan, SB_SALT_TXT);
    const struct sb_buf *cover = sb_scan_kept(&judge->scan, SB_COVER_TXT);
    uint8_t salt[SB_SALT_SIZE];
    if (judge->scan.top == NULL || strcmp(judge->seal.name, judge->scan.top) != 0) {
        char shown[1100];
        sb_findings_add(&judge->findings, SB_RULE_SEAL_NAME, SB_SEAL_TXT,
                        "The bag was sealed under another name than its folder has now. If it was "
                        "only renamed, call it \"%s\" again.",
                        sealbag_text_escape(shown, sizeof(shown), judge->seal.name));
    }
    if (salt_text == NULL || cover == NULL)
        return 0;
    int r = check_cover(judge, salt_text, cover, error);
    if (r < 0)
        return r;
    if (!sb_salt_parse(salt, salt_text->data, salt_text->len)) {
        sb_findings_add(&judge->findings, SB_RULE_SEAL_SALT, SB_SALT_TXT,
                        "salt.txt is not 64 hex digits and a line end.");
        return 0;
    }
    return check_root(judge, salt, error);
}

/* Not what the seal is over, only whether all is there that it lists. */
static int find_covered(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_buf *cover = sb_scan_kept(&judge->scan, SB_COVER_TXT);
    if (cover == NULL)
        return 0;
    if (sb_cover_parse(&judge->cover, &judge->findings, cover->data, cover->len) < 0)
        return sb_error_memory(error);
    compare_cover(judge);
    return 0;
}

int sb_judge_seal(struct sb_judge *judge, struct sb_error *error)
{
    if (judge->depth == SEALBAG_FAST)
        return 0;
    check_kinds(judge);
    if (!judge->sealed)
        return 0;
    need(judge, SB_COVER_TXT);
    need(judge, SB_SALT_TXT);
    need(judge, SB_SEAL_TXT);
    if (!judge->manifest_whole)
        need(judge, SB_SEAL_MANIFEST);
    if (judge->depth == SEALBAG_COMPLETENESS)
        return find_covered(judge, error);
    const struct sb_kept *text = sb_scan_kept_file(&judge->scan, SB_SEAL_TXT);
    if (text == NULL)
        return 0;
    if (sb_seal_parse(&judge->seal, &judge->findings, text->bytes.data, text->bytes.len) < 0)
        return sb_error_memory(error);
    sb_hex_encode(judge->seal_id, text->digest, SB_DIGEST_SIZE);
    judge->seal_parsed = judge->seal.signer_count > 0;
    return judge->seal_parsed ? check_parts(judge, error) : 0;
}
