/* Shared by the files of create only. */
#ifndef SB_OP_CREATE_IMPL_H
#define SB_OP_CREATE_IMPL_H

#include "bag/inventory.h"
#include "bag/seal.h"
#include "container/tar_write.h"
#include "hash/leaf.h"
#include "op/source.h"

struct sb_create {
    const struct sealbag_create_options *options;
    char name[256];
    struct sb_source source;
    struct sb_output output;
    struct sb_gz_writer *gz;
    struct sb_tar_writer *tar;
    struct sb_digest *digest;
    uint8_t *buffer;               /* SB_COPY_SIZE bytes */
    struct sb_inventory documents; /* in the order of the bag */
    struct sb_inventory tags;      /* everything outside data/ and seal/ */
    struct sealbag_progress now;
};

enum { SB_COPY_SIZE = 256 * 1024 };

/* Reads, hashes and writes one document. */
int sb_create_document(struct sb_create *create, struct sb_tree *tree,
                       const struct sb_source_file *file, struct sb_error *error);

/* Writes a tag file of the bag and remembers its digest. */
int sb_create_tag(struct sb_create *create, const char *path, const struct sb_buf *bytes,
                  struct sb_error *error);
/* Writes a file of the bag, no more. */
int sb_create_plain(struct sb_create *create, const char *path, const void *bytes, size_t len,
                    struct sb_error *error);

/* Writes seal/ whole and gives the seal id in hex. */
int sb_create_seal(char seal_id[65], struct sb_create *create, struct sb_error *error);

#endif
