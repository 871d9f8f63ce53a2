"""Tars that two programs would read differently, or that end where they should not."""
import struct

import containers
import tars

EVIL = tars.entry(b"sample/data/evil", b"evil\n")
DATA = b"minutes\n"
NAME = b"sample/data/evil"
TIB = 1 << 40


def types(kit):
    """Rule, slug, entry, what it is."""
    hidden = len(EVIL)
    for kind, what in [
        (b"2", "symbolic link"),
        (b"1", "hard link"),
        (b"6", "FIFO"),
        (b"3", "character device"),
        (b"4", "block device"),
        (b"5", "folder"),
    ]:
        slug = what.replace(" ", "-")
        name = NAME + (b"/" if kind == b"5" else b"")
        link = b"bag-info.txt" if kind in b"12" else b""
        raw = tars.header(name, hidden, kind, link=link) + EVIL
        yield "tar.type", slug + "-with-data", raw, "a file hidden in the data of a " + what
        if kind != b"5":
            yield "tar.type", slug, tars.header(name, 0, kind, link=link), "a " + what
    outside = kit.watched + b"/beside"
    through = tars.header(b"sample/data/door", 0, b"2", link=kit.watched)
    through += tars.entry(b"sample/data/door/evil", b"evil\n")
    yield "tar.type", "through-symlink", through, "a file below a symbolic link that leads out"
    for kind, what in (b"2", "symbolic"), (b"1", "hard"):
        over = tars.header(NAME, 0, kind, link=outside) + EVIL
        yield "tar.type", "over-%s-link" % what, over, "a file over a %s link that leads out" % what
    bag = tars.header(b"sample", 0, b"2", link=kit.watched)
    yield "tar.type", "bag-is-link", bag, "the bag's folder is a symbolic link"
    for kind in b"7", b"9", b"A", b"D", b"E", b"I", b"K", b"M", b"N", b"S", b"V", b"X", b"Z", b" ", b"\xff":
        raw = tars.header(NAME, len(DATA), kind) + DATA + tars.fill(len(DATA))
        yield "tar.type", "type-" + kind.hex(), raw, "an entry of type %a" % kind.decode("latin-1")
    raw = tars.long_name(NAME, kind=b"K") + EVIL
    yield "tar.type", "long-link", raw, "a GNU long link name"
    raw = tars.header(b"././@LongLink", 5, b"L") + b"evil\0" + bytes(507) + EVIL
    yield "tar.type", "long-name-in-ustar", raw, "a GNU long name in a ustar header"
    linked = tars.entry(NAME, DATA, link=b"../../evil")
    yield "tar.type", "file-with-link-name", linked, "a file with a link's name"
    folder = tars.header(NAME + b"/", 0, b"5", link=b"/etc")
    yield "tar.type", "folder-with-link-name", folder, "a folder with a link's name"
    for kind in b"0", b"\0":
        raw = tars.entry(NAME + b"/", DATA, kind)
        yield "tar.type", "file-with-slash-" + kind.hex(), raw, "a file whose name ends in a slash"
    raw = tars.pax((b"path", NAME + b"/")) + tars.entry(b"file", DATA)
    yield "tar.type", "file-with-slash-pax", raw, "a file whose pax path ends in a slash"
    raw = tars.long_name(NAME + b"/") + tars.gnu_header(b"file", 0)
    yield "tar.type", "file-with-slash-gnu", raw, "a file whose GNU long name ends in a slash"
    for slug, one in [("comment", (b"comment", b"x")), ("path", (b"path", NAME)), ("size", (b"size", b"9"))]:
        yield "tar.type", "global-" + slug, tars.pax(one, kind=b"g"), "a global pax header: " + slug


