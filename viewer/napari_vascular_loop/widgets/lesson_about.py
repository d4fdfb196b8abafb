"""What is said of a lesson at the head of its article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_vascular_loop.domain.lesson_about import OBJECTIVES_FOLLOW, credits_of, time_and_audience

if TYPE_CHECKING:
    from napari_vascular_loop.domain.lesson import Lesson
    from napari_vascular_loop.formats.markdown import Block


def about_blocks(lesson: Lesson) -> tuple[Block, ...]:
    """Time, audience, objectives and credits, to stand below the article's title; none where the lesson says nothing.

    The runs have no place in the source, so that no passage can begin or end in them.
    """
    # When an article is shown: a panel without a lesson opens without what reads Markdown.
    from napari_vascular_loop.formats.markdown import Block, Run

    said = time_and_audience(lesson)
    blocks = [Block("paragraph", (Run(f"{said}.", bold=True),))] if said else []
    if lesson.objectives:
        blocks.append(Block("paragraph", (Run(f"{OBJECTIVES_FOLLOW}:"),)))
        blocks += [Block("item", (Run(one),), level=1, marker="•") for one in lesson.objectives]
    if blocks and (owed := credits_of(lesson)):
        blocks.append(Block("paragraph", (Run(". ".join(one.rstrip(".") for one in owed) + ".", italic=True),)))
    return tuple(blocks)
