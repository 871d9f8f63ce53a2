/* The one table of rules: every finding of a verdict is one of these. */
#ifndef SB_BASE_RULE_H
#define SB_BASE_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* name, rule, severity, exit code it leads to, meaning (for the documentation), where it is said.
 * Y: what is not for the process to say that reads bundles, but for the one that judges them. */
#define SB_RULES_OF(X, Y)                                                                          \
    /* the input as a container */                                                                 \
    X(INPUT_EMPTY, "container.empty", ERROR, 5, "the input is empty", "")                          \
    X(UNSUPPORTED, "container.unsupported", ERROR, 5, "the input is no kind of bundle known here", \
      "")                                                                                          \
    X(INPUT_FAILED, "io.failed", ERROR, 5, "the input could not be read to its end", "")           \
    X(LIMIT, "limit.reached", ERROR, 5, "a limit was reached", "")                                 \
    Y(UNCONFINED, "reader.unconfined", WARNING, 0,                                                 \
      "the bundle was read by a process that was not locked in", "threat-model.md")                \
    X(NAME_MISMATCH, "container.name-mismatch", WARNING, 0,                                        \
      "the bundle's name says another kind than it is", "format.md, The container")                \
    X(GZIP_HEADER, "gzip.header", ERROR, 1, "a gzip member's header is malformed",                 \
      "RFC 1952, 2.3")                                                                             \
    X(GZIP_DATA, "gzip.data", ERROR, 1, "compressed data is malformed", "RFC 1951")                \
    X(GZIP_CHECK, "gzip.check", ERROR, 1, "a member's CRC or length does not fit its data",        \
      "RFC 1952, 2.3.1")                                                                           \
    X(GZIP_LENGTH, "gzip.length", ERROR, 1, "a member is not as long as its subfield says",        \
      "format.md, The container")                                                                  \
    X(GZIP_MIXED, "gzip.mixed", ERROR, 1,                                                          \
      "members with and without the length subfield are mixed", "format.md, The container")        \
    X(GZIP_TRUNCATED, "gzip.truncated", ERROR, 1, "the file ends in the middle", "RFC 1952")       \
    X(GZIP_TRAILING, "gzip.trailing", ERROR, 1, "there are bytes after the last member",           \
      "RFC 1952")                                                                                  \
    X(ZSTD_HEADER, "zstd.header", ERROR, 1, "a zstd frame's header is malformed",                  \
      "RFC 8878, 3.1.1")                                                                           \
    X(ZSTD_DATA, "zstd.data", ERROR, 1, "compressed data is malformed", "RFC 8878, 3.1.1")         \
    X(ZSTD_CHECK, "zstd.check", ERROR, 1, "a frame's checksum does not fit its data",              \
      "RFC 8878, 3.1.1")                                                                           \
    X(ZSTD_MIXED, "zstd.mixed", ERROR, 1, "frames of two kinds are mixed",                         \
      "format.md, The container")                                                                  \
    X(ZSTD_TRUNCATED, "zstd.truncated", ERROR, 1, "the file ends in the middle", "RFC 8878, 3.1")  \
    X(ZSTD_TRAILING, "zstd.trailing", ERROR, 1, "there are bytes after the last frame",            \
      "RFC 8878, 3.1")                                                                             \
    X(ZSTD_TABLE, "zstd.seek-table", ERROR, 1, "the seek table does not fit the frames",           \
      "format.md, The container")                                                                  \
    X(CONTAINER_ORDER, "container.order", ERROR, 1, "something follows the bundle's last part",    \
      "format.md, The container")                                                                  \
    X(CONTAINER_SHORT, "container.short-frame", ERROR, 1,                                          \
      "a frame in the middle is not full although there is a pointer", "format.md, The container") \
    X(CONTAINER_POINTER, "container.pointer", ERROR, 1, "the pointer is not where index.tsv is",   \
      "format.md, The container")                                                                  \
    X(TAR_HEADER, "tar.header", ERROR, 1, "a tar header is malformed", "POSIX.1-2017, pax")        \
    X(TAR_TYPE, "tar.type", ERROR, 1, "an entry is neither a regular file nor a folder",           \
      "format.md, The container")                                                                  \
    X(TAR_PAX, "tar.pax", ERROR, 1, "an extended header is malformed or refused",                  \
      "POSIX.1-2017, pax")                                                                         \
    X(TAR_TRUNCATED, "tar.truncated", ERROR, 1, "the tar ends without its end blocks",             \
      "POSIX.1-2017, pax")                                                                         \
    X(TAR_TRAILING, "tar.trailing", ERROR, 1, "there is data after the tar's end",                 \
      "format.md, The container")                                                                  \
    X(TAR_DISAGREE, "tar.disagreement", ERROR, 1, "two parsers read the tar differently",          \
      "format.md, The container")                                                                  \
    X(ZIP_MALFORMED, "zip.malformed", ERROR, 1, "a zip file's records are malformed",              \
      "APPNOTE.TXT 6.3.10")                                                                        \
    X(ZIP_DATA, "zip.data", ERROR, 1, "an entry's data is malformed, or does not fit its CRC",     \
      "APPNOTE.TXT 6.3.10")                                                                        \
    X(ZIP_MISMATCH, "zip.mismatch", ERROR, 1, "a zip file describes an entry in two ways",         \
      "format.md, The container")                                                                  \
    X(ZIP_GAP, "zip.gap", ERROR, 1, "a zip file holds bytes that no entry is, or entries overlap", \
      "format.md, The container")                                                                  \
    X(ZIP_TRAILING, "zip.trailing", ERROR, 1, "there is data behind a zip file's end",             \
      "format.md, The container")                                                                  \
    X(ZIP_TYPE, "zip.type", ERROR, 1, "an entry is neither a regular file nor a folder",           \
      "format.md, The container")                                                                  \
    /* paths */                                                                                    \
    X(PATH_UNSAFE, "path.unsafe", ERROR, 1, "a path is unsafe to create", "RFC 8493, 5.2")         \
    X(PATH_DUPLICATE, "path.duplicate", ERROR, 1, "a path occurs twice", "format.md, The bag")     \
    X(PATH_COLLISION, "path.collision", ERROR, 1, "a file is also a folder of other files",        \
      "format.md, The bag")                                                                        \
    X(PATH_OUTSIDE, "path.outside-bag", ERROR, 1, "an entry is outside the one top-level folder",  \
      "format.md, The bag")                                                                        \
    X(PATH_TWIN, "path.twin", WARNING, 0, "two paths differ only in case or Unicode form",         \
      "RFC 8493, 5.2")                                                                             \
    X(PATH_NOT_PORTABLE, "path.not-portable", WARNING, 0, "Windows cannot create a file so named", \
      "RFC 8493, 6.1")                                                                             \
    X(FOLDER_EMPTY, "folder.empty", ERROR, 1, "a folder holds no file", "RFC 8493, 2.1.3")         \
    X(FOLDER_HOLLOW, "folder.empty-on-disk", WARNING, 0,                                           \
      "a bag that is a plain folder has a folder without a file", "RFC 8493, 2.1.3")               \
    X(FOLDER_SPECIAL, "folder.special", ERROR, 1,                                                  \
      "a plain folder holds a link, a device, a pipe or a socket", "format.md, Plain folders")     \
    X(FOLDER_LINKED, "folder.hard-link", WARNING, 0, "files of a plain folder have a second name", \
      "format.md, Plain folders")                                                                  \
    X(FOLDER_ORDINARY, "folder.ordinary", NOTE, 0,                                                 \
      "what was given is an ordinary folder, not a bag", "RFC 8493, 2.1")                          \
    X(FOLDER_CHANGED, "folder.changed", ERROR, 5, "a plain folder was changed while it was read",  \
      "format.md, Plain folders")                                                                  \
    /* the bag */                                                                                  \
    X(NOT_A_BAG, "bag.not-a-bag", ERROR, 1, "there is no bagit.txt", "RFC 8493, 2.1.1")            \
    X(DECLARATION, "bag.declaration", ERROR, 1, "bagit.txt is not exactly its two lines",          \
      "RFC 8493, 2.1.1")                                                                           \
    X(VERSION, "bag.version", ERROR, 5, "a BagIt version that is not supported",                   \
      "RFC 8493, 2.1.1")                                                                           \
    X(ALGORITHM, "bag.algorithm", ERROR, 5,                                                        \
      "the only payload manifest uses an unsupported digest", "RFC 8493, 2.4")                     \
    X(NOT_JUDGED, "bag.not-judged", NOTE, 0, "a part of the bag was not judged",                   \
      "format.md, The verdict")                                                                    \
    Y(PARTLY_READ, "bag.partly-read", NOTE, 0, "only what was asked for was read and checked",     \
      "format.md, The index")                                                                      \
    Y(QUICK, "bag.not-compared", ERROR, 6, "only a quick check was made, as asked",                \
      "format.md, The verdict")                                                                    \
    X(ENCODING, "bag.encoding", ERROR, 5, "an encoding of tag files that is not supported",        \
      "RFC 8493, 2.1.1")                                                                           \
    X(FETCH, "bag.fetch", NOTE, 0, "the bag names documents to be fetched; none is",               \
      "RFC 8493, 2.2.3")                                                                           \
    X(FETCH_LINE, "fetch.line", ERROR, 1, "fetch.txt has a malformed line", "RFC 8493, 2.2.3")     \
    X(FETCH_UNLISTED, "fetch.unlisted", ERROR, 1,                                                  \
      "fetch.txt names a document that a manifest does not list", "RFC 8493, 2.2.3")               \
    X(MANIFEST_MISSING, "manifest.missing", ERROR, 1, "there is no payload manifest",              \
      "RFC 8493, 2.1.3")                                                                           \
    X(MANIFEST_LINE, "manifest.line", ERROR, 1, "a manifest line is malformed", "RFC 8493, 2.1.3") \
    X(MANIFEST_STYLE, "manifest.style", WARNING, 0, "a manifest path starts with ./ or *",         \
      "RFC 8493, 2.1.3")                                                                           \
    X(MANIFEST_TWICE, "manifest.listed-twice", ERROR, 1, "a manifest lists a file twice",          \
      "RFC 8493, 2.1.3")                                                                           \
    X(MANIFEST_REPEATED, "manifest.repeated", WARNING, 0,                                          \
      "an old manifest lists a file twice, with the same digest", "RFC 8493, 2.1.3")               \
    X(MANIFEST_WEAK, "manifest.weak", WARNING, 0,                                                  \
      "a bag's documents are listed with MD5 or SHA-1 only, which can be forged", "RFC 8493, 2.4") \
    X(MANIFEST_FORM, "manifest.unicode-form", WARNING, 0,                                          \
      "a manifest lists a file in another Unicode form than its name has", "RFC 8493, 6.1.2")      \
    X(MANIFEST_SCOPE, "manifest.scope", ERROR, 1, "a manifest lists a file that it must not list", \
      "RFC 8493, 2.1.3, 2.2.1")                                                                    \
    X(FILE_MISSING, "manifest.file-missing", ERROR, 1, "a listed file is not there",               \
      "RFC 8493, 3")                                                                               \
    X(FILE_UNLISTED, "manifest.file-unlisted", ERROR, 1, "a file is listed nowhere",               \
      "RFC 8493, 3")                                                                               \
    X(DIGEST, "manifest.digest-mismatch", ERROR, 1, "a file is not the one that was listed",       \
      "RFC 8493, 3")                                                                               \
    X(TAG_UNLISTED, "tagmanifest.unlisted", NOTE, 0,                                               \
      "a bag that is to be sealed has a file that no tag manifest lists", "RFC 8493, 2.2.1")       \
    X(STATEMENTS, "seal.statements", NOTE, 0,                                                      \
      "a bag that is to be sealed states what its signer will have stated",                        \
      "format.md, Sealing the bags of others")                                                     \
    X(INFO_LINE, "baginfo.line", ERROR, 1, "bag-info.txt has a malformed line", "RFC 8493, 2.2.2") \
    X(OXUM, "baginfo.oxum", ERROR, 1, "Payload-Oxum is malformed, repeated or does not fit",       \
      "RFC 8493, 2.2.2")                                                                           \
    X(INFO_FORM, "baginfo.form", WARNING, 0,                                                       \
      "Bagging-Date or Bag-Count is not in the form that it should have", "RFC 8493, 2.2.2")       \
    X(OXUM_MISSING, "baginfo.oxum-missing", ERROR, 5,                                              \
      "there is no Payload-Oxum, which is all that a fast check compares", "RFC 8493, 2.2.2")      \
    X(METADATA_FOREIGN, "metadata.foreign", NOTE, 0,                                               \
      "metadata.csv is not in sealbag's form: it is not shown, and no leaf is about it",           \
      "format.md, Provenance records")                                                             \
    /* a BagIt profile that was asked for */                                                       \
    X(PROFILE_LABEL, "profile.label-missing", ERROR, 1,                                            \
      "a label is missing that the profile requires", "BagIt Profiles 1.4, Bag-Info")              \
    X(PROFILE_RECOMMENDED, "profile.label-recommended", WARNING, 0,                                \
      "a label is missing that the profile recommends", "BagIt Profiles 1.4, Bag-Info")            \
    X(PROFILE_VALUE, "profile.label-value", ERROR, 1,                                              \
      "a label has a value that the profile does not allow", "BagIt Profiles 1.4, Bag-Info")       \
    X(PROFILE_REPEATED, "profile.label-repeated", ERROR, 1,                                        \
      "a label is there twice that the profile allows once", "BagIt Profiles 1.4, Bag-Info")       \
    X(PROFILE_IDENTIFIER, "profile.identifier", ERROR, 1,                                          \
      "the bag does not name the profile in bag-info.txt", "BagIt Profiles 1.4, Bag-Info")         \
    X(PROFILE_MANIFEST, "profile.manifest", ERROR, 1,                                              \
      "a manifest is missing that the profile requires, or not allowed",                           \
      "BagIt Profiles 1.4, Manifests-Required, -Allowed")                                          \
    X(PROFILE_TAG_FILE, "profile.tag-file", ERROR, 1,                                              \
      "a tag file is missing that the profile requires, or not allowed",                           \
      "BagIt Profiles 1.4, Tag-Files-Required, -Allowed")                                          \
    X(PROFILE_PAYLOAD, "profile.payload-file", ERROR, 1,                                           \
      "a document is missing that the profile requires, or not allowed",                           \
      "BagIt Profiles 1.4, Payload-Files-Required, -Allowed")                                      \
    X(PROFILE_FETCH, "profile.fetch", ERROR, 1,                                                    \
      "fetch.txt is missing although the profile requires it, or not allowed",                     \
      "BagIt Profiles 1.4, Allow-Fetch.txt, Fetch.txt-Required")                                   \
    X(PROFILE_DATA, "profile.data-empty", ERROR, 1,                                                \
      "the bag holds documents, and the profile allows none", "BagIt Profiles 1.4, Data-Empty")    \
    X(PROFILE_PACKING, "profile.serialization", ERROR, 1,                                          \
      "the bag is packed in another way than the profile asks for",                                \
      "BagIt Profiles 1.4, Serialization, Accept-Serialization")                                   \
    X(PROFILE_VERSION, "profile.version", ERROR, 1,                                                \
      "the bag is of a version of BagIt that the profile does not accept",                         \
      "BagIt Profiles 1.4, Accept-BagIt-Version")                                                  \
    X(PROFILE_NOT_JUDGED, "profile.not-judged", NOTE, 0, "a part of the profile was not judged",   \
      "format.md, BagIt profiles")                                                                 \
    /* the seal */                                                                                 \
    Y(UNSIGNED, "seal.none", ERROR, 4, "the bag is not sealed", "format.md, The seal")             \
    X(SEAL_INCOMPLETE, "seal.incomplete", ERROR, 1, "a part of the seal is missing",               \
      "format.md, The seal")                                                                       \
    X(SEAL_SYNTAX, "seal.syntax", ERROR, 1, "seal.txt is not exactly its lines",                   \
      "format.md, The seal")                                                                       \
    X(SEAL_VERSION, "seal.version", ERROR, 5, "a seal version that is not supported",              \
      "format.md, The seal")                                                                       \
    X(SEAL_SALT, "seal.salt", ERROR, 1, "salt.txt is not 64 hex digits", "format.md, The seal")    \
    X(SEAL_COVER, "seal.cover-mismatch", ERROR, 1, "the cover is not the one that was signed",     \
      "format.md, The seal")                                                                       \
    X(COVER_LINE, "seal.cover-line", ERROR, 1, "a line of the cover is malformed or out of order", \
      "format.md, The seal")                                                                       \
    X(SEAL_ROOT, "seal.root-mismatch", ERROR, 1,                                                   \
      "the documents and records do not give the signed root", "format.md, The tree")              \
    X(SEAL_LEAVES, "seal.leaves-mismatch", ERROR, 1,                                               \
      "the number of documents is not the signed one", "format.md, The tree")                      \
    X(SEAL_NAME, "seal.name-mismatch", ERROR, 1, "the top-level folder is not Bag-Name",           \
      "format.md, The seal")                                                                       \
    X(SEAL_FILE, "seal.unknown-file", ERROR, 1, "seal/ holds a file that does not belong there",   \
      "format.md, The seal")                                                                       \
    X(SEAL_INDEX, "seal.index-mismatch", ERROR, 1, "index.tsv does not tell where the files are",  \
      "format.md, The index")                                                                      \
    X(SEAL_INDEX_HINT, "seal.index-not-used", WARNING, 0,                                          \
      "the index could not be used, so the whole bundle was read", "format.md, The index")         \
    Y(SEAL_ID, "seal.id-mismatch", ERROR, 1, "the seal id is not the demanded one",                \
      "format.md, The seal")                                                                       \
    Y(SIGNATURE_BAD, "seal.bad-signature", ERROR, 1, "a signature does not hold over seal.txt",    \
      "format.md, Signatures")                                                                     \
    Y(SIGNATURE_SYNTAX, "seal.signature-syntax", ERROR, 1, "a signature file is malformed",        \
      "format.md, Signatures")                                                                     \
    Y(SIGNATURE_NAME, "seal.signature-name", ERROR, 1, "a signature file is not named by its key", \
      "format.md, Signatures")                                                                     \
    Y(SIGNATURE_KEYLESS, "seal.not-checkable", NOTE, 0, "a signature's key is not known here",     \
      "format.md, Signatures")                                                                     \
    Y(SIGNER_MISSING, "seal.signer-missing", ERROR, 3, "a named signer's signature is missing",    \
      "format.md, Signatures")                                                                     \
    /* custody */                                                                                  \
    Y(CUSTODY_SYNTAX, "custody.syntax", ERROR, 1, "a custody event or its signature is malformed", \
      "format.md, Custody")                                                                        \
    Y(CUSTODY_VERSION, "custody.version", ERROR, 5, "a custody version that is not supported",     \
      "format.md, Custody")                                                                        \
    Y(CUSTODY_ORDER, "custody.order", ERROR, 1,                                                    \
      "a custody event or its signature is missing, or there twice", "format.md, Custody")         \
    Y(CUSTODY_LINK, "custody.link", ERROR, 1, "a custody event does not follow the one before it", \
      "format.md, Custody")                                                                        \
    Y(CUSTODY_FOREIGN, "custody.foreign", ERROR, 1, "a custody event is about another seal",       \
      "format.md, Custody")                                                                        \
    Y(CUSTODY_BAD, "custody.bad-signature", ERROR, 1,                                              \
      "a custody event is not signed by the key that it names", "format.md, Custody")              \
    Y(CUSTODY_GONE, "custody.signature-missing", ERROR, 1,                                         \
      "a signature that a custody event lists is not there", "format.md, Custody")                 \
    Y(CUSTODY_HEAD, "custody.head-mismatch", ERROR, 1, "the custody head is not the demanded one", \
      "format.md, Custody")                                                                        \
    Y(CUSTODY_UNKNOWN, "custody.unknown-key", NOTE, 0,                                             \
      "a custody event is by a key that the store does not trust", "format.md, Custody")           \
    Y(CUSTODY_REVOKED, "custody.revoked-key", WARNING, 0,                                          \
      "a custody event is by a key that was revoked", "format.md, Custody")                        \
    Y(CUSTODY_KEYLESS, "custody.not-checkable", NOTE, 0,                                           \
      "the key of a custody event is not known here", "format.md, Custody")                        \
    /* trust */                                                                                    \
    Y(TRUST_UNKNOWN, "trust.unknown-key", NOTE, 0,                                                 \
      "a valid signature is by a key not in the store", "format.md, The verdict")                  \
    Y(TRUST_EXPIRED, "trust.expired", WARNING, 0,                                                  \
      "a valid signature is by a key that has expired", "format.md, The verdict")                  \
    Y(TRUST_NOT_YET, "trust.not-yet-valid", WARNING, 0,                                            \
      "a valid signature is by a key that is not valid yet", "format.md, The verdict")             \
    Y(TRUST_REVOKED, "trust.revoked", WARNING, 0,                                                  \
      "a valid signature is by a key that was revoked", "format.md, The verdict")                  \
    Y(TRUST_TOO_FEW, "trust.too-few", ERROR, 3, "fewer trusted signers than asked for",            \
      "format.md, The verdict")                                                                    \
    Y(TRUST_SIGNER, "trust.signer-not-found", ERROR, 3, "a demanded signer has not signed",        \
      "format.md, The verdict")                                                                    \
    Y(TRUST_BEFORE_SEAL, "trust.before-sealing", WARNING, 0,                                       \
      "the seal states a later time than the one at which it is judged", "format.md, The verdict")

