/* The text of a trust store: reading, and the changes that are made to it. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "sign/truststore.h"

enum { NAMES_MAX = 8 };

static void check_entries(const struct sb_truststore *store)
{
    for (size_t i = 0; i < store->count; i++) {
        const struct sb_trust_entry *entry = &store->entries[i];
        char fp_name[SB_FP_NAME_SIZE];
        size_t at = i;
        REQUIRE(sb_truststore_name_bad(entry->name) == NULL);
        REQUIRE(fuzz_harmless(entry->name, strlen(entry->name)));
        REQUIRE(entry->valid.after >= 0 && entry->valid.before >= 0);
        REQUIRE(entry->valid.before == 0 || entry->valid.before > entry->valid.after);
        REQUIRE(entry->line >= (i > 0 ? store->entries[i - 1].line : 1));
        REQUIRE(sb_truststore_find(store, &entry->signer, &at) == entry && at == i + 1);
        sb_fingerprint_name(fp_name, &entry->signer);
        const struct sb_identity *found = sb_truststore_key_by_name(store, fp_name);
        REQUIRE(found != NULL && sb_identity_equal(found, &entry->signer));
    }
}

static bool same(const struct sb_trust_entry *a, const struct sb_trust_entry *b)
{
    return strcmp(a->name, b->name) == 0 && sb_identity_equal(&a->signer, &b->signer) &&
           a->valid.after == b->valid.after && a->valid.before == b->valid.before;
}

/* Without a name, all others are still there, in their order. */
static void try_without(const struct sb_truststore *store, const uint8_t *bytes, size_t len,
                        const char *name)
{
    struct sb_buf text = {0};
    struct sb_truststore rest = {0};
    size_t removed = 0, next = 0, gone = 0;
    REQUIRE(sb_truststore_without(&text, &removed, bytes, len, name) == 0);
    REQUIRE(sb_truststore_parse(&rest, text.data, text.len, "store", NULL) == 0);
    for (size_t i = 0; i < store->count; i++) {
        if (strcmp(store->entries[i].name, name) == 0)
            gone++;
        else
            REQUIRE(next < rest.count && same(&store->entries[i], &rest.entries[next++]));
    }
    REQUIRE(next == rest.count && removed >= gone);
    sb_truststore_free(&rest);
    sb_buf_free(&text);
}

static void try_append(const struct sb_truststore *store, const uint8_t *bytes, size_t len)
{
    static const struct sb_identity key = {.pk = {1, 2, 3}, .application = "ssh:"};
    struct sb_buf text = {0};
    struct sb_truststore more = {0};
    fuzz_append(&text, bytes, len);
    const struct sb_validity valid = {store->count > 0 ? store->entries[0].valid.after : 1, 0,
                                      false};
    REQUIRE(sb_truststore_append(&text, "new-name", &key, &valid) == 0);
    REQUIRE(sb_truststore_parse(&more, text.data, text.len, "store", NULL) == 0);
    REQUIRE(more.count == store->count + 1);
    for (size_t i = 0; i < store->count; i++)
        REQUIRE(same(&store->entries[i], &more.entries[i]));
    REQUIRE(strcmp(more.entries[store->count].name, "new-name") == 0);
    REQUIRE(sb_identity_equal(&more.entries[store->count].signer, &key));
    REQUIRE(more.entries[store->count].valid.after == valid.after);
    sb_truststore_free(&more);
    sb_buf_free(&text);
}

/* Any bytes as a name: what is accepted can be added and is read back. */
static void try_name(const uint8_t *bytes, size_t len)
{
    static const struct sb_identity key = {.pk = {4, 5, 6}};
    struct sb_buf text = {0};
    struct sb_truststore store = {0};
    char *name = malloc(len + 1);
    REQUIRE(name != NULL);
    if (len > 0)
        memcpy(name, bytes, len);
    name[len] = 0;
    const char *bad = sb_truststore_name_bad(name);
    int r = sb_truststore_append(&text, name, &key, NULL);
    REQUIRE((bad == NULL) == (r == 0));
    if (r == 0) {
        REQUIRE(sb_truststore_parse(&store, text.data, text.len, "store", NULL) == 0);
        REQUIRE(store.count == 1 && strcmp(store.entries[0].name, name) == 0);
    }
    sb_truststore_free(&store);
    sb_buf_free(&text);
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_truststore store = {0};
    struct sb_error error = {0};
    REQUIRE(sb_sign_init(NULL) == 0);
    try_name(bytes, len);
    int r = sb_truststore_parse(&store, bytes, len, "store", &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        REQUIRE(r == SEALBAG_ERR_TRUST && store.count == 0 && store.entries == NULL);
        return 0;
    }
    check_entries(&store);
    try_append(&store, bytes, len);
    for (size_t i = 0; i < store.count && i < NAMES_MAX; i++)
        try_without(&store, bytes, len, store.entries[i].name);
    try_without(&store, bytes, len, "nobody");
    sb_truststore_free(&store);
    return 0;
}
