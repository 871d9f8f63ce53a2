/* Shared by the files of create only. */
#ifndef SB_OP_CREATE_IMPL_H
#define SB_OP_CREATE_IMPL_H

#include <time.h>

#include "bag/inventory.h"
#include "bag/seal.h"
#include "hash/leaf.h"
#include "op/bundle.h"
#include "op/seal_make.h"
#include "op/source.h"
#include "op/staging.h"
#include "op/xattr.h"
#include "record/metadata.h"

struct sb_create;

/* The records that were given, which are read while the sources are walked. */
struct sb_create_reading {
    struct sb_task task;
    struct sb_create *create;
    int fd;
    struct sb_metadata_faults faults;
    int result;
    struct sb_error error;
};

struct sb_create_slice;

/* What looks at the cells for what identifies people. */
struct sb_create_looking {
    struct sb_create_slice *slices;
    size_t count;
};

/* The records, which are written out while documents are read: as metadata.csv, and the digests of
 * the rows in the table. */
struct sb_create_records {
    struct sb_task writing;
    struct sb_metadata *table;
    struct sb_buf text;
    uint8_t sha256[SB_SHA256_SIZE]; /* of the text */
    int result;
};

/* A cell that is to be filled when all documents were read. */
struct sb_fill {
    size_t document; /* in the inventory */
    enum sb_known known;
    const char *value;
};

struct sb_filling {
    struct sb_fill *items; /* in the order of the documents */
    size_t count, cap;
    struct sb_arena strings;
};

/* The digest that a tag file has in the second manifests. */
struct sb_tag_digest {
    const char *path; /* the inventory's */
    uint8_t sha512[SB_HASH_SIZE_MAX];
};

/* What is needed for manifests of SHA-512 beside those of SHA-256. */
struct sb_create_second {
    struct sb_digest *digest; /* NULL: there are none */
    struct sb_buf documents;  /* their digests, in the order of their inventory */
    struct sb_tag_digest *tags;
    size_t tag_count, tag_cap;
};

/* Writes files of the bag: into a bundle, a part of one, or the folder. Each thread has one of its
 * own. */
struct sb_bag_writer {
    const struct sb_create *create; /* NULL: it was never opened */
    struct sb_bundle *bundle;
    struct sb_bundle_part *part;
    struct sb_tree tree;
    int file; /* being written, `name` in dir_fd; -1 */
    int dir_fd;
    const char *name;
};

struct sb_create {
    const struct sealbag_create_options *options;
    enum sb_packing packing;
    char name[256];
    struct sb_source source;
    struct sb_staging staging; /* of a plain folder, */
    char *output_folder;       /* that it appears in; */
    struct sb_output output;   /* else, a file: */
    struct sb_bundle bundle;
    struct sb_pool *pool;
    struct sb_bag_writer writer; /* into the bundle, or the folder */
    struct sb_digest *digest;
    bool sha512; /* also manifests of SHA-512 */
    struct sb_create_second second;
    struct sb_inventory documents; /* in the order of the bag; paths are the source's */
    struct sb_inventory tags;      /* everything outside data/ and seal/ */
    struct sb_metadata metadata;   /* the records, by the bag's paths; sorted */
    bool only_check;               /* nothing is to be sealed */
    bool metadata_digests;         /* they derive documents from something by its digest */
    bool metadata_extents;         /* they state the size of a document */
    struct sb_create_reading reading;
    struct sb_create_looking looking;
    struct sb_create_records records;
    struct sb_filling filling; /* what goes into it yet */
    struct sealbag_progress now;
};

/* Reads documents into a bag: a thread that does has one of its own. */
struct sb_document_reader {
    const struct sb_create *create;
    struct sb_digest *digest;
    struct sb_digest *second; /* SHA-512; NULL: not wanted */
    struct sb_bag_writer *to;
    uint8_t *buffer; /* SB_COPY_SIZE bytes */
    struct sb_tree tree;
    uint32_t root; /* that the tree is of */
    struct sb_buf path;
    struct sb_arena known; /* what is known of documents that were read; the caller empties it */
    /* Called for what was read; NULL: never. `back` is taken off when it must be read again. */
    int (*tick)(void *context, uint64_t bytes, uint64_t back, struct sb_error *error);
    void *tick_context;
};

