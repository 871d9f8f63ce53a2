/* A whole bundle as it is: verify, list and salvage. */
#include "fuzz/bundle.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    fuzz_judge(bytes, len, fuzz_options());
    return 0;
}
