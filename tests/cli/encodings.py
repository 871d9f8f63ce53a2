#!/usr/bin/env python3
"""What cli/encodings needs.

encodings.py vectors         "NAME BYTES TEXT" for unit/encoding: every sequence of one, two and more bytes
                             in every encoding, and what Python's codec says of it
encodings.py bags FOLDER     bags in these encodings; prints what verify must say of each, and a label of it
encodings.py judge TABLE VERDICTS    whether it did: what bags printed, and the verdicts as JSON"""

import hashlib
import io
import itertools
import json
import os
import sys
import tarfile
import unicodedata

ONE_BYTE = (
    [("US-ASCII", "ascii"), ("ISO-8859-1", "latin_1"), ("TIS-620", "tis_620"), ("KOI8-R", "koi8_r")]
    + [("KOI8-U", "koi8_u"), ("KZ-1048", "kz1048"), ("PTCP154", "ptcp154"), ("macintosh", "mac_roman")]
    + [("hp-roman8", "hp_roman8"), ("IBM00858", "cp858")]
    + [("ISO-8859-%d" % n, "iso8859_%d" % n) for n in range(2, 17) if n != 12]
    + [("windows-%d" % n, "cp%d" % n) for n in (874, *range(1250, 1259))]
    + [("IBM%d" % n, "cp%d" % n) for n in (437, 775, 850, 852, 855, 857, 860, 861, 862, 863, 865, 866, 869)]
)
EAST = [
    ("Shift_JIS", "shift_jis"),
    ("windows-31J", "cp932"),
    ("EUC-JP", "euc_jp"),
    ("GB2312", "gb2312"),
    ("GBK", "gbk"),
    ("GB18030", "gb18030"),
    ("Big5", "cp950"),
    ("Big5-HKSCS", "big5hkscs"),
    ("EUC-KR", "euc_kr"),
    ("windows-949", "cp949"),
]
UNITS = [("UTF-%d%s" % (n, end), "utf_%d%s" % (n, end)) for n in (16, 32) for end in ("BE", "LE")]

# Where we are not of Python's opinion, and why (docs/format.md, "Encodings").
OTHERS = {
    # Windows makes characters of bytes that are none.
    ("windows-31J", b"\x80"): None,
    ("windows-31J", b"\xa0"): None,
    ("windows-31J", b"\xfd"): None,
    ("windows-31J", b"\xfe"): None,
    ("windows-31J", b"\xff"): None,
    # No pair of bytes is ASCII.
    ("EUC-JP", b"\x8f\xa2\xb7"): "\uff5e",
    # As GBK has it, which is what is used.
    ("GB2312", b"\xa1\xa4"): "\u00b7",
    ("GB2312", b"\xa1\xaa"): "\u2014",
    # GB 18030-2005
    ("GB18030", b"\xa8\xbc"): "\u1e3f",
    ("GB18030", b"\x81\x35\xf4\x37"): "\ue7c7",
    # Python knows it only as the beginning of a syllable in eight bytes.
    ("EUC-KR", b"\xa4\xd4"): "\u3164",
}


def text_of(name, codec, data):
    if (name, data) in OTHERS:
        return OTHERS[(name, data)]
    # Where every implementation has others; and four that are two characters in Unicode.
    if name == "Big5" and b"\xc6\xa1" <= data <= b"\xc8\xfe":
        return None
    if name == "Big5-HKSCS" and data in (b"\x88\x62", b"\x88\x64", b"\x88\xa3", b"\x88\xa5"):
        return None
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def alone(codec, data):
    """Whether Python takes the first byte for a character."""
    try:
        return data[:1].decode(codec) != ""
    except UnicodeDecodeError:
        return False


