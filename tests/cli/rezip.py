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
    """A case is a function of the zip file and of one document in it. If it returns bytes, these are
    the whole file."""

    def keep(function):
        CASES[function.__name__.replace("_", "-")] = (wanted, function)
        return function

    return keep


def cases(wanted, **steps):
    """Cases of one step."""
    for name, step in steps.items():
        CASES[name.replace("_", "-")] = (wanted, step)


def put(what, **values):
    vars(what).update(values)


def put_all(zip, **values):
    for file in zip.files:
        put(file, **values)


def add(zip, name, data, place=None, **values):
    """One more file, as the last one or at this place."""
    file = File(name, data)
    put(file, **values)
    zip.files.insert(len(zip.files) if place is None else place, file)


def hide(zip, place=None):
    """A document that the directory does not have."""
    add(zip, "sample/data/hidden.txt", b"not listed\n", place, hidden=True)


def another_zip(name):
    return Zip([File("sample/data/%s.txt" % name, b"%s\n" % name.encode())]).bytes()


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


def stored_stream(file, data):
    file.data, file.size, file.crc = data, len(data), zlib.crc32(data)
    stored(file)
    streamed(file)


def early_end(data, size=None):
    """Contents in which a program that reads a pipe finds the end of the file, and another file."""
    size = len(data) if size is None else size
    end = struct.pack("<IIII", 0x08074B50, zlib.crc32(data), size, size)
    secret = File("sample/data/hidden.txt", b"not listed\n")
    stored(secret)
    return data + end + secret.local_header() + secret.packed


def other_name(file):
    return file.name[:-1] + b"X"


def unicode_path(file, name):
    return struct.pack("<HHBI", 0x7075, 5 + len(name), 1, zlib.crc32(file.name)) + name


def asi(mode):
    """ASi Unix: a CRC, a mode, of what size a link is, and two owners."""
    said = struct.pack("<HIHH", mode, 0, 0, 0)
    return struct.pack("<HHI", 0x756E, 4 + len(said), zlib.crc32(said)) + said


def patched(zip, mark, at, kind, value):
    """The whole file, with another number behind the last such mark."""
    whole = bytearray(zip.bytes())
    struct.pack_into(kind, whole, whole.rindex(mark) + at, value)
    return bytes(whole)


# ---- right ones

cases(
    "0",
    right=lambda zip, file: None,
    no_utf8_flag=lambda zip, file: put_all(zip, flags=0),
    made_on_windows=lambda zip, file: put_all(zip, made_by=20, attributes=0x20),
    a_comment=lambda zip, file: put(zip, comment=b"made by hand"),
    other_extra_fields=lambda zip, file: put_all(zip, extra=struct.pack("<HHBI", 0x5455, 5, 1, 1700000000)),
    a_mode_in_an_extra_field=lambda zip, file: put(file, extra=asi(0o100600)),
    made_elsewhere_with_a_mode=lambda zip, file: put(file, made_by=20),
    unicode_path_the_same=lambda zip, file: put(file, extra=unicode_path(file, file.name)),
    stored_stream_that_is_right=lambda zip, file: stored_stream(file, file.data),
    zip64_that_is_not_needed_and_right=lambda zip, file: file.local.update(
        extra=struct.pack("<HHQQ", 1, 16, file.size, file.packed_size)
    ),
)


@case("0")
def all_stored(zip, file):
    for one in zip.files:
        stored(one)


@case("0")
def large_sizes(zip, file):
    zip.zip64 = True
    put_all(zip, zip64=True)


@case("0")
def sizes_behind(zip, file):
    for number, one in enumerate(zip.files):
        streamed(one, signature=number % 2 == 0)


@case("0")
def large_sizes_behind(zip, file):
    put_all(zip, zip64=True)
    for one in zip.files:
        streamed(one)


@case("0")
def folders(zip, file):
    top = zip.files[0].name.split(b"/")[0].decode()
    add(zip, top + "/", b"", 0)
    add(zip, top + "/data/", b"", 1)


@case("0")
def deflated_folders(zip, file):
    folders(zip, file)
    for one in zip.files[:2]:
        put(one, method=8, packed=b"\3\0", packed_size=2)
    streamed(zip.files[1])


@case("0")
def directory_in_another_order(zip, file):
    listed = zip.files
    whole = zip.bytes()
    at = whole.index(listed[0].central())
    end = whole.index(b"PK\x05\x06")
    return whole[:at] + b"".join(one.central() for one in reversed(listed)) + whole[end:]


