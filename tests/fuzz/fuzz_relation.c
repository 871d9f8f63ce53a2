/* Relations. The input is lines; of each the first byte chooses a kind and the second one the
 * document that the rest, a cell, is of. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "record/relation.h"

static const uint8_t one[SB_SHA256_SIZE] = {1}, two[SB_SHA256_SIZE] = {2};

static const struct sb_relation_document documents[] = {
    {"data/a", one},      {"data/b", two},         {"data/c", two},
    {"data/data/a", one}, {"data/objects/a", one}, {"data/urn:x", NULL},
};
enum { DOCUMENTS = COUNT(documents), MOST = 64 };

static size_t number_of(const char *path)
{
    size_t i = 0;
    while (i < DOCUMENTS && strcmp(documents[i].path, path) != 0)
        i++;
    return i;
}

static void check_relation(const struct sealbag_relation *relation, const char *cell)
{
    size_t len = strlen(cell);
    if (relation->target == SEALBAG_TARGET_DOCUMENT) {
        REQUIRE(number_of(relation->to) < DOCUMENTS);
        return;
    }
    REQUIRE(relation->to == cell);
    REQUIRE(fuzz_harmless(cell, len) && strpbrk(cell, " <>\"\\") == NULL);
    if (relation->target == SEALBAG_TARGET_DIGEST)
        REQUIRE(len == 7 + 64 && strncmp(cell, "sha256:", 7) == 0);
    else
        REQUIRE(strchr(cell, ':') != NULL && strncmp(cell, "sha256:", 7) != 0);
}

/* Every document that can be reached from every other one, the slow way. */
static bool has_circle(const struct sealbag_relation *relation, size_t count)
{
    bool reach[DOCUMENTS][DOCUMENTS] = {{false}};
    for (size_t i = 0; i < count; i++) {
        if (relation[i].target == SEALBAG_TARGET_DOCUMENT &&
            relation[i].kind != SEALBAG_RELATION_CITES)
            reach[number_of(relation[i].from)][number_of(relation[i].to)] = true;
    }
    for (size_t k = 0; k < DOCUMENTS; k++)
        for (size_t i = 0; i < DOCUMENTS; i++)
            for (size_t j = 0; j < DOCUMENTS; j++)
                reach[i][j] = reach[i][j] || (reach[i][k] && reach[k][j]);
    for (size_t i = 0; i < DOCUMENTS; i++) {
        if (reach[i][i])
            return true;
    }
    return false;
}

static bool leads(const struct sealbag_relation *relation, size_t count, const char *from,
                  const char *to)
{
    for (size_t i = 0; i < count; i++) {
        if (relation[i].kind != SEALBAG_RELATION_CITES && strcmp(relation[i].from, from) == 0 &&
            strcmp(relation[i].to, to) == 0)
            return true;
    }
    return false;
}

static void check_circle(struct sb_relations *relations, const struct sealbag_relation *relation,
                         size_t count)
{
    const char **circle;
    size_t len;
    REQUIRE(sb_relations_circle(&circle, &len, relations, relation, count) == 0);
    REQUIRE((len > 0) == has_circle(relation, count));
    REQUIRE(len <= DOCUMENTS);
    for (size_t i = 0; i < len; i++)
        REQUIRE(leads(relation, count, circle[i], circle[(i + 1) % len]));
    free(circle);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_relations relations;
    struct sb_arena strings = {0};
    struct sealbag_relation list[MOST];
    size_t count = 0;
    REQUIRE(sb_relations_init(&relations, documents, DOCUMENTS) == 0);
    for (size_t at = 0; count < MOST && at + 2 <= len;) {
        const uint8_t *end = memchr(bytes + at, '\n', len - at);
        size_t stop = end != NULL ? (size_t)(end - bytes) : len;
        if (stop >= at + 2) {
            enum sealbag_relation_kind kind =
                (enum sealbag_relation_kind)(bytes[at] % SEALBAG_RELATION_KINDS);
            const char *from = documents[bytes[at + 1] % DOCUMENTS].path;
            const char *cell = sb_arena_copy(&strings, bytes + at + 2, stop - at - 2);
            REQUIRE(cell != NULL);
            const char *why = sb_relation_resolve(&list[count], &relations, kind, from, cell);
            if (why == NULL)
                check_relation(&list[count++], cell);
            else
                REQUIRE(fuzz_harmless(why, strlen(why)));
        }
        at = stop + 1;
    }
    check_circle(&relations, list, count);
    sb_relations_free(&relations);
    sb_arena_free(&strings);
    return 0;
}
