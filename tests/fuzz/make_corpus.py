"""Makes the corpora of the fuzz targets: make_corpus.py FOLDER

FOLDER/<target>/ gets good inputs, made with the sealbag program that the variable SEALBAG names,
altered ones, and the inputs of regressions/<target>/ that once made a target fail (a file that
ends in .hex holds its bytes as hex digits). The same program makes the same corpora each time.

It needs nothing but python3-minimal.
"""
import binascii
import hashlib
import os
import re
import struct
import subprocess
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
sys.dont_write_bytecode = True
import privacy_files  # noqa: E402
import reframe  # noqa: E402
import rezip  # noqa: E402

SEALBAG = os.environ["SEALBAG"]
SOURCE = os.environ.get("SEALBAG_SOURCE", os.path.join(HERE, "..", ".."))
TIME = "2024-05-06T07:08:09Z"
# Two keys that everybody knows: the seed, and the public key that follows from it.
KEYS = {
    "maria": (b"\x11" * 32, "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737"),
    "jose": (b"\x22" * 32, "a09aa5f47a6759802ff955f8dc2d2a14a5c99d23be97f864127ff9383455a4f0"),
}
KEY_ID = bytes.fromhex("45e7010203040506")
INPUT_MAX = 256 << 10


def b64(data):
    return binascii.b2a_base64(data, newline=False)


# ---- writing -------------------------------------------------------------------------------


class Random:
    """The same numbers each time, and in every version of Python."""

    def __init__(self, seed):
        self.state = int.from_bytes(hashlib.sha256(seed).digest()[:8], "little") | 1

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self.state >> 33) % limit


def altered(data, random):
    """One change of a kind that files really suffer."""
    if not data:
        return b"\0"
    at = random.below(len(data))
    n = 1 + random.below(min(64, len(data)))
    kind = random.below(6)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ 1 << random.below(8)]) + data[at + 1 :]
    if kind == 1:
        return data[:at]
    if kind == 2:
        return data[:at] + data[at + n :]
    if kind == 3:
        return data[:at] + data[at : at + n] + data[at:]
    if kind == 4:
        return data[:at] + bytes([random.below(256)]) + data[at:]
    return data[:at] + b"0123456789"[random.below(10) :][:1] + data[at + 1 :]


class Corpus:
    def __init__(self, folder):
        self.folder = folder

    def put(self, target, name, data, mutants=4):
        os.makedirs(os.path.join(self.folder, target), exist_ok=True)
        random = Random(b"%s/%s" % (target.encode(), name.encode()))
        for i in range(mutants + 1):
            if len(data) <= INPUT_MAX:
                ending = "-%d" % i if i > 0 else ""
                reframe.save(os.path.join(self.folder, target, name + ending), data)
            data = altered(data, random)


# ---- keys and signatures -------------------------------------------------------------------


def key_files(name):
    seed, public = KEYS[name]
    public = bytes.fromhex(public)
    secret = b"Ed\0\0B2" + bytes(48) + KEY_ID + seed + public + bytes(32)
    return (
        b"untrusted comment: minisign secret key\n" + b64(secret) + b"\n",
        b"untrusted comment: a key\n" + b64(b"Ed" + KEY_ID + public) + b"\n",
    )


def ssh_blob(kind, *parts):
    return b"".join(struct.pack(">I", len(part)) + part for part in (kind,) + parts)


def ssh_public(name, kind=b"ssh-ed25519"):
    return kind + b" " + b64(ssh_blob(kind, bytes.fromhex(KEYS[name][1])))


def ssh_signature(name_space, digest=b"sha512", columns=70):
    key = ssh_blob(b"ssh-ed25519", bytes.fromhex(KEYS["maria"][1]))
    fields = ssh_blob(key, name_space, b"", digest, ssh_blob(b"ssh-ed25519", b"\x33" * 64))
    return armor(b64(b"SSHSIG\0\0\0\1" + fields), columns)


def armor(text, columns):
    lines = [text[i : i + columns] for i in range(0, len(text), columns)]
    begin, end = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
    return b"\n".join([begin] + lines + [end, b""])


def fido_blob(name, application=b"ssh:"):
    return ssh_blob(b"sk-ssh-ed25519@openssh.com", bytes.fromhex(KEYS[name][1]), application)


def fido_signature():
    signature = ssh_blob(b"sk-ssh-ed25519@openssh.com", b"\x33" * 64) + b"\1\0\0\0\7"
    fields = ssh_blob(fido_blob("maria"), b"seal@sealbag", b"", b"sha512", signature)
    return armor(b64(b"SSHSIG\0\0\0\1" + fields), 70), signature


def ssh_private(blob, cipher=b"none", end=b""):
    """The public half is looked at only."""
    fields = ssh_blob(cipher, b"none", b"") + struct.pack(">I", 1) + ssh_blob(blob, bytes(64))
    text = b64(b"openssh-key-v1\0" + fields + end)
    return armor(text, 70).replace(b"SSH SIGNATURE", b"OPENSSH PRIVATE KEY")


def put_agent(corpus):
    """The first byte says what the answer is taken for."""
    plain = ssh_blob(b"ssh-ed25519", bytes.fromhex(KEYS["jose"][1]))
    rsa = ssh_blob(b"ssh-rsa", b"\1\0\1", b"\0" * 40)
    keys = ssh_blob(plain, b"a comment", fido_blob("maria"), b"", rsa, b"rsa")
    corpus.put("agent", "keys", b"\0\x0c\0\0\0\3" + keys, 16)
    corpus.put("agent", "no-keys", b"\0\x0c\0\0\0\0")
    corpus.put("agent", "locked", b"\0\5")
    corpus.put("agent", "plain", b"\1\x0e" + ssh_blob(ssh_blob(b"ssh-ed25519", b"\x33" * 64)), 16)
    corpus.put("agent", "fido", b"\2\x0e" + ssh_blob(fido_signature()[1]), 16)
    corpus.put("agent", "refused", b"\2\5")


