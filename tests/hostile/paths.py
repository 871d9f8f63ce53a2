"""Paths that lead elsewhere, occur twice, or show what is not there."""
import bags
import tars

EVIL = b"evil\n"


def raw_paths(kit):
    """Slug, rule, path in the tar, what it is."""
    up = b"../" * 12
    unsafe = [
        ("absolute", kit.watched + b"/evil", "an absolute path"),
        ("absolute-two-slashes", b"/" + kit.watched + b"/evil", "an absolute path with two slashes"),
        ("absolute-proc", b"/proc/self/cwd/evil", "an absolute path through /proc"),
        ("up", b"../evil", "a path that leads up"),
        ("up-far", up + kit.watched[1:] + b"/evil", "a path that leads to the root and down again"),
        ("up-inside", b"sample/../../evil", "a path that leads up behind the bag's name"),
        ("up-deep", b"sample/data/letters/../../../../evil", "a path that leads up from within"),
        ("up-and-back", b"sample/data/../data/evil", "a path that leads up and back"),
        ("up-last", b"sample/data/..", "a path that ends in .."),
        ("up-alone", b"..", "the path .."),
        ("dot-alone", b".", "the path ."),
        ("dot-first", b"./sample/data/evil", "a path that begins with ./"),
        ("dot-inside", b"sample/./data/evil", "a path with a part ."),
        ("dot-last", b"sample/data/.", "a path that ends in /."),
        ("empty", b"", "an empty path"),
        ("empty-part", b"sample//data/evil", "a path with an empty part"),
        ("empty-parts", b"sample/data///evil", "a path with two empty parts"),
        ("backslash", b"sample\\data\\evil", "backslashes for slashes"),
        ("backslash-up", b"sample/data/..\\..\\..\\evil", "a path that leads up on Windows"),
        ("backslash-drive", b"C:\\evil", "a path with a drive letter"),
        ("backslash-server", b"\\\\server\\share\\evil", "a path on a Windows server"),
        ("latin-1", b"sample/data/caf\xe9", "a name in Latin-1"),
        ("utf-8-cut", b"sample/data/caf\xc3", "UTF-8 that ends early"),
        ("utf-8-long-slash", b"sample/data/..\xc0\xaf..\xc0\xafevil", "a slash as overlong UTF-8"),
        ("utf-8-long-dot", b"sample/data/\xc0\xae\xc0\xae/evil", "dots as overlong UTF-8"),
        ("utf-8-surrogate", b"sample/data/\xed\xa0\x80", "a surrogate in UTF-8"),
        ("utf-8-too-large", b"sample/data/\xf4\x90\x80\x80", "a character after the last one"),
        ("utf-16", b"\xff\xfes\0a\0m\0p\0l\0e\0", "UTF-16"),
        ("tag-characters", b"sample/data/evil\xf3\xa0\x81\xa1", "a name with a tag character"),
    ]
    for slug, path, text in unsafe:
        yield slug, "path.unsafe", path, text
    yield "drive-slash", "path.outside-bag", b"C:/evil", "a drive letter as a folder"
    yield "drive-relative", "path.outside-bag", b"C:evil", "a drive letter before a name"
    yield "home", "path.outside-bag", b"~/evil", "a path in the home folder"
    yield "beside", "path.outside-bag", b"other/evil", "a second top-level folder"
    yield "top", "path.outside-bag", b"evil", "a file beside the bag's folder"
    yield "prefix-of-name", "path.outside-bag", b"sample2/data/evil", "a folder whose name goes on"
    yield "other-case", "path.outside-bag", b"Sample/data/evil", "the bag's name in another case"


def long_paths(kit):
    name = b"sample/data/"
    part = b"n" * 200 + b"/"
    yield "component-256", name + b"n" * 256, "a component of 256 bytes"
    yield "component-60000", name + b"n" * 60000, "a component of 60,000 bytes"
    yield "path-4001", name + part * 19 + b"n" * (4001 - 12 - 201 * 19), "a path of 4,001 bytes"
    yield "depth-257", name + b"d/" * 254 + b"x", "257 components"
    yield "depth-2000", name + b"d/" * 1990 + b"x", "a path of nearly 2,000 components"


