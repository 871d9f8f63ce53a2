/* Paths inside a bag: what is safe to create, and how manifests spell them. */
#ifndef SB_BASE_PATH_H
#define SB_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define SB_FETCH_TXT "fetch.txt"

/* Where a bag's provenance records are. */
#define SB_METADATA_CSV "metadata/metadata.csv"

enum { SB_PATH_MAX = 4000, SB_NAME_MAX = 255, SB_PATH_DEPTH = 256 };

/* Whether path[0..len) is a relative path that can be created beneath a folder and means the same
 * everywhere: UTF-8, no empty, "." or ".." component, no backslash, no NUL, not absolute, within
 * the limits above. NULL when safe, else a static phrase that completes "its name ...". */
const char *sb_path_unsafe(const char *path, size_t len);

/* Why Windows could not create it (reserved names, characters, trailing dots), as a static phrase
 * that completes "its name ...", or NULL. */
const char *sb_path_not_portable(const char *path, size_t len);

/* Bag-Name: one safe component without control characters or line separators, not starting with
 * '-' or '.' and without spaces at its ends. NULL when good, else a phrase as above. */
const char *sb_bag_name_bad(const char *name, size_t len);

/* RFC 8493, section 2.1.3: CR, LF and '%' become %0D, %0A, %25; nothing else is encoded. */
int sb_path_encode(struct sb_buf *out, const char *path, size_t len);

/* The reverse; any other use of '%' stays as it is. */
int sb_path_decode(struct sb_buf *out, const char *text, size_t len);

/* Byte order, the order of manifests. */
int sb_path_compare(const char *a, const char *b);

#endif
