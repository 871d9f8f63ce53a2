"""Provenance records that are not what the signer's leaves are about, and tables made to fill a memory."""
import bags
from seals import COVER, SEAL, TAGS, added, is_, replaced

TABLE = b"metadata/metadata.csv"
HEAD = b"filename,dc.title,dc.title\r\n"
MINUTES, FIRST = b"data/minutes.txt", b"data/letters/first.txt"
GOOD = HEAD + b"%s,Minutes,\"Of a \"\"board\"\"\"\r\n%s,A letter,\r\n" % (MINUTES, FIRST)
ROWS = {MINUTES: b"dc.title=Minutes\ndc.title=Of a \"board\"\n", FIRST: b"dc.title=A letter\n"}


def sealed(kit, table, rows, **more):
    """A bag with this table, whose leaves are about these rows."""
    root = bags.root(kit.make.documents, bytes.fromhex(kit.make.salt[:64].decode()), rows)
    return kit.make.sealed(more=[(TABLE, table)] if table is not None else [], root=root, **more)


def add_rows(kit):
    kit.bag("", "records", "a bag with records", sealed(kit, GOOD, ROWS), code=0)
    folder = GOOD + b"data/letters/,Letters,\r\n"
    kit.bag("", "records-folder", "a bag with a record of a folder", sealed(kit, folder, ROWS), code=0)
    swapped = {MINUTES: ROWS[FIRST], FIRST: ROWS[MINUTES]}
    foreign = GOOD.replace(b"\r\n", b"\n")
    double = GOOD + b"%s,Another,\r\n" % MINUTES
    lost = GOOD + b"data/nothing,Gone,\r\n"
    line = lambda cell: HEAD + b"%s,%s,\r\n" % (MINUTES, cell)
    for slug, table, rows, text in [
        ("none", GOOD, {}, "no leaf is about them"),
        ("swapped", GOOD, swapped, "leaves are about each other's rows"),
        ("swapped-table", HEAD + b"%s,A letter,\r\n%s,Minutes,\"Of a \"\"board\"\"\"\r\n" % (MINUTES, FIRST), ROWS,
         "two rows swapped"),
        ("value", GOOD.replace(b"A letter", b"A Letter"), ROWS, "another value"),
        ("column", GOOD.replace(b"dc.title\r", b"dc.creator\r"), ROWS, "another column"),
        ("columns", GOOD.replace(b"Minutes,\"Of a \"\"board\"\"\"", b"\"Of a \"\"board\"\"\",Minutes"), ROWS,
         "two values in another order"),
        ("fewer", GOOD.replace(b"%s,A letter,\r\n" % FIRST, b""), ROWS, "a row less"),
        ("no-table", None, ROWS, "no table"),
        ("more", GOOD + b"data/photos/empty,x,\r\n", ROWS, "a row more"),
        ("emptied", GOOD.replace(b"A letter", b""), ROWS, "an emptied row"),
        ("foreign", foreign, ROWS, "in another form"),
        ("bom", b"\xef\xbb\xbf" + GOOD, ROWS, "with a byte order mark"),
        ("quoted", GOOD.replace(b"A letter", b'"A letter"'), ROWS, "with quotation marks that are not needed"),
        ("no-end", GOOD[:-2], ROWS, "without the last line end"),
        ("twice", double, ROWS, "two rows about a document, the first one counts"),
        ("twice-last", double, {**ROWS, MINUTES: b"dc.title=Another\n"}, "two rows about a document, the last one counts"),
        ("lost", lost, ROWS, "a row about no document"),
        ("line-end", line(b'"1\ndc.title=2"'), {MINUTES: b"dc.title=1\ndc.title=2\n"}, "a line end that is not encoded"),
        ("percent", line(b"1%0A2"), {MINUTES: b"dc.title=1%0A2\n"}, "a % that is not encoded"),
        ("case", line(b'"1\r2"'), {MINUTES: b"dc.title=1%0d2\n"}, "encoded in small letters"),
        ("empty", line(b""), {MINUTES: b""}, "the digest of nothing in place of -"),
        ("empties", line(b"1"), {MINUTES: b"dc.title=1\ndc.title=\n"}, "an empty value that counts"),
        ("filename", line(b"1"), {MINUTES: b"filename=%s\ndc.title=1\n" % MINUTES}, "the path as a value"),
        ("sorted", HEAD.replace(b"title\r", b"creator\r") + b"%s,b,a\r\n" % MINUTES,
         {MINUTES: b"dc.creator=a\ndc.title=b\n"}, "columns in another order"),
    ]:
        kit.bag("seal.root-mismatch", "records-" + slug, "records, sealed: " + text, sealed(kit, table, rows))
    for slug, table, text in [
        ("foreign", foreign, "in another form"),
        ("twice", double, "with two rows about a document"),
        ("lost", lost, "with a row about no document"),
        ("paths", GOOD.replace(b"data/", b"objects/"), "with paths of another program"),
        ("lost-folder", GOOD + b"data/nowhere/,x,\r\n", "with a row about a folder that is not there"),
        ("no-folder", GOOD + b"%s/,x,\r\n" % FIRST, "with a row about a document as a folder"),
        ("part-folder", GOOD + b"data/let/,x,\r\n", "with a row about the beginning of a folder's name"),
        ("unsafe", GOOD.replace(FIRST, b"data/../first.txt"), "with an unsafe path"),
        ("nameless", GOOD.replace(b"dc.title\r", b"\r"), "with a column without a name"),
        ("nul", GOOD.replace(b"letter", b"l\0tter"), "with a NUL"),
        ("latin-1", GOOD.replace(b"letter", b"l\xe9tter"), "in Latin-1"),
        ("open", GOOD.replace(b'""board"""', b"board"), "with an open quotation mark"),
        ("text", b"hello\n", "that is none"),
        ("nothing", b"", "of no bytes"),
    ]:
        kit.bag("metadata.foreign", "records-" + slug, "a table " + text + ", of which no leaf tells", sealed(kit, table, {}))


