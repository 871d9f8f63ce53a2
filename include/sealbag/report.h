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
