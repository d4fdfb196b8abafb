"""Placing and moving marks with the mouse, through the callbacks that napari calls. Without a window."""

from __future__ import annotations

import numpy as np
import pytest
from gestures import LAYOUTS, Hand, colours_drawn, drawn, go_to_voxel, lesson_on, numbered_volume, true_ras_mm, world_of
from napari.components import ViewerModel

from napari_vascular_loop.display.scene import scene_of
from napari_vascular_loop.display.slab import Slab
from napari_vascular_loop.display.tools import Tool, Tools
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.mark_view import SlabProjection
from napari_vascular_loop.domain.space import Plane

HERE = (3, 8, 2)


class Bench:
    """A lesson on a volume in a viewer, with tools and a hand; places are voxels."""

    def __init__(self, layout="LPS", *annotations, plane=Plane.AXIAL, at=HERE):
        self.volume = numbered_volume(LAYOUTS[layout])
        self.viewer = ViewerModel()
        self.scene = scene_of(self.viewer)
        self.layer = self.scene.show_volume(self.volume)
        self.store = lesson_on(self.volume, *annotations)
        self.scene.set_store(self.store)
        self.tools = Tools(self.scene, lambda: "Dr. Test")
        self.hand = Hand(self.viewer)
        self.refused = []
        self.tools.refused.connect(self.refused.append)
        self.scene.set_plane(plane)
        self.viewer.scene.camera.zoom = 40
        go_to_voxel(self.viewer, self.layer, self.volume, at)
        axis = self.viewer.dims.order[0]
        # The voxel axis along which one scrolls, and the two in the picture.
        ras_axis = (2, 1, 0)[axis]
        self.through = int(np.argmax(np.abs(self.volume.voxel_to_ras[ras_axis, :3] / self.volume.spacing_mm)))
        self.across = [n for n in range(3) if n != self.through]

    def world(self, ijk):
        return world_of(self.layer, self.volume, ijk)

    def ras(self, ijk):
        return true_ras_mm(self.volume, ijk)

    def beside(self, first, second=0, start=HERE):
        """A voxel of the same slice."""
        ijk = list(start)
        ijk[self.across[0]] += first
        ijk[self.across[1]] += second
        return tuple(ijk)

    def scroll_to(self, ijk):
        go_to_voxel(self.viewer, self.layer, self.volume, ijk)

    def vertices(self, number=-1):
        return np.array(self.store.annotations[number].geometry.vertices_ras_mm)


def undone_by_one_step(store, before):
    assert store.undo()
    return store.annotations == before


# ---------------------------------------------------------------- placing


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("plane", Plane)
def test_arrow_has_its_tail_at_the_press_and_its_tip_at_the_release(layout, plane):
    bench = Bench(layout, plane=plane)
    bench.tools.choose(Tool.ARROW)
    tip = bench.beside(2, -2) if layout not in ("sagittal PIR", "oblique sagittal AIL") else bench.beside(3, 2)
    bench.hand.drag(bench.world(HERE), bench.world(tip))
    (arrow,) = bench.store.annotations
    assert isinstance(arrow.geometry, Arrow)
    np.testing.assert_allclose(arrow.geometry.tail_ras_mm, bench.ras(HERE), atol=0.01)
    np.testing.assert_allclose(arrow.geometry.tip_ras_mm, bench.ras(tip), atol=0.01)
    assert (arrow.volume_id, arrow.author) == ("head", "Dr. Test")
    assert bench.store.selected == arrow
    assert undone_by_one_step(bench.store, ())


def test_nothing_is_stored_before_the_button_is_released():
    bench = Bench()
    bench.tools.choose(Tool.ARROW)
    bench.hand.press(bench.world(HERE))
    bench.hand.move(bench.world(bench.beside(2)))
    bench.hand.move(bench.world(bench.beside(4)))
    assert bench.store.annotations == ()
    assert len(drawn(bench.viewer)) > 0, "the arrow is seen while it is drawn"
    bench.hand.release(bench.world(bench.beside(4)))
    assert len(bench.store.annotations) == 1


def test_the_camera_stands_still_while_an_arrow_is_drawn_and_moves_again_after_it():
    bench = Bench()
    bench.tools.choose(Tool.ARROW)
    bench.hand.press(bench.world(HERE))
    assert not bench.viewer.scene.camera.mouse_pan
    bench.hand.move(bench.world(bench.beside(3)))
    bench.hand.release(bench.world(bench.beside(3)))
    assert bench.viewer.scene.camera.mouse_pan


