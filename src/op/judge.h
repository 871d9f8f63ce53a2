/* From a scan to a verdict, in the order of the three questions: is the bag intact, is it signed,
 * is the signer trusted. */
#ifndef SB_OP_JUDGE_H
#define SB_OP_JUDGE_H

#include "bag/manifest.h"
#include "bag/seal.h"
#include "bag/taginfo.h"
#include "op/rehash.h"
#include "op/scan.h"
#include "record/metadata.h"
#include "sign/revoked.h"
#include "sign/truststore.h"

struct sealbag_trust {
    struct sb_truststore store;
    struct sb_revoked revoked;
    bool writable_by_others;
};

struct sb_signature_list {
    struct sealbag_signature *items;
    size_t count, cap;
};

struct sb_custody_list {
    struct sealbag_custody_event *items;
    size_t count;
};

/* Everything that is known about a bundle while it is judged. */
struct sb_judge {
    struct sb_scan scan;
    struct sb_findings findings;
    struct sb_pool *pool;
    struct sb_digest *digest;
    struct sb_declaration declaration;
    struct sb_manifest manifest; /* the one in seal/, or else manifest-sha256.txt */
    struct sb_manifest fetch;    /* what fetch.txt names */
    struct sb_rehash rehash;
    struct sb_manifest cover;
    struct sb_seal seal;
    enum sealbag_depth depth; /* how much is compared */
    bool folder;              /* it is a plain folder */
    bool sealed;              /* there is something in seal/ */
    bool seal_parsed;
    bool manifest_whole;  /* the bag's own lists all documents, so that its seal needs none */
    bool manifest_signed; /* seal.txt vouches for the manifest's very bytes, through the cover */
    char seal_id[65];
    struct sb_signature_list signatures;
    struct sb_custody_list custody;
    char custody_head[65];                 /* "" also when the chain does not hold */
    struct sb_arena strings;               /* of the signatures and the custody events */
    const struct sealbag_profile *profile; /* set before reading: borrowed, or NULL */
    const char *named;                     /* set before reading: the bundle's name, or NULL */
    struct sb_metadata metadata; /* the records; no rows when there are none, or foreign ones */
    bool metadata_foreign;       /* metadata.csv is not in the normal form */
    bool to_seal;                /* set before reading: what its signer should know is told */
    bool oxum_stated;
    size_t manifest_lines;
    uint64_t payload_files, payload_bytes;
    size_t valid_seals, trusted_seals, countersignatures;
    size_t trusted_signers; /* what is held against the number that was asked for */
    int signature_code;     /* exit code that signatures and trust alone lead to */
};

/* `jobs` threads. Free it in any case. */
int sb_judge_init(struct sb_judge *judge, unsigned jobs, struct sb_error *error);
void sb_judge_free(struct sb_judge *judge);

/* Forgets everything but the pool and the digest. */
void sb_judge_clear(struct sb_judge *judge);

/* From the inventory: how many documents there are, how large, and whether there is a seal. */
void sb_judge_count(struct sb_judge *judge);

/* Each adds findings; 0 or a negative code for memory and the like. */
int sb_judge_bag(struct sb_judge *judge, struct sb_error *error);
/* metadata.csv, whose rows are parts of the leaves. */
int sb_judge_metadata(struct sb_judge *judge, struct sb_error *error);
/* Its part without findings. */
int sb_judge_read_metadata(struct sb_judge *judge, struct sb_error *error);
/* After these, of a bag that is to be sealed: what its signer will have stated. */
int sb_judge_statements(struct sb_judge *judge, struct sb_error *error);
/* After the others: whether what is intact keeps to the profile. */
int sb_judge_profile(struct sb_judge *judge, struct sb_error *error);
int sb_judge_seal(struct sb_judge *judge, struct sb_error *error);
int sb_judge_signatures(struct sb_judge *judge, const struct sealbag_verify_options *options,
                        struct sb_error *error);
/* After the signatures: the custody chain, which is about them. */
int sb_judge_custody(struct sb_judge *judge, const struct sealbag_verify_options *options,
                     struct sb_error *error);
/* Parts of sb_judge_bag. */
int sb_judge_payload_manifests(struct sb_judge *judge, struct sb_error *error);
int sb_judge_tag_manifests(struct sb_judge *judge, struct sb_error *error);
/* Appends the text of a tag file that was kept, in UTF-8: 1; 0 after a finding of this rule, when
 * it is not in the encoding that bagit.txt names; or SEALBAG_ERR_MEMORY. */
int sb_judge_text(struct sb_buf *out, struct sb_judge *judge, enum sb_rule rule, const char *path);
/* The path of the labels: up to 0.95 it was package-info.txt. */
const char *sb_judge_info_name(const struct sb_judge *judge);
/* The algorithms other than SHA-256 that the manifests need: a bit for each. */
unsigned sb_judge_algorithms(const struct sb_judge *judge);
/* All of these but the signatures and the custody chain. */
int sb_judge_content(struct sb_judge *judge, struct sb_error *error);

/* What a trust store, which may be NULL, says of a key at a time. */
struct sb_key_trust {
    enum sealbag_trust_state state;
    const char *names; /* in the arena: those that count, or all when none does; NULL for none */
    struct sb_validity valid;               /* when NOT_YET_VALID or EXPIRED */
    const struct sb_revocation *revocation; /* when REVOKED; the store's */
};
/* For a seal, or for a custody event, which the key's namespaces may not allow. 0 or
 * SEALBAG_ERR_MEMORY. */
int sb_key_trust(struct sb_key_trust *out, struct sb_arena *strings,
                 const struct sealbag_trust *trust, const struct sb_identity *signer, bool custody,
                 int64_t time);

/* Counts trusted signers against what was asked for; part of sb_judge_signatures. */
int sb_judge_trust(struct sb_judge *judge, const struct sealbag_verify_options *options,
                   struct sb_error *error);

/* Makes the verdict, which takes over what it needs of the judge. */
int sb_judge_verdict(struct sealbag_verdict **out, struct sb_judge *judge,
                     const struct sealbag_verify_options *options, struct sb_error *error);

/* The same for one that says that only `documents` of the documents were read. */
int sb_judge_partial_verdict(struct sealbag_verdict **out, struct sb_judge *judge,
                             uint64_t documents, const struct sealbag_verify_options *options,
                             struct sb_error *error);

/* Whether the cover lists this file with this digest. */
bool sb_judge_covered(const struct sb_judge *judge, const char *path, const uint8_t *digest);

/* Scans what can be read from fd, and judges the bag and its seal. Of the options, the pool and the
 * size are filled in. `depth` and scan.index.hint may be set before. */
int sb_judge_read(struct sb_judge *judge, int fd, const struct sb_reader_options *options,
                  const struct sb_sink *sink, struct sb_error *error);
/* The same for a bag that is a plain folder of this name. */
int sb_judge_read_folder(struct sb_judge *judge, int fd, const char *name,
                         const struct sb_reader_options *options, struct sb_error *error);

#endif
