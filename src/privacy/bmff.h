/* Shared by the files about ISO base media files only. */
#ifndef SB_PRIVACY_BMFF_H
#define SB_PRIVACY_BMFF_H

#include "privacy/privacy.h"

struct sb_box {
    uint32_t type;
    const uint8_t *data;
    size_t len;
};

/* Takes one box off the front. False at the end, and when what is left is none. */
bool sb_bmff_next(struct sb_box *box, const uint8_t **at, size_t *left);

/* HEIC: the items of a meta box (without its version and flags) that are EXIF or XMP; where they
 * are in the file, its "iloc" says. */
enum sb_privacy_result sb_bmff_items(const struct sb_privacy_sink *sink, const uint8_t *file,
                                     size_t file_len, const struct sb_box *meta);

#endif
