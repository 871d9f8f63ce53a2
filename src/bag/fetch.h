/* fetch.txt: documents that a bag leaves to be fetched from elsewhere (RFC 8493, section 2.2.3). It
 * is judged and nothing is ever fetched. */
#ifndef SB_BAG_FETCH_H
#define SB_BAG_FETCH_H

#include "bag/manifest.h"

/* The documents that it names, as the lines of a manifest whose digests are empty: sorted, found
 * with sb_manifest_find, freed with sb_manifest_free; set `old` before. Malformed lines, paths that
 * are unsafe or outside data/ and those named twice are findings. 0 or SEALBAG_ERR_MEMORY. */
int sb_fetch_parse(struct sb_manifest *out, struct sb_findings *findings, const uint8_t *bytes,
                   size_t len);

#endif
