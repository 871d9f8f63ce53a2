/* Manifests: what a bag says of its files, in as many algorithms as it likes (RFC 8493, sections
 * 2.1.3, 2.2.1 and 2.4). */
#include <stdlib.h>
#include <string.h>

#include "bag/twins.h"
#include "base/text.h"
#include "op/judge.h"

static const char payload_prefix[] = "manifest-", tag_prefix[] = "tagmanifest-";

/* The part of a manifest's name that is its algorithm's; NULL: it is no manifest. */
static const char *algorithm_of(size_t *len, const char *path, const char *prefix)
{
    size_t before = strlen(prefix), all = strlen(path);
    if (strncmp(path, prefix, before) != 0 || all < before + 5 ||
        strcmp(path + all - 4, ".txt") != 0 || strchr(path, '/') != NULL)
        return NULL;
    *len = all - before - 4;
    return path + before;
}

unsigned sb_judge_algorithms(const struct sb_judge *judge)
{
    unsigned wanted = 0;
    for (size_t i = 0; i < judge->scan.kept_count; i++) {
        const char *path = judge->scan.kept[i].path, *name;
        size_t len;
        if ((name = algorithm_of(&len, path, payload_prefix)) == NULL &&
            (name = algorithm_of(&len, path, tag_prefix)) == NULL)
            continue;
        enum sb_algorithm algorithm = sb_algorithm_find(name, len);
        if (algorithm != SB_SHA256 && algorithm != SB_ALGORITHMS)
            wanted |= 1U << algorithm;
    }
    return wanted;
}

/* One manifest while it is judged. */
struct manifest {
    struct sb_judge *judge;
    const char *name;
    enum sb_algorithm algorithm;
    const struct sb_manifest *lines;
};

/* Whether the file has the digest that is listed. */
static void compare_file(const struct manifest *manifest, const struct sb_listed *listed,
                         const struct sb_file *file)
{
    struct sb_judge *judge = manifest->judge;
    const struct sb_inventory *files = &judge->scan.inventory;
    if (judge->depth != SEALBAG_WHOLE)
        return;
    const uint8_t *digest =
        sb_rehash_digest(&judge->rehash, manifest->algorithm, files, (size_t)(file - files->files));
    if (memcmp(listed->digest, digest, sb_algorithm_size(manifest->algorithm)) != 0)
        sb_findings_add(&judge->findings, SB_RULE_DIGEST, file->path,
                        "This file is not the one that %s lists: it was altered or damaged.",
                        manifest->name);
}

static void missing(const struct manifest *manifest, const struct sb_listed *listed)
{
    struct sb_judge *judge = manifest->judge;
    bool fetched = sb_manifest_find(&judge->fetch, listed->path) != NULL;
    sb_findings_add(&judge->findings, SB_RULE_FILE_MISSING, listed->path,
                    fetched ? "%s lists this file, but it is not there: fetch.txt says that it is "
                              "to be fetched from elsewhere, which sealbag never does."
                            : "%s lists this file, but it is not there.",
                    manifest->name);
}

/* ---- names in another Unicode form --------------------------------------------------------- */

/* Documents that a manifest does not list under their own name. */
struct strays {
    struct sb_form *forms;
    size_t count;
};

static int find_strays(struct strays *out, const struct manifest *manifest)
{
    const struct sb_inventory *files = &manifest->judge->scan.inventory;
    size_t cap = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (files->files[i].part != SB_PART_PAYLOAD ||
            sb_manifest_find(manifest->lines, files->files[i].path) != NULL)
            continue;
        struct sb_form *forms = sb_array_grow(out->forms, &cap, out->count, sizeof(*forms));
        if (forms == NULL)
            return SEALBAG_ERR_MEMORY;
        out->forms = forms;
        forms[out->count++] = (struct sb_form){.number = i};
    }
    for (size_t i = 0; i < out->count; i++) {
        if (sb_form_make(&out->forms[i], files->files[out->forms[i].number].path) < 0)
            return SEALBAG_ERR_MEMORY;
    }
    sb_forms_sort(out->forms, out->count);
    return 0;
}

