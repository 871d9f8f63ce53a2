#!/usr/bin/env python3
"""Makes src/bag/charset_*.h, the tables of the encodings of tag files, from Python's codecs. They are
part of the sources, so that the same bag is read in the same way everywhere.

charsets.py FOLDER    writes them there"""

import os
import sys
import unicodedata

# Of one byte, in the order of encoding.c: the codec, and the first byte that is in the table. Those
# below are ASCII, and from 0x80 on Unicode's controls.
BYTES = (
    [("iso8859_%d" % n, 0xA0) for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)]
    + [("cp%d" % n, 0x80) for n in (874, *range(1250, 1259))]
    + [("tis_620", 0xA0), ("koi8_r", 0x80), ("koi8_u", 0x80), ("kz1048", 0x80), ("ptcp154", 0x80)]
    + [("mac_roman", 0x80), ("hp_roman8", 0xA0)]
    + [("cp%d" % n, 0x80) for n in (437, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 865, 866, 869)]
)


def decode(codec, *numbers):
    """The one character that these bytes are; None: they are none."""
    try:
        text = bytes(numbers).decode(codec)
    except UnicodeDecodeError:
        return None
    return text if len(text) == 1 else None


def literal(row, kind="u"):
    """The row without what is missing at its end. Letters are written as they are, but for those that
    cannot be seen, are not shown where they stand, or are changed by tools that normalise text."""
    while row and row[-1] is None:
        row = row[:-1]
    text = ""
    for char in row:
        char = char or "\ufffd"
        hidden = unicodedata.category(char)[0] in "CMZ" or unicodedata.bidirectional(char) in ("R", "AL", "AN")
        moved = unicodedata.normalize("NFC", char) != char
        assert ord(char) >= 0xA0 and ord(char) <= (0xFFFF if kind == "u" else 0x10FFFF)
        text += "\\%s" % ("u%04x" if ord(char) < 0x10000 else "U%08x") % ord(char) if hidden or moved else char
    return '%s"%s"' % (kind, text)


def write(folder, name, about, tables):
    path = os.path.join(folder, "charset_%s.h" % name)
    with open(path, "w", encoding="utf-8") as file:
        guard = "SB_BAG_CHARSET_%s_H" % name.upper()
        file.write("/* %s Made by scripts/charsets.py. A replacement\n" % about)
        file.write(" * character, like what is missing at the end of a row, stands for no character. */\n")
        file.write("#ifndef %s\n#define %s\n\n#include <stdint.h>\n#include <uchar.h>\n\n" % (guard, guard))
        file.write("/* clang-format off */\n\n")
        file.write("\n".join(tables))
        file.write("\n/* clang-format on */\n\n#endif\n")


def table(name, rows, columns, kind="u"):
    lines = "".join("    %s,\n" % literal(row, kind) for row in rows)
    width = 16 if kind == "u" else 32
    return "static const char%d_t %s[%d][%d] = {\n%s};\n" % (width, name, len(rows), columns + 1, lines)


def one_byte():
    tables = []
    for codec, first in BYTES:
        row = [decode(codec, byte) for byte in range(first, 0x100)]
        assert all(decode(codec, byte) == chr(byte) for byte in range(0x80))
        tables.append("static const char16_t %s[%d] =\n    %s;\n" % (codec, len(row) + 1, literal(row + [])))
    return tables


def trails(*ranges):
    return [byte for first, last in ranges for byte in range(first, last + 1)]


def pairs(codec, leads, seconds, but=lambda char: False):
    """A row for each first byte. What `but` says is computed, and not in the table."""
    def cell(*numbers):
        char = decode(codec, *numbers)
        return None if char is None or but(char) else char

    return [[cell(lead, second) for second in seconds] for lead in leads]


def japan():
    # Each first byte of windows-31J is two rows of 94. The rows of its users' own characters are empty.
    both = pairs("cp932", trails((0x81, 0x9F), (0xE0, 0xFC)), trails((0x40, 0x7E), (0x80, 0xFC)),
                 lambda char: "\ue000" <= char <= "\uf8ff")
    rows = [row[half : half + 94] for row in both for half in (0, 94)]
    more = [[decode("euc_jp", 0x8F, row, cell) for cell in trails((0xA1, 0xFE))] for row in trails((0xA1, 0xFE))]
    assert more[1][22] == "~"
    more[1][22] = "\uff5e"  # no pair of bytes is ASCII; the C library has it so
    return [table("jis", rows, 94), table("jis0212", more, 94)]


def korea():
    rows = pairs("cp949", trails((0xA1, 0xFE)), trails((0xA1, 0xFE)))
    return [table("ksx1001", rows, 94)]


def taiwan():
    seconds = trails((0x40, 0x7E), (0xA1, 0xFE))
    rows = pairs("cp950", trails((0xA1, 0xF9)), seconds)
    # No two implementations have the same characters from C6A1 to C8FE.
    for lead in (0xC6, 0xC7, 0xC8):
        rows[lead - 0xA1] = [cell if lead * 256 + second < 0xC6A1 else None for cell, second in zip(rows[lead - 0xA1], seconds)]
    return [table("big5", rows, 157)]


def hong_kong():
    # What is not in here is as in Big5. Four characters that are two in Unicode are left out.
    leads = trails((0x87, 0xA3), (0xC6, 0xC8), (0xF9, 0xFE))
    rows = pairs("big5hkscs", leads, trails((0x40, 0x7E), (0xA1, 0xFE)))
    return [table("hkscs", rows, 157, "U")]


def china():
    def own(char):  # the users' own characters
        return "\ue000" <= char <= "\ue765"

    leads, seconds = trails((0x81, 0xFE)), trails((0x40, 0x7E), (0x80, 0xFE))
    rows = pairs("gb18030", leads, seconds, own)
    # All others, in their order, have four bytes: the first of each run of them.
    known = {ord(char) for row in rows for char in row if char} | set(range(0xE000, 0xE766))
    known |= set(range(0xD800, 0xE000))
    runs, number = [], 0
    for code in range(0x80, 0x10000):
        if code not in known:
            if code == 0x80 or code - 1 in known:
                runs.append((number, code))
            number += 1
    runs.append((number, 0))
    # Python has GB 18030-2000. Since 2005 this character is where the other is, and it there.
    assert decode("gb18030", 0xA8, 0xBC) == "\ue7c7" and decode("gb18030", 0x81, 0x35, 0xF4, 0x37) == "\u1e3f"
    rows[0xA8 - 0x81][seconds.index(0xBC)] = "\u1e3f"
    lines = ""
    for at in range(0, len(runs), 6):
        lines += "    " + " ".join("{%d, 0x%04x}," % run for run in runs[at : at + 6]) + "\n"
    about = "/* The first of each run of characters that have four bytes: the number of these, the code. */\n"
    four = about + "static const struct {\n    uint16_t number, code;\n} gb18030_runs[] = {\n%s};\n" % lines
    return [table("gb18030", rows, 190), four]


def main(folder):
    write(folder, "bytes", "Encodings of one byte.", one_byte())
    write(folder, "japan", "JIS X 0208 with the characters of windows-31J, and JIS X 0212.", japan())
    write(folder, "korea", "KS X 1001.", korea())
    write(folder, "taiwan", "Big5, as windows-950 has it, without private characters.", taiwan())
    write(folder, "hong_kong", "What Big5 with Hong Kong's supplement has otherwise.", hong_kong())
    write(folder, "china", "GB 18030, the characters of two bytes.", china())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