def add_lists(kit):
    files = sealed(kit, GOOD, ROWS)
    changed = GOOD.replace(b"A letter", b"A Letter")
    change = lambda files, path, function: bags.altered(files, path, function)
    old, new = bags.sha256(GOOD), bags.sha256(changed)
    bag = change(files, TABLE, is_(changed))
    kit.bag("manifest.digest-mismatch", "records-value", "records: another value", bag)
    bag = change(bag, TAGS, replaced(old, new))
    kit.bag("manifest.digest-mismatch", "records-value-tags", "records: another value, in the tag manifest too", bag)
    tags = dict(files)[TAGS]
    bag = change(bag, COVER, replaced(old, new))
    bag = change(bag, COVER, replaced(bags.sha256(tags), bags.sha256(tags.replace(old, new))))
    kit.bag("seal.cover-mismatch", "records-value-cover", "records: another value, in all lists", bag)
    bag = change(bag, SEAL, replaced(bags.sha256(kit.make.salt + dict(files)[COVER]),
                                     bags.sha256(kit.make.salt + dict(bag)[COVER])))
    kit.bag("seal.bad-signature", "records-value-seal", "records: another value, in all lists and seal.txt", bag)
    kit.bag("path.duplicate", "records-twice", "records: two tables", files + [(TABLE, GOOD)])
    kit.bag("manifest.file-missing", "records-gone", "records: taken away", bags.without(files, TABLE))
    kit.bag("manifest.file-unlisted", "records-added", "records: added to a bag without", kit.good + [(TABLE, GOOD)])
    kit.bag("manifest.digest-mismatch", "records-longer", "records: a row more, not sealed", change(files, TABLE, added(b"x\r\n")))


def add_bombs(kit):
    """All that a reader keeps may have 16 MiB in a small bundle."""
    size = 15 << 20
    wide = b"filename" + b",c" * 9999 + b"\r\n"
    for slug, table, text in [
        ("commas", b"filename" + b"," * size, "15 million columns"),
        ("rows", b"filename\r\n" + b"d\r\n" * (size // 3), "five million rows"),
        ("long-rows", b"filename\r\n" + b"data/x\r\n" * (size // 8), "two million rows about one document"),
        ("cells", b"filename,c\r\n" + b"data/x,y\r\n" * (size // 10), "rows and cells"),
        ("empty-cells", wide + (b"data/x" + b"," * 9999 + b"\r\n") * 1500, "15 million empty cells"),
        ("full-cells", wide + (b"data/x" + b",y" * 9999 + b"\r\n") * 199, "two million cells"),
        ("quotes", b"filename,\"" + b'""' * (size // 2) + b"\"\n", "quotation marks"),
        ("open", b"filename,\"" + b"\n" * size, "an open quotation mark"),
        ("lines", wide + b"\r\n" * (size // 2), "empty lines"),
        ("ragged", b"filename,c\r\n" + b"data/x\r\n" * (size // 8), "rows without cells"),
    ]:
        kit.bag("metadata.foreign", "records-bomb-" + slug, "a table of 15 MiB: " + text, sealed(kit, table, {}))
    full = wide + (b"data/x" + b",y" * 9999 + b"\r\n") * 200
    kit.bag("limit.reached", "records-bomb-too-full", "a table of more than two million cells", sealed(kit, full, {}))
    huge = b"filename\r\n" + b"d\r\n" * (20 << 20)
    kit.bag("limit.reached", "records-bomb-huge", "a table of 60 MiB", sealed(kit, huge, {}))


def add_all(kit):
    kit.group = "seal"
    add_rows(kit)
    add_lists(kit)
    kit.group = "bomb"
    add_bombs(kit)
