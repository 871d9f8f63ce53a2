#include "fuzz/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bag/index.h"
#include "bag/seal.h"
#include "base/path.h"
#include "base/text.h"
#include "fuzz/bundle.h"
#include "fuzz/fuzz.h"
#include "fuzz/sshsig.h"
#include "fuzz/tar.h"
#include "hash/leaf.h"
#include "sign/minisign.h"

enum { FILES_MAX = 40, BETWEEN = 0x1f, BEHIND = 0x1e };

struct file {
    struct sb_buf path, content;
};

struct bag {
    struct file files[FILES_MAX];
    size_t count;
    struct sb_digest *digest;
    unsigned options;
};

/* ---- the files -------------------------------------------------------------------------- */

static void put_text(struct sb_buf *out, const uint8_t *bytes, size_t len)
{
    REQUIRE(sb_buf_reserve(out, 0) == 0);
    fuzz_append(out, bytes, len);
}

static void split(struct bag *bag, const uint8_t *bytes, size_t len)
{
    const uint8_t *end = bytes + len;
    while (bytes < end && bag->count < FILES_MAX) {
        struct file *file = &bag->files[bag->count++];
        const uint8_t *behind = memchr(bytes, BEHIND, (size_t)(end - bytes));
        behind = behind != NULL ? behind : end;
        const uint8_t *between = memchr(bytes, BETWEEN, (size_t)(behind - bytes));
        between = between != NULL ? between : behind;
        put_text(&file->path, bytes, strnlen((const char *)bytes, (size_t)(between - bytes)));
        bytes = between < behind ? between + 1 : behind;
        put_text(&file->content, bytes, (size_t)(behind - bytes));
        bytes = behind < end ? behind + 1 : end;
    }
}

static const char *path_of(const struct file *file)
{
    return (const char *)file->path.data;
}

static struct file *find(struct bag *bag, const char *path)
{
    for (size_t i = 0; i < bag->count; i++) {
        if (strcmp(path_of(&bag->files[i]), path) == 0)
            return &bag->files[i];
    }
    return NULL;
}

static void hash(uint8_t out[SB_SHA256_SIZE], struct bag *bag, const struct sb_buf *bytes)
{
    REQUIRE(sb_digest_bytes(out, bag->digest, bytes->data, bytes->len) == 0);
}

/* ---- what is computed ------------------------------------------------------------------- */

/* Replaces the first `mark` by `text`. */
static void replace(struct sb_buf *content, const char *mark, const char *text)
{
    struct sb_buf out = {0};
    size_t n = strlen(mark);
    for (size_t at = 0; at + n <= content->len; at++) {
        if (memcmp(content->data + at, mark, n) != 0)
            continue;
        put_text(&out, content->data, at);
        REQUIRE(sb_buf_puts(&out, text) == 0);
        fuzz_append(&out, content->data + at + n, content->len - at - n);
        sb_buf_free(content);
        *content = out;
        return;
    }
}

/* Each # at the beginning of a line becomes the digest of the file that stands behind it and two
 * more characters. */
static void fill_list(struct bag *bag, const char *name)
{
    struct file *list = find(bag, name);
    struct sb_buf out = {0};
    if (list == NULL)
        return;
    REQUIRE(sb_buf_reserve(&out, 0) == 0);
    const char *at = (const char *)list->content.data, *end = at + list->content.len;
    while (at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        const char *next = lf != NULL ? lf + 1 : end;
        size_t len = (size_t)((lf != NULL ? lf : end) - at);
        if (*at == '#' && len > 3) {
            struct sb_buf path = {0};
            uint8_t digest[SB_SHA256_SIZE] = {0};
            char hex[2 * SB_SHA256_SIZE + 1];
            REQUIRE(sb_buf_reserve(&path, 0) == 0 && sb_path_decode(&path, at + 3, len - 3) == 0);
            const struct file *file = find(bag, (const char *)path.data);
            if (file != NULL)
                hash(digest, bag, &file->content);
            REQUIRE(sb_buf_puts(&out, sb_hex_encode(hex, digest, sizeof(digest))) == 0);
            sb_buf_free(&path);
            at++;
        }
        fuzz_append(&out, at, (size_t)(next - at));
        at = next;
    }
    sb_buf_free(&list->content);
    list->content = out;
}

/* How many documents there are, and the root of their leaves. */
static size_t root_of(uint8_t root[SB_SHA256_SIZE], struct bag *bag)
{
    struct sb_leaf leaves[FILES_MAX];
    uint8_t salt[SB_SALT_SIZE] = {0}, digest[SB_SHA256_SIZE];
    size_t count = 0;
    const struct file *text = find(bag, SB_SALT_TXT);
    if (text != NULL)
        sb_salt_parse(salt, text->content.data, text->content.len);
    for (size_t i = 0; i < bag->count; i++) {
        const struct file *file = &bag->files[i];
        struct sb_buf encoded = {0};
        if (sb_part_of(path_of(file)) != SB_PART_PAYLOAD)
            continue;
        hash(digest, bag, &file->content);
        REQUIRE(sb_path_encode(&encoded, path_of(file), file->path.len) == 0);
        REQUIRE(sb_leaf_make(&leaves[count++], bag->digest, salt, (const char *)encoded.data,
                             digest, file->content.len, NULL, NULL) == 0);
        sb_buf_free(&encoded);
    }
    REQUIRE(sb_leaf_root(root, leaves, count, bag->digest, NULL) == 0);
    return count;
}

