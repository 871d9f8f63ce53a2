"""Makes files that tell something of somebody, or nothing, and hostile ones: privacy_files.py FOLDER

It needs nothing but python3-minimal. What stock tools make better, test_privacy.sh has them make.
"""
import os
import struct
import sys
import zlib

HOME = b"/home" + b"/maria"
XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">%s'
    b'</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
CREATOR = XMP % b"<dc:creator><rdf:Seq><rdf:li>Maria XMP</rdf:li></rdf:Seq></dc:creator>"


def write(name, data):
    path = os.path.join(sys.argv[1], name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


# ---- PDF -----------------------------------------------------------------------------------


def pdf(info=b"", xmp=None, notes=b""):
    more = b" /Metadata 5 0 R" if xmp else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R%s >>" % more,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Annots [%s] >>" % notes,
        b"<< %s >>" % info,
    ]
    if xmp:
        objects.append(
            b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream"
            % (len(xmp), xmp)
        )
    out = b"%PDF-1.4\n"
    table = b"0000000000 65535 f \n"
    for i, text in enumerate(objects):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (i + 1, text)
    size = len(objects) + 1
    tail = b"xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\n" % (size, table, size)
    return out + tail + b"startxref\n%d\n%%%%EOF\n" % len(out)


# ---- zip -----------------------------------------------------------------------------------


def zip_file(parts, claimed=None):
    """Deflated parts; `claimed` is told instead of how many there are."""
    out, central = b"", b""
    for name, data in parts:
        squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
        body = squeezer.compress(data) + squeezer.flush()
        common = struct.pack(
            "<HHHHHIIIHH", 20, 0, 8, 0, 33, zlib.crc32(data), len(body), len(data), len(name), 0
        )
        central += b"PK\1\2\x14\0" + common + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + name
        out += b"PK\3\4" + common + name + body
    count = len(parts) if claimed is None else claimed
    return out + central + b"PK\5\6" + struct.pack(
        "<HHHHIIH", 0, 0, count, count, len(central), len(out), 0
    )


TYPES = (b"[Content_Types].xml", b"<Types/>")


def document(properties=b"", app=b"", text=b"", more=()):
    core = (
        b'<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        b"<dc:title>A report</dc:title>%s</cp:coreProperties>" % properties
    )
    parts = [
        TYPES,
        (b"docProps/core.xml", core),
        (b"docProps/app.xml", b"<Properties><Application>Writer</Application>%s</Properties>" % app),
        (
            b"word/document.xml",
            b'<w:document xmlns:w="urn:w"><w:p><w:t>Write to mail@example.org</w:t>%s</w:p>'
            b"</w:document>" % text,
        ),
    ]
    return zip_file(parts + list(more))


# ---- MP4 -----------------------------------------------------------------------------------


def box(kind, data):
    return struct.pack(">I", 8 + len(data)) + kind + data


def mp4(more=b""):
    identity = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    head = struct.pack(">IIIIIIH", 0, 0, 0, 1000, 0, 0x10000, 0x100) + bytes(10) + identity
    movie = box(b"mvhd", head + bytes(24) + struct.pack(">I", 1)) + more
    start = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
    return start + box(b"moov", movie) + box(b"mdat", bytes(32))


def nested(depth):
    data = b""
    for _ in range(depth):
        data = box(b"trak", data)
    return data


# ---- EXIF ----------------------------------------------------------------------------------


def tiff(entries, tail=b"", following=0):
    out = b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        out += struct.pack("<HHII", tag, kind, count, value)
    return out + struct.pack("<I", following) + tail


def jpeg(exif, more=b""):
    body = b"Exif\0\0" + exif
    return (
        b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body + more + b"\xff\xda\0\2\xff\xd9"
    )


def canon():
    """A maker note: a directory of Canon's, with the owner's name and the serial number."""
    owner = b"Maria Maker".ljust(32, b"\0")
    note = struct.pack("<H", 2) + struct.pack("<HHII", 12, 4, 1, 987654321)
    exif_at = 8 + 2 + 2 * 12 + 4 + 6
    note_at = exif_at + 2 + 12 + 4
    note += struct.pack("<HHII", 9, 2, len(owner), note_at + 2 + 2 * 12 + 4) + bytes(4) + owner
    exif = struct.pack("<HHHII", 1, 0x927C, 7, len(note), note_at) + bytes(4) + note
    return tiff([(0x010F, 2, 6, exif_at - 6), (0x8769, 4, 1, exif_at)], b"Canon\0" + exif)


def raw(text):
    return tiff([(0x013B, 2, len(text) + 1, 26)], text + b"\0")


# ---- PNG -----------------------------------------------------------------------------------


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks):
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixel = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + pixel + chunk(b"IEND", b"")


