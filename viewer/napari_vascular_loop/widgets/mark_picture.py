"""A picture of one mark on its slice, as Qt draws it: for the article, and beside the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QRectF
from qtpy.QtGui import QColor, QPainter, QPixmap

from napari_vascular_loop.display.mark_style import DARK, MarkStyle
from napari_vascular_loop.domain.slice_view import slice_through, window_for
from napari_vascular_loop.widgets.mark_painter import fitted, grey_image, paint_letters, paint_mark, pixels_from_mm

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.volume import Volume


def mark_picture(
    volume: Volume,
    annotation: Annotation,
    width_px: int,
    height_px: int,
    *,
    width_mm: float = 70.0,
    window: tuple[float, float] | None = None,
    radiological: bool = True,
    style: MarkStyle = DARK,
) -> QPixmap:
    """Draw the slice nearest to a mark, cropped around it, with the mark and the letters at the sides.

    Parameters
    ----------
    volume : Volume
        The volume that the mark lies in.
    annotation : Annotation
        The mark.
    width_px, height_px : int
        Size of the picture.
    width_mm : float
        What it shows from side to side.
    window : (float, float), optional
        Darkest and brightest value; else what fits the volume.
    radiological : bool
        Patient's left on the right of the picture.
    style : MarkStyle
        Inks of arrows.
    """
    view = slice_through(volume, annotation, width_mm, width_mm * height_px / width_px, radiological)
    pixmap = QPixmap(width_px, height_px)
    pixmap.fill(QColor("black"))
    box = fitted(view, width_px, height_px)
    in_plane = [axis for axis in range(3) if axis != view.display_axis]
    flat_mm = volume.frame.display_from_ras(annotation.geometry.vertices_ras_mm)[:, in_plane]
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(box, grey_image(view.pixels, *window_for(volume, window)))
    paint_mark(painter, annotation, pixels_from_mm(flat_mm, view, box), style=style)
    if volume.provenance.orientation_known:
        paint_letters(painter, volume.frame, view, QRectF(pixmap.rect()))
    painter.end()
    return pixmap
