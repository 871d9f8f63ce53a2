"""Bags whose lists, seal or signatures are not what the signer made."""
import hashlib

import bags
import containers
import ed25519

MANIFEST, TAGS = b"manifest-sha256.txt", b"tagmanifest-sha256.txt"
INFO, BAGIT = b"bag-info.txt", b"bagit.txt"
COVER, SALT, SEAL = b"seal/cover-sha256.txt", b"seal/salt.txt", b"seal/seal.txt"
INNER = b"seal/manifest-sha256.txt"
ZEROS = b"0" * 64


def replaced(old, new):
    def change(data):
        assert old in data, old
        return data.replace(old, new, 1)

    return change


def added(text):
    return lambda data: data + text


def crlf(data):
    return data.replace(b"\n", b"\r\n")


def is_(data):
    return lambda _: data


# ---- what is missing, added, or from elsewhere -------------------------------------------------


def add_missing(kit):
    signature = kit.make.signature_path()
    for rule, slug, paths in [
        ("seal.incomplete", "index-alone", [p for p, _ in kit.good if p.startswith(b"seal/")]),
        ("seal.incomplete", "no-cover", [COVER]),
        ("seal.incomplete", "no-salt", [SALT]),
        ("seal.incomplete", "no-seal-txt", [SEAL]),
        ("seal.incomplete", "signature-alone", [COVER, SALT, SEAL]),
        ("seal.signer-missing", "no-signature", [signature]),
        ("manifest.file-missing", "no-tagmanifest", [TAGS]),
        ("manifest.missing", "no-manifest", [MANIFEST]),
        ("seal.incomplete", "no-manifest-at-all", [MANIFEST]),
        ("bag.not-a-bag", "no-bagit", [BAGIT]),
        ("manifest.file-missing", "no-bag-info", [INFO]),
        ("manifest.file-missing", "no-document", [b"data/minutes.txt"]),
        ("manifest.file-missing", "no-documents", [p for p, _ in kit.make.documents]),
    ]:
        text = "taken away: " + ", ".join(path.decode("utf-8", "replace") for path in paths)
        kit.bag(rule, slug, text, bags.without(kit.good, *paths))
    plain = kit.tar([one for one in kit.good if not one[0].startswith(b"seal/")])
    kit.add("seal.none", "stripped", "all of seal/ taken away", kit.foreign(plain))
    kit.add("seal.none", "stripped-own", "all of seal/ and the pointer taken away", containers.gz(plain.bytes()))
    kit.add("seal.none", "stripped-own", "all of seal/ and the pointer taken away in zstd", containers.zst(plain.bytes()))
    tagless = bags.without(kit.good, TAGS)
    cover = replaced(b"  tagmanifest", b"  x-tagmanifest")
    kit.bag("seal.cover-mismatch", "no-tagmanifest-renamed", "the tag manifest stripped and renamed in the cover",
            bags.altered(tagless, COVER, cover))