def vectors():
    def line(name, data, text):
        lines.append("%s %s %s\n" % (name, data.hex(), "-" if text is None else text.encode().hex()))

    lines = []
    for name, codec in ONE_BYTE + EAST:
        for byte in range(0x100):
            data = bytes([byte])
            line(name, data, text_of(name, codec, data))
    for name, codec in EAST:
        for data in map(bytes, itertools.product(range(0x80, 0x100), range(0x20, 0x100))):
            if not alone(codec, data):
                line(name, data, text_of(name, codec, data))
    for data in map(bytes, itertools.product([0x8F], range(0xA0, 0x100), range(0xA0, 0x100))):
        line("EUC-JP", data, text_of("EUC-JP", "euc_jp", data))
    # The four bytes of the first plane, with what is beside them, and a part of the others.
    for data in itertools.product((*range(0x81, 0x85), 0x8F, 0x90, 0xE3), range(0x30, 0x3A), range(0x81, 0xFF), range(0x30, 0x3A)):
        if data[0] < 0x85 or data[3] == 0x35:
            data = bytes(data)
            line("GB18030", data, text_of("GB18030", "gb18030", data))
    # Every character of Unicode's first plane, and some of the others.
    for name, codec in UNITS:
        order = "little" if name.endswith("LE") else "big"
        width = int(name[4:6]) // 8
        for code in (*range(0, 0x10000, 7), *range(0x10000, 0x120000, 0xFFF)):
            if width == 4 or code < 0x10000:
                data = code.to_bytes(width, order)
                line(name, data, text_of(name, codec, data))
    sys.stdout.write("".join(lines))


# ---- bags ----------------------------------------------------------------------------------

TEXTS = {
    "windows-1251": "\u041e\u0442\u0447\u0451\u0442 \u043e \u043f\u0440\u0435\u0441\u0442\u0443\u043f\u043b\u0435\u043d\u0438\u044f\u0445",
    "KOI8-U": "\u0417\u0432\u0456\u0442 \u043f\u0440\u043e \u0437\u043b\u043e\u0447\u0438\u043d\u0438, \u0407\u0436\u0430\u043a",
    "ISO-8859-7": "\u03ad\u03ba\u03b8\u03b5\u03c3\u03b7 \u03b3\u03b9\u03b1 \u03b5\u03b3\u03ba\u03bb\u03ae\u03bc\u03b1\u03c4\u03b1",
    "Shift_JIS": "\u6771\u4eac\u306e\u5831\u544a\u66f8\u3001\u30bd\u30fc\u30b9\u8868",  # with 0x5c as a second byte
    "windows-31J": "\u2460 \u9ad9\u6a4b\u306e\u8a3c\u8a00\uff5e\u8868",
    "EUC-JP": "\u6771\u4eac\u306e\u5831\u544a\u66f8 \uff71\uff72 \u4e02",
    "GB2312": "\u5173\u4e8e\u9a6c\u514b\u601d\u7684\u62a5\u544a",
    "GBK": "\u95dc\u65bc\u93ae\u58d3\u7684\u5831\u544a",
    "GB18030": "\u5173\u4e8e\u05d0\u05d1 \U00020000 \u20ac \u00e9",
    "Big5": "\u95dc\u65bc\u529f\u8a31\u7684\u5831\u544a",
    "Big5-HKSCS": "\u95dc\u65bc\u529f\u8a31\u5605\u5831\u544a \U000201a4",
    "EUC-KR": "\uc11c\uc6b8 \ubcf4\uace0\uc11c",
    "windows-949": "\ub620\ubc29\uac01\ud558 \uac02 \ud7a3",
    "ISO-8859-6": "\u062a\u0642\u0631\u064a\u0631 \u0639\u0646 \u0627\u0644\u062c\u0631\u0627\u0626\u0645",
    "windows-1255": "\u05d3\u05d5\u05d7",
    "windows-874": "\u0e23\u0e32\u0e22\u0e07\u0e32\u0e19",
    "windows-1252": "Ren\u00e9 \u20ac",
}


def letters(codec):
    """What of its upper half is a letter, and is one in every form of Unicode."""
    text = "".join(bytes([byte]).decode(codec, "ignore") for byte in range(0x80, 0x100))
    return "".join(c for c in text if c.isalpha() and unicodedata.normalize("NFKC", c) == c) or "plain"


