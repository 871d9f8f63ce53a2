"""Custody chains that are not what their signers made, or not what a signer may make."""
import bags
import ed25519
import shown

ZEROS = b"0" * 64
LABELS = [b"Custody-Version", b"Event", b"By", b"To", b"Date", b"Seal", b"Previous", b"Note", b"Signatures"]


class Chain:
    """Events by this key over the good bag, any part of them replaced before it is signed."""

    def __init__(self, kit, key):
        files = dict(kit.good)
        self.key, self.seal = key, bags.sha256(files[b"seal/seal.txt"])
        self.signatures = b" ".join(sorted(bags.sha256(d) for p, d in kit.good if p.endswith(b"sig")))
        self.files, self.count, self.last = [], 0, self.seal

    def event(self, **other):
        value = {
            b"Custody-Version": b"1",
            b"Event": b"transfer",
            b"By": ed25519.fingerprint(self.key.public),
            b"To": b"Omar",
            b"Date": b"2024-06-01T10:00:00Z",
            b"Seal": self.seal,
            b"Previous": self.last,
            b"Note": b"by train",
            b"Signatures": self.signatures,
        }
        value.update((label.encode(), text) for label, text in other.items())
        return b"".join(b"%s: %s\n" % (label, value[label]) for label in LABELS)

    def add(self, text=None, key=None, sign=None, ssh=False, number=None):
        """The next event, which is `text` or a right one. sign: a function from it to its signature."""
        self.count += 1
        text = self.event() if text is None else text
        name = b"seal/custody/%04d-%s." % (number or self.count, ed25519.fp((key or self.key).public))
        signature = (sign or self.sign)(text)
        self.files += [(name + b"txt", text), (name + (b"sshsig" if ssh else b"minisig"), signature)]
        self.last = bags.sha256(text)
        return self

    def sign(self, text, trusted=b"timestamp:1\trole:custody\tkey:KEY"):
        return ed25519.minisign(self.key, text, trusted=trusted)


def add_events(kit):
    """One event that is signed by the trusted key, and is not as it must be."""
    good = Chain(kit, kit.maria).event()
    lines = good.splitlines(True)
    cases = []
    for i, label in enumerate(LABELS):
        name = label.decode().lower()
        if label not in (b"To", b"Note"):
            cases.append(("no-" + name, b"".join(lines[:i] + lines[i + 1 :]), "without its line " + label.decode()))
        cases.append(("two-" + name, b"".join(lines[: i + 1] + lines[i:]), "with two lines " + label.decode()))
    swapped = lines[:1] + lines[2:3] + lines[1:2] + lines[3:]
    cases += [
        ("order", b"".join(swapped), "in another order"),
        ("crlf", good.replace(b"\n", b"\r\n"), "with Windows line ends"),
        ("bom", b"\xef\xbb\xbf" + good, "with a byte order mark"),
        ("no-end", good[:-1], "without its last line end"),
        ("trailing", good + b"More: x\n", "with a line more"),
        ("trailing-nul", good + b"\0", "with a NUL behind it"),
        ("empty", b"", "of nothing"),
        ("seal-txt", dict(kit.good)[b"seal/seal.txt"], "that is the bag's seal.txt"),
    ]
    make = Chain(kit, kit.maria).event
    for label, texts in [
        ("Event", [b"Transfer", b"hand over", b"", b"9", b"a" * 33]),
        ("By", [b"maria", b"SHA256:", ed25519.fingerprint(kit.maria.public) + b"="]),
        ("To", [b"", b" a", b"a ", b"a" * 256, b"caf\xe9"]),
        ("Date", [b"2024-02-30T00:00:00Z", b"2024-06-01", b"1717236000", b"2024-06-01T10:00:00+00:00"]),
        ("Seal", [b"0", b"A" * 64]),
        ("Previous", [b"0", b"g" * 64]),
        ("Note", [b"", b"a" * 1001]),
        ("Signatures", [b"", b"none", ZEROS + b" " + ZEROS, b"1" * 64 + b" " + ZEROS, ZEROS + b"  " + b"1" * 64, ZEROS + b"," + b"1" * 64]),
    ]:
        for i, text in enumerate(texts):
            cases.append(("%s-%d" % (label.lower(), i), make(**{label: text}), "whose %s is %.40a" % (label, text.decode("latin-1"))))
    for slug, text, what in cases:
        kit.bag("custody.syntax", slug, "a signed custody event " + what, kit.good + Chain(kit, kit.maria).add(text).files)
    for slug, text in shown.TEXTS:
        if any(c < 32 or c == 127 for c in text) or any(kit_hidden(c) for c in text.decode("utf-8", "replace")):
            for label in "To", "Note":
                kit.bag("custody.syntax", "%s-%s" % (label.lower(), slug), "a signed custody event whose %s steers: %s" % (label, slug),
                        kit.good + Chain(kit, kit.maria).add(make(**{label: text})).files)
        else:
            kit.bag("", "custody-" + slug, "a custody event with a strange note: " + slug,
                    kit.good + Chain(kit, kit.maria).add(make(Note=text)).files, code=0)
    for rule, slug, text, what in [
        ("custody.version", "version-2", make(**{"Custody-Version": b"2"}), "of a newer kind"),
        ("custody.foreign", "seal", make(Seal=ZEROS), "about another seal"),
        ("custody.link", "previous", make(Previous=ZEROS), "that follows nothing here"),
        ("custody.signature-missing", "signatures", make(Signatures=ZEROS), "with a signature that is not there"),
        ("custody.bad-signature", "by", make(By=ed25519.fingerprint(kit.omar.public)), "in another's name"),
    ]:
        kit.bag(rule, slug, "a signed custody event " + what, kit.good + Chain(kit, kit.maria).add(text).files)


