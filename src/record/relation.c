#include "record/relation.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"

static const char payload[] = "data/";
static const char objects[] = "objects/";
static const char digest_scheme[] = "sha256:";

enum { PAYLOAD = sizeof(payload) - 1, OBJECTS = sizeof(objects) - 1, HEX = 2 * SB_SHA256_SIZE };

/* ---- the documents --------------------------------------------------------------------- */

struct digest_place {
    const uint8_t *sha256;
    size_t document;
};

static int by_digest(const void *a, const void *b)
{
    const struct digest_place *left = a, *right = b;
    int order = memcmp(left->sha256, right->sha256, SB_SHA256_SIZE);
    if (order != 0)
        return order;
    return (left->document > right->document) - (left->document < right->document);
}

int sb_relations_init(struct sb_relations *relations, const struct sb_relation_document *document,
                      size_t count)
{
    *relations = (struct sb_relations){.document = document, .count = count};
    struct digest_place *places = calloc(count > 0 ? count : 1, sizeof(*places));
    relations->by_digest = calloc(count > 0 ? count : 1, sizeof(*relations->by_digest));
    if (places == NULL || relations->by_digest == NULL) {
        free(places);
        sb_relations_free(relations);
        return SEALBAG_ERR_MEMORY;
    }
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        if (document[i].sha256 != NULL)
            places[known++] = (struct digest_place){document[i].sha256, i};
    }
    qsort(places, known, sizeof(*places), by_digest);
    for (size_t i = 0; i < known; i++)
        relations->by_digest[i] = places[i].document;
    relations->digest_count = known;
    free(places);
    return 0;
}

void sb_relations_free(struct sb_relations *relations)
{
    free(relations->by_digest);
    *relations = (struct sb_relations){0};
}

/* Whether there is the document "data/" and `below`. Tables go through the documents in their
 * order, and most relations lead to one nearby: the search begins where the last one ended, with
 * steps that grow until they halve what is left. */
static bool find_below(size_t *out, struct sb_relations *relations, const char *below)
{
    size_t low = 0, high = relations->count, step = 0;
    size_t at = relations->near < high ? relations->near : 0;
    while (low < high) {
        int order = sb_path_compare(below, relations->document[at].path + PAYLOAD);
        if (order == 0) {
            *out = relations->near = at;
            return true;
        }
        if (order < 0)
            high = at;
        else
            low = at + 1;
        size_t half = (high - low) / 2, next = step < half ? step : half;
        at = order < 0 ? high - 1 - next : low + next;
        step = 2 * step + 1;
    }
    return false;
}

enum sb_relation_found sb_relations_find(size_t *out, struct sb_relations *relations,
                                         const char *path)
{
    size_t plain = 0, object = 0;
    if (strncmp(path, payload, PAYLOAD) == 0 && find_below(out, relations, path + PAYLOAD))
        return SB_RELATION_ONE;
    bool is_plain = find_below(&plain, relations, path);
    bool is_object =
        strncmp(path, objects, OBJECTS) == 0 && find_below(&object, relations, path + OBJECTS);
    if (is_plain && is_object)
        return SB_RELATION_AMBIGUOUS;
    if (!is_plain && !is_object)
        return SB_RELATION_NONE;
    *out = is_plain ? plain : object;
    return SB_RELATION_ONE;
}

