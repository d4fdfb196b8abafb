"""Draw the window in each mode, layout and state into docs/gallery.

Needs a screen, or Xvfb: ``xvfb-run -a -s "-screen 0 2700x1600x24" python docs/make_gallery.py``; with names, only
those are drawn.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari import settings as napari_settings
from PIL import Image
from qtpy.QtGui import QImage
from qtpy.QtWidgets import QApplication, QPushButton, QWidget

from napari_vascular_loop._panel import library_panel, oblique_panel
from napari_vascular_loop.content import content_folder
from napari_vascular_loop.display.layout import Layout
from napari_vascular_loop.display.solid_view import Solid
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Point, Region, Side
from napari_vascular_loop.domain.annotation import Path as Course
from napari_vascular_loop.domain.space import Grid
from napari_vascular_loop.domain.volume import Provenance, Volume
from napari_vascular_loop.lesson_making import create_lesson
from napari_vascular_loop.lessons import PHANTOM_LESSON, lesson_volume, open_first_lesson, open_shipped_lesson
from napari_vascular_loop.reformat import on_axes_of
from napari_vascular_loop.widgets import settings
from napari_vascular_loop.widgets.compare_dialog import compare_volumes
from napari_vascular_loop.widgets.study_modes import Mode
from napari_vascular_loop.widgets.study_panel import StudyPanel
from napari_vascular_loop.window import make_viewer

if TYPE_CHECKING:
    from collections.abc import Callable

OUT = Path(__file__).parent / "gallery"
WIDTH_PX = 1100
_QUALITY = 86
_PATIENCE_S = 60
_shots: dict[str, Callable[[Window], QWidget | None]] = {}


class Window:
    """napari's window with the lesson panel and the first lesson."""

    def __init__(self) -> None:
        settings.keep_walked_round()
        self.viewer, self.panel = make_viewer(show=True)
        self.size(1500, 950)
        self.settle()

    def size(self, width: int, height: int) -> None:
        """Give the window a size."""
        self.viewer.window._qt_window.resize(width, height)
        self.settle()

    def settle(self) -> None:
        """Let Qt do what waits."""
        for _ in range(40):
            QApplication.processEvents()

    def first_lesson(self) -> Any:
        """Open the first lesson."""
        store, volume, _ = open_first_lesson()
        self.panel.show_lesson(store, volume)
        self.settle()
        return store

    def layout(self, chosen: Layout) -> None:
        """Choose the canvases."""
        self.panel.control.area.set_layout(chosen)
        self.settle()

    def wait(self, until: Callable[[], bool]) -> None:
        """Let Qt go on until something is so."""
        last = time.monotonic() + _PATIENCE_S
        while not until() and time.monotonic() < last:
            QApplication.processEvents()

    def keep(self, name: str, dialog: QWidget | None = None) -> None:
        """Write a picture of the window as it is, or of a dialog before it."""
        self.settle()
        if dialog is not None:
            grabbed = dialog.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888)
            pixels = np.frombuffer(grabbed.constBits().asstring(grabbed.sizeInBytes()), np.uint8)
            pixels = pixels.reshape(grabbed.height(), grabbed.width(), 4)
        else:
            pixels = self.viewer.screenshot(canvas_only=False, flash=False)
        picture = Image.fromarray(np.asarray(pixels)[..., :3])
        picture = picture.resize((WIDTH_PX, round(picture.height * WIDTH_PX / picture.width)), Image.Resampling.LANCZOS)
        picture.save(OUT / f"{name}.jpg", quality=_QUALITY)


def shot(act: Callable[[Window], QWidget | None]) -> Callable[[Window], QWidget | None]:
    """Note a picture under its function's name."""
    _shots[act.__name__.replace("_", "-")] = act
    return act


@shot
def teach(window: Window) -> None:
    """Three planes, the article, a selected mark."""
    store = window.first_lesson()
    window.layout(Layout.ONE_AND_TWO)
    window.panel._select(store.annotations[0].id)


