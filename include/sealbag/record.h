/* SPDX-License-Identifier: ISC
 *
 * Part of sealbag.h, which includes it: what a bag says of itself and of its documents. All of it
 * is as stated by the signer, or by nobody when the bag is unsigned; a signature proves who said it
 * and that it was not changed since, not that it is true.
 */
#ifndef SEALBAG_RECORD_H
#define SEALBAG_RECORD_H

#include <sealbag/sealbag.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what create records by itself ------------------------------------------------------- */

/* Told of what was done with a value; `rule` is static, `sentence` escaped and for people, and
 * lives only during the call. */
typedef void (*sealbag_note_fn)(void *context, const char *rule, bool warning,
                                const char *sentence);

/* Only empty cells are filled. What is told comes in the order of the documents, from the calling
 * thread. */
struct sealbag_recording {
    /* From the extended attributes user.xdg.origin.url, user.xdg.referrer.url and user.dublincore.*
     * of a document, read from the same open file as the document; credentials, fragments and what
     * gives access are cut out of URLs. */
    bool xattrs;
    bool mtimes;          /* the column sealbag.mtime */
    sealbag_note_fn note; /* NULL: nobody is told */
    void *note_context;
};

struct sealbag_template_options {
    const char *const *sources; /* as for create */
    size_t source_count;
    unsigned jobs;
    const char *output; /* NULL: write to output_fd, which is not closed */
    int output_fd;
    bool force;           /* replace an existing output */
    sealbag_note_fn note; /* as for create */
    void *note_context;
};

/* Writes a table to fill in, which create takes as it is: a row for each document, in create's
 * order, with what is known of it already: its extended attributes, its type by its first bytes,
 * its size. `problems` (may be NULL; the caller frees it) names what create would leave out.
 * *documents (may be NULL) is the number of rows. */
int sealbag_metadata_template(uint64_t *documents, struct sealbag_problems *problems,
                              const struct sealbag_template_options *options,
                              struct sb_error *error);

/* Looks for all that create would find wrong with records, without making anything. Of the options
 * only the sources, `metadata`, `require_metadata`, `privacy` (of which only the names count: no
 * document is looked into), `privacy_accept` and `jobs` count. 0, or SEALBAG_ERR_METADATA with the
 * problems named, or SEALBAG_ERR_PRIVACY. `problems` also names what create would refuse in the
 * sources or leave out, and, with 0 and PRIVACY, columns that may be misspelt: create takes any
 * column, but few have a meaning. `out` may be NULL. */
struct sealbag_metadata_checked {
    uint64_t documents, records;
    uint64_t relations; /* cells that hold one */
    uint64_t folders;   /* that have a record */
};
int sealbag_metadata_check(struct sealbag_metadata_checked *out, struct sealbag_problems *problems,
                           const struct sealbag_create_options *options, struct sb_error *error);

/* ---- what create is told of the bag ------------------------------------------------------ */

/* The reserved labels of bag-info.txt (RFC 8493, section 2.2.2; the last one: BagIt Profiles 1.4)
 * but for those that create writes itself: id, label, option of `sealbag create`, whether it may be
 * repeated, meaning. They are given in `info` of struct sealbag_create_options, like all others. */
#define SEALBAG_LABELS(X)                                                                          \
    X(SOURCE_ORGANIZATION, "Source-Organization", "source-organization", true,                     \
      "the organization that hands the bag on")                                                    \
    X(ORGANIZATION_ADDRESS, "Organization-Address", "organization-address", true,                  \
      "its postal address")                                                                        \
    X(CONTACT_NAME, "Contact-Name", "contact-name", true, "the person there to ask")               \
    X(CONTACT_PHONE, "Contact-Phone", "contact-phone", true, "and the telephone number")           \
    X(CONTACT_EMAIL, "Contact-Email", "contact-email", true, "and the email address")              \
    X(EXTERNAL_DESCRIPTION, "External-Description", "external-description", true,                  \
      "what it holds and where that comes from, in short")                                         \
    X(EXTERNAL_IDENTIFIER, "External-Identifier", "external-identifier", true,                     \
      "what the sender calls this bag")                                                            \
    X(BAG_SIZE, "Bag-Size", "bag-size", false,                                                     \
      "its size, roughly and for people, such as 42.6 GB")                                         \
    X(BAG_GROUP_IDENTIFIER, "Bag-Group-Identifier", "bag-group-identifier", false,                 \
      "what the sender calls the group of bags that it is of")                                     \
    X(BAG_COUNT, "Bag-Count", "bag-count", false,                                                  \
      "which of the group it is, such as 2 of 5, or 2 of ?")                                       \
    X(INTERNAL_SENDER_IDENTIFIER, "Internal-Sender-Identifier", "internal-sender-identifier",      \
      true, "what it is called within the sender's house")                                         \
    X(INTERNAL_SENDER_DESCRIPTION, "Internal-Sender-Description", "internal-sender-description",   \
      true, "what it is to the sender's house")                                                    \
    X(BAGIT_PROFILE_IDENTIFIER, "BagIt-Profile-Identifier", "bagit-profile-identifier", true,      \
      "the URL of a BagIt profile that it keeps to")