# ---- two places that say different things

cases(
    "1:zip.mismatch",
    local_name=lambda zip, file: file.local.update(name=other_name(file)),
    local_name_longer=lambda zip, file: file.local.update(name=file.name + b"X"),
    local_method=lambda zip, file: file.local.update(method=0),
    local_size=lambda zip, file: file.local.update(size=file.size + 1),
    local_packed_size=lambda zip, file: file.local.update(packed_size=file.packed_size - 1),
    local_crc=lambda zip, file: file.local.update(crc=file.crc ^ 1),
    local_flags=lambda zip, file: file.local.update(flags=0),
    local_zeros=lambda zip, file: file.local.update(crc=0, packed_size=0, size=0),
    behind_crc=lambda zip, file: streamed(file, crc=file.crc ^ 1),
    behind_size=lambda zip, file: streamed(file, size=file.size + 1),
    # The bag's manifest does not list these documents so, but what is wrong with the zip file comes first.
    stored_stream_that_ends_early=lambda zip, file: stored_stream(file, early_end(b"first\n")),
    stored_stream_that_ends_early_at_a_block=lambda zip, file: stored_stream(
        file, early_end(bytes((256 << 10) - 5))
    ),
    unicode_path=lambda zip, file: put(file, extra=unicode_path(file, other_name(file))),
    unicode_path_twice=lambda zip, file: put(
        file, extra=unicode_path(file, file.name) + unicode_path(file, other_name(file))
    ),
    unicode_path_local_only=lambda zip, file: file.local.update(extra=unicode_path(file, other_name(file))),
    zip64_that_is_not_needed_and_wrong=lambda zip, file: file.local.update(
        extra=struct.pack("<HHQQ", 1, 16, file.size + 1, file.packed_size)
    ),
)
cases(
    "1:manifest.digest-mismatch",
    stored_stream_with_another_size_in_it=lambda zip, file: stored_stream(file, early_end(b"first\n", 5)),
)


@case("1:zip.mismatch")
def stored_stream_without_signature(zip, file):
    """Whoever reads a pipe looks for one in the files behind it."""
    stored(file)
    streamed(file, signature=False)


@case("1:zip.mismatch")
def folder_stream_without_signature(zip, file):
    folders(zip, file)
    streamed(zip.files[1], signature=False)


@case("1:zip.mismatch")
def behind_missing(zip, file):
    streamed(file)
    file.behind = b""


# ---- bytes that belong to nothing, or to two

cases(
    "1:zip.gap",
    hidden_between=lambda zip, file: hide(zip, 1),
    hidden_last=lambda zip, file: hide(zip),
    hidden_first=lambda zip, file: hide(zip, 0),
    a_byte_between=lambda zip, file: put(file, behind=b"\0"),
    bytes_before_the_directory=lambda zip, file: put(zip, gap=b"\0" * 100),
    a_zip_before=lambda zip, file: put(zip, front=another_zip("first")),
    a_zip_after=lambda zip, file: put(zip, after=another_zip("second")),
    a_zip_in_the_comment=lambda zip, file: put(zip, comment=another_zip("second")),
    packed_data_beyond=lambda zip, file: put(file, packed_size=file.packed_size - 1),
    the_directory_is_elsewhere=lambda zip, file: put(zip, directory_at=0),
)
cases(
    "1:zip.trailing",
    bytes_after=lambda zip, file: put(zip, after=b"\n"),
    many_bytes_after=lambda zip, file: put(zip, after=bytes(5000)),
    an_end_in_the_comment=lambda zip, file: put(zip, comment=b"PK\x05\x06" + bytes(50)),
)


@case("1:zip.gap")
def behind_too_long(zip, file):
    streamed(file)
    file.behind += bytes(16)


@case("1:zip.gap")
def overlapping(zip, file):
    zip.bytes()  # which gives it its place
    add(zip, "sample/data/twin", file.data, at=file.at)


@case("1:zip.gap")
def a_zip_before_that_is_not_counted(zip, file):
    zip.front = another_zip("first")
    zip.shift = -len(zip.front)


@case("1:zip.gap")
def the_directory_is_shorter(zip, file):
    zip.bytes()
    zip.directory_size = 10


# ---- data, types and names

