/* seal.txt, the signed file: written and read in exactly one form.
 *
 *   Sealbag-Version: 1
 *   Bag-Name: <the top-level folder>
 *   Sealed: <UTC, RFC 3339, whole seconds>
 *   Signer: SHA256:<fingerprint>        one or more, ascending
 *   Leaves: <number of documents>
 *   Root: <64 hex digits>
 *   Cover: <64 hex digits>
 *   Supersedes: <64 hex digits>         optional
 */
#ifndef SB_BAG_SEAL_H
#define SB_BAG_SEAL_H

#include "bag/inventory.h"

#define SB_SEAL_TXT  "seal/seal.txt"
#define SB_SALT_TXT  "seal/salt.txt"
#define SB_COVER_TXT "seal/cover-sha256.txt"
/* Only when the bag has no manifest-sha256.txt of its own that lists all documents. */
#define SB_SEAL_MANIFEST "seal/manifest-sha256.txt"

#define SB_CUSTODY_DIR "seal/custody/"

enum { SB_SIGNERS_MAX = 1000, SB_CUSTODY_MAX = 9999 };

struct sb_seal {
    char name[256];
    int64_t sealed;
    char (*signers)[SEALBAG_FINGERPRINT_SIZE]; /* owned; free with sb_seal_free */
    size_t signer_count;
    uint64_t leaves;
    uint8_t root[SB_DIGEST_SIZE];
    uint8_t cover[SB_DIGEST_SIZE];
    bool supersedes_stated;
    uint8_t supersedes[SB_DIGEST_SIZE];
};

/* Findings when it is not exactly this; then *out is zero. 0 or MEMORY. */
int sb_seal_parse(struct sb_seal *out, struct sb_findings *findings, const uint8_t *bytes,
                  size_t len);
int sb_seal_format(struct sb_buf *out, const struct sb_seal *seal);
void sb_seal_free(struct sb_seal *seal);

/* salt.txt: 64 lower-case hex digits and LF. */
bool sb_salt_parse(uint8_t out[32], const uint8_t *bytes, size_t len);

enum sb_seal_kind {
    SB_SEAL_FIXED, /* seal.txt, salt.txt, cover-sha256.txt, manifest-sha256.txt */
    SB_SEAL_INDEX,
    SB_SEAL_MINISIGN,
    SB_SEAL_SSHSIG,
    SB_SEAL_CUSTODY_EVENT, /* custody/NNNN-<FP>.txt and its signature */
    SB_SEAL_CUSTODY_MINISIGN,
    SB_SEAL_CUSTODY_SSHSIG,
    SB_SEAL_UNKNOWN,
};

/* What a file of seal/ is, by its path; the 32 hex digits <FP> in the name of a signature or an
 * event are copied to fp_name. */
enum sb_seal_kind sb_seal_kind_of(char fp_name[33], const char *path);

/* The number of an event or its signature, from 1; 0 when the path is none of these. */
unsigned sb_seal_custody_number(const char *path);

#endif
