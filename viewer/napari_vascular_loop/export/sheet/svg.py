"""A sheet as SVG: vector shapes, text that stays text, and the letters of its font within."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from napari_vascular_loop.export.sheet.font import FAMILY, face
from napari_vascular_loop.export.sheet.items import MM_PER_INCH, Box, Picture, Shape, Sheet, Words
from napari_vascular_loop.export.sheet.pixels import picture_pixels

if TYPE_CHECKING:
    from napari_vascular_loop.export.sheet.files import About

NAMESPACE = "urn:napari-vascular-loop:figure"
# What XML can't hold, whatever the text says.
_NOT_IN_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")


def svg_of(sheet: Sheet, dpi: float, about: About) -> str:
    """Write a sheet as an SVG document.

    Parameters
    ----------
    sheet : Sheet
        What is drawn.
    dpi : float
        Of the pictures in it.
    about : About
        What is said of it: title and description are read out by screen readers.
    """
    clips: dict[Box, str] = {}
    body = []
    for item in sheet.items:
        match item:
            case Picture():
                body.append(_picture(item, dpi))
            case Shape():
                body.append(_shape(item, clips))
            case Words():
                body.append(_words(item))
    width, height = _number(sheet.width_mm), _number(sheet.height_mm)
    boxes = "".join(f'<clipPath id="{name}"><rect {_rectangle(box)}/></clipPath>' for box, name in clips.items())
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
            f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc" xml:lang="en">',
            f'<title id="title">{_text(about.title)}</title>',
            f'<desc id="desc">{_text(about.alt)}</desc>',
            f'<metadata><figure xmlns="{NAMESPACE}" memory={quoteattr(about.memory)}>'
            f"<credit>{_text(about.credit)}</credit></figure></metadata>",
            f"<style>{_faces(sheet)}text{{font-family:'{FAMILY}',Arial,Helvetica,sans-serif;"
            "font-kerning:none;white-space:pre}</style>",
            f"<defs>{boxes}</defs>",
            f'<rect width="{width}" height="{height}" fill="{sheet.paper}"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if value else "0"


def _text(text: str) -> str:
    return escape(text.translate(_NOT_IN_XML))


def _rectangle(box: Box) -> str:
    return f'x="{_number(box.left)}" y="{_number(box.top)}" width="{_number(box.width)}" height="{_number(box.height)}"'


def _faces(sheet: Sheet) -> str:
    out = []
    for bold in (False, True):
        letters = {
            letter for item in sheet.items if isinstance(item, Words) and item.bold is bold for letter in item.text
        }
        if letters:
            data = base64.b64encode(face(bold).subset(letters)).decode("ascii")
            weight = 700 if bold else 400
            out.append(
                f"@font-face{{font-family:'{FAMILY}';font-weight:{weight};"
                f"src:url(data:font/ttf;base64,{data}) format('truetype')}}"
            )
    return "".join(out)


def _picture(picture: Picture, dpi: float) -> str:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture_pixels(picture, dpi / MM_PER_INCH)).save(out, "PNG")
    data = base64.b64encode(out.getvalue()).decode("ascii")
    return (
        f'<image class="{picture.role}" {_rectangle(picture.box)} preserveAspectRatio="none" '
        f'href="data:image/png;base64,{data}"/>'
    )


def _shape(shape: Shape, clips: dict[Box, str]) -> str:
    path = "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in shape.vertices.tolist())
    path += "Z" if shape.closed else ""
    look = f'fill="{shape.fill or "none"}"'
    if shape.stroke is not None:
        cap = "butt" if shape.butt else "round"
        look += (
            f' stroke="{shape.stroke}" stroke-width="{_number(shape.stroke_mm)}" stroke-linejoin="round" '
            f'stroke-linecap="{cap}"'
        )
    clip = ""
    if shape.clip is not None:
        clip = f' clip-path="url(#{clips.setdefault(shape.clip, f"box{len(clips)}")})"'
    return f'<path class="{shape.role}" d="{path}" {look}{clip}/>'


def _words(words: Words) -> str:
    halo = ""
    if words.halo is not None:
        halo = (
            f' paint-order="stroke" stroke="{words.halo}" stroke-width="{_number(2 * words.halo_mm)}" '
            'stroke-linejoin="round"'
        )
    weight = ' font-weight="700"' if words.bold else ""
    return (
        f'<text class="{words.role}" x="{_number(words.x_mm)}" y="{_number(words.y_mm)}" '
        f'font-size="{_number(words.size_mm)}"{weight} fill="{words.colour}"{halo}>{_text(words.text)}</text>'
    )