static void fill_seal(struct bag *bag)
{
    struct file *seal = find(bag, SB_SEAL_TXT);
    const struct file *salt = find(bag, SB_SALT_TXT), *cover = find(bag, SB_COVER_TXT);
    uint8_t digest[SB_SHA256_SIZE];
    char hex[2 * SB_SHA256_SIZE + 1], line[128], fingerprint[SEALBAG_FINGERPRINT_SIZE];
    struct sb_identity signer;
    if (seal == NULL)
        return;
    size_t count = root_of(digest, bag);
    snprintf(line, sizeof(line), "Leaves: %zu\n", count);
    replace(&seal->content, "Leaves: #\n", line);
    snprintf(line, sizeof(line), "Root: %s\n", sb_hex_encode(hex, digest, sizeof(digest)));
    replace(&seal->content, "Root: #\n", line);
    struct sb_buf both = {0};
    REQUIRE(sb_buf_reserve(&both, 0) == 0);
    if (salt != NULL)
        fuzz_append(&both, salt->content.data, salt->content.len);
    if (cover != NULL)
        fuzz_append(&both, cover->content.data, cover->content.len);
    hash(digest, bag, &both);
    sb_buf_free(&both);
    snprintf(line, sizeof(line), "Cover: %s\n", sb_hex_encode(hex, digest, sizeof(digest)));
    replace(&seal->content, "Cover: #\n", line);
    sb_identity_plain(&signer, fuzz_secret_key() + 32);
    sb_fingerprint_text(fingerprint, &signer);
    snprintf(line, sizeof(line), "Signer: %s\n", fingerprint);
    replace(&seal->content, "Signer: #\n", line);
}

static void fill_info(struct bag *bag)
{
    struct file *info = find(bag, "bag-info.txt");
    unsigned long long bytes = 0, count = 0;
    char line[64];
    for (size_t i = 0; i < bag->count; i++) {
        if (sb_part_of(path_of(&bag->files[i])) != SB_PART_PAYLOAD)
            continue;
        bytes += bag->files[i].content.len;
        count++;
    }
    snprintf(line, sizeof(line), "Oxum: %llu.%llu", bytes, count);
    if (info != NULL)
        replace(&info->content, "Oxum: #", line);
}

static bool is_mark(const struct sb_buf *content)
{
    return content->len == 1 && content->data[0] == '#';
}

static struct sb_minisign_public public_key(void)
{
    struct sb_minisign_public key;
    memcpy(key.key_id, fuzz_key_id, sizeof(key.key_id));
    memcpy(key.pk, fuzz_secret_key() + 32, sizeof(key.pk));
    return key;
}

static void fill_signatures(struct bag *bag)
{
    static const struct sb_buf nothing = {.data = NULL};
    const struct file *seal = find(bag, SB_SEAL_TXT);
    const struct sb_buf *message = seal != NULL ? &seal->content : &nothing;
    struct sb_minisign_public key = public_key();
    struct sb_identity signer;
    char name[SB_FP_NAME_SIZE];
    sb_identity_plain(&signer, key.pk);
    sb_fingerprint_name(name, &signer);
    for (size_t i = 0; i < bag->count; i++) {
        struct file *file = &bag->files[i];
        if (sb_part_of(path_of(file)) != SB_PART_SEAL)
            continue;
        replace(&file->path, "#", name);
        if (sb_seal_custody_number(path_of(file)) > 0)
            continue;
        const char *end = strrchr(path_of(file), '.');
        bool ssh = end != NULL && strcmp(end, ".sshsig") == 0;
        if (!is_mark(&file->content) || (!ssh && (end == NULL || strcmp(end, ".minisig") != 0)))
            continue;
        size_t len = (bag->options & FUZZ_SIGN_OTHER) != 0 ? message->len / 2 : message->len;
        file->content.len = 0;
        if (ssh)
            fuzz_sshsig_make(&file->content, fuzz_secret_key(), message->data, len);
        else
            REQUIRE(sb_minisign_sign(&file->content, &key, fuzz_secret_key(), NULL, message->data,
                                     len, 0, "seal.txt", NULL) == 0);
    }
}

