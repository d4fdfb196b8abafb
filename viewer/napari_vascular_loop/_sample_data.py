"""napari's File > Open Sample: lessons open in the panel, volumes as layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.volume_layer import LayerData, layer_data
from napari_vascular_loop.domain.errors import VascularLoopError, VolumeReadError
from napari_vascular_loop.formats.volumes import read_volumes
from napari_vascular_loop.lessons import (
    LOOK_ALIKE_LESSON,
    LOOP_LESSON,
    PHANTOM_LESSON,
    STAND_IN_LESSON,
    lesson_volume,
    open_first_lesson,
    open_shipped_lesson,
)
from napari_vascular_loop.samples.catalogue import load_catalogue
from napari_vascular_loop.samples.cpa_anatomy import Compression
from napari_vascular_loop.samples.cpa_scan import WINDOWS, compute_scan
from napari_vascular_loop.samples.fetch import sample_paths, unavailable

if TYPE_CHECKING:
    from napari_vascular_loop.domain.volume import Volume
    from napari_vascular_loop.store import LessonStore


def first_lesson() -> list[LayerData]:
    """Open the lesson on Colin27, or that on the synthetic head where Colin27 can't be had."""
    return _lesson(*open_first_lesson())


def vascular_loop() -> list[LayerData]:
    """Open the lesson on the real time-of-flight scan; its volume is downloaded if it is not here."""
    return _with_download(open_shipped_lesson(LOOP_LESSON))


def look_alike() -> list[LayerData]:
    """Open the lesson on the scan of a vestibular schwannoma; its volume is downloaded if it is not here."""
    return _with_download(open_shipped_lesson(LOOK_ALIKE_LESSON))


def synthetic_head() -> list[LayerData]:
    """Open the lesson on the computed head."""
    store = open_shipped_lesson(PHANTOM_LESSON)
    return _lesson(store, lesson_volume(store), "")


def synthetic_scans() -> list[LayerData]:
    """Open the six computed scans as volumes."""
    viewer = _current_viewer()
    if viewer is not None:
        scene_of(viewer)
    catalogue = load_catalogue()
    layers = []
    for compression in Compression:
        for sequence, window in WINDOWS.items():
            entry = catalogue.entry(f"synthetic-cpa-{compression.value}-{sequence.value}")
            volume = compute_scan(compression, sequence)
            layers.append(layer_data(volume, entry.title.partition(":")[0], window))
    return layers


def stand_in() -> list[LayerData]:
    """Open the lesson on the synthetic stand-in."""
    store = open_shipped_lesson(STAND_IN_LESSON)
    return _lesson(store, lesson_volume(store), "")


def colin27() -> list[LayerData]:
    """Open Colin27 as a volume."""
    entry = load_catalogue().entry("colin27")
    for path in sample_paths(entry):
        try:
            volume = read_volumes(path)[0]
        except VolumeReadError:
            continue
        viewer = _current_viewer()
        if viewer is not None:
            scene_of(viewer)
        return [layer_data(volume, entry.title)]
    raise unavailable(entry)


def _with_download(store: LessonStore) -> list[LayerData]:
    """Read a lesson's volume, which may have to be downloaded: the window goes on meanwhile, and offers to end it.

    Raises
    ------
    VascularLoopError
        If it can't be had, or the user ends it: napari shows why.
    """
    viewer = _current_viewer()
    if viewer is None or getattr(viewer, "window", None) is None:
        return _lesson(store, lesson_volume(store), "")
    from napari_vascular_loop.widgets.main_window import is_running
    from napari_vascular_loop.widgets.volume_opening import opening_of

    opening = opening_of(viewer)
    if opening is None or not is_running():
        return _lesson(store, lesson_volume(store), "")
    found = opening.wait_for("Reading the lesson's volume…", lambda progress: lesson_volume(store, progress=progress))
    if found is None:
        raise VascularLoopError(f"{store.lesson.title!r} was not opened: its volume is not here. Try again")
    return _lesson(store, found, "")


def _lesson(store: LessonStore, volume: Volume, notice: str) -> list[LayerData]:
    """Give napari the volume's layer, and the panel the lesson.

    napari wants at least one layer of a sample; the panel takes the lesson first, so that the layer meets it.
    """
    viewer = _current_viewer()
    entry = store.lesson.volumes[0]
    layer = layer_data(volume, entry.title, entry.window)
    if viewer is not None and getattr(viewer, "window", None) is not None:
        from qtpy.QtCore import QTimer

        from napari_vascular_loop._panel import lesson_panel

        panel = lesson_panel(viewer)
        panel.show_lesson(store, None, notice)
        QTimer.singleShot(0, panel.go_to_first_mark)
    return [layer]


def _current_viewer() -> Any:
    from napari import current_viewer

    return current_viewer()