static void free_strays(struct strays *strays)
{
    for (size_t i = 0; i < strays->count; i++)
        free(strays->forms[i].text);
    free(strays->forms);
}

/* The document whose name is the listed one in another form: it is taken, with a warning. */
static int find_other_form(const struct sb_file **out, const struct manifest *manifest,
                           struct strays *strays, const char *path)
{
    struct sb_form key = {0};
    *out = NULL;
    if (strays->count == 0)
        return 0;
    if (sb_form_make(&key, path) < 0)
        return SEALBAG_ERR_MEMORY;
    struct sb_form *found = sb_forms_find(strays->forms, strays->count, &key);
    free(key.text);
    if (found == NULL || found->taken)
        return 0;
    found->taken = true;
    *out = &manifest->judge->scan.inventory.files[found->number];
    char shown[600];
    sb_findings_add(&manifest->judge->findings, SB_RULE_MANIFEST_FORM, (*out)->path,
                    "%s lists this file as \"%s\", with characters in another Unicode form.",
                    manifest->name, sealbag_text_escape(shown, sizeof(shown), path));
    return 0;
}

/* ---- payload manifests ------------------------------------------------------------------- */

/* Both sides are sorted: one walk finds what is missing, altered or listed nowhere. `listed`: of
 * each file, whether some manifest lists it. */
static int compare_payload(const struct manifest *manifest, struct strays *strays, bool *listed)
{
    struct sb_judge *judge = manifest->judge;
    const struct sb_inventory *files = &judge->scan.inventory;
    size_t at = 0;
    for (size_t i = 0; i < manifest->lines->count; i++) {
        const struct sb_listed *line = &manifest->lines->lines[i];
        if (sb_part_of(line->path) != SB_PART_PAYLOAD) {
            sb_findings_add(&judge->findings, SB_RULE_MANIFEST_SCOPE, line->path,
                            "%s lists a file outside data/.", manifest->name);
            continue;
        }
        while (at < files->count && strcmp(files->files[at].path, line->path) < 0)
            at++;
        const struct sb_file *file = at < files->count ? &files->files[at] : NULL;
        if ((file == NULL || strcmp(file->path, line->path) != 0) &&
            find_other_form(&file, manifest, strays, line->path) < 0)
            return SEALBAG_ERR_MEMORY;
        if (file == NULL) {
            missing(manifest, line);
            continue;
        }
        listed[file - files->files] = true;
        compare_file(manifest, line, file);
    }
    return 0;
}

/* From 1.0 on each manifest lists all documents; before, one of them is enough. */
static void find_unlisted(struct sb_judge *judge, const char *name, const bool *listed)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    for (size_t i = 0; i < files->count; i++) {
        /* That a path is there twice was said. */
        bool again = i > 0 && strcmp(files->files[i - 1].path, files->files[i].path) == 0;
        if (files->files[i].part == SB_PART_PAYLOAD && !listed[i] && !again)
            sb_findings_add(&judge->findings, SB_RULE_FILE_UNLISTED, files->files[i].path,
                            name != NULL
                                ? "This document is not in %s: it was added after the bag "
                                  "was made."
                                : "This document is in no manifest: it was added after the "
                                  "bag was made.%s",
                            name != NULL ? name : "");
    }
}

/* What all manifests of an old bag list, taken together. */
struct sum {
    bool *listed;  /* of each file that is there; of bags of all versions */
    bool *fetched; /* of each line of fetch.txt */
    bool unread;   /* one could not be decoded, so that nobody knows what it lists */
};

/* As with documents: from 1.0 on each manifest lists what fetch.txt names (RFC 8493, section
 * 2.2.3); before, one of them is enough. */
static void check_fetch(const struct manifest *manifest, struct sum *sum)
{
    const struct sb_manifest *fetch = &manifest->judge->fetch;
    for (size_t i = 0; i < fetch->count; i++) {
        if (sb_manifest_find(manifest->lines, fetch->lines[i].path) != NULL)
            sum->fetched[i] = true;
        else if (!manifest->judge->declaration.old)
            sb_findings_add(
                &manifest->judge->findings, SB_RULE_FETCH_UNLISTED, fetch->lines[i].path,
                "fetch.txt names this document, which %s does not list.", manifest->name);
    }
}