def test_a_click_makes_no_arrow_and_says_why():
    bench = Bench()
    bench.tools.choose(Tool.ARROW)
    bench.hand.click(bench.world(HERE))
    assert bench.store.annotations == ()
    assert bench.store.undo_title is None
    assert "drag" in bench.refused[-1]
    assert bench.viewer.scene.camera.mouse_pan
    assert bench.tools.tool is Tool.ARROW


def test_a_drag_of_two_pixels_is_a_click():
    bench = Bench()
    bench.tools.choose(Tool.ARROW)
    bench.hand.drag(bench.world(HERE), bench.world(HERE) + np.array([0, 0, 2 / 40]))
    assert bench.store.annotations == ()
    assert len(bench.refused) == 1


@pytest.mark.parametrize("layout", LAYOUTS)
def test_point_is_where_the_button_was_released(layout):
    bench = Bench(layout)
    bench.tools.choose(Tool.POINT)
    bench.hand.click(bench.world(HERE))
    (point,) = bench.store.annotations
    assert isinstance(point.geometry, Point)
    np.testing.assert_allclose(bench.vertices(), [bench.ras(HERE)], atol=0.01)
    assert undone_by_one_step(bench.store, ())


def test_point_lies_on_the_slice_even_when_napari_stands_between_two():
    bench = Bench()
    bench.viewer.dims.set_point(0, bench.world(HERE)[0] + 0.4 * 2.3)
    bench.tools.choose(Tool.POINT)
    bench.hand.click(bench.world(HERE))
    np.testing.assert_allclose(bench.vertices(), [bench.ras(HERE)], atol=0.01)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_path_goes_over_slices_and_ends_with_a_double_click(layout):
    bench = Bench(layout)
    bench.tools.choose(Tool.PATH)
    zoom, centre = bench.viewer.scene.camera.zoom, bench.viewer.scene.camera.center
    first, second = HERE, bench.beside(2, 1)
    third = tuple(n + (axis == bench.through) for axis, n in enumerate(bench.beside(3, 2)))
    bench.hand.click(bench.world(first))
    bench.hand.click(bench.world(second))
    bench.scroll_to(third)
    bench.hand.double_click(bench.world(third))
    (path,) = bench.store.annotations
    assert isinstance(path.geometry, Path)
    np.testing.assert_allclose(bench.vertices(), [bench.ras(v) for v in (first, second, third)], atol=0.01)
    assert bench.viewer.scene.camera.zoom == zoom, "the double click ends the path and does not zoom"
    assert bench.viewer.scene.camera.center == centre
    assert undone_by_one_step(bench.store, ())


def test_path_is_drawn_up_to_the_cursor_while_it_is_made():
    bench = Bench()
    bench.tools.choose(Tool.PATH)
    bench.hand.click(bench.world(HERE))
    bench.hand.move(bench.world(bench.beside(3)))
    assert len(drawn(bench.viewer)) > 0
    assert bench.store.annotations == ()


def test_path_ends_with_enter():
    bench = Bench()
    bench.tools.choose(Tool.PATH)
    bench.hand.click(bench.world(HERE))
    bench.hand.click(bench.world(bench.beside(2)))
    bench.tools.finish()
    assert len(bench.vertices()) == 2


def test_path_of_one_place_is_refused():
    bench = Bench()
    bench.tools.choose(Tool.PATH)
    bench.hand.double_click(bench.world(HERE))
    assert bench.store.annotations == ()
    assert "Too few places" in bench.refused[-1]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_region_is_closed_by_a_double_click(layout):
    bench = Bench(layout)
    bench.tools.choose(Tool.REGION)
    corners = [HERE, bench.beside(2, 0), bench.beside(2, 2)]
    for corner in corners[:-1]:
        bench.hand.click(bench.world(corner))
    bench.hand.double_click(bench.world(corners[-1]))
    (region,) = bench.store.annotations
    assert isinstance(region.geometry, Region)
    np.testing.assert_allclose(bench.vertices(), [bench.ras(v) for v in corners], atol=0.01)
    assert undone_by_one_step(bench.store, ())


def test_region_of_two_corners_is_refused_and_is_not_made_a_path():
    bench = Bench()
    bench.tools.choose(Tool.REGION)
    bench.hand.click(bench.world(HERE))
    bench.hand.double_click(bench.world(bench.beside(3)))
    assert bench.store.annotations == ()
    assert "region" in bench.refused[-1]


@pytest.mark.parametrize("tool", [Tool.PATH, Tool.REGION])
def test_escape_drops_an_unfinished_mark(tool):
    bench = Bench()
    bench.tools.choose(tool)
    for corner in (HERE, bench.beside(2, 0), bench.beside(2, 2)):
        bench.hand.click(bench.world(corner))
    assert len(drawn(bench.viewer)) > 0
    bench.tools.choose(Tool.BROWSE)
    assert bench.store.annotations == ()
    assert len(drawn(bench.viewer)) == 0
    bench.hand.move(bench.world(bench.beside(1)))
    assert len(drawn(bench.viewer)) == 0
    bench.tools.choose(tool)
    bench.tools.finish()
    assert bench.store.annotations == ()


