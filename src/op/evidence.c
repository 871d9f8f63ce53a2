#include "op/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "bag/limits.h"
#include "base/path.h"
#include "base/text.h"

enum {
    PATH_BYTES_MAX = 64 << 10, /* of what is wrong, and may be malformed */
    SENTENCE_MAX = 16 << 10,
    COUNT_MAX = 1 << 30,
    PATHS_FREE = 64 << 20, /* bytes of all paths together, and for each that there may be: */
    PATH_BYTES_EACH = 400,
};

/* Sentences were escaped over there, which is no reason to show what would be obeyed here. */
static void make_harmless(char *text)
{
    size_t len = strlen(text);
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, text + at, len - at);
        if (n == 0 || sb_code_hidden(code))
            memset(text + at, '?', n > 0 ? n : 1);
        at += n > 0 ? n : 1;
    }
}

/* ---- errors ------------------------------------------------------------------------------ */

void sb_evidence_put_error(struct sb_wire *wire, const struct sb_error *error)
{
    sb_wire_put_number(wire, (uint64_t)-error->code);
    sb_wire_put_number(
        wire, (uint64_t)(error->rule != NULL ? sb_rule_by_name(error->rule) : SB_RULE_COUNT));
    sb_wire_put_text(wire, error->message);
}

void sb_evidence_get_error(struct sb_error *error, struct sb_wire *wire)
{
    struct sb_arena text = {0};
    static const int codes[] = {SEALBAG_ERR_MEMORY,    SEALBAG_ERR_IO,      SEALBAG_ERR_EXISTS,
                                SEALBAG_ERR_NOT_FOUND, SEALBAG_ERR_DAMAGED, SEALBAG_ERR_UNSUPPORTED,
                                SEALBAG_ERR_LIMIT,     SEALBAG_ERR_SYSTEM,  SEALBAG_ERR_CHANGED};
    int code = -(int)sb_wire_get_number(wire, 100);
    bool known = false;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        known |= codes[i] == code;
    enum sb_rule rule = (enum sb_rule)sb_wire_get_number(wire, SB_RULE_COUNT);
    const char *message = sb_wire_get_text(wire, &text, sizeof(error->message));
    if (!known || message == NULL || (rule < SB_RULE_COUNT && sb_rule_judged_here(rule)))
        wire->failed = true;
    if (!wire->failed && error != NULL) {
        sb_error_rule(error, code, rule < SB_RULE_COUNT ? sb_rule_row(rule)->rule : NULL, "%s",
                      message);
        make_harmless(error->message);
    }
    sb_arena_free(&text);
}

/* ---- findings ---------------------------------------------------------------------------- */

static void put_findings(struct sb_wire *wire, const struct sb_findings *findings)
{
    sb_wire_put_number(wire, findings->count);
    for (size_t i = 0; i < findings->count; i++) {
        const struct sealbag_finding *finding = &findings->items[i];
        sb_wire_put_number(wire, (uint64_t)sb_rule_by_name(finding->rule));
        sb_wire_put_text(wire, finding->path);
        sb_wire_put_text(wire, finding->sentence);
    }
    sb_wire_put_number(wire, findings->omitted);
    for (unsigned i = 0; i < SB_RULE_COUNT; i++)
        sb_wire_put_number(wire, findings->seen[i]);
}

static void get_finding(struct sb_findings *findings, struct sb_wire *wire)
{
    struct sb_arena text = {0};
    char sentence[SENTENCE_MAX + 1];
    enum sb_rule rule = (enum sb_rule)sb_wire_get_number(wire, SB_RULE_COUNT - 1);
    const char *path = sb_wire_get_text(wire, &text, PATH_BYTES_MAX);
    const char *said = sb_wire_get_text(wire, &text, SENTENCE_MAX);
    if (said == NULL || said[0] == 0 || sb_rule_judged_here(rule))
        wire->failed = true;
    if (!wire->failed) {
        memcpy(sentence, said, strlen(said) + 1);
        make_harmless(sentence);
        sb_findings_add(findings, rule, path, "%s", sentence);
    }
    sb_arena_free(&text);
}

