/* What documents have to do with each other: the cells of metadata.csv whose column is one of
 * SEALBAG_RELATIONS. A cell holds one value (a column that is repeated holds several), which is
 *
 *   data/... , objects/... or ...   a document of the bag
 *   sha256:<64 hex digits>          something with this digest; a document, if the bag has it
 *   <scheme>:...                    a URL
 */
#ifndef SB_RECORD_RELATION_H
#define SB_RECORD_RELATION_H

#include <sealbag/record.h>
#include <stdbool.h>

#include "hash/digest.h"

/* A document that a value can mean. */
struct sb_relation_document {
    const char *path;      /* "data/..." */
    const uint8_t *sha256; /* NULL: not known yet, so that no value means it by its digest */
};

/* All of a bag. Zero-initialise, or fill with sb_relations_init; free with sb_relations_free. */
struct sb_relations {
    const struct sb_relation_document *document; /* borrowed */
    size_t count;
    size_t *by_digest; /* numbers of documents, in the order of their digests */
    size_t digest_count;
    size_t near; /* the document that was found last */
};

/* The documents ascend by path, without equals, and must live as long. 0 or MEMORY. */
int sb_relations_init(struct sb_relations *relations, const struct sb_relation_document *document,
                      size_t count);
void sb_relations_free(struct sb_relations *relations);

enum sb_relation_found {
    SB_RELATION_NONE,
    SB_RELATION_ONE,
    SB_RELATION_AMBIGUOUS, /* two documents: the path is in neither of them the whole one */
};

/* The document that a path means, in a relation's cell or in the column "filename". A path that
 * begins with data/ means the document that is called exactly so. Otherwise it is below data/, and
 * so is, since Archivematica calls the same folder so, what follows objects/. */
enum sb_relation_found sb_relations_find(size_t *out, struct sb_relations *relations,
                                         const char *path);

/* The kind of relation that a column is about; SEALBAG_RELATION_KINDS for another column. */
enum sealbag_relation_kind sb_relation_kind(const char *column);

/* Whether text[0..len) is an absolute URL: a scheme of two letters or more, a colon and more than
 * slashes; UTF-8 without white space, hidden characters and any of < > " \ ` */
bool sb_relation_is_url(const char *text, size_t len);

/* The relation of document `from` that a cell says. NULL when it is good; else a static phrase that
 * completes "the value ...", and *out is not touched. What *out points to is `from`, a path of a
 * document, or the cell. Of several documents with a digest it is the first by path, and not `from`
 * if there is another one. */
const char *sb_relation_resolve(struct sealbag_relation *out, struct sb_relations *relations,
                                enum sealbag_relation_kind kind, const char *from,
                                const char *cell);

/* Whether a relation says that the one document was made out of the other one, as quotations,
 * primary sources and derivations do: in PROV-O the first two are kinds of the third. So they
 * cannot go round in a circle. Citations can. */
bool sb_relation_derives(enum sealbag_relation_kind kind);

/* Looks for a circle among the relations that derive. The first that is found, always the same, in
 * *out: *len paths of documents, each made out of the next one, and the last out of the first.
 * Allocated; the caller frees it, but not the paths. NULL and 0 when there is none. Takes time in
 * proportion to relations and documents, but for finding them by path, and no stack. 0 or MEMORY.
 */
int sb_relations_circle(const char ***out, size_t *len, struct sb_relations *relations,
                        const struct sealbag_relation *relation, size_t count);

#endif
