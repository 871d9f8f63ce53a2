/* bagit.txt and bag-info.txt (RFC 8493, sections 2.1.1 and 2.2.2). */
#ifndef SB_BAG_TAGINFO_H
#define SB_BAG_TAGINFO_H

#include "bag/encoding.h"
#include "bag/inventory.h"
#include "bag/lines.h"

#define SB_BAGIT_TXT "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

/* What bagit.txt declares. */
struct sb_declaration {
    bool old; /* a version before 1.0, whose manifests write '%' as it is */
    unsigned encoding;
    char version[8]; /* "" when it is none of these */
};

/* Exactly two lines in order, version 1.0 or 0.93 to 0.97, UTF-8 itself, no BOM; everything else is
 * a finding. */
void sb_bagit_txt_check(struct sb_declaration *out, struct sb_findings *findings,
                        const uint8_t *bytes, size_t len);

/* What Payload-Oxum says. */
struct sb_oxum {
    bool stated;
    uint64_t bytes, files;
};

/* Checks every line of bag-info.txt: "Label: value", or a continuation that starts with white
 * space. Malformed lines, text that is not UTF-8 and a repeated or malformed Payload-Oxum are
 * findings; Bagging-Date and Bag-Count in a form of their own are warnings. */
void sb_bag_info_check(struct sb_oxum *oxum, struct sb_findings *findings, const char *name,
                       const uint8_t *bytes, size_t len);

/* Goes through the labels of a bag-info.txt that was found good. Zero-initialise but for bytes and
 * len of `lines`. */
struct sb_bag_info {
    struct sb_lines lines;
};

/* The next label and its value, a folded one as one line, appended to the buffers; a NUL becomes
 * U+FFFD. 1; 0: there are no more; or MEMORY. */
int sb_bag_info_next(struct sb_bag_info *info, struct sb_buf *label, struct sb_buf *value);

/* Whether a sender's "Label: value" can be a line of bag-info.txt: NULL, or a phrase that completes
 * "the label ..." when it is malformed, holds hidden characters, or is one that sealbag writes. */
const char *sb_bag_info_label_bad(const char *text);
/* The first reserved label that is stated twice and should not be (RFC 8493, section 2.2.2); NULL
 * when none is. */
const char *sb_bag_info_repeated(const char *const *labels, size_t count);

#endif
