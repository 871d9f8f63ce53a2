/* What is still there of a zip file that is damaged or was cut off. Nothing is believed about where
 * something is: whatever looks like an entry, by the local header before it or by what the central
 * directory says, is one that may be tried. So this is of use only to who knows what documents
 * should be. */
#ifndef SB_CONTAINER_ZIP_RUINS_H
#define SB_CONTAINER_ZIP_RUINS_H

#include "container/zip_reader.h"

/* Entries in the order of their places, also such as lie in others; of each place perhaps several,
 * that differ. The data of all lies within the file. LIMIT: there are too many. */
int sb_zip_find(struct sb_zip *zip, const struct sb_zip_reading *from, struct sb_error *error);

/* Part of it: takes what begins at the first of these bytes, which are number `at` of the file.
 * *found: this was an entry, which is now the last one. *open is the number of the entry whose
 * sizes were not met yet, and one more. 0, or MEMORY. */
int sb_zip_find_here(bool *found, struct sb_zip *zip, size_t *open, const uint8_t *bytes,
                     size_t len, uint64_t at);

#endif
