/* Is it intact: the rules of RFC 8493. */
#include <inttypes.h>
#include <string.h>

#include "bag/fetch.h"
#include "bag/twins.h"
#include "base/path.h"
#include "op/judge.h"

int sb_judge_text(struct sb_buf *out, struct sb_judge *judge, enum sb_rule rule, const char *path)
{
    const struct sb_buf *bytes = sb_scan_kept(&judge->scan, path);
    char shown[600], encoding[SB_ENCODING_NAME];
    /* That the encoding is not known was said. */
    if (bytes == NULL || judge->declaration.encoding == SB_ENCODING_UNKNOWN)
        return 0;
    int r = sb_encoding_decode(out, judge->declaration.encoding, bytes->data, bytes->len);
    if (r == 0)
        sb_findings_add(&judge->findings, rule, path,
                        "%s is not text in the encoding that bagit.txt names, which is %s%s.",
                        sealbag_text_escape(shown, sizeof(shown), path),
                        sb_encoding_name(encoding, judge->declaration.encoding),
                        judge->declaration.encoding == SB_UTF8 ? " without a byte order mark" : "");
    return r;
}

const char *sb_judge_info_name(const struct sb_judge *judge)
{
    static const char name[] = "bag-info.txt";
    return sb_scan_kept(&judge->scan, name) == NULL && judge->declaration.old ? "package-info.txt"
                                                                              : name;
}

static int judge_info(struct sb_judge *judge, const char *name)
{
    struct sb_oxum oxum;
    struct sb_buf text = {0};
    int r = sb_judge_text(&text, judge, SB_RULE_INFO_LINE, name);
    if (r > 0) {
        sb_bag_info_check(&oxum, &judge->findings, name, text.data, text.len);
        judge->oxum_stated |= oxum.stated;
        if (oxum.stated && !sb_findings_has(&judge->findings, SB_RULE_OXUM) &&
            (oxum.bytes != judge->payload_bytes || oxum.files != judge->payload_files))
            sb_findings_add(&judge->findings, SB_RULE_OXUM, name,
                            "Payload-Oxum says %" PRIu64 " bytes in %" PRIu64
                            " %s, but there are %" PRIu64 " in %" PRIu64 ".",
                            oxum.bytes, oxum.files, oxum.files == 1 ? "document" : "documents",
                            judge->payload_bytes, judge->payload_files);
    }
    sb_buf_free(&text);
    return r < 0 ? r : 0;
}

static int read_fetch(struct sb_judge *judge)
{
    struct sb_buf text = {0};
    int r = sb_judge_text(&text, judge, SB_RULE_FETCH_LINE, SB_FETCH_TXT);
    judge->fetch.old = judge->declaration.old;
    if (r > 0)
        r = sb_fetch_parse(&judge->fetch, &judge->findings, text.data, text.len);
    sb_buf_free(&text);
    if (r == 0 && judge->fetch.count > 0)
        sb_findings_add(&judge->findings, SB_RULE_FETCH, SB_FETCH_TXT,
                        "The bag names documents that can be fetched from elsewhere. sealbag "
                        "fetches nothing: those that are here were judged like all others.");
    return r < 0 ? r : 0;
}

/* The folder's name is the one thing that is shown and created of a bag that nobody sealed. */
static void check_top(struct sb_judge *judge)
{
    const char *top = judge->scan.top;
    const char *why = top != NULL ? sb_bag_name_bad(top, strlen(top)) : NULL;
    if (why != NULL)
        sb_findings_add(&judge->findings, SB_RULE_PATH_UNSAFE, top,
                        "The bag's folder has a name that is refused: it %s.", why);
    else if (top != NULL && (why = sb_path_not_portable(top, strlen(top))) != NULL)
        sb_findings_add(&judge->findings, SB_RULE_PATH_NOT_PORTABLE, top,
                        "Windows cannot create the bag's folder: its name %s.", why);
}

/* Whether nothing in it is of the kind that bags are made of. */
static bool is_ordinary(const struct sb_judge *judge)
{
    static const char *const kinds[] = {"manifest-", "tagmanifest-", "bag-info.txt",
                                        "package-info.txt", SB_FETCH_TXT};
    const struct sb_inventory *files = &judge->scan.inventory;
    for (size_t i = 0; i < files->count; i++) {
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            if (strncmp(files->files[i].path, kinds[k], strlen(kinds[k])) == 0)
                return false;
        }
    }
    return !judge->sealed;
}

static void tell_not_a_bag(struct sb_judge *judge)
{
    /* Whoever has taken the folder to be sealed for what was made of it need not be frightened. */
    bool ordinary = judge->folder && is_ordinary(judge);
    sb_findings_add(&judge->findings, SB_RULE_NOT_A_BAG, NULL,
                    ordinary ? "This is not a bag: there is no bagit.txt in it."
                             : "This is not a bag: there is no bagit.txt in its top-level folder. "
                               "Ask what it is, and for the sealed bundle.");
    if (ordinary)
        sb_findings_add(&judge->findings, SB_RULE_FOLDER_ORDINARY, NULL,
                        "It is an ordinary folder, and no bundle: nobody has sealed it, so there "
                        "is nothing to check. To seal it: sealbag create -o NAME.tar.gz --key KEY "
                        "FOLDER. If it was sent to you as a bundle, ask for the sealed one.");
}

int sb_judge_bag(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_buf *declaration = sb_scan_kept(&judge->scan, "bagit.txt");
    sb_inventory_check(&judge->findings, &judge->scan.inventory);
    judge->declaration = (struct sb_declaration){.encoding = SB_UTF8};
    if (declaration == NULL) {
        tell_not_a_bag(judge);
        /* What salvaging still needs of a bag that has lost its first file. */
        return sb_scan_kept(&judge->scan, "manifest-sha256.txt") != NULL ||
                       sb_scan_kept(&judge->scan, SB_SEAL_MANIFEST) != NULL
                   ? sb_judge_payload_manifests(judge, error)
                   : 0;
    }
    check_top(judge);
    if (sb_twins_check(&judge->findings, &judge->scan.inventory) < 0)
        return sb_error_memory(error);
    sb_bagit_txt_check(&judge->declaration, &judge->findings, declaration->data, declaration->len);
    if (judge->depth != SEALBAG_FAST && read_fetch(judge) < 0)
        return sb_error_memory(error);
    int r = sb_judge_payload_manifests(judge, error);
    if (r == 0 && judge->depth != SEALBAG_FAST)
        r = sb_judge_tag_manifests(judge, error);
    if (r < 0)
        return r;
    if (judge_info(judge, "bag-info.txt") < 0 ||
        (judge->declaration.old && judge_info(judge, "package-info.txt") < 0))
        return sb_error_memory(error);
    if (judge->depth == SEALBAG_FAST && !judge->oxum_stated)
        sb_findings_add(&judge->findings, SB_RULE_OXUM_MISSING, "bag-info.txt",
                        "The bag states no Payload-Oxum, which is all that a fast check compares. "
                        "Use verify without --fast.");
    return 0;
}