static void get_findings(struct sb_findings *findings, struct sb_wire *wire)
{
    uint64_t count = sb_wire_get_number(wire, COUNT_MAX);
    for (uint64_t i = 0; !wire->failed && i < count; i++)
        get_finding(findings, wire);
    findings->omitted += (size_t)sb_wire_get_number(wire, UINT32_MAX);
    for (unsigned i = 0; i < SB_RULE_COUNT; i++) {
        if (sb_wire_get_number(wire, 1) == 0)
            continue;
        sb_findings_see(findings, (enum sb_rule)i);
        wire->failed |= sb_rule_judged_here((enum sb_rule)i);
    }
}

static bool tells_of_profile(const struct sb_findings *findings)
{
    for (unsigned i = 0; i < SB_RULE_COUNT; i++) {
        if (findings->seen[i] && sb_rule_of_profile((enum sb_rule)i))
            return true;
    }
    return false;
}

/* ---- the bag ----------------------------------------------------------------------------- */

/* A file but for its path, in one piece: there can be a million of them. */
struct facts {
    uint64_t size, at;
    uint8_t digest[SB_DIGEST_SIZE];
};

static void put_inventory(struct sb_wire *wire, const struct sb_inventory *inventory)
{
    sb_wire_put_number(wire, inventory->count);
    for (size_t i = 0; i < inventory->count; i++) {
        const struct sb_file *file = &inventory->files[i];
        struct facts facts = {.size = file->size, .at = file->at};
        memcpy(facts.digest, file->digest, SB_DIGEST_SIZE);
        sb_wire_put_text(wire, file->path);
        sb_wire_put(wire, &facts, sizeof(facts));
    }
}

/* Within the limits that the reader keeps to, and with no path that it would not have accepted. */
static int get_inventory(struct sb_inventory *inventory, const struct sealbag_limits *limits,
                         struct sb_wire *wire)
{
    uint64_t most = limits->entries < COUNT_MAX ? limits->entries : COUNT_MAX;
    uint64_t count = sb_wire_get_number(wire, most), bytes = 0;
    for (uint64_t i = 0; !wire->failed && i < count; i++) {
        struct facts facts;
        const char *path = sb_wire_get_text(wire, &inventory->strings, SB_PATH_MAX);
        sb_wire_get(wire, &facts, sizeof(facts));
        bytes += path != NULL ? strlen(path) : 0;
        if (path == NULL || sb_path_unsafe(path, strlen(path)) != NULL ||
            bytes > PATHS_FREE + most * PATH_BYTES_EACH)
            wire->failed = true;
        if (!wire->failed &&
            sb_inventory_add_borrowed(inventory, path, facts.size, facts.at, facts.digest) < 0)
            return SEALBAG_ERR_MEMORY;
    }
    sb_inventory_sort(inventory);
    return 0;
}

/* What tells of provenance, in which encoding, and by what it is known to be signed. */
static bool is_list(const char *path)
{
    return strcmp(path, "bagit.txt") == 0 || strcmp(path, "bag-info.txt") == 0 ||
           strcmp(path, "package-info.txt") == 0 || strcmp(path, SB_METADATA_CSV) == 0 ||
           strcmp(path, SB_COVER_TXT) == 0 || strcmp(path, SB_SALT_TXT) == 0 ||
           strcmp(path, SB_SEAL_MANIFEST) == 0;
}

/* What is signed, the signatures, and the custody events with theirs. */
static bool is_evidence(const char *path, bool provenance)
{
    char fp_name[33];
    if (provenance && is_list(path))
        return true;
    if (sb_part_of(path) != SB_PART_SEAL)
        return false;
    switch (sb_seal_kind_of(fp_name, path)) {
    case SB_SEAL_MINISIGN:
    case SB_SEAL_SSHSIG:
    case SB_SEAL_CUSTODY_EVENT:
    case SB_SEAL_CUSTODY_MINISIGN:
    case SB_SEAL_CUSTODY_SSHSIG:
        return true;
    case SB_SEAL_FIXED:
        return strcmp(path, SB_SEAL_TXT) == 0;
    case SB_SEAL_INDEX:
    case SB_SEAL_UNKNOWN:
    default:
        return false;
    }
}

