/* The folder of a trust store on disk: reading its two files, and changing them. */
#ifndef SB_OP_TRUST_STORE_H
#define SB_OP_TRUST_STORE_H

#include <sys/types.h>

#include "op/judge.h"

#define SB_TRUST_SIGNERS "allowed_signers"
#define SB_TRUST_REVOKED "revoked_keys"

enum { SB_TRUST_FILE_MAX = 16 << 20 };

/* Both files, as text and as what they say. */
struct sb_trust_files {
    struct sb_buf signers_path, revoked_path;
    struct sb_buf signers_text, revoked_text;
    size_t signers_size, revoked_size; /* of what was read; a change may append to the texts */
    struct sealbag_trust trust;
    bool signers_there;
    mode_t mode; /* the permissions of both, together */
};

/* Reads and parses DIR/allowed_signers, then DIR/revoked_keys; a missing file is an empty one. A
 * writer changes them in the other order, so that a key is never seen without its revocation. Free
 * in any case. */
int sb_trust_files_read(struct sb_trust_files *files, const char *dir, struct sb_error *error);
void sb_trust_files_free(struct sb_trust_files *files);

/* The folder is made when it is missing, for its owner alone. */
int sb_trust_folder_make(const char *dir, struct sb_error *error);

/* The store, locked against other runs until the change ends: two changes at once are made one
 * after the other. */
struct sb_trust_change {
    int lock;
    struct sb_trust_files files;
};

/* With `create`, the folder is made when it is missing; otherwise allowed_signers must be there.
 * End it in any case. */
int sb_trust_change_begin(struct sb_trust_change *change, const char *dir, bool create,
                          struct sb_error *error);
void sb_trust_change_end(struct sb_trust_change *change);
/* Each replaces one file, whole, in one rename, and keeps who may read it. CHANGED when the file is
 * not as it was read: whoever edits it by hand knows no lock. */
int sb_trust_write_signers(const struct sb_trust_change *change, const struct sb_buf *text,
                           struct sb_error *error);
int sb_trust_write_revoked(const struct sb_trust_change *change, const struct sb_buf *text,
                           struct sb_error *error);

/* The entry of this name with this key and, if there is one, with these dates. NULL for none. */
const struct sb_trust_entry *sb_trust_entry_of(const struct sb_truststore *store, const char *name,
                                               const struct sb_identity *signer,
                                               const struct sb_validity *valid);
bool sb_validity_same(const struct sb_validity *a, const struct sb_validity *b);

#endif
