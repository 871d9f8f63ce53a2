#define _GNU_SOURCE /* memfd_create, memmem, pipe2 */
#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

_Noreturn void fuzz_fail(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s, line %d: this must hold: %s\n", file, line, what);
    abort();
}

int fuzz_fd(unsigned slot, const void *bytes, size_t len)
{
    static int fds[FUZZ_SLOTS];
    REQUIRE(slot < FUZZ_SLOTS);
    if (fds[slot] == 0)
        fds[slot] = memfd_create("fuzz", MFD_CLOEXEC);
    int fd = fds[slot];
    REQUIRE(fd > 0 && ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    REQUIRE(sb_fd_write(fd, bytes, len) == 0);
    REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

int fuzz_pipe(const void *bytes, size_t len)
{
    int ends[2];
    REQUIRE(len <= FUZZ_PIPE_MAX && pipe2(ends, O_CLOEXEC) == 0);
    REQUIRE(sb_fd_write(ends[1], bytes, len) == 0);
    close(ends[1]);
    return ends[0];
}

struct sb_pool *fuzz_pool(unsigned jobs)
{
    static struct sb_pool *one, *three;
    struct sb_pool **pool = jobs == 1 ? &one : &three;
    if (*pool == NULL)
        REQUIRE(sb_pool_new(pool, jobs == 1 ? 1 : 3, NULL) == 0);
    return *pool;
}

bool fuzz_harmless(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code = (unsigned char)text[at];
        if (code >= 0x20 && code < 0x7f) {
            at++;
            continue;
        }
        size_t n = sb_utf8_decode(&code, text + at, len - at);
        if (n == 0 || sb_code_hidden(code))
            return false;
        at += n;
    }
    return true;
}

void fuzz_check_error(const struct sb_error *error, int code)
{
    REQUIRE(code < 0 && error->code == code);
    REQUIRE(error->rule != NULL && error->rule[0] != 0);
    REQUIRE(error->message[0] != 0 && strlen(error->message) < sizeof(error->message));
    REQUIRE(fuzz_harmless(error->message, strlen(error->message)));
}

void fuzz_check_findings(const struct sb_findings *findings)
{
    int worst = 0;
    REQUIRE(findings->omitted > 0 || findings->bytes <= 2 * (size_t)SB_FINDINGS_MAX_BYTES);
    for (size_t i = 0; i < findings->count; i++) {
        const struct sealbag_finding *finding = &findings->items[i];
        enum sb_rule rule = sb_rule_by_name(finding->rule);
        REQUIRE(rule < SB_RULE_COUNT && findings->seen[rule]);
        REQUIRE(fuzz_harmless(finding->sentence, strlen(finding->sentence)));
    }
    for (unsigned i = 0; i < SB_RULE_COUNT; i++) {
        if (findings->seen[i])
            worst = sealbag_exit_worse(worst, sb_rule_row((enum sb_rule)i)->exit_code);
    }
    REQUIRE(sb_findings_exit_code(findings) == worst);
}

void fuzz_append(struct sb_buf *out, const void *bytes, size_t len)
{
    REQUIRE(sb_buf_append(out, bytes, len) == 0);
}

bool fuzz_contains(const uint8_t *bytes, size_t len, const void *text, size_t text_len)
{
    return text_len == 0 || memmem(bytes, len, text, text_len) != NULL;
}

uint32_t fuzz_hash(const uint8_t *bytes, size_t len)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 16777619U;
    return hash;
}
