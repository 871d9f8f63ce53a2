/* The relations of a bag from both ends. */
#include <stdlib.h>
#include <string.h>

#include "report/show.h"

const char *sb_link_column(enum sealbag_relation_kind kind)
{
    static const char *const columns[] = {
#define COLUMN(name, column, text) column,
        SEALBAG_RELATIONS(COLUMN)
#undef COLUMN
    };
    return columns[kind];
}

const char *sb_link_text(enum sealbag_relation_kind kind, bool back)
{
    static const char *const texts[] = {
#define TEXT(name, column, text) text,
        SEALBAG_RELATIONS(TEXT)
#undef TEXT
    };
    if (!back)
        return kind < SEALBAG_RELATION_KINDS ? texts[kind] : "";
    switch (kind) {
    case SEALBAG_RELATION_CITES:
        return "is cited by";
    case SEALBAG_RELATION_QUOTES:
        return "is quoted by";
    case SEALBAG_RELATION_PRIMARY_SOURCE:
        return "is the primary source of";
    case SEALBAG_RELATION_DERIVED:
        return "is the original of";
    case SEALBAG_RELATION_KINDS:
    default:
        return "";
    }
}

const struct sealbag_record *sb_record_find(const struct sealbag_verdict *verdict, const char *path)
{
    const struct sealbag_provenance *provenance = verdict->provenance;
    for (size_t i = 0; provenance != NULL && i < provenance->record_count; i++) {
        if (strcmp(provenance->record[i].path, path) == 0)
            return &provenance->record[i];
    }
    return NULL;
}

const struct sealbag_record *sb_record_of_folder(const struct sealbag_verdict *verdict,
                                                 const char *path, size_t number)
{
    const struct sealbag_provenance *provenance = verdict->provenance;
    struct sb_buf folder = {0};
    const struct sealbag_record *found = NULL;
    if (provenance == NULL || provenance->folder_count == 0)
        return NULL;
    for (size_t at = 0; found == NULL && path[at] != 0; at++) {
        if (sb_buf_append(&folder, path + at, 1) < 0)
            break;
        if (path[at] == '/' &&
            (found = sb_record_find(verdict, (const char *)folder.data)) != NULL && number-- > 0)
            found = NULL;
    }
    sb_buf_free(&folder);
    return found;
}

static int by_text(const void *a, const void *b)
{
    const struct sb_link_node *left = a, *right = b;
    if (left->target != right->target)
        return left->target < right->target ? -1 : 1;
    return strcmp(left->text, right->text);
}

static size_t find_node(const struct sb_links *links, enum sealbag_target target, const char *text)
{
    struct sb_link_node wanted = {.target = target, .text = text};
    const struct sb_link_node *found =
        links->count > 0 ? bsearch(&wanted, links->node, links->count, sizeof(wanted), by_text)
                         : NULL;
    return found != NULL ? (size_t)(found - links->node) : links->count;
}

size_t sb_links_find(const struct sb_links *links, const char *path)
{
    return find_node(links, SEALBAG_TARGET_DOCUMENT, path);
}

static void make_nodes(struct sb_links *links)
{
    size_t ends = 0;
    for (size_t i = 0; i < links->relation_count; i++) {
        const struct sealbag_relation *relation = &links->relation[i];
        links->node[ends++] = (struct sb_link_node){SEALBAG_TARGET_DOCUMENT, relation->from};
        links->node[ends++] = (struct sb_link_node){relation->target, relation->to};
    }
    qsort(links->node, ends, sizeof(*links->node), by_text);
    for (size_t i = 0; i < ends; i++) {
        if (i > 0 && by_text(&links->node[i], &links->node[links->count - 1]) == 0)
            continue;
        links->node[links->count++] = links->node[i];
        links->documents += links->node[i].target == SEALBAG_TARGET_DOCUMENT;
    }
}

/* The numbers 0..count, put in groups by what they are the number of. first has room for two more
 * than there are groups. */
static void group(size_t *first, size_t *items, size_t groups, const size_t *of, size_t count)
{
    for (size_t i = 0; i < count; i++)
        first[of[i] + 2]++;
    for (size_t i = 2; i < groups + 2; i++)
        first[i] += first[i - 1];
    for (size_t i = 0; i < count; i++)
        items[first[of[i] + 1]++] = i;
}

int sb_links_make(struct sb_links *out, const struct sealbag_provenance *provenance)
{
    size_t count = provenance != NULL ? provenance->relation_count : 0;
    *out = (struct sb_links){.relation_count = count};
    if (count > SIZE_MAX / 4)
        return SEALBAG_ERR_MEMORY;
    if (count > 0)
        out->relation = provenance->relation;
    out->node = calloc(2 * count + 1, sizeof(*out->node));
    out->from = calloc(count + 1, sizeof(size_t));
    out->to = calloc(count + 1, sizeof(size_t));
    out->out = calloc(count + 1, sizeof(size_t));
    out->in = calloc(count + 1, sizeof(size_t));
    out->out_first = calloc(2 * count + 2, sizeof(size_t));
    out->in_first = calloc(2 * count + 2, sizeof(size_t));
    if (out->node == NULL || out->from == NULL || out->to == NULL || out->out == NULL ||
        out->in == NULL || out->out_first == NULL || out->in_first == NULL)
        return SEALBAG_ERR_MEMORY;
    make_nodes(out);
    for (size_t i = 0; i < count; i++) {
        out->from[i] = sb_links_find(out, out->relation[i].from);
        out->to[i] = find_node(out, out->relation[i].target, out->relation[i].to);
    }
    group(out->out_first, out->out, out->count, out->from, count);
    group(out->in_first, out->in, out->count, out->to, count);
    return 0;
}

void sb_links_free(struct sb_links *links)
{
    free(links->node);
    free(links->from);
    free(links->to);
    free(links->out_first);
    free(links->out);
    free(links->in_first);
    free(links->in);
    *links = (struct sb_links){0};
}