cases(
    "1:zip.data",
    wrong_crc=lambda zip, file: put(file, crc=file.crc ^ 1),
    larger_than_it_says=lambda zip, file: put(file, size=file.size - 3),
    smaller_than_it_says=lambda zip, file: put(file, size=file.size + 3),
    deflate_ends_early=lambda zip, file: put(
        file, packed=file.packed + b"\0\0\0", packed_size=file.packed_size + 3
    ),
)
@case("1:zip.data")
def a_folder_with_something_behind(zip, file):
    """Whoever reads a pipe finds a file there."""
    deflated_folders(zip, file)
    folder = zip.files[1]
    secret = File("sample/data/hidden.txt", b"not listed\n")
    stored(secret)
    folder.packed += folder.behind + secret.local_header() + secret.packed
    folder.packed_size = len(folder.packed)
    streamed(folder)


cases(
    "1:zip.type",
    a_link=lambda zip, file: put(file, attributes=0o120777 << 16),
    # Info-ZIP makes links also of these.
    a_link_made_on_beos=lambda zip, file: put(file, made_by=16 << 8 | 20, attributes=0o120777 << 16),
    a_link_in_an_extra_field=lambda zip, file: put(file, attributes=0, extra=asi(0o120777)),
    a_link_in_a_local_extra_field=lambda zip, file: file.local.update(extra=asi(0o120777)),
    # This one it leaves out.
    the_name_of_a_disk=lambda zip, file: put(file, made_by=20, attributes=0x28),
    # And libarchive makes a link of this one.
    a_link_in_a_libarchive_field=lambda zip, file: file.local.update(
        extra=struct.pack("<HHBHI", 0x6C78, 7, 5, 0x314, 0o120777 << 16)
    ),
    a_device=lambda zip, file: put(file, attributes=0o060644 << 16),
    a_folder_that_is_a_file=lambda zip, file: put(file, attributes=0o040755 << 16),
    a_folder_with_contents=lambda zip, file: add(zip, "sample/data/folder/", b"contents"),
)
cases(
    "5:container.unsupported",
    bytes_before=lambda zip, file: put(zip, front=b"#!/bin/sh\n"),
    encrypted=lambda zip, file: put(file, flags=file.flags | 1),
    encrypted_directory=lambda zip, file: put(file, flags=file.flags | 1 << 13),
    another_method=lambda zip, file: put(file, method=12),
    a_name_that_is_not_utf8=lambda zip, file: put(file, name=file.name[:-1] + b"\xff", flags=0),
    one_of_several_parts=lambda zip, file: patched(zip, b"PK\x05\x06", 4, "<H", 1),
)
cases(
    "1:path.unsafe",
    a_name_that_leads_out=lambda zip, file: add(zip, "sample/data/../../../out.txt", b"out\n"),
    an_absolute_name=lambda zip, file: add(zip, "/tmp/out.txt", b"out\n"),
)
cases("1", a_name_twice=lambda zip, file: add(zip, file.name.decode(), b"another\n"))


# ---- what is no zip file

cases(
    "1:zip.malformed",
    a_name_with_a_nul=lambda zip, file: put(file, name=file.name[:-1] + b"\0"),
    an_empty_name=lambda zip, file: put(file, name=b""),
    malformed_extra=lambda zip, file: put(file, extra=b"\1\0\377"),
    zip64_that_is_not_needed=lambda zip, file: put(file, extra=struct.pack("<HHQ", 1, 8, file.size)),
    zip64_twice=lambda zip, file: put(
        file, zip64=True, extra=struct.pack("<HHQQQ", 1, 24, file.size, file.packed_size, 0)
    ),
    too_many_counted=lambda zip, file: put(zip, count=len(zip.files) + 1),
    too_few_counted=lambda zip, file: put(zip, count=len(zip.files) - 1),
    without_its_end=lambda zip, file: zip.bytes()[:-22],
)


@case("1:zip.malformed")
def stored_with_two_sizes(zip, file):
    stored(file)
    file.size += 1


@case("1:zip.malformed")
def zip64_contradicts(zip, file):
    zip.zip64 = True
    return patched(zip, b"PK\x05\x06", 8, "<H", 1)


@case("1:zip.malformed")
def zip64_is_elsewhere(zip, file):
    zip.zip64 = True
    return patched(zip, b"PK\x06\x07", 8, "<Q", 0)


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
