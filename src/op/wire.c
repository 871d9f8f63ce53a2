#include "op/wire.h"

#include <string.h>

#include "base/file.h"

/* Lengths are sent one larger, so that 0 is NULL. */

void sb_wire_put(struct sb_wire *wire, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    while (!wire->failed && len > 0) {
        size_t n = SB_WIRE_SIZE - wire->len < len ? SB_WIRE_SIZE - wire->len : len;
        memcpy(wire->bytes + wire->len, from, n);
        wire->len += n;
        from += n;
        len -= n;
        if (wire->len == SB_WIRE_SIZE)
            sb_wire_flush(wire);
    }
}

void sb_wire_put_number(struct sb_wire *wire, uint64_t value)
{
    sb_wire_put(wire, &value, sizeof(value));
}

void sb_wire_put_bytes(struct sb_wire *wire, const void *bytes, size_t len)
{
    sb_wire_put_number(wire, (uint64_t)len + 1);
    sb_wire_put(wire, bytes, len);
}

void sb_wire_put_text(struct sb_wire *wire, const char *text)
{
    if (text == NULL)
        sb_wire_put_number(wire, 0);
    else
        sb_wire_put_bytes(wire, text, strlen(text));
}

bool sb_wire_flush(struct sb_wire *wire)
{
    if (!wire->failed && wire->len > 0 && sb_fd_write(wire->fd, wire->bytes, wire->len) < 0)
        wire->failed = true;
    wire->len = 0;
    return !wire->failed;
}

void sb_wire_get(struct sb_wire *wire, void *bytes, size_t len)
{
    uint8_t *to = bytes;
    while (!wire->failed && len > 0) {
        if (wire->at == wire->len) {
            ssize_t n = wire->wait != NULL && !wire->wait(wire->context)
                            ? -1
                            : sb_fd_read(wire->fd, wire->bytes, SB_WIRE_SIZE);
            wire->failed = n <= 0;
            wire->at = 0;
            wire->len = n > 0 ? (size_t)n : 0;
            continue;
        }
        size_t n = wire->len - wire->at < len ? wire->len - wire->at : len;
        memcpy(to, wire->bytes + wire->at, n);
        wire->at += n;
        to += n;
        len -= n;
    }
    if (wire->failed)
        memset(to, 0, len);
}

uint64_t sb_wire_get_number(struct sb_wire *wire, uint64_t max)
{
    uint64_t value;
    sb_wire_get(wire, &value, sizeof(value));
    if (value > max)
        wire->failed = true;
    return wire->failed ? 0 : value;
}

void sb_wire_get_bytes(struct sb_buf *out, struct sb_wire *wire, size_t max)
{
    size_t left = (size_t)sb_wire_get_number(wire, (uint64_t)max + 1);
    left -= left > 0;
    while (!wire->failed && left > 0) {
        uint8_t piece[4096];
        size_t n = left < sizeof(piece) ? left : sizeof(piece);
        sb_wire_get(wire, piece, n);
        if (!wire->failed && sb_buf_append(out, piece, n) < 0)
            wire->failed = wire->no_memory = true;
        left -= n;
    }
}

const char *sb_wire_get_text(struct sb_wire *wire, struct sb_arena *arena, size_t max)
{
    char small[512];
    size_t len = (size_t)sb_wire_get_number(wire, (uint64_t)max + 1);
    if (wire->failed || len == 0)
        return NULL;
    len--;
    struct sb_buf large = {0};
    char *text = small;
    if (len > sizeof(small)) {
        if (sb_buf_reserve(&large, len) < 0)
            wire->failed = wire->no_memory = true;
        text = (char *)large.data;
    }
    if (!wire->failed)
        sb_wire_get(wire, text, len);
    if (!wire->failed && len > 0 && memchr(text, 0, len) != NULL)
        wire->failed = true;
    const char *copy = wire->failed ? NULL : sb_arena_copy(arena, text, len);
    sb_buf_free(&large);
    if (copy == NULL && !wire->failed)
        wire->failed = wire->no_memory = true;
    return copy;
}