static void put_kept(struct sb_wire *wire, const struct sb_scan *scan, bool provenance)
{
    uint64_t count = 0;
    for (size_t i = 0; i < scan->kept_count; i++)
        count += is_evidence(scan->kept[i].path, provenance);
    sb_wire_put_number(wire, count);
    for (size_t i = 0; i < scan->kept_count; i++) {
        if (!is_evidence(scan->kept[i].path, provenance))
            continue;
        sb_wire_put_text(wire, scan->kept[i].path);
        sb_wire_put_bytes(wire, scan->kept[i].bytes.data, scan->kept[i].bytes.len);
    }
}

/* One file, within what all of its kind may have together. 0 or MEMORY. */
static int get_kept_file(struct sb_scan *scan, const struct sealbag_limits *limits, bool provenance,
                         struct sb_wire *wire)
{
    const char *limit;
    const char *path = sb_wire_get_text(wire, &scan->inventory.strings, PATH_BYTES_MAX);
    /* Twice the same: one could be parsed, and the other's signature checked. */
    if (path == NULL || !is_evidence(path, provenance) || sb_scan_kept_file(scan, path) != NULL) {
        wire->failed = true;
        return 0;
    }
    struct sb_buf bytes = {0};
    sb_wire_get_bytes(&bytes, wire, (size_t)sb_kept_max(&limit, path, limits));
    if (!sb_scan_may_keep(scan, path, bytes.len))
        wire->failed = true;
    struct sb_kept *kept = wire->failed ? NULL : sb_scan_keep(scan, path);
    if (kept == NULL) {
        sb_buf_free(&bytes);
        return wire->failed ? 0 : SEALBAG_ERR_MEMORY;
    }
    kept->bytes = bytes;
    return 0;
}

static int get_kept(struct sb_scan *scan, const struct sealbag_limits *limits, bool provenance,
                    struct sb_wire *wire)
{
    uint64_t count = sb_wire_get_number(wire, SB_KEPT_COUNT_MAX + SB_CUSTODY_COUNT_MAX);
    int r = 0;
    for (uint64_t i = 0; r == 0 && !wire->failed && i < count; i++)
        r = get_kept_file(scan, limits, provenance, wire);
    return r;
}

/* seal.txt is read here once more: it is what the signatures are about. */
int sb_evidence_read_seal(struct sb_judge *judge, struct sb_error *error)
{
    struct sb_findings ignored = {0};
    const struct sb_kept *text = sb_scan_kept_file(&judge->scan, SB_SEAL_TXT);
    uint8_t sha256[SB_SHA256_SIZE];
    if (text == NULL)
        return 0;
    int r = sb_seal_parse(&judge->seal, &ignored, text->bytes.data, text->bytes.len);
    sb_findings_free(&ignored);
    if (r < 0)
        return sb_error_memory(error);
    if (sb_digest_bytes(sha256, judge->digest, text->bytes.data, text->bytes.len) < 0)
        return sb_digest_failed(error);
    sb_hex_encode(judge->seal_id, sha256, SB_SHA256_SIZE);
    judge->seal_parsed = judge->seal.signer_count > 0;
    return 0;
}

static bool has_path_twice(const struct sb_inventory *inventory)
{
    for (size_t i = 1; i < inventory->count; i++) {
        if (strcmp(inventory->files[i - 1].path, inventory->files[i].path) == 0)
            return true;
    }
    return false;
}

static bool has_seal_files(const struct sb_scan *scan)
{
    for (size_t i = 0; i < scan->kept_count; i++) {
        if (sb_part_of(scan->kept[i].path) == SB_PART_SEAL)
            return true;
    }
    return false;
}

