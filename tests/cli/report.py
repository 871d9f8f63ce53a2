#!/usr/bin/env python3
"""Looks at reports that `sealbag report` has made, as bytes: strictly, since they are all ours.

report.py check FILE      well-formed, accessible, inert, enough contrast; exit 1 and sentences if not
report.py text FILE       what a reader sees
report.py commands FILE   the commands of the last section, one block after the other
report.py picture FILE    a PNG is not blank
report.py many FILE       makes an unsigned bundle of 10,000 documents, without as many files
"""
import hashlib
import re
import struct
import sys
import zlib

VOID = {"meta", "link", "br", "wbr"}
TAGS = VOID | set(
    "html head title style body main footer section h1 h2 h3 p strong em small span bdi code pre ul ol "
    "li dl dt dd div table thead tbody tr th td time svg g path rect text defs marker".split())
ATTRIBUTE = re.compile(r' ([a-zA-Z-]+)="([^"<>]*)"')
TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-zA-Z-]+="[^"<>]*")*)(/?)>')
ENTITY = re.compile(r"&(#[0-9]{1,3}|lt|gt|amp|quot);")
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

problems = []


def bad(sentence):
    problems.append(sentence)


def decode(text):
    names = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
    return ENTITY.sub(lambda m: names.get(m[1]) or chr(int(m[1][1:])), text)


def tokens(html):
    """(kind, name, attributes, text) with kind one of open, close, text, style."""
    at = len("<!DOCTYPE html>\n")
    if not html.startswith("<!DOCTYPE html>\n"):
        bad("it does not begin with its document type")
        at = 0
    while at < len(html):
        if html[at] != "<":
            end = html.find("<", at)
            end = len(html) if end < 0 else end
            text = html[at:end]
            if "&" in ENTITY.sub("", text) or ">" in text:
                bad("text with a bare & or >: %r" % text[:80])
            yield "text", None, None, text
            at = end
            continue
        found = TAG.match(html, at)
        if not found:
            bad("a malformed tag: %r" % html[at:at + 80])
            return
        attributes = ATTRIBUTE.findall(found[3])
        if len(dict(attributes)) != len(attributes):
            bad("an attribute that is there twice: %r" % found[0])
        for _, value in attributes:
            if "&" in ENTITY.sub("", value):
                bad("an attribute with a bare &: %r" % value[:80])
        yield "close" if found[1] else "open", found[2], dict(attributes), found[4]
        at = found.end()
        if found[2] == "style" and not found[1]:
            end = html.index("</style>", at)
            yield "style", None, None, html[at:end]
            at = end


class Page:
    def __init__(self, html):
        self.elements = []  # (name, attributes, parents, text)
        self.style = ""
        stack = []
        for kind, name, attributes, text in tokens(html):
            if kind == "style":
                self.style += text
            elif kind == "text":
                for element in stack:
                    element[3].append(decode(text))
                if not stack and text.strip():
                    bad("text outside of the page")
            elif kind == "open":
                if name not in TAGS:
                    bad("the element %s does not belong here" % name)
                element = (name, attributes, [e[0] for e in stack], [])
                self.elements.append(element)
                if name not in VOID and text != "/":
                    stack.append(element)
            elif not stack or stack[-1][0] != name:
                bad("</%s> closes nothing" % name)
            else:
                stack.pop()
        if stack:
            bad("%s is not closed" % stack[-1][0])

    def all(self, name):
        return [e for e in self.elements if e[0] == name]


def text_of(element):
    return "".join(element[3])


# ---- contrast (WCAG 2.1, 1.4.3) ----------------------------------------------------------------

def luminance(color):
    if len(color) == 4:
        color = "#" + "".join(c * 2 for c in color[1:])
    parts = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def check_colors(style):
    pairs = 0
    for selector, rule in re.findall(r"([^{}]*)\{([^{}]*)\}", style):
        values = dict(re.findall(r"(?:^|;)(color|background|fill|stroke):(#[0-9a-f]{3,6})", rule))
        if ("color" in values) != ("background" in values):
            bad("the rule %s has only one of color and background" % selector)
        if "color" in values and "background" in values:
            pairs += 1
            if contrast(values["color"], values["background"]) < 4.5:
                bad("the contrast of %s is less than 4.5" % selector)
        # Letters and lines of the drawing are on white, or on the grey of its boxes.
        least = 4.5 if ".name" in selector or ".where" in selector or ".word" in selector else 3
        seen = values.get("stroke") if ".link" in selector or "rect" in selector else values.get("fill")
        for ground in ("#ffffff", "#f4f5f7"):
            if seen and "t1" not in selector and contrast(seen, ground) < least:
                bad("%s cannot be seen on %s" % (selector, ground))
    if pairs < 10:
        bad("only %d pairs of colours were found" % pairs)


# ---- what has to be there ----------------------------------------------------------------------

