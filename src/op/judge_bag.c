/* Is it intact: the rules of RFC 8493. */
#include <inttypes.h>
#include <string.h>

#include "bag/taginfo.h"
#include "bag/twins.h"
#include "base/path.h"
#include "op/judge.h"

static const char payload_manifest[] = "manifest-sha256.txt";
static const char tag_manifest[] = "tagmanifest-sha256.txt";

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_tag_manifest(const char *path)
{
    return begins(path, "tagmanifest-") && strchr(path, '/') == NULL;
}

static bool is_payload_manifest(const char *path)
{
    return begins(path, "manifest-") && strchr(path, '/') == NULL;
}

static void compare_file(struct sb_findings *findings, const struct sb_listed *listed,
                         const struct sb_file *file, const char *name)
{
    if (file == NULL)
        sb_findings_add(findings, SB_RULE_FILE_MISSING, listed->path,
                        "%s lists this file, but it is not there.", name);
    else if (memcmp(listed->digest, file->digest, SB_DIGEST_SIZE) != 0)
        sb_findings_add(findings, SB_RULE_DIGEST, listed->path,
                        "This file is not the one that %s lists: it was altered or damaged.", name);
}

/* Both sides are sorted: one walk finds what is missing, altered or listed nowhere. */
static void compare_payload(struct sb_judge *judge)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    const struct sb_manifest *manifest = &judge->manifest;
    size_t at = 0;
    for (size_t i = 0; i < manifest->count; i++) {
        const struct sb_listed *listed = &manifest->lines[i];
        if (sb_part_of(listed->path) != SB_PART_PAYLOAD) {
            sb_findings_add(&judge->findings, SB_RULE_MANIFEST_SCOPE, listed->path,
                            "%s lists a file outside data/.", payload_manifest);
            continue;
        }
        while (at < files->count && strcmp(files->files[at].path, listed->path) < 0)
            at++;
        const struct sb_file *file = at < files->count ? &files->files[at] : NULL;
        if (file != NULL && strcmp(file->path, listed->path) != 0)
            file = NULL;
        compare_file(&judge->findings, listed, file, payload_manifest);
    }
    for (size_t i = 0; i < files->count; i++) {
        const struct sb_file *file = &files->files[i];
        if (file->part == SB_PART_PAYLOAD && sb_manifest_find(manifest, file->path) == NULL)
            sb_findings_add(
                &judge->findings, SB_RULE_FILE_UNLISTED, file->path,
                "This document is in no manifest: it was added after the bag was made.");
    }
}

static bool is_old(const struct sb_judge *judge)
{
    const struct sb_buf *declaration = sb_scan_kept(&judge->scan, "bagit.txt");
    return declaration != NULL && sb_bagit_txt_is_old(declaration->data, declaration->len);
}

static int judge_payload_manifest(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_buf *bytes = sb_scan_kept(&judge->scan, payload_manifest);
    const char *other = NULL;
    for (size_t i = 0; i < judge->scan.inventory.count; i++) {
        const char *path = judge->scan.inventory.files[i].path;
        if (is_payload_manifest(path) && strcmp(path, payload_manifest) != 0) {
            other = path;
            sb_findings_add(&judge->findings, SB_RULE_NOT_JUDGED, path,
                            "This version judges SHA-256 manifests only; this one was not judged.");
        }
    }
    if (bytes != NULL) {
        judge->manifest.literal_percent = is_old(judge);
        if (sb_manifest_parse(&judge->manifest, &judge->findings, payload_manifest, bytes->data,
                              bytes->len) < 0)
            return sb_error_memory(error);
        judge->manifest_lines = judge->manifest.count;
        compare_payload(judge);
        return 0;
    }
    if (other != NULL)
        sb_findings_add(&judge->findings, SB_RULE_ALGORITHM, other,
                        "The bag has no SHA-256 manifest; its documents cannot be checked by this "
                        "version.");
    else
        sb_findings_add(&judge->findings, SB_RULE_MANIFEST_MISSING, payload_manifest,
                        "The bag has no manifest, so nothing says what its documents should be.");
    return 0;
}

