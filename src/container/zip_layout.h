/* What a zip file is made of, found in a stricter way than programs that open zip files do
 * (APPNOTE.TXT 6.3.10): the central directory, the local headers and the data must say the same,
 * lie one after the other from the first byte to the last, and be nothing else. So that no two
 * programs can see two different archives in it.
 *
 * These take bytes and do no I/O. The order: the end record from the file's last bytes, the
 * central directory, then for each entry its local header and what follows its data. */
#ifndef SB_CONTAINER_ZIP_LAYOUT_H
#define SB_CONTAINER_ZIP_LAYOUT_H

#include <stdbool.h>

#include "base/buf.h"

enum {
    SB_ZIP_TAIL_MAX = 22 + 65535 + 20 + 56, /* end records and the longest comment */
    SB_ZIP_LOCAL_FIXED = 30,
    SB_ZIP_DESCRIPTOR_MAX = 24,
    SB_ZIP_RECORD_SIZE = 46 /* of an entry in the list, without its name */
};

struct sb_zip_entry {
    const char *name; /* UTF-8; a folder's ends in a slash */
    bool folder;
    bool deflated; /* else stored */
    bool streamed; /* sizes and CRC also stand behind the data */
    bool local64;  /* its local header has sizes of 64 bits */
    bool listed;   /* zip_ruins.h: in the central directory */
    uint16_t flags;
    uint32_t crc;
    uint64_t packed, size; /* of its data, in the file and unpacked */
    uint64_t at;           /* of its local header */
    uint64_t data_at;      /* once the local header was checked */
};

/* Zero-initialise; free with sb_zip_free. */
struct sb_zip {
    uint64_t central_at, central_size, count; /* what the end records say */
    struct sb_zip_entry *entries;             /* in the order in which they lie in the file */
    size_t entry_count, cap;
    struct sb_arena strings;
};

/* Of a file whose beginning is damaged, from its last bytes: whether it is a zip file all the same,
 * if the list of entries begins at *list_at; */
bool sb_zip_is_headless(uint64_t *list_at, const uint8_t *tail, size_t len, uint64_t file_size);
/* and whether it does, with an entry that lies at the beginning. */
bool sb_zip_lists_first(const uint8_t record[SB_ZIP_RECORD_SIZE]);
/* From the last `len` bytes of the file: all of it, or SB_ZIP_TAIL_MAX. */
int sb_zip_read_end(struct sb_zip *zip, const uint8_t *tail, size_t len, uint64_t file_size,
                    struct sb_error *error);
/* The central directory's bytes, central_size of them. */
int sb_zip_read_central(struct sb_zip *zip, const uint8_t *bytes, size_t len,
                        struct sb_error *error);
/* How long the local header of entry `number` is, from its first SB_ZIP_LOCAL_FIXED bytes. */
int sb_zip_local_size(size_t *size, const struct sb_zip *zip, size_t number,
                      const uint8_t fixed[SB_ZIP_LOCAL_FIXED], struct sb_error *error);
/* The whole local header. Sets data_at, and *after: how many bytes lie between the end of the data
 * and the next entry or the central directory, at most SB_ZIP_DESCRIPTOR_MAX. */
int sb_zip_check_local(size_t *after, struct sb_zip *zip, size_t number, const uint8_t *bytes,
                       size_t len, struct sb_error *error);
/* These bytes. */
int sb_zip_check_after(const struct sb_zip *zip, size_t number, const uint8_t *bytes, size_t len,
                       struct sb_error *error);
void sb_zip_free(struct sb_zip *zip);

/* Parts of it, for what is found in another way (zip_ruins.h): */

/* Takes one entry off the directory, and adds it. */
int sb_zip_read_entry(struct sb_zip *zip, const uint8_t **bytes, size_t *left,
                      struct sb_error *error);
/* A new entry with this name; NULL when memory is short. */
struct sb_zip_entry *sb_zip_new_entry(struct sb_zip *zip, const uint8_t *name, size_t len);
/* Whether it is a name, and the only one. */
int sb_zip_check_name(const uint8_t *name, size_t name_len, const uint8_t *extra, size_t extra_len,
                      struct sb_error *error);
/* What a whole local header says of the sizes, 64 bits or not. False: it is malformed. */
bool sb_zip_local_sizes(struct sb_zip_entry *entry, const uint8_t *fixed, const uint8_t *extra,
                        size_t extra_len);

#endif
