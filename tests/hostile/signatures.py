"""Signature files that do not hold, or are not exactly what they should be."""
import base64

import ed25519


def is_(data):
    return lambda _: data


def signed_by(kit, make):
    """The good bag with other signatures: a function from seal.txt to {path: content}."""
    return kit.make.sealed(signatures=make)


def add_minisign(kit):
    mine = kit.make.signature_path()
    maria, omar = kit.maria, kit.omar
    line = b"timestamp:1\tfile:seal.txt\tkey:KEY"
    large = lambda key, text: raised(ed25519.minisign(key, text))
    for rule, slug, make, text in [
        ("seal.bad-signature", "other-bytes", lambda t: ed25519.minisign(maria, t + b"x"), "over other bytes"),
        ("seal.bad-signature", "not-hashed", lambda t: ed25519.minisign(maria, t, signature=maria.sign(t)), "without the hash"),
        ("seal.bad-signature", "large-s", lambda t: large(maria, t), "with a second form of the same number"),
        ("seal.bad-signature", "global", lambda t: ed25519.minisign(maria, t, whole=maria.sign(b"x")), "with a wrong global signature"),
        ("seal.bad-signature", "zeros", lambda t: ed25519.minisign(maria, t, signature=bytes(64)), "of zeros"),
        ("seal.bad-signature|seal.signature-name", "by-other", lambda t: ed25519.minisign(omar, t, public=maria.public, id=omar.id),
         "by another key that claims to be this one"),
        ("seal.signature-name", "named-other", lambda t: ed25519.minisign(omar, t), "by another key under this key's name"),
        ("seal.signature-syntax", "legacy", lambda t: ed25519.minisign(maria, t, algorithm=b"Ed"), "of the old kind"),
        ("seal.signature-syntax", "algorithm", lambda t: ed25519.minisign(maria, t, algorithm=b"XX"), "of an unknown kind"),
        ("seal.signature-syntax", "two-keys", lambda t: ed25519.minisign(maria, t, trusted=line + b"\tkey:KEY"), "with two keys"),
        ("seal.signature-syntax", "key-id", lambda t: ed25519.minisign(maria, t, id=b"12345678"), "with another key id"),
        ("seal.signature-syntax", "key-short", lambda t: ed25519.minisign(maria, t, trusted=b"key:AAAA"), "with a short key"),
        ("seal.signature-syntax", "key-text", lambda t: ed25519.minisign(maria, t, trusted=b"key:\xff"), "with a key that is no base64"),
        ("seal.signature-syntax", "comment-long", lambda t: ed25519.minisign(maria, t, comment=b"c" * 1004), "with 1,004 bytes of comment"),
        ("seal.signature-syntax", "trusted-long", lambda t: ed25519.minisign(maria, t, trusted=line + b"c" * 8200), "with 8,200 bytes of comment"),
        ("seal.signature-syntax", "empty", is_(b""), "of nothing"),
        ("seal.signature-syntax", "junk", is_(b"junk\n"), "of junk"),
        ("seal.signature-syntax", "fifth-line", lambda t: ed25519.minisign(maria, t) + b"more\n", "with a fifth line"),
        ("seal.signature-syntax", "twice", lambda t: ed25519.minisign(maria, t) * 2, "twice in its file"),
        ("seal.signature-syntax", "nul", lambda t: ed25519.minisign(maria, t) + b"\0", "with a NUL behind it"),
        ("seal.signature-syntax", "crlf-one", lambda t: ed25519.minisign(maria, t).replace(b"\n", b"\r\n", 1), "with two kinds of line ends"),
        ("seal.signature-syntax", "bom", lambda t: b"\xef\xbb\xbf" + ed25519.minisign(maria, t), "with a byte order mark"),
        ("seal.signature-syntax", "three-lines", lambda t: b"".join(ed25519.minisign(maria, t).splitlines(True)[:3]), "of three lines"),
        ("seal.signature-syntax", "base64-spare", lambda t: spare(ed25519.minisign(maria, t), b"=\n"), "with spare bits in its base64"),
        ("seal.signature-syntax", "base64-url", lambda t: ed25519.minisign(maria, t).replace(b"\nRU", b"\n-_", 1), "in another base64"),
        ("seal.signature-syntax", "label", lambda t: ed25519.minisign(maria, t).replace(b"trusted c", b"Trusted c"), "with another label"),
    ]:
        kit.bag(rule, "minisign-" + slug, "a signature " + text, signed_by(kit, lambda t, make=make: {mine: make(t)}))
        theirs = kit.make.signature_path().replace(ed25519.fp(maria.public), ed25519.fp(omar.public))
        if slug in ("legacy", "junk", "other-bytes"):
            kit.bag(rule + "|seal.signature-name", "minisign-beside-" + slug, "a second signature " + text,
                    signed_by(kit, lambda t, make=make: {**kit.make.signatures(t), theirs: make(t)}))
    add_weak(kit)
    copy = b"seal/" + b"0" * 32 + b".minisig"
    kit.bag("seal.signature-name", "copy", "a good signature, and a copy under another name",
            signed_by(kit, lambda t: {**kit.make.signatures(t), copy: ed25519.minisign(maria, t)}))