/* The first document with a digest that is not `from`, or else `from` itself; NULL for none. */
static const char *find_digest(const struct sb_relations *relations, const uint8_t *sha256,
                               const char *from)
{
    size_t low = 0, high = relations->digest_count;
    while (low < high) { /* the first place that is not below it */
        size_t middle = low + (high - low) / 2;
        const uint8_t *there = relations->document[relations->by_digest[middle]].sha256;
        if (memcmp(there, sha256, SB_SHA256_SIZE) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const char *found = NULL;
    for (; low < relations->digest_count; low++) {
        const struct sb_relation_document *document =
            &relations->document[relations->by_digest[low]];
        if (memcmp(document->sha256, sha256, SB_SHA256_SIZE) != 0)
            break;
        found = document->path;
        if (strcmp(found, from) != 0)
            break;
    }
    return found;
}

/* ---- values ---------------------------------------------------------------------------- */

enum sealbag_relation_kind sb_relation_kind(const char *column)
{
    static const char *const columns[] = {
#define COLUMN(name, column, text) column,
        SEALBAG_RELATIONS(COLUMN)
#undef COLUMN
    };
    unsigned kind = 0;
    while (kind < SEALBAG_RELATION_KINDS && strcmp(column, columns[kind]) != 0)
        kind++;
    return (enum sealbag_relation_kind)kind;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 3986, section 3.1. One letter alone is a drive of Windows. */
static size_t scheme_length(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && (is_letter(text[n]) || (n > 0 && text[n] >= '0' && text[n] <= '9') ||
                       (n > 0 && memchr("+-.", text[n], 3) != NULL)))
        n++;
    return n >= 2 && n < len && text[n] == ':' ? n : 0;
}

bool sb_relation_is_url(const char *text, size_t len)
{
    size_t scheme = scheme_length(text, len);
    if (scheme == 0)
        return false;
    bool more = false;
    for (size_t at = scheme + 1; at < len;) {
        uint32_t code;
        size_t n = sb_utf8_decode(&code, text + at, len - at);
        if (n == 0 || sb_code_hidden(code) || sb_code_space(code) ||
            (code < 0x80 && memchr("<>\"\\`", (int)code, 5) != NULL))
            return false;
        more = more || code != '/';
        at += n;
    }
    return more;
}

static bool same_start(const char *text, size_t len, const char *lower)
{
    size_t n = strlen(lower);
    if (len < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != lower[i])
            return false;
    }
    return true;
}

static bool has_space_around(const char *text, size_t len)
{
    uint32_t code;
    size_t n;
    if (len == 0)
        return false;
    n = sb_utf8_decode(&code, text, len);
    if (n > 0 && sb_code_space(code))
        return true;
    size_t last = len - 1;
    while (last > 0 && ((unsigned char)text[last] & 0xc0) == 0x80)
        last--;
    n = sb_utf8_decode(&code, text + last, len - last);
    return n > 0 && sb_code_space(code);
}

/* Why it is nothing that a relation can lead to. */
static const char *explain(const char *cell, size_t len)
{
    if (len == 0)
        return "is empty";
    if (!sb_utf8_valid(cell, len))
        return "is not UTF-8";
    if (has_space_around(cell, len))
        return "has white space at its beginning or end. Take it away";
    if (len > 4 && same_start(cell, len, "www."))
        return "is the path of no document of the bag. If it is a URL, write https:// before it";
    size_t scheme = scheme_length(cell, len);
    if (scheme > 0 && strncmp(cell + scheme, "://", 3) == 0 && strchr(cell, ' ') != NULL)
        return "holds a space, which no URL has: write %20 for it";
    if (strchr(cell, ',') != NULL || strchr(cell, ';') != NULL)
        return "is the path of no document of the bag. A cell holds one: for several, repeat the "
               "column";
    return "is the path of no document of the bag, and it is neither sha256: with 64 hex digits "
           "nor a URL";
}

const char *sb_relation_resolve(struct sealbag_relation *out, struct sb_relations *relations,
                                enum sealbag_relation_kind kind, const char *from, const char *cell)
{
    size_t len = strlen(cell), document;
    struct sealbag_relation made = {.kind = kind, .from = from, .to = cell};
    enum sb_relation_found found = sb_relations_find(&document, relations, cell);
    if (found == SB_RELATION_AMBIGUOUS)
        return "can be two documents of the bag. Write the whole path, with data/ before it";
    if (found == SB_RELATION_ONE) {
        made.target = SEALBAG_TARGET_DOCUMENT;
        made.to = relations->document[document].path;
    } else if (same_start(cell, len, digest_scheme)) {
        uint8_t sha256[SB_SHA256_SIZE];
        size_t scheme = sizeof(digest_scheme) - 1;
        if (strncmp(cell, digest_scheme, scheme) != 0 ||
            !sb_hex_decode(sha256, sizeof(sha256), cell + scheme, len - scheme, true))
            return "is not sha256: (in small letters) with exactly 64 hex digits";
        const char *path = find_digest(relations, sha256, from);
        made.target = path != NULL ? SEALBAG_TARGET_DOCUMENT : SEALBAG_TARGET_DIGEST;
        if (path != NULL)
            made.to = path;
    } else if (sb_relation_is_url(cell, len)) {
        made.target = SEALBAG_TARGET_URL;
    } else {
        return explain(cell, len);
    }
    *out = made;
    return NULL;
}

/* ---- circles --------------------------------------------------------------------------- */

bool sb_relation_derives(enum sealbag_relation_kind kind)
{
    return kind == SEALBAG_RELATION_QUOTES || kind == SEALBAG_RELATION_PRIMARY_SOURCE ||
           kind == SEALBAG_RELATION_DERIVED;
}

/* Documents and the relations that derive: those of document i are to[first[i]..first[i + 1]). */
struct graph {
    size_t *first, *to;
    size_t *next;  /* the relation of a document that is looked at next */
    size_t *trail; /* the way from where the search began to where it is */
    uint8_t *state;
};

enum { NOT_SEEN, ON_TRAIL, DONE };

static void graph_free(struct graph *graph)
{
    free(graph->first);
    free(graph->to);
    free(graph->next);
    free(graph->trail);
    free(graph->state);
}

/* The numbers of both ends; false when it does not count. */
static bool ends(size_t *from, size_t *to, struct sb_relations *relations,
                 const struct sealbag_relation *relation)
{
    return sb_relation_derives(relation->kind) && relation->target == SEALBAG_TARGET_DOCUMENT &&
           strncmp(relation->from, payload, PAYLOAD) == 0 &&
           find_below(from, relations, relation->from + PAYLOAD) &&
           strncmp(relation->to, payload, PAYLOAD) == 0 &&
           find_below(to, relations, relation->to + PAYLOAD);
}

static int graph_make(struct graph *graph, struct sb_relations *relations,
                      const struct sealbag_relation *relation, size_t count)
{
    size_t documents = relations->count, from, to;
    *graph = (struct graph){
        .first = calloc(documents + 2, sizeof(size_t)),
        .to = calloc(count + 1, sizeof(size_t)),
        .next = calloc(documents + 1, sizeof(size_t)),
        .trail = calloc(documents + 1, sizeof(size_t)),
        .state = calloc(documents + 1, 1),
    };
    if (graph->first == NULL || graph->to == NULL || graph->next == NULL || graph->trail == NULL ||
        graph->state == NULL)
        return SEALBAG_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (ends(&from, &to, relations, &relation[i]))
            graph->first[from + 1]++;
    }
    for (size_t i = 0; i < documents; i++) {
        graph->first[i + 1] += graph->first[i];
        graph->next[i] = graph->first[i];
    }
    for (size_t i = 0; i < count; i++) {
        if (ends(&from, &to, relations, &relation[i]))
            graph->to[graph->next[from]++] = to;
    }
    memcpy(graph->next, graph->first, documents * sizeof(size_t));
    return 0;
}

