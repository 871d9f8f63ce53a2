/* A bag as a list of files (files.h), which is sealed, packed and then judged. The first byte has
 * the options of files.h, and what is demanded: bit 4: two seals; bit 5: maria's; bit 6: a certain
 * one.
 */
#include "fuzz/bundle.h"
#include "fuzz/files.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const signers[] = {"maria"};
    struct sealbag_verify_options options = *fuzz_options();
    struct sb_buf bundle = {0};
    if (len == 0)
        return 0;
    unsigned how = bytes[0];
    if ((how & 16) != 0)
        options.require = 2;
    if ((how & 32) != 0) {
        options.signers = signers;
        options.signer_count = COUNT(signers);
    }
    if ((how & 64) != 0)
        options.seal = "0123456789abcdefABCDEF0123456789";
    fuzz_make_bundle(&bundle, how, bytes + 1, len - 1);
    fuzz_judge(bundle.data, bundle.len, &options);
    sb_buf_free(&bundle);
    return 0;
}
