"""Lessons that were changed in two places, put together annotation by annotation, member by member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from napari_vascular_loop.domain.edit import (
    DETAILS,
    FOREIGN,
    AnyChange,
    ArticleChange,
    Change,
    DetailsChange,
    Edit,
    OrderChange,
)
from napari_vascular_loop.domain.errors import LessonError
from napari_vascular_loop.domain.text import shown
from napari_vascular_loop.domain.text_merge import merge_texts, patched, shared_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.article import Passage
    from napari_vascular_loop.domain.lesson import Lesson, LessonVolume

MEMBERS = ("geometry", "volume_id", "label", "note", "structure", "side", "grade", "author", "view")
"""What is compared of an annotation, beside its passages."""

_WORDS = {"geometry": "place", "volume_id": "volume", "deleted": "annotation itself"}
_NOTHING: tuple[Any, ...] = (None, "", ())
_ABSENT: Any = object()


@dataclass(frozen=True)
class Conflict:
    """The same thing, changed in both places. Ours stands in the lesson; theirs is kept here.

    Parameters
    ----------
    annotation_id : str
        Which annotation; "" for the lesson itself.
    member : str
        What of it: one of :data:`MEMBERS`, "deleted", "article" or one of a lesson's details.
    title : str
        How people know the annotation, or the lesson.
    base, ours, theirs : object
        The value as it was, as it is here, and as it is there. For "deleted" the annotation, or None. Whatever it
        was, the choice is the same.
    """

    annotation_id: str
    member: str
    title: str = field(compare=False)
    base: Any = field(compare=False)
    ours: Any
    theirs: Any

    @property
    def what(self) -> str:
        """What of it, in words."""
        return _WORDS.get(self.member, self.member)

    @property
    def words(self) -> str:
        """The conflict in a sentence."""
        if self.member == "deleted":
            who, other = ("here", "there") if self.ours is None else ("there", "here")
            return f"{self.title!r} was deleted {who} and changed {other}"
        whose = f"{self.what} of {self.title!r}" if self.annotation_id else f"lesson's {self.what}"
        ours, theirs = self.ours, self.theirs
        if isinstance(ours, str) and isinstance(theirs, str):
            ours, theirs = _from_where_they_differ(ours, theirs)
        return f"the {whose}: here {_said(ours)}, there {_said(theirs)}"

    def edit_to_theirs(self, lesson: Lesson) -> Edit | None:
        """Make the edit that puts their value in place of ours; None if there is nothing to put it in any more."""
        title = f"take their {self.what}"
        if self.member == "article":
            if not self.ours or lesson.article.count(self.ours) != 1:
                return None
            text = lesson.article.replace(self.ours, self.theirs, 1)
            return Edit(title, (ArticleChange.between(lesson.article, text),))
        if not self.annotation_id:
            return Edit(
                title, (DetailsChange({self.member: getattr(lesson, self.member)}, {self.member: self.theirs}),)
            )
        place = next((n for n, a in enumerate(lesson.annotations) if a.id == self.annotation_id), None)
        before = None if place is None else lesson.annotations[place]
        if self.member == "deleted":
            after = self.theirs
        else:
            after = None if before is None else before.changed(**{self.member: self.theirs})
        if before is None and after is None:
            return None
        return Edit(title, (Change(before, after, len(lesson.annotations) if place is None else place),))


@dataclass(frozen=True)
class Merged:
    """A lesson with the changes of both, and what both changed."""

    lesson: Lesson
    conflicts: tuple[Conflict, ...]


def merge(base: Lesson | None, ours: Lesson, theirs: Lesson) -> Merged:
    """Put together two copies of a lesson that were changed apart.

    Parameters
    ----------
    base : Lesson or None
        As it was before; without it, whatever the two have differently is a conflict, unless one has nothing.
    ours, theirs : Lesson
        As the two have it.

    Returns
    -------
    Merged
        Where both changed the same thing, ours stands in the lesson and theirs is in the conflicts. An annotation
        that one deleted and the other changed stays.
    """
    conflicts: list[Conflict] = []
    merged: dict[str, Annotation] = {}
    was = {annotation.id: annotation for annotation in base.annotations} if base else {}
    here = {annotation.id: annotation for annotation in ours.annotations}
    there = {annotation.id: annotation for annotation in theirs.annotations}
    for id_ in dict.fromkeys((*here, *there)):
        old, mine, other = was.get(id_), here.get(id_), there.get(id_)
        if mine is not None and other is not None:
            merged[id_], more = _merge_annotations(old, mine, other)
            conflicts += more
        elif (kept := mine or other) is not None and kept != old:
            merged[id_] = kept
            if old is not None:
                conflicts.append(Conflict(id_, "deleted", kept.title, old, mine, other))
    order = _order(list(was), list(here), list(there), merged.keys())
    lesson = replace(ours, annotations=tuple(merged[id_] for id_ in order))
    article, in_text = merge_texts(base.article if base else "", ours.article, theirs.article)
    if base is None and ours.article != theirs.article:
        article = ours.article or theirs.article
        in_text = in_text if ours.article and theirs.article else ()
    conflicts += [Conflict("", "article", ours.title, one.base, one.ours, one.theirs) for one in in_text]
    details: dict[str, Any] = {}
    for name in DETAILS:
        if name == "volumes":
            details[name] = _merge_volumes(base, ours, theirs, lesson.annotations)
            continue
        if name in FOREIGN:
            details[name] = _merge_foreign(*(getattr(one, name) if one else {} for one in (base, ours, theirs)))
            continue
        old, mine, other = (getattr(one, name) if one else None for one in (base, ours, theirs))
        details[name], agreed = _merge_values(base is not None, old, mine, other)
        if not agreed:
            conflicts.append(Conflict("", name, ours.title, old, mine, other))
    return Merged(replace(lesson, article=article, **details), tuple(conflicts))


def refuse_other_volumes(ours: Lesson, theirs: Lesson) -> None:
    """Make sure that volumes of the same id are the same volume: marks of another must not land on ours.

    Raises
    ------
    LessonError
        Naming the volume that is not.
    """
    here = {volume.id: volume for volume in ours.volumes}
    for there in theirs.volumes:
        mine = here.get(there.id)
        if mine is None or not mine.fingerprints or not there.fingerprints:
            continue
        if not any(not one.differences(other) for one in mine.fingerprints for other in there.fingerprints):
            raise LessonError(
                f"{there.id!r} is another volume there than here, so marks on it can't be merged; give one of the two "
                "another id in its lesson.json and annotations.json"
            )


def difference(before: Lesson, after: Lesson, title: str) -> Edit | None:
    """Make the edit that turns one lesson into another; None if they are the same."""
    changes: list[AnyChange] = []
    if before.article != after.article:
        changes.append(ArticleChange.between(before.article, after.article))
    names = [name for name in DETAILS if _plain(getattr(before, name)) != _plain(getattr(after, name))]
    # Those that lie in one file together.
    for some in ([n for n in names if n != "annotations_foreign"], [n for n in names if n == "annotations_foreign"]):
        if some:
            old, new = ({name: getattr(lesson, name) for name in some} for lesson in (before, after))
            changes.append(DetailsChange(old, new))
    wanted = {annotation.id: annotation for annotation in after.annotations}
    order: list[str] = []
    for place, annotation in reversed(list(enumerate(before.annotations))):
        if annotation.id not in wanted:
            changes.append(Change(annotation, None, place))
    for annotation in before.annotations:
        if annotation.id in wanted:
            if _differs(annotation, wanted[annotation.id]):
                changes.append(Change(annotation, wanted[annotation.id], len(order)))
            order.append(annotation.id)
    known = set(order)
    for annotation in after.annotations:
        if annotation.id not in known:
            changes.append(Change(None, annotation, len(order)))
            order.append(annotation.id)
    for place, annotation in enumerate(after.annotations):
        if order[place] != annotation.id:
            was = order.index(annotation.id, place)
            changes.append(OrderChange(annotation.id, was, place))
            order.insert(place, order.pop(was))
    return Edit(title, tuple(changes)) if changes else None


def _differs(one: Annotation, other: Annotation) -> bool:
    return one != other or one.foreign != other.foreign


def _merge_annotations(
    old: Annotation | None, mine: Annotation, other: Annotation
) -> tuple[Annotation, list[Conflict]]:
    if not _differs(mine, other):
        return mine, []
    values: dict[str, Any] = {}
    conflicts = []
    for name in MEMBERS:
        was, here, there = (getattr(one, name) if one else None for one in (old, mine, other))
        values[name], agreed = _merge_values(old is not None, was, here, there)
        if not agreed:
            conflicts.append(Conflict(mine.id, name, mine.title, was, here, there))
    values["passages"] = _merge_passages(old.passages if old else (), mine.passages, other.passages)
    values["modified"] = max(mine.modified, other.modified)
    values["foreign"] = _merge_foreign(old.foreign if old else {}, mine.foreign, other.foreign)
    return replace(mine, **values), conflicts


def _merge_values(has_base: bool, old: Any, mine: Any, other: Any) -> tuple[Any, bool]:
    """Merge a value; False if both changed it, and ours is taken."""
    if mine == other or (has_base and other == old):
        return mine, True
    if (has_base and mine == old) or (not has_base and mine in _NOTHING):
        return other, True
    return mine, not has_base and other in _NOTHING


def _merge_passages(old: Sequence[Passage], mine: Sequence[Passage], other: Sequence[Passage]) -> tuple[Passage, ...]:
    """Links that one tied are tied, those that one untied are untied."""

    def words(passage: Passage) -> tuple[str, str, str]:
        return (passage.exact, passage.prefix, passage.suffix)

    was, here, there = ({words(one) for one in some} for some in (old, mine, other))
    # Surroundings change where words beside the quote are edited: that is no other link.
    followed = {one.exact for one in old if words(one) not in there} & {one.exact for one in other}
    kept = [one for one in mine if words(one) not in was or words(one) in there or one.exact in followed]
    quotes = {one.exact for one in kept}
    known = here | was
    return (*kept, *(one for one in other if words(one) not in known and one.exact not in followed & quotes))


def _merge_volumes(
    base: Lesson | None, ours: Lesson, theirs: Lesson, annotations: Sequence[Annotation]
) -> tuple[LessonVolume, ...]:
    """Our volumes, those that they added, and those on which a mark lies, whoever took them away."""
    if base is not None and ours.volumes == base.volumes:
        first, second = theirs.volumes, ours.volumes
    else:
        known = {volume.id for volume in (*ours.volumes, *(base.volumes if base else ()))}
        first = (*ours.volumes, *(volume for volume in theirs.volumes if volume.id not in known))
        second = theirs.volumes
    there = {volume.id for volume in first}
    needed = {annotation.volume_id for annotation in annotations}
    return (*first, *(volume for volume in second if volume.id in needed - there))


def _merge_foreign(old: Mapping[str, Any], mine: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put together members that this program doesn't know; what both changed stays as it is here.

    Lists of things that have an id are put together by these, all others taken whole.
    """
    if _plain(mine) == _plain(other):
        return mine
    merged: dict[str, Any] = {}
    for name in dict.fromkeys((*mine, *other)):
        was, here, there = (one.get(name, _ABSENT) for one in (old, mine, other))
        if here == there or there == was:
            value = here
        elif here == was:
            value = there
        elif (by_id := _by_id(here, there)) is not None:
            value = [*here, *(one for one in there if one.get("id") not in by_id)]
        else:
            value = there if here is _ABSENT else here
        if value is not _ABSENT:
            merged[name] = value
    return merged


