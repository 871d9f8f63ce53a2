/* Extra fields of a zip file's entry (APPNOTE.TXT 6.3.10, 4.5), in the central directory or in a
 * local header, and what in them or beside them says what the entry is. Bytes only. */
#ifndef SB_CONTAINER_ZIP_EXTRA_H
#define SB_CONTAINER_ZIP_EXTRA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The field with this id, once at most. *data is NULL without one. False: malformed. */
bool sb_zip_find_extra(const uint8_t **data, size_t *size, uint16_t wanted, const uint8_t *extra,
                       size_t len);

/* That the fields are malformed is found by the first, not by these. */
bool sb_zip_has_other_name(const uint8_t *extra, size_t extra_len, const uint8_t *name,
                           size_t name_len);
bool sb_zip_has_other_type(const uint8_t *extra, size_t extra_len, bool folder);

/* Whether a Unix mode is that of a regular file, or of a folder, or says nothing. */
bool sb_zip_is_type(uint32_t mode, bool folder);

#endif
