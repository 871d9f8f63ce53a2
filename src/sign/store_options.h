/* The options of a line in allowed_signers, as OpenSSH reads them:
 *
 *   namespaces="PATTERN,..."   * any characters, ? one, ! before a pattern: not this
 *   valid-after="DATE"  valid-before="DATE"
 *
 * in any order, each once, with commas between them. DATE is YYYYMMDD, YYYYMMDDHHMM or
 * YYYYMMDDHHMMSS, and a Z: UTC. OpenSSH takes one without Z as local time, which means something
 * else on every machine, so it is refused here. */
#ifndef SB_SIGN_STORE_OPTIONS_H
#define SB_SIGN_STORE_OPTIONS_H

#include "sign/store_line.h"
#include "sign/truststore.h"

/* *ours: the namespaces allow SB_SSH_NAMESPACE, or there are none. */
int sb_store_options(bool *ours, struct sb_validity *valid, const struct sb_store_place *place,
                     struct sb_span options);

/* match_pattern_list of OpenSSH: at least one pattern matches, and none that is negated does. */
bool sb_store_match(struct sb_span patterns, const char *text);

/* Appends namespaces="seal@sealbag,custody@sealbag", or the first of them alone, and the dates that
 * are set. */
int sb_store_options_append(struct sb_buf *out, const struct sb_validity *valid);

#endif
