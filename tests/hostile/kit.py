"""What all cases are made with: the good bag, the keys, and the list of what is expected."""
import os

import bags
import containers
import ed25519
import tars


def rules(findings):
    """The exit code of each rule, as the documentation's table says."""
    codes = {}
    with open(findings, encoding="utf-8") as table:
        for line in table:
            fields = [field.strip(" `") for field in line.split("|")]
            if len(fields) > 4 and fields[3].isdigit():
                codes.setdefault(fields[1], int(fields[3]))
    return codes


class Kit:
    def __init__(self, good, other, keys, watched, findings, out):
        self.good, self.other = read_bundle(good), read_bundle(other)
        self.maria = ed25519.Key(os.path.join(keys, "maria"))
        self.omar = ed25519.Key(os.path.join(keys, "omar"))
        self.stranger = ed25519.Key(os.path.join(keys, "stranger"))
        self.make = bags.Maker(self.good, self.maria)
        self.watched = os.fsencode(watched)
        self.codes = rules(findings)
        self.out, self.group = out, ""
        self.names = set()
        self.list = open(os.path.join(out, "cases.tsv"), "w", encoding="utf-8")

    def add(self, rule, slug, text, data, code=None, flags=""):
        """A case: the bundle, and what must be said of it. Of several rules (a|b) one is enough, where
        the specification does not say which; the code is the rule's, unless another is given."""
        first = rule.split("|")[0]
        if code is None:
            code = self.codes[first]
        kind = "zst" if data[:1] == b"\x28" else "gz"
        name = "%s--%s.tar.%s" % (first, slug, kind)
        if name in self.names:
            raise SystemExit("Two cases are called " + name)
        self.names.add(name)
        with open(os.path.join(self.out, name), "wb") as file:
            file.write(data)
        fields = (name, self.group + flags, code, rule, text)
        self.list.write("%s\t%s\t%d\t%s\t%s\n" % fields)

    def tar(self, files=None, bag=b"sample", end=bytes(1024)):
        return tars.Tar(bag, self.good if files is None else files, end)

    def gz(self, tar):
        return containers.gz(*tar.indexed())

    def zst(self, tar):
        return containers.zst(*tar.indexed())

    def foreign(self, tar):
        return containers.foreign(tar.bytes())

    def bag(self, rule, slug, text, files, bag=b"sample", **more):
        """A case of these files in sealbag's own kind of gzip."""
        self.add(rule, slug, text, self.gz(self.tar(files, bag)), **more)

    def resealed(self, rule, slug, text, path, change, **more):
        """One part altered, everything after it made to fit, and signed by the trusted key."""
        self.bag(rule, slug, text, self.make.sealed(parts={path: change}), **more)

    def after(self, rule, slug, text, path, change, **more):
        """One part altered after it was signed."""
        self.bag(rule, slug, text, bags.altered(self.good, path, change), **more)


def read_bundle(name):
    """The files of a small gzip bundle but its index."""
    import zlib

    with open(name, "rb") as file:
        data = file.read()
    tar = b""
    while data:
        inflater = zlib.decompressobj(31)
        tar += inflater.decompress(data)
        data = inflater.unused_data
    return [(p, d) for p, d in tar_files(tar) if p != tars.INDEX]


def tar_files(tar):
    at, path, files = 0, None, []
    while tar[at]:
        size = int(tar[at + 124 : at + 135], 8)
        content = tar[at + 512 : at + 512 + size]
        if tar[at + 156 : at + 157] == b"x":
            path = content.partition(b"path=")[2].partition(b"\n")[0]
        else:
            name = path or tar[at : at + 100].rstrip(b"\0")
            files.append((name.partition(b"/")[2], content))
            path = None
        at += 512 + size + len(tars.fill(size))
    return files