def add_weak(kit):
    """Keys of small order, under which one signature holds for many messages in careless programs."""
    for slug, public in [
        ("zero", bytes(32)),
        ("one", b"\1" + bytes(31)),
        ("minus-one", b"\xec" + b"\xff" * 30 + b"\x7f"),
        ("one-again", b"\xee" + b"\xff" * 30 + b"\x7f"),
        ("order-8", bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
        ("not-a-point", b"\2" + bytes(31)),
    ]:
        signature = b"\1" + bytes(63)
        path = b"seal/" + ed25519.fp(public) + b".minisig"

        def make(text, public=public, path=path):
            weak = ed25519.minisign(kit.maria, text, public=public, signature=signature, whole=signature)
            return {**kit.make.signatures(text), path: weak}

        kit.bag("seal.bad-signature|seal.signature-syntax", "weak-key-" + slug, "a second signature by a weak key (%s)" % slug,
                signed_by(kit, make))


def raised(text):
    """The same signature with the group's order added to its number S (RFC 8032, 8.4)."""
    lines = text.splitlines(True)
    blob = base64.b64decode(lines[1])
    number = int.from_bytes(blob[42:], "little") + ed25519.ORDER
    lines[1] = base64.b64encode(blob[:42] + number.to_bytes(32, "little")) + b"\n"
    return b"".join(lines)


def spare(text, end):
    """Sets a bit that the base64 before this end does not use."""
    at = text.index(end)
    while text[at - 1 : at] == b"=":
        at -= 1
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[: at - 1] + alphabet[alphabet.index(text[at - 1 : at]) | 1 :][:1] + text[at:]


def add_sshsig(kit):
    path = kit.make.signature_path(b"sshsig")
    maria = kit.maria
    sign, armor = ed25519.sshsig, ed25519.armor
    bad, syntax_ = "seal.bad-signature", "seal.signature-syntax"
    for rule, slug, make, text in [
        (bad, "other-bytes", lambda t: armor(sign(maria, t + b"x")), "over other bytes"),
        (bad, "plain", lambda t: armor(sign(maria, t, signature=maria.sign(t))), "over the bytes alone"),
        (bad, "zeros", lambda t: armor(sign(maria, t, signature=bytes(64))), "of zeros"),
        ("seal.signature-name", "by-other", lambda t: armor(sign(kit.omar, t)), "by another key under this key's name"),
        (syntax_, "namespace-file", lambda t: armor(sign(maria, t, namespace=b"file")), "for files"),
        (syntax_, "namespace-git", lambda t: armor(sign(maria, t, namespace=b"git")), "for git"),
        (syntax_, "namespace-empty", lambda t: armor(sign(maria, t, namespace=b"")), "for nothing"),
        (syntax_, "namespace-nul", lambda t: armor(sign(maria, t, namespace=b"seal@sealbag\0")), "for a name with a NUL"),
        (syntax_, "namespace-longer", lambda t: armor(sign(maria, t, namespace=b"seal@sealbag2")), "for a longer name"),
        (syntax_, "version-2", lambda t: armor(sign(maria, t, version=2)), "of version 2"),
        (syntax_, "magic", lambda t: armor(sign(maria, t, magic=b"SSHSIX")), "with another magic"),
        (syntax_, "reserved", lambda t: armor(sign(maria, t, reserved=b"x")), "with something reserved"),
        (syntax_, "sha1", lambda t: armor(sign(maria, t, algorithm=b"sha1")), "with SHA-1"),
        (syntax_, "md5", lambda t: armor(sign(maria, t, algorithm=b"md5")), "with MD5"),
        (syntax_, "blob-end", lambda t: armor(sign(maria, t, end=b"evil")), "with bytes behind it"),
        (syntax_, "blob-cut", lambda t: armor(sign(maria, t)[:-1]), "that is cut off"),
        (syntax_, "text-before", lambda t: b"hello\n" + armor(sign(maria, t)), "with a text before it"),
        (syntax_, "text-after", lambda t: armor(sign(maria, t)) + b"hello\n", "with a text behind it"),
        (syntax_, "twice", lambda t: armor(sign(maria, t)) * 2, "twice in its file"),
        (syntax_, "long-line", lambda t: armor(sign(maria, t), 80), "with lines of 80 characters"),
        (syntax_, "large", lambda t: armor(sign(maria, t, end=b"x" * 6200)), "of more than 8 KiB"),
        (syntax_, "crlf-one", lambda t: armor(sign(maria, t)).replace(b"\n", b"\r\n", 1), "with two kinds of line ends"),
        (syntax_, "empty", is_(b""), "of nothing"),
        (syntax_, "minisign", lambda t: ed25519.minisign(maria, t), "that is one of minisign"),
        (syntax_, "huge-length", lambda t: armor(b"SSHSIG\0\0\0\1\xff\xff\xff\xff" + sign(maria, t)[14:]), "with a length of 4 GiB"),
    ]:
        kit.bag(rule, "sshsig-" + slug, "an OpenSSH signature " + text,
                signed_by(kit, lambda t, make=make: {**kit.make.signatures(t), path: make(t)}))
    kit.bag("", "control-sshsig", "an OpenSSH signature that is right",
            signed_by(kit, lambda t: {**kit.make.signatures(t), path: armor(sign(maria, t))}), code=0)


def add_all(kit):
    kit.group = "seal"
    add_minisign(kit)
    add_sshsig(kit)