/* What can be seen here must fit, whenever the bag is said to be intact. */
static bool is_plausible(const struct sb_judge *judge, enum sb_request request,
                         const struct sb_inspection *inspection)
{
    const char *top = judge->scan.top;
    int code = sb_findings_content_code(&judge->findings);
    if (code == 1 || code == 5)
        return true;
    if (code != 0 || top == NULL || sb_bag_name_bad(top, strlen(top)) != NULL ||
        (!judge->scan.ended && request != SB_READ_RUINS) || has_path_twice(&judge->scan.inventory))
        return false;
    /* A folder's name is known on this side. */
    if (inspection->folder != NULL && strcmp(top, inspection->folder) != 0)
        return false;
    if (!inspection->unlisted && judge->scan.inventory.count == 0)
        return false; /* not even bagit.txt */
    if (inspection->depth != SEALBAG_WHOLE)
        return true; /* of which nothing is said that the seal could contradict */
    if (!judge->sealed)
        return !has_seal_files(&judge->scan);
    return judge->seal_parsed && strcmp(top, judge->seal.name) == 0 &&
           judge->seal.leaves == judge->payload_files;
}

/* All files, or only what they come to. */
static void put_files(struct sb_wire *wire, const struct sb_judge *judge, bool unlisted)
{
    sb_wire_put_number(wire, !unlisted);
    if (unlisted) {
        sb_wire_put_number(wire, judge->payload_files);
        sb_wire_put_number(wire, judge->payload_bytes);
        sb_wire_put_number(wire, judge->sealed);
    } else {
        put_inventory(wire, &judge->scan.inventory);
    }
}

static int get_files(struct sb_judge *judge, const struct sealbag_limits *limits, bool unlisted,
                     struct sb_wire *wire)
{
    bool listed = sb_wire_get_number(wire, 1) == 1;
    if (listed) {
        int r = get_inventory(&judge->scan.inventory, limits, wire);
        sb_judge_count(judge);
        return r;
    }
    wire->failed |= !unlisted;
    judge->payload_files = sb_wire_get_number(wire, limits->entries);
    judge->payload_bytes = sb_wire_get_number(wire, UINT64_MAX);
    judge->sealed = sb_wire_get_number(wire, 1) == 1;
    return 0;
}

static void put_bag(struct sb_wire *wire, const struct sb_judge *judge,
                    const struct sb_inspection *inspection)
{
    sb_wire_put_text(wire, judge->scan.top);
    sb_wire_put_number(wire, judge->scan.ended);
    sb_wire_put_number(wire, judge->manifest_whole);
    sb_wire_put_number(wire, judge->manifest_signed);
    sb_wire_put_number(wire, judge->manifest_lines);
    put_findings(wire, &judge->findings);
    put_files(wire, judge, inspection->unlisted);
    put_kept(wire, &judge->scan, inspection->provenance);
}

/* What is shown of an intact bag is what its seal is about, whatever the other side says. */
static int check_lists(struct sb_judge *judge, struct sb_wire *wire, struct sb_error *error)
{
    int code = sb_findings_content_code(&judge->findings);
    if (code == 1 || code == 5)
        return 0;
    int r = sb_evidence_check_lists(judge, error);
    if (r == 1)
        r = sb_judge_read_metadata(judge, error) < 0 ? SEALBAG_ERR_MEMORY
                                                     : sb_evidence_check_documents(judge, error);
    wire->failed |= r == 0;
    return r < 0 ? r : 0;
}

