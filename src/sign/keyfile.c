#include "sign/keyfile.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "sign/locked.h"
#include "sign/parse.h"

/* The record under the base64, as byte arrays so that it has no padding. */
struct record {
    uint8_t algorithm[2]; /* "Ed" */
    uint8_t kdf[2];       /* "Sc", or 0 0: not encrypted */
    uint8_t checksum[2];  /* "B2" */
    uint8_t salt[32];
    uint8_t ops[8]; /* little-endian, as libsodium takes them */
    uint8_t mem[8];
    struct {
        uint8_t key_id[SB_KEY_ID_SIZE];
        uint8_t sk[64]; /* seed | pk */
        uint8_t chk[32];
    } secret; /* all of it XORed with the stream when encrypted */
};

enum { RECORD_SIZE = 158, STREAM_SIZE = 104, RECORD_BASE64 = 212 };
enum { COMMENT_MAX = 1000, PASSPHRASE_MAX = 1000 };

_Static_assert(sizeof(struct record) == RECORD_SIZE, "a secret key is 158 bytes");

/* minisign never writes less. Little memory with many operations is worse than it looks: libsodium
 * then raises scrypt's p, whose state takes 128*r*p bytes, 2 GiB for 2^27 operations. */
#define MEM_MIN ((uint64_t)crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_MIN)
#define OPS_MIN ((uint64_t)crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_MIN)