def add_raw(kit):
    """As an entry that the tar holds besides, in each of the forms in which a tar states a path."""
    for slug, rule, path, text in raw_paths(kit):
        raw = tars.entry(path, EVIL)
        kit.add(rule, slug, text, kit.foreign(kit.tar().insert(raw)))
        if slug in ("absolute", "up", "up-inside", "dot-inside", "backslash-up", "latin-1", "beside"):
            named = kit.tar().insert(raw)
            kit.add(rule, slug + "-own", text + ", in sealbag's own gzip", kit.gz(named))
            kit.add(rule, slug + "-own", text + ", in zstd", kit.zst(named))
            extended = tars.pax((b"path", path)) + tars.entry(b"file", EVIL)
            kit.add(rule, slug + "-pax", text + ", in a pax header", kit.foreign(kit.tar().insert(extended)))
            long_ = tars.long_name(path) + tars.gnu_header(b"file", len(EVIL)) + EVIL + tars.fill(5)
            kit.add(rule, slug + "-gnu", text + ", as a GNU long name", kit.foreign(kit.tar().insert(long_)))
            folder = tars.entry(path + b"/", kind=b"5")
            kit.add(rule, slug + "-folder", text + ", as a folder", kit.foreign(kit.tar().insert(folder)))
            first = kit.tar().insert(raw, b"bagit.txt")
            kit.add(rule, slug + "-first", text + ", as the first entry", kit.foreign(first))
    for slug, path, text in long_paths(kit):
        raw = tars.pax((b"path", path)) + tars.entry(b"file", EVIL)
        kit.add("path.unsafe", slug, text, kit.foreign(kit.tar().insert(raw)))
    raw = tars.entry(b"evil", EVIL, prefix=kit.watched[:155])
    kit.add("path.unsafe", "prefix-absolute", "an absolute prefix", kit.foreign(kit.tar().insert(raw)))
    raw = tars.entry(b"evil", EVIL, prefix=b"sample/data/../../..")
    kit.add("path.unsafe", "prefix-up", "a prefix that leads up", kit.foreign(kit.tar().insert(raw)))
    raw = tars.entry(b"/evil", EVIL, prefix=b"sample/data")
    kit.add("path.unsafe", "prefix-slash", "a slash after the prefix", kit.foreign(kit.tar().insert(raw)))


def add_spellings(kit):
    """Everything is listed and signed; only the tar spells one path in another way."""
    path = b"data/minutes.txt"
    data = dict(kit.good)[path]
    for slug, spelled, rule in [
        ("spelled-dot", b"./sample/data/minutes.txt", "path.unsafe"),
        ("spelled-dot-inside", b"sample/./data/minutes.txt", "path.unsafe"),
        ("spelled-slashes", b"sample//data/minutes.txt", "path.unsafe"),
        ("spelled-absolute", b"/sample/data/minutes.txt", "path.unsafe"),
        ("spelled-up", b"sample/data/letters/../minutes.txt", "path.unsafe"),
        ("spelled-up-first", b"../sample/data/minutes.txt", "path.unsafe"),
        ("spelled-backslash", b"sample/data\\minutes.txt", "path.unsafe"),
        ("spelled-slash-last", b"sample/data/minutes.txt/", "tar.type"),
        ("spelled-case", b"sample/data/MINUTES.TXT", "manifest.file-missing"),
        ("spelled-space", b"sample/data/minutes.txt ", "manifest.file-missing"),
        ("spelled-folder-case", b"sample/Data/minutes.txt", "manifest.file-missing"),
    ]:
        tar = kit.tar().replace(path, tars.entry(spelled, data))
        text = "a listed document is called " + spelled.decode() + " in the tar"
        kit.add(rule, slug, text, kit.foreign(tar))


def add_bag_names(kit):
    for slug, name in [
        ("bag-name-option", b"-rf"),
        ("bag-name-hidden", b".sample"),
        ("bag-name-space", b" sample"),
        ("bag-name-space-last", b"sample "),
        ("bag-name-bidi", "sam\u202eple".encode()),
        ("bag-name-newline", b"sam\nple"),
        ("bag-name-zero-width", "sam\u200bple".encode()),
    ]:
        unsealed = [one for one in kit.good if not one[0].startswith(b"seal/")]
        text = "a bag's name that is no name: %a, not sealed" % name.decode()
        kit.add("path.unsafe", slug, text, kit.foreign(kit.tar(unsealed, name)))
        sealed = kit.make.sealed(name=name)
        kit.bag("seal.syntax|path.unsafe", slug + "-sealed", text[:-12] + ", sealed", sealed, bag=name)


