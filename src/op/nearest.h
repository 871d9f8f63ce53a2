/* The document that a path which is none may mean. */
#ifndef SB_OP_NEAREST_H
#define SB_OP_NEAREST_H

#include "op/source.h"

/* The path in the bag of the only document whose path ends as this one does, or the other way
 * round, whatever the case, the Unicode form, the kind of slashes, and spaces behind it: people
 * leave out folders, write those above the source, or type on another system. NULL if it is none or
 * several, or memory is short. Looks at all documents. */
const char *sb_nearest_document(const struct sb_source *source, const char *path);

#endif
