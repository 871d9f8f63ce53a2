/* SPDX-License-Identifier: ISC
 *
 * Part of sealbag.h, which includes it: what people and programs see of a verdict.
 */
#ifndef SEALBAG_REPORT_H
#define SEALBAG_REPORT_H

#include <sealbag/sealbag.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the verdict on the bundle called `label` for people, in plain sentences. Returns 0 or
 * SEALBAG_ERR_IO. */
int sealbag_verdict_print(FILE *to, const char *label, const struct sealbag_verdict *verdict);

/* Writes it as one JSON object without a newline at its end; valid UTF-8 JSON for any bytes.
 * With `documents`, every document is listed. Returns 0 or SEALBAG_ERR_IO. */
int sealbag_verdict_print_json(FILE *to, const char *label, const struct sealbag_verdict *verdict,
                               bool documents);

/* Writes the custody chain for people, an event with all that it says after the other. Returns 0 or
 * SEALBAG_ERR_IO. */
int sealbag_custody_print(FILE *to, const struct sealbag_verdict *verdict);

/* The document that a path from a person names: "data/..." or what follows it. NULL when the
 * verdict does not list it. The verdict's. */
const struct sealbag_document *sealbag_document_find(const struct sealbag_verdict *verdict,
                                                     const char *path);
/* The record of a folder, by its path in the bag or below data/, with or without "/" at its end;
 * NULL when there is none. It belongs to the verdict. */
const struct sealbag_record *sealbag_folder_find(const struct sealbag_verdict *verdict,
                                                 const char *path);

/* What a column is to people (SEALBAG_COLUMNS, SEALBAG_RELATIONS), such as "Title"; NULL for
 * others. Static. */
const char *sealbag_column_text(const char *column);

/* The three below show the provenance of a verdict for which it was asked for, and which lists the
 * documents. Of one with the exit code 1 or 5 they show nothing (as JSON, the verdict alone). A
 * path is as for sealbag_document_find; one that is not there is passed over. They return 0,
 * SEALBAG_ERR_IO or SEALBAG_ERR_MEMORY. */

/* For people: the three answers in short, and then the labels, numbers and the custody chain; or,
 * with paths, all that there is about each of these documents. */
int sealbag_show_print(FILE *to, const char *label, const struct sealbag_verdict *verdict,
                       const char *const *paths, size_t path_count);

/* The same as one JSON object without a newline at its end; without paths with all documents. */
int sealbag_show_print_json(FILE *to, const char *label, const struct sealbag_verdict *verdict,
                            const char *const *paths, size_t path_count);

enum sealbag_graph { SEALBAG_GRAPH_TEXT, SEALBAG_GRAPH_DOT };

/* The relations, as a tree for people or as a graph in Graphviz's language. With paths, only what
 * these documents lead to. */
int sealbag_graph_print(FILE *to, enum sealbag_graph graph, const char *label,
                        const struct sealbag_verdict *verdict, const char *const *paths,
                        size_t path_count);

/* Writes the report on the bundle called `label`: one HTML file for people, with no script and
 * nothing that it loads, in English (NULL or "en") or in another language (ISO 639-1). It says what
 * the verdict has, so ask for the provenance and the documents. Of a bundle that must not be used
 * it tells the findings and nothing of the contents. Returns 0, SEALBAG_ERR_IO, SEALBAG_ERR_MEMORY
 * or, for a language that is not known, SEALBAG_ERR_USAGE. */
int sealbag_verdict_print_html(FILE *to, const char *label, const struct sealbag_verdict *verdict,
                               const char *language);

/* Whether reports can be written in this language. */
bool sealbag_language_known(const char *language);

#ifdef __cplusplus
}
#endif

#endif
