"""The content tree of a DICOM structured report, whoever wrote it (PS3.3 section C.17.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydicom.dataelem import RawDataElement

from napari_vascular_loop.formats.annotations.dicom_codes import key_of
from napari_vascular_loop.formats.volumes.dicomweb.address import is_uid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset


_Coded = tuple[tuple[str, str], str]
_MOST_KEPT = 4096


class Item:
    """A content item, with all below it; what it does not say is empty.

    Parameters
    ----------
    dataset : Dataset
        The item, or the report as a whole: that is its root.
    """

    __slots__ = ("_codes", "children", "code", "dataset", "kind")

    def __init__(self, dataset: Dataset, codes: dict[bytes, _Coded] | None = None) -> None:
        # Most codes of a report stand in it a thousand times over.
        self._codes: dict[bytes, _Coded] = {} if codes is None else codes
        self.dataset = dataset
        self.kind = _one(dataset.get("ValueType"))
        self.code = self._coded("ConceptNameCodeSequence")[0]
        self.children: tuple[Item, ...] = tuple(Item(one, self._codes) for one in _sequence(dataset, "ContentSequence"))

    @property
    def text(self) -> str:
        """Of a TEXT."""
        return _one(self.dataset.get("TextValue"))

    @property
    def value(self) -> _Coded:
        """Of a CODE: value and scheme, and its meaning."""
        return self._coded("ConceptCodeSequence")

    def _coded(self, keyword: str) -> _Coded:
        raw = self.dataset.get_item(keyword) if keyword in self.dataset else None
        written = raw.value if isinstance(raw, RawDataElement) else None
        if written is None:
            return _coded(self.dataset, keyword)
        if written not in self._codes and len(self._codes) < _MOST_KEPT:
            self._codes[written] = _coded(self.dataset, keyword)
        return self._codes[written] if written in self._codes else _coded(self.dataset, keyword)


def items_of(item: Item) -> Iterator[Item]:
    """All items below one, each before those below it."""
    for child in item.children:
        yield child
        yield from items_of(child)


def said_uid(item: Item, keyword: str) -> str:
    """A UID that an item names; "" where it names none."""
    uid = _one(item.dataset.get(keyword))
    return uid if is_uid(uid) else ""


def _coded(dataset: Dataset, keyword: str) -> _Coded:
    """First code of a sequence of codes: value and scheme, and its meaning; empty where there is none."""
    for one in _sequence(dataset, keyword)[:1]:
        values = (_one(one.get(name)) for name in ("CodeValue", "LongCodeValue", "URNCodeValue"))
        value = next(filter(None, values), "")
        return key_of(value, _one(one.get("CodingSchemeDesignator"))), _one(one.get("CodeMeaning"))
    return ("", ""), ""


def _sequence(dataset: Dataset, keyword: str) -> list[Dataset]:
    value = dataset.get(keyword)
    return (
        list(value) if value is not None and hasattr(value, "__iter__") and not isinstance(value, str | bytes) else []
    )


def _one(value: Any) -> str:
    """Text of an element that should have one value; several are joined as they stood."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return "\\".join(map(str, value)) if hasattr(value, "__iter__") else str(value)
