"""Write a sheet to a file, with what is said of it in the file's own metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.export.safe_write import replacing_output
from napari_vascular_loop.export.sheet.pixels import render

if TYPE_CHECKING:
    from pathlib import Path

    from napari_vascular_loop.export.sheet.items import Sheet

ENDINGS = (".png", ".tif", ".tiff", ".svg", ".pdf")
MEMORY_KEY = "napari-vascular-loop"
SOFTWARE = "napari-vascular-loop"


class About(NamedTuple):
    """What is said of a figure in its file.

    Parameters
    ----------
    title, alt, caption, credit : str
        Its name; what is to be seen; what stands below; whom it is owed to.
    memory : str
        One line of JSON.
    subject : str
        What it belongs to.
    """

    title: str
    alt: str
    caption: str
    credit: str
    memory: str
    subject: str = ""


def write_sheet(sheet: Sheet, path: Path, dpi: float, about: About) -> Path:
    """Write a sheet as PNG, TIFF, SVG or PDF, by the ending of the path.

    Raises
    ------
    FigureError
        If the ending is another, or the file can't be written.
    """
    kind = path.suffix.lower()
    if kind not in ENDINGS:
        raise FigureError(
            f"a figure can be written as {', '.join(ENDINGS)}, not as {path.suffix or 'a file without ending'!r}"
        )
    with replacing_output(path) as temporary:
        temporary.write_bytes(_bytes(sheet, kind, dpi, about))
    return path


def _bytes(sheet: Sheet, kind: str, dpi: float, about: About) -> bytes:
    if kind == ".svg":
        from napari_vascular_loop.export.sheet.svg import svg_of

        return svg_of(sheet, dpi, about).encode("utf-8")
    if kind == ".pdf":
        from napari_vascular_loop.export.sheet.pdf import pdf_of

        return pdf_of(sheet, dpi, about)
    import io

    from PIL import Image, PngImagePlugin

    pixels = render(sheet, dpi)
    is_grey = bool((pixels[..., :1] == pixels).all())
    image = Image.fromarray(np.ascontiguousarray(pixels[..., 0]) if is_grey else pixels)
    out = io.BytesIO()
    if kind == ".png":
        said = PngImagePlugin.PngInfo()
        texts = {"Title": about.title, "Description": about.alt, "Comment": about.caption, "Copyright": about.credit}
        for key, text in {**texts, "Software": SOFTWARE, MEMORY_KEY: about.memory}.items():
            said.add_itxt(key, text, lang="", tkey="")
        image.save(out, "PNG", dpi=(dpi, dpi), pnginfo=said)
    else:
        description = f"{about.alt}\n{about.memory}"
        image.save(
            out,
            "TIFF",
            compression="tiff_lzw",
            dpi=(dpi, dpi),
            software=SOFTWARE,
            description=description.encode("ascii", "xmlcharrefreplace").decode(),
            copyright=about.credit.encode("ascii", "xmlcharrefreplace").decode(),
        )
    return out.getvalue()