def kit_hidden(char):
    code = ord(char)
    return 0x7F <= code < 0xA0 or any(low <= code <= high for low, high in HIDDEN)


HIDDEN = [(0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x200B, 0x200F), (0x2028, 0x202E),
          (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0x1D173, 0x1D17A)]


def add_signatures(kit):
    maria, omar = kit.maria, kit.omar
    chain = lambda: Chain(kit, maria)
    ssh = lambda key, text, space: ed25519.armor(ed25519.sshsig(key, text, namespace=space))
    syntax, bad = "custody.syntax", "custody.bad-signature"
    for rule, slug, sign, what in [
        (bad, "other-bytes", lambda t: chain().sign(t + b"x"), "over other bytes"),
        (bad, "global", lambda t: ed25519.minisign(maria, t, trusted=b"role:custody\tkey:KEY", whole=maria.sign(b"x")), "with a wrong global signature"),
        (bad, "by-omar", lambda t: ed25519.minisign(omar, t, trusted=b"role:custody\tkey:KEY"), "by another key"),
        (bad, "claimed", lambda t: ed25519.minisign(omar, t, public=maria.public, id=omar.id, trusted=b"role:custody\tkey:KEY"), "by another key that claims to be this one"),
        (syntax, "no-role", lambda t: chain().sign(t, b"timestamp:1\tkey:KEY"), "without a role"),
        (syntax, "role-seal", lambda t: chain().sign(t, b"role:seal\tkey:KEY"), "with another role"),
        (syntax, "role-case", lambda t: chain().sign(t, b"role:Custody\tkey:KEY"), "with the role in another case"),
        (syntax, "role-space", lambda t: chain().sign(t, b"role:custody \tkey:KEY"), "with a space behind the role"),
        (syntax, "role-inside", lambda t: chain().sign(t, b"file:role:custody\tkey:KEY"), "with the role in another field"),
        (syntax, "two-roles", lambda t: chain().sign(t, b"role:custody\trole:custody\tkey:KEY"), "with two roles"),
        (syntax, "legacy", lambda t: ed25519.minisign(maria, t, algorithm=b"Ed", trusted=b"role:custody\tkey:KEY"), "of the old kind"),
        (syntax, "junk", lambda t: b"junk\n", "of junk"),
    ]:
        kit.bag(rule, slug, "a custody event with a signature " + what, kit.good + chain().add(sign=sign).files)
    for rule, slug, space in [
        (syntax, "ssh-seal", b"seal@sealbag"),
        (syntax, "ssh-file", b"file"),
        (syntax, "ssh-longer", b"custody@sealbag2"),
        (syntax, "ssh-nul", b"custody@sealbag\0"),
    ]:
        kit.bag(rule, slug, "a custody event signed by OpenSSH for %a" % space.decode(),
                kit.good + chain().add(sign=lambda t, space=space: ssh(maria, t, space), ssh=True).files)
    kit.bag(bad, "ssh-omar", "a custody event signed by OpenSSH with another key",
            kit.good + chain().add(sign=lambda t: ssh(omar, t, b"custody@sealbag"), ssh=True).files)
    good = chain().add()
    seal = kit.make.signature_path()
    role = lambda t: {seal: ed25519.minisign(maria, t, trusted=b"role:custody\tkey:KEY")}
    kit.bag("seal.signature-syntax", "role", "a seal with the role of a custody event", kit.make.sealed(signatures=role))
    kit.after("seal.bad-signature|seal.signature-syntax", "custody", "a custody event's signature for the seal's", seal,
              lambda _: good.files[1][1])