struct sb_document {
    uint64_t size;
    uint8_t sha256[SB_SHA256_SIZE];
    uint8_t sha512[SB_HASH_SIZE_MAX]; /* only when it is wanted */
    bool too_large;                   /* nothing was read */
    struct timespec mtime;
    struct sb_known_values known; /* only when it is asked for */
};

enum { SB_COPY_SIZE = 256 * 1024 };

/* All are borrowed; with neither a bundle nor a part, into the folder. */
void sb_bag_writer_open(struct sb_bag_writer *writer, const struct sb_create *create,
                        struct sb_bundle *bundle, struct sb_bundle_part *part);
void sb_bag_writer_close(struct sb_bag_writer *writer);
/* As those of bundle.h. `path` begins with the bag's name; it stays until the end. */
int sb_bag_writer_begin(struct sb_bag_writer *writer, const char *path, uint64_t size,
                        struct sb_error *error);
int sb_bag_writer_data(struct sb_bag_writer *writer, const void *bytes, size_t len,
                       struct sb_error *error);
int sb_bag_writer_end(struct sb_bag_writer *writer, struct sb_error *error);
int sb_bag_writer_take_back(struct sb_bag_writer *writer, struct sb_error *error);

/* `to` is the caller's. Zero-initialise the rest before; free it in any case. */
int sb_document_reader_open(struct sb_document_reader *reader, const struct sb_create *create,
                            struct sb_bag_writer *to, struct sb_error *error);
void sb_document_reader_close(struct sb_document_reader *reader);
/* Reads, hashes and writes one document: the bytes that are hashed are those that are archived. */
int sb_document_read(struct sb_document *out, struct sb_document_reader *reader,
                     const struct sb_source_file *file, uint64_t most, struct sb_error *error);

/* Walks the sources; what cannot be sealed is named in `problems` (NULL: nowhere). */
int sb_create_take_source(struct sb_create *create, struct sealbag_problems *problems,
                          struct sb_error *error);
/* What is sealed as it is and looks like a mistake. Of records: columns that are nearly one with a
 * meaning, and a table that is one of the documents. Of labels: those that are nearly a reserved
 * one. 0 or a negative code. */
int sb_create_doubt_records(struct sealbag_problems *problems, const struct sb_create *create,
                            struct sb_error *error);
int sb_create_doubt_labels(struct sealbag_problems *problems, const struct sb_create *create,
                           struct sb_error *error);
/* The columns of a table to fill in, which are those that have a meaning. */
enum { SB_RECORD_COLUMNS = 21 };
extern const char *const sb_record_columns[SB_RECORD_COLUMNS];
/* When all documents were read: names that not every system can have. 0 or a negative code. */
int sb_create_doubt_names(struct sealbag_problems *problems, const struct sb_create *create,
                          struct sb_error *error);
/* Whether it becomes a plain folder, and its name: the folder's. */
bool sb_create_is_folder(const struct sb_create *create);
int sb_create_name_folder(struct sb_create *create, struct sb_error *error);
/* Not within the source. */
int sb_create_open_output(struct sb_create *create, struct sb_error *error);
/* The folder appears under its name. */
int sb_create_publish(struct sb_create *create, struct sb_error *error);
/* Where in the bundle the next file begins; 0 in a folder. */
uint64_t sb_create_place(const struct sb_create *create);
/* Frees all but the output and what is staged. */
void sb_create_free(struct sb_create *create);

/* Opens one as it must be opened, and gives its descriptor; -1 with errno. */
int sb_document_open(struct sb_document_reader *reader, const struct sb_source_file *file);

/* All documents of the source. */
int sb_create_documents(struct sb_create *create, struct sb_error *error);

/* After the walk, before anything is read: takes the records that were given, and says all that is
 * wrong with them. */
