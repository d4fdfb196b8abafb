"""A sheet as PDF: one page, vector shapes, embedded fonts, text that can be searched, alternative text, metadata."""

from __future__ import annotations

import hashlib
import zlib
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from napari_vascular_loop.export.sheet.font import FAMILY, face
from napari_vascular_loop.export.sheet.items import MM_PER_INCH, MM_PER_POINT, Item, Picture, Shape, Sheet, Words
from napari_vascular_loop.export.sheet.pixels import picture_pixels, rgb_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_vascular_loop.export.sheet.files import About

MEMORY_NAMESPACE = "urn:napari-vascular-loop:figure"
_TEXT_ROLES = ("caption", "position")


class _Objects:
    """The numbered objects of a file."""

    def __init__(self) -> None:
        self._bodies: list[bytes | None] = []

    def keep(self) -> int:
        """A number for what is still to be written."""
        self._bodies.append(None)
        return len(self._bodies)

    def put(self, body: str | bytes, number: int | None = None) -> int:
        """Write an object."""
        number = number or self.keep()
        self._bodies[number - 1] = body.encode("latin-1") if isinstance(body, str) else body
        return number

    def stream(self, data: bytes, about: str = "", *, packed: bool = True) -> int:
        """Write a stream."""
        body = zlib.compress(data, 9) if packed else data
        filtered = "/Filter /FlateDecode " if packed else ""
        head = f"<< {about} {filtered}/Length {len(body)} >>\nstream\n".encode("latin-1")
        return self.put(head + body + b"\nendstream")

    def file(self, root: int, info: int) -> bytes:
        """All of them, with the table of where each begins."""
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, body in enumerate(self._bodies, start=1):
            places.append(len(out))
            out += f"{number} 0 obj\n".encode() + (body or b"null") + b"\nendobj\n"
        table = len(out)
        out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
        out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
        digest = hashlib.md5(bytes(out), usedforsecurity=False).hexdigest()
        out += (
            f"trailer\n<< /Size {len(places) + 1} /Root {root} 0 R /Info {info} 0 R "
            f"/ID [<{digest}> <{digest}>] >>\nstartxref\n{table}\n%%EOF\n"
        ).encode()
        return bytes(out)


def pdf_of(sheet: Sheet, dpi: float, about: About) -> bytes:
    """Write a sheet as a PDF of one page.

    Parameters
    ----------
    sheet : Sheet
        What is drawn.
    dpi : float
        Of the pictures in it.
    about : About
        What is said of it: the description is the figure's alternative text, as screen readers want it.
    """
    objects = _Objects()
    root, pages, page, structure = (objects.keep() for _ in range(4))
    fonts = {bold: _font(objects, bold, _letters(sheet, bold)) for bold in (False, True) if _letters(sheet, bold)}
    images: list[int] = []
    content = [_paper(sheet)]
    parts: list[tuple[str, int]] = []
    # The picture with all that is on it is one thing to be read, each paragraph another.
    for kind, items in groupby(sheet.items, key=lambda item: "P" if item.role in _TEXT_ROLES else "Figure"):
        content.append(f"/{kind} <</MCID {len(parts)}>> BDC")
        content += [_drawn(item, sheet, objects, images, dpi) for item in items]
        content.append("EMC")
        parts.append((kind, len(parts)))
    stream = objects.stream("\n".join(content).encode("latin-1"))
    font_names = " ".join(f"/{_font_name(bold)} {number} 0 R" for bold, number in fonts.items())
    image_names = " ".join(f"/I{n} {number} 0 R" for n, number in enumerate(images))
    width, height = sheet.width_mm / MM_PER_POINT, sheet.height_mm / MM_PER_POINT
    objects.put(
        f"<< /Type /Page /Parent {pages} 0 R /MediaBox [0 0 {width:.3f} {height:.3f}] /Contents {stream} 0 R "
        f"/StructParents 0 /Tabs /S /Resources << /Font << {font_names} >> /XObject << {image_names} >> >> >>",
        page,
    )
    objects.put(f"<< /Type /Pages /Kids [{page} 0 R] /Count 1 >>", pages)
    _structure(objects, structure, page, parts, about)
    xmp = objects.stream(_xmp(about).encode("utf-8"), "/Type /Metadata /Subtype /XML", packed=False)
    objects.put(
        f"<< /Type /Catalog /Pages {pages} 0 R /Metadata {xmp} 0 R /StructTreeRoot {structure} 0 R /Lang (en) "
        "/MarkInfo << /Marked true >> /ViewerPreferences << /DisplayDocTitle true >> >>",
        root,
    )
    info = objects.put(
        f"<< /Title {_string(about.title)} /Subject {_string(about.alt)} /Producer (napari-vascular-loop) "
        f"/Creator (napari-vascular-loop) >>"
    )
    return objects.file(root, info)


