"""Python that is compiled to machine code by numba: what is done for millions of pairs, one pair at a time.

Compiled code is kept on disk, in a folder that is named after the sources it was made of: a function is compiled
anew once anything of the matcher changes, also what it calls in another file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])
_HERE = Path(__file__).parent


def _digest() -> str:
    """Of all sources of the matcher."""
    found = hashlib.sha256()
    for path in sorted(_HERE.glob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _writable() -> Path | None:
    """Where compiled code can be kept: beside the sources, or with what the user's programs keep."""
    kept = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    for place in (_HERE / "__pycache__", Path(kept) / "gecko"):
        try:
            folder = place / f"compiled-{_digest()}"
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if not os.access(folder, os.W_OK):
            continue
        for old in place.glob("compiled-*"):
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)
        return folder
    return None


_FOLDER = _writable()
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)  # type: ignore[attr-defined]


def compiled(function: Function) -> Function:
    """Compile a function for the types it is first called with; it runs beside other threads.

    It becomes part of each compiled function that calls it, and works on arrays that it is given without counting who
    holds them: to hand them over and to count takes longer than most of what is called. So it can make no arrays.
    """
    return _compiled(function, makes_arrays=False)


def compiled_with_arrays(function: Function) -> Function:
    """The same for a function that makes arrays."""
    return _compiled(function, makes_arrays=True)


def _compiled(function: Function, makes_arrays: bool) -> Function:
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "forceinline": True, "_nrt": makes_arrays}
    return cast(Function, numba.njit(cache=_FOLDER is not None, **options)(function))
