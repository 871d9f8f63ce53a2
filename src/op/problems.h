/* What create and its relatives tell their callers of sources and records: a list of sentences. */
#ifndef SB_OP_PROBLEMS_H
#define SB_OP_PROBLEMS_H

#include "base/rule.h"

/* Adds "PATH: SENTENCE", or the sentence alone when `path` is NULL. The path is escaped here;
 * the sentence must be. The rule is a static string. Without a list nothing happens. 0 or
 * SEALBAG_ERR_MEMORY. */
int sb_problems_add(struct sealbag_problems *problems, enum sealbag_severity severity,
                    const char *rule, const char *path, const char *format, ...) SB_PRINTF(5, 6);

#endif