static uint64_t load_le(const uint8_t bytes[8])
{
    uint64_t value = 0;
    for (size_t i = 8; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static void store_le(uint8_t bytes[8], uint64_t value)
{
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

static bool is_encrypted(const struct record *record)
{
    return memcmp(record->kdf, "Sc", 2) == 0;
}

static int refuse(struct sb_error *error, size_t line, const char *bad)
{
    return sb_error_set(error, SEALBAG_ERR_KEY,
                        "This is not a usable minisign secret key file: line %zu %s. Use a copy of "
                        "the file that has not been changed.",
                        line, bad);
}

/* What can be judged before any work is done for it. */
static int check_record(const struct record *record, struct sb_error *error)
{
    static const uint8_t none[2] = {0, 0};
    if (memcmp(record->algorithm, "Ed", 2) != 0)
        return refuse(error, 2, "is not an Ed25519 key");
    if (memcmp(record->checksum, "B2", 2) != 0)
        return refuse(error, 2, "has a checksum of an unknown kind");
    if (memcmp(record->kdf, none, 2) == 0)
        return 0;
    if (!is_encrypted(record))
        return refuse(error, 2, "is encrypted in an unknown way");
    uint64_t ops = load_le(record->ops);
    uint64_t mem = load_le(record->mem);
    if (ops > SB_KEYFILE_OPS_MAX || mem > SB_KEYFILE_MEM_MAX)
        return sb_error_set(error, SEALBAG_ERR_KEY,
                            "Unlocking this secret key file would take more memory or time than "
                            "minisign ever asks for, so it is refused. Use a copy of the file that "
                            "has not been changed.");
    if (ops < OPS_MIN || mem < MEM_MIN)
        return sb_error_set(error, SEALBAG_ERR_KEY,
                            "This secret key file is protected less than minisign ever does, so it "
                            "is refused. Use a copy of the file that has not been changed.");
    return 0;
}

/* *out is in sodium memory also when the file is encrypted: which it is, is not known yet. */
static int read_record(struct record **out, const uint8_t *bytes, size_t len,
                       struct sb_error *error)
{
    int r = sb_sign_init(error);
    if (r < 0)
        return r;
    struct record *record = sb_locked_new(sizeof(*record));
    if (record == NULL)
        return sb_error_memory(error);
    struct sb_sign_lines lines;
    struct sb_span comment = {NULL, 0};
    const char *bad = sb_sign_lines_start(&lines, bytes, len);
    if (bad == NULL)
        bad = sb_sign_lines_comment(&comment, &lines, SB_UNTRUSTED_PREFIX, SB_UNTRUSTED_MAX);
    if (bad == NULL)
        bad = sb_sign_lines_base64((uint8_t *)record, sizeof(*record), &lines);
    if (bad == NULL)
        bad = sb_sign_lines_end(&lines);
    r = bad != NULL ? refuse(error, lines.number, bad) : check_record(record, error);
    if (r < 0)
        sb_locked_free(record);
    else
        *out = record;
    return r;
}

int sb_keyfile_probe(bool *encrypted, const uint8_t *bytes, size_t len, struct sb_error *error)
{
    struct record *record = NULL;
    int r = read_record(&record, bytes, len, error);
    if (record == NULL)
        return r;
    *encrypted = is_encrypted(record);
    sb_locked_free(record);
    return 0;
}

static void checksum(uint8_t out[32], const struct record *record)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, record->algorithm, sizeof(record->algorithm));
    crypto_generichash_update(&state, record->secret.key_id, sizeof(record->secret.key_id));
    crypto_generichash_update(&state, record->secret.sk, sizeof(record->secret.sk));
    crypto_generichash_final(&state, out, 32);
    sodium_memzero(&state, sizeof(state));
}

/* XORs the secret part with scrypt's stream for the record's salt and limits. */
static int apply_stream(struct record *record, const char *passphrase, size_t len)
{
    uint8_t *stream = sb_locked_new(STREAM_SIZE);
    if (stream == NULL)
        return SEALBAG_ERR_MEMORY;
    int r = crypto_pwhash_scryptsalsa208sha256(stream, STREAM_SIZE, passphrase, len, record->salt,
                                               load_le(record->ops), (size_t)load_le(record->mem));
    if (r == 0) {
        uint8_t *secret = (uint8_t *)&record->secret;
        for (size_t i = 0; i < STREAM_SIZE; i++)
            secret[i] ^= stream[i];
    }
    sb_locked_free(stream);
    return r == 0 ? 0 : SEALBAG_ERR_MEMORY;
}

static int unlock(struct record *record, const char *passphrase, size_t len, struct sb_error *error)
{
    if (passphrase == NULL)
        return sb_error_set(error, SEALBAG_ERR_PASSPHRASE,
                            "This secret key is locked with a passphrase, and none was given. Give "
                            "its passphrase.");
    if (apply_stream(record, passphrase, len) < 0)
        return sb_error_set(error, SEALBAG_ERR_MEMORY,
                            "Unlocking this secret key takes %u MiB of memory, which is not there. "
                            "Close other programs, or use a machine with more.",
                            (unsigned)(load_le(record->mem) >> 20));
    uint8_t expected[32];
    checksum(expected, record);
    bool same = sodium_memcmp(expected, record->secret.chk, sizeof(expected)) == 0;
    sodium_memzero(expected, sizeof(expected));
    if (!same)
        return sb_error_set(error, SEALBAG_ERR_PASSPHRASE,
                            "The passphrase is wrong, or the secret key file is damaged. Try the "
                            "passphrase again.");
    return 0;
}

/* Signing with a public key that is not the secret's own gives the secret away, and without a
 * passphrase nothing else protects the file from such a change. */
static int check_pair(const struct record *record, struct sb_error *error)
{
    uint8_t *sk = sb_locked_new(64);
    if (sk == NULL)
        return sb_error_memory(error);
    uint8_t pk[SB_PK_SIZE];
    crypto_sign_seed_keypair(pk, sk, record->secret.sk);
    bool same = sodium_memcmp(pk, record->secret.sk + 32, SB_PK_SIZE) == 0;
    sb_locked_free(sk);
    if (!same)
        return sb_error_set(error, SEALBAG_ERR_KEY,
                            "The public key in this secret key file does not belong to its secret, "
                            "so the file was changed or damaged. Use another copy of it.");
    return 0;
}

static int make_key(struct sb_secret_key **out, const struct record *record, struct sb_error *error)
{
    struct sb_secret_key *key = sb_locked_new(sizeof(*key));
    if (key == NULL)
        return sb_error_memory(error);
    memcpy(key->public.key_id, record->secret.key_id, SB_KEY_ID_SIZE);
    memcpy(key->public.pk, record->secret.sk + 32, SB_PK_SIZE);
    memcpy(key->sk, record->secret.sk, sizeof(key->sk));
    *out = key;
    return 0;
}

int sb_keyfile_parse(struct sb_secret_key **out, const uint8_t *bytes, size_t len,
                     const char *passphrase, size_t passphrase_len, struct sb_error *error)
{
    struct record *record = NULL;
    int r = read_record(&record, bytes, len, error);
    if (record == NULL)
        return r;
    if (is_encrypted(record))
        r = unlock(record, passphrase, passphrase_len, error);
    if (r == 0)
        r = check_pair(record, error);
    if (r == 0)
        r = make_key(out, record, error);
    sb_locked_free(record);
    return r;
}

/* As minisign does: 1 GiB, and half of it as long as that cannot be had. */
static int lock_record(struct record *record, const char *passphrase, size_t len,
                       struct sb_error *error)
{
    uint64_t ops = crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE;
    uint64_t mem = crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE;
    memcpy(record->kdf, "Sc", 2);
    randombytes_buf(record->salt, sizeof(record->salt));
    checksum(record->secret.chk, record);
    while (ops >= OPS_MIN && mem >= MEM_MIN) {
        store_le(record->ops, ops);
        store_le(record->mem, mem);
        if (apply_stream(record, passphrase, len) == 0)
            return 0;
        ops /= 2;
        mem /= 2;
    }
    return sb_error_memory(error);
}

static int format_record(char **out, const struct record *record, const char *comment,
                         struct sb_error *error)
{
    size_t head = strlen(SB_UNTRUSTED_PREFIX) + strlen(comment) + 1;
    size_t size = head + RECORD_BASE64 + 2;
    char *text = sb_locked_new(size);
    if (text == NULL)
        return sb_error_memory(error);
    snprintf(text, size, SB_UNTRUSTED_PREFIX "%s\n", comment);
    sodium_bin2base64(text + head, RECORD_BASE64 + 1, (const uint8_t *)record, sizeof(*record),
                      sodium_base64_VARIANT_ORIGINAL);
    memcpy(text + head + RECORD_BASE64, "\n", 2);
    *out = text;
    return 0;
}

static int check_wishes(const char *comment, const char *passphrase, size_t passphrase_len,
                        struct sb_error *error)
{
    struct sb_span span = {comment, comment != NULL ? strlen(comment) : 0};
    if (span.len > COMMENT_MAX)
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The comment is longer than %d bytes. Give a shorter one.",
                            COMMENT_MAX);
    if (sb_span_has_control(span, false))
        return sb_error_set(error, SEALBAG_ERR_USAGE,
                            "The comment has control characters, such as a line end or a tab. Give "
                            "one of plain text.");
    if (passphrase != NULL && (passphrase_len == 0 || passphrase_len > PASSPHRASE_MAX))
        return sb_error_set(error, SEALBAG_ERR_PASSPHRASE,
                            "A passphrase has 1 to %d bytes. Choose another one.", PASSPHRASE_MAX);
    return 0;
}

