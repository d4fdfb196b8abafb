"""The JSON file that BIDS puts beside an image, made anew: what was scanned how, and nothing of whom."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

_NUMBERS = frozenset(
    re.findall(
        r"\S+",
        """
    EchoTime EchoTime1 EchoTime2 RepetitionTime InversionTime FlipAngle MagneticFieldStrength SliceThickness
    SpacingBetweenSlices EchoTrainLength PhaseEncodingSteps PercentPhaseFOV PercentSampling AcquisitionMatrixPE
    ReconMatrixPE PixelBandwidth DwellTime EffectiveEchoSpacing TotalReadoutTime ParallelReductionFactorInPlane
    NumberOfAverages SAR
    """,
    )
)
_NIFTI = re.compile(r"\.nii(\.gz)?$", re.IGNORECASE)
_MOST_BYTES = 2**20


def is_nifti(path: Path) -> bool:
    """Whether a file is called as NIfTI is."""
    return bool(_NIFTI.search(path.name))


def read_sidecar(image: Path) -> dict[str, Any] | None:
    """Read the JSON file beside a NIfTI file; None where there is none, or it is none that BIDS would write."""
    path = image.with_name(_NIFTI.sub(".json", image.name))
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        said: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def clean_sidecar(image: Path, removed: Counter[str]) -> bytes | None:
    """Give what may stay of it; None where there is no such file.

    Parameters
    ----------
    image : Path
        The NIfTI file beside which it lies.
    removed : Counter of str
        Is told the names of what was taken out.
    """
    said = read_sidecar(image)
    if said is None:
        return None
    kept = {key: said[key] for key in said if key in _NUMBERS and _is_number(said[key])}
    removed["of the JSON file"] += len(said) - len(kept)
    return json.dumps(kept, indent=2).encode()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6
