/* Shared by the files that show what a bag says of its documents. */
#ifndef SB_REPORT_SHOW_H
#define SB_REPORT_SHOW_H

#include <sealbag/sealbag.h>

#include "base/buf.h"

/* ---- relations, both ways ---- */

struct sb_link_node {
    enum sealbag_target target;
    const char *text; /* a document's path, or the cell */
};

/* Whatever is at an end of a relation is a node; a document without relations is none. Those of
 * node i are out[out_first[i]..out_first[i + 1]), and the same with in, as numbers in the list of
 * relations, in its order. */
struct sb_links {
    const struct sealbag_relation *relation; /* borrowed, and so are the texts */
    size_t relation_count;
    struct sb_link_node *node; /* sorted: documents first, each kind by its text */
    size_t count, documents;
    size_t *from, *to; /* the nodes of each relation */
    size_t *out_first, *out;
    size_t *in_first, *in;
};

/* `provenance` may be NULL. Free it in any case. 0 or SEALBAG_ERR_MEMORY. */
int sb_links_make(struct sb_links *out, const struct sealbag_provenance *provenance);
void sb_links_free(struct sb_links *links);
/* The node of a document; links->count when it has none. */
size_t sb_links_find(const struct sb_links *links, const char *path);

/* "cites", and for the other way "is cited by". */
const char *sb_link_text(enum sealbag_relation_kind kind, bool back);
/* "dcterms.references" */
const char *sb_link_column(enum sealbag_relation_kind kind);

/* The record of a document, or NULL. */
const struct sealbag_record *sb_record_find(const struct sealbag_verdict *verdict,
                                            const char *path);

/* The record of this number, from 0, about a folder that a path lies in, or is: the outermost
 * first. NULL: there is no more. */
const struct sealbag_record *sb_record_of_folder(const struct sealbag_verdict *verdict,
                                                 const char *path, size_t number);

/* ---- text for people ---- */

/* Remembers the first failure. Zero-initialise but for `to`; free line. */
struct sb_shown {
    FILE *to;
    struct sb_buf line;
    int failed;
};

/* Text from a bundle, escaped, in one line, and in double quotes if it holds more than what is in a
 * plain name: so that nothing in it can be taken for what is said about it. */
void sb_show_name(struct sb_shown *shown, const char *text);
/* What follows a title: a colon and the value, or, if it has several lines, each of them on a line
 * of its own behind a bar, indented further than the title, which `indent` spaces stand before. */
void sb_show_value(struct sb_shown *shown, int indent, const char *value);
/* 0, or what has failed. Frees the line. */
int sb_shown_finish(struct sb_shown *shown);

/* Who states what the bag says, in a few words: "as stated by the signer". */
const char *sb_show_stated(const struct sealbag_verdict *verdict);
/* The same as sentences, and what that is worth. */
void sb_show_worth(struct sb_shown *shown, const struct sealbag_verdict *verdict);

/* Whether there is nothing to be shown of it. */
bool sb_show_nothing(const struct sealbag_verdict *verdict);

#endif