def _by_id(here: Any, there: Any) -> set[Any] | None:
    """Ids of the things in a list; None where these are no two lists of things with ids."""
    for some in (here, there):
        if not isinstance(some, list) or not all(isinstance(one, Mapping) and "id" in one for one in some):
            return None
    return {str(one["id"]) for one in here}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def apply_as_far_as_possible(edit: Edit, lesson: Lesson) -> Lesson:
    """Do an edit to a lesson that others changed since: what was set is set, what was deleted is deleted.

    Annotations are merged member by member and texts line by line; where others changed the same, the edit's stand.
    """
    for change in edit.changes:
        match change:
            case ArticleChange(before, after, at):
                lesson = replace(lesson, article=patched(lesson.article, at, before, after))
            case DetailsChange():
                lesson = replace(lesson, **dict(change.after))
            case Change(was, wanted, index):
                annotations = list(lesson.annotations)
                place = next((n for n, a in enumerate(annotations) if a.id == change.annotation_id), None)
                if place is not None and wanted is not None:
                    annotations[place] = _merge_annotations(was, wanted, annotations[place])[0]
                elif place is not None:
                    del annotations[place]
                elif wanted is not None:
                    annotations.insert(index, wanted)
                lesson = lesson.with_annotations(tuple(annotations))
            case OrderChange():
                pass
    return lesson