/* Where it does not matter who says it. */
#define SB_RULES(X) SB_RULES_OF(X, X)

/* What the privacy check finds: name, rule, sentence about the field, meaning */
#define SB_PRIVACY_RULES(X)                                                                        \
    X(LOCATION, "privacy.location", "tells where it was made",                                     \
      "a place, such as where a picture was taken")                                                \
    X(SERIAL_NUMBER, "privacy.serial-number", "tells which camera or lens it was made with",       \
      "the serial number of a camera or lens")                                                     \
    X(PERSON, "privacy.person", "names a person", "an author, owner, editor or commentator")       \
    X(ORGANISATION, "privacy.organisation", "names an organisation", "a company or publisher")     \
    X(EMAIL, "privacy.email", "holds an e-mail address", "an e-mail address")                      \
    X(HOME_FOLDER, "privacy.home-folder", "holds the name of a home folder",                       \
      "the path of somebody's home folder")                                                        \
    X(URL_SECRET, "privacy.url-secret", "holds an address that gives access or tells who looked",  \
      "an address with a password, a token or a user name")                                        \
    X(USER_NAME, "privacy.user-name", "holds your own name or one that you asked for",             \
      "the login name or full name of who runs sealbag, or a name that was asked for")             \
    X(LEFT_BEHIND, "privacy.left-behind", "was left by a system or program",                       \
      "a file that a system or program left there, which can name people or other files")          \
    X(UNREADABLE, "privacy.unreadable", "could not be examined",                                   \
      "a file that could not be examined, or only in part")

