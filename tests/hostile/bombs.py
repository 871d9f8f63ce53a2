"""Small files that are large inside, or much work.

All of them are made without ever holding what is in them."""
import struct
import zlib

import bags
import containers as c
import tars

MIB = 1 << 20
GIB = 1 << 30


def stream(before, chunk, count, after, own=False):
    """A gzip file of before + count * chunk + after, foreign or sealbag's own."""
    if not own:
        return c.repeated(before, chunk, count, after)
    assert len(chunk) == c.GZ_FULL and len(before) % c.GZ_FULL == 0
    return c.gz(before) + c.member(chunk, deflate9(chunk)) * count + c.gz(after)


def deflate9(data):
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflater.compress(data) + deflater.flush()


def split(kit, path, size, files=None):
    """The bytes of a tar before and after the data of one file, which is this large."""
    files = [(p, d) for p, d in (kit.good if files is None else files) if p != path]
    tar = kit.tar(files)
    at = tar.at(b"bag-info.txt") if b"bag-info.txt" in dict(files) else 0
    raws = [raw for _, raw, _ in tar.entries]
    head = tars.header(b"sample/" + path, size)
    return b"".join(raws[:at]) + head, tars.fill(size) + b"".join(raws[at:]) + bytes(1024)


def add_zeros(kit):
    """2 MB -> 2 GiB."""
    before, after = split(kit, b"data/zeros", 2 * GIB)
    text = "2 GiB of zeros as an unlisted document"
    kit.add("limit.reached", "zeros", text, stream(before, bytes(MIB), 2048, after))
    # Sealbag's members are full, so the large file begins with a member and ends before one.
    lead = before + bytes(-len(before) % MIB)
    rest = bytes(2 * GIB - (len(lead) - len(before)) - 2047 * MIB) + after
    own = c.gz(lead) + c.member(bytes(MIB), deflate9(bytes(MIB))) * 2047 + c.gz(rest)
    kit.add("limit.reached", "zeros-own", text + ", in sealbag's own gzip", own)
    whole = kit.tar().bytes()
    text = "2 GiB of zeros behind the tar's end"
    kit.add("tar.trailing", "zeros", text, stream(whole, bytes(MIB), 2048, b""))
    padded = whole + bytes(-len(whole) % MIB)
    kit.add("tar.trailing", "zeros-own", text + ", in sealbag's own gzip", stream(padded, bytes(MIB), 2048, b"", True))
    runs = c.block(1, c.BLOCK, 0) + b"\0"
    body = c.blocks(before)[:-len(before) - 3] + c.block(0, len(before), 0) + before
    body += runs * (2 * GIB // c.BLOCK) + c.block(0, len(after), 1) + after
    kit.add("limit.reached", "zeros", "2 GiB of zeros in zstd, in 64 KB",
            c.foreign_frame(b"", 0, body=body, end=b""))
    last = c.block(0, len(whole), 0) + whole + runs * (2 * GIB // c.BLOCK) + c.block(0, 0, 1)
    kit.add("tar.trailing", "zeros", "2 GiB of zeros in zstd behind the tar's end",
            c.foreign_frame(b"", 0, body=last, end=b""))
    document = b"data/minutes.txt"
    before, after = split(kit, document, GIB)
    kit.add("limit.reached", "zeros-listed", "a listed document as 1 GiB of zeros", stream(before, bytes(MIB), 1024, after))


def add_lists(kit):
    """Lists and tag files that a small bundle makes large."""
    digest = b"0" * 64
    for path, chunk, size, slug, text in [
        (b"manifest-sha256.txt", digest + b"  data/minutes.txt\n", 300 * 10**6, "manifest-300-mb", "a manifest of 300 MB"),
        (b"manifest-sha256.txt", digest + b"  data/" + b"n" * 4000 + b"\n", 300 * 10**6, "manifest-long-lines", "a manifest of long lines"),
        (b"manifest-sha256.txt", b"n" * 65536, GIB, "manifest-line", "a manifest of one line of 1 GiB"),
        (b"manifest-sha256.txt", bytes(65536), GIB + 65536, "manifest-zeros", "a manifest of more than 1 GiB of zeros"),
        (b"manifest-sha256.txt", b"\n" * 65536, 300 * 10**6, "manifest-newlines", "a manifest of empty lines"),
        (b"bag-info.txt", b"Label: value\n", 100 * 10**6, "info-100-mb", "a bag-info.txt of 100 MB"),
        (b"bag-info.txt", b" continued", 100 * 10**6, "info-line", "a bag-info.txt of one line of 100 MB"),
        (b"bagit.txt", b"\n" * 1024, 10**8, "bagit-100-mb", "a bagit.txt of 100 MB"),
        (b"tagmanifest-sha256.txt", digest + b"  bagit.txt\n", 10**8, "tagmanifest-100-mb", "a tag manifest of 100 MB"),
        (b"seal/cover-sha256.txt", digest + b"  bagit.txt\n", 10**8, "cover-100-mb", "a cover of 100 MB"),
        (b"seal/seal.txt", b"Signer: SHA256:\n", 10**8, "seal-100-mb", "a seal.txt of 100 MB"),
        (b"seal/salt.txt", b"0" * 1024, 10**8, "salt-100-mb", "a salt.txt of 100 MB"),
        (kit.make.signature_path(), b"c" * 1024, 10**8, "signature-100-mb", "a signature of 100 MB"),
    ]:
        count = size // len(chunk)
        times = max(1, MIB // len(chunk))
        count = max(1, count // times)
        before, after = split(kit, path, count * times * len(chunk))
        kit.add("limit.reached", slug, text, stream(before, chunk * times, count, after))


def add_lines(kit):
    """Lists within the limits that are nothing but mistakes."""
    digest = b"0" * 64
    for path, line, rule, slug, text in [
        (b"manifest-sha256.txt", b"x\n", "manifest.line", "lines", "7 million lines that are none"),
        (b"manifest-sha256.txt", digest + b"  data/%08d\n", "manifest.file-missing", "names", "200,000 missing documents"),
        (b"manifest-sha256.txt", digest + b"  data/minutes.txt\n", "manifest.listed-twice", "twice", "one document 170,000 times"),
        (b"manifest-sha256.txt", digest + b"  %08d\n", "manifest.scope", "scope", "200,000 files outside of data/"),
        (b"bag-info.txt", b"x\n", "baginfo.line", "info", "7 million lines that are none in bag-info.txt"),
        (b"bag-info.txt", b"Payload-Oxum: 1.1\n", "baginfo.oxum", "oxum", "800,000 sums in bag-info.txt"),
    ]:
        one = line % 0 if b"%" in line else line
        count = 14 * 10**6 // len(one)
        data = b"".join(line % i for i in range(count)) if b"%" in line else line * count
        before, after = split(kit, path, len(data))
        kit.add(rule, "many-" + slug, text, c.foreign(before + data + after))
    raw = lambda i: tars.entry(b"sample/seal/%032d.minisig" % i, b"x\n")
    many = b"".join(raw(i) for i in range(3000))
    kit.add("limit.reached", "signatures-3000", "3,000 signature files", kit.foreign(kit.tar().insert(many)), code=None)


def many_headers(count, name, kind=b"0"):
    """Headers of so many entries: name % number, quickly. The checksum follows from the digits."""
    first = tars.header(name % 0, 0, kind)
    at, end = first.index(b"00000000"), 8
    base = tars.checksum(first) - 8 * 48
    head, between = first[:at], first[at + end : 148]
    rest = first[156:]
    out = []
    for number in range(count):
        digits = b"%08d" % number
        out.append(b"%b%b%b%06o\0 %b" % (head, digits, between, base + sum(digits), rest))
    return b"".join(out)


def add_entries(kit):
    """300,000 entries in 2 MB."""
    for rule, slug, name, kind, text in [
        ("manifest.file-unlisted", "documents", b"sample/data/%08d", b"0", "documents"),
        ("seal.unknown-file", "seal-files", b"sample/seal/%08d", b"0", "files in seal/"),
        ("folder.empty", "folders", b"sample/data/%08d/", b"5", "empty folders"),
    ]:
        raw = many_headers(300000, name, kind)
        kit.add(rule, "300000-" + slug, "300,000 %s" % text, light(kit.tar().insert(raw).bytes()))
    raw = tars.entry(b"sample/data/evil") * 300000
    kit.add("limit.reached", "300000-same", "300,000 times the same path", light(kit.tar().insert(raw).bytes()))
    folder = tars.entry(b"sample/data/letters/", kind=b"5") * 300000
    kit.add("limit.reached", "300000-same-folder", "300,000 times the same folder", light(kit.tar().insert(folder).bytes()))
    add_long_paths(kit)


def light(tar):
    return c.foreign(tar, body=c.deflate(tar, 4))


def add_long_paths(kit):
    """Paths of nearly 4,000 bytes, or 256 folders deep, each different from its beginning on."""
    long_ = lambda i: b"sample/data/%08d/" % i + (b"n" * 250 + b"/") * 15 + b"x"
    deep = lambda i: b"sample/data/%08d/" % i + b"d/" * 250 + b"x"
    for rule, slug, make, count, text in [
        ("limit.reached", "long-paths", long_, 50000, "50,000 paths of 3,800 bytes"),
        ("manifest.file-unlisted", "deep-paths", deep, 20000, "20,000 paths of 250 folders"),
    ]:
        deflater = zlib.compressobj(1, zlib.DEFLATED, -15)
        body, crc, size = [], 0, 0
        first = b"".join(raw for p, raw, _ in kit.tar().entries)
        pieces = [first]
        pieces += [b"".join(one_path(make(j)) for j in range(i, i + 500)) for i in range(0, count, 500)]
        for piece in pieces + [bytes(1024)]:
            body.append(deflater.compress(piece))
            crc, size = zlib.crc32(piece, crc), size + len(piece)
        body.append(deflater.flush())
        end = struct.pack("<II", crc, size & 0xFFFFFFFF)
        kit.add(rule, slug, text, c.foreign(b"", body=b"".join(body), end=end))


FILE = tars.header(b"file")


def one_path(path):
    return tars.pax((b"path", path)) + FILE


def add_frames(kit):
    """Millions of pieces that hold nothing."""
    tar = kit.tar().bytes()
    good = c.foreign(tar)
    nothing = c.foreign(b"", body=b"\3\0")
    kit.add("", "empty-members", "100,000 gzip members of nothing", good + nothing * 100000, code=0)
    kit.add("tar.truncated", "empty-members-first", "nothing but 100,000 gzip members of nothing", nothing * 100000)
    stored = b"\0\0\0\xff\xff"
    body = stored * 400000 + c.deflate(tar)
    kit.add("", "empty-blocks", "400,000 deflate blocks of nothing", c.foreign(tar, body=body), code=0)
    frame = c.foreign_frame(tar)
    kit.add("", "skippable-frames", "250,000 skippable frames", frame + c.skippable(b"") * 250000, code=0)
    small = c.foreign_frame(b"", 4, b"\0", end=b"\x99\xe9\xd8\x51")
    kit.add("", "empty-frames", "150,000 zstd frames of nothing", frame + small * 150000, code=0)
    empty = c.block(0, 0, 0) * 600000
    kit.add("", "empty-zstd-blocks", "600,000 zstd blocks of nothing",
            c.foreign_frame(tar, body=empty + c.blocks(tar)), code=0)
    pax = tars.pax((b"comment", b"n" * 65000)) + tars.entry(b"sample/data/evil")
    before = b"".join(raw for _, raw, _ in kit.tar().entries)
    file = c.repeated(before, pax, 20000, bytes(1024))
    kit.add("path.duplicate", "pax-comments", "20,000 pax headers of 65,000 bytes", file)


def add_all(kit):
    kit.group = "bomb"
    add_zeros(kit)
    add_lists(kit)
    add_lines(kit)
    add_entries(kit)
    add_frames(kit)
