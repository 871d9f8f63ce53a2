/* Tag files in any encoding: the first byte of the input chooses it. All of it is tried as a name.
 */
#include <string.h>

#include "bag/encoding.h"
#include "base/text.h"
#include "fuzz/fuzz.h"

/* The encodings are numbered without a gap. */
static unsigned count_encodings(void)
{
    char name[SB_ENCODING_NAME];
    unsigned count = 0;
    while (sb_encoding_name(name, count) != NULL)
        count++;
    return count;
}

static int decode(struct sb_buf *out, unsigned encoding, const uint8_t *bytes, size_t len)
{
    int r = sb_encoding_decode(out, encoding, bytes, len);
    REQUIRE(r == 0 || r == 1);
    REQUIRE(out->len <= 3 * len);
    return r;
}

static size_t count_ascii(const uint8_t *bytes, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += bytes[i] < 0x80;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct sb_buf whole = {0}, part = {0};
    char name[SB_ENCODING_NAME];
    unsigned found = sb_encoding_find((const char *)bytes, len);
    REQUIRE(found == SB_ENCODING_UNKNOWN || sb_encoding_name(name, found) != NULL);
    if (len == 0)
        return 0;
    unsigned encoding = *bytes++ % count_encodings();
    len--;
    /* What comes out is UTF-8, and a text that goes on begins as it did. */
    int good = decode(&whole, encoding, bytes, len);
    if (good == 1)
        REQUIRE(sb_utf8_valid((const char *)whole.data, whole.len));
    if (decode(&part, encoding, bytes, len / 2) == 1 && good == 1 && part.len > 0)
        REQUIRE(part.len <= whole.len && memcmp(part.data, whole.data, part.len) == 0);
    /* ASCII is itself, and nothing else is ASCII, but where characters are wider than a byte. */
    sb_encoding_name(name, encoding);
    if (strncmp(name, "UTF-16", 6) != 0 && strncmp(name, "UTF-32", 6) != 0) {
        size_t ascii = count_ascii(bytes, len);
        if (good == 1)
            REQUIRE(count_ascii(whole.data, whole.len) <= ascii);
        if (ascii == len)
            REQUIRE(good == 1 && whole.len == len &&
                    (len == 0 || memcmp(whole.data, bytes, len) == 0));
    }
    sb_buf_free(&whole);
    sb_buf_free(&part);
    return 0;
}
