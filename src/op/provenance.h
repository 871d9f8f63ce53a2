/* What a bag says of itself and its documents, for a verdict. */
#ifndef SB_OP_PROVENANCE_H
#define SB_OP_PROVENANCE_H

#include "op/judge.h"

/* Zero-initialise; free with sb_provenance_free. The public part points into the rest. */
struct sb_provenance {
    struct sealbag_provenance told;
    struct sealbag_label *labels;
    struct sealbag_record *records;
    struct sealbag_value *values;
    struct sealbag_relation *relations;
    struct sb_metadata table;
    struct sb_arena strings;
};

/* Takes over the judge's table. The documents are all of the bag, ascend by path, and must live as
 * long. 0 or MEMORY. */
int sb_provenance_make(struct sb_provenance *out, struct sb_judge *judge,
                       const struct sealbag_document *documents, size_t count);
void sb_provenance_free(struct sb_provenance *provenance);

#endif