@pytest.mark.parametrize("tool", [Tool.ARROW, Tool.POINT, Tool.PATH, Tool.RULER, Tool.TEXT])
def test_a_tool_that_is_put_away_in_the_middle_of_a_drag_makes_no_mark(tool):
    bench = Bench()
    asked = []
    bench.tools.text_asked.connect(lambda: asked.append("text"))
    bench.tools.choose(tool)
    bench.hand.press(bench.world(HERE))
    bench.hand.move(bench.world(bench.beside(2)))
    bench.tools.choose(Tool.BROWSE)
    assert bench.scene.preview is None
    bench.hand.move(bench.world(bench.beside(3)))
    assert bench.scene.preview is None
    assert not bench.viewer.scene.camera.mouse_pan, "the hand is still on the button"
    bench.hand.release(bench.world(bench.beside(3)))
    bench.tools.finish()
    assert bench.viewer.scene.camera.mouse_pan
    assert bench.store.annotations == ()
    assert not asked

    # The next gesture is whole again.
    bench.tools.choose(Tool.ARROW)
    bench.hand.drag(bench.world(HERE), bench.world(bench.beside(2)))
    assert len(bench.store.annotations) == 1


def test_a_mark_that_is_let_go_of_with_escape_stays_where_it_was():
    bench = Bench("LPS", Annotation(Point(tuple(true_ras_mm(numbered_volume(LAYOUTS["LPS"]), HERE))), "head", "Here"))
    before = bench.store.annotations
    bench.store.select(before[0].id)
    bench.hand.press(bench.world(HERE))
    bench.hand.move(bench.world(bench.beside(3)))
    assert bench.scene.preview is not None
    bench.tools.choose(Tool.BROWSE)
    bench.hand.release(bench.world(bench.beside(3)))
    assert bench.store.annotations == before
    assert not bench.store.undo()


def test_a_tool_is_put_away_when_the_volume_under_an_unfinished_path_goes():
    bench = Bench()
    bench.tools.choose(Tool.PATH)
    for step in (0, 1, 2):
        bench.hand.click(bench.world(bench.beside(step)))
    bench.viewer.layers.remove(bench.layer)
    assert bench.tools.tool is Tool.BROWSE
    assert bench.scene.preview is None
    bench.tools.finish()
    assert bench.store.annotations == ()


# ---------------------------------------------------------------- selecting and moving


def arrow_bench(layout="LPS", at=HERE):
    bench = Bench(layout, at=at)
    tail, tip = at, bench.beside(4, 2, start=at)
    bench.store.add(Annotation(Arrow(tuple(bench.ras(tail)), tuple(bench.ras(tip))), "head", "Arrow"))
    other = bench.beside(-2, -2, start=at)
    bench.store.add(Annotation(Point(tuple(bench.ras(other))), "head", "Point"))
    bench.store.select(None)
    bench.tail, bench.tip, bench.other = tail, tip, other
    return bench


def test_a_click_on_a_mark_selects_it():
    bench = arrow_bench()
    middle = (bench.world(bench.tail) + bench.world(bench.tip)) / 2
    bench.hand.click(middle)
    assert bench.store.selected.label == "Arrow"
    bench.hand.click(bench.world(bench.other))
    assert bench.store.selected.label == "Point"


def test_a_click_beside_all_marks_selects_none():
    bench = arrow_bench()
    bench.hand.click(bench.world(bench.beside(0, 4)))
    assert bench.store.selected is None


def test_a_drag_that_begins_on_an_unselected_mark_pans():
    bench = arrow_bench()
    before = bench.store.annotations
    middle = (bench.world(bench.tail) + bench.world(bench.tip)) / 2
    bench.hand.press(middle)
    assert bench.viewer.scene.camera.mouse_pan
    bench.hand.move(middle + np.array([0, 2, 2]))
    bench.hand.release(middle + np.array([0, 2, 2]))
    assert bench.store.selected is None
    assert bench.store.annotations == before


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("end", [0, 1])
def test_dragging_a_handle_moves_that_end_alone(layout, end):
    bench = arrow_bench(layout)
    bench.store.select(bench.store.annotations[0].id)
    before = bench.store.annotations
    ends = [bench.tail, bench.tip]
    target = bench.beside(0, 1, start=ends[end])
    bench.hand.drag(bench.world(ends[end]), bench.world(target))
    ends[end] = target
    np.testing.assert_allclose(bench.vertices(0), [bench.ras(v) for v in ends], atol=0.01)
    assert bench.store.undo_title == "move"
    assert undone_by_one_step(bench.store, before)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_dragging_the_body_moves_the_whole_mark(layout):
    bench = arrow_bench(layout)
    bench.store.select(bench.store.annotations[0].id)
    before = bench.store.annotations
    middle = (bench.world(bench.tail) + bench.world(bench.tip)) / 2
    shift = bench.world(bench.beside(0, 1)) - bench.world(HERE)
    bench.hand.drag(middle, middle + shift)
    expected = [bench.ras(bench.beside(0, 1, start=v)) for v in (bench.tail, bench.tip)]
    np.testing.assert_allclose(bench.vertices(0), expected, atol=0.01)
    assert undone_by_one_step(bench.store, before)


