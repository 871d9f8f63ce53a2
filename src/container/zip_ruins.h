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

#endif
