/* Manifests: lists of digests and paths, in BagIt's form (RFC 8493, section 2.1.3) and in that of
 * `sha256sum`, which the cover of a seal uses. */
#ifndef SB_BAG_MANIFEST_H
#define SB_BAG_MANIFEST_H

#include "bag/inventory.h"
#include "hash/digest.h"

struct sb_listed {
    const char *path;      /* decoded */
    const uint8_t *digest; /* as long as the manifest's algorithm says */
};

/* Zero-initialise; free with sb_manifest_free. Sorted by path after parsing. */
struct sb_manifest {
    struct sb_listed *lines;
    size_t count, cap;
    /* Set before parsing: */
    enum sb_algorithm algorithm;
    /* BagIt before 1.0: names are not encoded, and a file may be listed again with the same digest
     */
    bool old;
    size_t bad_lines; /* malformed: each is a finding */
    struct sb_arena strings;
};

/* A BagIt manifest: digest in either case, spaces or tabs, path with CR, LF and
 * % encoded; LF, CR or CRLF ends. `name` is the file's, for findings. Malformed lines, paths listed
 * twice and unsafe paths are findings; "*" and "./" before a path are warnings. 0 or MEMORY. */
int sb_manifest_parse(struct sb_manifest *out, struct sb_findings *findings, const char *name,
                      const uint8_t *bytes, size_t len);

/* The cover: exactly what sb_cover_append writes, in ascending order of paths. */
int sb_cover_parse(struct sb_manifest *out, struct sb_findings *findings, const uint8_t *bytes,
                   size_t len);
/* The manifest in seal/: in the same form. */
int sb_seal_manifest_parse(struct sb_manifest *out, struct sb_findings *findings,
                           const uint8_t *bytes, size_t len);

/* "<digest>  <path>\n" with the path encoded as RFC 8493 says. */
int sb_manifest_append(struct sb_buf *out, const uint8_t digest[SB_DIGEST_SIZE], const char *path);
/* The same with a digest of another algorithm. */
int sb_manifest_append_of(struct sb_buf *out, enum sb_algorithm algorithm, const uint8_t *digest,
                          const char *path);
/* The same as `sha256sum` writes it: a path with \, LF or CR is escaped and the line starts with \.
 */
int sb_cover_append(struct sb_buf *out, const uint8_t digest[SB_DIGEST_SIZE], const char *path);

const struct sb_listed *sb_manifest_find(const struct sb_manifest *manifest, const char *path);
/* Whether it lists a file below this folder, whose path ends in "/". */
bool sb_manifest_has_below(const struct sb_manifest *manifest, const char *folder);
void sb_manifest_free(struct sb_manifest *manifest);

#endif