static void judge_sum(struct sb_judge *judge, const struct sum *sum)
{
    find_unlisted(judge, NULL, sum->listed);
    for (size_t i = 0; i < judge->fetch.count; i++) {
        if (!sum->fetched[i])
            sb_findings_add(&judge->findings, SB_RULE_FETCH_UNLISTED, judge->fetch.lines[i].path,
                            "fetch.txt names this document, which is in no manifest.");
    }
}

static int judge_payload_manifest(struct sb_judge *judge, const char *name,
                                  enum sb_algorithm algorithm, const struct sb_buf *text,
                                  struct sum *sum)
{
    struct sb_manifest own = {.algorithm = algorithm, .old = judge->declaration.old};
    struct manifest manifest = {judge, name, algorithm, &own};
    struct strays strays = {0};
    size_t count = judge->scan.inventory.count;
    bool *listed = judge->declaration.old ? sum->listed : calloc(count + 1, sizeof(*listed));
    int r = listed == NULL ? SEALBAG_ERR_MEMORY
                           : sb_manifest_parse(&own, &judge->findings, name, text->data, text->len);
    if (r == 0)
        r = find_strays(&strays, &manifest);
    if (r == 0)
        r = compare_payload(&manifest, &strays, listed);
    if (r == 0 && listed != sum->listed)
        find_unlisted(judge, name, listed);
    for (size_t i = 0; r == 0 && i < count; i++)
        sum->listed[i] |= listed[i];
    if (r == 0)
        check_fetch(&manifest, sum);
    if (listed != sum->listed)
        free(listed);
    free_strays(&strays);
    if (r == 0 && algorithm == SB_SHA256) {
        judge->manifest = own;
        judge->manifest_lines = own.count;
    } else {
        sb_manifest_free(&own);
    }
    return r;
}

static void not_judged(struct sb_judge *judge, const char *path, bool known)
{
    sb_findings_add(&judge->findings, SB_RULE_NOT_JUDGED, path,
                    known
                        ? "This manifest could not be judged while the bundle came through a "
                          "pipe. Store the bundle, and name the file."
                        : "This manifest uses an algorithm that this version does not know, so it "
                          "was not judged.");
}

/* What the manifests of one kind are, and which of them can be judged. */
struct found {
    size_t judged, unjudged;
    bool strong; /* one is of another algorithm than MD5 and SHA-1 */
    bool sealed; /* the seal has a manifest for those that the bag lacks */
    const char *example;
};

static void conclude(struct sb_judge *judge, const struct found *found)
{
    if (found->judged > 0 && !found->strong)
        sb_findings_add(
            &judge->findings, SB_RULE_MANIFEST_WEAK, found->example,
            found->sealed
                ? "Until they were sealed, the documents were listed with MD5 or SHA-1 only: "
                  "whoever made a document could exchange it before that, for one with the same "
                  "digest."
                : "The documents are listed with MD5 or SHA-1 only. Damage by accident would "
                  "be found, but whoever made a document can have made another one with the "
                  "same digest.");
    if (found->judged > 0 || (found->unjudged > 0 && found->sealed))
        return;
    if (found->unjudged > 0)
        sb_findings_add(&judge->findings, SB_RULE_ALGORITHM, found->example,
                        "None of the bag's manifests can be judged here, so its documents cannot "
                        "be checked.");
    else
        sb_findings_add(&judge->findings, SB_RULE_MANIFEST_MISSING, "manifest-sha256.txt",
                        "The bag has no manifest, so nothing says what its documents should be.");
}

/* Whether this file of the bag is a manifest that can be judged; its text, which the caller frees.
 */