/* RFC 8493, section 2.2.1: a tag manifest lists every payload manifest, no payload file, no tag
 * manifest. */
static int judge_tag_manifest(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_buf *bytes = sb_scan_kept(&judge->scan, tag_manifest);
    struct sb_manifest listed = {.literal_percent = is_old(judge)};
    if (bytes == NULL)
        return 0;
    if (sb_manifest_parse(&listed, &judge->findings, tag_manifest, bytes->data, bytes->len) < 0) {
        sb_manifest_free(&listed);
        return sb_error_memory(error);
    }
    for (size_t i = 0; i < listed.count; i++) {
        const char *path = listed.lines[i].path;
        if (sb_part_of(path) == SB_PART_PAYLOAD || is_tag_manifest(path))
            sb_findings_add(&judge->findings, SB_RULE_MANIFEST_SCOPE, path,
                            "%s lists a file that it must not list.", tag_manifest);
        else
            compare_file(&judge->findings, &listed.lines[i],
                         sb_inventory_find(&judge->scan.inventory, path), tag_manifest);
    }
    if (sb_scan_kept(&judge->scan, payload_manifest) != NULL &&
        sb_manifest_find(&listed, payload_manifest) == NULL)
        sb_findings_add(&judge->findings, SB_RULE_FILE_UNLISTED, payload_manifest,
                        "%s does not list the payload manifest.", tag_manifest);
    sb_manifest_free(&listed);
    return 0;
}

static void judge_info(struct sb_judge *judge)
{
    const struct sb_buf *bytes = sb_scan_kept(&judge->scan, "bag-info.txt");
    struct sb_oxum oxum;
    if (bytes == NULL)
        return;
    sb_bag_info_check(&oxum, &judge->findings, bytes->data, bytes->len);
    if (oxum.stated && !sb_findings_has(&judge->findings, SB_RULE_OXUM) &&
        (oxum.bytes != judge->payload_bytes || oxum.files != judge->payload_files))
        sb_findings_add(&judge->findings, SB_RULE_OXUM, "bag-info.txt",
                        "Payload-Oxum says %" PRIu64 " bytes in %" PRIu64
                        " documents, but there are %" PRIu64 " in %" PRIu64 ".",
                        oxum.bytes, oxum.files, judge->payload_bytes, judge->payload_files);
}

/* The folder's name is the one thing that is shown and created of a bag that nobody sealed. */
static void check_top(struct sb_judge *judge)
{
    const char *top = judge->scan.top;
    const char *why = top != NULL ? sb_bag_name_bad(top, strlen(top)) : NULL;
    if (why != NULL)
        sb_findings_add(&judge->findings, SB_RULE_PATH_UNSAFE, top,
                        "The bag's folder has a name that is refused: it %s.", why);
}

int sb_judge_bag(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_buf *declaration = sb_scan_kept(&judge->scan, "bagit.txt");
    sb_inventory_check(&judge->findings, &judge->scan.inventory);
    if (declaration == NULL) {
        sb_findings_add(&judge->findings, SB_RULE_NOT_A_BAG, NULL,
                        "This is not a bag: there is no bagit.txt in its top-level folder. Ask "
                        "what it is, and for the sealed bundle.");
        /* What salvaging still needs of a bag that has lost its first file. */
        return sb_scan_kept(&judge->scan, payload_manifest) != NULL
                   ? judge_payload_manifest(judge, error)
                   : 0;
    }
    check_top(judge);
    if (sb_twins_check(&judge->findings, &judge->scan.inventory) < 0)
        return sb_error_memory(error);
    sb_bagit_txt_check(&judge->findings, declaration->data, declaration->len);
    int r = judge_payload_manifest(judge, error);
    if (r == 0)
        r = judge_tag_manifest(judge, error);
    if (r < 0)
        return r;
    judge_info(judge);
    if (sb_inventory_find(&judge->scan.inventory, "fetch.txt") != NULL)
        sb_findings_add(&judge->findings, SB_RULE_FETCH, "fetch.txt",
                        "The bag leaves documents to be fetched, which this version cannot judge.");
    return 0;
}