def add_seal_manifest(kit):
    """A bag that has no manifest of SHA-256, so that its seal has one."""
    documents = sorted(kit.make.documents)
    md5 = b"".join(b"%s  %s\n" % (hashlib.md5(d).hexdigest().encode(), bags.encoded(p)) for p, d in documents)
    md5 = [(b"manifest-md5.txt", md5)]

    def sealed(change=lambda same: same, cover=lambda same: same, more=md5):
        return kit.make.sealed(parts={MANIFEST: is_(None), INNER: change, COVER: cover}, more=more)

    good = sealed()
    first = sorted(path for path, _ in documents)[0]
    for rule, slug, text, change in [
        ("seal.incomplete", "none", "sealed without it", is_(None)),
        ("manifest.file-unlisted", "short", "a document left out", lambda t: t.partition(b"\n")[2]),
        ("manifest.file-unlisted", "empty", "nothing in it", is_(b"")),
        ("manifest.file-missing", "long", "a document that is not there", lambda t: t + b"0" * 64 + b"  data/~\n"),
        ("manifest.digest-mismatch", "digest", "a wrong digest", lambda t: b"0" * 64 + t[64:]),
        ("manifest.scope", "scope", "bagit.txt in it", lambda t: bags.cover_lines([(b"bagit.txt", kit.make.bagit)]) + t),
        ("manifest.line", "order", "lines in another order", lambda t: b"".join(reversed(t.splitlines(True)))),
        ("manifest.line", "twice", "a document twice", lambda t: t.splitlines(True)[0] + t),
        ("manifest.line", "crlf", "lines that end in CRLF", replaced(b"\n", b"\r\n")),
        ("manifest.line", "upper", "digits in upper case", lambda t: t[:64].upper() + t[64:]),
        ("manifest.line", "star", "a * before a path", replaced(b"  data", b" *data")),
        ("manifest.line", "dot", "./ before paths", replaced(b"  data", b"  ./data")),
        ("manifest.line", "blank", "an empty line at the end", lambda t: t + b"\n"),
        ("manifest.line", "end", "no end of the last line", lambda t: t[:-1]),
        ("manifest.line", "unsafe", "an unsafe path", replaced(first, b"data/../../" + first)),
    ]:
        kit.bag(rule, "seal-manifest-" + slug, "the manifest in seal/: " + text + ", sealed so", sealed(change))
    wrong = bags.altered(good, INNER, lambda text: b"0" * 64 + text[64:])
    forged = bags.altered(good, first, lambda data: data + b"evil")
    for rule, slug, text, files in [
        ("seal.incomplete|manifest.file-missing", "stripped", "the manifest taken out of seal/", bags.without(good, INNER)),
        ("manifest.digest-mismatch", "altered", "the manifest in seal/ altered", wrong),
        ("manifest.digest-mismatch", "document", "a document altered that only MD5 and seal/ list", forged),
        ("manifest.file-unlisted", "added", "a document added", good + [(b"data/evil", b"evil\n")]),
        ("manifest.file-unlisted", "own", "a manifest-sha256.txt added", good + [(MANIFEST, bags.lines(documents))]),
        ("seal.unknown-file", "two", "the same", good + [(MANIFEST, bags.lines(documents))]),
        ("manifest.file-missing", "no-md5", "the MD5 manifest taken away", bags.without(good, b"manifest-md5.txt")),
        ("manifest.file-missing", "no-tags", "the tag manifest taken away", bags.without(good, TAGS)),
        ("manifest.missing", "alone", "sealed without a manifest of its own", sealed(more=())),
        ("manifest.file-unlisted", "uncovered", "the manifest in seal/ not in the cover",
         sealed(cover=lambda text: b"".join(line for line in text.splitlines(True) if INNER not in line))),
        ("seal.unknown-file", "too", "sealed with one in seal/ beside its own",
         kit.make.sealed(parts={INNER: is_(bags.cover_lines(documents))})),
    ]:
        kit.bag(rule, "seal-manifest-" + slug, text, files)


