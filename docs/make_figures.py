"""Draw the pictures of docs/figure.md, and say how long each took: python docs/make_figures.py [OUT_DIR]."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.export.figure import FigureStyle, draw_figure
from napari_vascular_loop.lessons import find_lesson, lesson_volume

NERVE, PHANTOM = "facial-nerve-root", "contact-indentation-deviation"
PICTURES = {
    "one_column": (NERVE, FigureStyle(dpi=200)),
    "other_side": (NERVE, FigureStyle(columns=2, dark=True, other_side=True, dpi=150)),
    "planes": (NERVE, FigureStyle(columns=2, whole=True, planes=(Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL), dpi=150)),
    "sequences": (PHANTOM, FigureStyle(columns=2, volume_ids=("contact-ciss", "contact-tof"), inset=True, dpi=150)),
}
ROUNDS = 5


def main() -> None:
    """Draw them, and print the times."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images" / "figure"
    for name, (lesson_name, style) in PICTURES.items():
        store = find_lesson(lesson_name)
        mark = next(one for one in store.annotations if one.geometry.kind == "arrow")
        wanted = style.volume_ids or (mark.volume_id,)
        volumes = {volume_id: lesson_volume(store, volume_id) for volume_id in wanted}
        draw_figure(store.lesson, mark.id, volumes, style)  # what is found once, as the midline, is not timed again
        spent = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            draw_figure(store.lesson, mark.id, volumes, style).save(out / f"{name}.png", dpi=style.dpi)
            spent.append(time.perf_counter() - start)
        sys.stdout.write(f"{name}: {statistics.median(spent):.2f} s\n")
        start = time.perf_counter()
        draw_figure(store.lesson, mark.id, volumes, style).pixels(300)
        sys.stdout.write(f"{name}, at 300 dpi: {time.perf_counter() - start:.2f} s\n")
        store.close()


if __name__ == "__main__":
    main()