static int take_manifest(struct sb_buf *text, enum sb_algorithm *algorithm, struct found *found,
                         struct sb_judge *judge, const char *path, const char *prefix)
{
    size_t len;
    const char *name = algorithm_of(&len, path, prefix);
    if (name == NULL)
        return 0;
    found->example = path;
    *algorithm = sb_algorithm_find(name, len);
    bool known = *algorithm != SB_ALGORITHMS && sb_scan_kept(&judge->scan, path) != NULL;
    if (!known || (*algorithm != SB_SHA256 && judge->depth == SEALBAG_WHOLE &&
                   judge->rehash.digests[*algorithm] == NULL)) {
        not_judged(judge, path, known);
        found->unjudged++;
        return 0;
    }
    found->judged++;
    found->strong |= *algorithm != SB_MD5 && *algorithm != SB_SHA1;
    return sb_judge_text(text, judge, SB_RULE_MANIFEST_LINE, path);
}

/* For a fast check it is enough that there is one. */
static void look_for_manifest(struct sb_judge *judge)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    struct found found = {.strong = true};
    size_t len;
    for (size_t i = 0; i < files->count; i++)
        found.judged += algorithm_of(&len, files->files[i].path, payload_prefix) != NULL;
    conclude(judge, &found);
}

/* Whether manifest-sha256.txt has every document that some manifest lists, under its very name: not
 * so in an old bag that spreads them over several manifests, or if names have another form. */
static bool is_whole(const struct sb_judge *judge, const struct sum *sum)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    if (sb_inventory_find(files, "manifest-sha256.txt") == NULL)
        return false;
    for (size_t i = 0; i < files->count; i++) {
        if (sum->listed[i] && sb_manifest_find(&judge->manifest, files->files[i].path) == NULL)
            return false;
    }
    return true;
}

/* The one in seal/, which is there when that is not so: of all documents, in one form only. */
static int judge_seal_manifest(struct sb_judge *judge, struct found *found)
{
    const struct sb_buf *text = sb_scan_kept(&judge->scan, SB_SEAL_MANIFEST);
    const struct manifest manifest = {judge, SB_SEAL_MANIFEST, SB_SHA256, &judge->manifest};
    struct strays none = {0};
    if (text == NULL)
        return 0;
    sb_manifest_free(&judge->manifest);
    bool *listed = calloc(judge->scan.inventory.count + 1, sizeof(*listed));
    judge->manifest.algorithm = SB_SHA256;
    int r = listed == NULL
                ? SEALBAG_ERR_MEMORY
                : sb_seal_manifest_parse(&judge->manifest, &judge->findings, text->data, text->len);
    if (r == 0)
        r = compare_payload(&manifest, &none, listed);
    if (r == 0)
        find_unlisted(judge, SB_SEAL_MANIFEST, listed);
    free(listed);
    judge->manifest_lines = judge->manifest.count;
    found->sealed = r == 0;
    return r;
}

/* Of a path that is there twice one file is kept, and judged once. */
static bool is_second(const struct sb_inventory *files, size_t number)
{
    return number > 0 && strcmp(files->files[number - 1].path, files->files[number].path) == 0;
}

int sb_judge_payload_manifests(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    struct found found = {0};
    if (judge->depth == SEALBAG_FAST) {
        look_for_manifest(judge);
        return 0;
    }
    struct sum sum = {.listed = calloc(files->count + 1, sizeof(*sum.listed)),
                      .fetched = calloc(judge->fetch.count + 1, sizeof(*sum.fetched))};
    int r = sum.listed == NULL || sum.fetched == NULL ? SEALBAG_ERR_MEMORY : 0;
    for (size_t i = 0; r == 0 && i < files->count; i++) {
        struct sb_buf text = {0};
        enum sb_algorithm algorithm;
        if (is_second(files, i))
            continue;
        size_t judged = found.judged;
        r = take_manifest(&text, &algorithm, &found, judge, files->files[i].path, payload_prefix);
        sum.unread |= r == 0 && found.judged > judged;
        if (r > 0)
            r = judge_payload_manifest(judge, files->files[i].path, algorithm, &text, &sum);
        sb_buf_free(&text);
    }
    if (r == 0 && judge->declaration.old && found.judged > 0 && !sum.unread)
        judge_sum(judge, &sum);
    judge->manifest_whole = r == 0 && is_whole(judge, &sum);
    free(sum.listed);
    free(sum.fetched);
    if (r == 0)
        r = judge_seal_manifest(judge, &found);
    if (r == 0)
        conclude(judge, &found);
    return r < 0 ? sb_error_memory(error) : 0;
}

