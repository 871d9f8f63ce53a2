"""Takes bundles apart and puts them together again, for tests that alter them.

  pieces BUNDLE                   what it consists of, one line each: kind, place, length, and the
                                  length of the data, the pointer's value or the number of frames
  tar BUNDLE OUT                  its tar
  index TAR                       the index that it must have
  find TAR PATH                   where the file's header is
  edit TAR OUT CHANGE...          drop:PATH, last:PATH, rename:PATH:PATH, put:PATH:FILE (other
                                  contents), add:PATH:FILE (a file at the end), name:NAME (of the
                                  bag), index (made right again)
  pack gz|zst TAR OUT [KEY=VALUE...]
                                  a bundle as sealbag writes it. pointer=N|none (else: where the
                                  index is), frame=BYTES, table=no, level=N, blocks=N (so many
                                  empty blocks in each frame; zst)
  foreign TAR OUT EXTRA           a gzip file by another program, with a file as its extra field

Paths are without the bag's name. It needs nothing but python3-minimal, and zstd for zst.
"""
import struct
import subprocess
import sys
import zlib

MEMBER = bytes.fromhex("1f8b08040000000000ff080053420400")
POINTER = bytes.fromhex("1f8b08040000000000ff100053420c0026000000")
SIZES = {"gz": 1 << 20, "zst": 4 << 20}
INDEX = "seal/index.tsv"


def u32(data, at):
    return struct.unpack_from("<I", data, at)[0]


# ---- containers ----------------------------------------------------------------------------


def zst_frame_end(data, at):
    """Where the frame ends, and how long its data is."""
    descriptor = data[at + 4]
    size = [1, 2, 4, 8][descriptor >> 6]
    content = int.from_bytes(data[at + 5 : at + 5 + size], "little") + (256 if size == 2 else 0)
    at += 5 + size
    last = False
    while not last:
        block = int.from_bytes(data[at : at + 3], "little")
        last = block & 1
        at += 3 + (1 if block >> 1 & 3 == 1 else block >> 3)
    return at + 4, content


def pieces(data):
    at = 0
    while at < len(data):
        if data.startswith(MEMBER, at):
            end = at + u32(data, at + 16)
            yield "frame", at, end, u32(data, end - 4)
        elif data.startswith(POINTER, at):
            end = at + 38
            yield "pointer", at, end, struct.unpack_from("<Q", data, at + 20)[0]
        elif u32(data, at) == 0xFD2FB528:
            end, content = zst_frame_end(data, at)
            yield "frame", at, end, content
        elif data.startswith(b"\x5d\x2a\x4d\x18\x0c\0\0\0SBIX", at):
            end = at + 20
            yield "pointer", at, end, struct.unpack_from("<Q", data, at + 12)[0]
        elif u32(data, at) == 0x184D2A5E:
            end = at + 8 + u32(data, at + 4)
            yield "table", at, end, u32(data, end - 9)
        else:
            raise SystemExit("There is no piece at %d." % at)
        at = end


def zstd(arguments, data):
    done = subprocess.run(["zstd", "-q", "-c"] + arguments, input=data, stdout=subprocess.PIPE)
    if done.returncode != 0:
        raise SystemExit("zstd failed.")
    return done.stdout


def untar(data):
    if data[:2] == b"\x1f\x8b":
        out = b""
        while data:
            inflater = zlib.decompressobj(31)
            out += inflater.decompress(data)
            data = inflater.unused_data
        return out
    return zstd(["-d"], data)


def stored(data):
    """Deflate data that is not compressed, in blocks that are as long as they can be."""
    out = b""
    for at in range(0, len(data), 65535):
        block = data[at : at + 65535]
        last = at + 65535 >= len(data)
        out += struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF) + block
    return out


def gz_member(data, level):
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = deflater.compress(data) + deflater.flush() if level else stored(data)
    trailer = struct.pack("<II", zlib.crc32(data), len(data))
    return MEMBER + struct.pack("<I", len(body) + 28) + body + trailer


def zst_frame(data, level):
    """With a window of 4 MiB, so that the frame is a single segment, as sealbag's are."""
    return zstd(["-%d" % level, "--zstd=wlog=22", "--stream-size=%d" % len(data)], data)


def with_blocks(frame, count):
    """Puts empty raw blocks (RFC 8878, 3.1.1.2) before the first one."""
    header = 5 + [1, 2, 4, 8][frame[4] >> 6]
    return frame[:header] + bytes(3 * count) + frame[header:]


