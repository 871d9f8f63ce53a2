"""Gzip and zstd, written by hand, so that every byte of them can be wrong."""
import struct
import zlib

MEMBER = bytes.fromhex("1f8b08040000000000ff080053420400")
POINTER = bytes.fromhex("1f8b08040000000000ff100053420c0026000000")
GZ_FULL, ZST_FULL = 1 << 20, 4 << 20
BLOCK = 128 << 10
MASK = 2**64 - 1


def cut(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)] or [b""]


# ---- gzip --------------------------------------------------------------------------------------


def deflate(data, level=6):
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15)
    return deflater.compress(data) + deflater.flush()


def trailer(data):
    return struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def member(data, body=None, end=None, length=None):
    """One of sealbag's own members, with any of its parts replaced."""
    body = deflate(data) if body is None else body
    end = trailer(data) if end is None else end
    length = 20 + len(body) + len(end) if length is None else length
    return MEMBER + struct.pack("<I", length) + body + end


def gz_pointer(place):
    return POINTER + struct.pack("<Q", place) + b"\3" + bytes(9)


def gz(tar, place=None, full=GZ_FULL):
    """A bundle as sealbag writes it; without a pointer if there is no place."""
    end = gz_pointer(place) if place is not None else b""
    return b"".join(map(member, cut(tar, full))) + end


def foreign(data, flags=0, head=b"", body=None, end=None, method=8):
    """A gzip member by another program; `head` is what the flags announce."""
    start = struct.pack("<BBBBIBB", 0x1F, 0x8B, method, flags, 0, 0, 3)
    body = deflate(data) if body is None else body
    return start + head + body + (trailer(data) if end is None else end)


def repeated(before, chunk, count, after, level=9):
    """A foreign gzip member of before + count * chunk + after, without ever holding all of it.

    A full flush ends the block at a byte and forgets what came before, so the compressed chunk can
    be written again and again."""
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15)
    first = deflater.compress(before) + deflater.flush(zlib.Z_FULL_FLUSH)
    again = deflater.compress(chunk) + deflater.flush(zlib.Z_FULL_FLUSH)
    last = deflater.compress(after) + deflater.flush()
    crc = zlib.crc32(before)
    for _ in range(count):
        crc = zlib.crc32(chunk, crc)
    size = len(before) + count * len(chunk) + len(after)
    end = struct.pack("<II", zlib.crc32(after, crc), size & 0xFFFFFFFF)
    return foreign(b"", body=first + again * count + last, end=end)


# ---- zstd --------------------------------------------------------------------------------------

PRIMES = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)


def rotate(value, by):
    return (value << by | value >> (64 - by)) & MASK


def lane(value, data):
    return rotate((value + data * PRIMES[1]) & MASK, 31) * PRIMES[0] & MASK


def stripes(data):
    """The hash of the whole pieces of 32 bytes of xxh64."""
    a, b, c, d = (PRIMES[0] + PRIMES[1]) & MASK, PRIMES[1], 0, -PRIMES[0] & MASK
    for w, x, y, z in struct.iter_unpack("<4Q", data[: len(data) // 32 * 32]):
        a, b, c, d = lane(a, w), lane(b, x), lane(c, y), lane(d, z)
    hash_ = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) & MASK
    for value in (a, b, c, d):
        hash_ = ((hash_ ^ lane(0, value)) * PRIMES[0] + PRIMES[3]) & MASK
    return hash_


def xxh64(data):
    hash_ = stripes(data) if len(data) >= 32 else PRIMES[4]
    hash_ = (hash_ + len(data)) & MASK
    at = len(data) // 32 * 32
    while at + 8 <= len(data):
        value = lane(0, struct.unpack_from("<Q", data, at)[0])
        hash_ = (rotate(hash_ ^ value, 27) * PRIMES[0] + PRIMES[3]) & MASK
        at += 8
    if at + 4 <= len(data):
        value = struct.unpack_from("<I", data, at)[0] * PRIMES[0] & MASK
        hash_ = (rotate(hash_ ^ value, 23) * PRIMES[1] + PRIMES[2]) & MASK
        at += 4
    for byte in data[at:]:
        hash_ = rotate(hash_ ^ byte * PRIMES[4] & MASK, 11) * PRIMES[0] & MASK
    hash_ = (hash_ ^ hash_ >> 33) * PRIMES[1] & MASK
    hash_ = (hash_ ^ hash_ >> 29) * PRIMES[2] & MASK
    return hash_ ^ hash_ >> 32


def block(kind, size, last):
    return struct.pack("<I", size << 3 | kind << 1 | last)[:3]


def blocks(data):
    """Blocks that are not compressed, or that are one byte again and again."""
    parts = cut(data, BLOCK)
    out = b""
    for i, part in enumerate(parts):
        last = i == len(parts) - 1
        if part and part.count(part[:1]) == len(part):
            out += block(1, len(part), last) + part[:1]
        else:
            out += block(0, len(part), last) + part
    return out


def check(data):
    return struct.pack("<I", xxh64(data) & 0xFFFFFFFF)


def frame(data, body=None, end=None, size=None, descriptor=0xA4):
    """A frame as sealbag's are: a single segment with its length (4 bytes) and a checksum."""
    size = len(data) if size is None else size
    head = struct.pack("<IBI", 0xFD2FB528, descriptor, size)
    end = check(data) if end is None else end
    return head + (blocks(data) if body is None else body) + end


def foreign_frame(data, descriptor=4, window=b"\x58", body=None, end=None):
    """A frame by another program: a window of 2 MiB, no length, a checksum."""
    head = struct.pack("<IB", 0xFD2FB528, descriptor) + window
    end = check(data) if end is None else end
    return head + (blocks(data) if body is None else body) + end


def skippable(data, nibble=0):
    return struct.pack("<II", 0x184D2A50 + nibble, len(data)) + data


def zst_pointer(place):
    return skippable(b"SBIX" + struct.pack("<Q", place), 13)


def table(lengths, flags=0, magic=0x8F92EAB1, count=None):
    lines = b"".join(struct.pack("<II", *pair) for pair in lengths)
    count = len(lengths) if count is None else count
    return skippable(lines + struct.pack("<IBI", count, flags, magic), 14)


def zst_parts(tar, full=ZST_FULL):
    """The frames, and the lengths that belong into the table."""
    parts = cut(tar, full)
    frames = [frame(part) for part in parts]
    return frames, [(len(one), len(part)) for one, part in zip(frames, parts)]


def zst(tar, place=None, full=ZST_FULL):
    frames, lengths = zst_parts(tar, full)
    end = zst_pointer(place) if place is not None else b""
    return b"".join(frames) + end + table(lengths)
