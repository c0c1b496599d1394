"""Where the tests keep their files: in memory where there is room, for a run makes hundreds of databases.

A disk's file system takes ten times the processor's time to make and remove one, and no test is about the disk.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
NEEDED = 1024**3


def in_memory() -> None:
    """Temporary files of this process and its children live in memory, unless TMPDIR says otherwise."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(MEMORY).free >= NEEDED:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