def sizes(kit):
    right = b"%011o\0" % len(DATA)
    big = (TIB).to_bytes(11, "big")
    for rule, slug, field, what in [
        ("tar.header", "negative-base-256", b"\xff" * 12, "-1 in base-256"),
        ("tar.header", "negative-huge", b"\xff" + bytes(11), "-2^88 in base-256"),
        ("tar.header", "negative-text", b"-0000000001\0", "-1 in octal"),
        ("tar.header", "plus", b"+0000000010\0", "a plus sign"),
        ("tar.header", "2-63", b"\x80\0\0\0" + struct.pack(">Q", 1 << 63), "2^63"),
        ("tar.header", "2-64", b"\x80\0\0\1" + bytes(8), "2^64"),
        ("tar.header", "2-94", b"\xbf" + b"\xff" * 11, "nearly 2^94"),
        ("tar.header", "base-256-81", b"\x81" + bytes(10) + b"\x08", "another first byte of base-256"),
        ("tar.header", "decimal", b"00000000008\0", "a digit that is not octal"),
        ("tar.header", "hex", b"0x000000008\0", "hexadecimal"),
        ("tar.header", "nothing", bytes(12), "nothing"),
        ("tar.header", "spaces", b" " * 12, "spaces"),
        ("tar.header", "second-number", b"10 00000010\0", "two numbers"),
        ("tar.truncated", "1-tib", b"\x80" + big, "1 TiB in base-256"),
        ("tar.truncated", "2-62", b"\x80\0\0\0" + struct.pack(">Q", 1 << 62), "2^62 in base-256"),
        ("tar.truncated", "8-gib", b"77777777777\0", "8 GiB in octal"),
        ("tar.truncated", "twelve-digits", b"777777777777", "64 GiB in twelve digits"),
        ("tar.truncated", "too-long", b"00000777777\0", "more than what follows"),
    ]:
        if field != right:
            raw = tars.header(NAME, field) + DATA + tars.fill(len(DATA))
            yield rule, "size-" + slug, raw, "a size: " + what


def pax_sizes(kit):
    body = DATA + tars.fill(len(DATA))
    hidden = DATA + tars.fill(len(DATA)) + EVIL
    for slug, value, size, what in [
        ("larger", b"%d" % len(hidden), len(DATA), "larger than the header's, over an entry"),
        ("smaller", b"%d" % len(DATA), len(hidden), "smaller than the header's, before an entry"),
        ("zero", b"0", len(hidden), "0 against the header's"),
        ("small-for-zero", b"%d" % len(hidden), 0, "small, where the header says 0"),
        ("negative", b"-1", 8, "negative"),
        ("2-63", b"9223372036854775808", 0, "2^63"),
        ("2-64", b"18446744073709551624", 8, "2^64 and 8"),
        ("plus", b"+8", 8, "with a sign"),
        ("zeros", b"008", 8, "with zeros before it"),
        ("hex", b"0x8", 8, "hexadecimal"),
        ("space", b" 8", 8, "with a space"),
        ("fraction", b"8.0", 8, "with a fraction"),
        ("empty", b"", 8, "empty"),
        ("large-for-small", b"%d" % TIB, 8, "1 TiB, where the header says 8"),
    ]:
        raw = tars.pax((b"size", value)) + tars.header(NAME, size) + hidden
        yield "tar.pax", "pax-size-" + slug, raw, "a pax size: " + what
    raw = tars.pax((b"size", b"8"), (b"size", b"8")) + tars.header(NAME, 8) + body
    yield "tar.pax", "pax-size-twice", raw, "two pax sizes"
    raw = tars.pax((b"size", b"%d" % TIB)) + tars.header(NAME, 0) + hidden
    yield "tar.truncated", "pax-size-1-tib", raw, "a pax size of 1 TiB, and little data"


