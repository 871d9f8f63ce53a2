/* SPDX-License-Identifier: ISC
 *
 * Part of sealbag.h, which includes it: what a reader refuses as too much.
 */
#ifndef SEALBAG_LIMITS_H
#define SEALBAG_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a reader refuses beyond (limit.reached, exit code 5), since bundles can be made to fill a
 * disk or a memory: field, name for --limit, default, meaning. */
#define SEALBAG_LIMITS(X)                                                                          \
    X(expanded, "expanded", UINT64_C(1) << 44, "bytes that a bundle expands to")                   \
    X(ratio, "ratio", 500, "times that it expands, beyond the first 256 MiB")                      \
    X(entries, "entries", 10000000, "files and folders in it")                                     \
    X(path_bytes, "path-bytes", 4000, "bytes of a path; no more than the default")                 \
    X(path_depth, "path-depth", 256, "folders within each other; no more than the default")        \
    X(tag_bytes, "tag-bytes", UINT64_C(64) << 20,                                                  \
      "bytes of each list of tag files, and of bag-info.txt")                                      \
    X(manifest_bytes, "manifest-bytes", UINT64_C(1) << 30, "bytes of the manifest")                \
    X(metadata_bytes, "metadata-bytes", UINT64_C(256) << 20, "bytes of metadata.csv")

/* 0 stands for the default, UINT64_MAX for no limit. */
struct sealbag_limits {
#define SEALBAG_LIMIT_FIELD(field, name, value, text) uint64_t field;
    SEALBAG_LIMITS(SEALBAG_LIMIT_FIELD)
#undef SEALBAG_LIMIT_FIELD
};

/* Sets a limit by its name; false when there is none of this name. */
bool sealbag_limit_set(struct sealbag_limits *limits, const char *name, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