def put_keys(corpus):
    secret, public = key_files("maria")
    locked = b"EdScB2" + bytes(32) + struct.pack("<QQ", 1 << 25, 1 << 30) + b"\x44" * 104
    corpus.put("minisign", "secret", secret)
    corpus.put("minisign", "locked", b"untrusted comment: x\n" + b64(locked) + b"\n")
    corpus.put("minisign", "public", public)
    corpus.put("minisign", "crlf", public.replace(b"\n", b"\r\n"))
    corpus.put("minisign", "no-end", public[:-1])
    corpus.put("sshkey", "minisign", public)
    for name, line in (
        ("plain", ssh_public("maria")),
        ("comment", ssh_public("jose") + b" jose@example.org\n"),
        ("crlf", ssh_public("jose") + b" a b\r\n"),
        ("other", ssh_public("jose", b"ssh-rsa") + b"\n"),
        ("fido", b"sk-ssh-ed25519@openssh.com " + b64(fido_blob("maria")) + b" desk\n"),
    ):
        corpus.put("sshkey", name, line)
    corpus.put("sshkey", "private", ssh_private(ssh_blob(b"ssh-ed25519", bytes(32))), 16)
    corpus.put("sshkey", "locked", ssh_private(fido_blob("jose"), b"aes256-gcm", bytes(16)), 16)
    corpus.put("sshkey", "rsa-private", ssh_private(ssh_blob(b"ssh-rsa", b"\1\0\1")))
    corpus.put("sshsig", "seal", ssh_signature(b"seal@sealbag"))
    corpus.put("sshsig", "sha256", ssh_signature(b"seal@sealbag", b"sha256", 76))
    corpus.put("sshsig", "crlf", ssh_signature(b"unittest").replace(b"\n", b"\r\n"))
    corpus.put("sshsig", "fido", fido_signature()[0], 16)
    put_agent(corpus)
    put_trust(corpus)


def put_trust(corpus):
    maria, jose = ssh_public("maria"), ssh_public("jose")
    rsa = ssh_public("jose", b"ssh-rsa")
    stores = {
        "one": b"maria " + maria + b"\n",
        "namespace": b'maria namespaces="seal@sealbag" ' + maria + b" comment\n",
        "names": b'maria,m\xc3\xa4ria namespaces="git,seal@sealbag" ' + maria + b"\nmaria " + jose,
        "others": b"# a comment\n\n  maria " + rsa + b'\njose namespaces="git" ' + jose + b"\n",
        "fido": b"maria sk-ssh-ed25519@openssh.com " + b64(fido_blob("maria")) + b"\n",
        "authority": b"maria cert-authority " + maria + b"\n",
        "pattern": b"*@example.org " + maria + b"\n",
        "tab": b"maria\t" + maria + b"\n",
        "crlf": b"maria " + maria + b"\r\n",
        "dates": b'maria valid-before="20300101Z",namespaces="!git,*@seal?ag",'
        b'valid-after="202001011230Z" ' + maria + b"\n",
        "local": b'maria valid-after="20200101" ' + maria + b"\n",
        "backwards": b'maria valid-after="20200101Z",valid-before="20190101000001Z" ' + maria + b"\n",
    }
    for name, text in stores.items():
        corpus.put("allowed_signers", name, text)
    on, since = b" revoked=2026-11-25T10:00:00Z", b" since=2026-01-01T00:00:00Z"
    revoked = {
        "one": b"# a comment\n\n" + maria + on + b" reason=laptop stolen\n",
        "since": maria + on + since + b" reason=m\xc3\xa4ria\n" + maria + on + b" reason=x",
        "two": jose + on + b" reason=a\n" + maria + on + since + b" reason=b\n",
        "plain": maria + b" maria@example.org\n",
        "rsa": rsa + on + b" reason=x\n",
        "krl": b"SSHKRL\n\0\0\0\0\1",
    }
    for name, text in revoked.items():
        corpus.put("revoked_keys", name, text)


# ---- small texts ---------------------------------------------------------------------------