def pax_headers(kit):
    path = tars.pax((b"path", NAME))
    gnu = tars.long_name(NAME)
    file = tars.entry(b"file", DATA)
    gnu_file = tars.gnu_header(b"file", len(DATA)) + DATA + tars.fill(len(DATA))
    for slug, raw, what in [
        ("two-pax", path + tars.pax((b"path", NAME + b"2")) + file, "two pax headers"),
        ("two-pax-one-useless", tars.pax((b"comment", b"x")) + path + file, "a pax header of a comment before another"),
        ("gnu-then-pax", gnu + path + file, "a GNU long name and a pax path"),
        ("pax-then-gnu", path + gnu + gnu_file, "a pax path and a GNU long name"),
        ("two-gnu", gnu + gnu + gnu_file, "two GNU long names"),
        ("gnu-no-nul", tars.long_name(NAME, b"") + gnu_file, "a GNU long name without a NUL"),
        ("gnu-nul-inside", tars.long_name(NAME + b"\0/../evil") + gnu_file, "a NUL in a GNU long name"),
        ("gnu-two-nuls", tars.long_name(NAME, b"\0\0") + gnu_file, "two NULs behind a GNU long name"),
        ("gnu-nothing", tars.long_name(b"") + gnu_file, "a GNU long name of nothing"),
        ("gnu-65537", tars.long_name(b"sample/" + b"n" * 65529) + gnu_file, "a GNU long name over 64 KiB"),
        ("pax-65537", tars.pax((b"comment", b"n" * 65600)) + file, "a pax header over 64 KiB"),
        ("pax-1-tib", tars.header(b"PaxHeader/x", b"\x80" + TIB.to_bytes(11, "big"), b"x"), "a pax header of 1 TiB"),
        ("pax-empty", tars.header(b"PaxHeader/x", 0, b"x") + file, "a pax header of nothing"),
        ("path-empty", tars.pax((b"path", b"")) + file, "a pax path of nothing"),
        ("path-nul", tars.pax((b"path", NAME + b"\0.txt")) + file, "a NUL in a pax path"),
        ("path-nul-alone", tars.pax((b"path", b"\0")) + file, "a pax path of one NUL"),
        ("path-twice", tars.pax((b"path", NAME), (b"path", NAME + b"2")) + file, "two pax paths"),
        ("path-twice-same", tars.pax((b"path", NAME), (b"path", NAME)) + file, "one pax path twice"),
        ("charset", tars.pax((b"hdrcharset", b"ISO-8859-1"), (b"path", NAME)) + file, "another character set"),
    ]:
        yield "tar.pax", slug, raw, what
    for key in [
        b"linkpath", b"typeflag", b"GNU.volume.label", b"SCHILY.filetype", b"SCHILY.realsize",
        b"SUN.devmajor", b"LIBARCHIVE.symlinktype", b"realtime.any", b"security.capability", b"charset",
        b"PATH", b"Size", b"path ", b"RHT", b"GNU.sparse.realsize", b"unknown",
    ]:
        slug = "key-" + key.decode().replace(" ", "_")
        raw = tars.pax((key, b"8")) + tars.entry(NAME, DATA)
        yield "tar.pax", slug, raw, "the pax key %a" % key.decode()
    for slug, one, what in [
        ("record-long", b"99 path=evil\n", "a record that is longer than the header"),
        ("record-short", b"8 path=evil\n", "a record that is shorter than it is"),
        ("record-zero", b"0 path=evil\n", "a record of length 0"),
        ("record-negative", b"-13 path=evil\n", "a record of negative length"),
        ("record-huge", b"18446744073709551629 path=evil\n", "a record of 2^64 and 13 bytes"),
        ("record-zeros", b"0000000013 path=evil\n"[:21], "a record's length with zeros before it"),
        ("record-no-length", b" path=evil\n", "a record without a length"),
        ("record-no-equals", b"11 pathevil\n"[:11], "a record without an equals sign"),
        ("record-no-key", b"9 =evil.\n", "a record without a key"),
        ("record-no-end", b"12 path=evil", "a record without a line end"),
        ("record-rest", tars.record(b"path", NAME) + bytes(9), "NULs behind the records"),
        ("record-key-nul", tars.record(b"pa\0th", NAME), "a NUL in a key"),
        ("record-key-newline", tars.record(b"x\n12 path", b"y"), "a newline in a key"),
        ("record-mtime", tars.record(b"mtime", b"yesterday"), "a time that is no number"),
        ("record-uid", tars.record(b"uid", b"root"), "an owner that is no number"),
    ]:
        yield "tar.pax", slug, tars.pax(one) + tars.entry(NAME, DATA), what


