"""Which pictures a figure has: marks, planes, sequences, sides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_vascular_loop.domain.errors import FigureError
from napari_vascular_loop.domain.frame import display_axis_of
from napari_vascular_loop.domain.mark_view import MarkView, SlabProjection
from napari_vascular_loop.domain.slice_view import best_display_axis, window_for
from napari_vascular_loop.export.figure_cut import cut_through, other_side_of
from napari_vascular_loop.export.figure_panel import PanelPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.domain.midline import Midline
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.export.figure_style import FigureStyle

MOST_PANELS = 12
_OTHER_SIDE_MM = 150.0


def plans_of(
    lesson: Lesson,
    marks: Sequence[Annotation],
    volumes: Mapping[str, Volume],
    style: FigureStyle,
    estimate: Callable[[Volume], Midline],
) -> list[PanelPlan]:
    """Plan the panels of a figure, in the order in which they are lettered.

    Parameters
    ----------
    lesson : Lesson
        The lesson.
    marks : sequence of Annotation
        Of it.
    volumes : mapping of volume id to Volume
        Of it.
    style : FigureStyle
        What is asked for.
    estimate : callable
        Gives the plane between left and right of a volume.

    Raises
    ------
    FigureError
        If something can't be shown as asked.
    WrongVolumeError
        If a volume is not the lesson's.
    """
    plans: list[PanelPlan] = []
    midlines: dict[str, Midline] = {}
    for mark in marks:
        for volume_id in style.volume_ids or (mark.volume_id,):
            entry = lesson.volume(volume_id)
            volume = volumes.get(volume_id)
            if volume is None:
                raise FigureError(f"the volume {volume_id!r} is needed for this figure, and was not given")
            entry.check(volume.fingerprint)
            view = mark.view or MarkView()
            chosen = style.window or (view.window if volume_id == mark.volume_id else None) or entry.window
            window = window_for(volume, chosen)
            own = None if view.plane is None else display_axis_of(view.plane)
            best = best_display_axis(mark, volume.frame) if own is None else own
            for axis in [display_axis_of(plane) for plane in style.planes] or [best]:
                cut = cut_through(
                    volume,
                    mark.geometry.anchor_ras_mm,
                    axis,
                    slab_mm=view.slab_mm or 0.0 if style.slab_mm is None else style.slab_mm,
                    projection=style.projection or view.projection or SlabProjection.MAXIMUM,
                    radiological=style.radiological,
                )
                plan = PanelPlan(mark, volume, entry, cut, window)
                plans.append(plan)
                if style.other_side:
                    if volume_id not in midlines:
                        midlines[volume_id] = _midline(volume, estimate)
                    plans.append(_other_side(plan, midlines[volume_id], style))
    if len(plans) > MOST_PANELS:
        raise FigureError(
            f"this figure would have {len(plans)} panels, more than {MOST_PANELS}: make two figures of it"
        )
    return plans


def _midline(volume: Volume, estimate: Callable[[Volume], Midline]) -> Midline:
    if not volume.provenance.orientation_known:
        raise FigureError("where the other side is can't be said: the orientation of this scan is unknown")
    return estimate(volume)


def _other_side(plan: PanelPlan, midline: Midline, style: FigureStyle) -> PanelPlan:
    """The same picture of the other side. In the plane between the sides there is none."""
    reach = min(_OTHER_SIDE_MM, max(plan.cut.bounds_mm[1] - plan.cut.bounds_mm[0], 60.0))
    cut = other_side_of(plan.cut, plan.volume, midline, field_mm=reach, radiological=style.radiological)
    return replace(plan, cut=cut, midline=midline)
