/* Shared by the files of create only. */
#ifndef SB_OP_CREATE_IMPL_H
#define SB_OP_CREATE_IMPL_H

#include "bag/inventory.h"
#include "bag/seal.h"
#include "container/pack.h"
#include "container/tar_write.h"
#include "hash/leaf.h"
#include "op/source.h"
#include "record/metadata.h"

struct sb_create {
    const struct sealbag_create_options *options;
    const struct sb_codec *codec;
    char name[256];
    struct sb_source source;
    struct sb_output output;
    struct sb_pool *pool;
    struct sb_packer *packer;
    struct sb_tar_writer *tar; /* into the packer */
    struct sb_digest *digest;
    struct sb_inventory documents; /* in the order of the bag; paths are the source's */
    struct sb_inventory tags;      /* everything outside data/ and seal/ */
    struct sb_metadata metadata;   /* the records, by the bag's paths; sorted */
    bool metadata_digests;         /* they derive documents from something by its digest */
    struct sb_buf index;           /* index.tsv so far */
    struct sealbag_progress now;
};

/* Reads documents into a tar: a thread that does has one of its own. */
struct sb_document_reader {
    const struct sb_create *create;
    struct sb_digest *digest;
    struct sb_tar_writer *tar;
    uint8_t *buffer; /* SB_COPY_SIZE bytes */
    struct sb_tree tree;
    uint32_t root; /* that the tree is of */
    struct sb_buf path;
    /* Called for what was read; NULL: never. `back` is taken off when it must be read again. */
    int (*tick)(void *context, uint64_t bytes, uint64_t back, struct sb_error *error);
    void *tick_context;
};

struct sb_document {
    uint64_t size;
    uint8_t sha256[SB_SHA256_SIZE];
    bool too_large; /* nothing was read */
};

enum { SB_COPY_SIZE = 256 * 1024 };

/* `tar` is the caller's. Zero-initialise the rest before; free it in any case. */
int sb_document_reader_open(struct sb_document_reader *reader, const struct sb_create *create,
                            struct sb_tar_writer *tar, struct sb_error *error);
void sb_document_reader_close(struct sb_document_reader *reader);
/* Reads, hashes and writes one document: the bytes that are hashed are those that are archived. */
int sb_document_read(struct sb_document *out, struct sb_document_reader *reader,
                     const struct sb_source_file *file, uint64_t most, struct sb_error *error);

/* All documents of the source. */
int sb_create_documents(struct sb_create *create, struct sb_error *error);

/* After the walk, before anything is read: takes the records that were given, and says all that is
 * wrong with them. */
int sb_create_take_metadata(struct sb_create *create, struct sealbag_problems *problems,
                            struct sb_error *error);
/* Writes metadata.csv, if there is a record. */
int sb_create_write_metadata(struct sb_create *create, struct sb_error *error);

/* Remembers for the index where a file's header is in the tar. */
int sb_create_note_place(struct sb_create *create, const char *path, uint64_t size, uint64_t at,
                         struct sb_error *error);
/* Writes a tag file of the bag and remembers its digest. */
int sb_create_tag(struct sb_create *create, const char *path, const struct sb_buf *bytes,
                  struct sb_error *error);
/* Writes a file of the bag, no more. */
int sb_create_plain(struct sb_create *create, const char *path, const void *bytes, size_t len,
                    struct sb_error *error);

/* Writes seal/ but for the index, and gives the seal id in hex. */
int sb_create_seal(char seal_id[65], struct sb_create *create, struct sb_error *error);

#endif