def pack(kind, tar, options):
    size = int(options.get("frame", SIZES[kind]))
    level = int(options.get("level", 1))
    make = gz_member if kind == "gz" else zst_frame
    table = b""
    out = []
    for at in range(0, len(tar), size):
        frame = make(tar[at : at + size], level)
        if "blocks" in options:
            frame = with_blocks(frame, int(options["blocks"]))
        out.append(frame)
        table += struct.pack("<II", len(frame), len(tar[at : at + size]))
    where = options.get("pointer", find(tar, INDEX))
    if where not in (None, "none"):
        pointer = struct.pack("<Q", int(where))
        if kind == "gz":
            out.append(POINTER + pointer + b"\3" + bytes(9))
        else:
            out.append(b"\x5d\x2a\x4d\x18\x0c\0\0\0SBIX" + pointer)
    if kind == "zst" and options.get("table") != "no":
        out.append(struct.pack("<II", 0x184D2A5E, len(table) + 9) + table)
        out.append(struct.pack("<IBI", len(table) // 8, 0, 0x8F92EAB1))
    return b"".join(out)


def foreign(tar, extra):
    head = b"\x1f\x8b\x08\x04" + bytes(5) + b"\3" + struct.pack("<H", len(extra)) + extra
    deflater = zlib.compressobj(1, zlib.DEFLATED, -15)
    body = deflater.compress(tar) + deflater.flush()
    return head + body + struct.pack("<II", zlib.crc32(tar), len(tar) & 0xFFFFFFFF)


# ---- tars ----------------------------------------------------------------------------------


def blocks(size):
    return (size + 511) // 512 * 512


def pax_path(records):
    at = 0
    while at < len(records):
        length = int(records[at : records.index(b" ", at)])
        key, _, value = records[at : at + length].partition(b" ")[2].partition(b"=")
        if key == b"path":
            return value[:-1].decode()
        at += length
    return None


def entries(tar):
    """Path, offset, header or headers, contents; a header may be an extended one before it."""
    at = start = 0
    path = None
    out = []
    while at < len(tar) and tar[at] != 0:
        size = int(tar[at + 124 : at + 135], 8)
        kind = tar[at + 156 : at + 157]
        content = tar[at + 512 : at + 512 + size]
        if kind == b"x":
            path = pax_path(content)
            at += 512 + blocks(size)
            continue
        if path is None:
            parts = [tar[at + 345 : at + 500], tar[at : at + 100]]
            path = "/".join(part.rstrip(b"\0").decode() for part in parts if part[0] != 0)
        out.append((path.partition("/")[2], start, tar[start : at + 512], content))
        at = start = at + 512 + blocks(size)
        path = None
    return out


def find(tar, wanted):
    """The last one, if there are several."""
    places = [str(at) for path, at, _, _ in entries(tar) if path == wanted]
    return places[-1] if places else None


def write(files):
    tar = b"".join(head + data + bytes(-len(data) % 512) for _, _, head, data in files)
    return tar + bytes(1024)


def index_of(tar):
    lines = "offset\tsize\tpath\n"
    for path, at, _, data in entries(tar):
        if path != INDEX:
            name = path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
            lines += "%d\t%d\t%s\n" % (at, len(data), name)
    return lines.encode()


def seal_header(head):
    head = head[:148] + b" " * 8 + head[156:]
    return head[:148] + b"%06o\0 " % sum(head) + head[156:]


def header(old, name, size):
    """A header like an old one, without an extended one."""
    old = old[-512:]
    return seal_header(
        name.encode().ljust(100, b"\0") + old[100:124] + b"%011o\0" % size + old[136:345] + bytes(167)
    )


def edit(tar, changes):
    files = entries(tar)
    bag = (files[0][2][:100].rstrip(b"\0")).decode().partition("/")[0]

    def at(path):
        return max(i for i, file in enumerate(files) if file[0] == path)

    for change in changes:
        verb, _, rest = change.partition(":")
        path, _, value = rest.partition(":")
        if verb == "drop":
            del files[at(path)]
        elif verb == "last":
            files.append(files.pop(at(path)))
        elif verb == "rename":
            i = at(path)
            head = header(files[i][2], bag + "/" + value, len(files[i][3]))
            files[i] = (value, 0, head, files[i][3])
        elif verb in ("put", "add"):
            data = open(value, "rb").read()
            i = at(path) if verb == "put" else len(files)
            head = header(files[min(i, len(files) - 1)][2], bag + "/" + path, len(data))
            files[i : i + 1] = [(path, 0, head, data)]
        elif verb == "name":
            bag = path
            files = [(p, 0, header(h, bag + "/" + p, len(d)), d) for p, _, h, d in files]
        elif verb == "index":
            data = index_of(write(files))
            i = at(INDEX)
            files[i] = (INDEX, 0, header(files[i][2], bag + "/" + INDEX, len(data)), data)
        else:
            raise SystemExit("There is no change " + verb)
    return write(files)


# ---- the command line ----------------------------------------------------------------------


def read(name):
    with open(name, "rb") as file:
        return file.read()


def save(name, data):
    with open(name, "wb") as file:
        file.write(data)


def main(command, *rest):
    if command == "pieces":
        for kind, at, end, value in pieces(read(rest[0])):
            print(kind, at, end - at, value)
    elif command == "tar":
        save(rest[1], untar(read(rest[0])))
    elif command == "index":
        sys.stdout.buffer.write(index_of(read(rest[0])))
    elif command == "find":
        print(find(read(rest[0]), rest[1]))
    elif command == "edit":
        save(rest[1], edit(read(rest[0]), rest[2:]))
    elif command == "pack":
        options = dict(option.split("=") for option in rest[3:])
        save(rest[2], pack(rest[0], read(rest[1]), options))
    elif command == "foreign":
        save(rest[1], foreign(read(rest[0]), read(rest[2])))
    else:
        raise SystemExit("There is no command " + command)


if __name__ == "__main__":
    main(*sys.argv[1:])