/* ---- tag manifests ----------------------------------------------------------------------- */

/* It lists every payload manifest, no document and no tag manifest (RFC 8493, section 2.2.1).
 * `listed`: as above. */
static void compare_tags(const struct manifest *manifest, bool *listed)
{
    struct sb_judge *judge = manifest->judge;
    const struct sb_inventory *files = &judge->scan.inventory;
    size_t len;
    for (size_t i = 0; i < manifest->lines->count; i++) {
        const struct sb_listed *line = &manifest->lines->lines[i];
        const struct sb_file *file = sb_inventory_find(files, line->path);
        if (sb_part_of(line->path) == SB_PART_PAYLOAD ||
            (strncmp(line->path, tag_prefix, strlen(tag_prefix)) == 0 &&
             strchr(line->path, '/') == NULL))
            sb_findings_add(&judge->findings, SB_RULE_MANIFEST_SCOPE, line->path,
                            "%s lists a file that it must not list.", manifest->name);
        else if (file == NULL)
            missing(manifest, line);
        else
            compare_file(manifest, line, file);
        if (file != NULL)
            listed[file - files->files] = true;
    }
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->files[i].path;
        if (algorithm_of(&len, path, payload_prefix) != NULL &&
            sb_manifest_find(manifest->lines, path) == NULL)
            sb_findings_add(&judge->findings, SB_RULE_FILE_UNLISTED, path,
                            "%s does not list this payload manifest.", manifest->name);
    }
}

static int judge_tag_manifest(struct sb_judge *judge, const char *name, enum sb_algorithm algorithm,
                              const struct sb_buf *text, bool *listed)
{
    struct sb_manifest own = {.algorithm = algorithm, .old = judge->declaration.old};
    const struct manifest manifest = {judge, name, algorithm, &own};
    int r = sb_manifest_parse(&own, &judge->findings, name, text->data, text->len);
    if (r == 0)
        compare_tags(&manifest, listed);
    sb_manifest_free(&own);
    return r;
}

/* They are for whoever seals the bag to look at: nothing has vouched for them so far. */
static void name_unlisted(struct sb_judge *judge, const bool *listed)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    size_t len;
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->files[i].path;
        /* Not each that begins like a tag manifest is one, such as those in a folder. */
        if (files->files[i].part == SB_PART_TAG && !listed[i] &&
            algorithm_of(&len, path, tag_prefix) == NULL)
            sb_findings_add(&judge->findings, SB_RULE_TAG_UNLISTED, path,
                            "No tag manifest lists this file, so nothing tells whether it was "
                            "altered so far. A seal covers it from then on.");
    }
}

int sb_judge_tag_manifests(struct sb_judge *judge, struct sb_error *error)
{
    const struct sb_inventory *files = &judge->scan.inventory;
    struct found found = {0};
    bool *listed = calloc(files->count + 1, sizeof(*listed));
    int r = listed != NULL ? 0 : SEALBAG_ERR_MEMORY;
    for (size_t i = 0; r == 0 && i < files->count; i++) {
        struct sb_buf text = {0};
        enum sb_algorithm algorithm;
        if (is_second(files, i))
            continue;
        r = take_manifest(&text, &algorithm, &found, judge, files->files[i].path, tag_prefix);
        if (r > 0)
            r = judge_tag_manifest(judge, files->files[i].path, algorithm, &text, listed);
        sb_buf_free(&text);
    }
    if (r >= 0 && judge->to_seal)
        name_unlisted(judge, listed);
    free(listed);
    return r < 0 ? sb_error_memory(error) : 0;
}