def add_extra(kit):
    for rule, path in [
        ("manifest.file-unlisted", b"data/evil"),
        ("manifest.file-unlisted", b"data/letters/.hidden"),
        ("manifest.file-unlisted", b"evil"),
        ("manifest.file-unlisted", b"metadata/metadata.csv"),
        ("manifest.file-unlisted", b"manifest-md5.txt"),
        ("manifest.file-unlisted", b"tagmanifest-md5.txt"),
        ("manifest.file-unlisted", b"tagmanifest-sha512.txt"),
        ("manifest.file-unlisted", b"Data/evil"),
        ("manifest.file-unlisted", b"Seal/seal.txt"),
        ("manifest.file-unlisted", b"BAGIT.TXT"),
        ("seal.unknown-file", b"seal/evil"),
        ("seal.unknown-file", b"seal/seal.txt.bak"),
        ("seal.unknown-file", b"seal/SEAL.TXT"),
        ("seal.unknown-file", b"seal/sub/seal.txt"),
        ("seal.unknown-file", b"seal/timestamps/" + b"0" * 32 + b".tsr"),
        ("custody.syntax", b"seal/custody/0001-" + b"0" * 32 + b".txt"),
        ("custody.order", b"seal/custody/0001-" + b"0" * 32 + b".minisig"),
        ("seal.unknown-file", b"seal/custody/0000-" + b"0" * 32 + b".txt"),
        ("seal.unknown-file", b"seal/custody/evil"),
        ("seal.unknown-file", b"seal/" + b"0" * 31 + b".minisig"),
        ("seal.unknown-file", b"seal/" + b"A" * 32 + b".minisig"),
        ("seal.unknown-file", b"seal/" + b"0" * 32 + b".sig"),
        ("seal.unknown-file", b"seal/.minisig"),
    ]:
        slug = "extra-" + path.decode().replace("/", "_")
        kit.bag(rule, slug, "added: " + path.decode(), kit.good + [(path, b"evil\n")])
    kit.bag("fetch.unlisted", "fetch", "sealed with a fetch.txt",
            kit.make.sealed(more=[(b"fetch.txt", b"https://example.org/evil 5 data/evil\n")]))
    old = [(TAGS.replace(b"sha256", b"md5"), b"%s  bagit.txt\n" % hashlib.md5(kit.make.bagit).hexdigest().encode())]
    kit.bag("manifest.file-unlisted", "second-tagmanifest-sealed",
            "a second tag manifest that does not list the manifest, sealed with the rest",
            kit.make.sealed(more=old), flags="-file")
    kit.bag("manifest.line", "second-manifest-sealed", "a malformed manifest of MD5 digests, sealed with the rest",
            kit.make.sealed(more=[(b"manifest-md5.txt", b"evil\n")]), flags="-file")
    kit.bag("bag.not-judged", "unknown-manifest-sealed", "a manifest of an unknown kind, sealed with the rest",
            kit.make.sealed(more=[(b"manifest-sha3256.txt", b"evil\n")]))


def add_elsewhere(kit):
    """Parts of bags that are good where they come from."""
    older = kit.make.sealed(kit.make.documents[1:])
    mine, signature = dict(kit.good), kit.make.signature_path()
    names = [COVER, SALT, SEAL, signature]
    forged = bags.Maker(kit.good, kit.stranger)
    texts = dict(forged.sealed())
    for source, what in (kit.other, "another bag"), (older, "an older version of the bag"):
        theirs = dict(source)
        slug = what.split()[1]
        both = {name: theirs[name] for name in names}
        kit.bag("seal.cover-mismatch|manifest.digest-mismatch|manifest.file-missing", "seal-of-" + slug,
                "the whole seal of " + what, [(p, both.get(p, d)) for p, d in kit.good])
        kit.after("seal.bad-signature", "signature-of-" + slug, "the signature of " + what, signature, is_(theirs[signature]))
        changed = bags.altered(kit.good, SEAL, is_(theirs[SEAL]))
        kit.bag("seal.cover-mismatch", "seal-txt-of-" + slug, "seal.txt and signature of " + what,
                bags.altered(changed, signature, is_(theirs[signature])))
        for name in COVER, SALT:
            if theirs[name] != mine[name]:
                part = name.decode().rpartition("/")[2].split("-")[0].split(".")[0]
                kit.after("seal.cover-mismatch", "%s-of-%s" % (part, slug), "the %s of %s" % (part, what), name, is_(theirs[name]))
        kit.after("manifest.digest-mismatch", "manifest-of-" + slug, "the manifest of " + what, MANIFEST, is_(theirs[MANIFEST]))
    kit.bag("trust.too-few", "other-signer", "sealed anew by a stranger", list(texts.items()))
    moved = kit.make.sealed(name=b"other")
    kit.bag("seal.name-mismatch", "name", "sealed under another name", moved)
    kit.add("seal.name-mismatch", "renamed", "the folder renamed after the sealing", kit.gz(kit.tar(bag=b"renamed")))
    document = b"data/minutes.txt"
    kit.after("manifest.digest-mismatch", "document", "an altered document", document, replaced(b"m", b"M"))
    kit.after("manifest.digest-mismatch", "document-longer", "a longer document", document, added(b"evil\n"))
    swap = {b"data/minutes.txt": b"data/letters/first.txt", b"data/letters/first.txt": b"data/minutes.txt"}
    kit.bag("manifest.digest-mismatch", "swapped", "two documents swapped",
            [(path, mine[swap.get(path, path)]) for path, _ in kit.good])