def _letters(sheet: Sheet, bold: bool) -> list[str]:
    used = {letter for item in sheet.items if isinstance(item, Words) and item.bold is bold for letter in item.text}
    return sorted(used)


def _font_name(bold: bool) -> str:
    return "F2" if bold else "F1"


def _string(text: str) -> str:
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"


def _colour(colour: str) -> str:
    return " ".join(f"{value / 255:.4g}" for value in rgb_of(colour))


def _paper(sheet: Sheet) -> str:
    width, height = sheet.width_mm / MM_PER_POINT, sheet.height_mm / MM_PER_POINT
    return f"/Artifact BMC\n{_colour(sheet.paper)} rg 0 0 {width:.3f} {height:.3f} re f\nEMC"


def _drawn(item: Item, sheet: Sheet, objects: _Objects, images: list[int], dpi: float) -> str:
    match item:
        case Picture():
            return _picture(item, sheet, objects, images, dpi)
        case Shape():
            return _shape(item, sheet)
        case Words():
            return _words(item, sheet)


def _x(mm: float) -> str:
    return f"{mm / MM_PER_POINT:.3f}"


def _y(mm: float, sheet: Sheet) -> str:
    return f"{(sheet.height_mm - mm) / MM_PER_POINT:.3f}"


def _picture(picture: Picture, sheet: Sheet, objects: _Objects, images: list[int], dpi: float) -> str:
    pixels = picture_pixels(picture, dpi / MM_PER_INCH)
    rows, columns = pixels.shape
    images.append(
        objects.stream(
            pixels.tobytes(),
            f"/Type /XObject /Subtype /Image /Width {columns} /Height {rows} /ColorSpace /DeviceGray "
            "/BitsPerComponent 8",
        )
    )
    box = picture.box
    place = f"{_x(box.width)} 0 0 {_x(box.height)} {_x(box.left)} {_y(box.bottom, sheet)} cm"
    return f"q {place} /I{len(images) - 1} Do Q"


def _shape(shape: Shape, sheet: Sheet) -> str:
    out = ["q"]
    if shape.clip is not None:
        box = shape.clip
        out.append(f"{_x(box.left)} {_y(box.bottom, sheet)} {_x(box.width)} {_x(box.height)} re W n")
    places = [f"{_x(x)} {_y(y, sheet)}" for x, y in shape.vertices.tolist()]
    path = f"{places[0]} m " + " ".join(f"{place} l" for place in places[1:]) + (" h" if shape.closed else "")
    if shape.fill is not None:
        out.append(f"{_colour(shape.fill)} rg {path} f")
    if shape.stroke is not None:
        cap = 0 if shape.butt else 1
        out.append(f"{_colour(shape.stroke)} RG {_x(shape.stroke_mm)} w 1 j {cap} J {path} S")
    return " ".join([*out, "Q"])


