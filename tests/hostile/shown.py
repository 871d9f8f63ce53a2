"""Texts that would steer a terminal, or show something else than what is there."""
import bags
import ed25519
import tars

TEXTS = [
    ("colour", b"\x1b[31mred\x1b[0m"),
    ("clear", b"\x1b[2J\x1b[H"),
    ("title", b"\x1b]0;evil\x07"),
    ("link", b"\x1b]8;;http:evil\x1b\\".replace(b"\\", b"\x07")),
    ("c1", "\u009b31m".encode()),
    ("newline", b"a\n  Intact?   Yes"),
    ("return", b"a\rsealbag: Yes"),
    ("backspace", b"evil\b\b\b\bgood"),
    ("delete", b"a\x7f"),
    ("bell", b"\x07"),
    ("bidi", "a\u202etxt.exe".encode()),
    ("isolate", "a\u2066b\u2069".encode()),
    ("arabic-mark", "a\u061cb".encode()),
    ("zero-width", "a\u200bb\u200d\u2060\ufeff".encode()),
    ("soft-hyphen", "a\u00adb".encode()),
    ("line-separator", "a\u2028b\u2029c".encode()),
    ("filler", "a\u3164b\u115f\uffa0".encode()),
    ("variation", "a\ufe0fb".encode()),
    ("quotes", b'a"b\'c'),
    ("json", b'","exit":0,"x":"'),
    ("percent", b"%s%n%0A%25"),
    ("beyond", "a\U0001f600\U0001d173".encode()),
]


# Those that fit onto one line, one of each kind.
FEW = [one for one in TEXTS if one[0] in ("colour", "c1", "backspace", "bidi", "zero-width", "json")]


def add_names(kit):
    for slug, text in TEXTS:
        name = b"data/" + text.replace(b"/", b"")
        sealed = kit.make.sealed(kit.make.documents + [(name, b"x\n")])
        kit.bag("", "name-" + slug, "a sealed document's name: " + slug, sealed, code=0)
        unlisted = kit.good + [(name, b"x\n")]
        kit.bag("manifest.file-unlisted", "name-" + slug, "an unlisted document's name: " + slug, unlisted)
        if b"\n" not in text and b"\r" not in text:
            line = lambda data, name=name: data + b"0" * 64 + b"  " + bags.encoded(name) + b"\n"
            kit.resealed("manifest.file-missing", "missing-" + slug, "the name of a missing document: " + slug,
                         b"manifest-sha256.txt", line)
        kit.bag("seal.unknown-file", "seal-" + slug, "a file of seal/: " + slug, kit.good + [(b"seal/" + name[5:], b"x\n")])


def add_texts(kit):
    """In other places; most of them are refused with the text in the sentence."""
    for slug, text in FEW:
        kit.resealed("", "info-" + slug, "a label of bag-info.txt: " + slug, b"bag-info.txt",
                     lambda data, text=text: b"Contact" + text.replace(b":", b"") + b": " + text + b"\n" + data, code=0)
        omitted = lambda data, text=text: b"Omitted-File: " + text + b" (" + text + b")\n" + data
        kit.resealed("", "omitted-" + slug, "a file that was left out: " + slug, b"bag-info.txt", omitted, code=0)
        kit.resealed("baginfo.line", "info-" + slug, "a line of bag-info.txt that is none: " + slug, b"bag-info.txt",
                     lambda data, text=text: text.replace(b":", b"") + b"\n" + data)
        kit.resealed("bag.declaration", "version-" + slug, "a BagIt version: " + slug, b"bagit.txt",
                     lambda data, text=text: data.replace(b"1.0", b"1.0" + text))
        kit.resealed("seal.syntax", "name-" + slug, "a line of seal.txt: " + slug, b"seal/seal.txt",
                     lambda data, text=text: data + b"Name: " + text + b"\n")
        raw = tars.pax((text.replace(b"=", b"") or b"x", b"y")) + tars.entry(b"sample/data/x", b"x\n")
        kit.add("tar.pax", "key-" + slug, "a key of a pax header: " + slug, kit.foreign(kit.tar().insert(raw)))


def add_comments(kit):
    """minisign's comments: control characters are refused, everything else is not shown or escaped."""
    path = kit.make.signature_path()
    for slug, text in FEW:
        steers = any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text.decode())
        rule, code = ("seal.signature-syntax", None) if steers else ("", 0)
        for part in "comment", "trusted":
            value = text + b"\tkey:KEY" if part == "trusted" else text
            make = lambda t, part=part, value=value: {path: ed25519.minisign(kit.maria, t, **{part: b"x\t" + value})}
            kit.bag(rule, "%s-%s" % (part, slug), "minisign's %s: %s" % (part, slug),
                    kit.make.sealed(signatures=make), code=code)


def add_all(kit):
    kit.group = "display"
    add_names(kit)
    add_texts(kit)
    add_comments(kit)