def check_head(page):
    policy = [e[1].get("content") for e in page.all("meta")
              if e[1].get("http-equiv") == "Content-Security-Policy"]
    if [decode(p) for p in policy] != ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]:
        bad("the content security policy is %r" % policy)
    if [e[1].get("lang") for e in page.all("html")] not in (["en"], ["es"]):
        bad("the page says no language")
    if len(page.all("title")) < 1 or not text_of(page.all("title")[0]).strip():
        bad("the page has no title")
    if len(page.all("main")) != 1 or len(page.all("h1")) != 1:
        bad("there is not exactly one <main> with one <h1>")
    ids = [e[1]["id"] for e in page.elements if "id" in e[1]]
    if len(set(ids)) != len(ids):
        bad("an id is there twice")


def check_structure(page):
    level = 0
    for name, attributes, _, text in page.elements:
        if re.fullmatch("h[1-6]", name):
            if int(name[1]) > level + 1:
                bad("a heading of level %s follows one of level %d" % (name[1], level))
            level = int(name[1])
            if not "".join(text).strip():
                bad("an empty heading")
        if name == "th" and "scope" not in attributes:
            bad("a <th> without scope: %r" % "".join(text)[:40])
    pictures = [e for e in page.all("svg") if "svg" not in e[2]]
    titles = [e for e in page.all("title") if e[2] and e[2][-1] == "svg" and e[2].count("svg") == 1]
    named = [e for e in pictures if e[1].get("role") == "img"]
    for picture in pictures:
        if picture[1].get("role") != "img" and picture[1].get("aria-hidden") != "true":
            bad("a drawing is neither named nor hidden")
    if len(named) != len(titles):
        bad("%d drawings have %d titles" % (len(named), len(titles)))
    for table in page.all("table"):
        if "thead" not in [e[0] for e in page.elements if "table" in e[2]]:
            bad("a table has no head")
    if "display:table-header-group" not in page.style or "@page" not in page.style:
        bad("nothing is said about printing")


def check_inert(page, html):
    for name, attributes, _, _ in page.elements:
        for key, value in attributes.items():
            if key.startswith("on") or key in ("src", "action", "xlink", "srcdoc") or (
                    key == "href" and value != "data:,"):
                bad("<%s> has %s=%r" % (name, key, value))
    if re.search(r"@import|expression|url\((?!#)", page.style + html):
        bad("the style loads something")
    found = HIDDEN.search(html)
    if found:
        bad("an invisible character: %r" % html[max(0, found.start() - 40):found.end() + 10])


def check(path):
    raw = open(path, "rb").read()
    html = raw.decode("utf-8")
    page = Page(html)
    check_head(page)
    check_structure(page)
    check_inert(page, html)
    check_colors(page.style)


def show_text(path):
    page = Page(open(path, encoding="utf-8").read())
    body = page.all("body")
    print(re.sub(r"[ \n]+", " ", text_of(body[0])) if body else "")


def show_commands(path):
    for element in Page(open(path, encoding="utf-8").read()).all("pre"):
        print(text_of(element), end="")


# ---- pictures ----------------------------------------------------------------------------------

def check_picture(path):
    data = open(path, "rb").read()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        bad("it is no PNG")
        return
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += size + 12
    # Rows of a blank page are all the same.
    pixels = zlib.decompress(packed)
    width, height = struct.unpack(">II", data[16:24])
    row = len(pixels) // height
    kinds = len({pixels[i * row + 1:(i + 1) * row] for i in range(height)})
    if kinds < 50:
        bad("of its %d rows only %d differ" % (height, kinds))


# ---- a bundle ----------------------------------------------------------------------------------

def tar_file(name, data):
    head = bytearray(512)
    head[:len(name)] = name.encode()
    head[100:108] = b"0000644\0"
    head[108:124] = b"0000000\0" * 2
    head[124:148] = b"%011o\0%011o\0" % (len(data), 0)
    head[148:156] = b" " * 8
    head[156:157] = b"0"
    head[257:265] = b"ustar\00000"
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + data + bytes(-len(data) % 512)


def make_many(path):
    manifest, files = [], []
    for i in range(10000):
        name, data = "data/document-%05d" % i, b"document %d\n" % i
        manifest.append("%s  %s\n" % (hashlib.sha256(data).hexdigest(), name))
        files.append(tar_file("many/" + name, data))
    declaration = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    files.append(tar_file("many/bagit.txt", declaration))
    files.append(tar_file("many/manifest-sha256.txt", "".join(manifest).encode()))
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)  # 31: as gzip
    with open(path, "wb") as to:
        to.write(packer.compress(b"".join(files) + bytes(1024)) + packer.flush())


def main():
    actions = {"check": check, "text": show_text, "commands": show_commands, "picture": check_picture,
               "many": make_many}
    if len(sys.argv) != 3 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    sys.stdout.reconfigure(encoding="utf-8")
    actions[sys.argv[1]](sys.argv[2])
    for sentence in problems[:20]:
        print(sentence, file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