def told(put):
    widget = b"<< /Subtype /Widget /Rect [0 0 1 1] /T (field) >>"
    note = b"<< /Subtype /Text /Rect [0 0 1 1] /T (Maria Note) >>"
    put("told/info.pdf", pdf(b"/Author (Maria Info) /Creator (C:\\\\Users\\\\maria\\\\Word)"))
    put("told/xmp.pdf", pdf(b"/Title (A)", CREATOR, widget + note))
    put(
        "told/text.docx",
        document(
            b"<dc:creator>Maria Core</dc:creator><cp:lastModifiedBy>Jose Last</cp:lastModifiedBy>",
            b"<Company>Maria and Sons</Company><Manager>Ana Boss</Manager>",
            b'<w:ins w:author="Luis Change"/>',
            [
                (b"word/comments.xml", b'<c xmlns:w="urn:w"><w:comment w:author="Eva Note"/></c>'),
                (
                    b"word/_rels/settings.xml.rels",
                    b'<Relationships><Relationship Target="file:///C:\\Users\\nora\\a.dotx"/></Relationships>',
                ),
                (b"word/media/image1.jpeg", jpeg(raw(b"Maria Picture"))),
            ],
        ),
    )
    put(
        "told/book.xlsx",
        zip_file(
            [
                TYPES,
                (
                    b"xl/workbook.xml",
                    b'<workbook><fileSharing userName="Maria Sharing"/>'
                    b'<absPath url="C:\\Users\\nora\\Desktop\\"/></workbook>',
                ),
                (b"customXml/item1.xml", b"<a><owner>owner@example.org</owner></a>"),
                (
                    b"xl/worksheets/_rels/sheet1.xml.rels",
                    b'<Relationships><Relationship Target="mailto:link@example.org"/></Relationships>',
                ),
            ]
        ),
    )
    core = b'<core xmlns:dc="urn:d"><dc:creator>%s</dc:creator></core>'
    put(
        "told/net.docx",
        zip_file(
            [
                TYPES,
                (b"package/services/metadata/core-properties/1.psmdcp", core % b"Maria Net"),
                (b"DOCPROPS/Core.XML", core % b"Maria Upper"),
                (
                    b"word/people.xml",
                    b'<a><presenceInfo userId="S::maria@example.org::1"/></a>',
                ),
                (b"xl/pivotCache/pivotCacheDefinition1.xml", b'<a refreshedBy="Maria Pivot"/>'),
            ]
        ),
    )
    signed = b"<< /Subtype /Widget /FT /Sig /V << /Name (Maria Sig) /Location (Lima) >> >>"
    put("told/signed.pdf", pdf(b"", None, signed))
    meta = (
        b'<office:document-meta xmlns:office="urn:o" xmlns:meta="urn:m" xmlns:dc="urn:d">'
        b"<meta:initial-creator>Maria Odt</meta:initial-creator><dc:creator>Jose Odt</dc:creator>"
        b"</office:document-meta>"
    )
    mimetype = (b"mimetype", b"application/vnd.oasis.opendocument.text")
    put("told/text.odt", zip_file([mimetype, (b"meta.xml", meta)]))
    put("told/canon.jpg", jpeg(canon()))
    put("told/ztxt.png", png(chunk(b"zTXt", b"Author\0\0" + zlib.compress(b"Maria Ztxt"))))
    put(
        "told/comment.png",
        png(chunk(b"tEXt", b"Comment\0see https://x.example.org/a?access_token=sikret0123456789ab")),
    )


def clean(put):
    put("clean/program.pdf", pdf(b"/Title (A report) /Creator (Writer) /Producer (LibreOffice 7.4)"))
    put("clean/text.docx", document())
    put("clean/film.mp4", mp4())
    put("clean/pixel.png", png(chunk(b"tEXt", b"Software\0a program")))
    put("clean/text.txt", b"Prose: write to mail@example.org or look into %s.\n" % HOME)
    put("clean/other.zip", zip_file([(b"a.txt", b"text")]))


def hostile(put):
    put("hostile/cut.pdf", pdf(b"/Author (Maria)")[:150])
    put("hostile/loop.pdf", pdf().replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"))
    put("hostile/depth.pdf", pdf(b"/Author " + b"[" * 200000))
    put("hostile/cut.docx", document()[:120])
    put("hostile/count.docx", zip_file([TYPES], 60000)[:-4])
    bomb = b"<a>" + b" " * (100 << 20) + b"</a>"
    put("hostile/bomb.docx", zip_file([TYPES, (b"docProps/core.xml", bomb)]))
    laughs = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    put("hostile/laughs.docx", zip_file([TYPES, (b"docProps/core.xml", laughs)]))
    put("hostile/deep.docx", zip_file([TYPES, (b"docProps/core.xml", b"<a>" * 100000)]))
    put("hostile/cut.jpg", jpeg(raw(b"Maria"))[:40])
    put("hostile/loop.tif", tiff([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0x13B, 2, 9, 1 << 31)], b"", 8))
    put("hostile/count.tif", b"II*\0\x08\0\0\0\xff\xff" + bytes(64))
    put("hostile/zip.png", png(chunk(b"zTXt", b"Author\0\0" + zlib.compress(bytes(64 << 20)))))
    put("hostile/cut.png", png()[:-6])
    put("hostile/deep.mp4", mp4(nested(5000)))
    put("hostile/long.mp4", mp4()[:-40] + struct.pack(">I", 1) + b"mdat" + b"\xff" * 8)
    places = box(b"iloc", b"\1\0\0\0\x88\x80\xff\xff" + b"\xff" * 64)
    entry = box(b"infe", b"\2\0\0\0\xff\xff\0\0Exif\0")
    info = box(b"iinf", b"\0\0\0\0\0\1" + entry)
    put("hostile/place.heic", box(b"ftyp", b"heic\0\0\0\0") + box(b"meta", bytes(4) + info + places))
    put("wrong/a.jpg", jpeg(raw(b"Maria Before")))
    notes = [(0x013B, 2, 14, 38), (0x927C, 7, 4, 0)]
    put("wrong/b.jpg", jpeg(tiff(notes, b"Maria hostile\0")))
    put("wrong/c.jpg", jpeg(raw(b"Maria After")))


if __name__ == "__main__":
    told(write)
    clean(write)
    hostile(write)
