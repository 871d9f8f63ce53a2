"""Tar entries, written by hand, so that every field of them can be wrong."""

INDEX = b"seal/index.tsv"


def fill(size):
    return bytes(-size % 512)


def checksum(head):
    return sum(head[:148]) + 8 * 32 + sum(head[156:])


def seal_header(head, total=None):
    """The header with its checksum, or with this one."""
    total = checksum(head) if total is None else total
    return head[:148] + b"%06o\0 " % total + head[156:]


def put(head, at, field):
    """The header with other bytes at one place, and a right checksum."""
    return seal_header(head[:at] + field + head[at + len(field) :])


def header(name, size=0, kind=b"0", prefix=b"", link=b"", magic=b"ustar\x0000"):
    """A header of 512 bytes; the size is a number, or the 12 bytes of the field."""
    size = size if isinstance(size, bytes) else b"%011o\0" % size
    head = b"".join(
        [
            name.ljust(100, b"\0"),
            b"0000644\0" + b"0000000\0" * 2,
            size + b"%011o\0" % 1714979289 + bytes(8) + kind,
            link.ljust(100, b"\0"),
            magic + bytes(64) + b"0000000\0" * 2,
            prefix.ljust(155, b"\0"),
        ]
    )
    return seal_header(head.ljust(512, b"\0"))


def gnu_header(name, size=0, kind=b"0"):
    head = header(name, size, kind, magic=b"ustar  \0")
    return put(head, 329, bytes(16))


def record(key, value):
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest)
    while length != len(rest) + len(b"%d" % length):
        length = len(rest) + len(b"%d" % length)
    return b"%d" % length + rest


def pax(*records, kind=b"x"):
    """An extended header of records (key, value) or of bytes as they are."""
    body = b"".join(one if isinstance(one, bytes) else record(*one) for one in records)
    return header(b"PaxHeader/file", len(body), kind) + body + fill(len(body))


def long_name(path, end=b"\0", kind=b"L"):
    body = path + end
    return gnu_header(b"././@LongLink", len(body), kind) + body + fill(len(body))


def split(path):
    """Prefix and name as ustar holds them, or None."""
    if len(path) <= 100:
        return b"", path
    at = path.find(b"/", len(path) - 101)
    return (path[:at], path[at + 1 :]) if 0 < at <= 155 and path[at + 1 :] else None


def plain(path, size, kind=b"0"):
    """The headers of an entry that is as it should be."""
    parts = split(path) if path.isascii() and b"\0" not in path else None
    if parts:
        return header(parts[1], size, kind, parts[0])
    return pax((b"path", path)) + header(b"file", size, kind)


def entry(path, data=b"", kind=b"0", **fields):
    """A whole entry, with a plain ustar header however odd the path is."""
    return header(path, len(data), kind, **fields) + data + fill(len(data))


class Tar:
    """A list of entries (path in the bag or None, bytes), and what follows them."""

    def __init__(self, bag, files, end=bytes(1024)):
        self.bag = bag
        self.end = end
        self.entries = [
            (path, plain(bag + b"/" + path, len(data)) + data + fill(len(data)), len(data))
            for path, data in files
        ]

    def at(self, path):
        return [one[0] for one in self.entries].index(path)

    def insert(self, raw, before=b"bag-info.txt", path=None, size=0):
        """An entry more, as bytes; in the index only if it has a path."""
        self.entries.insert(self.at(before), (path, raw, size))
        return self

    def append(self, raw):
        self.entries.append((None, raw, 0))
        return self

    def replace(self, path, raw):
        i = self.at(path)
        self.entries[i] = (path, raw, self.entries[i][2])
        return self

    def indexed(self):
        """With index.tsv as the last entry, and where that is."""
        lines, place = [b"offset\tsize\tpath\n"], 0
        for path, raw, size in self.entries:
            if path is not None:
                name = path.replace(b"%", b"%25").replace(b"\n", b"%0A").replace(b"\r", b"%0D")
                lines.append(b"%d\t%d\t%s\n" % (place, size, name))
            place += len(raw)
        index = b"".join(lines)
        return self.with_index(index), place

    def with_index(self, index):
        raw = plain(self.bag + b"/" + INDEX, len(index)) + index + fill(len(index))
        return b"".join(raw_ for _, raw_, _ in self.entries) + raw + self.end

    def bytes(self):
        return b"".join(raw for _, raw, _ in self.entries) + self.end
