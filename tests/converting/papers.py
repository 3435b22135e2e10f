"""PDFs by hand: good ones, and such as nobody should have to open."""

import zlib


def pdf(objects, *, root=1, trailer=b""):
    """Objects 1… in order, with their table."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root %d 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        root,
        trailer,
        table,
    )
    return bytes(out)


def stream(content, more=b""):
    return b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(content), more, content)


def page_of(title, body=(), colour=(0.1, 0.3, 0.6)):
    """A head in large letters, lines below it, and a coloured bar."""
    lines = [b"%.2f %.2f %.2f rg 0 480 960 60 re f" % colour, b"0 0 0 rg"]
    lines.append(b"BT /F1 40 Tf 60 400 Td (%s) Tj ET" % title.encode())
    lines += [b"BT /F1 20 Tf 60 %d Td (%s) Tj ET" % (340 - 30 * at, text.encode()) for at, text in enumerate(body)]
    return b"\n".join(lines)


def slides(titles, *, box=(960, 540), content=None, trailer=b"", more=()):
    """One page for each title."""
    count = len(titles)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * at) for at in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for at, title in enumerate(titles):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (*box, 5 + 2 * at)
        )
        objects.append(content or stream(page_of(title, (f"Line one of page {at + 1}", "Line two"))))
    return pdf([*objects, *more], trailer=trailer)


def encrypted():
    """It says that it is, with a key that no empty password opens."""
    lock = b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >>" % (b"41" * 32, b"42" * 32)
    plain = slides(["A"])
    number = plain.count(b" 0 obj") + 1
    return slides(["A"], more=(lock,), trailer=b"/Encrypt %d 0 R /ID [<00><00>] " % number)


def many_pages(count):
    """One page, named so many times: small on disk."""
    kids = b" ".join([b"3 0 R"] * count)
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 960 540] >>",
        ]
    )


def deep(levels):
    """Forms within forms: each draws the next twice."""
    forms = []
    first = 6
    for at in range(levels):
        inner = first + at + 1
        last = at == levels - 1
        resources = b"" if last else b"/Resources << /XObject << /X %d 0 R >> >> " % inner
        words = b"0 0 1 1 re f" if last else b"/X Do /X Do"
        forms.append(stream(words, b"/Type /XObject /Subtype /Form /BBox [0 0 960 540] %s" % resources))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 960 540] /Contents 5 0 R "
        b"/Resources << /XObject << /X 6 0 R >> >> >>",
        stream(b"/X Do"),
    ]
    return pdf([*objects, *forms])


def unpacking(mib):
    """A stream of a few kilobytes for each of so many mebibytes of drawing that it unpacks to."""
    packer, checksum = zlib.compressobj(9), zlib.adler32(b"")
    piece = b"0 0 960 540 re f\n" * 61_681  # a mebibyte
    # What follows a full flush looks at nothing before it: it is packed once, and stands there as often as one likes.
    first, again = (packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    for _ in range(mib):
        checksum = zlib.adler32(piece, checksum)
    last = packer.flush()[:-4] + checksum.to_bytes(4, "big")
    return slides(["A"], content=stream(first + again * (mib - 1) + last, b"/Filter /FlateDecode "))


def picture_bomb(side):
    """A picture that says it is so large, of nothing but zeros."""
    packer, packed = zlib.compressobj(9), bytearray()
    for _ in range(side // 64 + 1):
        packed += packer.compress(bytes(64 * side * 3)) if side < 20_000 else packer.compress(bytes(1 << 20))
    packed += packer.flush()
    picture = stream(
        bytes(packed),
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 "
        b"/Filter /FlateDecode " % (side, side),
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 960 540] /Contents 4 0 R "
        b"/Resources << /XObject << /X 5 0 R >> >> >>",
        stream(b"960 0 0 540 0 0 cm /X Do"),
        picture,
    ]
    return pdf(objects)
