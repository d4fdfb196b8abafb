"""What may come of a hostile file: volumes, or one clear sentence; in time, in bounds, and without a patient's name."""

from __future__ import annotations

import logging
import re
import time
import tracemalloc
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from napari_vascular_loop.domain.errors import VolumeReadError
from napari_vascular_loop.domain.receipt import lines, receipt
from napari_vascular_loop.formats.volumes import find_volumes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_vascular_loop.domain.volume import Volume

CANARIES = ("ZZNAME", "ZZNUMBER", "19470411")
"""A patient's name, number and birth date, to be put into files: none of them may come out."""

LONGEST_S = 10.0
MOST_MIB = 96
"""Codecs, windows of large files and the like; what a file's size justifies comes on top."""

_LONGEST_SENTENCE = 400
_MACHINE = re.compile(r"Traceback|\bError\(|object at 0x|b'|\\x[0-9a-f]{2}|[\x00-\x08\x0b-\x1f\x7f]|\n")


@dataclass
class Outcome:
    """What a file was read as."""

    volumes: list[Volume] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    """Why it, or a part of it, is no volume."""


def outcome(source: Path, *, times_size: float | None = 8.0) -> Outcome:
    """Find and read all that a source holds, and hold what happens against what may.

    Parameters
    ----------
    source : Path
        File or folder.
    times_size : float or None
        How many times its size the memory may grow by, beside `MOST_MIB`; None to measure nothing but time: tracing
        each object makes headers of many elements ten times slower.
    """
    size = sum(one.stat().st_size for one in source.rglob("*")) if source.is_dir() else source.stat().st_size
    records = _Records()
    root = logging.getLogger()
    root.addHandler(records)
    peak = 0
    if times_size is not None:
        tracemalloc.start(1)
    began = time.process_time()
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            result = _read(source)
        # Of this process alone, so that others on the machine don't count; what waits for ever has pytest's own limit.
        taken_s = time.process_time() - began
        if times_size is not None:
            peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        root.removeHandler(records)
    assert taken_s < LONGEST_S
    assert peak < MOST_MIB * 2**20 + (times_size or 0) * size, f"{peak >> 20} MiB for a file of {size} bytes"
    said = [*result.sentences, *_notes(result.volumes)]
    assert not warned, [str(one.message) for one in warned]
    ids = [volume.provenance.id for volume in result.volumes]
    for text in (*said, *records.texts, *ids):
        assert not any(canary in text for canary in CANARIES), text
    for text in said:
        assert text.strip(), "nothing is said"
        assert not _MACHINE.search(text), text
        assert len(text) < _LONGEST_SENTENCE, text
    return result


def _read(source: Path) -> Outcome:
    result = Outcome()
    try:
        found = find_volumes(source)
    except VolumeReadError as error:
        return Outcome(sentences=[str(error)])
    result.sentences += [stray.reason for stray in found.strays]
    for one in found.volumes:
        receipt(one.header)
        try:
            middle = one.middle_slice()
            assert middle.shape == one.header.grid.shape[:2]
        except VolumeReadError as error:
            result.sentences.append(str(error))
        try:
            volume = one.read()
        except VolumeReadError as error:
            result.sentences.append(str(error))
            continue
        assert volume.voxels.shape == one.header.grid.shape
        assert np.isfinite(volume.voxel_to_ras).all()
        result.volumes.append(volume)
    assert result.volumes or result.sentences
    return result


def _notes(volumes: list[Volume]) -> list[str]:
    return [text for volume in volumes for _, text in lines(receipt(volume.header))]


class _Records(logging.Handler):
    """All that is logged meanwhile."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def mutated(data: bytes, seed: int, header: int) -> Iterator[bytes]:
    """Without end: bytes flipped, numbers made extreme, parts doubled or cut out, the end cut off."""
    random = np.random.default_rng(seed)
    header = min(header, len(data))
    while True:
        broken = bytearray(data)
        for _ in range(int(random.integers(1, 5))):
            end = header if random.random() < 0.8 else len(data)
            at = int(random.integers(0, max(1, end)))
            match int(random.integers(7)):
                case 0 | 1:
                    broken[at : at + 1] = random.bytes(1)
                case 2:
                    broken[at : at + 1] = bytes([data[at] ^ (1 << int(random.integers(8)))])
                case 3:
                    width = int(random.choice([2, 4, 8]))
                    extreme = [b"\0" * width, b"\xff" * width, b"\xff" * (width - 1) + b"\x7f", random.bytes(width)]
                    broken[at : at + width] = extreme[int(random.integers(4))]
                case 4:
                    del broken[at : at + int(random.integers(1, 40))]
                case 5:
                    broken[at:at] = broken[at : at + int(random.integers(1, 40))]
                case _:
                    del broken[int(random.integers(0, len(broken) + 1)) :]
        yield bytes(broken)