int sb_create_take_metadata(struct sb_create *create, struct sealbag_problems *problems,
                            struct sb_error *error);
enum { SB_EXTENT_SIZE = 32 };

/* A document's size, as `sealbag metadata template` puts it into a table. */
void sb_create_write_extent(char out[SB_EXTENT_SIZE], uint64_t size);
/* Cells that state a size in just this form must be right: as the documents were read, or, before,
 * as they were when the source was walked. Whether there is one. */
bool sb_create_check_extents(struct sb_metadata_faults *faults, const struct sb_create *create,
                             size_t column);
/* When a document has been added to the inventory: what it says of itself, to where the records say
 * nothing, and tells what was done with it. */
int sb_create_note_known(struct sb_create *create, const struct sb_source_file *file,
                         const struct sb_document *document, struct sb_error *error);
/* After the last document: puts it into the records. */
int sb_create_fill_metadata(struct sb_create *create, struct sb_error *error);
/* Writes metadata.csv, if there is a record. */
int sb_create_write_metadata(struct sb_create *create, struct sb_error *error);

/* Before the walk: another thread reads the records that were given, and hashes them. A file that
 * cannot be opened is told of at once. */
int sb_create_start_reading(struct sb_create *create, struct sb_error *error);
/* What it found. The caller frees the faults. 0 or a negative code. */
int sb_create_read_records(struct sb_create *create, struct sb_metadata_faults *faults,
                           struct sb_error *error);
/* Other threads look at the cells, if that is wanted; their texts must stay. 0 or MEMORY. */
int sb_create_start_looking(struct sb_create *create);
void sb_create_wait_looking(struct sb_create *create);
void sb_create_free_looking(struct sb_create *create);
/* From now on the table is only read: other threads write it out. */
void sb_create_start_writing(struct sb_create *create);
/* Waits until they have. 0 or a negative code. */
int sb_create_finish_writing(struct sb_create *create, struct sb_error *error);
/* Until none of these are at work. */
void sb_create_wait_records(struct sb_create *create);
/* Before the pool is freed. */
void sb_create_free_records(struct sb_create *create);

/* Writes a tag file of the bag and remembers its digest. */
int sb_create_tag(struct sb_create *create, const char *path, const struct sb_buf *bytes,
                  struct sb_error *error);
int sb_create_hashed_tag(struct sb_create *create, const char *path, const struct sb_buf *bytes,
                         const uint8_t sha256[SB_SHA256_SIZE], struct sb_error *error);
/* Writes a file of the bag, no more. */
int sb_create_plain(struct sb_create *create, const char *path, const void *bytes, size_t len,
                    struct sb_error *error);

/* What identifies people, in documents, labels and records: PRIVACY unless that is accepted. */
int sb_create_check_privacy(struct sb_create *create, struct sb_error *error);
/* The same in the records alone, when nothing is to be sealed. */
int sb_create_check_cells(struct sb_create *create, struct sb_error *error);
/* The same in what documents say of themselves, which is known only when they have been read. */
int sb_create_check_filled(const struct sb_create *create, struct sb_error *error);

/* Before anything is read: which manifests are asked for. */
int sb_create_take_algorithms(struct sb_create *create, struct sb_error *error);
int sb_create_open_second(struct sb_create *create, struct sb_error *error);
/* When a document or a tag file has been added to its inventory: its other digest. 0 or a negative
 * code. */
int sb_create_note_second(struct sb_create *create, const struct sb_document *document,
                          struct sb_error *error);
int sb_create_note_second_tag(struct sb_create *create, const struct sb_buf *bytes,
                              struct sb_error *error);
/* After all else but seal/: the manifests, and then the tag manifests. */
int sb_create_manifests(struct sb_create *create, struct sb_error *error);
void sb_create_free_second(struct sb_create *create);

/* What a seal needs of them. */
struct sb_seal_options sb_create_seal_options(const struct sealbag_create_options *options);
/* Writes seal/ but for the index, and gives the seal id in hex. */
int sb_create_seal(char seal_id[65], struct sb_create *create, struct sb_error *error);

#endif
