"""Ed25519 (RFC 8032) and the signature files of a seal, for bundles that are altered and then signed.

The attacks need signatures that no program makes, so they are computed here. Nothing is kept secret
from anybody who measures times: never use this for real keys.
"""
import base64
import hashlib
import struct

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(one, two):
    """The sum of two points in extended coordinates (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def base_point():
    y = 4 * pow(5, P - 2, P) % P
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x & 1:
        x = P - x
    return x, y, 1, x * y % P


def multiples():
    """For each byte of a number, its 255 multiples of the base point."""
    rows, point = [], base_point()
    for _ in range(32):
        row = [(0, 1, 1, 0)]
        for _ in range(256):
            row.append(add(row[-1], point))
        point = row.pop()
        rows.append(row)
    return rows


MULTIPLES = multiples()


def times_base(scalar):
    total = (0, 1, 1, 0)
    for row, byte in zip(MULTIPLES, scalar.to_bytes(32, "little")):
        total = add(total, row[byte])
    return total


def encode(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


class Key:
    """A secret key without a passphrase, in minisign's format."""

    def __init__(self, file):
        with open(file, "rb") as secret:
            blob = base64.b64decode(secret.read().split(b"\n")[1])
        self.id, seed = blob[54:62], blob[62:94]
        digest = hashlib.sha512(seed).digest()
        clamped = int.from_bytes(digest[:32], "little")
        self.scalar = clamped & (2**254 - 8) | 2**254
        self.prefix = digest[32:]
        self.public = encode(times_base(self.scalar))

    def sign(self, data):
        r = number(self.prefix, data) % ORDER
        point = encode(times_base(r))
        k = number(point, self.public, data)
        return point + ((r + k * self.scalar) % ORDER).to_bytes(32, "little")


def ssh_blob(public):
    return string(b"ssh-ed25519") + string(public)


def string(data):
    """As SSH's files hold it (RFC 4251, section 5)."""
    return struct.pack(">I", len(data)) + data


def digest(public):
    return hashlib.sha256(ssh_blob(public)).digest()


def fingerprint(public):
    return b"SHA256:" + base64.b64encode(digest(public)).rstrip(b"=")


def fp(public):
    return digest(public).hex()[:32].encode()


def minisign(key, message, **other):
    """The text of a .minisig. `other` replaces parts of it: algorithm, id, public, signature,
    comment, trusted, whole (the global signature)."""
    algorithm = other.get("algorithm", b"ED")
    hashed = hashlib.blake2b(message).digest() if algorithm == b"ED" else message
    signature = other.get("signature") or key.sign(hashed)
    named = base64.b64encode(b"Ed" + other.get("id", key.id) + other.get("public", key.public))
    trusted = b"timestamp:1714979289\tfile:seal.txt\thashed\tsealbag:1\tkey:" + named
    trusted = other.get("trusted", trusted).replace(b"KEY", named)
    whole = other.get("whole") or key.sign(signature + trusted)
    comment = b"signature by sealbag, key %016X" % int.from_bytes(key.id, "little")
    return b"untrusted comment: %s\n%s\ntrusted comment: %s\n%s\n" % (
        other.get("comment", comment),
        base64.b64encode(algorithm + key.id + signature),
        trusted,
        base64.b64encode(whole),
    )


def armor(blob, width=70):
    text = base64.b64encode(blob)
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    begin, end = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
    return b"\n".join([begin] + lines + [end, b""])


def sshsig(key, message, **other):
    """The blob of a .sshsig. `other` replaces: magic, version, public, namespace, reserved,
    algorithm, kind (of the key and the signature), signature, end."""
    algorithm = other.get("algorithm", b"sha512")
    space = string(other.get("namespace", b"seal@sealbag"))
    rest = string(other.get("reserved", b"")) + string(algorithm)
    hasher = {b"sha256": hashlib.sha256, b"md5": hashlib.md5, b"sha1": hashlib.sha1}
    hashed = string(hasher.get(algorithm, hashlib.sha512)(message).digest())
    signature = other.get("signature") or key.sign(b"SSHSIG" + space + rest + hashed)
    kind = string(other.get("kind", b"ssh-ed25519"))
    return (
        other.get("magic", b"SSHSIG")
        + struct.pack(">I", other.get("version", 1))
        + string(kind + string(other.get("public", key.public)))
        + space
        + rest
        + string(kind + string(signature))
        + other.get("end", b"")
    )
