"""Makes files for tests that are two archives at once.

  twofold.py room PACKED OUT REST        a document out of PACKED, a .tar.zst, that REST bytes follow
  twofold.py join TAR DOCUMENT OUT       the TAR, which holds it, as a .tar.zst; prints what REST is
  twofold.py head gz|zip TAR PACKED OUT  PACKED, whose first block is one of a tar that TAR follows
  twofold.py disc ZIP OUT                the zip file, in which the image of a disc could be

It needs nothing but python3-minimal.
"""
import struct
import sys

SKIPPABLE = 0x184D2A50
BLOCK = 512


def read(path):
    with open(path, "rb") as file:
        return file.read()


def checked(block):
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def fields(block, kind, size):
    """The fields of a tar header that lie behind its name."""
    block[100:257] = b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % size + b"00000000000\0" \
        + b" " * 8 + kind + bytes(100)
    block[257:265] = b"ustar\00000"
    return checked(block)


def blocks(size):
    return -(-size // BLOCK) * BLOCK


def move_index(tar, by):
    """What index.tsv says when so many bytes stand before the first header."""
    at, out = 0, bytearray(tar)
    while tar[at] != 0:
        size = int(tar[at + 124:at + 135], 8)
        if tar[at:at + 100].rstrip(b"\0").endswith(b"/seal/index.tsv"):
            break
        at += BLOCK + blocks(size)
    lines = tar[at + BLOCK:at + BLOCK + size].split(b"\n")
    for number, line in enumerate(lines):
        cells = line.split(b"\t")
        if cells[0].isdigit() and cells[0] != b"0":
            lines[number] = b"\t".join([b"%d" % (int(cells[0]) + by)] + cells[1:])
    index = b"\n".join(lines)
    header = bytearray(tar[at:at + BLOCK])
    header[124:136] = b"%011o\0" % len(index)
    return bytes(out[:at]) + checked(header) + index + bytes(-len(index) % BLOCK) + bytes(2 * BLOCK)


def join(tar, document):
    packed = document[:-8]
    record = b"20 comment=somewhat\n"
    whole = bytearray(fields(bytearray(BLOCK), b"x", len(record)) + record)
    whole += bytes(-len(record) % BLOCK)
    moved = move_index(tar, len(whole))
    place = moved.index(document)
    whole[0:8] = struct.pack("<II", SKIPPABLE, len(whole) + place - 8)
    whole[:BLOCK] = checked(whole[:BLOCK])
    whole += moved
    # What the document's last bytes must say: they are sealed, so it is not changed here.
    return bytes(whole), len(whole) - (2 * BLOCK + place + len(packed)) - 8


def move_directory(packed, by):
    """A zip file's end when so many bytes stand before all of it but the first local header."""
    out = bytearray(packed)
    count, at = struct.unpack("<H", packed[-12:-10])[0], struct.unpack("<I", packed[-6:-2])[0]
    out[-6:-2] = struct.pack("<I", at + by)
    for _ in range(count):
        place = struct.unpack("<I", packed[at + 42:at + 46])[0]
        if place > 0:
            out[at + 42:at + 46] = struct.pack("<I", place + by)
        at += 46 + sum(struct.unpack("<HHH", packed[at + 28:at + 34]))
    return bytes(out)


def head(kind, tar, packed):
    """Something that both formats allow lies before the contents: bytes that nobody looks at."""
    room = bytearray(BLOCK)
    if kind == "gz":  # FEXTRA (RFC 1952, 2.3.1.1)
        start = 10
        room[:10] = packed[:3] + b"\4" + packed[4:10]
    else:  # an extra field of the first local header (APPNOTE, 4.5)
        start = 30 + struct.unpack("<H", packed[26:28])[0]
        room[:start] = packed[:28] + b"\0\0" + packed[30:start]
    length = 2 * BLOCK + len(tar) - start
    if kind == "gz":
        room[10:16] = struct.pack("<H", length - 2) + b"zz" + struct.pack("<H", length - 6)
    else:
        packed = move_directory(packed, length)
        room[28:30] = struct.pack("<H", length)
        room[start:start + 4] = struct.pack("<HH", 0x7A7A, length - 4)
    record = b"20 comment=somewhat\n"
    return fields(room, b"x", len(record)) + record + bytes(BLOCK - len(record)) + tar \
        + packed[start:]


def disc(packed):
    """ECMA-119, 8.2: the first descriptor of a volume is the 17th sector."""
    start, length = 30 + struct.unpack("<H", packed[26:28])[0], 40000
    room = bytearray(struct.pack("<HH", 0x7A7A, length - 4) + bytes(length - 4))
    room[32768 - start:32774 - start] = b"\1CD001"
    return packed[:28] + struct.pack("<H", length) + packed[30:start] + room \
        + move_directory(packed, length)[start:]


def main(arguments):
    command, arguments = arguments[0], arguments[1:]
    if command == "room":
        out = read(arguments[0]) + struct.pack("<II", SKIPPABLE, int(arguments[2]))
    elif command == "join":
        out, rest = join(read(arguments[0]), read(arguments[1]))
        print(rest)
    elif command == "disc":
        out = disc(read(arguments[0]))
    else:
        out = head(arguments[0], read(arguments[1]), read(arguments[2]))
    with open(arguments[-1] if command != "room" else arguments[1], "wb") as file:
        file.write(out)


main(sys.argv[1:])
