/* What an inspection found, as it goes through the pipe between two processes: the judge's share of
 * it, what was staged, and what was lost. */
#ifndef SB_OP_EVIDENCE_H
#define SB_OP_EVIDENCE_H

#include "op/inspect.h"
#include "op/wire.h"

void sb_evidence_put(struct sb_wire *wire, const struct sb_inspection *inspection,
                     const struct sb_judge *judge, enum sb_request request);
/* Fills the judge, the staging's counters and the losses. Nothing that it says is believed further
 * than a bundle is; what is malformed makes the wire fail. 0, or a negative code for trouble on
 * this side. */
int sb_evidence_get(struct sb_inspection *inspection, struct sb_judge *judge,
                    enum sb_request request, struct sb_wire *wire, struct sb_error *error);

/* Part of it: whether bagit.txt, bag-info.txt, metadata.csv and the manifest in seal/ are there
 * exactly if the cover lists them, and are the files that it lists, and seal.txt vouches for the
 * cover. In a bag that is not sealed, whether they are those of the inventory. 1, 0 or a negative
 * code. */
int sb_evidence_check_lists(struct sb_judge *judge, struct sb_error *error);
/* Part of it: whether the documents, and the records that were read of them, are those whose leaves
 * have the root in seal.txt. 1, also when the bag is not sealed; 0 or a negative code. */
int sb_evidence_check_documents(struct sb_judge *judge, struct sb_error *error);

/* Part of it: parses the seal.txt that was kept, if any, for what is judged by it. 0 or a negative
 * code. */
int sb_evidence_read_seal(struct sb_judge *judge, struct sb_error *error);

void sb_evidence_put_error(struct sb_wire *wire, const struct sb_error *error);
void sb_evidence_get_error(struct sb_error *error, struct sb_wire *wire);

#endif