# ---- lists that are signed ---------------------------------------------------------------------


def add_manifests(kit):
    path = b"data/minutes.txt"
    digest = bags.sha256(dict(kit.good)[path])
    line = digest + b"  " + path + b"\n"
    none = b"  data/not-there\n"
    for rule, slug, change, text in [
        ("manifest.scope", "bagit", added(bags.sha256(kit.make.bagit) + b"  bagit.txt\n"), "lists bagit.txt"),
        ("manifest.scope", "seal", added(ZEROS + b"  seal/seal.txt\n"), "lists seal.txt"),
        ("manifest.line", "up", added(ZEROS + b"  ../evil\n"), "lists a path that leads up"),
        ("manifest.line", "up-inside", added(ZEROS + b"  data/../bagit.txt\n"), "lists a path that leads out of data/"),
        ("manifest.line", "absolute", added(ZEROS + b"  /etc/passwd\n"), "lists an absolute path"),
        ("manifest.line", "backslash", added(ZEROS + b"  data\\evil\n"), "lists a path with a backslash"),
        ("manifest.line", "home", added(ZEROS + b"  data//evil\n"), "lists a path with an empty part"),
        ("manifest.line", "latin-1", added(ZEROS + b"  data/caf\xe9\n"), "lists a name in Latin-1"),
        ("manifest.line", "nul", added(ZEROS + b"  data/a\0b\n"), "lists a name with a NUL"),
        ("manifest.line", "md5", replaced(digest, b"0" * 32), "has an MD5 digest"),
        ("manifest.line", "sha512", replaced(digest, b"0" * 128), "has a SHA-512 digest"),
        ("manifest.line", "no-hex", replaced(digest, b"x" + digest[1:]), "has a digit that is not hex"),
        ("manifest.line", "no-path", added(ZEROS + b"\n"), "has a line without a path"),
        ("manifest.line", "text", added(b"hello\n"), "has a line of text"),
        ("manifest.line", "bom", lambda data: b"\xef\xbb\xbf" + data, "begins with a byte order mark"),
        ("manifest.listed-twice", "twice", added(line), "lists a document twice"),
        ("manifest.listed-twice", "twice-style", added(digest + b"  ./" + path + b"\n"), "lists a document twice, once with ./"),
        ("manifest.listed-twice", "twice-other", added(ZEROS + b"  " + path + b"\n"), "lists a document with two digests"),
        ("manifest.file-missing", "missing", added(ZEROS + none), "lists a document that is not there"),
        ("manifest.file-unlisted", "unlisted", replaced(line, b""), "does not list a document"),
        ("manifest.digest-mismatch", "digest", replaced(digest, ZEROS), "lists another digest"),
        ("manifest.file-unlisted", "empty", is_(b""), "lists nothing"),
    ]:
        kit.resealed(rule, "manifest-" + slug, "the manifest " + text + ", sealed", MANIFEST, change)
    md5 = b"".join(hashlib.md5(d).hexdigest().encode() + b"  " + p + b"\n" for p, d in kit.make.documents)
    plain = bags.without([one for one in kit.good if not one[0].startswith(b"seal/")], MANIFEST, TAGS)
    kit.add("manifest.weak", "md5-only", "only an MD5 manifest is left", kit.foreign(kit.tar(plain + [(b"manifest-md5.txt", md5)])),
            code=4, flags="-file")
    parts = {MANIFEST: is_(None)}
    files = kit.make.sealed(parts=parts, more=[(b"manifest-md5.txt", md5)])
    kit.bag("manifest.weak", "md5-only-sealed", "only an MD5 manifest, sealed", files, flags="-file")
    kit.bag("manifest.missing", "none-sealed", "no manifest, sealed", kit.make.sealed(parts=parts))


