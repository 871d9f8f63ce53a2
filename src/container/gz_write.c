#include "container/gz_write.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "container/gz_member.h"

struct sb_gz_writer {
    struct sb_output *output;
    z_stream stream;
    bool stream_ready;
    uint8_t *pending; /* SB_GZ_MEMBER_DATA bytes of the member that is being filled */
    size_t pending_len;
    uint8_t *member; /* SB_GZ_MEMBER_MAX bytes */

    /* The mark: how much had been emitted, and what was pending then. A copy of that is only
     * made when its member is emitted. */
    uint64_t mark_written;
    size_t mark_pending;
    uint8_t *mark_copy;
    bool mark_copied;
};

void sb_gz_writer_free(struct sb_gz_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->stream_ready)
        deflateEnd(&writer->stream);
    free(writer->pending);
    free(writer->member);
    free(writer->mark_copy);
    free(writer);
}

int sb_gz_writer_new(struct sb_gz_writer **out, struct sb_output *output, int level,
                     struct sb_error *error)
{
    *out = NULL;
    struct sb_gz_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL)
        return sb_error_memory(error);
    writer->output = output;
    writer->pending = malloc(SB_GZ_MEMBER_DATA);
    writer->member = malloc(SB_GZ_MEMBER_MAX);
    writer->mark_copy = malloc(SB_GZ_MEMBER_DATA);
    if (writer->pending == NULL || writer->member == NULL || writer->mark_copy == NULL ||
        deflateInit2(&writer->stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        sb_gz_writer_free(writer);
        return sb_error_memory(error);
    }
    writer->stream_ready = true;
    *out = writer;
    return 0;
}

static int emit(struct sb_gz_writer *writer, struct sb_error *error)
{
    static const uint8_t fixed[SB_GZ_FIXED_SIZE] = SB_GZ_FIXED_HEADER;
    if (!writer->mark_copied) {
        memcpy(writer->mark_copy, writer->pending, writer->mark_pending);
        writer->mark_copied = true;
    }
    z_stream *z = &writer->stream;
    z->next_in = writer->pending;
    z->avail_in = (uInt)writer->pending_len;
    z->next_out = writer->member + SB_GZ_HEADER_SIZE;
    z->avail_out = SB_GZ_MEMBER_MAX - SB_GZ_HEADER_SIZE - SB_GZ_TRAILER_SIZE;
    if (deflateReset(z) != Z_OK || deflate(z, Z_FINISH) != Z_STREAM_END)
        return sb_error_set(error, SEALBAG_ERR_SYSTEM, "The compression library failed.");

    uint32_t size = (uint32_t)z->total_out + SB_GZ_HEADER_SIZE + SB_GZ_TRAILER_SIZE;
    memcpy(writer->member, fixed, sizeof(fixed));
    sb_store_u32le(writer->member + SB_GZ_FIXED_SIZE, size);
    uint8_t *trailer = writer->member + size - SB_GZ_TRAILER_SIZE;
    sb_store_u32le(trailer, (uint32_t)crc32_z(0, writer->pending, writer->pending_len));
    sb_store_u32le(trailer + 4, (uint32_t)writer->pending_len);
    writer->pending_len = 0;
    return sb_output_write(writer->output, writer->member, size, error);
}

int sb_gz_write(struct sb_gz_writer *writer, const void *bytes, size_t len, struct sb_error *error)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        size_t n = SB_GZ_MEMBER_DATA - writer->pending_len;
        if (n > len)
            n = len;
        memcpy(writer->pending + writer->pending_len, at, n);
        writer->pending_len += n;
        at += n;
        len -= n;
        if (writer->pending_len == SB_GZ_MEMBER_DATA) {
            int r = emit(writer, error);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

int sb_gz_finish(struct sb_gz_writer *writer, struct sb_error *error)
{
    return writer->pending_len > 0 ? emit(writer, error) : 0;
}

void sb_gz_mark(struct sb_gz_writer *writer)
{
    writer->mark_written = writer->output->written;
    writer->mark_pending = writer->pending_len;
    writer->mark_copied = false;
}

int sb_gz_rewind(struct sb_gz_writer *writer, struct sb_error *error)
{
    if (writer->output->written != writer->mark_written) {
        int r = sb_output_truncate(writer->output, writer->mark_written, error);
        if (r < 0)
            return r;
    }
    if (writer->mark_copied)
        memcpy(writer->pending, writer->mark_copy, writer->mark_pending);
    writer->pending_len = writer->mark_pending;
    return 0;
}
