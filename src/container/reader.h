/* Reads a bundle entry by entry. The tar is parsed twice from the same bytes, by libarchive and by
 * the strict parser of tar_parse.h; both must agree on every entry. */
#ifndef SB_CONTAINER_READER_H
#define SB_CONTAINER_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/packing.h"
#include "base/pool.h"
#include "container/seek.h"

struct sb_reader_options {
    struct sb_pool *pool;                /* borrowed */
    uint64_t size;                       /* of the input, for progress; 0: not known */
    bool salvage;                        /* go on after damage, with the strict parser alone */
    const struct sealbag_limits *limits; /* NULL: the defaults */
    sealbag_progress_fn progress;
    void *progress_context;
};

struct sb_entry {
    const char *path; /* safe (sb_path_unsafe); a folder's without its slash; until the next call */
    bool folder;
    uint64_t size;
    uint64_t at; /* where its first header starts in the tar */
};

struct sb_reader;
struct sb_zip;

/* Lets the C library load now what reading will want of it: later it may not be allowed to open
 * anything. */
void sb_reader_prepare(void);

/* Looks at the magic bytes; the descriptor is borrowed. Errors carry the rule that was broken. */
int sb_reader_open(struct sb_reader **out, int fd, const struct sb_reader_options *options,
                   struct sb_error *error);
/* Reads from the place `at` in the tar on, where a header must stand. The seeker is borrowed and
 * used by nobody else meanwhile. */
int sb_reader_open_at(struct sb_reader **out, struct sb_seeker *seeker, uint64_t at,
                      struct sb_error *error);
void sb_reader_close(struct sb_reader *reader);

/* Only in a zip file: goes to the entry that was said to be `at`; false: there is none. */
bool sb_reader_go_to(struct sb_reader *reader, uint64_t at);

/* 1 and the next entry, 0 when the input has ended as it must, or a negative code. */
int sb_reader_next(struct sb_reader *reader, struct sb_entry *entry, struct sb_error *error);

/* 1 and the next bytes of the entry, 0 when all have been given. When salvaging, DAMAGED means that
 * the rest of this entry is lost, and sb_reader_next may be called. */
int sb_reader_data(struct sb_reader *reader, const uint8_t **bytes, size_t *len,
                   struct sb_error *error);
/* Goes on to the end of the file without giving its bytes. Of a zip file they are not even read; a
 * tar is read and parsed as always. 0 or a negative code. */
int sb_reader_skip(struct sb_reader *reader, struct sb_error *error);

/* What the bytes at its beginning say it is. */
enum sb_packing sb_reader_packing(const struct sb_reader *reader);

/* What a zip file is made of (zip_layout.h), the reader's; NULL for another bundle. */
const struct sb_zip *sb_reader_zip(const struct sb_reader *reader);

/* How much of the compressed input was read so far, or can be. */
uint64_t sb_reader_input_bytes(const struct sb_reader *reader);

/* What it keeps to. Those on paths, entries and single files are the caller's to check. */
const struct sealbag_limits *sb_reader_limits(const struct sb_reader *reader);

/* After the end, see sb_unpack_pointer. */
bool sb_reader_pointer(uint64_t *pointer, const struct sb_reader *reader);

#endif