def other_slice(bench, ijk, steps=1):
    """The voxel in front of or behind another, on another slice of the plane."""
    return tuple(n + steps * (axis == bench.through) for axis, n in enumerate(ijk))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("snap", [True, False])
def test_a_mark_seen_from_the_next_slice_is_moved_to_it_or_keeps_its_depth(layout, snap):
    bench = arrow_bench(layout)
    bench.scene.set_fade_mm(6.0)
    bench.scene.set_snap_to_slice(snap)
    bench.store.select(bench.store.annotations[0].id)
    bench.scroll_to(other_slice(bench, HERE))
    assert [mark.annotation.label for mark in bench.scene.visible_marks()] == ["Arrow", "Point"]
    place, shift = bench.world(bench.tip), bench.world(bench.beside(0, 1)) - bench.world(HERE)
    bench.hand.drag(place, place + shift)
    tip = bench.beside(0, 1, start=bench.tip)
    expected = [bench.ras(bench.tail), bench.ras(other_slice(bench, tip) if snap else tip)]
    np.testing.assert_allclose(bench.vertices(0), expected, atol=0.01)
    # The whole of it, by its middle.
    bench.store.undo()
    middle = (bench.world(bench.tail) + bench.world(bench.tip)) / 2
    bench.hand.drag(middle, middle + shift)
    ends = [bench.beside(0, 1, start=end) for end in (bench.tail, bench.tip)]
    expected = [bench.ras(other_slice(bench, end) if snap else end) for end in ends]
    np.testing.assert_allclose(bench.vertices(0), expected, atol=0.01)


def test_a_path_through_slices_keeps_its_course_when_it_is_moved():
    shape = Bench()
    course = ((2, 8, 1), (4, 8, 2), (6, 8, 4))
    path = Path(tuple(tuple(shape.ras(ijk)) for ijk in course))
    bench = Bench("LPS", Annotation(path, "head", "Nerve"))
    bench.scene.set_fade_mm(6.0)
    bench.store.select(bench.store.annotations[0].id)
    middle = (bench.world((2, 8, 1)) + bench.world((4, 8, 2))) / 2
    bench.hand.drag(middle, middle + bench.world((4, 10, 2)) - bench.world((4, 8, 2)))
    np.testing.assert_allclose(np.diff(bench.vertices(0), axis=0), np.diff(path.vertices_ras_mm, axis=0), atol=0.01)


def test_a_trembling_hand_does_not_move_what_it_clicks():
    bench = arrow_bench()
    bench.store.select(bench.store.annotations[0].id)
    before = bench.store.annotations
    bench.scroll_to((3, 8, 3))
    bench.hand.drag(bench.world(bench.tip), bench.world(bench.tip) + np.array([0, 2 / 40, 1 / 40]))
    assert bench.store.annotations == before


@pytest.mark.parametrize("layout", ["LPS", "oblique RAS", "oblique sagittal AIL"])
@pytest.mark.parametrize("snap", [True, False])
def test_a_place_chosen_on_another_plane_says_how_deep_in_a_thick_slice_a_mark_lies(layout, snap):
    bench = Bench(layout)
    side = ViewerModel()
    view = bench.scene.add_view(side, Plane.CORONAL)
    tools = bench.tools
    bench.scene.go_to_ras_mm(tuple(bench.ras(HERE)))
    bench.scene.set_snap_to_slice(snap)
    # On the coronal plane, a third of a slice towards the next one.
    axis = bench.viewer.dims.order[0]
    spacing = bench.layer.scale[axis]
    place = bench.world(HERE)
    place[axis] += 0.3 * spacing
    side.scene.camera.zoom = 40
    Hand(side).click(place)
    assert view.state().plane is Plane.CORONAL
    assert bench.scene.state().slice_mm == pytest.approx(bench.world(HERE)[axis])
    tools.choose(Tool.ARROW)
    bench.hand.drag(bench.world(HERE), bench.world(bench.beside(2, 2)))
    wanted = np.array([bench.ras(HERE), bench.ras(bench.beside(2, 2))])
    if not snap:
        wanted += bench.scene.volume.frame.display_to_ras[:3, axis] * 0.3 * spacing
    np.testing.assert_allclose(bench.vertices(), wanted, atol=0.01)
    # Once one has gone on by a slice, that is where one is.
    bench.scroll_to(other_slice(bench, HERE))
    tools.choose(Tool.POINT)
    bench.hand.click(bench.world(HERE))
    np.testing.assert_allclose(bench.vertices(), [bench.ras(other_slice(bench, HERE))], atol=0.01)