def add_chains(kit):
    """What anybody can do who holds a bag with a good chain."""
    chain = Chain(kit, kit.maria).add().add().add()
    one, two, three = chain.files[:2], chain.files[2:4], chain.files[4:]
    again = lambda files, number: [(p.replace(p[13:17], b"%04d" % number, 1), d) for p, d in files]
    order, link = "custody.order", "custody.link"
    for rule, slug, files, what in [
        (order, "no-first", two + three, "without its first event"),
        (order, "no-second", one + three, "without its second event"),
        (order, "no-text", one + two[1:] + three, "without an event's text"),
        (order, "no-signature", one + two[:1] + three, "without an event's signature"),
        (order, "last-signature-alone", one + two + three[1:], "without the last event's text"),
        (order, "far", chain.files + again(three, 9999), "with an event at number 9999"),
        (order, "two-kinds", chain.files + [(three[1][0].replace(b"minisig", b"sshsig"), three[1][1])], "with two signatures of one event"),
        (link, "swapped", again(two, 1) + again(one, 2) + three, "with two events swapped"),
        (link, "repeated", chain.files + again(three, 4), "with an event repeated"),
        (link, "renumbered", again(two, 1) + again(three, 2), "renumbered without its first event"),
        ("seal.unknown-file", "number-0", again(one, 0) + two + three, "with a number 0000"),
        ("seal.unknown-file", "number-10000", chain.files + [(p.replace(b"0003", b"10000"), d) for p, d in three], "with a number 10000"),
        ("path.duplicate", "twice", chain.files + three[:1], "with an event's file twice"),
    ]:
        kit.bag(rule, "custody-" + slug, "a custody chain " + what, kit.good + files)
    stranger = Chain(kit, kit.stranger).add()
    kit.bag("custody.unknown-key", "stranger", "a custody event by a stranger", kit.good + stranger.files)
    keyless = Chain(kit, kit.stranger)
    keyless.add(sign=lambda t: keyless.sign(t, b"role:custody"))
    kit.bag("custody.not-checkable", "keyless", "a custody event by a key that is not told", kit.good + keyless.files)
    kit.bag("", "control-custody", "a good custody chain", kit.good + chain.files, code=0)
    other = kit.make.sealed(time=b"2020-01-01T00:00:00Z")
    kit.bag("custody.foreign", "other-bag", "the custody chain of another bag", other + chain.files)
    lost = [(p, d) for p, d in kit.good if not p.endswith(b".minisig")]
    kit.bag("custody.signature-missing", "seal-gone", "a custody chain without the seal's signature", lost + chain.files)


def add_large(kit):
    """Many, and large ones: nobody has signed them."""
    fp = ed25519.fp(kit.stranger.public)
    digests = b" ".join(b"%064x" % i for i in range(4000))
    name = lambda i, kind: b"seal/custody/%04d-%s.%s" % (i, fp, kind)
    text = Chain(kit, kit.stranger).event(Signatures=digests)
    for rule, slug, count, what in [
        ("custody.order", "large", 500, "some 125 MiB"),
        ("limit.reached", "custody-large", 530, "more than 128 MiB"),
    ]:
        kit.bag(rule, slug, "%d custody events of together %s" % (count, what), kit.good + [(name(i + 1, b"txt"), text) for i in range(count)])
    kit.bag("limit.reached", "custody-long", "a custody event of more than 320 KiB",
            kit.good + [(name(1, b"txt"), text + b"x" * (80 << 10))])
    small = Chain(kit, kit.stranger).event()
    many = [(name(i, kind), data) for i in range(9999, 0, -1) for kind, data in ((b"txt", small), (b"minisig", b"junk\n"))]
    kit.bag("custody.syntax", "many", "9,999 custody events in the wrong order, with signatures of junk", kit.good + many)


def add_all(kit):
    kit.group = "custody"
    add_events(kit)
    add_signatures(kit)
    add_chains(kit)
    add_large(kit)
