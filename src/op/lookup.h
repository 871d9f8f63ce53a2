/* What a bundle says about itself, without reading its documents: the signed lists are found by
 * index.tsv, or by the list that a zip file has. Nothing in it is believed: what it leads to must
 * be the very files that the seal covers, and the documents' sizes must give the signed root. */
#ifndef SB_OP_LOOKUP_H
#define SB_OP_LOOKUP_H

#include "op/judge.h"

struct sb_lookup {
    struct sb_seeker *seeker;
    struct sb_reader *zip;  /* instead, with no index: a zip file has a list of its own */
    struct sb_judge *judge; /* borrowed */
};

/* 1: the lists are whole, and the judge has the bag and its seal as if all had been read, with
 * nothing against them; the documents' digests are the manifest's. Signatures are still to be
 * judged. Of the options, progress and limits count. 0: nothing can be said without reading the
 * whole bundle. Else a negative code. Zero-initialise; close in any case. */
int sb_lookup_open(struct sb_lookup *lookup, struct sb_judge *judge, int fd,
                   const struct sb_reader_options *options, struct sb_error *error);
void sb_lookup_close(struct sb_lookup *lookup);

/* Parts of it, with the same results. Opens only the seeker. */
int sb_lookup_seek(struct sb_lookup *lookup, int fd, const struct sb_reader_options *options,
                   struct sb_error *error);
/* Then: index.tsv, which must be the last file, becomes scan->kept[0]. Its folder is taken for the
 * bag's. */
int sb_lookup_index(struct sb_scan *scan, struct sb_lookup *lookup, struct sb_error *error);

/* Whether the file begins as a zip file does. */
bool sb_lookup_is_zip(int fd);

/* Reads `count` documents that stand together in the judge's inventory into the sink. 1, or 0 when
 * they are not there as they were signed. */
int sb_lookup_read(struct sb_lookup *lookup, const struct sb_file *files, size_t count,
                   const struct sb_sink *sink, struct sb_error *error);

#endif
