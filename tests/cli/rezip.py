"""Makes zip files of a folder for tests, right ones and wrong ones.

  rezip.py FOLDER OUT [CASE]     the folder's files under its own name, wrong in one way
  rezip.py --cases               the names of the cases, one line each: name, what verify must say

It needs nothing but python3-minimal.
"""
import os
import struct
import sys
import zlib


class File:
    """An entry, with what its two headers say; `None` in `local` stands for what is central."""

    def __init__(self, name, data):
        self.name = name.encode("utf-8", "surrogateescape")
        self.data = data
        self.size = len(data)
        self.crc = zlib.crc32(data)
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        self.packed = deflate.compress(data) + deflate.flush()
        self.method = 0 if self.name.endswith(b"/") else 8
        if self.method == 0:
            self.packed = data
        self.packed_size = len(self.packed)
        self.flags = 0x800
        self.made_by = 0x314
        self.attributes = (0o40755 if self.name.endswith(b"/") else 0o100644) << 16
        self.extra = b""
        self.comment = b""
        self.local = {}
        self.before = b""
        self.behind = b""
        self.hidden = False
        self.zip64 = False
        self.at = None

    def local_header(self):
        def say(name):
            return self.local.get(name, getattr(self, name))

        extra, packed, size = say("extra"), say("packed_size"), say("size")
        if self.zip64:
            extra = struct.pack("<HHQQ", 1, 16, size, packed) + extra
            packed = size = 0xFFFFFFFF
        name = say("name")
        return struct.pack(
            "<IHHHHHIIIHH", 0x04034B50, 20, say("flags"), say("method"), 0, 0x5821,
            say("crc"), packed, size, len(name), len(extra),
        ) + name + extra

    def central(self):
        extra, packed, size, at = self.extra, self.packed_size, self.size, self.at
        if self.zip64:
            extra = struct.pack("<HHQQQ", 1, 24, size, packed, at) + extra
            packed = size = at = 0xFFFFFFFF
        return struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, self.made_by, 20, self.flags, self.method, 0, 0x5821,
            self.crc, packed, size, len(self.name), len(extra), len(self.comment), 0, 0,
            self.attributes, at,
        ) + self.name + extra + self.comment


class Zip:
    def __init__(self, files):
        self.files = files
        self.front = self.gap = self.comment = self.after = b""
        self.shift = 0  # what all offsets are too large by
        self.zip64 = False
        self.count = self.directory_size = self.directory_at = None

    def bytes(self):
        out = self.front
        for file in self.files:
            out += file.before
            place = len(out) + self.shift
            file.at = place if file.at is None else file.at
            out += file.local_header() + file.packed + file.behind
        out += self.gap
        listed = [file for file in self.files if not file.hidden]
        directory = b"".join(file.central() for file in listed)
        count = len(listed) if self.count is None else self.count
        size = len(directory) if self.directory_size is None else self.directory_size
        at = len(out) + self.shift if self.directory_at is None else self.directory_at
        out += directory
        if self.zip64:
            record = len(out)
            out += struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, at)
            out += struct.pack("<IIQI", 0x07064B50, 0, record, 1)
            count, size, at = 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF
        out += struct.pack(
            "<IHHHHIIH", 0x06054B50, 0, 0, count, count, size, at, len(self.comment)
        )
        return out + self.comment + self.after


# ---- the cases -----------------------------------------------------------------------------

CASES = {}


def case(wanted):
    def keep(function):
        CASES[function.__name__.replace("_", "-")] = (wanted, function)
        return function

    return keep


def streamed(file, signature=True, **wrong):
    """Sizes and CRC behind the data."""
    file.flags |= 8
    file.local.update(crc=0, packed_size=0, size=0)
    said = {"crc": file.crc, "packed": file.packed_size, "size": file.size, **wrong}
    file.behind = (b"PK\x07\x08" if signature else b"") + struct.pack(
        "<IQQ" if file.zip64 else "<III", said["crc"], said["packed"], said["size"]
    )


def stored(file):
    file.method, file.packed, file.packed_size = 0, file.data, file.size


