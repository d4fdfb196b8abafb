"""Along a nerve: how near the vessels' marks come."""

from __future__ import annotations

import pytest

from napari_vascular_loop.domain.annotation import Annotation, Arrow, Path, Point, Region
from napari_vascular_loop.domain.errors import GeometryError
from napari_vascular_loop.domain.ride import Ride

NERVE = Annotation(Path(((0, 0, 0), (10, 0, 0), (10, 8, 0))), "v", "nerve", structure="facial-nerve")
LOOP = Annotation(Path(((4, 3, 5), (4, 3, -5))), "v", "loop", structure="aica")
TIP = Annotation(Arrow((20, 20, 20), (10, 6, 1.5)), "v", "tip", structure="pica")
OTHERS = (
    NERVE,
    LOOP,
    TIP,
    Annotation(Point((5, 0.1, 0)), "v", "no vessel", structure="pons"),
    Annotation(Point((5, 0.1, 0)), "v", "nothing said"),
)


def test_the_nearest_vessel_is_told_at_each_place():
    ride = Ride(NERVE, OTHERS)
    assert [vessel.label for vessel in ride.vessels] == ["loop", "tip"]
    here = ride.nearest(4.0)
    assert (here.vessel.label, here.at_mm) == ("loop", 4.0)
    assert here.distance_mm == pytest.approx(3.0, abs=0.01)
    assert ride.nearest(16.0).vessel.label == "tip"


def test_the_closest_place_of_the_whole_path_is_found():
    closest = Ride(NERVE, OTHERS).closest()
    assert closest.vessel.label == "tip"
    assert closest.distance_mm == pytest.approx(1.5, abs=0.01)
    assert closest.at_mm == pytest.approx(16.0, abs=0.1)


def test_the_outline_of_a_region_is_closed():
    region = Annotation(Region(((0, 5, -3), (20, 5, -3), (20, 5, 3), (0, 5, 3))), "v", structure="vertebral-artery")
    # The side from the last corner to the first runs along y = 5 at x = 0.
    assert Ride(NERVE, [region]).nearest(0.0).distance_mm == pytest.approx(5.0, abs=0.01)


def test_without_a_vessel_nothing_is_said():
    ride = Ride(NERVE, [NERVE])
    assert ride.nearest(3.0) is None
    assert ride.closest() is None


def test_only_a_path_with_length_is_ridden_along():
    with pytest.raises(GeometryError, match="two places"):
        Ride(Annotation(Point((1, 2, 3)), "v"), ())
