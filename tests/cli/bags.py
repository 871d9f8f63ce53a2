"""Makes the bags of a table, and compares what verify says of them with what the table says.

  bags.py make TABLE FOLDER     FOLDER/NUMBER.tar.gz for each row, and a .zip for each fourth
  bags.py judge TABLE VERDICTS  a line for each row and container: ok or wrong, a tab, a sentence, a tab, why

VERDICTS is what `sealbag verify --json` says of these files. tests/vectors/bags.tsv says what the columns are.
It needs nothing but python3-minimal, which has no JSON: there is a small reader of it here.
"""
import hashlib
import os
import re
import struct
import sys
import zlib

import rezip

ALWAYS = "seal.none"  # nobody sealed any of these bags


class Wrong(Exception):
    pass


def unescape(text):
    """\\n, \\r, \\t, \\s (space), \\xHH (a byte) and \\uHHHH, and bytes for what is left."""
    simple = {"n": b"\n", "r": b"\r", "t": b"\t", "s": b" "}

    def one(match):
        if match.group(1):
            return simple[match.group(1).decode()]
        if match.group(2):
            return bytes([int(match.group(2), 16)])
        return chr(int(match.group(3), 16)).encode()

    return re.sub(rb"\\(?:([nrts])|x([0-9a-f]{2})|u([0-9a-f]{4}))", one, text.encode())


