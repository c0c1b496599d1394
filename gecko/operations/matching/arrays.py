"""Arrays by what they hold, a row for each pair or customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]
Records = Any
"""An array of records, whose fields compiled code reads as attributes."""
Whole = Any
"""One whole number in compiled code: with a sign, or 64 bits without."""
