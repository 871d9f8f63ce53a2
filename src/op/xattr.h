/* What the extended attributes of a document say of it, as browsers and download tools left it
 * there (freedesktop.org, "Common extended attributes"). */
#ifndef SB_OP_XATTR_H
#define SB_OP_XATTR_H

#include <stdbool.h>

#include "base/buf.h"

/* What can be known of a document without asking anybody: the column that it fills, and the
 * attributes that tell it, the better one first. user.xdg.publisher is not among them: it is the
 * program that wrote the file, not who published it. */
#define SB_KNOWN(X)                                                                                \
    X(TITLE, "dc.title")                                                                           \
    X(CREATOR, "dc.creator")                                                                       \
    X(PUBLISHER, "dc.publisher")                                                                   \
    X(SOURCE, "dc.source")                                                                         \
    X(DATE, "dc.date")                                                                             \
    X(DETAIL, "premis.eventDetail")                                                                \
    X(LANGUAGE, "dc.language")                                                                     \
    X(RIGHTS, "dc.rights")                                                                         \
    X(DESCRIPTION, "dc.description")                                                               \
    X(FORMAT, "dc.format")                                                                         \
    X(EXTENT, "dcterms.extent")                                                                    \
    X(MTIME, "sealbag.mtime")

#define SB_KNOWN_ENUM(name, column) SB_KNOWN_##name,
enum sb_known { SB_KNOWN(SB_KNOWN_ENUM) SB_KNOWN_COUNT };
#undef SB_KNOWN_ENUM

/* The column's name: a static string. */
const char *sb_known_column(enum sb_known known);

/* What was done with a value, for people. */
struct sb_known_note {
    const char *rule;     /* static */
    bool warning;         /* else it is only told */
    const char *sentence; /* escaped for a terminal; without the document's name */
};

struct sb_known_value {
    enum sb_known known;
    const char *value; /* NULL: it was left out */
    struct sb_known_note notes[2];
    unsigned note_count;
};

/* At most one for each attribute. Zero-initialise. The strings are the arena's. */
enum { SB_KNOWN_VALUES_MAX = 12 };
struct sb_known_values {
    struct sb_known_value items[SB_KNOWN_VALUES_MAX];
    unsigned count;
};

/* Reads them from an open file. URLs are cleaned (base/url.h), and what cannot be in a table that
 * others open is left out: then a note says so. That a file system has no attributes is nothing to
 * be told. 0 or MEMORY. */
int sb_xattr_read(struct sb_known_values *out, struct sb_arena *arena, int fd);

/* The same for one attribute's value; nothing when it is none of those above. */
int sb_xattr_take(struct sb_known_values *out, struct sb_arena *arena, const char *name,
                  const char *value, size_t len);

#endif
