"""Gzip and zstd files that are wrong outside of what they hold."""
import struct
import zlib

import containers as c
import tars

NOISE = b"evil bytes\n"


class Parts:
    """A tar of three members and its pieces, so that there is a frame before, between and last."""

    def __init__(self, kit):
        import hashlib

        noise = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(64 << 10))
        files = kit.make.sealed(kit.make.documents + [(b"data/noise", noise)])
        self.tar, self.place = kit.tar(files).indexed()
        self.small, self.small_place = kit.tar().indexed()
        self.plain = kit.tar().bytes()
        self.members = [c.member(part, stored(part)) for part in c.cut(self.tar, c.GZ_FULL)]
        self.pointer = c.gz_pointer(self.place)

    def changed(self, number, data):
        members = list(self.members)
        members[number] = data
        return b"".join(members) + self.pointer


def stored(data):
    """Deflate without compression: quick, and its bytes can be changed one by one."""
    parts = c.cut(data, 65535)
    out = b""
    for i, part in enumerate(parts):
        out += struct.pack("<BHH", i == len(parts) - 1, len(part), len(part) ^ 0xFFFF) + part
    return out


# ---- gzip --------------------------------------------------------------------------------------


def own_members(parts):
    """Rule, slug, file, what is wrong with one of sealbag's own members."""
    for number in range(3):
        data = c.cut(parts.tar, c.GZ_FULL)[number]
        body = stored(data)
        crc, size = zlib.crc32(data), len(data)
        where = ["first", "second", "last"][number]
        for rule, slug, member, what in [
            ("gzip.check", "crc", c.member(data, body, struct.pack("<II", crc ^ 1, size)), "a wrong CRC"),
            ("gzip.check", "isize", c.member(data, body, struct.pack("<II", crc, size + 1)), "a wrong ISIZE"),
            ("gzip.length", "gap", c.member(data, body + b"\0", c.trailer(data)), "a byte before the trailer"),
            ("gzip.length", "gap-large", c.member(data, body + c.foreign(NOISE), c.trailer(data)),
             "a gzip member hidden before the trailer"),
            ("gzip.data", "block-type", c.member(data, b"\7" + body[1:]), "a block of the reserved type"),
            ("gzip.data", "stored-length", c.member(data, body[:3] + b"\1\1" + body[5:]), "a stored block's length"),
        ]:
            yield rule, "%s-%s" % (slug, where), parts.changed(number, member), "%s in the %s member" % (what, where)


