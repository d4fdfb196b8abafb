"""The canvases beside napari's own: which there are, and how they share the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.qt import QtViewer
from qtpy.QtCore import QEvent, QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QSplitter

from napari_vascular_loop.display.layout import Layout, planes_beside
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.widgets.main_window import main_window
from napari_vascular_loop.widgets.side_canvas import SideCanvas

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_vascular_loop.display.plane_view import PlaneView
    from napari_vascular_loop.display.scene import Scene


_PAUSE_MS = 20


class PlanesArea(QObject):
    """Puts canvases beside napari's own in its window, once a volume is shown there.

    Parameters
    ----------
    scene : Scene
        Whose views they are.
    layout : Layout
        To begin with.
    """

    layout_changed = Signal(object)

    def __init__(self, scene: Scene, layout: Layout) -> None:
        super().__init__()
        self._scene = scene
        self._layout = layout
        self._canvases: list[SideCanvas] = []
        self._outer: QSplitter | None = None
        self._first: QSplitter | None = None
        """napari's own canvas, and the one in 3-D below it."""
        self._inner: QSplitter | None = None
        """The other planes."""
        self._large: PlaneView | None = None
        self._has_let_go = False
        self._main = _napari_canvas(scene.viewer)
        for watched in (self._main, main_window(scene.viewer)):
            if watched is not None:
                watched.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._open_next)
        scene.keeps_field_of_view = self._main is not None
        scene.volume_changed.connect(self._on_volume)
        scene.enlarge_asked.connect(self.toggle_large)
        self._on_volume()

    @property
    def is_possible(self) -> bool:
        """Whether there is a window for it."""
        return self._main is not None

    @property
    def layout(self) -> Layout:
        """The chosen one."""
        return self._layout

    @property
    def canvases(self) -> tuple[SideCanvas, ...]:
        """Those beside napari's own."""
        return tuple(self._canvases)

    def set_layout(self, layout: Layout) -> None:
        """Show other canvases."""
        self._show_large(None)
        if layout is not self._layout:
            self._layout = layout
            self.layout_changed.emit(layout)
        self.update()

    def toggle_large(self, view: PlaneView) -> None:
        """Give one canvas all the room, or take it back."""
        if self._canvases:
            self._show_large(None if self._large is not None else view)

    def update(self) -> None:
        """Make the canvases that the layout wants; without a volume there is nothing to show on them."""
        if self._main is None:
            return
        wanted = self._layout if self._scene.volume is not None else Layout.ONE
        if not wanted.has_planes:
            self._close()
        elif not wanted.has_solid:
            for canvas in [each for each in self._canvases if not each.view.shows_slices]:
                self._canvases.remove(canvas)
                canvas.let_go()
        while self._open_next():
            pass
        self._arrange(wanted)

    def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
        """Take the canvases down before napari's own canvas, or its window, goes: what is left open crashes."""
        if (event.type() == QEvent.Type.Close and watched is self._main) or (
            event.type() == QEvent.Type.DeferredDelete and watched is not self._main
        ):
            self.let_go()
        return False

    def let_go(self) -> None:
        """Leave napari's window as it was."""
        if self._has_let_go:
            return
        self._has_let_go = True
        for watched in (self._main, main_window(self._scene.viewer)):
            if watched is not None:
                watched.removeEventFilter(self)
        self._timer.stop()
        self._scene.volume_changed.disconnect(self._on_volume)
        self._scene.enlarge_asked.disconnect(self.toggle_large)
        self._show_large(None)
        self._close()
        self._scene.keeps_field_of_view = False
        self._main = None
        self.deleteLater()

    # ---------------------------------------------------------------- the window

    def _on_volume(self) -> None:
        """Wait until napari has told all others of the volume, and has drawn it."""
        self._timer.start(0)

    def _open_next(self) -> bool:
        """Put one more canvas into the window; the next follows once this one is drawn."""
        missing = self._missing()
        if not missing or not self._make_room() or self._inner is None or self._first is None:
            return False
        canvas = SideCanvas(self._scene, missing[0])
        self._canvases.append(canvas)
        (self._inner if canvas.view.shows_slices else self._first).addWidget(canvas)
        self._arrange(self._layout)
        self._timer.start(_PAUSE_MS)
        return True

    def _missing(self) -> list[Plane | None]:
        """Planes that the layout wants and that no canvas shows yet; None stands for 3-D."""
        if not self._layout.has_planes or self._scene.volume is None:
            return []
        state = self._scene.state()
        flat = [canvas.view for canvas in self._canvases if canvas.view.shows_slices]
        seen = {each.plane for each in (view.state() for view in flat) if each is not None}
        wanted = planes_beside(state.plane if state is not None else Plane.AXIAL)
        missing = [plane for plane in wanted if plane not in seen][: len(wanted) - len(flat)]
        return [*missing, None] if self._layout.has_solid and len(flat) == len(self._canvases) else [*missing]

    def _make_room(self) -> bool:
        """Put napari's canvas into a splitter; says whether it is in one."""
        main = self._main
        if self._outer is not None or main is None or main.parentWidget() is None:
            return self._outer is not None
        place = main.parentWidget().layout()
        self._outer, self._first, self._inner = _splitter(), _splitter(), _splitter()
        self._first.setOrientation(Qt.Orientation.Vertical)
        place.replaceWidget(main, self._outer)
        self._first.addWidget(main)
        self._outer.addWidget(self._first)
        self._outer.addWidget(self._inner)
        return True

    def _close(self) -> None:
        for canvas in self._canvases:
            canvas.let_go()
        self._canvases = []
        outer, main = self._outer, self._main
        self._outer = self._first = self._inner = None
        if outer is None or main is None or outer.parentWidget() is None:
            return
        outer.parentWidget().layout().replaceWidget(outer, main)
        outer.setParent(None)
        outer.deleteLater()
        main.show()

    def _arrange(self, layout: Layout) -> None:
        if self._outer is None or self._first is None or self._inner is None:
            return
        side_by_side = layout is Layout.THREE
        self._inner.setOrientation(Qt.Orientation.Horizontal if side_by_side else Qt.Orientation.Vertical)
        # Four canvases are as large as each other, two by two: in a column of three none would be of use.
        self._outer.setSizes(
            {Layout.THREE: [1000, 2000], Layout.THREE_AND_SOLID: [1000, 1000]}.get(layout, [1900, 1000])
        )
        for column in (self._first, self._inner):
            column.setSizes([1000] * column.count())

    def _show_large(self, view: PlaneView | None) -> None:
        self._large = view
        if self._first is None or self._inner is None or self._main is None:
            return
        self._main.setVisible(view is None or view is self._scene.main)
        for canvas in self._canvases:
            canvas.setVisible(view is None or view is canvas.view)
        self._first.setVisible(view is None or view is self._scene.main or not view.shows_slices)
        self._inner.setVisible(view is None or (view is not self._scene.main and view.shows_slices))


def _splitter() -> QSplitter:
    splitter = QSplitter()
    splitter.setChildrenCollapsible(False)
    return splitter


def _napari_canvas(viewer: Any) -> QWidget | None:
    """The part of napari's window that holds canvas and sliders; None without a window."""
    window = main_window(viewer)
    if window is None or window.centralWidget() is None:
        return None
    return next((child for child in window.centralWidget().children() if isinstance(child, QtViewer)), None)
