/* What in a file tells who made it, where, or with which device. Every function here takes the
 * bytes of a file, does no I/O, and trusts none of them; all of it runs in a process that is locked
 * in (op/privacy_child). */
#ifndef SB_PRIVACY_PRIVACY_H
#define SB_PRIVACY_PRIVACY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rule.h"

/* Where findings go. */
struct sb_privacy_sink {
    /* `field` is a name such as "EXIF Artist", borrowed for the call; the value is as it is in the
     * file: any bytes. */
    void (*found)(void *context, enum sb_privacy_rule rule, const char *field, const void *value,
                  size_t len);
    /* Called before a library gets bytes of the file; may be NULL. */
    void (*library)(void *context);
    void *context;
    const char *const *names; /* of who runs the program: login name, full name */
    size_t name_count;
    const char *prefix; /* of every field: the picture within a document; NULL: none */
};

enum sb_privacy_result {
    SB_PRIVACY_EXAMINED,
    SB_PRIVACY_MALFORMED, /* it is cut off, or not what it says it is: there may be more in it */
    SB_PRIVACY_LIMIT,     /* there is more in it than is looked at */
    SB_PRIVACY_FAILED,    /* a library did not work, such as for want of memory */
    SB_PRIVACY_ENCRYPTED, /* nobody can look into it without a password */
    SB_PRIVACY_UNKNOWN,   /* it is of a kind that is not known here */
    SB_PRIVACY_RESULTS
};

/* By how it begins. */
enum sb_privacy_kind {
    SB_KIND_NONE, /* nothing here looks into it */
    SB_KIND_JPEG,
    SB_KIND_TIFF, /* also many cameras' raw pictures */
    SB_KIND_PNG,
    SB_KIND_WEBP,
    SB_KIND_BMFF, /* MP4, MOV, HEIC, AVIF */
    SB_KIND_PDF,
    SB_KIND_ZIP, /* Office documents */
    SB_KIND_COUNT
};

enum { SB_PRIVACY_HEAD = 32 }; /* so many bytes of a file, or all, tell its kind */

enum sb_privacy_kind sb_privacy_kind_of(const uint8_t *head, size_t len);

/* Before the process is locked in: loads what could not be loaded afterwards. */
void sb_privacy_prepare(void);

/* Looks into a whole file. What was found before something malformed is still found. */
enum sb_privacy_result sb_privacy_examine(const struct sb_privacy_sink *sink,
                                          enum sb_privacy_kind kind, const uint8_t *bytes,
                                          size_t len);

/* ---- texts ---- */

/* Looks in a text, in UTF-8 or in bytes, for e-mail addresses, home folders, addresses that give
 * access, and the names of who runs the program. */
void sb_privacy_scan(const struct sb_privacy_sink *sink, const char *field, const char *text,
                     size_t len);

/* Whether anything but a name can be found in a text. Most cells of a table hold nothing else. */
bool sb_privacy_may_tell(const char *text);

/* The name of a file, without the folder that it was named with. */
void sb_privacy_scan_name(const struct sb_privacy_sink *sink, const char *name);

/* What is known of a file that a system or program leaves in folders without being asked, as a
 * sentence without its subject; NULL: it is none. Its path tells, whatever is in it. */
const char *sb_privacy_left_behind(const char *path);

/* ---- used by the formats ---- */

/* Before a function of a library gets bytes of the file: from then on the process is not trusted
 * with another one. */
void sb_privacy_use_library(const struct sb_privacy_sink *sink);

/* Whether a text is UTF-16: by its mark, or because every second byte of most of it is zero. */
enum sb_privacy_wide { SB_PRIVACY_NARROW, SB_PRIVACY_WIDE_LITTLE, SB_PRIVACY_WIDE_BIG };
enum sb_privacy_wide sb_privacy_wide(const void *text, size_t len);

/* UTF-16 to UTF-8, up to a zero; without pairs of surrogates. */
void sb_privacy_narrow(struct sb_buf *out, const uint8_t *bytes, size_t len, bool big);

/* A value that tells something by its field; not if it is blank. Of texts with zeros between them
 * the first that is not blank counts: EXIF names an editor behind a photographer of one space. */
void sb_privacy_value(const struct sb_privacy_sink *sink, enum sb_privacy_rule rule,
                      const char *field, const void *value, size_t len);

enum sb_privacy_result sb_privacy_jpeg(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len);
enum sb_privacy_result sb_privacy_png(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                      size_t len);
enum sb_privacy_result sb_privacy_webp(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len);
enum sb_privacy_result sb_privacy_bmff(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len);
enum sb_privacy_result sb_privacy_pdf(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                      size_t len);
enum sb_privacy_result sb_privacy_office(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                         size_t len);
/* A TIFF file, or the same as EXIF within another (without "Exif\0\0"). */
enum sb_privacy_result sb_privacy_tiff(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len);
/* The same with JPEG's mark before it or not: programs differ. */
enum sb_privacy_result sb_privacy_exif(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len);
/* What camera makers put into EXIF in their own ways; `bytes` as for sb_privacy_tiff. */
void sb_privacy_maker_notes(const struct sb_privacy_sink *sink, const uint8_t *bytes, size_t len);
/* Photoshop's resources, among them IPTC's fields; and those alone. */
enum sb_privacy_result sb_privacy_irb(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                      size_t len);
enum sb_privacy_result sb_privacy_iptc(const struct sb_privacy_sink *sink, const uint8_t *bytes,
                                       size_t len);

enum sb_privacy_xml {
    SB_XML_XMP,
    SB_XML_PROPERTIES, /* docProps/core.xml and app.xml, meta.xml */
    SB_XML_TEXT,       /* the document itself: only who changed it and commented on it */
};

enum sb_privacy_result sb_privacy_xml(const struct sb_privacy_sink *sink, enum sb_privacy_xml kind,
                                      const uint8_t *bytes, size_t len);

/* Of two results the one that says that more was missed. */
enum sb_privacy_result sb_privacy_worse(enum sb_privacy_result a, enum sb_privacy_result b);

#endif