def add_tags(kit):
    sums = bags.sha256
    for rule, slug, change, text in [
        ("manifest.scope", "document", added(ZEROS + b"  data/minutes.txt\n"), "lists a document"),
        ("manifest.scope", "itself", added(ZEROS + b"  tagmanifest-sha256.txt\n"), "lists itself"),
        ("manifest.scope", "another", added(ZEROS + b"  tagmanifest-md5.txt\n"), "lists another tag manifest"),
        ("manifest.file-unlisted", "no-manifest", lambda d: d.replace(d.splitlines(True)[2], b""), "does not list the manifest"),
        ("manifest.file-missing", "missing", added(ZEROS + b"  evil\n"), "lists a file that is not there"),
        ("manifest.digest-mismatch", "digest", replaced(sums(kit.make.bagit), ZEROS), "lists another digest"),
        ("manifest.line", "up", added(ZEROS + b"  ../evil\n"), "lists a path that leads up"),
        ("manifest.listed-twice", "twice", added(sums(kit.make.bagit) + b"  bagit.txt\n"), "lists a file twice"),
    ]:
        kit.resealed(rule, "tagmanifest-" + slug, "the tag manifest " + text + ", sealed", TAGS, change)
    first = sums(kit.make.bagit)
    for rule, slug, change, text in [
        ("seal.cover-line", "order", lambda d: b"".join(reversed(d.splitlines(True))), "is in another order"),
        ("seal.cover-line", "crlf", crlf, "has Windows line ends"),
        ("seal.cover-line", "capitals", lambda d: d[:64].upper() + d[64:] if d[:64].upper() != d[:64] else d, "has capitals"),
        ("seal.cover-line", "no-end", lambda d: d[:-1], "has no last line end"),
        ("seal.cover-line", "one-space", replaced(b"  ", b" "), "has one space"),
        ("seal.cover-line", "star", replaced(b"  bagit", b" *bagit"), "has a star"),
        ("seal.cover-line", "escape", replaced(first, b"\\" + first), "has an escape that is not needed"),
        ("seal.cover-line", "empty-line", added(b"\n"), "has an empty line"),
        ("seal.cover-line", "twice", lambda d: d + d.splitlines(True)[-1], "has a line twice"),
        ("seal.cover-line", "comment", added(b"# more\n"), "has a comment"),
        ("manifest.file-unlisted", "unlisted", lambda d: d.replace(d.splitlines(True)[0], b""), "does not list a tag file"),
        ("manifest.file-missing", "missing", added(ZEROS + b"  zzz\n"), "lists a file that is not there"),
        ("manifest.scope", "document", lambda d: insert_sorted(d, ZEROS + b"  data/minutes.txt\n"), "lists a document"),
        ("manifest.scope", "seal", lambda d: insert_sorted(d, ZEROS + b"  seal/salt.txt\n"), "lists the salt"),
        ("manifest.digest-mismatch", "digest", replaced(first, ZEROS), "lists another digest"),
        ("manifest.file-unlisted", "empty", is_(b""), "lists nothing"),
    ]:
        kit.resealed(rule, "cover-" + slug, "the cover " + text + ", sealed", COVER, change)
        if slug in ("digest", "missing", "unlisted", "order"):
            kit.after("seal.cover-mismatch", "cover-" + slug, "the cover " + text + ", not sealed", COVER, change)


def insert_sorted(data, line):
    return b"".join(sorted(data.splitlines(True) + [line], key=lambda one: one[66:]))