#define SB_PRIVACY_ENUM(name, rule, sentence, text) SB_PRIVACY_##name,
enum sb_privacy_rule { SB_PRIVACY_RULES(SB_PRIVACY_ENUM) SB_PRIVACY_RULES_COUNT };
#undef SB_PRIVACY_ENUM

#define SB_RULE_ENUM(name, rule, severity, exit_code, text, reference) SB_RULE_##name,
enum sb_rule { SB_RULES(SB_RULE_ENUM) SB_RULE_COUNT };
#undef SB_RULE_ENUM

struct sb_rule_row {
    const char *rule;
    enum sealbag_severity severity;
    int exit_code;
    const char *text;
    const char *reference;
};

const struct sb_rule_row *sb_rule_row(enum sb_rule rule);
/* Whether the process that reads bundles may not say so (a Y of the table). */
bool sb_rule_judged_here(enum sb_rule rule);

/* The row's name for a static rule string; SB_RULE_COUNT when it is none. */
enum sb_rule sb_rule_by_name(const char *name);

/* Fills an error by a rule: the code is DAMAGED for exit code 1, LIMIT for LIMIT, IO for
 * INPUT_FAILED, else UNSUPPORTED. Returns the code. */
int sb_rule_error(struct sb_error *error, enum sb_rule rule, const char *format, ...)
    SB_PRINTF(3, 4);