@pytest.mark.parametrize("layout", ["LPS", "oblique sagittal AIL"])
@pytest.mark.parametrize("projection", [SlabProjection.MAXIMUM, SlabProjection.MINIMUM])
def test_in_a_mip_a_mark_that_is_not_snapped_lies_as_deep_as_what_is_seen(layout, projection):
    bench = Bench(layout, at=(3, 8, 3))
    bench.scene.set_slab(Slab(3 * bench.layer.scale[0], projection))
    bench.tools.choose(Tool.POINT)
    at = (3, 8, 3)
    column = [other_slice(bench, at, steps) for steps in (-1, 0, 1)]
    choose = max if projection is SlabProjection.MAXIMUM else min
    seen = choose(column, key=lambda ijk: bench.volume.voxels[ijk])
    bench.hand.click(bench.world(at))
    np.testing.assert_allclose(bench.vertices(), [bench.ras(at)], atol=0.01)
    bench.tools.choose(Tool.POINT)
    bench.scene.set_snap_to_slice(False)
    bench.hand.click(bench.world(at))
    np.testing.assert_allclose(bench.vertices(), [bench.ras(seen)], atol=0.01)
    # An outline stays flat, an arrow level with its tip.
    bench.tools.choose(Tool.REGION)
    for corner in ((2, 0), (2, 2), (0, 2)):
        bench.hand.click(bench.world(bench.beside(*corner, start=at)))
    bench.tools.finish()
    bench.tools.choose(Tool.ARROW)
    bench.hand.drag(bench.world(bench.beside(2, 2, start=at)), bench.world(at))
    np.testing.assert_allclose(bench.vertices()[1], bench.ras(seen), atol=0.01)
    for number in (-1, -2):
        depths = bench.scene.volume.frame.display_from_ras(bench.vertices(number))[:, 0]
        assert np.ptp(depths) < 0.01


def test_the_mark_is_seen_moving_but_is_stored_on_release():
    bench = arrow_bench()
    arrow = bench.store.annotations[0]
    bench.store.select(arrow.id)
    shown = len(drawn(bench.viewer))
    before = np.vstack(drawn(bench.viewer))
    bench.hand.press(bench.world(bench.tip))
    bench.hand.move(bench.world(bench.beside(0, 2, start=bench.tip)))
    assert bench.store.annotations[0] == arrow
    assert len(drawn(bench.viewer)) == shown, "the mark is not seen twice"
    assert np.abs(np.vstack(drawn(bench.viewer)) - before).max() > 0.1
    bench.hand.release(bench.world(bench.beside(0, 2, start=bench.tip)))
    assert bench.store.annotations[0] != arrow


def test_a_click_on_the_selected_mark_changes_nothing():
    bench = arrow_bench()
    bench.store.select(bench.store.annotations[0].id)
    done = bench.store.undo_title
    bench.hand.click(bench.world(bench.tip))
    assert bench.store.undo_title == done
    assert bench.store.selected.label == "Arrow"


def test_hidden_marks_cannot_be_grabbed():
    bench = arrow_bench()
    bench.scene.set_marks_visible(False)
    before = bench.store.annotations
    bench.hand.click(bench.world(bench.other))
    assert bench.store.selected is None
    bench.store.select(before[0].id)
    bench.hand.drag(bench.world(bench.tip), bench.world(bench.beside(0, 2, start=bench.tip)))
    assert bench.store.annotations == before


def test_a_mark_of_a_far_slice_cannot_be_grabbed():
    bench = arrow_bench(at=(3, 8, 0))
    bench.store.select(bench.store.annotations[0].id)
    before = bench.store.annotations
    bench.scroll_to((3, 8, 6))
    assert not bench.scene.visible_marks()
    bench.hand.drag(bench.world(bench.tip), bench.world(bench.beside(0, 2, start=bench.tip)))
    assert bench.store.annotations == before


# ---------------------------------------------------------------- what is left to napari


