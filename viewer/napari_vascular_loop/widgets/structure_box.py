"""The box for a structure: by name, synonym or code; free words where the table has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QCompleter

from napari_vascular_loop.domain.terms import STRUCTURES

if TYPE_CHECKING:
    from napari_vascular_loop.domain.terms import Structure

_IS = "  →  "


class StructureBox(QComboBox):
    """An editable box that completes what is typed, from anywhere in a name, a synonym or a code."""

    def __init__(self) -> None:
        super().__init__()
        self.setEditable(True)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.addItems(["", *[structure.name for structure in STRUCTURES]])
        completer = QCompleter(offers(), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)
        self.editTextChanged.connect(self._on_text)
        line = self.lineEdit()
        if line is not None:
            line.setPlaceholderText("Name, synonym or code")

    def _on_text(self, text: str) -> None:
        """Of what was completed, keep the name."""
        _, arrow, name = text.partition(_IS)
        if arrow:
            self.setCurrentText(name)


def offers() -> list[str]:
    """All that can be completed: names, and synonyms and codes with the name they stand for."""
    found = []
    for structure in STRUCTURES:
        found.append(structure.name)
        found += [f"{other}{_IS}{structure.name}" for other in (*structure.synonyms, *_codes(structure))]
    return found


def codes_text(structure: Structure) -> str:
    """Other names and the codes of a structure, for the eye."""
    return " · ".join((*structure.synonyms, *_codes(structure)))


def _codes(structure: Structure) -> list[str]:
    named = (("UBERON", structure.uberon), ("SNOMED CT", structure.snomed), ("FMA", structure.fma))
    return [f"{system} {code}" for system, code in named if code]