def add_twice(kit):
    path = b"data/minutes.txt"
    data = dict(kit.good)[path]
    same, other = tars.entry(b"sample/" + path, data), tars.entry(b"sample/" + path, b"forged\n")
    for slug, raw, before, text in [
        ("document", same, b"bag-info.txt", "a document twice"),
        ("document-other-after", other, b"bag-info.txt", "another document of the same name after it"),
        ("document-other-before", other, b"bagit.txt", "another document of the same name before it"),
    ]:
        tar = kit.tar().insert(raw, before)
        kit.add("path.duplicate", slug, text, kit.foreign(tar))
        tar = kit.tar().insert(raw, before, path, len(data))
        kit.add("path.duplicate", slug + "-own", text + ", in the index too", kit.gz(tar))
        kit.add("path.duplicate", slug + "-own", text + ", in the index too", kit.zst(tar))
    for path, data in kit.good:
        if not path.startswith(b"data/"):
            slug = "twice-" + path.rpartition(b"/")[2].decode()
            raw = tars.plain(b"sample/" + path, len(data)) + data + tars.fill(len(data))
            text = path.decode() + " twice"
            kit.add("path.duplicate", slug, text, kit.gz(kit.tar().insert(raw, path, path, len(data))))
    folder = tars.entry(b"sample/data/letters/", kind=b"5")
    tar = kit.tar().insert(folder + folder)
    kit.add("", "folder-twice", "a folder twice, which hides nothing", kit.foreign(tar), code=0)
    for slug, raw, text in [
        ("file-as-folder", tars.entry(b"sample/data/minutes.txt/", kind=b"5"), "a document is a folder too"),
        ("folder-as-file", tars.entry(b"sample/data/letters", EVIL), "a folder is a file too"),
        ("below-a-file", tars.entry(b"sample/data/minutes.txt/evil", EVIL), "a file below a document"),
        ("data-as-file", tars.entry(b"sample/data", EVIL), "data/ is a file too"),
        ("bag-as-file", tars.entry(b"sample", EVIL), "the bag's folder is a file too"),
    ]:
        rule = "path.collision|path.duplicate|path.outside-bag"
        kit.add(rule, slug, text, kit.foreign(kit.tar().insert(raw)))
        tar = kit.tar().insert(raw, b"bagit.txt")
        kit.add(rule, slug + "-first", text + ", before it", kit.foreign(tar))
    both = kit.make.documents + [(b"data/a", b"a\n"), (b"data/a/b", b"b\n")]
    kit.bag("path.collision", "a-and-a-b", "a and a/b, both sealed", kit.make.sealed(both))
    empty = tars.entry(b"sample/data/empty folder/", kind=b"5")
    kit.add("folder.empty", "folder", "a folder without a file", kit.foreign(kit.tar().insert(empty)))


def add_twins(kit):
    """Names that some systems take for one are different names (section "Paths")."""
    twins = [
        ("case", b"data/Minutes.TXT", "case"),
        ("unicode", "data/photos/bu\u0308ro.jpg".encode(), "Unicode form"),
        ("folder-case", b"data/LETTERS/first.txt", "case of a folder"),
    ]
    for slug, path, what in twins:
        text = "two names that differ only in the " + what
        documents = kit.make.documents + [(path, b"the twin\n")]
        kit.bag("path.twin", "twins-" + slug, text + ", both sealed", kit.make.sealed(documents), code=0)
        raw = tars.plain(b"sample/" + path, len(EVIL)) + EVIL + tars.fill(len(EVIL))
        text += ", one of them unlisted"
        kit.add("manifest.file-unlisted", "twin-" + slug, text, kit.foreign(kit.tar().insert(raw)))


def add_windows(kit):
    for slug, name in [
        ("device", b"CON"),
        ("device-dot", b"aux.txt"),
        ("device-folder", b"com1/file"),
        ("stream", b"a.txt:hidden"),
        ("drive", b"C:/evil"),
        ("dot-last", b"evil.exe."),
        ("space-last", b"evil.exe "),
        ("star", b"*"),
    ]:
        documents = kit.make.documents + [(b"data/" + name, EVIL)]
        text = "a sealed name that Windows cannot create: " + name.decode()
        kit.bag("path.not-portable", "windows-" + slug, text, kit.make.sealed(documents))


def add_all(kit):
    kit.group = "path"
    add_raw(kit)
    add_spellings(kit)
    add_bag_names(kit)
    add_twice(kit)
    add_twins(kit)
    add_windows(kit)