def sparse(kit):
    """Maps that say that a small entry is a file of 1 TiB."""
    size = b"\x80" + TIB.to_bytes(11, "big")
    old = tars.gnu_header(NAME, len(DATA), b"S")
    one = b"\x80" + (TIB - 8).to_bytes(11, "big") + b"00000000010\0"
    old = tars.put(old, 386, one)
    old = tars.put(old, 483, size)
    yield "tar.type|tar.header", "sparse-gnu", old + DATA + bytes(504), "a GNU sparse file of 1 TiB"
    more = tars.put(old, 482, b"\1") + one * 21 + bytes(8) + DATA + bytes(504)
    yield "tar.type|tar.header", "sparse-gnu-extended", more, "a GNU sparse file with a second map"
    text = b"%d" % TIB
    for slug, records in [
        ("0.0", [(b"GNU.sparse.size", text), (b"GNU.sparse.numblocks", b"1"),
                 (b"GNU.sparse.offset", b"0"), (b"GNU.sparse.numbytes", b"8")]),
        ("0.1", [(b"GNU.sparse.size", text), (b"GNU.sparse.numblocks", b"1"),
                 (b"GNU.sparse.map", b"0,8"), (b"GNU.sparse.name", NAME)]),
        ("1.0", [(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"),
                 (b"GNU.sparse.name", NAME), (b"GNU.sparse.realsize", text)]),
    ]:
        body = b"1\n0\n8\n".ljust(512, b"\0") + DATA if slug == "1.0" else DATA
        raw = tars.pax(*records) + tars.entry(b"sample/GNUSparseFile.0/evil", body)
        yield "tar.pax", "sparse-" + slug, raw, "a pax %s sparse file of 1 TiB" % slug


def headers(kit):
    good = tars.header(NAME, len(DATA))
    rest = DATA + tars.fill(len(DATA))
    name = "sample/data/caf\u00e9".encode()
    bytes_ = tars.header(name, len(DATA))
    signed = tars.checksum(bytes_) - 256 * sum(byte > 127 for byte in bytes_)
    gnu = tars.gnu_header(NAME, len(DATA))
    for slug, head, what in [
        ("checksum", tars.seal_header(good, tars.checksum(good) + 1), "a wrong checksum"),
        ("checksum-zero", tars.seal_header(good, 0), "a checksum of 0"),
        ("checksum-empty", good[:148] + bytes(8) + good[156:], "no checksum"),
        ("checksum-signed", tars.seal_header(bytes_, signed), "a checksum of signed bytes"),
        ("magic-v7", tars.put(good, 257, bytes(8)), "no magic, as before ustar"),
        ("magic-case", tars.put(good, 257, b"USTAR\x0000"), "the magic in capitals"),
        ("magic-version", tars.put(good, 257, b"ustar\x0001"), "another version of ustar"),
        ("magic-spaces", tars.put(good, 257, b"ustar   "), "a magic with three spaces"),
        ("end", tars.put(good, 500, b"evil"), "bytes behind the header's fields"),
        ("end-last", tars.put(good, 511, b"x"), "a byte at the header's end"),
        ("gnu-prefix", tars.put(gnu, 345, b"sample/data/other"), "a prefix in a GNU header"),
        ("gnu-end", tars.put(gnu, 482, b"\1"), "a sparse mark in a GNU header"),
        ("mode", tars.put(good, 100, b"rw-r--r-"), "a mode that is no number"),
        ("uid", tars.put(good, 108, b"0000008\0"), "an owner that is no number"),
        ("mtime", tars.put(good, 136, b"yesterday\0\0\0"), "a time that is no number"),
        ("device", tars.put(good, 329, b"evil\0\0\0\0"), "a device that is no number"),
    ]:
        yield "tar.header", slug, head + rest, what
    dirty = tars.header(NAME, len(DATA)) + DATA + b"x" + tars.fill(len(DATA))[1:]
    yield "tar.header", "dirty-padding", dirty, "a byte between a file's data and the next header"
    yield "tar.header", "noise", b"evil" * 128, "a block of noise between two entries"
    yield "tar.header", "shifted", b"x" + EVIL + bytes(511), "an entry that does not begin at a block"


def add_entries(kit):
    """Each once in a gzip file by another program; some in sealbag's own kinds as well."""
    own = ("-with-data", "through-symlink", "sparse", "two-pax", "gnu-then-pax", "pax-size-larger", "path-nul")
    for part in types, sizes, pax_sizes, pax_headers, sparse, headers:
        for rule, slug, raw, text in part(kit):
            tar = kit.tar().insert(raw)
            kit.add(rule, slug, text, kit.foreign(tar))
            if any(word in slug for word in own):
                kit.add(rule, slug + "-own", text + ", in sealbag's own gzip", kit.gz(tar))
                kit.add(rule, slug + "-own", text + ", in zstd", kit.zst(tar))


def add_ends(kit):
    one, two = bytes(512), bytes(1024)
    for rule, slug, end, what in [
        ("tar.trailing|tar.truncated", "after-one-block", one + EVIL + two, "an entry after one zero block"),
        ("tar.trailing", "after-two-blocks", two + EVIL + two, "an entry after two zero blocks"),
        ("tar.trailing", "second-tar", two + kit.tar().bytes(), "a second tar behind the first"),
        ("tar.trailing", "link-after", two + tars.header(NAME, 0, b"2", link=b"/etc"), "a link after the end"),
        ("tar.trailing", "byte-after", two + bytes(511) + b"x", "a byte in a block after the end"),
        ("tar.trailing", "text-after", two + b"evil", "four bytes after the end"),
        ("tar.trailing", "after-1-mib", two + bytes(1 << 20) + EVIL, "an entry after 1 MiB of zeros"),
        ("tar.trailing", "zeros-2-mib", bytes(2 << 20), "2 MiB of zeros"),
        ("tar.truncated", "no-end", b"", "no end blocks"),
        ("tar.truncated", "one-end", one, "one end block"),
        ("tar.truncated", "one-end-and-a-half", bytes(1023), "one end block and most of the other"),
        ("tar.truncated", "half-end", bytes(100), "a part of the first end block"),
        ("tar.pax", "pax-last", tars.pax((b"path", NAME)) + two, "a pax header and the end"),
        ("tar.pax", "gnu-last", tars.long_name(NAME) + two, "a GNU long name and the end"),
        ("tar.truncated", "pax-cut", tars.pax((b"path", NAME)), "a pax header and nothing"),
    ]:
        tar = kit.tar(end=end)
        kit.add(rule, slug, "at the tar's end: " + what, kit.foreign(tar))
        if rule != "tar.pax":
            kit.add(rule, slug + "-own", "at the end of sealbag's own gzip: " + what, kit.gz(tar))
            kit.add(rule, slug + "-own", "at the end of sealbag's own zstd: " + what, kit.zst(tar))


def add_cuts(kit):
    """The tar ends early, and the container around it is whole."""
    tar = kit.tar()
    whole = tar.bytes()
    place = 0
    for number, (path, raw, size) in enumerate(tar.entries):
        cut = whole[:place]
        rule = "tar.truncated"
        if place:
            slug = "cut-before-%d" % number
            text = "the tar ends before " + path.decode("utf-8", "replace")
            kit.add(rule, slug, text, containers.foreign(cut))
            kit.add(rule, slug + "-and-end", text + ", as in a header", containers.foreign(cut + raw[:300]))
        if size:
            kit.add(rule, "cut-in-%d" % number, "the tar ends in " + path.decode("utf-8", "replace"),
                    containers.foreign(whole[: place + len(raw) - len(tars.fill(size)) - 1]))
        place += len(raw)
    kit.add("tar.truncated", "nothing", "a tar of nothing", containers.foreign(b""))
    kit.add("tar.truncated", "one-byte", "a tar of one byte", containers.foreign(b"s"))
    last = tar.entries.pop()[0].decode()
    text = "the last entry, %s, is missing, with end blocks" % last
    kit.add("seal.signer-missing", "last-entry-missing", text, kit.foreign(tar))


def add_all(kit):
    kit.group = "tar"
    add_entries(kit)
    add_ends(kit)
    add_cuts(kit)