/* The secret key file's text, from the unlocked key. */
static int write_file(char **out, const struct sb_secret_key *key, const char *comment,
                      const char *passphrase, size_t len, struct sb_error *error)
{
    struct record *record = sb_locked_new(sizeof(*record));
    if (record == NULL)
        return sb_error_memory(error);
    *record = (struct record){.algorithm = "Ed", .checksum = "B2"};
    memcpy(record->secret.key_id, key->public.key_id, sizeof(record->secret.key_id));
    memcpy(record->secret.sk, key->sk, sizeof(record->secret.sk));
    int r = passphrase != NULL ? lock_record(record, passphrase, len, error) : 0;
    if (r == 0)
        r = format_record(out, record, comment, error);
    sb_locked_free(record);
    return r;
}

static const char default_locked[] = "sealbag encrypted secret key";
static const char default_open[] = "sealbag secret key (not encrypted)";

int sb_keyfile_generate(struct sb_secret_key **out, char **secret_file, struct sb_buf *public_file,
                        const char *comment, const char *passphrase, size_t passphrase_len,
                        struct sb_error *error)
{
    int r = check_wishes(comment, passphrase, passphrase_len, error);
    if (r == 0)
        r = sb_sign_init(error);
    if (r < 0)
        return r;
    char *text = NULL;
    const char *secret_comment = comment;
    if (comment == NULL)
        secret_comment = passphrase != NULL ? default_locked : default_open;
    struct sb_secret_key *key = sb_locked_new(sizeof(*key));
    if (key == NULL)
        return sb_error_memory(error);
    crypto_sign_keypair(key->public.pk, key->sk);
    randombytes_buf(key->public.key_id, sizeof(key->public.key_id));
    r = write_file(&text, key, secret_comment, passphrase, passphrase_len, error);
    if (r == 0 && sb_minisign_public_format(public_file, &key->public, comment) < 0)
        r = sb_error_memory(error);
    if (r < 0) {
        sb_locked_free(text);
        sb_secret_key_free(key);
        return r;
    }
    *out = key;
    *secret_file = text;
    return 0;
}

int sb_keyfile_rewrite(char **secret_file, const struct sb_secret_key *key, const uint8_t *bytes,
                       size_t len, const char *passphrase, size_t passphrase_len,
                       struct sb_error *error)
{
    struct sb_sign_lines lines;
    struct sb_span span = {NULL, 0};
    char comment[SB_UNTRUSTED_MAX + 1] = "";
    int r = check_wishes(NULL, passphrase, passphrase_len, error);
    if (r < 0)
        return r;
    const char *bad = sb_sign_lines_start(&lines, bytes, len);
    if (bad == NULL)
        bad = sb_sign_lines_comment(&span, &lines, SB_UNTRUSTED_PREFIX, SB_UNTRUSTED_MAX);
    if (bad != NULL)
        return refuse(error, lines.number, bad);
    /* What keygen says of the lock must stay true. */
    if (sb_span_is(span, default_locked) || sb_span_is(span, default_open))
        snprintf(comment, sizeof(comment), "%s",
                 passphrase != NULL ? default_locked : default_open);
    else if (span.len > 0)
        memcpy(comment, span.at, span.len);
    return write_file(secret_file, key, comment, passphrase, passphrase_len, error);
}

void sb_secret_key_free(struct sb_secret_key *key)
{
    sb_locked_free(key);
}