def put_texts(corpus):
    paths = b"data/a.txt|data/%25%0A%0d%|../x|/etc|a//b|con|a.|-x|.x| x|data/\\|\xf3\xa0\x81\xa1.txt"
    for i, path in enumerate(paths.split(b"|") + [b"a" * 256, b"a/" * 257 + b"b", b"b\xc3\xbcro\r\n"]):
        corpus.put("path", "path-%d" % i, path, 2)
        corpus.put("text", "path-%d" % i, path, 2)
    texts = b"0|18446744073709551615|18446744073709551616|007|abcdef00|2024-05-06T07:08:09Z|"
    texts += b"2024-02-29T23:59:59+01:30|9999-12-31T23:59:60Z|\x1b[31m|\xe2\x80\xae\xf3\xa0\x80\x81\xff\xc3"
    for i, text in enumerate(texts.split(b"|")):
        corpus.put("text", "text-%d" % i, text, 2)
    urls = b"https://mary:pw@example.org:443/a;sid=1/%41?a=1&token=x;b=[2]#f|mailto:a@b|x:/;token=1/y|"
    urls += b"https://[2001:db8::1]/?u=https%3A%2F%2Fa%3Ab%40c%2F|HTTP://h/?%2574oken=1&user=a&pw=b|"
    urls += b"https://h/https%253A%252F%252Fm@h|https://h/?id=3f9c1b7ae04d52886fd0c4b1|https://h/\xc3\xa9?q=^|"
    urls += b"https://h/?a=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjg|h/bot123456:" + b"A" * 35
    for i, url in enumerate(urls.split(b"|")):
        corpus.put("url", "url-%d" % i, url, 8)
        corpus.put("xattr", "url-%d" % i, bytes([i % 4]) + url)
    for i, value in enumerate(b"B\xc3\xbcro|a\nb|=1+1|\xff|see https://m@h/ now".split(b"|")):
        corpus.put("xattr", "text-%d" % i, b"\0" + value)
    kinds = b"\xff\xd8\xff|RIFF....WEBP|\0\0\0\x18ftypheic|%PDF-1.7|PK\3\4" + b"." * 26 + b"mimetype|"
    kinds += b"PK\3\4" + b"." * 26 + b"word/x| <!DOCTYPE html>|<?xml?><svg|alpha\n|" + b"." * 257 + b"ustar"
    for i, kind in enumerate(kinds.split(b"|")):
        corpus.put("media", "media-%d" % i, kind)
    declaration = b"BagIt-Version: %s\nTag-File-Character-Encoding: UTF-8\n"
    for version in (b"1.0", b"0.97", b"0.96", b"1"):
        corpus.put("taginfo", "bagit-" + version.decode(), declaration % version)
    infos = {
        "crlf": b"A: b\r\n  c\r\nPayload-Oxum: 12.3\r\n",
        "cr": b"A: b\r\tc\rpayload-oxum : 12.3\r",
        "folded-oxum": b"Payload-Oxum: 12.3\n 4\n",
        "twice": b"Payload-Oxum: 12.3\nPayload-Oxum: 12.3\n",
        "first": b" a\nb\n:c\nd:e\n",
        "label": b"Source-Organization: Someone",
    }
    for name, text in infos.items():
        corpus.put("taginfo", name, text)
    text = "Contact-Name: \u0416\u03b1 \u30bd\u529f \uac00\uac02 \u4e2d\ue000 caf\u00e9\n"
    codecs = ["utf-8", "ascii", "latin-1", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be", "utf-32-le"]
    codecs += ["shift_jis", "cp932", "euc_jp", "gb18030", "gbk", "gb2312", "big5", "big5hkscs", "euc_kr", "cp949"]
    for i, codec in enumerate(codecs + ["iso8859_%d" % n for n in range(2, 11)]):
        corpus.put("encoding", codec, bytes([i]) + text.encode(codec, "ignore"), 12)
    corpus.put("encoding", "gb18030-four", b"\x0c\x81\x30\x81\x30\x84\x31\xa4\x39\xe3\x32\x9a\x35", 24)
    corpus.put("encoding", "name", b"ISO_8859-2:1987", 8)
    start = b'{"BagIt-Profile-Info": {"BagIt-Profile-Identifier": "https://example.org/p"}, "Accept-BagIt-Version": ["1.0"]'
    profiles = {
        "least": start + b"}",
        "labels": start + b', "Bag-Info": {"A": {"required": true, "values": ["b"]}, "C": {"repeatable": false,'
                          b' "recommended": true, "description": "d"}}}\n----\nA: b\n c\nC: d\nc: e\n',
        "lists": start + b', "Manifests-Required": ["md5"], "Manifests-Allowed": ["md5", "SHA-256"],'
                         b' "Tag-Manifests-Allowed": ["*"], "Tag-Files-Allowed": ["a*", "seal/?*"],'
                         b' "Payload-Files-Required": ["data/a/"], "Payload-Files-Allowed": ["data/*/*.pdf"]}',
        "flags": start + b', "Allow-Fetch.txt": false, "Data-Empty": true, "Serialization": "required",'
                         b' "Accept-Serialization": ["application/zip"]}',
        "other": start + b', "Other-Info": [{"\\u202e": {}}], "Fetch.txt-Required": true}',
        "twice": start + b', "a": 1, "a": 2}',
    }
    for name, text in profiles.items():
        corpus.put("profile", name, text)
    hexes = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    manifests = {
        "styles": b"%s *data/a\n%s\t./data/b\r\n%s   data/c%%0a%%41\r" % ((hexes.upper(),) * 3),
        "twice": b"%s  data/a\n%s  data/a\n" % (hexes, b"0" * 64),
        "unsafe": b"%s  ../a\n%s  data//a\n%s  data/\\\n" % ((hexes,) * 3),
        "cover": b"\\%s  a\\nb\n%s  bagit.txt\n" % (hexes, hexes),
    }
    for name, text in manifests.items():
        corpus.put("manifest", name, text)
    corpus.put("seal", "salt", hexes + b"\n")
    corpus.put("seal", "names", hexes[:32] + b".minisig")
    corpus.put("seal", "names-ssh", hexes[:32] + b".sshsig")
    for kind in (b"txt", b"minisig", b"sshsig"):
        corpus.put("seal", "names-custody-" + kind.decode(), b"custody/0012-%s.%s" % (hexes[:32], kind))
    event = b"Custody-Version: 1\nEvent: transfer\nBy: SHA256:%s\n" % (b"z" * 42 + b"8")
    event += b"To: B\xc3\xbcro\nDate: 2024-05-06T07:08:09Z\nSeal: %s\nPrevious: %s\n" % (hexes, hexes)
    event += b"Note: by train\nSignatures: %s %s\n" % (b"0" * 64, hexes)
    corpus.put("custody", "event", event, 16)
    for label in (b"To", b"Note"):
        plain = re.sub(label + b": .*\n", b"", event)
        corpus.put("custody", "no-" + label.decode().lower(), plain)
    corpus.put("custody", "version", event.replace(b"Version: 1", b"Version: 2"))
    put_relations(corpus)
    put_records(corpus)
    put_reports(corpus)


def put_records(corpus):
    """Tables of records, in the normal form and not."""
    normal = b"filename,dc.title,dc.title,=%\r\ndata/a,1,,x=%0A\r\n\"data/b,\nc\",\"a \"\"b\"\"\r\n\",\xc3\xbc,\r\n"
    corpus.put("metadata", "normal", normal, 64)
    corpus.put("metadata", "bare", b"filename\r\ndata/a\r\n", 16)
    corpus.put("metadata", "theirs", b"\xef\xbb\xbf\"filename\",t,,\nobjects/a,\"b\",,\n\n,,,\nb,,,", 32)
    tables = [b"", b"filename;t\n", b"filename\n\"a", b"filename\na\"b\n", b"filename\n\"a\"b\n", b"filename\ra\r"]
    tables += [b"filename,t\na\n", b"filename,t\na,b,c\n,d\n", b"filename,\na,b\n", b"filename,filename\n"]
    tables += [b"filename\n\0", b"filename\n\xff", b"\xff\xfef\0", b"filename" + b",c" * 10001]
    tables += [b"filename\r\ndata/a\r\ndata/a\r\n", b"filename\r\ndata/../a\r\n", b"filename,\r\ndata/a,\r\n"]
    for i, table in enumerate(tables):
        corpus.put("metadata", "table-%d" % i, table)


def put_reports(corpus):
    """Texts of fuzz_html.c, and a catalogue."""
    texts = [b"<script>alert(1)</script>", b"\"><img src=x>", b"' onload='x", b"&amp;&#60;", b"=cmd()", b"-->"]
    texts += [b"\xe2\x80\xae", b"\x1b[31m", b"\xff\xc3", b"one\r\ntwo\n", b"https://example.org/a?b#c"]
    texts += [b"data/a/b.txt", b"sha256:" + b"ab" * 32, b"\xe6\x97\xa5" * 20, b"x" * 300, b"\\", b""]
    for i in range(len(texts)):
        corpus.put("html", "texts-%d" % i, b"\0".join(texts[i:] + texts[:i]), 2)
    header = b"Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n %s 1);\n"
    for name, sign in ("es", b"!="), ("fr", b">"):
        pairs = [(b"", header % sign), (b"a\0as", b"b\0bs"), (b"yes", b"s\xc3\xad")]
        table, strings, at = b"", b"", 28 + 16 * len(pairs)
        for text in [pair[0] for pair in pairs] + [pair[1] for pair in pairs]:
            table += struct.pack("<II", len(text), at + len(strings))
            strings += text + b"\0"
        head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
        corpus.put("html", "catalogue-" + name, head + table + strings, 64)


def put_relations(corpus):
    """Lines of fuzz_relation.c: a kind, a document, a cell."""
    one = (b"\1" + bytes(31)).hex().encode()
    two = (b"\2" + bytes(31)).hex().encode()
    cells = [b"data/a", b"objects/b", b"c", b"urn:x", b"https://example.org/\xc3\xa9", b"objects/a"]
    cells += [b"sha256:" + one, b"sha256:" + two, b"sha256:" + b"ab" * 32, b"no such", b"C:\\a", b"=cmd()"]
    lines = [b"%c%c" % (48 + i % 4, 48 + i % 6) + cell for i, cell in enumerate(cells)]
    corpus.put("relation", "cells", b"\n".join(lines), 32)
    for i, line in enumerate(lines):
        corpus.put("relation", "cell-%d" % i, line, 8)
    paths = [b"data/a", b"data/b", b"data/c", b"data/data/a", b"data/objects/a", b"data/urn:x"]
    ring = [b"%c%c" % (49 + i % 3, 48 + i) + paths[(i + 1) % 6] for i in range(6)]
    corpus.put("relation", "ring", b"\n".join(ring), 32)
    corpus.put("relation", "chain", b"\n".join(ring[:5]), 8)


# ---- bundles -------------------------------------------------------------------------------

# Name, what is in it, and arguments. Documents of zeros are long and compress to nothing.
SMALL = {"a.txt": b"alpha\n", "b/c.txt": b"beta\n", "empty": b""}
NAMES = {
    "b\u00fcro.txt": b"x",
    "100%.txt": b"y",
    "line\nbreak": b"z",
    "l" * 120 + "/" + "m" * 120: b"long",
    "tab\there": b"",
}
BUNDLES = [
    ("small", "gz", SMALL, ["maria"], []),
    ("small", "zst", SMALL, ["maria"], []),
    ("two", "gz", SMALL, ["maria", "jose"], ["--info", "Contact: somebody", "--level", "9"]),
    ("other", "gz", {"a": b"a"}, ["jose"], ["--supersedes", "ab" * 32]),
    ("unsigned", "gz", SMALL, [], ["--level", "1"]),
    ("unsigned", "zst", SMALL, [], ["--level", "19"]),
    ("names", "gz", NAMES, ["maria"], []),
    ("names", "zst", NAMES, ["maria"], []),
    ("long", "gz", {"zeros": bytes(1100000), "a.txt": b"a"}, ["maria"], []),
    ("long", "zst", {"zeros": bytes(4300000), "a.txt": b"a"}, ["maria"], []),
]


def make_bundle(work, name, kind, files, keys, arguments):
    source = os.path.join(work, name + "-" + kind)
    for path, data in files.items():
        full = os.path.join(source, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        reframe.save(full, data)
    os.makedirs(source, exist_ok=True)
    out = os.path.join(work, "%s.tar.%s" % (name, kind))
    command = [SEALBAG, "create", "--quiet", "--force", "-j", "1", "-o", out, "--time", TIME]
    command += arguments + (["--salt", os.path.join(work, "salt")] if keys else [])
    for key in keys:
        command += ["--key", os.path.join(work, key)]
    done = subprocess.run(command + [source], stderr=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit("%s failed: %s" % (" ".join(command), done.stderr.decode()))
    return reframe.read(out)


def put_files(corpus, name, tar):
    """The files of a bag, each to the target that reads it."""
    for path, _, _, data in reframe.entries(tar):
        target = None
        if path in ("bagit.txt", "bag-info.txt"):
            target = "taginfo"
        elif "manifest-" in path or "cover-" in path:
            target = "manifest"
        elif path.endswith(".minisig"):
            target = "minisign"
        elif path.endswith(".tsv"):
            target = "index"
        elif path.startswith("seal/"):
            target = "seal"
        if target is not None:
            corpus.put(target, "%s-%s" % (name, os.path.basename(path)), data, 2)


def put_bundles(corpus, work):
    reframe.save(os.path.join(work, "salt"), b"07" * 32 + b"\n")
    for key in KEYS:
        reframe.save(os.path.join(work, key), key_files(key)[0])
        os.chmod(os.path.join(work, key), 0o600)
    for bundle in BUNDLES:
        name, kind = bundle[:2]
        data = make_bundle(work, *bundle)
        label = name + "-" + kind
        for target in (kind, "seek", "bundle"):
            corpus.put(target, label, data, 3 if name != "long" else 0)
        if kind != "gz":
            continue
        tar = reframe.untar(data)
        put_files(corpus, name, tar)
        corpus.put("tar", name, tar, 3)
        for target in ("seek", "bundle"):
            corpus.put(target, name + "-plain", tar, 3 if name != "long" else 0)
        for how in range(5):
            corpus.put("bag", "%s-%d" % (name, how), tar + bytes([how]), 2 if how == 0 else 0)
        if name == "small":
            put_altered_bags(corpus, tar)
            put_foreign(corpus, tar)
            put_framings(corpus, tar)


def put_altered_bags(corpus, tar):
    changes = [
        ["drop:seal/index.tsv"],
        ["drop:seal/salt.txt"],
        ["drop:manifest-sha256.txt"],
        ["drop:bagit.txt"],
        ["last:bagit.txt", "index"],
        ["last:data/a.txt", "index"],
        ["rename:data/a.txt:data/z.txt", "index"],
        ["rename:data/a.txt:fetch.txt"],
        ["rename:data/a.txt:data/b/c.txt"],
        ["name:other", "index"],
    ]
    for i, change in enumerate(changes):
        corpus.put("bag", "edited-%d" % i, reframe.edit(tar, change) + b"\0", 1)
    corpus.put("bag", "pointer", tar + b"\x28", 0)
    corpus.put("bag", "headers", tar + b"\x10", 4)


# ---- bags as lists of files (fuzz_sealed.c) ------------------------------------------------

SEALED = [
    ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
    ("data/100%.txt", ""),
    ("data/a.txt", "alpha\n"),
    ("bag-info.txt", "Bagging-Date: 2024-05-06\nPayload-Oxum: #\n"),
    ("manifest-sha256.txt", "#  data/100%25.txt\n#  data/a.txt\n"),
    ("tagmanifest-sha256.txt", "#  bag-info.txt\n#  bagit.txt\n#  manifest-sha256.txt\n"),
    (
        "seal/cover-sha256.txt",
        "#  bag-info.txt\n#  bagit.txt\n#  manifest-sha256.txt\n#  tagmanifest-sha256.txt\n",
    ),
    ("seal/salt.txt", "07" * 32 + "\n"),
    (
        "seal/seal.txt",
        "Sealbag-Version: 1\nBag-Name: bag\nSealed: 2024-05-06T07:08:09Z\nSigner: #\n"
        "Leaves: #\nRoot: #\nCover: #\n",
    ),
    ("seal/#.minisig", "#"),
    ("seal/index.tsv", "#"),
]


def custody_chains():
    text = "Custody-Version: 1\nEvent: transfer\nBy: #\nTo: somebody\nDate: 2024-05-06T07:08:09Z\n"
    text += "Seal: #\nPrevious: #\nNote: by train\nSignatures: #\n"
    events = [
        [("seal/custody/%04d-#.txt" % i, text), ("seal/custody/%04d-#.minisig" % i, "#")]
        for i in (1, 2, 3)
    ]
    whole = events[0] + events[1] + events[2]
    yield whole
    yield events[0] + events[2]
    yield whole[:-1]
    yield whole[1:]
    yield [(path, content.replace("Version: 1", "Version: 2")) for path, content in whole]
    yield [(path, content.replace("Seal: #", "Seal: " + "0" * 64)) for path, content in whole]
    yield [(path, content.replace("Note: by", "Note: \x1b[1mby")) for path, content in whole]


def put_sealed(corpus):
    def make(options, files):
        records = b"".join(b"%s\x1f%s\x1e" % (path.encode(), text.encode()) for path, text in files)
        return bytes([options]) + records

    def changed(path, old, new):
        return [(p, text.replace(old, new)) if p == path else (p, text) for p, text in SEALED]

    for options in list(range(16)) + [0x10, 0x20, 0x40]:
        corpus.put("sealed", "options-%d" % options, make(options, SEALED), 6 if options < 2 else 0)
    for options in (0, 1, 4):
        for how in (0, 1, 2, 4, 8, 9, 17, 32, 96, 128):
            name = "options-%d-%d" % (options, how)
            data = bytes([options, how, 96]) + make(0, SEALED)[1:]
            corpus.put("extract", name, data, 1 if options == 0 else 0)
    unsigned = [f for f in SEALED if not f[0].startswith("seal/")]
    corpus.put("extract", "unsigned", b"\0\x80\0" + make(0, unsigned)[1:], 2)
    for i, (path, _) in enumerate(SEALED):
        corpus.put("sealed", "without-%d" % i, make(0, [f for f in SEALED if f[0] != path]), 1)
    changes = [
        ("bagit.txt", "1.0", "0.97"),
        ("seal/seal.txt", "Version: 1", "Version: 2"),
        ("seal/seal.txt", "Cover: #\n", "Cover: #\nSupersedes: %s\n" % ("ab" * 32)),
        ("seal/seal.txt", "Signer: #\n", "Signer: #\nSigner: SHA256:%s\n" % ("z" * 42 + "8")),
        ("manifest-sha256.txt", "#  data/a.txt", "#  ./data/a.txt"),
        ("manifest-sha256.txt", "#  data/a.txt", "#  data/a.txt\n#  data/lost"),
    ]
    for i, change in enumerate(changes):
        corpus.put("sealed", "changed-%d" % i, make(0, changed(*change)), 2)
    for i, files in enumerate(custody_chains()):
        corpus.put("sealed", "custody-%d" % i, make(i % 2, SEALED[:-1] + files + SEALED[-1:]), 4)
    for i, files in enumerate(seals_with_manifest()):
        corpus.put("sealed", "manifest-%d" % i, make(i % 2, files), 4)
    more = [("seal/#.sshsig", "#")]
    more += [("seal/%s.sshsig" % ("0" * 32), ssh_signature(b"seal@sealbag").decode())]
    more += [("seal/%s.minisig" % ("1" * 32), "#"), ("manifest-md5.txt", ""), ("fetch.txt", "x")]
    for i, file in enumerate(more):
        corpus.put("sealed", "more-%d" % i, make(0, SEALED[:-1] + [file] + SEALED[-1:]), 2)


def seals_with_manifest():
    """Bags of others, whose seal has the manifest of SHA-256 that they lack; and bags that do not."""
    md5 = "d41d8cd98f00b204e9800998ecf8427e  data/100%25.txt\n9f9f90dbe3e5ee1218c86b8839db1995  data/a.txt\n"
    listed = ("seal/manifest-sha256.txt", "#  data/100%.txt\n#  data/a.txt\n")
    own = dict(SEALED)
    own["seal/cover-sha256.txt"] = "#  bag-info.txt\n#  bagit.txt\n#  manifest-md5.txt\n#  seal/manifest-sha256.txt\n"
    tail = [(path, own[path]) for path, _ in SEALED if path.startswith("seal/")]
    head = [(path, own[path]) for path in ("bagit.txt", "data/100%.txt", "data/a.txt", "bag-info.txt")]
    good = head + [("manifest-md5.txt", md5), listed] + tail
    yield good
    yield [one for one in good if one != listed]
    yield good + [("manifest-sha256.txt", own["manifest-sha256.txt"])]
    yield SEALED[:-1] + [listed] + SEALED[-1:]


# ---- containers by other programs ----------------------------------------------------------


def gz_member(data, flags=0, level=6):
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\0\3"
    if flags & 4:
        head += struct.pack("<H", 8) + b"AB\4\0test"
    if flags & 8:
        head += b"name\0"
    if flags & 16:
        head += b"comment\0"
    if flags & 2:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = deflater.compress(data) + deflater.flush()
    return head + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def zst_frame(data, descriptor, window=b""):
    """With one raw block, and a wrong checksum if it has one: the target mends it."""
    sizes = {0x20: 1, 0x00: 0, 0x40: 2, 0x60: 2, 0x80: 4, 0xA0: 4, 0xC0: 8, 0xE0: 8}
    width = sizes[descriptor & 0xE0]
    stated = (len(data) - (256 if width == 2 else 0)) % (1 << 64)
    head = struct.pack("<IB", 0xFD2FB528, descriptor) + window + struct.pack("<Q", stated)[:width]
    block = (len(data) << 3 | 1).to_bytes(3, "little") + data
    return head + block + (bytes(4) if descriptor & 4 else b"")


def put_foreign(corpus, tar):
    text = b"some text, and some text again\n" * 9
    for flags in (0, 2, 4, 8, 16, 30):
        corpus.put("gz", "flags-%d" % flags, gz_member(text, flags), 2)
    for level in (0, 1, 9):
        corpus.put("gz", "level-%d" % level, gz_member(tar, 0, level), 2)
    corpus.put("gz", "several", gz_member(text, 8) + gz_member(b"") + gz_member(tar), 2)
    corpus.put("gz", "zeros", gz_member(bytes(1200000)), 1)
    corpus.put("gz", "trailing", gz_member(text) + bytes(4), 0)
    skippable = struct.pack("<II", 0x184D2A53, 5) + b"hello"
    frames = [
        zst_frame(text, 0x00, b"\x50"),
        zst_frame(text, 0x04, b"\x50"),
        zst_frame(text, 0x64),
        zst_frame(text[:9], 0x24),
        zst_frame(text, 0xA4),
        zst_frame(text, 0xC0, b"\x50"),
        zst_frame(tar, 0x84, b"\x50"),
    ]
    for i, frame in enumerate(frames):
        corpus.put("zst", "frame-%d" % i, frame, 2)
    corpus.put("zst", "skippable", skippable + frames[0] + skippable, 2)
    corpus.put("zst", "several", frames[2] + frames[3] + frames[4], 2)
    bundles = {"gz": gz_member(tar), "zst": frames[6], "zst-ours": zst_frame(tar, 0xA4)}
    for name, data in bundles.items():
        corpus.put("bundle", "foreign-" + name, data, 2)


def put_framings(corpus, tar):
    """Members that are not full, without and with a pointer, and what may not follow what."""
    index = int(reframe.find(tar, reframe.INDEX))
    pointer = reframe.POINTER + struct.pack("<Q", index) + b"\3" + bytes(9)
    half = reframe.gz_member(tar[:4096], 6), reframe.gz_member(tar[4096:], 0)
    # A block whose codes do not use up all code words: ISA-L takes it, zlib does not.
    block = bytes.fromhex("058081080000008058f7973810")
    pieces = {
        "incomplete": reframe.MEMBER + struct.pack("<I", 28 + len(block)) + block + bytes(8),
        "halves": half[0] + half[1],
        "short": half[0] + half[1] + pointer,
        "order": half[0] + pointer + half[1],
        "mixed": half[0] + gz_member(tar[4096:]),
        "mixed-last": gz_member(tar[:4096]) + half[1],
        "pointers": half[0] + pointer + pointer,
        "pointer": pointer,
    }
    for name, data in pieces.items():
        for target in ("gz", "seek", "bundle"):
            corpus.put(target, "framing-" + name, data, 1)
    text = b"x" * 300
    frame, table = zst_frame(text, 0x64), struct.pack("<IIII", 0x184D2A5E, 17, 0, 300)
    frame_table = table[:8] + struct.pack("<II", len(frame), 300) + b"\1\0\0\0\0\xb1\xea\x92\x8f"
    mark = b"\x5d\x2a\x4d\x18\x0c\0\0\0SBIX" + struct.pack("<Q", 512)
    for name, data in {
        "table": frame + frame_table,
        "whole": frame + mark + frame_table,
        "no-table": frame + mark,
        "order": frame + frame_table + mark,
        "skippable": frame + struct.pack("<II", 0x184D2A50, 0),
    }.items():
        for target in ("zst", "seek"):
            corpus.put(target, "zst-" + name, data, 2)


# ---- tars by other programs ----------------------------------------------------------------


def tar_header(name, kind=b"0", size=0, magic=b"ustar\x0000", size_field=None):
    head = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2
    head += (b"%011o\0" % size if size_field is None else size_field) + b"00000000000\0"
    head += b" " * 8 + kind + bytes(100) + magic + bytes(64) + b"0000000\0" * 2 + bytes(167)
    if magic != b"ustar\x0000":
        head = head[:329] + bytes(183)
    return reframe.seal_header(head)


def tar_entry(name, data, kind=b"0", **more):
    return tar_header(name, kind, len(data), **more) + data + bytes(-len(data) % 512)


def pax(*records):
    out = b""
    for record in records:
        length = len(record) + 2
        while len(b"%d" % length) + len(record) + 2 != length:
            length += 1
        out += b"%d %s\n" % (length, record)
    return tar_entry(b"PaxHeader", out, b"x")


def put_tars(corpus):
    gnu = b"ustar  \0"
    binary = b"\x80" + bytes(10) + b"\5"
    end = bytes(1024)
    tars = {
        "folders": tar_header(b"bag/", b"5") + tar_header(b"bag/data/", b"5") + tar_entry(b"bag/data/a", b"a"),
        "old-type": tar_entry(b"bag/data/a", b"a", b"\0"),
        "gnu": tar_entry(b"bag/data/a", b"hello", magic=gnu, size_field=binary),
        "long": tar_entry(b"././@LongLink", b"bag/data/" + b"x" * 200 + b"\0", b"L", magic=gnu)
        + tar_entry(b"bag/data/x", b"hello", magic=gnu),
        "pax": pax(b"path=bag/data/b", b"mtime=1.5", b"uid=1", b"uname=me", b"comment=c") + tar_entry(b"x", b"a"),
        "pax-size": pax(b"size=8589934592") + tar_header(b"bag/data/a", b"0", 0),
        "pax-same-size": pax(b"size=1", b"SCHILY.xattr.user.x=y", b"hdrcharset=BINARY") + tar_entry(b"x", b"a"),
        "pax-link": pax(b"linkpath=/etc/passwd") + tar_entry(b"x", b"a"),
        "pax-twice": pax(b"path=a") + pax(b"path=b") + tar_entry(b"x", b"a"),
        "link": tar_header(b"bag/data/l", b"2"),
        "fifo": tar_header(b"bag/data/l", b"6"),
        "slash": tar_entry(b"bag/data/a/", b"a"),
        "padding": tar_entry(b"bag/bagit.txt", b"a") + bytes(8192),
    }
    for name, data in tars.items():
        corpus.put("tar", "other-" + name, data + end, 3)
        corpus.put("bag", "other-" + name, data + end + b"\0", 1)
        corpus.put("bag", "foreign-" + name, data + end + b"\2", 0)
    corpus.put("tar", "empty", end, 2)
    corpus.put("tar", "no-end", tars["old-type"], 0)


# ---- the pipe between two processes --------------------------------------------------------


def number(value):
    return struct.pack("<Q", value)


def wire_text(text):
    return number(0) if text is None else number(len(text) + 1) + text


def evidence(files, findings, rules, top=b"small", kept=r"seal/(seal.txt|custody/.*|.*sig)$"):
    out = wire_text(top) + number(1) + number(1) + number(3) + number(len(findings))
    for rule, path, sentence in findings:
        out += number(rule) + wire_text(path) + wire_text(sentence)
    seen = [rule for rule, _, _ in findings]
    out += number(0) + b"".join(number(int(i in seen)) for i in range(rules))
    out += number(1) + number(len(files))  # they are listed
    for path, at, _, data in files:
        out += wire_text(path.encode()) + number(len(data)) + number(at) + hashlib.sha256(data).digest()
    kept = [file for file in files if re.match(kept, file[0])]
    out += number(len(kept))
    for path, _, _, data in kept:
        out += wire_text(path.encode()) + wire_text(data)
    return out


def put_evidence(corpus, work):
    text = reframe.read(os.path.join(SOURCE, "src", "base", "rule.h")).decode()
    rules = len(re.findall(r"^    X\(", text, re.MULTILINE))
    tar = reframe.untar(reframe.read(os.path.join(work, "small.tar.gz")))
    files = reframe.entries(tar)
    staged = number(3) + number(11) + number(0) + number(1) + wire_text(b"data/lost.txt")
    good = evidence(files, [], rules)
    damaged = evidence(files[:4], [(2, None, b"A sentence."), (20, b"data/a.txt", b"\x1b[31m\xff")], rules)
    seal = [file for file in files if file[0] == "seal/seal.txt"]
    other = [("seal/seal.txt", 0, b"", seal[0][3].replace(b"Sealed: 2024", b"Sealed: 2012"))]
    bare = [file for file in files if not file[0].startswith("seal/")]
    unsealed, twice = evidence(bare, [], rules), evidence(bare + bare[1:2], [], rules)
    corpus.put("evidence", "unsealed", b"\0" + unsealed, 2)
    corpus.put("evidence", "twice", b"\0" + twice, 0)
    for name, data in (("good", good), ("damaged", damaged), ("none", evidence([], [], rules, None))):
        corpus.put("evidence", name, b"\0" + data, 4)
        corpus.put("evidence", name + "-staged", b"\3" + data + staged, 2)
    corpus.put("evidence", "no-files", b"\0" + evidence([], [], rules), 2)
    corpus.put("evidence", "written", b"\2" + staged, 4)
    corpus.put("evidence", "two-seals", b"\0" + evidence(files + other, [], rules), 0)
    index = [file for file in files if file[0] == "seal/index.tsv"][0]
    for name, before, extra in (("tail", tar[: index[1]], b""), ("tail-short", b"", b"x")):
        tail = number(0) + number(index[1]) + number(0) + wire_text(b"") + wire_text(before)
        corpus.put("evidence", name, b"\6" + tail + wire_text(index[3] + extra), 4)
    corpus.put("evidence", "error", b"\7" + number(11) + number(3) + wire_text(b"It is damaged."), 4)
    chain = [(path.replace("#", "ab" * 16), 0, b"", text.encode()) for path, text in next(custody_chains())]
    corpus.put("evidence", "custody", b"\0" + evidence(files + chain, [], rules), 4)
    lists = r"(seal/(?!index).*|bag-info.txt|metadata/metadata.csv)$"
    rows = b"filename,dc.title,prov.wasQuotedFrom\r\n%s,A title,https://example.org/\r\n" % bare[1][0].encode()
    told = bare + [("metadata/metadata.csv", 0, b"", rows)]
    corpus.put("evidence", "lists", b"\10" + evidence(files, [], rules, kept=lists), 4)
    corpus.put("evidence", "lists-lost", b"\10" + good, 2)
    corpus.put("evidence", "records", b"\10" + evidence(told, [], rules, kept=lists), 8)
    corpus.put("evidence", "records-added", b"\10" + evidence(files + told[-1:], [], rules, kept=lists), 4)
    corpus.put("evidence", "custody-twice", b"\0" + evidence(files + chain + chain[:1], [], rules), 0)


# ---- zip files -----------------------------------------------------------------------------


def put_zips(corpus, work):
    """The cases of the command-line test, of a small bag."""
    bag = os.path.join(work, "zipped", "sample")
    os.makedirs(os.path.join(bag, "data"), exist_ok=True)
    for path, data in (
        ("data/a.txt", b"alpha\n" * 20),
        ("data/b.txt", b"beta\n"),
        ("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
    ):
        reframe.save(os.path.join(bag, path), data)
    for name, (wanted, _) in rezip.CASES.items():
        made = os.path.join(work, "zipped", name)
        rezip.main([bag, made, name])
        for target in ("zip", "bundle"):
            corpus.put(target, "zip-" + name, reframe.read(made), 1 if wanted == "0" else 0)


# ---- the privacy check ---------------------------------------------------------------------


def put_privacy(corpus):
    def put(name, data):
        # libqpdf has fuzz targets of its own.
        if len(data) <= INPUT_MAX and not name.endswith(".pdf"):
            corpus.put("privacy", name.replace("/", "-"), data, 30)

    privacy_files.told(put)
    privacy_files.clean(put)
    privacy_files.hostile(put)
    by_line = b"\x1c\2\x50\0\5Maria"
    corpus.put("privacy", "iptc", b"i" + by_line * 2, 30)
    corpus.put("privacy", "irb", b"88BIM\4\4\0\0\0\0\0\x0a" + by_line, 30)
    corpus.put("privacy", "xmp", privacy_files.CREATOR, 30)
    text = b"a@example.org C:\\Users\\m https://u:p@h.org/?token=abcdef0123456789 by Maria P"
    corpus.put("privacy", "text", text, 30)


# ---- inputs that once failed ---------------------------------------------------------------


def put_regressions(corpus):
    top = os.path.join(HERE, "regressions")
    for target in sorted(os.listdir(top)) if os.path.isdir(top) else []:
        folder = os.path.join(top, target)
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            data = reframe.read(os.path.join(folder, name))
            if name.endswith(".hex"):
                data = bytes.fromhex(data.decode())
            corpus.put(target, "regression-" + name, data, 0)


def main(folder):
    work = os.path.join(folder, "made-from")
    os.makedirs(work, exist_ok=True)
    corpus = Corpus(folder)
    put_keys(corpus)
    put_texts(corpus)
    put_tars(corpus)
    put_bundles(corpus, work)
    put_sealed(corpus)
    put_evidence(corpus, work)
    put_zips(corpus, work)
    put_privacy(corpus)
    put_regressions(corpus)


if __name__ == "__main__":
    main(*sys.argv[1:])
