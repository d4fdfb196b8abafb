"""What a command said: its exit code, and what it printed."""

from __future__ import annotations

import json
from typing import Any, NamedTuple


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)
