/* Media types by the first bytes. */
#include <string.h>

#include "base/media.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *type = sb_media_type(bytes, len);
    if (type != NULL)
        REQUIRE(strchr(type, '/') != NULL && fuzz_harmless(type, strlen(type)));
    if (len > SB_MEDIA_BYTES)
        REQUIRE(sb_media_type(bytes, SB_MEDIA_BYTES) == type);
    return 0;
}