def save(folder, file, name, files):
    """A bag; what is in it besides bagit.txt is in bytes already."""
    files = {"bagit.txt": ("BagIt-Version: 0.97\nTag-File-Character-Encoding: %s\n" % name).encode(), **files}
    with tarfile.open(os.path.join(folder, file), "w:gz", format=tarfile.PAX_FORMAT, compresslevel=1) as tar:
        for path, data in files.items():
            entry = tarfile.TarInfo("bag/" + path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


def bag(folder, file, name, codec, text, damage=b"", in_manifest=b"", mark=b""):
    document = "data/%s.txt" % text
    manifest = "%s  %s\n" % (hashlib.sha256(b"x").hexdigest(), document)
    save(folder, file, name, {
        document: b"x",
        "bag-info.txt": mark + ("Contact-Name: %s\n" % text).encode(codec) + damage,
        "manifest-sha256.txt": mark + manifest.encode(codec) + in_manifest,
    })


def bags(folder):
    """Prints "FILE CODE RULES TEXT" for each, with tabs between them."""
    def tell(name, code, text, rules="", kind="", **more):
        file = "%s%s.tar.gz" % (kind, name)
        bag(folder, file, name, more.pop("codec"), text, **more)
        print(file, code, rules, text, sep="\t")

    sys.stdout.reconfigure(encoding="utf-8")
    units = [("UTF-8", "utf_8")] + UNITS
    for name, codec in ONE_BYTE + EAST + units:
        tell(name, 4, TEXTS.get(name) or letters(codec if (name, codec) in ONE_BYTE else "koi8_r"), codec=codec)
    for width in (16, 32):
        mark = "\ufeff".encode("utf_%d_le" % width)
        tell("UTF-%d" % width, 4, TEXTS["EUC-JP"], codec="utf_%d_le" % width, mark=mark)
    # A character that is cut short, and bytes that are none.
    for name, codec in EAST:
        text = TEXTS[name]
        tell(name, 1, text, "baginfo.line", "cut-", codec=codec, damage=b"Note: \x81")
        tell(name, 1, text, "manifest.line", "bad-", codec=codec, in_manifest=b"\xff\xff\n")
    for name, codec, byte in (("KZ-1048", "kz1048", b"\x98"), ("ISO-8859-7", "iso8859_7", b"\xff"), ("IBM857", "cp857", b"\xd5")):
        tell(name, 1, letters(codec), "baginfo.line", "bad-", codec=codec, damage=b"Note: %s\n" % byte)
    tell("UTF-32BE", 1, "x", "baginfo.line", "beyond-", codec="utf_32_be", damage=b"\0\x11\0\0")
    # One encoding is taken for another: the names are others, if they are any.
    bag(folder, "other.tar.gz", "windows-1251", "koi8_r", "\u043e\u0442\u0447\u0451\u0442")
    print("other.tar.gz", 1, "manifest.file-missing manifest.file-unlisted", "", sep="\t")
    for i, name in enumerate(("X-FOO", "UTF-7", "ISO-2022-CN-EXT", "IBM037", "UTF-8//TRANSLIT", "../../UTF-8", "UTF\u202e-8\x1b[31m", "A" * 4000)):
        bag(folder, "unknown-%d.tar.gz" % i, name, "ascii", "x")
        print("unknown-%d.tar.gz" % i, 5, "bag.encoding", "", sep="\t")
    # What would rearrange or hide text is escaped in every encoding.
    bag(folder, "hidden.tar.gz", "GB18030", "gb18030", "x", damage="Note: a\u202eb\u0085c\n".encode("gb18030"))


def judge(table, verdicts):
    """Prints "ok" or "wrong", the file, and what is wrong."""
    with open(verdicts, encoding="utf-8") as file:
        said = {os.path.basename(one["bundle"]): one for one in json.load(file)["verdicts"]}
    with open(table, encoding="utf-8") as file:
        for line in file:
            name, code, rules, _ = line.rstrip("\n").split("\t")
            verdict = said[name]
            found = sorted({finding["rule"] for finding in verdict["findings"]} - {"seal.none"})
            good = verdict["exit"] == int(code) and found == sorted(rules.split())
            print("ok" if good else "wrong", name, "" if good else "%d %s" % (verdict["exit"], found), sep="\t")


if __name__ == "__main__":
    {"vectors": vectors, "bags": bags, "judge": judge}[sys.argv[1]](*sys.argv[2:])
