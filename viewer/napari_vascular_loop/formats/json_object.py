"""A JSON object that is kept as its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec


class JsonObject(Mapping[str, Any]):
    """A JSON object as it was read: a fraction of the memory of its members, which are made when asked for.

    Parameters
    ----------
    data : bytes
        JSON, known to be an object.
    """

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def members(self) -> dict[str, Any]:
        """All members, the caller's own."""
        members: dict[str, Any] = msgspec.json.decode(self.data)
        return members

    def __getitem__(self, key: str) -> Any:
        return self.members()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.members())

    def __len__(self) -> int:
        return len(self.members())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, JsonObject) and self.data == other.data:
            return True
        return isinstance(other, Mapping) and self.members() == members_of(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"JsonObject({self.data!r})"


def members_of(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The members of any mapping, as a dict of its own."""
    return mapping.members() if isinstance(mapping, JsonObject) else dict(mapping)
