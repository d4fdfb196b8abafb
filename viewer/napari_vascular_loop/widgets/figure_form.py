"""What a figure is to show and how it is to look, as one chooses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from napari_vascular_loop.domain.mark_view import SlabProjection
from napari_vascular_loop.domain.space import Plane
from napari_vascular_loop.export.figure_style import FigureStyle

if TYPE_CHECKING:
    from napari_vascular_loop.domain.annotation import Annotation
    from napari_vascular_loop.domain.lesson import Lesson

_WIDTHS: tuple[tuple[str, dict[str, float]], ...] = (
    ("One column, 88 mm", {"columns": 1}),
    ("Two columns, 180 mm", {"columns": 2}),
    ("Slide, 254 mm", {"width_mm": 254.0}),
)
_PLANES = (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
_AUTO = "as suits the mark"


class FigureForm(QWidget):
    """Fields for a FigureStyle.

    Parameters
    ----------
    lesson : Lesson
        Whose volumes can be panels.
    mark : Annotation
        What the figure is about.
    radiological : bool
        As it is on screen.

    Signals
    -------
    changed
        Something was chosen.
    """

    changed = Signal()

    def __init__(self, lesson: Lesson, mark: Annotation, radiological: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._radiological = radiological
        self.width = QComboBox()
        self.width.addItems([name for name, _ in _WIDTHS])
        self.dpi = QSpinBox()
        self.dpi.setRange(72, 1200)
        self.dpi.setSingleStep(50)
        self.dpi.setValue(300)
        self.dark, self.white_arrows = QCheckBox("White on black"), QCheckBox("White arrow")
        self.planes = {plane: QCheckBox(plane.name.capitalize()) for plane in _PLANES}
        self.volumes = {
            volume.id: QCheckBox(volume.title or volume.id)
            for volume in lesson.volumes
            if len(lesson.volumes) > 1 and volume.id != mark.volume_id
        }
        self._own_volume = mark.volume_id
        self.other_side = QCheckBox("The other side beside it")
        self.other_side.setToolTip("The same place mirrored across the midline, which is estimated from the image")
        self.crop = _length(10, 300, _AUTO)
        self.whole, self.inset = QCheckBox("Whole slice"), QCheckBox("Inset")
        self.inset.setToolTip("In a corner the whole slice or, in a whole slice, what is about the mark")
        self.slab = _length(0, 100, _AUTO)
        self.projection = QComboBox()
        first = SlabProjection.MAXIMUM
        self.projection.addItems([first.value, *(one.value for one in SlabProjection if one is not first)])
        self.labels, self.caption = QCheckBox("Label"), QCheckBox("Caption")
        self.labels.setChecked(True)
        self.caption.setChecked(True)
        self._lay_out()
        self._connect()

    @property
    def style_chosen(self) -> FigureStyle:
        """What was chosen."""
        chosen = dict(_WIDTHS[self.width.currentIndex()][1])
        slab = self.slab.value() if self.slab.value() > self.slab.minimum() else None
        others = tuple(volume_id for volume_id, box in self.volumes.items() if box.isChecked())
        return FigureStyle(
            columns=int(chosen.get("columns", 2)),
            width_mm=chosen.get("width_mm"),
            dpi=self.dpi.value(),
            dark=self.dark.isChecked(),
            arrows="white" if self.white_arrows.isChecked() else "black",
            crop_mm=self.crop.value() if self.crop.value() > self.crop.minimum() else None,
            whole=self.whole.isChecked(),
            inset=self.inset.isChecked(),
            slab_mm=slab,
            projection=None if slab is None else SlabProjection(self.projection.currentText()),
            planes=tuple(plane for plane, box in self.planes.items() if box.isChecked()),
            volume_ids=(self._own_volume, *others) if others else (),
            other_side=self.other_side.isChecked(),
            radiological=self._radiological,
            labels=self.labels.isChecked(),
            caption=self.caption.isChecked(),
        )

    def _lay_out(self) -> None:
        layout = QFormLayout(self)
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        layout.addRow("Width", self.width)
        layout.addRow("Dots per inch", self.dpi)
        layout.addRow("Look", _row(self.dark, self.white_arrows))
        layout.addRow("Around the mark", self.crop)
        layout.addRow("", _row(self.whole, self.inset))
        layout.addRow("Slab", self.slab)
        layout.addRow("Shows its", self.projection)
        layout.addRow("Planes", _row(*self.planes.values()))
        hint = QLabel("None chosen: the one that shows the mark best")
        hint.setWordWrap(True)
        hint.setEnabled(False)
        layout.addRow("", hint)
        for number, box in enumerate(self.volumes.values()):
            layout.addRow("" if number else "Also in", box)
        layout.addRow("", self.other_side)
        layout.addRow("Text", _row(self.labels, self.caption))

    def _connect(self) -> None:
        self.width.currentIndexChanged.connect(self.changed)
        self.projection.currentIndexChanged.connect(self.changed)
        for field in (self.crop, self.slab):
            field.valueChanged.connect(self.changed)
        boxes = (self.dark, self.white_arrows, self.whole, self.inset, self.other_side, self.labels, self.caption)
        for box in (*boxes, *self.planes.values(), *self.volumes.values()):
            box.toggled.connect(self.changed)
        self.whole.toggled.connect(self.crop.setDisabled)


def _length(least: float, most: float, unset: str) -> QDoubleSpinBox:
    """A length in mm whose lowest value stands for none."""
    field = QDoubleSpinBox()
    field.setDecimals(1)
    field.setRange(least - 1, most)
    field.setSpecialValueText(unset)
    field.setSuffix(" mm")
    field.setValue(field.minimum())
    return field


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    layout.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return row