static int get_bag(struct sb_judge *judge, enum sb_request request,
                   const struct sealbag_limits *limits, const struct sb_inspection *inspection,
                   struct sb_wire *wire, struct sb_error *error)
{
    struct sb_arena text = {0};
    const char *top = sb_wire_get_text(wire, &text, PATH_BYTES_MAX);
    judge->scan.top = top != NULL ? strdup(top) : NULL;
    bool short_of_memory = top != NULL && judge->scan.top == NULL;
    sb_arena_free(&text);
    judge->scan.ended = sb_wire_get_number(wire, 1) == 1;
    judge->manifest_whole = sb_wire_get_number(wire, 1) == 1;
    judge->manifest_signed = sb_wire_get_number(wire, 1) == 1;
    judge->manifest_lines = (size_t)sb_wire_get_number(wire, COUNT_MAX);
    get_findings(&judge->findings, wire);
    if (inspection->profile == NULL && tells_of_profile(&judge->findings))
        wire->failed = true; /* nobody asked */
    if (short_of_memory || get_files(judge, limits, inspection->unlisted, wire) < 0 ||
        get_kept(&judge->scan, limits, inspection->provenance, wire) < 0)
        return sb_error_memory(error);
    int r = wire->failed ? 0 : sb_evidence_read_seal(judge, error);
    if (r == 0 && !is_plausible(judge, request, inspection))
        wire->failed = true;
    if (r == 0 && !wire->failed && inspection->provenance)
        r = check_lists(judge, wire, error);
    return r;
}

/* ---- what was written -------------------------------------------------------------------- */

static void put_staged(struct sb_wire *wire, const struct sb_inspection *inspection)
{
    sb_wire_put_number(wire, inspection->staging->documents);
    sb_wire_put_number(wire, inspection->staging->bytes);
    sb_wire_put_number(wire, inspection->staging->collided);
    sb_wire_put_number(wire, inspection->lost_count);
    for (size_t i = 0; i < inspection->lost_count; i++)
        sb_wire_put_text(wire, inspection->lost[i]);
}

static int get_lost(struct sb_inspection *inspection, uint64_t count, struct sb_wire *wire,
                    struct sb_error *error)
{
    struct sb_arena text = {0};
    size_t cap = 0;
    int r = 0;
    for (uint64_t i = 0; r == 0 && !wire->failed && i < count; i++) {
        const char *path = sb_wire_get_text(wire, &text, PATH_BYTES_MAX);
        char **lost = sb_array_grow(inspection->lost, &cap, inspection->lost_count, sizeof(*lost));
        char *copy = path != NULL && lost != NULL ? strdup(path) : NULL;
        if (lost != NULL)
            inspection->lost = lost;
        if (copy != NULL)
            inspection->lost[inspection->lost_count++] = copy;
        else if (path != NULL)
            r = sb_error_memory(error);
        else
            wire->failed = true;
    }
    sb_arena_free(&text);
    return r;
}

/* Only salvaging loses anything, and no more than the manifest lists. */
static int get_staged(struct sb_inspection *inspection, const struct sb_judge *judge,
                      enum sb_request request, struct sb_wire *wire, struct sb_error *error)
{
    inspection->staging->documents = sb_wire_get_number(wire, UINT64_MAX);
    inspection->staging->bytes = sb_wire_get_number(wire, UINT64_MAX);
    inspection->staging->collided = sb_wire_get_number(wire, 1) == 1;
    uint64_t most = request == SB_WRITE_RUINS ? judge->manifest_lines : 0;
    uint64_t count = sb_wire_get_number(wire, most);
    sb_inspection_forget(inspection);
    return get_lost(inspection, count, wire, error);
}

void sb_evidence_put(struct sb_wire *wire, const struct sb_inspection *inspection,
                     const struct sb_judge *judge, enum sb_request request)
{
    if (sb_request_judges(request))
        put_bag(wire, judge, inspection);
    if (request == SB_READ_TAIL)
        sb_tail_put(wire, &inspection->tail);
    if (inspection->staging != NULL)
        put_staged(wire, inspection);
}

int sb_evidence_get(struct sb_inspection *inspection, struct sb_judge *judge,
                    enum sb_request request, struct sb_wire *wire, struct sb_error *error)
{
    const struct sealbag_limits limits = sb_limits_of(inspection->reading.limits);
    int r = 0;
    if (sb_request_judges(request)) {
        sb_judge_clear(judge);
        r = get_bag(judge, request, &limits, inspection, wire, error);
    }
    if (request == SB_READ_TAIL)
        sb_tail_get(&inspection->tail, wire, &limits);
    if (r == 0 && inspection->staging != NULL)
        r = get_staged(inspection, judge, request, wire, error);
    return r;
}