def add_texts(kit):
    for rule, slug, change, text in [
        ("bag.version", "0.98", replaced(b"1.0", b"0.98"), "BagIt 0.98"),
        ("bag.version", "2.0", replaced(b"1.0", b"2.0"), "BagIt 2.0"),
        ("bag.declaration", "1", replaced(b"1.0", b"1"), "BagIt 1"),
        ("bag.declaration", "bom", lambda d: b"\xef\xbb\xbf" + d, "a byte order mark"),
        ("bag.declaration", "third-line", added(b"More: x\n"), "a third line"),
        ("bag.declaration", "empty-line", added(b"\n"), "an empty line"),
        ("bag.declaration", "order", lambda d: b"".join(reversed(d.splitlines(True))), "another order"),
        ("bag.declaration", "one-line", lambda d: d.splitlines(True)[0], "one line"),
        ("manifest.line|manifest.file-unlisted", "utf-16", replaced(b"UTF-8", b"UTF-16"), "another encoding than the manifests have"),
        ("bag.encoding", "ebcdic", replaced(b"UTF-8", b"EBCDIC-US"), "an encoding that is not known"),
        ("bag.declaration", "space", replaced(b": 1", b":  1"), "two spaces"),
        ("bag.declaration", "empty", is_(b""), "nothing"),
        ("bag.declaration", "nul", replaced(b"1.0", b"1.0\0"), "a NUL"),
    ]:
        kit.resealed(rule, "bagit-" + slug, "bagit.txt: " + text + ", sealed", BAGIT, change)
    kit.after("manifest.digest-mismatch", "bagit-0.97", "bagit.txt: 0.97, not sealed", BAGIT, replaced(b"1.0", b"0.97"))
    kit.after("manifest.digest-mismatch|bag.version", "bagit-0.98", "bagit.txt: 0.98, not sealed", BAGIT,
              replaced(b"1.0", b"0.98"), code=1)
    oxum = b"Payload-Oxum: "
    for rule, slug, change, text in [
        ("baginfo.oxum", "wrong", replaced(oxum, oxum + b"9"), "another number of bytes"),
        ("baginfo.oxum", "twice", lambda d: d + [one for one in d.splitlines(True) if one.startswith(oxum)][0], "two sums"),
        ("baginfo.oxum", "twice-case", added(b"payload-oxum: 1.1\n"), "a second sum in another case"),
        ("baginfo.oxum", "text", replaced(oxum, oxum + b"about "), "a sum with a text"),
        ("baginfo.oxum", "huge", replaced(oxum, oxum + b"99999999999999999999"), "a sum of more than 64 bits"),
        ("baginfo.oxum", "continued", replaced(oxum, oxum + b"\n "), "a sum on two lines"),
        ("baginfo.line", "no-colon", added(b"hello\n"), "a line without a colon"),
        ("baginfo.line", "no-label", added(b": hello\n"), "a line without a label"),
        ("baginfo.line", "no-space", added(b"Label:value\n"), "a line without a space"),
        ("baginfo.line", "continued", lambda d: b" more\n" + d, "a first line that continues"),
    ]:
        kit.resealed(rule, "info-" + slug, "bag-info.txt: " + text + ", sealed", INFO, change)
    kit.after("manifest.digest-mismatch", "info-label", "bag-info.txt: a label more, not sealed", INFO, added(b"A: b\n"))


# ---- seal.txt ----------------------------------------------------------------------------------


def without_label(label):
    return lambda data: b"".join(l for l in data.splitlines(True) if not l.startswith(label + b":"))


def twice(label):
    return lambda data: b"".join(l * (1 + l.startswith(label + b":")) for l in data.splitlines(True))


def value(label, text):
    def change(data):
        return b"".join(
            label + b": " + text + b"\n" if l.startswith(label + b":") else l for l in data.splitlines(True)
        )

    return change