@pytest.mark.parametrize("modifier", ["Control", "Shift", "Alt"])
@pytest.mark.parametrize("tool", list(Tool))
def test_drags_with_a_key_held_are_left_to_napari(modifier, tool):
    bench = arrow_bench()
    bench.store.select(bench.store.annotations[0].id)
    before = bench.store.annotations
    bench.tools.choose(tool)
    bench.hand.drag(bench.world(bench.tip), bench.world(bench.beside(0, 3)), modifiers=(modifier,))
    assert bench.store.annotations == before
    assert bench.refused == []
    assert bench.viewer.scene.camera.mouse_pan


@pytest.mark.parametrize("button", [2, 3])
def test_other_buttons_are_left_to_napari(button):
    bench = Bench()
    bench.tools.choose(Tool.POINT)
    bench.hand.click(bench.world(HERE), button=button)
    assert bench.store.annotations == ()


def test_no_mark_is_placed_in_3d():
    bench = Bench()
    bench.tools.choose(Tool.POINT)
    bench.viewer.dims.ndisplay = 3
    bench.hand.click(bench.world(HERE))
    assert bench.store.annotations == ()


def test_double_click_zooms_as_always_while_browsing():
    bench = Bench()
    zoom = bench.viewer.scene.camera.zoom
    bench.hand.double_click(bench.world(HERE))
    assert bench.viewer.scene.camera.zoom == zoom * 2


def test_the_mouse_is_given_back():
    viewer = ViewerModel()
    names = ("mouse_drag_callbacks", "mouse_move_callbacks", "mouse_double_click_callbacks")
    before = [list(getattr(viewer, name)) for name in names]
    for _ in range(3):
        tools = Tools(scene_of(viewer))
        assert [list(getattr(viewer, name)) for name in names] != before
        tools.close()
        tools.close()
        assert [list(getattr(viewer, name)) for name in names] == before


# ---------------------------------------------------------------- where no mark may be placed


@pytest.mark.parametrize("tool", [Tool.ARROW, Tool.POINT, Tool.PATH, Tool.REGION])
def test_without_a_lesson_no_tool_can_be_taken_up_and_the_reason_is_said(tool):
    bench = Bench()
    bench.scene.set_store(None)
    chosen = []
    bench.tools.tool_changed.connect(chosen.append)
    bench.tools.choose(tool)
    assert "lesson" in bench.refused[-1]
    assert chosen == [Tool.BROWSE]
    bench.hand.drag(bench.world(HERE), bench.world(bench.beside(3)))
    assert bench.store.annotations == ()


@pytest.mark.parametrize("tool", [Tool.ARROW, Tool.POINT, Tool.PATH, Tool.REGION])
def test_no_mark_is_placed_on_the_wrong_volume(tool):
    bench = Bench()
    bench.tools.choose(tool)
    wrong = bench.scene.show_volume(numbered_volume(LAYOUTS["RAS"]))
    assert not bench.scene.can_mark
    place = np.array(wrong.data_to_world((3, 5, 5)))
    bench.hand.drag(place, place + np.array([0, 2, 2]))
    bench.hand.double_click(place + np.array([0, 1, 2]))
    assert bench.store.annotations == ()


# ---------------------------------------------------------------- ruler, text, eraser, corners


@pytest.mark.parametrize("layout", ["LPS", "oblique sagittal AIL"])
def test_a_ruler_says_the_distance_while_it_is_drawn_and_after(layout):
    bench = Bench(layout)
    bench.tools.choose(Tool.RULER)
    end = bench.beside(2, 1)
    true_mm = float(np.linalg.norm(bench.ras(end) - bench.ras(HERE)))
    bench.hand.press(bench.world(HERE))
    bench.hand.move(bench.world(end))
    assert bench.scene.main.labels() == (f"{true_mm:.1f} mm",), "the length is seen while the hand moves"
    assert bench.store.annotations == ()
    bench.hand.release(bench.world(end))
    (ruler,) = bench.store.annotations
    np.testing.assert_allclose(ruler.geometry.vertices_ras_mm, [bench.ras(HERE), bench.ras(end)], atol=0.01)
    assert bench.scene.main.labels() == (f"{true_mm:.1f} mm",)
    bench.store.undo()
    assert bench.store.annotations == ()


def test_a_ruler_from_one_path_to_another_is_their_closest_approach():
    """Also where that lies on another slice than the one on which the hand is."""
    shape = Bench()
    nerve = Path(tuple(tuple(shape.ras(ijk)) for ijk in ((1, 8, 2), (3, 8, 2), (5, 8, 4))))
    vessel = Path(tuple(tuple(shape.ras(ijk)) for ijk in ((3, 11, 2), (5, 9, 4), (8, 10, 4))))
    bench = Bench("LPS", Annotation(nerve, "head", "Nerve"), Annotation(vessel, "head", "Vessel"))
    bench.tools.choose(Tool.RULER)
    bench.hand.drag(bench.world((2, 8, 2)), bench.world((3, 11, 2)))
    ruler = bench.store.annotations[-1].geometry
    np.testing.assert_allclose(ruler.vertices_ras_mm, [bench.ras((5, 8, 4)), bench.ras((5, 9, 4))], atol=0.3)