/* ---- what a verdict tells ---------------------------------------------------------------- */

/* A line of bag-info.txt; a folded value is one line here. */
struct sealbag_label {
    const char *label, *value; /* raw */
};

/* A cell of metadata/metadata.csv that is not empty. */
struct sealbag_value {
    const char *column, *value; /* raw; a value can have several lines */
};

/* The columns that have a meaning, but for those of relations below: column, what it is to people.
 */
#define SEALBAG_COLUMNS(X)                                                                         \
    X("dc.title", "Title")                                                                         \
    X("dc.creator", "Author")                                                                      \
    X("dc.publisher", "Publisher")                                                                 \
    X("dc.source", "Where it was found")                                                           \
    X("dcterms.issued", "Published")                                                               \
    X("premis.eventDateTime", "Collected on")                                                      \
    X("premis.linkingAgentIdentifierValue", "Collected by")                                        \
    X("premis.eventDetail", "How it was collected")                                                \
    X("dc.language", "Language")                                                                   \
    X("dc.rights", "Rights")                                                                       \
    X("dc.description", "Notes")                                                                   \
    X("dc.date", "Date")                                                                           \
    X("dc.format", "Type")                                                                         \
    X("dcterms.extent", "Size")                                                                    \
    X("sealbag.mtime", "Last changed")

/* A row of metadata/metadata.csv. */
struct sealbag_record {
    const char *path;                  /* of the document: "data/..." */
    const struct sealbag_value *value; /* in the order of the columns; a column can be repeated */
    size_t value_count;
    size_t relation; /* the first of its relations in the list below; they follow each other */
    size_t relation_count;
};

/* What one document has to do with something else: column, word for people, meaning. */
#define SEALBAG_RELATIONS(X)                                                                       \
    X(CITES, "dcterms.references", "cites")                                                        \
    X(QUOTES, "prov.wasQuotedFrom", "quotes")                                                      \
    X(PRIMARY_SOURCE, "prov.hadPrimarySource", "has as its primary source")                        \
    X(DERIVED, "prov.wasDerivedFrom", "is derived from")

#define SEALBAG_RELATION_ENUM(name, column, text) SEALBAG_RELATION_##name,
enum sealbag_relation_kind { SEALBAG_RELATIONS(SEALBAG_RELATION_ENUM) SEALBAG_RELATION_KINDS };
#undef SEALBAG_RELATION_ENUM

enum sealbag_target {
    SEALBAG_TARGET_DOCUMENT, /* in the bag */
    SEALBAG_TARGET_DIGEST,   /* "sha256:..." of something that is not in the bag */
    SEALBAG_TARGET_URL,
};

struct sealbag_relation {
    enum sealbag_relation_kind kind;
    enum sealbag_target target;
    const char *from; /* the document's path: "data/..." */
    const char *to;   /* a document's path, also when the cell gives its digest; else the cell */
};

struct sealbag_provenance {
    const struct sealbag_label *label; /* of bag-info.txt, in its order */
    size_t label_count;
    const struct sealbag_record *record; /* in the order of the file */
    size_t record_count;
    size_t folder_count; /* of these: about a folder, with a path that ends in "/" */
    const struct sealbag_relation *relation; /* sorted as the records are */
    size_t relation_count;
    /* There is a metadata/metadata.csv, but not in the form that sealbag writes, so nothing of it
     * is here, and no leaf of the seal is about it. */
    bool foreign;
};

#ifdef __cplusplus
}
#endif

#endif