def own_lengths(parts):
    data = c.cut(parts.tar, c.GZ_FULL)[1]
    good = parts.members[1]
    for slug, length in [("zero", 0), ("28", 28), ("1114113", 1114113), ("2-31", 1 << 31), ("2-32", 2**32 - 1)]:
        member = c.member(data, stored(data), length=length)
        yield "gzip.header", "length-" + slug, parts.changed(1, member), "a member's length of " + slug
    for slug, by in [("less", -1), ("more", 1), ("much-less", -5000)]:
        member = c.member(data, stored(data), length=len(good) + by)
        rule = "gzip.length|gzip.mixed|gzip.trailing|gzip.data|gzip.check|gzip.truncated"
        yield rule, "length-" + slug, parts.changed(1, member), "a member's length: " + slug + " than it is"
    both = c.member(parts.small, c.deflate(parts.small) + c.trailer(parts.small) + c.member(NOISE)[:-8],
                    c.trailer(NOISE))
    yield "gzip.length", "two-in-one", both, "a member whose length covers a second one"
    empty = c.member(b"")
    yield "gzip.data|gzip.header", "empty-member", parts.changed(1, parts.members[1] + empty), "a member of nothing"
    yield "gzip.data|gzip.header", "empty-first", empty + parts.changed(0, parts.members[0]), "nothing in the first"
    large = c.member(parts.tar[: c.GZ_FULL + 1])
    file = large + c.member(parts.tar[c.GZ_FULL + 1 :]) + parts.pointer
    yield "gzip.data|gzip.header", "large-member", file, "a member of more than 1 MiB"
    halves = c.gz(parts.tar, parts.place, c.GZ_FULL // 2)
    yield "container.short-frame", "halves", halves, "members of half a MiB and a pointer"
    one = c.member(parts.small[:512]) + c.member(parts.small[512:]) + c.gz_pointer(parts.small_place)
    yield "container.short-frame", "short-first", one, "a first member that is not full, and a pointer"


def own_mixed(parts):
    """Members of both kinds in one file."""
    small, pointer = parts.small, c.gz_pointer(parts.small_place)
    own, other = c.member(small), c.foreign(small)
    half = c.member(small[:1024]), c.foreign(small[1024:])
    for rule, slug, file, what in [
        ("gzip.mixed", "foreign-second", half[0] + half[1], "a foreign member behind an own one"),
        ("gzip.mixed", "foreign-first", c.foreign(small[:1024]) + c.member(small[1024:]) + pointer, "a foreign one first"),
        ("gzip.mixed", "foreign-empty", own + c.foreign(b""), "a foreign member of nothing at the end"),
        ("gzip.mixed|container.order", "foreign-after-pointer", own + pointer + other, "a foreign one after the pointer"),
        ("gzip.mixed", "foreign-with-pointer", other + pointer, "a pointer behind a foreign member"),
        ("gzip.mixed", "pointer-first", pointer + own, "a pointer before everything"),
        ("gzip.mixed", "time-second", half[0] + time_of(c.member(small[1024:])), "a time in the second member"),
        ("gzip.mixed", "time-first", time_of(own) + pointer, "a time in the only member, and a pointer"),
        ("gzip.mixed", "subfield-second", c.foreign(small, 4, b"\x0d\0XX\1\0xSB\4\0" + bytes(4)) + own,
         "the subfield is the second one"),
        ("container.order", "member-after-pointer", own + pointer + own, "a member after the pointer"),
        ("container.order", "end-after-pointer", own + pointer + c.member(NOISE), "noise in a member after the pointer"),
        ("container.order", "two-pointers", own + pointer + pointer, "two pointers"),
        ("container.order", "two-bundles", (own + pointer) * 2, "the bundle twice"),
    ]:
        yield rule, slug, file, what


def time_of(member):
    return member[:4] + b"\1" + member[5:]


def own_pointers(parts):
    small, place = parts.small, parts.small_place
    own, good = c.member(small), c.gz_pointer(place)
    for slug, pointer, what in [
        ("length", good[:16] + b"\x27" + good[17:], "says that it is longer"),
        ("data", good[:28] + b"\1\0\0\xff\xff" + good[30:], "has other deflate data"),
        ("crc", good[:30] + b"\1" + good[31:], "has a CRC that is not 0"),
        ("isize", good[:34] + b"\1" + good[35:], "has a length that is not 0"),
        ("zero", c.gz_pointer(0), "points to 0"),
    ]:
        yield "gzip.header", "pointer-" + slug, own + pointer, "a pointer that " + what
    for count in 1, 8, 20, 37:
        file = own + good[:-count]
        yield "gzip.truncated", "pointer-cut-%d" % count, file, "%d bytes of the pointer missing" % count


def ends(good, kind):
    """What may stand behind a whole file."""
    for slug, more, what in [
        ("zero", b"\0", "a zero"),
        ("zeros", bytes(512), "zeros"),
        ("newline", b"\n", "a line end"),
        ("text", NOISE, "a text"),
        ("zip", b"PK\3\4" + bytes(26), "the beginning of a zip"),
        ("magic", b"\x1f", "half a magic"),
        ("other-magic", b"\x28\xb5\x2f" if kind == "zstd" else b"\x1f\x8c\x08", "nearly a magic"),
    ]:
        rule = kind + ".trailing" + ("|%s.truncated" % kind if "magic" in slug else "")
        yield rule, "after-" + slug, good + more, what + " behind the file"


def cuts(good, kind):
    for slug, end, what in [
        ("5", 5, "5 bytes"),
        ("half", len(good) // 2, "its first half"),
        ("less-1", -1, "all but its last byte"),
        ("less-9", -9, "all but its trailer and a byte"),
    ]:
        yield kind + ".truncated", "cut-" + slug, good[:end], "of the file there is only " + what
    yield kind + ".truncated", "no-trailer", good[: -8 if kind == "gzip" else -4], "the trailer is missing"


def foreign_gzip(parts):
    tar = parts.plain
    crc, size = zlib.crc32(tar), len(tar)
    body = stored(tar)
    hidden = c.member(parts.small)
    for rule, slug, file, what in [
        ("gzip.check", "crc", c.foreign(tar, end=struct.pack("<II", crc ^ 256, size)), "a wrong CRC"),
        ("gzip.check", "isize", c.foreign(tar, end=struct.pack("<II", crc, size - 512)), "a wrong ISIZE"),
        ("gzip.data", "block-type", c.foreign(tar, body=b"\7" + body), "a block of the reserved type"),
        ("gzip.data", "stored", c.foreign(tar, body=body[:3] + b"\1\1" + body[5:]), "a stored block's length"),
        ("gzip.data", "distance", c.foreign(tar, body=b"\x4b\x04\x22\x00" + body), "a distance to before the start"),
        ("gzip.header", "method", c.foreign(tar, method=7), "another method than deflate"),
        ("gzip.header", "flags-20", c.foreign(tar, 0x20), "a reserved flag (20)"),
        ("gzip.header", "flags-40", c.foreign(tar, 0x40), "a reserved flag (40)"),
        ("gzip.header", "flags-80", c.foreign(tar, 0x80), "a reserved flag (80)"),
        ("gzip.header|gzip.check", "header-crc", c.foreign(tar, 2, b"\1\2"), "a wrong header CRC"),
        ("gzip.header", "long-name", c.foreign(tar, 8, b"n" * 200000 + b"\0"), "a name of 200,000 bytes"),
        ("gzip.header", "long-comment", c.foreign(tar, 16, b"n" * 3000000 + b"\0"), "a comment of 3 MB"),
        ("gzip.header", "second-flags", c.foreign(tar) + c.foreign(b"", 0x80), "a reserved flag in the second member"),
        ("gzip.truncated", "name-no-end", c.foreign(tar, 8, b"n", body=b"", end=b"name"), "a name without an end"),
        ("gzip.truncated", "extra-no-end", c.foreign(b"", 4, b"\xff\xff", b"", b"x" * 99), "an extra field without an end"),
        ("tar.trailing", "member-after", c.foreign(tar) + c.foreign(NOISE), "a member after the tar's end"),
        ("tar.trailing", "tar-after", c.foreign(tar) * 2, "the same file twice"),
        ("tar.header", "nested", c.foreign(hidden), "a gzip file in a gzip file"),
        ("tar.header", "nested-foreign", c.foreign(c.foreign(tar)), "a foreign gzip file in another"),
    ]:
        yield rule, slug, file, what
    # What is passed over hides nothing: these are judged by their own tar alone.
    other = c.foreign(parts.plain[:-1024] + tars.entry(b"sample/evil", NOISE) + bytes(1024))
    other = other[: 65000]
    for slug, flags, head in [
        ("extra", 4, struct.pack("<H", len(hidden)) + hidden),
        ("extra-subfield", 4, struct.pack("<HHH", len(other) + 4, 0x4253, len(other)) + other),
        ("name", 8, hidden.replace(b"\0", b"\1") + b"\0"),
        ("comment", 16, other.replace(b"\0", b"\1") + b"\0"),
    ]:
        yield "", "hidden-in-" + slug, c.foreign(tar, flags, head), "another bundle in the header (%s)" % slug
        file = c.foreign(NOISE + tar, flags, head)
        yield "tar.header", "only-in-" + slug, file, "a bundle in the header (%s), and noise as data" % slug


def add_gzip(kit, parts):
    good = c.gz(parts.small, parts.small_place)
    for part in own_members, own_lengths, own_mixed, own_pointers:
        for rule, slug, file, text in part(parts):
            kit.add(rule, slug + "-own", "gzip: " + text, file)
    outside = c.foreign(parts.plain)
    for make in ends, cuts:
        for rule, slug, file, text in make(good, "gzip"):
            kit.add(rule, slug + "-own", "sealbag's own gzip: " + text, file)
        for rule, slug, file, text in make(outside, "gzip"):
            kit.add(rule, slug, "a foreign gzip file: " + text, file)
    for rule, slug, file, text in foreign_gzip(parts):
        kit.add(rule, slug, "a foreign gzip file: " + text, file, code=None if rule else 0)


# ---- zstd --------------------------------------------------------------------------------------


def own_zstd(parts):
    """Rule, slug, file, what; of a tar of two frames."""
    tar = parts.small + bytes(0)
    place, pointer = parts.small_place, c.zst_pointer(parts.small_place)
    frames, lengths = c.zst_parts(tar)
    one, end = frames[0], pointer + c.table(lengths)
    body = c.blocks(tar)
    for rule, slug, file, what in [
        ("zstd.check", "checksum", c.frame(tar, end=b"evil") + end, "a wrong checksum"),
        ("zstd.data", "size-more", c.frame(tar, size=len(tar) + 1) + end, "a length that is too large"),
        ("zstd.data", "size-less", c.frame(tar, size=len(tar) - 1) + end, "a length that is too small"),
        ("zstd.header", "block-type", c.frame(tar, b"\7\0\0" + body) + end, "a block of the reserved type"),
        ("zstd.mixed", "skippable-before-pointer", one + c.skippable(NOISE) + end, "a skippable frame"),
        ("zstd.mixed", "skippable-hidden", one + c.skippable(one) + end, "a frame in a skippable frame"),
        ("zstd.mixed|container.order", "skippable-last", one + end + c.skippable(NOISE), "a skippable frame at the end"),
        ("zstd.mixed|zstd.data", "dictionary-first", c.frame(tar, descriptor=0xA5)[:5] + b"\7" + one[5:] + end,
         "a dictionary in the only frame, and a pointer"),
        ("zstd.mixed", "no-checksum", c.frame(tar, end=b"", descriptor=0xA0) + end, "no checksum, and a pointer"),
        ("zstd.mixed", "window", c.foreign_frame(tar) + end, "a foreign frame, and a pointer"),
        ("zstd.header", "pointer-zero", one + c.zst_pointer(0) + c.table(lengths), "a pointer to 0"),
        ("zstd.mixed", "pointer-long", one + c.skippable(pointer[8:] + b"x", 13) + c.table(lengths), "a longer pointer"),
        ("zstd.mixed", "pointer-name", one + c.skippable(b"SBIY" + pointer[12:], 13) + c.table(lengths), "a renamed pointer"),
        ("zstd.truncated", "no-table", one + pointer, "no seek table behind the pointer"),
        ("container.order", "two-pointers", one + pointer + end, "two pointers"),
        ("container.order", "two-tables", one + end + c.table(lengths), "two seek tables"),
        ("container.order", "pointer-after-table", one + c.table(lengths) + pointer, "a pointer behind the table"),
        ("container.order", "frame-after-pointer", one + pointer + one + c.table(lengths * 2), "a frame after the pointer"),
        ("container.order", "frame-after-table", one + end + one, "a frame after the table"),
        ("container.order", "two-bundles", (one + end) * 2, "the bundle twice"),
    ]:
        yield rule, slug, file, what
    parts_ = c.cut(tar, len(tar) // 2)
    for rule, slug, second in [
        ("zstd.mixed", "foreign-second", c.foreign_frame(parts_[1])),
        ("zstd.mixed", "no-checksum-second", c.frame(parts_[1], end=b"", descriptor=0xA0)),
        ("zstd.mixed", "dictionary-second", c.frame(parts_[1])[:4] + b"\xa5\7" + c.frame(parts_[1])[5:]),
        ("zstd.mixed|zstd.header", "empty-second", c.frame(b"") + c.frame(parts_[1])),
        ("zstd.mixed", "skippable-between", c.skippable(NOISE) + c.frame(parts_[1])),
        ("zstd.mixed|zstd.trailing", "gzip-second", c.member(parts_[1])),
    ]:
        yield rule, slug, c.frame(parts_[0]) + second, "a second frame: " + slug
    short = c.zst(tar, place, len(tar) // 2)
    yield "container.short-frame", "halves", short, "frames that are not full, and a pointer"


def own_tables(parts):
    tar, pointer = parts.small, c.zst_pointer(parts.small_place)
    frames, lengths = c.zst_parts(tar)
    start = frames[0] + pointer
    (length, size) = lengths[0]
    for slug, table, what in [
        ("length", c.table([(length - 1, size)]), "another length of a frame"),
        ("size", c.table([(length, size + 1)]), "another length of the data"),
        ("more", c.table(lengths * 2), "a line more"),
        ("count", c.table(lengths, count=2), "another number of lines"),
        ("empty", c.table([]), "no line"),
        ("shifted", c.table([(0, 0)] + lengths), "a frame of nothing"),
        ("flags", c.table(lengths, flags=0x80), "a flag for checksums"),
        ("reserved", c.table(lengths, flags=4), "a reserved flag"),
        ("magic", c.table(lengths, magic=0x8F92EAB2), "another magic at its end"),
        ("short", c.skippable(c.table(lengths)[8:-1], 14), "a byte less"),
        ("long", c.skippable(c.table(lengths)[8:] + b"\0", 14), "a byte more"),
        ("nothing", c.skippable(b"", 14), "nothing in it"),
    ]:
        yield "zstd.seek-table|zstd.mixed", "table-" + slug, start + table, "a seek table with " + what
    claim = struct.pack("<II", 0x184D2A5E, (64 << 20) + 1) + c.table(lengths)[8:]
    yield "zstd.header", "table-64-mib", start + claim, "a seek table that says that it is over 64 MiB"
    yield "zstd.truncated", "table-cut", start + c.table(lengths)[:-1], "a seek table without its last byte"


def foreign_zstd(parts):
    tar, body = parts.plain, c.blocks(parts.plain)
    good = c.foreign_frame(tar)
    single = struct.pack("<IBQ", 0xFD2FB528, 0xE4, 1 << 40) + body + c.check(tar)
    for rule, slug, file, what in [
        ("zstd.check", "checksum", c.foreign_frame(tar, end=b"evil"), "a wrong checksum"),
        ("zstd.data", "dictionary-1", c.foreign_frame(tar, 5, b"\x58\x07"), "a dictionary (1 byte)"),
        ("zstd.data", "dictionary-4", c.foreign_frame(tar, 7, b"\x58\x07\x08\x09\x0a"), "a dictionary (4 bytes)"),
        ("zstd.header", "reserved-bit", c.foreign_frame(tar, 0xC), "a reserved bit"),
        ("limit.reached", "window-256-mib", c.foreign_frame(tar, window=b"\x90"), "a window of 256 MiB"),
        ("limit.reached", "window-just-over", c.foreign_frame(tar, window=b"\x89"), "a window of 144 MiB"),
        ("limit.reached|zstd.header", "window-largest", c.foreign_frame(tar, window=b"\xff"), "the largest window"),
        ("limit.reached", "single-1-tib", single, "a single segment of 1 TiB"),
        ("zstd.data|zstd.header", "block-type", c.foreign_frame(tar, body=b"\7\0\0" + body), "a reserved block"),
        ("zstd.data", "block-size", c.foreign_frame(tar, body=c.block(0, 200 << 10, 0) + bytes(200 << 10) + body),
         "a block of more than 128 KiB"),
        ("zstd.data", "block-noise", c.foreign_frame(tar, body=c.block(2, 40, 0) + b"\xff" * 40 + body),
         "a compressed block of noise"),
        ("zstd.data", "size", c.foreign_frame(tar, 0x84, b"\x58" + struct.pack("<I", len(tar) + 1)), "a wrong length"),
        ("zstd.mixed", "pointer", good + c.zst_pointer(parts.small_place), "a pointer"),
        ("zstd.truncated", "skippable-cut", good + c.skippable(NOISE)[:-1], "a skippable frame that is cut off"),
        ("zstd.truncated", "skippable-4-gib", good + struct.pack("<II", 0x184D2A50, 2**32 - 1), "one of 4 GiB"),
        ("tar.trailing", "frame-after", good + c.foreign_frame(NOISE), "a frame after the tar's end"),
        ("tar.trailing", "twice", good * 2, "the same file twice"),
        ("tar.header", "nested", c.foreign_frame(good), "a zstd file in a zstd file"),
        ("zstd.trailing", "gzip-after", good + c.foreign(b""), "a gzip member behind it"),
        ("", "skippable-hidden", good + c.skippable(good), "another bundle in a skippable frame"),
        ("", "skippable-pointer", good + c.skippable(b"SBIX" + bytes(8), 12), "nearly a pointer"),
    ]:
        yield rule, slug, file, what


def add_zstd(kit, parts):
    good = c.zst(parts.small, parts.small_place)
    for part in own_zstd, own_tables:
        for rule, slug, file, text in part(parts):
            kit.add(rule, slug + "-own", "zstd: " + text, file)
    outside = c.foreign_frame(parts.plain)
    for make in ends, cuts:
        for rule, slug, file, text in make(outside, "zstd"):
            kit.add(rule, slug, "a foreign zstd file: " + text, file)
        for rule, slug, file, text in make(good, "zstd"):
            if slug != "no-trailer":
                kit.add(rule, slug + "-own", "sealbag's own zstd: " + text, file)
    for rule, slug, file, text in foreign_zstd(parts):
        kit.add(rule, slug, "a foreign zstd file: " + text, file, code=None if rule else 0)
    skipped = c.skippable(NOISE) + outside
    kit.add("", "skippable-first", "a skippable frame before a zstd file", skipped, code=0)
    old = b"\x27" + good[1:]
    kit.add("container.unsupported", "zstd-0.7", "the magic of an older zstd", old)
    kit.add("gzip.trailing", "zstd-behind", "a zstd file behind a gzip file", c.gz(parts.small, parts.small_place) + good)


def add_all(kit):
    kit.group = "container"
    parts = Parts(kit)
    add_gzip(kit, parts)
    add_zstd(kit, parts)