/* A growing list of findings. Zero-initialise. Adding never fails: when memory is short,
 * `overflow` is set and the list must not be judged. A hostile bundle can give rise to any number:
 * beyond SB_FINDINGS_MAX_BYTES of text they are only counted, in `omitted`. */
struct sb_findings {
    struct sealbag_finding *items;
    size_t count, cap;
    struct sb_arena strings;
    size_t bytes;
    size_t omitted;
    int exit_code; /* the worst of all, also of those omitted */
    bool seen[SB_RULE_COUNT];
    bool overflow;
};

enum { SB_FINDINGS_MAX_BYTES = 64 << 20 };

/* `path` may be NULL; it is copied. The sentence is formatted; it must be escaped. */
void sb_findings_add(struct sb_findings *findings, enum sb_rule rule, const char *path,
                     const char *format, ...) SB_PRINTF(4, 5);
/* From an error that sb_rule_error filled; other errors become io.failed. */
void sb_findings_add_error(struct sb_findings *findings, const struct sb_error *error);
/* A rule among those that were left out. */
void sb_findings_see(struct sb_findings *findings, enum sb_rule rule);
/* Whether a rule is about a profile that was asked for, and says nothing against the content. */
bool sb_rule_of_profile(enum sb_rule rule);
/* The worst exit code of all but those. */
int sb_findings_content_code(const struct sb_findings *findings);
bool sb_findings_has(const struct sb_findings *findings, enum sb_rule rule);
/* The worst exit code of all, in the order 1, 5, 6, 4, 3, 0. */
int sb_findings_exit_code(const struct sb_findings *findings);
void sb_findings_free(struct sb_findings *findings);

#endif