def syntax(kit):
    labels = [b"Sealbag-Version", b"Bag-Name", b"Sealed", b"Signer", b"Leaves", b"Root", b"Cover"]
    for label in labels:
        yield "no-" + label.decode().lower(), without_label(label), "no line " + label.decode()
        yield "two-" + label.decode().lower(), twice(label), "two lines " + label.decode()
    yield "trailing", added(b"Note: x\n"), "a line more"
    yield "trailing-nul", added(b"\0"), "a NUL behind it"
    yield "trailing-newline", added(b"\n"), "an empty line behind it"
    yield "trailing-text", added(b"x"), "a byte behind it"
    yield "crlf", crlf, "Windows line ends"
    yield "bom", lambda d: b"\xef\xbb\xbf" + d, "a byte order mark"
    yield "no-end", lambda d: d[:-1], "no last line end"
    yield "empty", is_(b""), "nothing"
    yield "order", lambda d: b"".join(d.splitlines(True)[i] for i in (0, 2, 1, 3, 4, 5, 6)), "another order"
    yield "case", replaced(b"Leaves", b"leaves"), "a label in another case"
    yield "space", replaced(b"Leaves: ", b"Leaves:  "), "two spaces"
    yield "space-last", replaced(b"Z\n", b"Z \n"), "a space at a line's end"
    yield "tab", replaced(b"Leaves: ", b"Leaves:\t"), "a tab"
    yield "first-empty", lambda d: b"\n" + d, "an empty line before it"
    yield "version-01", replaced(b"Version: 1", b"Version: 01"), "version 01"
    yield "version-text", replaced(b"Version: 1", b"Version: one"), "version one"
    for time in "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-06-30T23:59:60Z", \
            "1969-12-31T23:59:59Z", "2024-05-06T07:08:09+00:00", "2024-05-06 07:08:09Z", "10000-01-01T00:00:00Z":
        yield "time-" + time.replace(":", ""), value(b"Sealed", time.encode()), "the time " + time
    for leaves in b"06", b"+6", b"-6", b"6.0", b"", b"18446744073709551622":
        yield "leaves-" + leaves.decode(), value(b"Leaves", leaves), "the number of leaves %a" % leaves.decode()
    for label in b"Root", b"Cover":
        name = label.decode()
        yield name.lower() + "-short", value(label, b"0" * 63), name + " of 63 digits"
        yield name.lower() + "-capitals", value(label, b"A" * 64), name + " in capitals"
        yield name.lower() + "-no-hex", value(label, b"g" * 64), name + " that is not hex"
    yield "supersedes-short", added(b"Supersedes: 00\n"), "Supersedes of two digits"
    yield "supersedes-two", added((b"Supersedes: " + ZEROS + b"\n") * 2), "two lines Supersedes"
    yield from signer_lines(kit)


def signer_lines(kit):
    mine = ed25519.fingerprint(kit.maria.public)
    line = b"Signer: " + mine + b"\n"
    others = sorted([mine, ed25519.fingerprint(kit.omar.public)], reverse=True)
    many = sorted({mine, *(b"SHA256:%042dA" % i for i in range(1001))})
    for slug, lines, what in [
        ("twice", line * 2, "one signer twice"),
        ("order", b"".join(b"Signer: " + one + b"\n" for one in others), "signers in another order"),
        ("1002", b"".join(b"Signer: " + one + b"\n" for one in many), "1,002 signers"),
        ("spare-bits", b"Signer: " + mine[:-1] + b"B\n", "spare bits in a fingerprint"),
        ("padding", b"Signer: " + mine + b"=\n", "padding in a fingerprint"),
        ("md5", b"Signer: MD5:" + b"0" * 32 + b"\n", "an MD5 fingerprint"),
        ("name", b"Signer: maria\n", "a name for a fingerprint"),
    ]:
        yield "signer-" + slug, lambda d, lines=lines: d.replace(line, lines), what


