#include "op/tail.h"

#include <stdlib.h>

#include "bag/index.h"
#include "bag/limits.h"
#include "base/file.h"
#include "container/zip_layout.h"
#include "op/format.h"
#include "op/lookup.h"

enum { BLOCK = 512 };

void sb_tail_free(struct sb_tail *tail)
{
    free(tail->sizes);
    sb_buf_free(&tail->before);
    sb_buf_free(&tail->index);
    *tail = (struct sb_tail){0};
}

/* ---- where hostile bytes may be read ------------------------------------------------------- */

/* What lies before the frame of the index, by number and size. */
static int take_frames(struct sb_tail *tail, const struct sb_seeker *seeker, struct sb_error *error)
{
    uint64_t frames = tail->pointer / sb_seeker_codec(seeker)->data_max;
    if (frames >= sb_seeker_frames(seeker))
        return 0;
    tail->frames = (size_t)frames;
    tail->sizes = calloc(tail->frames + 1, sizeof(*tail->sizes));
    if (tail->sizes == NULL)
        return sb_error_memory(error);
    for (size_t i = 0; i < tail->frames; i++)
        tail->sizes[i] = (uint32_t)(sb_seeker_place(seeker, i + 1) - sb_seeker_place(seeker, i));
    tail->kept = sb_seeker_place(seeker, tail->frames);
    return 1;
}

/* The beginning of that frame. */
static int take_before(struct sb_tail *tail, struct sb_seeker *seeker, struct sb_error *error)
{
    uint64_t at = tail->frames * (uint64_t)sb_seeker_codec(seeker)->data_max;
    while (at < tail->pointer) {
        const uint8_t *bytes;
        size_t len;
        int r = sb_seeker_read(seeker, at, &bytes, &len, error);
        if (r <= 0)
            return r;
        if (len > tail->pointer - at)
            len = (size_t)(tail->pointer - at);
        if (sb_buf_append(&tail->before, bytes, len) < 0)
            return sb_error_memory(error);
        at += len;
    }
    return 1;
}

/* 1, or 0 when it is no zip file. */
static int take_central(struct sb_tail *tail, int fd, const struct sb_reader_options *options,
                        struct sb_error *error)
{
    struct sb_reader_options reading = *options;
    struct sb_reader *reader;
    uint64_t start;
    if (!sb_lookup_is_zip(fd) || !sb_fd_rest(&start, &reading.size, fd))
        return 0;
    int r = sb_reader_open(&reader, fd, &reading, error);
    const struct sb_zip *zip = r == 0 ? sb_reader_zip(reader) : NULL;
    if (zip != NULL) {
        tail->packing = SB_PACKED_ZIP;
        tail->kept = zip->central_at;
        tail->central = zip->central_size;
        tail->entries = zip->count;
        r = 1;
    }
    sb_reader_close(reader);
    return r;
}

int sb_tail_read(struct sb_tail *tail, int fd, const struct sb_reader_options *options,
                 struct sb_error *error)
{
    struct sb_lookup lookup = {0};
    struct sb_scan scan = {0};
    sb_tail_free(tail);
    int r = sb_lookup_seek(&lookup, fd, options, error);
    if (r == 0)
        return take_central(tail, fd, options, error);
    if (r == 1)
        r = sb_lookup_index(&scan, &lookup, error);
    if (r == 1) {
        tail->packing = sb_seeker_codec(lookup.seeker)->packing;
        tail->pointer = sb_seeker_pointer(lookup.seeker);
        tail->index = scan.kept[0].bytes;
        scan.kept[0].bytes = (struct sb_buf){0};
        r = take_frames(tail, lookup.seeker, error);
    }
    if (r == 1)
        r = take_before(tail, lookup.seeker, error);
    sb_scan_free(&scan);
    sb_lookup_close(&lookup);
    return r;
}

void sb_tail_put(struct sb_wire *wire, const struct sb_tail *tail)
{
    sb_wire_put_number(wire, tail->packing);
    sb_wire_put_number(wire, tail->central);
    sb_wire_put_number(wire, tail->entries);
    sb_wire_put_number(wire, tail->pointer);
    sb_wire_put_number(wire, tail->kept);
    sb_wire_put_bytes(wire, tail->sizes, tail->frames * sizeof(*tail->sizes));
    sb_wire_put_bytes(wire, tail->before.data, tail->before.len);
    sb_wire_put_bytes(wire, tail->index.data, tail->index.len);
}

/* ---- where they are not believed ----------------------------------------------------------- */

void sb_tail_get(struct sb_tail *tail, struct sb_wire *wire, const struct sealbag_limits *limits)
{
    struct sb_buf sizes = {0};
    sb_tail_free(tail);
    tail->packing = (enum sb_packing)sb_wire_get_number(wire, SB_PACKED_ZIP);
    tail->central = sb_wire_get_number(wire, limits->manifest_bytes);
    tail->entries = sb_wire_get_number(wire, limits->entries);
    const struct sb_codec *codec = sb_format_codec(tail->packing);
    /* In a zip file there are no frames. */
    size_t data_max = codec != NULL ? codec->data_max : SIZE_MAX;
    uint64_t most = limits->expanded < INT64_MAX / 2 ? limits->expanded : INT64_MAX / 2;
    tail->pointer = sb_wire_get_number(wire, most);
    tail->kept = sb_wire_get_number(wire, most);
    tail->frames = (size_t)(tail->pointer / data_max);
    sb_wire_get_bytes(&sizes, wire, tail->frames * sizeof(*tail->sizes));
    sb_wire_get_bytes(&tail->before, wire, codec != NULL ? data_max : 0);
    sb_wire_get_bytes(&tail->index, wire, SB_INDEX_MAX);
    if (sizes.len != tail->frames * sizeof(*tail->sizes))
        wire->failed = true;
    tail->sizes = (uint32_t *)(void *)sizes.data;
    if (wire->failed)
        sb_tail_free(tail);
}

/* The lines tile the tar up to the pointer. */
static bool index_fits(const struct sb_tail *tail, const char *name)
{
    struct sb_index_lines lines;
    struct sb_index_line line;
    int r;
    if (!sb_index_open(&lines, tail->index.data, tail->index.len, name))
        return false;
    while ((r = sb_index_next(&lines, &line)) > 0)
        ;
    return r == 0 && tail->pointer >= lines.least && tail->pointer <= lines.most;
}

bool sb_tail_plausible(const struct sb_tail *tail, const char *name, uint64_t size)
{
    const struct sb_codec *codec = sb_format_codec(tail->packing);
    uint64_t sum = 0;
    if (tail->packing == SB_PACKED_ZIP)
        return name != NULL && tail->kept < size && tail->central < size - tail->kept &&
               size - tail->kept - tail->central <= SB_ZIP_TAIL_MAX;
    if (codec == NULL || tail->pointer == SB_NO_POINTER || tail->pointer % BLOCK != 0 ||
        tail->frames != tail->pointer / codec->data_max ||
        tail->before.len != tail->pointer % codec->data_max || tail->kept >= size)
        return false;
    for (size_t i = 0; i < tail->frames; i++) {
        if (tail->sizes[i] == 0 || tail->sizes[i] > codec->frame_max)
            return false;
        sum += tail->sizes[i];
    }
    return sum == tail->kept && name != NULL && index_fits(tail, name);
}
