/* Paths: how manifests and covers spell them, and what is safe. */
#include <stdlib.h>
#include <string.h>

#include "bag/manifest.h"
#include "base/path.h"
#include "base/text.h"
#include "fuzz/fuzz.h"

/* Encoded, no path has a line break, and decoded it is the same again. */
static void try_encode(const char *bytes, size_t len)
{
    struct sb_buf encoded = {0}, decoded = {0};
    REQUIRE(sb_path_encode(&encoded, bytes, len) == 0);
    REQUIRE(encoded.len >= len && encoded.len <= 3 * len);
    REQUIRE(encoded.len == 0 || (memchr(encoded.data, '\n', encoded.len) == NULL &&
                                 memchr(encoded.data, '\r', encoded.len) == NULL));
    REQUIRE(sb_path_decode(&decoded, (const char *)encoded.data, encoded.len) == 0);
    REQUIRE(decoded.len == len && (len == 0 || memcmp(decoded.data, bytes, len) == 0));
    sb_buf_free(&encoded);
    sb_buf_free(&decoded);
}

static void try_decode(const char *bytes, size_t len)
{
    struct sb_buf decoded = {0};
    REQUIRE(sb_path_decode(&decoded, bytes, len) == 0);
    REQUIRE(decoded.len <= len);
    if (len == 0 || memchr(bytes, '%', len) == NULL)
        REQUIRE(decoded.len == len && (len == 0 || memcmp(decoded.data, bytes, len) == 0));
    sb_buf_free(&decoded);
}

/* Looked at without the code that is tested. */
static bool has_bad_component(const char *path, size_t len)
{
    for (size_t at = 0; at <= len;) {
        size_t end = at;
        while (end < len && path[end] != '/')
            end++;
        size_t n = end - at;
        if (n == 0 || n > SB_NAME_MAX || (n == 1 && path[at] == '.') ||
            (n == 2 && path[at] == '.' && path[at + 1] == '.'))
            return true;
        at = end + 1;
    }
    return false;
}

static void try_safe(const char *path, size_t len)
{
    struct sb_buf line = {0};
    struct sb_manifest cover = {0};
    struct sb_findings findings = {0};
    static const uint8_t digest[SB_DIGEST_SIZE] = {1};
    REQUIRE(len > 0 && len <= SB_PATH_MAX && memchr(path, 0, len) == NULL);
    REQUIRE(memchr(path, '\\', len) == NULL && sb_utf8_valid(path, len));
    REQUIRE(!has_bad_component(path, len));
    char *copy = malloc(len + 1);
    REQUIRE(copy != NULL);
    memcpy(copy, path, len);
    copy[len] = 0;
    REQUIRE(sb_cover_append(&line, digest, copy) == 0);
    REQUIRE(sb_cover_parse(&cover, &findings, line.data, line.len) == 0);
    REQUIRE(findings.count == 0 && cover.count == 1 && strcmp(cover.lines[0].path, copy) == 0);
    sb_manifest_free(&cover);
    sb_findings_free(&findings);
    sb_buf_free(&line);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *path = (const char *)bytes;
    try_encode(path, len);
    try_decode(path, len);
    const char *unsafe = sb_path_unsafe(path, len);
    const char *bad_name = sb_bag_name_bad(path, len);
    sb_path_not_portable(path, len);
    if (unsafe == NULL)
        try_safe(path, len);
    else
        REQUIRE(bad_name != NULL);
    if (bad_name == NULL)
        REQUIRE(len < 256 && fuzz_harmless(path, len) && memchr(path, '/', len) == NULL);
    return 0;
}