def rows(table):
    with open(table, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            cells = line.split("\t")
            if len(cells) != 6:
                raise Wrong(f"line {number} of {table} has {len(cells)} columns")
            yield cells


def digest(algorithm, data):
    return hashlib.new(algorithm, data).hexdigest().encode()


class Bag:
    """The files of a bag, and how its manifests are made. A path is bytes, in UTF-8."""

    def __init__(self):
        self.files = {
            b"bag-info.txt": b"Source-Organization: Archive\n",
            b"data/a.txt": b"The minutes.\n",
            b"data/b.txt": b"A letter.\n",
        }
        self.version = "1.0"
        self.encoding = ("UTF-8", "utf-8", b"")
        self.algorithms = self.tag_algorithms = ["sha256"]
        self.folders = []
        self.twice = []

    def edit(self, steps):
        for step in steps.split("; ") if steps != "-" else []:
            word, _, rest = step.partition(" ")
            getattr(self, "do_" + word.replace("-", "_"))(rest)

    # Edits of how it is made.

    def do_version(self, rest):
        self.version = rest

    def do_encoding(self, rest):
        """NAME CODEC [MARK]"""
        name, codec, *mark = rest.split(" ")
        self.encoding = (name, codec, unescape(mark[0]) if mark else b"")

    def do_manifests(self, rest):
        self.algorithms = rest.split() if rest != "none" else []

    def do_tags(self, rest):
        self.tag_algorithms = rest.split() if rest != "none" else []

    def do_folder(self, rest):
        self.folders.append(unescape(rest))

    def do_twice(self, rest):
        """PATH=CONTENT: one more entry of that path"""
        path, _, content = rest.partition("=")
        self.twice.append((unescape(path), self.filled(content)))

    # Edits of files.

    def filled(self, text):
        """{sha256:PATH} is a digest, {64*x} many of them."""
        text = re.sub(
            rb"\{([a-z0-9]+):([^}]+)\}",
            lambda match: digest(match.group(1).decode(), self.files[match.group(2)]),
            unescape(text),
        )
        return re.sub(rb"\{(\d+)\*(.)\}", lambda match: match.group(2) * int(match.group(1)), text)

    def do_put(self, rest):
        """FILE=CONTENT"""
        path, _, content = rest.partition("=")
        self.files[unescape(path)] = self.filled(content)

    def do_copy(self, rest):
        """FROM TO"""
        old, new = rest.split(" ")
        self.files[unescape(new)] = self.files[unescape(old)]

    def do_add(self, rest):
        path, _, content = rest.partition("=")
        path = unescape(path)
        self.files[path] = self.files.get(path, b"") + self.filled(content)

    def do_before(self, rest):
        path, _, content = rest.partition("=")
        self.files[unescape(path)] = self.filled(content) + self.files[unescape(path)]

    def do_remove(self, rest):
        del self.files[unescape(rest)]

    def do_change(self, rest):
        """FILE=OLD=>NEW, everywhere"""
        path, _, rest = rest.partition("=")
        old, _, new = rest.partition("=>")
        path = unescape(path)
        if unescape(old) not in self.files[path]:
            raise Wrong(f"there is no {old} in {path}")
        self.files[path] = self.files[path].replace(unescape(old), self.filled(new))

    def do_upper(self, rest):
        """The digests of a manifest in upper case."""
        self.files[unescape(rest)] = re.sub(
            rb"(?m)^[0-9a-f]+", lambda match: match.group().upper(), self.files[unescape(rest)]
        )

    def do_unlist(self, rest):
        """MANIFEST PATH: without its line"""
        manifest, path = map(unescape, rest.split(" "))
        lines = self.files[manifest].split(b"\n")
        kept = [line for line in lines if not line.endswith(b"  " + path)]
        if len(kept) == len(lines):
            raise Wrong(f"{path} is not in {manifest}")
        self.files[manifest] = b"\n".join(kept)

    # How it is made.

    def listed(self, path):
        if self.version != "1.0":
            return path
        return path.replace(b"%", b"%25").replace(b"\n", b"%0A").replace(b"\r", b"%0D")

    def list(self, prefix, algorithms, paths):
        for algorithm in algorithms:
            self.files[f"{prefix}-{algorithm}.txt".encode()] = b"".join(
                digest(algorithm, self.files[path]) + b"  " + self.listed(path) + b"\n" for path in paths
            )

    def encode(self):
        name, codec, mark = self.encoding
        for path in self.files:
            if not path.startswith(b"data/") and codec != "utf-8":
                self.files[path] = mark + self.files[path].decode().encode(codec)
        if b"bagit.txt" not in self.files:
            self.files[b"bagit.txt"] = (
                f"BagIt-Version: {self.version}\nTag-File-Character-Encoding: {name}\n".encode()
            )

    def make(self, before, between, after):
        self.edit(before)
        documents = sorted(path for path in self.files if path.startswith(b"data/"))
        self.list("manifest", self.algorithms, documents)
        self.edit(between)
        self.encode()
        tags = sorted(path for path in self.files if not path.startswith(b"data/"))
        self.list("tagmanifest", self.tag_algorithms, tags)
        if self.encoding[1] != "utf-8":
            for algorithm in self.tag_algorithms:
                path = f"tagmanifest-{algorithm}.txt".encode()
                self.files[path] = self.encoding[2] + self.files[path].decode().encode(self.encoding[1])
        self.edit(after)


def entries_of(bag):
    return [(path + b"/", b"") for path in bag.folders] + sorted(bag.files.items()) + bag.twice


def tar(bag):
    out = b""
    for path, data in entries_of(bag):
        path = b"bag/" + path
        if len(path) > 100:
            raise Wrong("a path is too long for this tar")
        kind = b"5" if path.endswith(b"/") else b"0"
        head = struct.pack(
            "100s8s8s8s12s12s8s1s100s8s", path, b"0000644\0", b"0000000\0", b"0000000\0",
            b"%011o\0" % len(data), b"00000000000\0", b" " * 8, kind, b"", b"ustar\x0000",
        ).ljust(512, b"\0")
        head = head[:148] + b"%06o\0 " % sum(head) + head[156:]
        out += head + data + bytes(-len(data) % 512)
    return out + bytes(1024)


def gzip(data):
    deflate = zlib.compressobj(6, zlib.DEFLATED, 31)
    return deflate.compress(data) + deflate.flush()


def zipped(bag):
    files = [rezip.File("bag/" + path.decode(), data) for path, data in entries_of(bag)]
    return rezip.Zip(files).bytes()


def endings(number):
    return ("tar.gz", "zip") if number % 4 == 0 else ("tar.gz",)


def make(table, folder):
    for number, (sentence, before, between, after, _, _) in enumerate(rows(table)):
        bag = Bag()
        try:
            bag.make(before, between, after)
            made = {"tar.gz": gzip(tar(bag))}
            if "zip" in endings(number):
                made["zip"] = zipped(bag)
        except (Wrong, KeyError, AttributeError, ValueError) as error:
            raise Wrong(f"{sentence}: {error!r}")
        for ending, content in made.items():
            with open(os.path.join(folder, f"{number:03}.{ending}"), "wb") as file:
                file.write(content)


# ---- what verify said ------------------------------------------------------------------------


def read_json(text):
    """The one value in `text`; whatever is not JSON as sealbag writes it is an error."""
    token = re.compile(r'\s*([{}\[\],:]|"(?:[^"\\\x00-\x1f]|\\.)*"|-?\d+|true|false|null)')
    words, at = [], 0
    while at < len(text.rstrip()):
        match = token.match(text, at)
        if match is None:
            raise Wrong(f"no JSON at byte {at}")
        words.append(match.group(1))
        at = match.end()
    words.reverse()

    def string(word):
        named = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
        pair = re.sub(
            r"\\(u[0-9a-f]{4}|.)",
            lambda match: chr(int(match.group(1)[1:], 16)) if len(match.group(1)) > 1
            else named.get(match.group(1), match.group(1)),
            word[1:-1],
        )
        return pair

    def value():
        word = words.pop()
        if word == "{":
            out = {}
            while words[-1] != "}":
                key = string(words.pop())
                if words.pop() != ":":
                    raise Wrong("no colon")
                out[key] = value()
                if words[-1] == ",":
                    words.pop()
            words.pop()
            return out
        if word == "[":
            out = []
            while words[-1] != "]":
                out.append(value())
                if words[-1] == ",":
                    words.pop()
            words.pop()
            return out
        if word[0] == '"':
            return string(word)
        return {"true": True, "false": False, "null": None}[word] if word[0] in "tfn" else int(word)

    return value()


def not_plain(finding):
    """Why what it says is not a plain sentence, if it is not."""
    sentence = finding["sentence"]
    if not sentence.endswith(".") or not sentence[:1].strip():
        return "is no sentence"
    if any(ord(c) < 32 or ord(c) == 127 for c in sentence):
        return "holds a control character"
    if "  " in sentence or "%s" in sentence or "(null)" in sentence or len(sentence) > 700:
        return "is not well formed"
    return None


def compare(wanted_code, wanted, verdict):
    found, others = [], []
    for finding in verdict["findings"]:
        why = not_plain(finding)
        if why is not None:
            return f"[{finding['rule']}] {why}: {finding['sentence']!r}"
        if finding["rule"] == ALWAYS:
            others.append(finding)
        else:
            found.append(finding["rule"] + ("@" + finding["path"] if finding["path"] else ""))
    if verdict["exit"] != wanted_code:
        return f"the exit code is {verdict['exit']}, not {wanted_code}; findings: {found}"
    if wanted_code == 4 and not others:
        return "it does not say that nobody sealed it"
    if sorted(found) != sorted(wanted):
        return f"it finds {sorted(found)}, not {sorted(wanted)}"
    return None


def judge(table, verdicts):
    with open(verdicts, encoding="utf-8") as file:
        said = {os.path.basename(one["bundle"]): one for one in read_json(file.read())["verdicts"]}
    for number, (sentence, *_, code, findings) in enumerate(rows(table)):
        wanted = [unescape(one).decode() for one in findings.split() if one != "-"]
        for ending in endings(number):
            verdict = said.get(f"{number:03}.{ending}")
            why = "there is no verdict" if verdict is None else compare(int(code), wanted, verdict)
            print("wrong" if why else "ok", f"{sentence} ({ending})", ascii(why) if why else "", sep="\t")


if __name__ == "__main__":
    try:
        {"make": make, "judge": judge}[sys.argv[1]](*sys.argv[2:])
    except Wrong as error:
        sys.exit(f"bags.py: {error}")
