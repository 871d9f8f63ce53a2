/* A bag as a list of files, which is hashed, signed and packed: so the fuzzer changes names and
 * texts, and digests and signatures are right all the same. The list is, for each file,
 *
 *   path, 1f, content, 1e
 *
 * In the content, # stands for what is computed: at the beginning of a line of a manifest or of the
 * cover for the digest of the file that the line names; as a value in seal.txt and bag-info.txt for
 * the right one; alone in index.tsv for the index, and in a .minisig or .sshsig for the signature.
 * In a custody event, # as the value of By, Seal, Previous or Signatures stands for the right one,
 * and alone in the .minisig that comes right behind it for its signature. A # in a path below seal/
 * stands for the key's name. The bag is called "bag". */
#ifndef SB_TESTS_FUZZ_FILES_H
#define SB_TESTS_FUZZ_FILES_H

#include "base/buf.h"

enum {
    FUZZ_ZSTD = 1,
    FUZZ_SIGN_OTHER = 2, /* the signature is over something else */
    FUZZ_FOREIGN = 4,    /* packed as by another program */
    FUZZ_NO_POINTER = 8,
};

/* Appends the bundle. */
void fuzz_make_bundle(struct sb_buf *out, unsigned options, const uint8_t *bytes, size_t len);

#endif