@shot
def teach_light(window: Window) -> None:
    """The same in napari's light theme."""
    teach(window)
    window.viewer.theme = "light"


@shot
def one_plane(window: Window) -> None:
    """One large canvas."""
    window.first_lesson()
    window.layout(Layout.ONE)


@shot
def three_planes(window: Window) -> None:
    """Side by side."""
    window.first_lesson()
    window.layout(Layout.THREE)


@shot
def three_and_solid(window: Window) -> None:
    """Three planes and 3-D, two by two: the slices in space where they cross."""
    store = window.first_lesson()
    window.layout(Layout.THREE_AND_SOLID)
    window.panel._select(store.annotations[0].id)


@shot
def solid_body(window: Window) -> None:
    """The head as a body, with the marks in it."""
    three_and_solid(window)
    (solid,) = (each.view for each in window.panel.control.area.canvases if not each.view.shows_slices)
    solid.show_as(Solid.VOLUME)


@shot
def edit_article(window: Window) -> None:
    """Source and article, with a live picture of a mark."""
    store = window.first_lesson()
    mark = store.annotations[0]
    start = store.lesson.article.index("\n\n", store.lesson.article.index("\n\n") + 2)
    picture = f"\n\n![{mark.label}](view:{mark.id})"
    store.edit_article(store.lesson.article[:start] + picture + store.lesson.article[start:])
    window.panel.pane.edit.setChecked(True)
    window.layout(Layout.ONE)
    window.size(1700, 1150)
    window.panel.article.find(mark.label)
    window.panel.article.ensureCursorVisible()


@shot
def check(window: Window) -> None:
    """What the lesson lacks."""
    store = window.first_lesson()
    store.change(store.annotations[1].id, label="", note="")
    window.panel.checks.check()
    window.panel.tabs.setCurrentWidget(window.panel.tabs.check)


@shot
def questions(window: Window) -> None:
    """A question in the teacher's own words."""
    store = window.first_lesson()
    window.layout(Layout.ONE_AND_TWO)
    window.panel._select(store.annotations[0].id)
    window.panel.tabs.setCurrentWidget(window.panel.tabs.asked)
    page = window.panel.tabs.questions
    window.settle()
    next(each for each in page.findChildren(QPushButton) if each.text() == "+ Find it").click()


@shot
def text_notes(window: Window) -> None:
    """Words on the image, typed in place, one of them just now."""
    store = window.first_lesson()
    window.layout(Layout.ONE)
    scene = window.panel.scene
    _, y, z = scene.place_ras_mm
    with store.gesture("words only"):
        for old in store.annotations[2:]:
            store.remove(old.id)
        for words, right, front in (("pons", 0, 3), ("cerebellum", 26, -34), ("temporal lobe", -40, 26)):
            store.add(Annotation(Point((right, y + front, z), as_text=True), scene.volume_id, words))
    store.select(None)


@shot
def details(window: Window) -> None:
    """The form of a mark."""
    store = window.first_lesson()
    window.panel._select(store.annotations[0].id)
    window.panel.tabs.setCurrentWidget(window.panel.details)


@shot
def all_tools(window: Window) -> None:
    """One mark of each kind on one slice, a ruler and a text among them."""
    store = window.first_lesson()
    window.layout(Layout.ONE)
    scene = window.panel.scene
    x, y, z = scene.place_ras_mm
    kind = scene.volume_id
    with store.gesture("all kinds"):
        for old in store.annotations:
            store.remove(old.id)
        store.add(
            Annotation(Arrow((x + 22, y + 18, z), (x + 9, y + 6, z)), kind, "Arrow", structure="aica", side=Side.RIGHT)
        )
        store.add(Annotation(Point((x - 14, y + 14, z)), kind, "Point", structure="basilar-artery"))
        course = tuple((x - 8 - n * 4.0, y - 4 + 3 * np.sin(n), z) for n in range(7))
        store.add(Annotation(Course(course), kind, "Path along a nerve", structure="facial-nerve"))
        corners = ((x + 4, y - 8, z), (x + 16, y - 6, z), (x + 18, y - 16, z), (x + 6, y - 20, z))
        store.add(Annotation(Region(corners), kind, "Region", structure="pons"))
        store.add(Annotation(Course(((x - 30, y - 18, z), (x - 12, y - 24, z))), kind, ""))
        store.add(Annotation(Point((x + 14, y - 34, z), as_text=True), kind, "a text"))
    store.select(store.annotations[0].id)
    scene.open_at(store.annotations[1])