def set_all(zip, **what):
    for file in zip.files:
        for key, value in what.items():
            setattr(file, key, value)


@case("0")
def right(zip, file):
    pass


@case("0")
def all_stored(zip, file):
    for one in zip.files:
        stored(one)


@case("0")
def no_utf8_flag(zip, file):
    set_all(zip, flags=0)


@case("0")
def made_on_windows(zip, file):
    set_all(zip, made_by=20, attributes=0x20)


@case("0")
def large_sizes(zip, file):
    zip.zip64 = True
    set_all(zip, zip64=True)


@case("0")
def sizes_behind(zip, file):
    for number, one in enumerate(zip.files):
        streamed(one, signature=number % 2 == 0)


@case("0")
def large_sizes_behind(zip, file):
    set_all(zip, zip64=True)
    for one in zip.files:
        streamed(one)


@case("0")
def a_comment(zip, file):
    zip.comment = b"made by hand"


@case("0")
def other_extra_fields(zip, file):
    set_all(zip, extra=struct.pack("<HHBI", 0x5455, 5, 1, 1700000000))


@case("0")
def folders(zip, file):
    top = zip.files[0].name.split(b"/")[0].decode()
    zip.files[:0] = [File(top + "/", b""), File(top + "/data/", b"")]


@case("0")
def directory_in_another_order(zip, file):
    listed = zip.files
    whole = zip.bytes()
    at = whole.index(listed[0].central())
    end = whole.index(b"PK\x05\x06")
    return whole[:at] + b"".join(one.central() for one in reversed(listed)) + whole[end:]


@case("1:zip.mismatch")
def local_name(zip, file):
    file.local["name"] = file.name[:-1] + b"X"


@case("1:zip.mismatch")
def local_name_longer(zip, file):
    file.local["name"] = file.name + b"X"


@case("1:zip.mismatch")
def local_method(zip, file):
    file.local["method"] = 0


@case("1:zip.mismatch")
def local_size(zip, file):
    file.local["size"] = file.size + 1


@case("1:zip.mismatch")
def local_packed_size(zip, file):
    file.local["packed_size"] = file.packed_size - 1


@case("1:zip.mismatch")
def local_crc(zip, file):
    file.local["crc"] = file.crc ^ 1


@case("1:zip.mismatch")
def local_flags(zip, file):
    file.local["flags"] = 0


@case("1:zip.mismatch")
def local_zeros(zip, file):
    file.local.update(crc=0, packed_size=0, size=0)


@case("1:zip.mismatch")
def behind_crc(zip, file):
    streamed(file, crc=file.crc ^ 1)


@case("1:zip.mismatch")
def behind_size(zip, file):
    streamed(file, size=file.size + 1)


def stored_stream(file, data):
    file.data, file.size, file.crc = data, len(data), zlib.crc32(data)
    stored(file)
    streamed(file)


def early_end(data, size=None):
    """Contents in which a program that reads a pipe finds the end of the file, and another file."""
    size = len(data) if size is None else size
    end = struct.pack("<IIII", 0x08074B50, zlib.crc32(data), size, size)
    hidden = File("sample/data/hidden.txt", b"not listed\n")
    stored(hidden)
    return data + end + hidden.local_header() + hidden.packed


# The bag's manifest does not list this document so, but what is wrong with the zip file comes first.
@case("1:zip.mismatch")
def stored_stream_that_ends_early(zip, file):
    stored_stream(file, early_end(b"first\n"))


@case("1:zip.mismatch")
def stored_stream_that_ends_early_at_a_block(zip, file):
    stored_stream(file, early_end(bytes((256 << 10) - 5)))


@case("1:manifest.digest-mismatch")
def stored_stream_with_another_size_in_it(zip, file):
    stored_stream(file, early_end(b"first\n", 5))


@case("0")
def stored_stream_that_is_right(zip, file):
    stored_stream(file, file.data)


@case("1:zip.gap")
def behind_too_long(zip, file):
    streamed(file)
    file.behind += bytes(16)


@case("1:zip.mismatch")
def behind_missing(zip, file):
    streamed(file)
    file.behind = b""


