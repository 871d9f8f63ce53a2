/* The records of a zip file (APPNOTE.TXT 6.3.10), in the one form that sealbag writes (format.md,
 * "Zip"): no data descriptors, no comments, and no extra fields but those of Zip64, where a size
 * or a place needs them. Bytes only.
 *
 * A local header is made before the file's contents are known, and completed when they are; the
 * entry of the central directory is made from it. */
#ifndef SB_CONTAINER_ZIP_FORM_H
#define SB_CONTAINER_ZIP_FORM_H

#include <stdbool.h>

#include "base/buf.h"

/* What is known of a file's contents when all of them were seen. */
struct sb_zip_contents {
    bool deflated; /* else stored */
    uint32_t crc;
    uint64_t packed, size;
};

/* Appends the local header of a file that will have `size` bytes: its length is decided by `path`
 * (UTF-8) and `size` alone. `time` is the one of all files. LIMIT: the path is too long. */
int sb_zip_form_local(struct sb_buf *out, const char *path, uint64_t size, int64_t time,
                      struct sb_error *error);
void sb_zip_form_complete(uint8_t *local, const struct sb_zip_contents *contents);
/* How long a complete local header is, and the data behind it. */
size_t sb_zip_form_length(const uint8_t *local);
uint64_t sb_zip_form_packed(const uint8_t *local);
/* And how long that is when it is unpacked. */
uint64_t sb_zip_form_size(const uint8_t *local);

/* Appends the entry of the central directory for a complete local header that stands `at` in the
 * file. 0 or MEMORY, as the next. */
int sb_zip_form_central(struct sb_buf *out, const uint8_t *local, uint64_t at);
/* Appends what ends the file: its central directory of `size` bytes begins `at`. */
int sb_zip_form_end(struct sb_buf *out, uint64_t at, uint64_t size, uint64_t count);

#endif