@shot
def ride_the_nerve(window: Window) -> None:
    """Planes square to a path."""
    store = window.first_lesson()
    window.layout(Layout.ONE)
    panel = oblique_panel(window.viewer)
    window.settle()
    paths = [one for one in store.annotations if one.geometry.kind == "path"]
    if paths:
        panel.path.setCurrentIndex(panel.path.findData(paths[0].id))
        panel._choose()
        panel.oblique.go(panel.oblique.range_mm[1] * 0.5)


@shot
def two_volumes(window: Window) -> None:
    """One volume over another, tilted one."""
    store = window.first_lesson()
    volume = lesson_volume(store)
    angle = np.radians(12.0)
    turn = np.array(
        [[1, 0, 0, 0], [0, np.cos(angle), -np.sin(angle), 0], [0, np.sin(angle), np.cos(angle), 0], [0, 0, 0, 1.0]]
    )
    tilted = on_axes_of(volume, Grid(volume.grid.shape, turn @ volume.voxel_to_ras))
    edges = np.abs(np.gradient(tilted.voxels)[0]).astype(np.float32)
    other = Volume(edges, tilted.voxel_to_ras, Provenance(id="other", format="computed"))
    shown = window.panel.scene.layer
    window.panel.scene.show_volume(other, "Edges, tilted")
    window.viewer.layers.selection.active = shown
    bar = window.panel.volumes
    window.settle()
    bar.over.setCurrentIndex(bar.over.findText("Edges, tilted"))
    bar.over.activated.emit(bar.over.currentIndex())
    bar.colour.setCurrentText("hot")
    bar._on_colour("hot")


@shot
def keys_page(window: Window) -> QWidget:
    """The page of all keys."""
    window.first_lesson()
    window.panel.control._canvases.show_keys()
    window.settle()
    main_window = window.viewer.window._qt_window
    return next(each for each in QApplication.topLevelWidgets() if each.isVisible() and each is not main_window)


@shot
def walk_round(window: Window) -> None:
    """The walk at the first start."""
    window.first_lesson()
    window.panel.walk_round()


def _study(window: Window, mode: Mode) -> StudyPanel:
    store = window.first_lesson()
    window.viewer.window.remove_dock_widget(window.panel)
    window.settle()
    panel = StudyPanel(window.viewer)
    window.viewer.window.add_dock_widget(panel, name="Study", area="right")
    window.settle()
    panel.open_lesson(store)
    window.settle()
    panel.control.area.set_layout(Layout.ONE_AND_TWO)
    panel.set_mode(mode)
    window.settle()
    start = next(
        (each for each in panel.findChildren(QPushButton) if each.text() == "Start" and each.isVisible()), None
    )
    if start is not None:
        # What is asked, and not only the page before it.
        start.click()
        window.settle()
    return panel


@shot
def study_tour(window: Window) -> None:
    """A step of the tour."""
    _study(window, Mode.TOUR).go_on()


@shot
def study_find(window: Window) -> None:
    """Where it is, asked."""
    _study(window, Mode.FIND)


@shot
def study_name(window: Window) -> None:
    """What it is, asked."""
    _study(window, Mode.NAME)


@shot
def empty_lesson(window: Window) -> None:
    """A lesson that has just been begun."""
    volume = lesson_volume(open_first_lesson()[0])
    store = create_lesson(Path(tempfile.mkdtemp()), "My first lesson", volume)
    window.panel.show_lesson(store, volume)


@shot
def nothing_open(window: Window) -> None:
    """The window before anything is opened."""


