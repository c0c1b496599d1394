"""Have Python, and pytest for the files of tests, load watched sources with their marks.

What was compiled so is kept beside Python's own, under a name of its own.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import importlib.machinery
import marshal
import os
import sys
from pathlib import Path
from types import CodeType
from typing import Any

from _pytest.assertion import rewrite

from tests.watching import probes
from tests.watching.marks import Marks

_VERSION = hashlib.sha256(Path(probes.__file__).read_bytes()).hexdigest()[:8]
_TAIL = f".{sys.implementation.cache_tag}-watched-{_VERSION}.pyc"


def watch(marks: Marks) -> None:
    """From now on, what is imported marks what runs."""
    setattr(builtins, probes.OPENER, marks.of)
    _watch_imports(marks)
    _watch_tests(marks)


def _watch_imports(marks: Marks) -> None:
    loader: Any = importlib.machinery.SourceFileLoader
    usual = loader.get_code

    def get_code(self: Any, name: str) -> CodeType | None:
        path = self.get_filename(name)
        return _compiled(Path(path)) if path in marks else usual(self, name)

    loader.get_code = get_code


def _compiled(path: Path) -> CodeType:
    stamp = f"{path.stat().st_mtime_ns} {path.stat().st_size}"
    kept = path.parent / "__pycache__" / f"{path.stem}{_TAIL}"
    if kept.exists():
        found: tuple[str, CodeType] = marshal.loads(kept.read_bytes())
        if found[0] == stamp:
            return found[1]
    code = compile(probes.insert(ast.parse(path.read_bytes())), path, "exec", dont_inherit=True)
    if not sys.dont_write_bytecode:
        kept.parent.mkdir(exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_bytes(marshal.dumps((stamp, code)))
        part.replace(kept)  # another process may read it at this moment
    return code


def _watch_tests(marks: Marks) -> None:
    """pytest compiles the files of tests itself, as it takes their assertions apart."""
    usual: Any = rewrite.rewrite_asserts

    def rewrite_asserts(tree: ast.Module, source: bytes, path: str | None = None, *more: Any) -> None:
        if path in marks:
            probes.insert(tree)
        usual(tree, source, path, *more)

    changed: Any = rewrite
    changed.rewrite_asserts = rewrite_asserts
    changed.PYC_TAIL = f"-watched-{_VERSION}{rewrite.PYC_TAIL}"