@case("1:zip.mismatch")
def unicode_path(zip, file):
    other = file.name[:-1] + b"X"
    file.extra = struct.pack("<HHBI", 0x7075, 5 + len(other), 1, zlib.crc32(file.name)) + other


@case("1:zip.mismatch")
def unicode_path_local_only(zip, file):
    other = file.name[:-1] + b"X"
    file.local["extra"] = struct.pack(
        "<HHBI", 0x7075, 5 + len(other), 1, zlib.crc32(file.name)
    ) + other


@case("0")
def unicode_path_the_same(zip, file):
    file.extra = struct.pack(
        "<HHBI", 0x7075, 5 + len(file.name), 1, zlib.crc32(file.name)
    ) + file.name


@case("1:zip.gap")
def overlapping(zip, file):
    zip.bytes()  # which gives it its place
    twin = File("sample/data/twin", file.data)
    twin.at = file.at
    zip.files.append(twin)


@case("1:zip.gap")
def hidden_between(zip, file):
    secret = File("sample/data/hidden.txt", b"not listed\n")
    secret.hidden = True
    zip.files.insert(1, secret)


@case("1:zip.gap")
def hidden_last(zip, file):
    secret = File("sample/data/hidden.txt", b"not listed\n")
    secret.hidden = True
    zip.files.append(secret)


@case("1:zip.gap")
def hidden_first(zip, file):
    secret = File("sample/data/hidden.txt", b"not listed\n")
    secret.hidden = True
    zip.files.insert(0, secret)


@case("1:zip.gap")
def a_byte_between(zip, file):
    file.behind = b"\0"


@case("1:zip.gap")
def bytes_before_the_directory(zip, file):
    zip.gap = b"\0" * 100


@case("5:container.unsupported")
def bytes_before(zip, file):
    zip.front = b"#!/bin/sh\n"


@case("1:zip.gap")
def a_zip_before(zip, file):
    zip.front = Zip([File("sample/data/first.txt", b"first\n")]).bytes()


@case("1:zip.gap")
def a_zip_before_that_is_not_counted(zip, file):
    zip.front = Zip([File("sample/data/first.txt", b"first\n")]).bytes()
    zip.shift = -len(zip.front)


@case("1:zip.trailing")
def bytes_after(zip, file):
    zip.after = b"\n"


@case("1:zip.trailing")
def many_bytes_after(zip, file):
    zip.after = bytes(5000)


@case("1:zip.gap")
def a_zip_after(zip, file):
    zip.after = Zip([File("sample/data/second.txt", b"second\n")]).bytes()


@case("1:zip.gap")
def a_zip_in_the_comment(zip, file):
    zip.comment = Zip([File("sample/data/second.txt", b"second\n")]).bytes()


@case("1:zip.trailing")
def an_end_in_the_comment(zip, file):
    zip.comment = b"PK\x05\x06" + bytes(50)


@case("1:zip.data")
def wrong_crc(zip, file):
    file.crc ^= 1


@case("1:zip.data")
def larger_than_it_says(zip, file):
    file.size -= 3


@case("1:zip.data")
def smaller_than_it_says(zip, file):
    file.size += 3


@case("1:zip.gap")
def packed_data_beyond(zip, file):
    file.packed_size -= 1


@case("1:zip.data")
def deflate_ends_early(zip, file):
    file.packed += b"\0\0\0"
    file.packed_size += 3


@case("1:zip.malformed")
def stored_with_two_sizes(zip, file):
    stored(file)
    file.size += 1


@case("1:zip.type")
def a_link(zip, file):
    file.attributes = 0o120777 << 16


@case("1:zip.type")
def a_device(zip, file):
    file.attributes = 0o060644 << 16


@case("1:zip.type")
def a_folder_that_is_a_file(zip, file):
    file.attributes = 0o040755 << 16


@case("1:zip.type")
def a_folder_with_contents(zip, file):
    folder = File("sample/data/folder/", b"contents")
    zip.files.append(folder)


@case("5:container.unsupported")
def encrypted(zip, file):
    file.flags |= 1


