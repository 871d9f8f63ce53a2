/* The text of revoked keys: reading, writing again, and what counts. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sign/revoked.h"

static void check_items(const struct sb_revoked *revoked)
{
    for (size_t i = 0; i < revoked->count; i++) {
        const struct sb_revocation *one = &revoked->items[i];
        REQUIRE(sb_revoked_reason_bad(one->reason) == NULL);
        REQUIRE(fuzz_harmless(one->reason, strlen(one->reason)));
        REQUIRE(one->on > 0 && one->since >= 0);
        /* Whatever else is there: the key is revoked from then on. */
        const struct sb_revocation *found = sb_revoked_find(revoked, &one->signer, one->since);
        REQUIRE(found != NULL && found->since <= one->since);
        REQUIRE(sb_revoked_find(revoked, &one->signer, 0) == found);
    }
}

static void write_again(const struct sb_revoked *revoked)
{
    struct sb_buf text = {0};
    struct sb_revoked again = {0};
    for (size_t i = 0; i < revoked->count; i++)
        REQUIRE(sb_revoked_append(&text, &revoked->items[i]) == 0);
    REQUIRE(sb_revoked_parse(&again, text.data, text.len, "store", NULL) == 0);
    REQUIRE(again.count == revoked->count);
    for (size_t i = 0; i < again.count; i++) {
        const struct sb_revocation *a = &again.items[i], *b = &revoked->items[i];
        REQUIRE(sb_identity_equal(&a->signer, &b->signer) && a->on == b->on &&
                a->since == b->since);
        REQUIRE(strcmp(a->reason, b->reason) == 0);
    }
    sb_revoked_free(&again);
    sb_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_revoked revoked = {0};
    struct sb_error error = {0};
    REQUIRE(sb_sign_init(NULL) == 0);
    int r = sb_revoked_parse(&revoked, bytes, len, "store", &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        REQUIRE(r == SEALBAG_ERR_TRUST && revoked.count == 0 && revoked.items == NULL);
        return 0;
    }
    check_items(&revoked);
    write_again(&revoked);
    sb_revoked_free(&revoked);
    return 0;
}
