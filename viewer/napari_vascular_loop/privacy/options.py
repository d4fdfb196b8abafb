"""What may stay beside the image: options of the profile, and the codes by which a file says so (PS3.16 CID 7050)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

PROFILE = "113100", "Basic Application Confidentiality Profile"


class Dates(Enum):
    """What becomes of dates and times."""

    REMOVED = "removed"
    SHIFTED = "shifted"
    """All of one patient by the same number of days: what lies between them stays true."""
    KEPT = "kept"


@dataclass(frozen=True)
class Options:
    """What of a header may stay; by default nothing that the profile takes away.

    Parameters
    ----------
    dates : Dates
        Of studies, series and images; a birth date never stays.
    descriptions : bool
        Whether names of series and protocols stay, cleaned: words of MR scanning only.
    uids : bool
        Whether UIDs stay as they are.
    device : bool
        Whether maker, model and software of the scanner stay.
    characteristics : bool
        Whether sex, age, size and weight of the patient stay.
    confirm_pixels : bool
        Whether somebody has looked at the images of which nobody can know whether words are burned into them.
    """

    dates: Dates = Dates.REMOVED
    descriptions: bool = False
    uids: bool = False
    device: bool = False
    characteristics: bool = False
    confirm_pixels: bool = False

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Codes and meanings of what was done."""
        said = [PROFILE]
        if self.descriptions:
            said.append(("113105", "Clean Descriptors Option"))
        if self.dates is Dates.KEPT:
            said.append(("113106", "Retain Longitudinal Temporal Information Full Dates Option"))
        if self.dates is Dates.SHIFTED:
            said.append(("113107", "Retain Longitudinal Temporal Information Modified Dates Option"))
        if self.characteristics:
            said.append(("113108", "Retain Patient Characteristics Option"))
        if self.device:
            said.append(("113109", "Retain Device Identity Option"))
        if self.uids:
            said.append(("113110", "Retain UIDs Option"))
        return tuple(said)

    @property
    def temporal(self) -> str:
        """The value of Longitudinal Temporal Information Modified (0028,0303)."""
        return {Dates.REMOVED: "REMOVED", Dates.SHIFTED: "MODIFIED", Dates.KEPT: "UNMODIFIED"}[self.dates]
