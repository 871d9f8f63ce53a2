/* What a reading process that was taken over could send to the one that judges. The first byte
 * chooses what was asked for, with or without provenance; the rest is what comes through the pipe.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bag/limits.h"
#include "fuzz/bundle.h"
#include "fuzz/fuzz.h"
#include "op/evidence.h"
#include "op/format.h"

/* Everything that one side has. */
struct side {
    struct sb_inspection inspection;
    struct sb_staging staging;
    struct sb_judge judge;
    struct sb_wire wire;
};

static struct side *open_side(bool stages, bool provenance, int fd)
{
    struct side *side = calloc(1, sizeof(*side));
    REQUIRE(side != NULL && sb_judge_init(&side->judge, 1, NULL) == 0);
    side->wire.fd = fd;
    side->inspection.provenance = provenance;
    if (stages)
        side->inspection.staging = &side->staging;
    return side;
}

static void close_side(struct side *side)
{
    sb_inspection_close(&side->inspection);
    sb_judge_free(&side->judge);
    free(side);
}

/* What may not be believed twice: of two files of one name, two places could take different ones.
 */
static void check_kept(const struct sb_scan *scan)
{
    REQUIRE(scan->kept_count <= SB_KEPT_COUNT_MAX + SB_CUSTODY_COUNT_MAX);
    for (size_t i = 0; i < scan->kept_count; i++) {
        const struct sb_kept *kept = &scan->kept[i];
        REQUIRE(sb_scan_kept_file(scan, kept->path) == kept);
        REQUIRE(kept->bytes.len <= (size_t)64 << 20);
    }
}

/* What was taken can be said again, and is taken in the same way: what is said the third time is
 * what was said the second time. */
static void say_again(const struct side *first, enum sb_request request, bool stages)
{
    struct sb_buf texts[2] = {{0}, {0}};
    const struct side *from = first;
    struct side *last = NULL;
    for (unsigned round = 0; round < 2; round++) {
        int fd = fuzz_fd(1, "", 0);
        struct side *to = open_side(stages, first->inspection.provenance, fd);
        sb_evidence_put(&to->wire, &from->inspection, &from->judge, request);
        REQUIRE(sb_wire_flush(&to->wire));
        off_t len = lseek(fd, 0, SEEK_CUR);
        REQUIRE(len >= 0 && sb_buf_reserve(&texts[round], (size_t)len) == 0);
        texts[round].len = (size_t)len;
        REQUIRE(pread(fd, texts[round].data, texts[round].len, 0) == len);
        REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
        to->wire.at = to->wire.len = 0;
        REQUIRE(sb_evidence_get(&to->inspection, &to->judge, request, &to->wire, NULL) == 0);
        REQUIRE(!to->wire.failed);
        if (last != NULL)
            close_side(last);
        last = to;
        from = to;
    }
    REQUIRE(texts[0].len == texts[1].len);
    REQUIRE(texts[0].len == 0 || memcmp(texts[0].data, texts[1].data, texts[0].len) == 0);
    close_side(last);
    sb_buf_free(&texts[0]);
    sb_buf_free(&texts[1]);
}

/* As the judging process goes on. */
static void judge(struct side *side)
{
    struct sb_judge *own = &side->judge;
    struct sealbag_verdict *verdict = NULL;
    struct sealbag_verify_options options = *fuzz_options();
    options.provenance = side->inspection.provenance;
    check_kept(&own->scan);
    REQUIRE(sb_judge_signatures(own, fuzz_options(), NULL) == 0);
    REQUIRE(sb_judge_custody(own, fuzz_options(), NULL) == 0);
    fuzz_check_findings(&own->findings);
    REQUIRE(sb_judge_verdict(&verdict, own, &options, NULL) == 0);
    /* A good one is as good as one of a bundle that was read here. */
    if (verdict->exit_code == 1 || verdict->exit_code == 5)
        fuzz_check_printed(verdict);
    else
        fuzz_check_verdict(verdict);
    sealbag_verdict_free(verdict);
}

/* What a new bundle could be made from is of the size that it says. */
static void check_tail(const struct sb_tail *tail)
{
    REQUIRE(tail->frames == tail->pointer / sb_format_codec(tail->packing)->data_max);
    if (!sb_tail_plausible(tail, "small", tail->kept + 1))
        return;
    REQUIRE(tail->frames * (uint64_t)sb_format_codec(tail->packing)->data_max + tail->before.len ==
            tail->pointer);
    REQUIRE(!sb_tail_plausible(tail, "small", tail->kept));
}

static void try(const uint8_t *bytes, size_t len, enum sb_request request, bool provenance)
{
    bool stages = request != SB_READ_ALL && request != SB_READ_LISTS && request != SB_READ_TAIL;
    struct sb_error error = {0};
    struct side *side = open_side(stages, provenance, fuzz_fd(0, bytes, len));
    int r = sb_evidence_get(&side->inspection, &side->judge, request, &side->wire, &error);
    if (r < 0) {
        fuzz_check_error(&error, r);
    } else if (!side->wire.failed) {
        say_again(side, request, stages);
        if (sb_request_judges(request))
            judge(side);
        if (request == SB_READ_TAIL)
            check_tail(&side->inspection.tail);
    }
    close_side(side);
}

static void try_error(const uint8_t *bytes, size_t len)
{
    struct sb_error error = {0};
    struct sb_wire *wire = calloc(1, sizeof(*wire));
    REQUIRE(wire != NULL);
    wire->fd = fuzz_fd(0, bytes, len);
    sb_evidence_get_error(&error, wire);
    if (!wire->failed) {
        REQUIRE(error.code < 0 && error.rule != NULL);
        REQUIRE(fuzz_harmless(error.message, strlen(error.message)));
    }
    free(wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    unsigned request = bytes[0] % (SB_REQUEST_COUNT + 1U);
    bool provenance = bytes[0] / (SB_REQUEST_COUNT + 1U) % 2 == 1;
    if (request == SB_REQUEST_COUNT)
        try_error(bytes + 1, len - 1);
    else
        try(bytes + 1, len - 1, (enum sb_request)request, provenance);
    return 0;
}
