/* A strict tar parser that is given bytes as they come and says what they are. It knows exactly:
 * ustar and GNU headers, regular files and folders, one pax extended header or one GNU long name
 * before an entry, two zero blocks, then zeros only. Everything else is an error. */
#ifndef SB_CONTAINER_TAR_PARSE_H
#define SB_CONTAINER_TAR_PARSE_H

#include <stdbool.h>

#include "base/buf.h"

enum { SB_TAR_BLOCK = 512, SB_TAR_EXTENDED_MAX = 64 * 1024, SB_TAR_PADDING_MAX = 1 << 20 };

enum sb_tar_event {
    SB_TAR_MORE,  /* the bytes were taken; nothing to report */
    SB_TAR_ENTRY, /* a file or folder begins: see entry */
    SB_TAR_DATA,  /* the bytes taken are data of the entry */
};

struct sb_tar_entry {
    char *path; /* NUL-terminated; as written, a folder's with its slash */
    bool folder;
    uint64_t size;
    uint64_t header_at; /* where its first header block starts in the tar */
};

enum sb_tar_state {
    SB_TAR_HEADER,
    SB_TAR_EXTENDED, /* in the data of a pax or long-name header */
    SB_TAR_CONTENT,
    SB_TAR_FILL,     /* zero bytes up to the next block */
    SB_TAR_ONE_ZERO, /* after the first zero block */
    SB_TAR_ENDED,
};

/* Zero-initialise; free with sb_tar_parser_free. */
struct sb_tar_parser {
    enum sb_tar_state state;
    uint64_t offset; /* of the next byte */
    uint8_t block[SB_TAR_BLOCK];
    size_t block_len;
    uint64_t left;      /* bytes of this state still to come */
    size_t fill;        /* zero bytes after them */
    char extended_type; /* 'x' or 'L' while there is one, else 0 */
    struct sb_buf extended;
    uint64_t header_at;
    struct sb_buf path;
    struct sb_tar_entry entry;
    size_t skip; /* bytes of a block that nothing is to be made of */
    bool resync; /* skip blocks until one is a header: after a gap, when salvaging */
};

void sb_tar_parser_free(struct sb_tar_parser *parser);

/* Takes *used of the bytes (at least one when len > 0) and says what they were. 0 or an error with
 * the rule that was broken; after an error only sb_tar_resync may be called. */
int sb_tar_feed(struct sb_tar_parser *parser, const uint8_t *bytes, size_t len, size_t *used,
                enum sb_tar_event *event, struct sb_error *error);

/* To be called when there are no more bytes. */
int sb_tar_end_of_input(const struct sb_tar_parser *parser, struct sb_error *error);

/* When salvaging: goes on at the next block that is a header. After a gap, what is fed next begins
 * at a multiple of 512; after an error the rest of the block is still to come. */
void sb_tar_resync(struct sb_tar_parser *parser, bool after_gap);

#endif
