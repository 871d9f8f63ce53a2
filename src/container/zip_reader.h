/* The entries of a zip file, in the order in which they lie in it. Its layout is checked first,
 * byte by byte (zip_layout.h), which leaves nothing for another parser to find: so their data is
 * inflated without libarchive, which loses names in the C locale and rewrites them in another. */
#ifndef SB_CONTAINER_ZIP_READER_H
#define SB_CONTAINER_ZIP_READER_H

#include "container/tar_parse.h"
#include "container/zip_layout.h"

struct sb_zip_reader;

struct sb_zip_reading {
    int fd;                              /* borrowed, of a regular file; its position may change */
    uint64_t start, size;                /* of the zip file in it */
    const struct sealbag_limits *limits; /* borrowed */
    struct sb_input *input;              /* for progress */
    bool salvage;                        /* what is found of it will do (zip_ruins.h) */
};

int sb_zip_reader_open(struct sb_zip_reader **out, const struct sb_zip_reading *reading,
                       struct sb_error *error);
void sb_zip_reader_close(struct sb_zip_reader *reader);
/* What it is made of; the reader's. */
const struct sb_zip *sb_zip_reader_layout(const struct sb_zip_reader *reader);

/* Goes to the entry whose local header stands there; false: there is none. */
bool sb_zip_go_to(struct sb_zip_reader *reader, uint64_t at);

/* As sb_second_next and sb_second_data. entry->header_at is the place of the local header.
 * Salvaging, data is given that does not fit its CRC, too; and what lies within an entry that does
 * is skipped, if all of that was asked for. */
int sb_zip_next(struct sb_zip_reader *reader, struct sb_tar_entry *entry, struct sb_error *error);
int sb_zip_data(struct sb_zip_reader *reader, const uint8_t **bytes, size_t *len,
                struct sb_error *error);

/* Exactly these bytes of the zip file. */
int sb_zip_read(const struct sb_zip_reading *from, uint64_t at, uint8_t *out, size_t len,
                struct sb_error *error);

#endif
