"""Coverage looks away where a test only goes again through code that another is watched in.

Being watched doubles the cost of all Python, also of the libraries, and who looks a second time sees nothing new.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unwatched(is_seen: bool = True) -> Iterator[None]:
    """Nothing is traced inside the block; with `is_seen` false everything as before."""
    watching = sys.gettrace()
    if is_seen:
        sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(watching)