@case("5:container.unsupported")
def encrypted_directory(zip, file):
    file.flags |= 1 << 13


@case("5:container.unsupported")
def another_method(zip, file):
    file.method = 12


@case("5:container.unsupported")
def a_name_that_is_not_utf8(zip, file):
    file.name = file.name[:-1] + b"\xff"
    file.flags = 0


@case("1:zip.malformed")
def a_name_with_a_nul(zip, file):
    file.name = file.name[:-1] + b"\0"


@case("1:zip.malformed")
def an_empty_name(zip, file):
    file.name = b""


@case("1:path.unsafe")
def a_name_that_leads_out(zip, file):
    zip.files.append(File("sample/data/../../../out.txt", b"out\n"))


@case("1:path.unsafe")
def an_absolute_name(zip, file):
    zip.files.append(File("/tmp/out.txt", b"out\n"))


@case("1")
def a_name_twice(zip, file):
    zip.files.append(File(file.name.decode(), b"another\n"))


@case("1:zip.malformed")
def malformed_extra(zip, file):
    file.extra = b"\1\0\377"


@case("1:zip.malformed")
def zip64_that_is_not_needed(zip, file):
    file.extra = struct.pack("<HHQ", 1, 8, file.size)


@case("1:zip.mismatch")
def zip64_that_is_not_needed_and_wrong(zip, file):
    file.local["extra"] = struct.pack("<HHQQ", 1, 16, file.size + 1, file.packed_size)


@case("0")
def zip64_that_is_not_needed_and_right(zip, file):
    file.local["extra"] = struct.pack("<HHQQ", 1, 16, file.size, file.packed_size)


@case("1:zip.malformed")
def zip64_twice(zip, file):
    file.zip64 = True
    file.extra = struct.pack("<HHQQQ", 1, 24, file.size, file.packed_size, 0)


@case("1:zip.malformed")
def too_many_counted(zip, file):
    zip.count = len(zip.files) + 1


@case("1:zip.malformed")
def too_few_counted(zip, file):
    zip.count = len(zip.files) - 1


@case("1:zip.gap")
def the_directory_is_elsewhere(zip, file):
    zip.directory_at = 0


@case("1:zip.gap")
def the_directory_is_shorter(zip, file):
    zip.bytes()
    zip.directory_size = 10


@case("1:zip.malformed")
def zip64_contradicts(zip, file):
    zip.zip64 = True
    whole = bytearray(zip.bytes())
    end = whole.rindex(b"PK\x05\x06")
    struct.pack_into("<H", whole, end + 8, 1)
    return bytes(whole)


@case("1:zip.malformed")
def zip64_is_elsewhere(zip, file):
    zip.zip64 = True
    whole = bytearray(zip.bytes())
    struct.pack_into("<Q", whole, whole.rindex(b"PK\x06\x07") + 8, 0)
    return bytes(whole)


@case("5:container.unsupported")
def one_of_several_parts(zip, file):
    whole = bytearray(zip.bytes())
    struct.pack_into("<H", whole, whole.rindex(b"PK\x05\x06") + 4, 1)
    return bytes(whole)


@case("1:zip.malformed")
def without_its_end(zip, file):
    return zip.bytes()[:-22]


@case("1:zip.malformed")
def cut_off(zip, file):
    whole = zip.bytes()
    return whole[: len(whole) // 2]


def files_of(folder):
    top = os.path.basename(os.path.normpath(folder))
    found = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found.append(
                    File(os.path.join(top, os.path.relpath(path, folder)), file.read())
                )
    return found


def main(arguments):
    if arguments == ["--cases"]:
        for name, (wanted, _) in CASES.items():
            print(name, wanted)
        return
    zip = Zip(files_of(arguments[0]))
    made = CASES[arguments[2] if len(arguments) > 2 else "right"][1](
        zip, next(file for file in zip.files if b"/data/" in file.name)
    )
    with open(arguments[1], "wb") as out:
        out.write(zip.bytes() if made is None else made)


if __name__ == "__main__":
    main(sys.argv[1:])