def _order(was: Sequence[str], here: Sequence[str], there: Sequence[str], wanted: Any) -> list[str]:
    """Put ids in the order of whoever changed it; what the other added goes behind what it stood behind."""
    known = set(was) & set(here) & set(there)
    orders = [[one for one in some if one in known] for some in (was, here, there)]
    is_theirs = orders[1] == orders[0] != orders[2]
    first, second = (there, here) if is_theirs else (here, there)
    order = [one for one in first if one in wanted]
    placed = set(order)
    added: dict[str | None, list[str]] = {}
    behind: str | None = None
    for one in second:
        if one in placed:
            behind = one
        elif one in wanted:
            added.setdefault(behind, []).append(one)
    result = added.get(None, [])
    for one in order:
        result += [one, *added.get(one, [])]
    return result


def in_words(value: Any, longest: int = 80) -> str:
    """A value that a conflict is about, in one line."""
    if value is None or value in ("", ()):
        return "nothing"
    if hasattr(value, "vertices_ras_mm"):
        x, y, z = value.anchor_ras_mm
        return f"{value.kind} at {x:.1f}, {y:.1f}, {z:.1f} mm"
    words = ", ".join(value) if isinstance(value, tuple) else str(value)
    return shown(" ".join(words.split()), longest)


def _from_where_they_differ(ours: str, theirs: str) -> tuple[str, str]:
    """Two long texts from the line in which they begin to differ, if both have one."""
    start = ours.rfind("\n", 0, shared_start(ours, theirs)) + 1
    is_told = start and ours[start:].strip() and theirs[start:].strip()
    return (f"… {ours[start:]}", f"… {theirs[start:]}") if is_told else (ours, theirs)


def _said(value: Any) -> str:
    """The same in a sentence, where words of a user stand in quotes."""
    words = in_words(value)
    return words if words == "nothing" or hasattr(value, "vertices_ras_mm") else repr(words)
