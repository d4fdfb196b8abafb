"""What a lesson holds, in lines and as data."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.agreement import agreements
from napari_vascular_loop.domain.lesson_about import OBJECTIVES_FOLLOW, time_and_audience
from napari_vascular_loop.domain.terms import structure_name

if TYPE_CHECKING:
    from napari_vascular_loop.store import LessonStore


def lesson_as_json(store: LessonStore) -> dict[str, Any]:
    """All that is known of an open lesson, as one document."""
    lesson = store.lesson
    passages = store.passages()
    return {
        "id": lesson.id,
        "title": lesson.title,
        "folder": str(store.folder) if store.folder else None,
        "authors": list(lesson.authors),
        "language": lesson.language,
        "licence": lesson.licence,
        "credit": lesson.credit,
        "objectives": list(lesson.objectives),
        "minutes": lesson.minutes,
        "audience": lesson.audience,
        "volumes": [
            {
                "id": v.id,
                "title": v.title,
                "file": v.file,
                "catalogue": v.catalogue_id,
                "licence": v.licence,
                "frame_of_reference_uid": v.frame_of_reference_uid,
            }
            for v in lesson.volumes
        ],
        "annotations": len(lesson.annotations),
        "by_structure": dict(Counter(structure_name(a.structure) or "none" for a in lesson.annotations)),
        "by_author": dict(Counter(a.author or "unknown" for a in lesson.annotations)),
        "links": len(passages),
        "orphans": [found.passage.exact for found in passages if found.is_orphan],
        "agreement": [
            {
                "structure": structure_name(one.structure) or one.structure,
                "side": one.side.value if one.side else None,
                "volume": one.volume_id,
                "authors": [one.one.author, one.other.author],
                "annotations": [one.one.id, one.other.id],
                "distance_mm": round(one.distance_mm, 3),
            }
            for one in agreements(lesson.annotations)
        ],
        "conflicts": len(store.conflicts),
        "open_elsewhere": store.reader_note or None,
        "notice": store.notice or None,
    }


def describe_lesson(store: LessonStore) -> str:
    """The same in lines."""
    told, lesson = lesson_as_json(store), store.lesson
    lines = [told["title"], f"  in {told['folder']}"]
    if told["authors"]:
        lines.append(f"  by {', '.join(told['authors'])}")
    lines += [f"  {what}: {told[what]}" for what in ("licence", "credit") if told[what]]
    if said := time_and_audience(lesson):
        lines.append(f"  {said}")
    if lesson.objectives:
        lines += [f"  {OBJECTIVES_FOLLOW}", *(f"    - {one}" for one in lesson.objectives)]
    for volume in told["volumes"]:
        place = volume["file"] or f"catalogue: {volume['catalogue']}"
        lines.append(f"  volume {volume['id']}: {volume['title'] or 'without a title'} ({place})")
    lines.append(f"  {told['annotations']} marks, {told['links']} links to the article")
    for what, counts in (("structure", told["by_structure"]), ("author", told["by_author"])):
        if counts:
            lines.append(f"    by {what}: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    for words, count in Counter(told["orphans"]).items():
        links = f" ({count} links)" if count > 1 else ""
        lines.append(f"  linked to words that are not in the article: {words!r}{links}")
    for one in told["agreement"]:
        side = f", {one['side']}" if one["side"] else ""
        lines.append(
            f"  {' and '.join(one['authors'])} are {one['distance_mm']:.1f} mm apart: {one['structure']}{side}"
        )
    if told["conflicts"]:
        lines.append(f"  {told['conflicts']} conflicts wait for somebody to choose: vascular-loop lesson conflicts")
    lines += [f"  {told[what]}" for what in ("open_elsewhere", "notice") if told[what]]
    return "\n".join(lines)