def add_seal_text(kit):
    seen = set()
    for slug, change, text in syntax(kit):
        assert slug not in seen
        seen.add(slug)
        rule = "seal.syntax"
        kit.resealed(rule, "seal-" + slug, "seal.txt: " + text + ", signed", SEAL, change)
    for rule, slug, change, text in [
        ("seal.version", "version-2", replaced(b"Version: 1", b"Version: 2"), "a newer version"),
        ("seal.version", "version-large", replaced(b"Version: 1", b"Version: 4294967297"), "version 2^32 and 1"),
        ("seal.root-mismatch", "root", value(b"Root", ZEROS), "another root"),
        ("seal.leaves-mismatch", "leaves-7", value(b"Leaves", b"7"), "7 leaves"),
        ("seal.leaves-mismatch", "leaves-0", value(b"Leaves", b"0"), "no leaves"),
        ("seal.cover-mismatch", "cover", value(b"Cover", ZEROS), "another cover"),
        ("seal.name-mismatch", "name-case", value(b"Bag-Name", b"Sample"), "the name in another case"),
        ("seal.name-mismatch", "name-twin", value(b"Bag-Name", "s\u0430mple".encode()), "a name that looks the same"),
    ]:
        kit.resealed(rule, "seal-" + slug, "seal.txt: " + text + ", signed", SEAL, change)
    for slug, change, text in [
        ("root", value(b"Root", ZEROS), "another root"),
        ("time", value(b"Sealed", b"2020-01-01T00:00:00Z"), "another time"),
        ("supersedes", added(b"Supersedes: " + ZEROS + b"\n"), "it supersedes another"),
        ("name", value(b"Bag-Name", b"other"), "another name"),
        ("leaves", value(b"Leaves", b"5"), "another number of leaves"),
        ("signer", value(b"Signer", ed25519.fingerprint(kit.omar.public)), "another signer"),
    ]:
        kit.after("seal.bad-signature", "seal-" + slug, "seal.txt: " + text + ", not signed", SEAL, change)
    documents = kit.make.documents
    less = bags.root(documents[1:], bytes.fromhex(kit.make.salt[:64].decode()))
    kit.bag("seal.root-mismatch", "root-of-less", "the root of fewer documents, signed", kit.make.sealed(root=less))
    unsalted = bags.root(documents, bytes(32))
    kit.bag("seal.root-mismatch", "root-of-zero-salt", "the root with another salt, signed", kit.make.sealed(root=unsalted))
    named = [ed25519.fingerprint(kit.omar.public)]
    kit.bag("seal.signer-missing", "signer-more", "a signer more who has not signed", kit.make.sealed(signers=named))
    many = [b"SHA256:%042dA" % i for i in range(999)]
    kit.bag("seal.signer-missing", "signers-1000", "1,000 signers, one of whom has signed", kit.make.sealed(signers=many))
    for rule, slug, change, text in [
        ("seal.salt", "capitals", is_(b"A" * 64 + b"\n"), "in capitals"),
        ("seal.salt", "short", lambda d: d[2:], "of 62 digits"),
        ("seal.salt", "long", lambda d: b"00" + d, "of 66 digits"),
        ("seal.salt", "crlf", crlf, "with a Windows line end"),
        ("seal.salt", "no-end", lambda d: d[:-1], "without a line end"),
        ("seal.salt", "second-line", added(ZEROS + b"\n"), "with a second line"),
        ("seal.salt", "space", lambda d: b" " + d[:63] + b"\n", "with a space"),
    ]:
        salted = bags.Maker(kit.good, kit.maria)
        fixed = bags.root(documents, bytes(32))
        kit.bag(rule, "salt-" + slug, "a salt " + text + ", signed", salted.sealed(parts={SALT: change}, root=fixed))
    kit.after("seal.cover-mismatch", "salt", "another salt, not signed", SALT, is_(b"1" * 64 + b"\n"))


def add_index(kit):
    """Few, since test_index_*.sh is about them."""
    tar = kit.tar()
    whole, place = tar.indexed()
    makers = {"gz": containers.gz, "zst": containers.zst}
    for kind, make in makers.items():
        for slug, wrong in [("none", None), ("first", 512), ("seal", place - 2048), ("behind", len(whole)), ("2-63", 1 << 63)]:
            kit.add("container.pointer", "to-" + slug, "a pointer to elsewhere: " + slug, make(whole, wrong))
        kit.add("container.pointer", "no-index", "a pointer and no index", make(tar.bytes(), place))
        lines = b"offset\tsize\tpath\n0\t55\tbagit.txt\n"
        kit.add("seal.index-mismatch", "short", "an index of one line", make(tar.with_index(lines), place))
        kit.add("seal.index-mismatch", "empty", "an index of nothing", make(tar.with_index(b""), place))
    hidden = kit.tar(kit.other).indexed()
    documents = kit.make.documents + [(b"data/inner.tar", hidden[0])]
    outer = kit.tar(kit.make.sealed(documents))
    bytes_, _ = outer.indexed()
    inner = sum(len(raw) for path, raw, _ in outer.entries[: outer.at(b"data/inner.tar")]) + 512
    for kind, make in makers.items():
        file = make(bytes_, inner + hidden[1])
        kit.add("container.pointer", "into-document", "a pointer into a sealed tar that is a document", file)


def add_all(kit):
    kit.group = "seal"
    add_missing(kit)
    add_seal_manifest(kit)
    add_extra(kit)
    add_elsewhere(kit)
    add_manifests(kit)
    add_tags(kit)
    add_texts(kit)
    add_seal_text(kit)
    add_index(kit)