@shot
def orientation_unknown(window: Window) -> None:
    """A volume that does not say which side is left."""
    store = window.first_lesson()
    known = lesson_volume(store)
    about = replace(known.provenance, orientation_known=False, id="unknown")
    window.viewer.layers.clear()
    window.panel.scene.show_volume(Volume(known.voxels.copy(), known.voxel_to_ras, about), "unknown")


@shot
def oblique_scan(window: Window) -> None:
    """A tilted scan: compound letters."""
    store = window.first_lesson()
    known = lesson_volume(store)
    angle = np.radians(20.0)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0, 0], [np.sin(angle), np.cos(angle), 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]
    )
    window.viewer.layers.clear()
    tilted = Volume(known.voxels.copy(), turn @ known.voxel_to_ras, replace(known.provenance, id="tilted"))
    window.panel.scene.show_volume(tilted, "tilted")


@shot
def long_texts(window: Window) -> None:
    """Long titles, labels, notes and sentences."""
    store = window.first_lesson()
    store.edit_details(
        title="A title that goes on and on, as titles of lessons do when several departments have a say in them"
    )
    mark = store.annotations[0]
    store.change(
        mark.id, label="A label of many more words than fit beside an arrow on a small canvas", note="Long. " * 60
    )
    window.panel._select(mark.id)
    window.panel.tabs.setCurrentWidget(window.panel.details)
    window.size(1280, 800)


@shot
def library(window: Window) -> None:
    """The lessons that ship, as a library, beside the first of them."""
    window.first_lesson()
    panel = library_panel(window.viewer)
    panel.view.place.choose(str(content_folder("annotations")))
    window.wait(lambda: panel.view.cards.rowCount() > 2 and not panel.view.waiting.isVisible())
    panel.view.search.setText("loop")
    window.wait(lambda: panel.view.cards.typed == "loop")


@shot
def compare(window: Window) -> QWidget:
    """Three grades of compression in two sequences, side by side."""
    store = open_shipped_lesson(PHANTOM_LESSON)
    window.panel.show_lesson(store, lesson_volume(store))
    dialog = compare_volumes(window.panel.scene)
    dialog.resize(1300, 950)
    window.wait(lambda: bool(dialog._read))
    window.settle()
    return dialog


@shot
def small_window(window: Window) -> None:
    """A small laptop's 1280 x 800."""
    window.size(1280, 800)
    teach(window)


@shot
def large_window(window: Window) -> None:
    """2560 x 1440."""
    window.size(2560, 1440)
    teach(window)


@shot
def many_marks(window: Window) -> None:
    """A thousand marks: the list is searched."""
    store = window.first_lesson()
    volume_id = window.panel.scene.volume_id
    luck = np.random.default_rng(4)
    place = np.array(window.panel.scene.place_ras_mm)
    store.put_all(
        Annotation(
            Point(tuple(float(v) for v in place + luck.normal(0, 25, 3))), volume_id, f"Mark {n}", structure="pica"
        )
        for n in range(1000)
    )


def _turned(angle_deg: float, first: int, second: int) -> np.ndarray[Any, Any]:
    """A rotation in the plane of two axes."""
    turn, angle = np.eye(4), np.radians(angle_deg)
    turn[first, first] = turn[second, second] = np.cos(angle)
    turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
    return turn


def main(names: list[str]) -> None:
    """Draw those pictures, or all."""
    # The user's own lessons and settings stay as they are.
    napari_settings._CFG_PATH = str(Path(tempfile.mkdtemp()) / "settings.yaml")
    OUT.mkdir(exist_ok=True)
    for name in names or _shots:
        for kept in ("LESSONS", "STATE", "RESULTS", "LIBRARIES"):
            os.environ[f"VASCULAR_LOOP_{kept}"] = tempfile.mkdtemp()
        window = Window()
        dialog = _shots[name](window)
        window.keep(name, dialog)
        window.viewer.close()
        QApplication.processEvents()


if __name__ == "__main__":
    main(sys.argv[1:])