def _words(words: Words, sheet: Sheet) -> str:
    used = face(words.bold)
    glyphs = "".join(f"{used.glyph(letter):04X}" for letter in words.text)
    place = f"1 0 0 1 {_x(words.x_mm)} {_y(words.y_mm, sheet)} Tm"
    text = f"/{_font_name(words.bold)} {words.points:g} Tf {place} <{glyphs}> Tj"
    fill = f"BT 0 Tr {_colour(words.colour)} rg {text} ET"
    if words.halo is None:
        return fill
    # Drawn twice, said once: the halo is no text to be read.
    halo = f"BT 1 Tr {_colour(words.halo)} RG {_x(2 * words.halo_mm)} w 1 j {text} ET"
    return f"q /Span <</ActualText <FEFF>>> BDC {halo} EMC {fill} Q"


def _font(objects: _Objects, bold: bool, letters: Iterable[str]) -> int:
    """A face with the glyphs that are used, and the letters that they stand for."""
    used, name = face(bold), f"VLFIGS+{FAMILY.replace(' ', '')}{'-Bold' if bold else ''}"
    data = used.subset(letters)
    file = objects.stream(data, f"/Length1 {len(data)}")
    m = used.measures()
    about = objects.put(
        f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{m['left']} {m['bottom']} {m['right']} "
        f"{m['top']}] /ItalicAngle 0 /Ascent {m['ascent']} /Descent {m['descent']} /CapHeight {m['capitals']} "
        f"/StemV {140 if bold else 80} /FontFile2 {file} 0 R >>"
    )
    glyphs = {used.glyph(letter): letter for letter in letters}
    widths = " ".join(
        f"{glyph} [{used.advance(letter) * 1000 / used.units_per_em:.3f}]" for glyph, letter in sorted(glyphs.items())
    )
    inner = objects.put(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) "
        f"/Ordering (Identity) /Supplement 0 >> /FontDescriptor {about} 0 R /CIDToGIDMap /Identity /DW 600 "
        f"/W [{widths}] >>"
    )
    meant = objects.stream(_meanings(glyphs).encode("ascii"))
    return objects.put(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{inner} 0 R] "
        f"/ToUnicode {meant} 0 R >>"
    )


def _meanings(glyphs: dict[int, str]) -> str:
    pairs = [f"<{glyph:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for glyph, letter in sorted(glyphs.items())]
    blocks = [pairs[n : n + 100] for n in range(0, len(pairs), 100)]
    listed = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{listed}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    )


def _structure(objects: _Objects, root: int, page: int, parts: list[tuple[str, int]], about: About) -> None:
    """What a screen reader goes through: the figure with its alternative text, then the paragraphs."""
    document = objects.keep()
    children: list[int] = []
    by_mark: dict[int, int] = {}
    figure = objects.keep()
    marks = [mark for kind, mark in parts if kind == "Figure"]
    kids = " ".join(str(mark) for mark in marks)
    objects.put(
        f"<< /Type /StructElem /S /Figure /P {document} 0 R /Pg {page} 0 R /K [{kids}] /Alt {_string(about.alt)} "
        f"/T {_string(about.title)} >>",
        figure,
    )
    children.append(figure)
    by_mark.update(dict.fromkeys(marks, figure))
    for kind, mark in parts:
        if kind == "P":
            element = objects.put(f"<< /Type /StructElem /S /P /P {document} 0 R /Pg {page} 0 R /K [{mark}] >>")
            children.append(element)
            by_mark[mark] = element
    listed = " ".join(f"{child} 0 R" for child in children)
    objects.put(f"<< /Type /StructElem /S /Document /P {root} 0 R /K [{listed}] >>", document)
    tree = " ".join(f"{by_mark[mark]} 0 R" for _, mark in parts)
    parents = objects.put(f"<< /Nums [0 [{tree}]] >>")
    objects.put(f"<< /Type /StructTreeRoot /K [{document} 0 R] /ParentTree {parents} 0 R /ParentTreeNextKey 1 >>", root)


def _xmp(about: About) -> str:
    def said(name: str, text: str) -> str:
        return f'<dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt></dc:{name}>'

    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:vl="{MEMORY_NAMESPACE}">\n'
        f"{said('title', about.title)}{said('description', about.alt)}{said('rights', about.credit)}\n"
        f"<vl:memory>{escape(about.memory)}</vl:memory>\n"
        '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    )
