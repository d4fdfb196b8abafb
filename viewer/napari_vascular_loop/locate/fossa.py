"""The box of the atlas, with brainstem and both inner ears, in which the second step is done."""

from __future__ import annotations

import numpy as np

FOSSA_CENTRE_MM, FOSSA_HALF_MM = np.array([0.0, -30.0, -38.0]), np.array([45.0, 32.0, 28.0])
"""In the atlas' RAS mm."""

ROOTS_ATLAS_MM = np.array([[19.0, -34.0, -42.0], [-19.0, -34.0, -42.0]])
"""Both facial nerve roots: where answers of two starts are compared."""
