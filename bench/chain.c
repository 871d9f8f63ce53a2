/* Adds a custody chain of N events to a bundle, all at once, and prints the microseconds that this
 * machine takes to check N Ed25519 signatures on one core, which is what judging the chain is
 * measured against.
 *
 *   chain -k KEY [-n EVENTS] BUNDLE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/text.h"
#include "op/append.h"
#include "op/key.h"
#include "record/custody.h"

enum { ROUNDS = 15, TEXT = 64 };

struct maker {
    struct sb_append append;
    struct sealbag_key *key;
    struct sb_addition *additions;
    size_t count;
};

static void fail(const char *what)
{
    fprintf(stderr, "chain: %s\n", what);
    exit(1);
}

static void need(int result, const struct sb_error *error)
{
    if (result < 0)
        fail(error->message);
}

/* ---- the chain --------------------------------------------------------------------------- */

static void add(struct maker *maker, const char *path, struct sb_buf *bytes)
{
    struct sb_addition *addition = &maker->additions[maker->count++];
    addition->path = strdup(path);
    addition->bytes = bytes->data;
    addition->len = bytes->len;
    if (addition->path == NULL)
        fail("no memory");
    *bytes = (struct sb_buf){0}; /* it stays until the end */
}

/* Of the first signature only: a bundle of one signer has no other. */
static void list_signatures(char out[65], const struct maker *maker)
{
    const struct sb_scan *scan = &maker->append.guard.judge.scan;
    char fp_name[33];
    uint8_t sha256[32];
    for (size_t i = 0; i < scan->kept_count; i++) {
        if (sb_seal_kind_of(fp_name, scan->kept[i].path) != SB_SEAL_MINISIGN)
            continue;
        crypto_hash_sha256(sha256, scan->kept[i].bytes.data, scan->kept[i].bytes.len);
        sb_hex_encode(out, sha256, 32);
        return;
    }
    fail("the bundle has no signature");
}

static void add_event(struct maker *maker, struct sb_custody_event *event, unsigned number)
{
    struct sb_buf text = {0}, signature = {0};
    struct sb_error error = {0};
    char name[SB_FP_NAME_SIZE], path[80];
    snprintf(event->note, sizeof(event->note), "Hand-over number %u, as agreed.", number);
    event->date++;
    if (sb_custody_format(&text, event) < 0)
        fail("no memory");
    sb_key_name(name, maker->key);
    snprintf(path, sizeof(path), SB_CUSTODY_DIR "%04u-%s.minisig", number, name);
    need(sb_key_sign(&signature, maker->key, SB_ROLE_CUSTODY, &text, event->date, "event", &error),
         &error);
    add(maker, path, &signature);
    crypto_hash_sha256(event->previous, text.data, text.len);
    snprintf(path, sizeof(path), SB_CUSTODY_DIR "%04u-%s.txt", number, name);
    add(maker, path, &text);
}

static void make_chain(struct maker *maker, const char *bundle, unsigned events)
{
    const struct sealbag_verify_options options = {.no_sandbox = true};
    struct sb_custody_event event = {.event = "transfer", .signature_count = 1};
    struct sb_error error = {0};
    char signature[65];
    uint64_t size;
    need(sb_append_open(&maker->append, bundle, NULL, &options, &error), &error);
    if (maker->append.verdict->exit_code != 3 || maker->append.verdict->custody_count > 0)
        fail("this takes an intact bundle without a chain");
    list_signatures(signature, maker);
    event.signatures = signature;
    event.date = maker->append.guard.judge.seal.sealed;
    sb_key_fingerprint(event.by, maker->key);
    (void)sb_hex_decode(event.seal, 32, maker->append.verdict->seal_id, 64, false);
    memcpy(event.previous, event.seal, 32);
    for (unsigned i = 1; i <= events; i++)
        add_event(maker, &event, i);
    need(sb_append_publish(&size, &maker->append, maker->additions, maker->count, NULL, &error),
         &error);
}

/* ---- what it is measured against --------------------------------------------------------- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* The median, as of the times that it is held against: a busy machine slows down both. */
static double check_signatures(unsigned count)
{
    uint8_t pk[32], sk[64];
    uint8_t(*texts)[TEXT] = calloc(count, sizeof(*texts));
    uint8_t(*signatures)[64] = calloc(count, sizeof(*signatures));
    double took[ROUNDS];
    if (texts == NULL || signatures == NULL)
        fail("no memory");
    crypto_sign_keypair(pk, sk);
    for (unsigned i = 0; i < count; i++) {
        randombytes_buf(texts[i], TEXT);
        crypto_sign_detached(signatures[i], NULL, texts[i], TEXT, sk);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        double begin = now();
        for (unsigned i = 0; i < count; i++) {
            if (crypto_sign_verify_detached(signatures[i], texts[i], TEXT, pk) != 0)
                fail("a signature does not hold");
        }
        took[round] = now() - begin;
    }
    free(texts);
    free(signatures);
    qsort(took, ROUNDS, sizeof(took[0]), by_size);
    return took[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    struct maker maker = {0};
    struct sb_error error = {0};
    const char *key = NULL;
    unsigned events = 1000;
    int option;
    while ((option = getopt(argc, argv, "k:n:")) != -1) {
        if (option == 'k')
            key = optarg;
        else if (option == 'n')
            events = (unsigned)strtoul(optarg, NULL, 10);
        else
            fail("usage: chain -k KEY [-n EVENTS] BUNDLE");
    }
    if (key == NULL || optind + 1 != argc || events < 1 || events > SB_CUSTODY_MAX)
        fail("usage: chain -k KEY [-n EVENTS] BUNDLE");
    maker.additions = calloc((size_t)2 * events, sizeof(*maker.additions));
    if (maker.additions == NULL)
        fail("no memory");
    need(sealbag_key_load(&maker.key, key, NULL, NULL, &error), &error);
    make_chain(&maker, argv[optind], events);
    printf("%.0f\n", check_signatures(events));
    return 0;
}