/* Follows the relations from one document as deep as they go. True when the way comes back to a
 * document on it: the circle is then trail[*begin..*end). */
static bool search(struct graph *graph, size_t start, size_t *begin, size_t *end)
{
    size_t depth = 0;
    graph->trail[depth++] = start;
    graph->state[start] = ON_TRAIL;
    while (depth > 0) {
        size_t here = graph->trail[depth - 1];
        if (graph->next[here] == graph->first[here + 1]) {
            graph->state[here] = DONE;
            depth--;
            continue;
        }
        size_t to = graph->to[graph->next[here]++];
        if (graph->state[to] == ON_TRAIL) {
            *end = depth;
            while (graph->trail[depth - 1] != to)
                depth--;
            *begin = depth - 1;
            return true;
        }
        if (graph->state[to] == NOT_SEEN) {
            graph->state[to] = ON_TRAIL;
            graph->trail[depth++] = to;
        }
    }
    return false;
}

int sb_relations_circle(const char ***out, size_t *len, struct sb_relations *relations,
                        const struct sealbag_relation *relation, size_t count)
{
    struct graph graph;
    size_t begin = 0, end = 0;
    bool found = false;
    *out = NULL;
    *len = 0;
    int r = graph_make(&graph, relations, relation, count);
    for (size_t i = 0; r == 0 && !found && i < relations->count; i++)
        found = graph.state[i] == NOT_SEEN && search(&graph, i, &begin, &end);
    if (r == 0 && found) {
        *out = calloc(end - begin, sizeof(**out));
        r = *out == NULL ? SEALBAG_ERR_MEMORY : 0;
    }
    for (size_t i = begin; *out != NULL && i < end; i++)
        (*out)[(*len)++] = relations->document[graph.trail[i]].path;
    graph_free(&graph);
    return r;
}
