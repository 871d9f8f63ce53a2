/* What a bundle says about itself and its signers, without reading its documents: the signed lists
 * are found by index.tsv. Nothing in the index is believed: what it leads to must be the very files
 * that the seal covers, and the documents' sizes must give the signed root. */
#ifndef SB_OP_LOOKUP_H
#define SB_OP_LOOKUP_H

#include "op/judge.h"

struct sb_lookup {
    struct sb_seeker *seeker;
    struct sb_judge judge; /* as if all had been read; documents' digests are the manifest's */
};

/* 1: the lists are whole and signed, and the judge's exit code is 0 or 3. 0: nothing can be said
 * without reading the whole bundle. Else a negative code. Zero-initialise; close in any case. */
int sb_lookup_open(struct sb_lookup *lookup, int fd, const struct sealbag_verify_options *options,
                   struct sb_error *error);
void sb_lookup_close(struct sb_lookup *lookup);

/* Reads `count` documents that stand together in the judge's inventory into the sink. 1, or 0 when
 * they are not there as they were signed. */
int sb_lookup_read(struct sb_lookup *lookup, const struct sb_file *files, size_t count,
                   const struct sb_sink *sink, struct sb_error *error);

/* The verdict, which says that `documents` of the documents were read and no others. It takes the
 * judge's inventory with it. */
int sb_lookup_verdict(struct sealbag_verdict **out, struct sb_lookup *lookup, uint64_t documents,
                      const struct sealbag_verify_options *options, struct sb_error *error);

#endif
