"""The marks as a data file of coverage, which knows lines by the steps between them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from coverage import CoverageData

from tests.watching import probes
from tests.watching.marks import ENTERED, PASSED, RAN, ROOT, Marks, slot

Step = tuple[int, int]
_OUTSIDE = -1


def write(marks: Marks) -> None:
    """Write `.coverage.marks` for `coverage combine`; files that nobody ran are in it as well."""
    data = CoverageData(basename=str(ROOT / ".coverage.marks"))
    data.add_arcs({path: set(steps(Path(path).read_bytes(), marks.of(path))) for path in marks.files()})
    data.touch_files(marks.files())
    data.close()


def steps(source: bytes, seen: memoryview | bytearray) -> Iterator[Step]:
    """The steps that coverage would have noted.

    Of a line that goes on in one way only, coverage asks no more than whether it ran. Of a branch that was passed by
    it knows where that leads to, and ignores steps that cannot be; so all within the function are named that end
    where somebody was.
    """
    ran = [line for line in range(1, len(seen) // 3) if seen[slot(line, RAN)]]
    yield from ((_OUTSIDE, line) for line in ran)
    if ran:
        yield from _in_scope(ast.parse(source), _OUTSIDE, seen)


def _in_scope(scope: ast.AST, leaving: int, seen: memoryview | bytearray) -> Iterator[Step]:
    """The steps of a module, a class or a function out of its branches; `leaving` is how coverage writes its end."""
    within = list(_own_nodes(scope))
    targets = {probes.first_line(node) for node in within if isinstance(node, ast.stmt)}
    targets |= {line for node in within for line, _body in _branch(node)}
    targets = {line for line in targets if seen[slot(line, RAN)]} | {leaving}
    for node in within:
        for line, body in _branch(node):
            if seen[slot(line, ENTERED)]:
                yield line, body
            if seen[slot(line, PASSED)]:
                yield from ((line, target) for target in targets - {body})
        if isinstance(node, probes.Function | ast.ClassDef):
            yield from _in_scope(node, -probes.first_line(node), seen)


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """All below a scope, of scopes within it only themselves."""
    for node in ast.iter_child_nodes(scope):
        yield node
        if not isinstance(node, probes.Function | ast.ClassDef):
            yield from _own_nodes(node)


def _branch(node: ast.AST) -> Iterator[Step]:
    """The line that may enter a body or pass by, and where it begins."""
    if isinstance(node, ast.If | probes.Loop | ast.ExceptHandler):
        yield node.lineno, probes.first_line(node.body[0])
    elif isinstance(node, ast.match_case):
        yield node.pattern.lineno, probes.first_line(node.body[0])