/* What an event of the custody chain says, when it comes behind this digest. */
static void fill_event(struct bag *bag, struct file *event, const uint8_t previous[SB_SHA256_SIZE])
{
    const struct file *seal = find(bag, SB_SEAL_TXT);
    uint8_t digest[SB_SHA256_SIZE] = {0};
    char hex[2 * SB_SHA256_SIZE + 1], line[128], fingerprint[SEALBAG_FINGERPRINT_SIZE];
    struct sb_identity signer;
    sb_identity_plain(&signer, fuzz_secret_key() + 32);
    sb_fingerprint_text(fingerprint, &signer);
    snprintf(line, sizeof(line), "By: %s\n", fingerprint);
    replace(&event->content, "By: #\n", line);
    if (seal != NULL)
        hash(digest, bag, &seal->content);
    snprintf(line, sizeof(line), "Seal: %s\n", sb_hex_encode(hex, digest, sizeof(digest)));
    replace(&event->content, "Seal: #\n", line);
    snprintf(line, sizeof(line), "Previous: %s\n", sb_hex_encode(hex, previous, SB_SHA256_SIZE));
    replace(&event->content, "Previous: #\n", line);
    for (size_t i = 0; i < bag->count; i++) {
        char fp_name[SB_FP_NAME_SIZE];
        if (sb_seal_kind_of(fp_name, path_of(&bag->files[i])) != SB_SEAL_MINISIGN)
            continue;
        hash(digest, bag, &bag->files[i].content);
        snprintf(line, sizeof(line), "Signatures: %s\n",
                 sb_hex_encode(hex, digest, sizeof(digest)));
        replace(&event->content, "Signatures: #\n", line);
        break;
    }
}

/* Its signature, if it is marked and stands right behind it. */
static void sign_event(struct bag *bag, const struct file *event, size_t next)
{
    struct sb_minisign_public key = public_key();
    struct file *file = next < bag->count ? &bag->files[next] : NULL;
    char fp_name[SB_FP_NAME_SIZE];
    if (file == NULL || !is_mark(&file->content) ||
        sb_seal_kind_of(fp_name, path_of(file)) != SB_SEAL_CUSTODY_MINISIGN)
        return;
    file->content.len = 0;
    REQUIRE(sb_minisign_sign(&file->content, &key, fuzz_secret_key(), SB_MINISIGN_CUSTODY,
                             event->content.data, event->content.len, 0, "event", NULL) == 0);
}

static void fill_custody(struct bag *bag)
{
    const struct file *seal = find(bag, SB_SEAL_TXT);
    uint8_t previous[SB_SHA256_SIZE] = {0};
    if (seal != NULL)
        hash(previous, bag, &seal->content);
    for (size_t i = 0; i < bag->count; i++) {
        char fp_name[SB_FP_NAME_SIZE];
        if (sb_seal_kind_of(fp_name, path_of(&bag->files[i])) != SB_SEAL_CUSTODY_EVENT)
            continue;
        fill_event(bag, &bag->files[i], previous);
        hash(previous, bag, &bag->files[i].content);
        sign_event(bag, &bag->files[i], i + 1);
    }
}

/* ---- the bundle ------------------------------------------------------------------------- */

static void make_tar(struct sb_buf *tar, struct bag *bag)
{
    struct sb_buf index = {0}, path = {0};
    REQUIRE(sb_buf_puts(&index, SB_INDEX_HEADER) == 0);
    for (size_t i = 0; i < bag->count; i++) {
        struct file *file = &bag->files[i];
        if (strcmp(path_of(file), SB_INDEX_TSV) == 0 && is_mark(&file->content)) {
            file->content.len = 0;
            fuzz_append(&file->content, index.data, index.len);
        }
        REQUIRE(sb_index_append(&index, tar->len, file->content.len, path_of(file)) == 0);
        path.len = 0;
        REQUIRE(sb_buf_printf(&path, "bag/%s", path_of(file)) == 0);
        fuzz_put_entry(tar, (const char *)path.data, file->content.data, file->content.len);
    }
    fuzz_end_tar(tar);
    sb_buf_free(&index);
    sb_buf_free(&path);
}

static void pack(struct sb_buf *bundle, const struct sb_buf *tar, unsigned options)
{
    uint64_t pointer =
        (options & FUZZ_NO_POINTER) != 0 ? SB_NO_POINTER : fuzz_find_index(tar->data, tar->len);
    if ((options & FUZZ_FOREIGN) != 0)
        fuzz_pack_foreign(bundle, tar->data, tar->len);
    else
        fuzz_pack(bundle, (options & FUZZ_ZSTD) != 0 ? &sb_codec_zst : &sb_codec_gz, tar->data,
                  tar->len, pointer);
}

void fuzz_make_bundle(struct sb_buf *out, unsigned options, const uint8_t *bytes, size_t len)
{
    struct bag *bag = calloc(1, sizeof(*bag));
    struct sb_buf tar = {0};
    REQUIRE(bag != NULL && sb_digest_new(&bag->digest, NULL) == 0);
    bag->options = options;
    split(bag, bytes, len);
    fill_info(bag);
    fill_list(bag, "manifest-sha256.txt");
    fill_list(bag, "tagmanifest-sha256.txt");
    fill_list(bag, SB_SEAL_MANIFEST);
    fill_list(bag, SB_COVER_TXT);
    fill_seal(bag);
    fill_signatures(bag);
    fill_custody(bag);
    make_tar(&tar, bag);
    pack(out, &tar, options);
    sb_buf_free(&tar);
    for (size_t i = 0; i < bag->count; i++) {
        sb_buf_free(&bag->files[i].path);
        sb_buf_free(&bag->files[i].content);
    }
    sb_digest_free(bag->digest);
    free(bag);
}
