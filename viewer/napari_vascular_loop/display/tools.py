"""Mouse tools: what a press, drag or click on the canvas does. Each gesture becomes one edit of the store."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_vascular_loop.display.canvas_callbacks import CanvasCallbacks
from napari_vascular_loop.display.pointing import point_by_click
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Geometry, Path, Point, Region
from napari_vascular_loop.domain.errors import AnnotationError, LessonReadOnlyError
from napari_vascular_loop.domain.measure import PREVIEW_ID, closest_approach
from napari_vascular_loop.domain.nearest import nearest_ras_mm
from napari_vascular_loop.domain.reshape import moved, with_vertex, without_vertex

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from napari_vascular_loop.display.plane_view import PlaneView
    from napari_vascular_loop.display.scene import Scene
    from napari_vascular_loop.domain.space import Vector3
    from napari_vascular_loop.store import LessonStore

_DRAG_PX = 4.0


class Tool(enum.Enum):
    """What the left button does; the value says so to the user."""

    BROWSE = (
        "Click: select a mark, or see a place in all planes; drag: move the selected mark, or pan; double-click: label"
    )
    ARROW = "Press at the tail, drag, release with the tip on the structure"
    POINT = "Click the place"
    PATH = "Click along the nerve or vessel, also on other slices; double-click or Enter ends, Esc cancels"
    REGION = "Click round the structure; double-click or Enter closes, Esc cancels"
    RULER = "Press, drag, release: the distance in mm. From one path to another: where they come closest"
    TEXT = "Click the place, type, Enter"
    ERASER = "Click a mark to delete it; undo brings it back"


class Tools:
    """The mouse on one scene.

    Parameters
    ----------
    scene : Scene
        Where the marks are drawn.
    author : callable
        Gives the name that a new mark carries.
    """

    tool_changed = Signal(Tool)
    refused = Signal(str)
    """Why a gesture made no mark."""
    label_asked = Signal(str)
    """Id of the mark whose label is to be typed in place."""
    text_asked = Signal()
    """The words of a new text are to be typed in place; see :meth:`write`."""

    def __init__(self, scene: Scene, author: Callable[[], str] = str) -> None:
        self._scene = scene
        self._author = author
        self._vertices: list[Vector3] = []
        self._cancelled = 0
        """How often that was asked for: a gesture that was begun before is over."""
        self._text_to_write: tuple[LessonStore, Annotation] | None = None
        self.tool = Tool.BROWSE
        # napari zooms on every double click, handled or not: it is asked only where the click ends no mark.
        self._callbacks = CanvasCallbacks(
            scene, drag=(self._on_press,), move=(self._on_move,), double_click=self._on_double_click
        )

        scene.volume_changed.connect(self._on_volume)

    def close(self) -> None:
        """Take the mouse back from all canvases."""
        self._scene.volume_changed.disconnect(self._on_volume)
        self.cancel()
        self._callbacks.close()

    def choose(self, tool: Tool) -> None:
        """Take up a tool, leaving an unfinished mark undone."""
        if tool is not Tool.BROWSE and not self._scene.can_mark:
            self.refused.emit("Open a lesson on this volume first: marks are kept in a lesson")
            tool = Tool.BROWSE
        self.cancel()
        self.tool = tool
        self.tool_changed.emit(tool)

    def cancel(self) -> None:
        """Drop an unfinished mark, also one that is being dragged."""
        self._cancelled += 1
        self._vertices = []
        self._preview(None)

    def _on_volume(self) -> None:
        """Put the tool away where there is nothing to mark any more: its unfinished mark has lost its volume."""
        if self.tool is not Tool.BROWSE and not self._scene.can_mark:
            self.choose(Tool.BROWSE)

    def finish(self) -> None:
        """End a path or close a region."""
        vertices, self._vertices = self._vertices, []
        self._preview(None)
        if vertices:
            self._add(self._polyline(vertices))

    # ---------------------------------------------------------------- gestures

    def _on_press(self, viewer: Any, event: Any) -> Iterator[None]:
        if event.button != 1 or viewer.dims.ndisplay != 2:
            return
        if tuple(event.modifiers) == ("Alt",) and self.tool is Tool.BROWSE:
            self._change_corners(viewer, event)
        if event.modifiers:
            return
        gesture = {
            Tool.BROWSE: self._move_or_select,
            Tool.ARROW: self._arrow,
            Tool.POINT: self._point,
            Tool.PATH: self._vertex,
            Tool.REGION: self._vertex,
            Tool.RULER: self._ruler,
            Tool.TEXT: self._text,
            Tool.ERASER: self._erase,
        }[self.tool]
        yield from self._until_cancelled(gesture(viewer, event), viewer, event)

    def _until_cancelled(self, gesture: Generator[None], viewer: Any, event: Any) -> Iterator[None]:
        """Carry a gesture on, unless the tool is put away in the middle of it: the release then makes nothing."""
        begun = self._cancelled
        for _ in gesture:
            yield
            if self._cancelled != begun:
                gesture.close()
                with _no_panning(viewer):
                    while event.type == "mouse_move":
                        yield
                return

    def _arrow(self, viewer: Any, event: Any) -> Generator[None]:
        view = self._scene.view_of(viewer)
        pressed, start = event.position, np.array(event.pos)
        if view.ras_mm_at(pressed) is None:
            return
        with _no_panning(viewer):
            yield
            while event.type == "mouse_move":
                self._preview(self._arrow_to(view, pressed, event.position))
                yield
        self._preview(None)
        if np.linalg.norm(np.array(event.pos) - start) < _DRAG_PX:
            self.refused.emit(
                "An arrow needs two ends: press at the tail, drag, and release with the tip on the structure"
            )
            return
        self._add(self._arrow_to(view, pressed, event.position))

    def _arrow_to(self, view: PlaneView, pressed: Any, position: Any) -> Arrow | None:
        """From where the button was pressed; the tip says how deep it lies."""
        tip = view.mark_place_at(position)
        tail = view.mark_place_at(pressed, level_with=tip)
        try:
            return Arrow(tail, tip) if tail is not None and tip is not None else None
        except AnnotationError:
            return None

    def _ruler(self, viewer: Any, event: Any) -> Generator[None]:
        view = self._scene.view_of(viewer)
        start, pressed = view.mark_place_at(event.position), np.array(event.pos)
        if start is None:
            return
        first = view.line_at(event.position)
        with _no_panning(viewer):
            yield
            while event.type == "mouse_move":
                self._preview(self._ruler_to(view, start, first, event.position))
                yield
        self._preview(None)
        if np.linalg.norm(np.array(event.pos) - pressed) < _DRAG_PX:
            self.refused.emit("A ruler needs two ends: press at the one, drag, and release at the other")
            return
        self._add(self._ruler_to(view, start, first, event.position))

    def _ruler_to(self, view: PlaneView, start: Vector3, first: Annotation | None, position: Any) -> Path | None:
        """From the first place to another; between two different lines, where they come closest."""
        end, second = view.mark_place_at(position), view.line_at(position)
        if end is None:
            return None
        if first is not None and second is not None and first.id != second.id:
            start, end = closest_approach(first.geometry, second.geometry)
        return Path((start, end)) if start != end else None

    def _text(self, viewer: Any, event: Any) -> Generator[None]:
        """Ask for the words first: there is no text without them."""
        with _no_panning(viewer):
            yield from _until_release(event)
        place, volume_id = self._scene.view_of(viewer).mark_place_at(event.position), self._scene.volume_id
        if place is not None and volume_id is not None and self._scene.store is not None:
            text = Annotation(Point(place, as_text=True), volume_id, author=self._author())
            self._text_to_write = (self._scene.store, text)
            self.text_asked.emit()

    def write(self, words: str) -> None:
        """Place the text that was asked for, with its words; without words, none."""
        asked, self._text_to_write = self._text_to_write, None
        if asked is not None and words.strip() and asked[0] is self._scene.store:
            store, text = asked
            self._do(lambda: store.add(text.changed(label=words.strip())))

    def _erase(self, viewer: Any, event: Any) -> Generator[None]:
        """Delete what was pressed and released on, unless the hand has moved away meanwhile."""
        view, store = self._scene.view_of(viewer), self._scene.store
        hit = view.annotation_at(event.position)
        with _no_panning(viewer):
            yield from _until_release(event)
        now = view.annotation_at(event.position)
        if store is None or hit is None or now is None or now.id != hit.id:
            return
        if self._may_change(hit):
            self._do(lambda: store.remove(hit.id))

    def _change_corners(self, viewer: Any, event: Any) -> None:
        """Take the corner under the mouse from the selected line, or add one to it there."""
        view, store = self._scene.view_of(viewer), self._scene.store
        mark, place = (store.selected if store is not None else None), view.ras_mm_at(event.position)
        if store is None or mark is None or place is None or not isinstance(mark.geometry, Path | Region):
            return
        vertex, hit = view.vertex_at(mark, event.position), view.annotation_at(event.position)
        if vertex is None and (hit is None or hit.id != mark.id):
            return
        changed = with_vertex(mark.geometry, place) if vertex is None else without_vertex(mark.geometry, vertex)
        if changed is None:
            self.refused.emit("A corner can be taken only where enough are left: two of a path, three of an outline")
        elif self._may_change(mark):
            self._do(lambda: store.move(mark.id, changed))

    def _may_change(self, mark: Annotation) -> bool:
        """Whether a mark may be changed; says why if not."""
        if why := self._scene.filter.why_locked(mark):
            self.refused.emit(why)
        return not why

    def _point(self, viewer: Any, event: Any) -> Generator[None]:
        with _no_panning(viewer):
            yield from _until_release(event)
        place = self._scene.view_of(viewer).mark_place_at(event.position)
        if place is not None:
            self._add(Point(place))

    def _vertex(self, viewer: Any, event: Any) -> Generator[None]:
        with _no_panning(viewer):
            yield from _until_release(event)
        place = self._vertex_at(viewer, event)
        if place is not None:
            self._vertices.append(place)
            self._preview(self._polyline(self._vertices))

    def _vertex_at(self, viewer: Any, event: Any) -> Vector3 | None:
        """The next place of an unfinished line; an outline is flat."""
        level_with = self._vertices[0] if self._vertices and self.tool is Tool.REGION else None
        return self._scene.view_of(viewer).mark_place_at(event.position, level_with)

    def _move_or_select(self, viewer: Any, event: Any) -> Generator[None]:
        view, store = self._scene.view_of(viewer), self._scene.store
        hit = view.annotation_at(event.position)
        selected = store.selected if store is not None else None
        vertex = view.vertex_at(selected, event.position) if selected is not None else None
        if selected is None or (vertex is None and (hit is None or hit.id != selected.id)):
            if hit is not None:
                yield from self._select(viewer, event, hit)
            else:
                yield from point_by_click(self._scene, viewer, event)
            return
        yield from self._move(viewer, event, selected, vertex)

    def _select(self, viewer: Any, event: Any, hit: Annotation) -> Iterator[None]:
        """Select on release, so that a pan that begins on a mark stays a pan."""
        start = np.array(event.pos)
        yield from _until_release(event)
        if self._scene.store is not None and np.linalg.norm(np.array(event.pos) - start) < _DRAG_PX:
            self._scene.store.select(hit.id)

    def _move(self, viewer: Any, event: Any, mark: Annotation, vertex: int | None) -> Iterator[None]:
        view, store = self._scene.view_of(viewer), self._scene.store
        start, pressed = view.ras_mm_at(event.position), np.array(event.pos)
        if store is None or start is None or not self._may_change(mark):
            return
        held = mark.geometry.vertices_ras_mm[vertex] if vertex is not None else nearest_ras_mm(mark.geometry, start)
        to_slice, new = view.to_slice_ras_mm(held), None
        with _no_panning(viewer):
            yield
            while event.type == "mouse_move":
                here = view.ras_mm_at(event.position)
                # A hand that clicks trembles: that must not move a mark, and take it to another slice.
                if here is not None and (new is not None or np.linalg.norm(np.array(event.pos) - pressed) >= _DRAG_PX):
                    new = moved(mark.geometry, vertex, np.subtract(here, start) + to_slice)
                    self._preview(new, mark)
                yield
        self._preview(None)
        if new is not None and new != mark.geometry:
            self._do(lambda: store.move(mark.id, new))

    def _on_move(self, viewer: Any, event: Any) -> None:
        """Draw an unfinished path up to the cursor."""
        if not self._vertices:
            return
        place = self._vertex_at(viewer, event)
        if place is not None and place != self._vertices[-1]:
            self._preview(self._polyline([*self._vertices, place]))

    def _on_double_click(self, viewer: Any, event: Any) -> None:
        if self.tool in (Tool.PATH, Tool.REGION):
            event.handled = True
            self.finish()
            return
        hit = self._scene.view_of(viewer).annotation_at(event.position) if self.tool is Tool.BROWSE else None
        if hit is not None and self._scene.can_mark:
            event.handled = True
            if self._may_change(hit):
                self.label_asked.emit(hit.id)
            return
        for callback in self._callbacks.others(self._scene.view_of(viewer), "double_click"):
            callback(viewer, event)

    # ---------------------------------------------------------------- marks

    def _polyline(self, vertices: list[Vector3]) -> Geometry | None:
        """A path, or a region once it has three corners; None while there are too few."""
        kept = [v for n, v in enumerate(vertices) if n == 0 or v != vertices[n - 1]]
        if self.tool is Tool.REGION and len(kept) >= 3:
            return Region(tuple(kept))
        return Path(tuple(kept)) if len(kept) >= 2 else None

    def _add(self, geometry: Geometry | None) -> None:
        store, volume_id = self._scene.store, self._scene.volume_id
        if store is None or volume_id is None:
            return
        if geometry is None or (self.tool is Tool.REGION and not isinstance(geometry, Region)):
            self.refused.emit(f"Too few places for a {self.tool.name.lower()}: {self.tool.value}")
            return
        self._do(lambda: store.add(Annotation(geometry, volume_id, author=self._author())))

    def _do(self, act: Callable[[], None]) -> None:
        """Change the lesson, or say why it can't be changed here."""
        try:
            act()
        except LessonReadOnlyError as error:
            self.refused.emit(str(error))

    def _preview(self, geometry: Geometry | None, of: Annotation | None = None) -> None:
        scene = self._scene
        if geometry is None:
            if scene.preview is None:
                return
            scene.preview = None
        elif of is not None:
            scene.preview = of.changed(geometry=geometry)
        else:
            scene.preview = Annotation(geometry, scene.volume_id or "", id=PREVIEW_ID)
        scene.redraw()


class _no_panning:  # noqa: N801 - reads as a phrase: with _no_panning(viewer)
    """Hold napari's camera still during a gesture."""

    def __init__(self, viewer: Any) -> None:
        self._camera = viewer.scene.camera

    def __enter__(self) -> None:
        self._before = self._camera.mouse_pan
        self._camera.mouse_pan = False

    def __exit__(self, *_: object) -> None:
        self._camera.mouse_pan = self._before


def _until_release(event: Any) -> Iterator[None]:
    yield
    while event.type == "mouse_move":
        yield
