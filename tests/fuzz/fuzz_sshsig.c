/* Armored OpenSSH signatures. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "fuzz/sshsig.h"

/* The armor without its first and last line and without line ends. */
static void put_body(struct sb_buf *out, const uint8_t *bytes, size_t len)
{
    const uint8_t *at = memchr(bytes, '\n', len);
    REQUIRE(at != NULL);
    for (at++; at < bytes + len && *at != '-'; at++) {
        if (*at != '\n' && *at != '\r')
            fuzz_append(out, at, 1);
    }
}

static void try(const uint8_t *bytes, size_t len, const char *name_space)
{
    struct sb_sshsig signature;
    struct sb_error error = {0};
    int r = sb_sshsig_parse(&signature, name_space, bytes, len, &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
        REQUIRE(r == SEALBAG_ERR_DAMAGED || r == SEALBAG_ERR_UNSUPPORTED);
        return;
    }
    struct sb_buf base64 = {0}, body = {0};
    fuzz_sshsig_base64(&base64, &signature, name_space);
    put_body(&body, bytes, len);
    REQUIRE(base64.len == body.len && memcmp(base64.data, body.data, body.len) == 0);
    /* What is written is the same, at OpenSSH's columns. */
    struct sb_buf armor = {0};
    REQUIRE(sb_sshsig_format(&armor, &signature, name_space) == 0);
    body.len = 0;
    put_body(&body, armor.data, armor.len);
    REQUIRE(base64.len == body.len && memcmp(base64.data, body.data, body.len) == 0);
    sb_buf_free(&armor);
    sb_buf_free(&base64);
    sb_buf_free(&body);
    REQUIRE(!(sb_sshsig_verify(&signature, name_space, bytes, 1) &&
              sb_sshsig_verify(&signature, name_space, bytes, 2)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    REQUIRE(sb_sign_init(NULL) == 0);
    try(bytes, len, SB_SSH_NAMESPACE);
    try(bytes, len, "unittest"); /* of the public test vectors */
    return 0;
}
