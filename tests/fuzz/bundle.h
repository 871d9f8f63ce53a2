/* Judges whole bundles, and demands of verdicts what must hold for every one. */
#ifndef SB_TESTS_FUZZ_BUNDLE_H
#define SB_TESTS_FUZZ_BUNDLE_H

#include <stdbool.h>

#include "sealbag/sealbag.h"

/* The secret key of the corpus and its trusted name: libsodium's seed and public key. */
extern const uint8_t fuzz_key_id[8];
const uint8_t *fuzz_secret_key(void);

/* Options that trust this key, and read in this process. */
const struct sealbag_verify_options *fuzz_options(void);

void fuzz_check_verdict(const struct sealbag_verdict *verdict);
/* Only what is printed of it. Whether its findings tell why the exit code is what it is. */
bool fuzz_check_printed(const struct sealbag_verdict *verdict);

/* Verifies, lists and salvages the bundle, and compares what comes of it. Returns the exit code of
 * the verdict. */
int fuzz_judge(const uint8_t *bytes, size_t len, const struct sealbag_verify_options *options);

#endif