def test_a_click_makes_no_ruler_and_says_why():
    bench = Bench()
    bench.tools.choose(Tool.RULER)
    bench.hand.click(bench.world(HERE))
    assert bench.store.annotations == ()
    assert "two ends" in bench.refused[-1]


def test_the_length_of_a_path_is_seen_while_it_grows():
    bench = Bench()
    bench.tools.choose(Tool.PATH)
    bench.hand.click(bench.world(HERE))
    bench.hand.click(bench.world(bench.beside(2)))
    bench.hand.move(bench.world(bench.beside(2, 3)))
    corners = np.array([bench.ras(ijk) for ijk in (HERE, bench.beside(2), bench.beside(2, 3))])
    true_mm = np.linalg.norm(np.diff(corners, axis=0), axis=1).sum()
    assert bench.scene.main.labels() == (f"{true_mm:.1f} mm",)
    bench.hand.click(bench.world(bench.beside(2, 3)))
    bench.tools.finish()
    assert bench.scene.main.labels() == (), "only a straight line between two places is a ruler"


def text_bench(layout="LPS", words="Mind the vein", *others):
    bench = Bench(layout, *others)
    asked = []
    bench.tools.text_asked.connect(lambda: asked.append(True))
    bench.tools.choose(Tool.TEXT)
    bench.hand.click(bench.world(HERE))
    assert (asked, bench.store.annotations) == ([True], tuple(others)), "no text without words"
    bench.tools.write(words)
    bench.tools.choose(Tool.BROWSE)
    return bench


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_text_stands_where_it_was_put_and_nothing_else_is_drawn(layout):
    bench = text_bench(layout)
    (mark,) = bench.store.annotations
    assert mark.geometry == Point(mark.geometry.position_ras_mm, as_text=True)
    assert (mark.label, mark.author, mark.geometry.kind) == ("Mind the vein", "Dr. Test", "text")
    np.testing.assert_allclose(bench.vertices(), [bench.ras(HERE)], atol=0.01)
    for selected in (mark.id, None):
        bench.store.select(selected)
        assert bench.scene.main.labels() == ("Mind the vein",)
        (words,) = drawn(bench.viewer)
        np.testing.assert_allclose(words.mean(axis=0), bench.world(HERE), atol=0.01)
    assert undone_by_one_step(bench.store, ())


@pytest.mark.parametrize("words", ["", "  "])
def test_without_words_there_is_no_text(words):
    bench = text_bench(words=words)
    assert bench.store.annotations == ()
    assert bench.store.undo_title is None


def test_a_text_is_grabbed_by_its_words_moved_and_written_anew():
    bench = text_bench()
    bench.store.select(None)
    (words,) = drawn(bench.viewer)
    end = words.mean(axis=0) + (words.max(axis=0) - words.mean(axis=0)) * np.array([0, 0.5, 0.9])
    far = end + np.array([0, 0, 3.0])
    bench.hand.click(far)
    assert bench.store.selected is None
    bench.hand.click(end)
    assert bench.store.selected.label == "Mind the vein"
    shift = bench.world(bench.beside(1, 2)) - bench.world(HERE)
    bench.hand.drag(end, end + shift)
    np.testing.assert_allclose(bench.vertices(), [bench.ras(bench.beside(1, 2))], atol=0.01)
    asked = []
    bench.tools.label_asked.connect(asked.append)
    bench.hand.double_click(end + shift)
    assert asked == [bench.store.annotations[0].id]


def test_a_text_fades_beside_its_slice_with_its_words():
    bench = text_bench()
    bench.store.select(None)
    bench.scroll_to(other_slice(bench, HERE))
    assert bench.scene.main.labels() == ("Mind the vein",)
    (colour,) = {tuple(one) for one in colours_drawn(bench.viewer) if one[3] > 0}
    assert 0.3 < colour[3] < 0.9
    bench.scroll_to(other_slice(bench, HERE, 4))
    assert bench.scene.main.labels() == ()


