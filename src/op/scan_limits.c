/* What a scan takes in, and when it is too much. */
#include <inttypes.h>
#include <string.h>

#include "bag/index.h"
#include "bag/limits.h"
#include "bag/seal.h"
#include "op/scan.h"
#include "record/metadata.h"

int sb_scan_make_room(struct sb_kept **out, struct sb_scan *scan, const char *path, uint64_t size,
                      const struct sealbag_limits *limits, uint64_t bundle, struct sb_error *error)
{
    const char *name;
    uint64_t limit = sb_kept_max(&name, path, limits);
    char shown[600];
    if (scan->keep_index && strcmp(path, SB_INDEX_TSV) == 0)
        limit = SB_INDEX_MAX;
    *out = NULL;
    if (limit == 0)
        return 0;
    if (sb_scan_kept(scan, path) != NULL)
        return sb_rule_error(error, SB_RULE_PATH_DUPLICATE,
                             "\"%s\" is there twice. Do not use this bundle.",
                             sealbag_text_escape(shown, sizeof(shown), path));
    if (size > limit && name != NULL)
        return sb_limit_reached(error, name, limit, "\"%s\" has %" PRIu64 " bytes",
                                sealbag_text_escape(shown, sizeof(shown), path), size);
    if (size > limit || !sb_scan_may_keep(scan, path, size))
        return sb_rule_error(error, SB_RULE_LIMIT,
                             "\"%s\" is larger than such a file may be, or there are too many.",
                             sealbag_text_escape(shown, sizeof(shown), path));
    scan->kept_bytes += size;
    if (sb_out_of_ratio(scan->kept_bytes, SB_KEPT_FREE, limits->ratio / SB_KEPT_PART, bundle))
        return sb_limit_reached(error, "ratio", limits->ratio,
                                "\"%s\" is far too large for so small a bundle, as if it was made "
                                "to fill the memory of this machine",
                                sealbag_text_escape(shown, sizeof(shown), path));
    const char *copy = sb_arena_copy(&scan->inventory.strings, path, strlen(path));
    *out = copy != NULL ? sb_scan_keep(scan, copy) : NULL;
    if (*out == NULL || sb_buf_reserve(&(*out)->bytes, (size_t)size) < 0)
        return sb_error_memory(error);
    return 0;
}

int sb_scan_check_kept(const struct sb_kept *kept, const struct sealbag_limits *limits,
                       uint64_t bundle, struct sb_error *error)
{
    enum { FREE = 2000000, WEIGHT = 250 };
    if (strcmp(kept->path, SB_METADATA_CSV) != 0)
        return 0;
    uint64_t cells = sb_metadata_count(kept->bytes.data, kept->bytes.len);
    if (sb_out_of_ratio(cells * WEIGHT, (uint64_t)FREE * WEIGHT, limits->ratio, bundle))
        return sb_limit_reached(error, "ratio", limits->ratio,
                                "\"%s\" has %" PRIu64
                                " cells, which is far too much for so small a "
                                "bundle, as if it was made to fill the memory of this machine",
                                kept->path, cells);
    return 0;
}

static uint64_t depth_of(const char *path)
{
    uint64_t depth = 1;
    for (; *path != 0; path++)
        depth += *path == '/';
    return depth;
}

int sb_scan_check_limits(struct sb_scan *scan, const char *path,
                         const struct sealbag_limits *limits, uint64_t bundle,
                         struct sb_error *error)
{
    enum { FREE = 100000, WEIGHT = 2000, PATHS_FREE = 64 << 20, PATHS_PART = 8 };
    uint64_t entries = ++scan->entries;
    char shown[600];
    if (entries > limits->entries)
        return sb_limit_reached(error, "entries", limits->entries,
                                "The bundle holds too many files");
    if (sb_out_of_ratio(entries * WEIGHT, (uint64_t)FREE * WEIGHT, limits->ratio, bundle))
        return sb_limit_reached(error, "ratio", limits->ratio,
                                "The bundle holds too many files for its size");
    scan->path_bytes += strlen(path);
    if (sb_out_of_ratio(scan->path_bytes, PATHS_FREE, limits->ratio / PATHS_PART, bundle))
        return sb_limit_reached(error, "ratio", limits->ratio,
                                "The paths in the bundle are far too long for its size");
    if (strlen(path) > limits->path_bytes)
        return sb_limit_reached(error, "path-bytes", limits->path_bytes,
                                "The path \"%s\" is too long",
                                sealbag_text_escape(shown, sizeof(shown), path));
    if (depth_of(path) > limits->path_depth)
        return sb_limit_reached(error, "path-depth", limits->path_depth,
                                "The path \"%s\" lies within too many folders",
                                sealbag_text_escape(shown, sizeof(shown), path));
    return 0;
}
