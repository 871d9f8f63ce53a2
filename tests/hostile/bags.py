"""A sealed bag as docs/format.md describes it, with any part of it replaced before it is signed."""
import hashlib

import ed25519


def sha256(data):
    return hashlib.sha256(data).hexdigest().encode()


def encoded(path):
    return path.replace(b"%", b"%25").replace(b"\r", b"%0D").replace(b"\n", b"%0A")


def merkle(hashes):
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    half = 1 << (len(hashes) - 1).bit_length() - 1
    both = merkle(hashes[:half]) + merkle(hashes[half:])
    return hashlib.sha256(b"\1" + both).digest()


def root(documents, salt, rows=None):
    """rows: for a path what its record says; there are none without it."""
    leaves = []
    for path, data in documents:
        own = hashlib.blake2b(encoded(path), digest_size=32, key=salt).hexdigest().encode()
        row = sha256(rows[path]) if path in (rows or {}) else b"-"
        leaves.append(b"%s %s %d %s %s\n" % (own, sha256(data), len(data), row, encoded(path)))
    return merkle([hashlib.sha256(b"\0" + leaf).digest() for leaf in sorted(leaves)]).hex().encode()


def lines(files):
    return b"".join(b"%s  %s\n" % (sha256(data), encoded(path)) for path, data in sorted(files))


class Maker:
    """Makes bags like the good one: its documents, its texts, its keys."""

    def __init__(self, good, key, bag=b"sample"):
        files = dict(good)
        self.key, self.bag = key, bag
        self.documents = [(p, d) for p, d in good if p.startswith(b"data/")]
        self.bagit = files[b"bagit.txt"]
        self.info = files[b"bag-info.txt"]
        self.salt = files[b"seal/salt.txt"]

    def tags(self, documents, change, more):
        size = sum(len(data) for _, data in documents)
        oxum = b"Payload-Oxum: %d.%d\n" % (size, len(documents))
        info = b"".join(
            oxum if line.startswith(b"Payload-Oxum") else line for line in self.info.splitlines(True)
        )
        tags = dict(more)
        tags[b"bagit.txt"] = change(b"bagit.txt", self.bagit)
        tags[b"bag-info.txt"] = change(b"bag-info.txt", info)
        tags[b"manifest-sha256.txt"] = change(b"manifest-sha256.txt", lines(documents))
        tags = {path: data for path, data in tags.items() if data is not None}
        others = [one for one in tags.items() if not one[0].startswith(b"tagmanifest-")]
        listed = change(b"tagmanifest-sha256.txt", lines(others))
        if listed is not None:
            tags[b"tagmanifest-sha256.txt"] = listed
        return tags

    def seal_text(self, documents, cover, salt, signers, fields):
        value = {
            b"Bag-Name": fields.get("name", self.bag),
            b"Sealed": fields.get("time", b"2024-05-06T07:08:09Z"),
            b"Leaves": fields.get("leaves", b"%d" % len(documents)),
            b"Root": fields.get("root") or root(documents, bytes.fromhex(salt[:64].decode())),
            b"Cover": fields.get("cover") or sha256(salt + cover),
        }
        text = b"Sealbag-Version: 1\n"
        for label in (b"Bag-Name", b"Sealed", b"Signer", b"Leaves", b"Root", b"Cover"):
            values = signers if label == b"Signer" else [value[label]]
            text += b"".join(b"%s: %s\n" % (label, one) for one in values)
        return text

    def sealed(self, documents=None, parts=None, more=(), signatures=None, signers=(), **fields):
        """The files of a bag in their order.

        parts: for a path a function from the right content to another, or None for none; what comes
        later fits to it. more: tag files. signatures: a function from seal.txt to all of them."""
        documents = sorted(self.documents if documents is None else documents)
        parts = parts or {}

        def change(path, data):
            return parts.get(path, lambda same: same)(data)

        tags = self.tags(documents, change, more)
        salt = change(b"seal/salt.txt", self.salt)
        listed = None if b"manifest-sha256.txt" in tags else cover_lines(documents)
        listed = change(b"seal/manifest-sha256.txt", listed)
        inner = [] if listed is None else [(b"seal/manifest-sha256.txt", listed)]
        cover = change(b"seal/cover-sha256.txt", cover_lines([*tags.items(), *inner]))
        named = sorted({ed25519.fingerprint(self.key.public), *signers})
        text = self.seal_text(documents, cover, salt, named, fields)
        text = change(b"seal/seal.txt", text)
        files = [(p, tags.pop(p)) for p in (b"bagit.txt",) if p in tags]
        order = [b"bag-info.txt", b"manifest-sha256.txt", b"tagmanifest-sha256.txt"]
        last = [(p, tags.pop(p)) for p in order if p in tags]
        files += documents + sorted(tags.items()) + last
        files += inner + [(b"seal/cover-sha256.txt", cover), (b"seal/salt.txt", salt)]
        files += [(b"seal/seal.txt", text)]
        return files + sorted((signatures or self.signatures)(text).items())

    def signatures(self, text):
        return {self.signature_path(): ed25519.minisign(self.key, text)}

    def signature_path(self, kind=b"minisig"):
        return b"seal/" + ed25519.fp(self.key.public) + b"." + kind


def cover_lines(files):
    """Unlike the manifests, the cover escapes line ends as sha256sum does."""
    out = b""
    for path, data in sorted(files):
        shown = path.replace(b"\n", b"\\n").replace(b"\r", b"\\r")
        out += b"%s%s  %s\n" % (b"\\" if shown != path else b"", sha256(data), shown)
    return out


def without(files, *paths):
    return [(path, data) for path, data in files if path not in paths]


def altered(files, path, change):
    """One file's content changed after the sealing."""
    assert path in dict(files), path
    return [(p, change(data) if p == path else data) for p, data in files]