def test_a_text_makes_way_for_the_tip_of_an_arrow_with_a_line_to_its_place():
    shape = Bench()
    arrow = Annotation(Arrow(tuple(shape.ras((8, 8, 2))), tuple(shape.ras(HERE))), "head", "")
    bench = text_bench("LPS", "Here the loop touches", arrow)
    bench.store.select(None)
    view = bench.scene.main
    (label,) = view._picture.marks.labels
    place = bench.world(HERE)[1:]
    half = np.ptp(drawn(bench.viewer)[-1], axis=0)[1:] / 2
    assert (np.abs(label.place_mm - place) > half - 1e-6).any(), "the tip stays free"
    assert np.linalg.norm(label.place_mm - place) * 40 < 200


def test_a_text_at_the_edge_of_the_view_is_moved_inside():
    bench = text_bench()
    bench.store.select(None)
    camera, place = bench.viewer.scene.camera, bench.world(HERE)
    width = bench.viewer.canvas.size[1]
    camera.center = (0.0, place[1], place[2] + (width / 2 - 12) / camera.zoom)
    assert bench.scene.main.labels() == ("Mind the vein",)
    words = drawn(bench.viewer)[-1]
    off = np.abs((words[:, 2] - camera.center[2]) * camera.zoom)
    assert off.max() <= width / 2, "all of it is on screen"
    camera.center = (0.0, place[1], place[2] + (width / 2 + 5) / camera.zoom)
    assert bench.scene.main.labels() == (), "its place is beside the view"


def test_the_eraser_deletes_what_is_clicked_and_undo_brings_it_back():
    bench = arrow_bench()
    before = bench.store.annotations
    bench.tools.choose(Tool.ERASER)
    bench.hand.click(bench.world(bench.tip))
    assert [mark.label for mark in bench.store.annotations] == ["Point"]
    bench.hand.click(bench.world(bench.beside(3, 3)))
    assert len(bench.store.annotations) == 1, "a click beside all marks deletes none"
    bench.store.undo()
    assert bench.store.annotations == before


def test_a_locked_mark_is_neither_moved_nor_erased():
    bench = arrow_bench()
    arrow = bench.store.annotations[0]
    bench.scene.filter.lock(arrow.id, True)
    bench.store.select(arrow.id)
    bench.hand.drag(bench.world(bench.tip), bench.world(bench.beside(0, 2, start=bench.tip)))
    bench.tools.choose(Tool.ERASER)
    bench.hand.click(bench.world(bench.tip))
    assert bench.store.annotations[0] == arrow
    assert "locked" in bench.refused[-1]
    bench.scene.filter.lock(arrow.id, False)
    bench.hand.click(bench.world(bench.tip))
    assert arrow not in bench.store.annotations


def test_corners_of_the_selected_path_come_and_go_with_alt():
    shape = Bench()
    path = Path(tuple(tuple(shape.ras(ijk)) for ijk in ((1, 8, 2), (9, 8, 2))))
    bench = Bench("LPS", Annotation(path, "head", "Nerve"))
    bench.store.select(bench.store.annotations[0].id)
    bench.hand.click(bench.world((5, 8, 2)), modifiers=("Alt",))
    np.testing.assert_allclose(
        bench.vertices(), [bench.ras(ijk) for ijk in ((1, 8, 2), (5, 8, 2), (9, 8, 2))], atol=0.01
    )
    bench.hand.click(bench.world((5, 8, 2)), modifiers=("Alt",))
    np.testing.assert_allclose(bench.vertices(), path.vertices_ras_mm)
    bench.hand.click(bench.world((9, 8, 2)), modifiers=("Alt",))
    np.testing.assert_allclose(bench.vertices(), path.vertices_ras_mm)
    assert "enough are left" in bench.refused[-1]


def test_a_double_click_on_a_mark_asks_for_its_label_and_does_not_zoom():
    bench = arrow_bench()
    asked = []
    bench.tools.label_asked.connect(asked.append)
    zoom = bench.viewer.scene.camera.zoom
    bench.hand.double_click(bench.world(bench.tip))
    assert asked == [bench.store.annotations[0].id]
    assert bench.viewer.scene.camera.zoom == zoom


def test_hidden_marks_and_all_but_the_selected_one_are_not_seen():
    bench = arrow_bench()
    arrow, point = bench.store.annotations
    bench.scroll_to((3, 8, 3))
    seen = lambda: {mark.annotation.label for mark in bench.scene.visible_marks()}  # noqa: E731
    assert seen() == {"Arrow", "Point"}
    bench.scene.filter.hide(arrow.id, True)
    assert seen() == {"Point"}
    bench.scene.filter.hide(arrow.id, False)
    bench.scene.filter.show_only_selected(True)
    assert seen() == set()
    bench.store.select(arrow.id)
    assert seen() == {"Arrow"}
    bench.store.select(point.id)
    assert seen() == {"Point"}
    bench.scene.filter.show_all()
    assert seen() == {"Arrow", "Point"}
