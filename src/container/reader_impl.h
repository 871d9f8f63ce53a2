/* Shared by reader.c and second_opinion.c only. */
#ifndef SB_CONTAINER_READER_IMPL_H
#define SB_CONTAINER_READER_IMPL_H

#include <locale.h>

#include "container/reader.h"
#include "container/tar_parse.h"
#include "container/unpack.h"
#include "container/zip_reader.h"

struct archive;
struct archive_entry;

struct sb_reader {
    struct sb_input input;
    struct sb_unpacker *unpacker; /* NULL: */
    struct sb_zip_reader *zip;    /* NULL: */
    struct sb_seeker *seeker;
    uint64_t base; /* where the parser's byte 0 is in the tar */
    uint64_t next; /* what the seeker is asked for next */
    struct sealbag_limits limits;
    uint64_t expanded; /* bytes of the tar that were read */
    struct sb_tar_parser parser;
    bool salvage;
    enum sb_packing packing;
    char *path;    /* of the entry that was given last */
    uint64_t left; /* data bytes of it still to give */

    /* salvaging */
    const uint8_t *bytes; /* not yet parsed */
    size_t len;
    const uint8_t *data; /* of the last event */
    size_t data_len;
    bool lost; /* a gap since the last entry */

    /* the second opinion */
    struct archive *archive;
    struct archive_entry *found;
    locale_t locale;
    struct sb_tar_entry *seen; /* by the strict parser, not yet by libarchive: a queue */
    size_t seen_first, seen_count, seen_cap;
    struct sb_tar_entry current; /* taken from the queue; owns its path */
    uint64_t given;              /* data bytes of it that libarchive gave */
    struct sb_error *error;      /* of the call in progress */
    int failure;                 /* a code that the callback met */
};

/* The next bytes of the tar; see sb_unpack_next. */
int sb_reader_pull(struct sb_reader *reader, const uint8_t **bytes, size_t *len, bool *gap,
                   struct sb_error *error);

int sb_second_open(struct sb_reader *reader, struct sb_error *error);
void sb_second_close(struct sb_reader *reader);
/* The next entry on which both agree (*entry borrows); 1, 0 at the agreed end, or an error. */
int sb_second_next(struct sb_reader *reader, struct sb_tar_entry *entry, struct sb_error *error);
int sb_second_data(struct sb_reader *reader, const uint8_t **bytes, size_t *len,
                   struct sb_error *error);

#endif
