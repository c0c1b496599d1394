"""Put the marks into a module's syntax tree: `_seen_[n] = 1` before each statement, and on each way out of a branch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.watching.marks import ENTERED, PASSED, RAN, slot

NAME = "_seen_"
OPENER = "__marks_of__"  # among the builtins of a watched process
AS_MACHINE_CODE = "compiled"  # numba reads the bytecode of functions with such a decorator, and knows no marks

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.AsyncFor | ast.While


def insert(tree: ast.Module) -> ast.Module:
    """The module with marks; its lines keep their numbers."""
    head, body = _split_head(tree.body)
    opening = ast.parse(f"{NAME} = {OPENER}(__file__)").body
    tree.body = [*head, *opening, *(_mark(one.lineno) for one in head), *_block(body)]
    return ast.fix_missing_locations(tree)


def first_line(node: ast.stmt) -> int:
    """The line where a statement begins, with its decorators."""
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _split_head(body: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """What must stay first, the docstring and imports from the future, and the rest."""
    count = 0
    for one in body:
        if not _is_docstring(one, count) and not (isinstance(one, ast.ImportFrom) and one.module == "__future__"):
            break
        count += 1
    return body[:count], body[count:]


def _is_docstring(node: ast.stmt, position: int) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return position == 0 and is_text


def _mark(line: int, what: int = RAN) -> ast.stmt:
    target = ast.Subscript(ast.Name(NAME, ast.Load()), ast.Constant(slot(line, what)), ast.Store())
    mark = ast.Assign([target], ast.Constant(1))
    for node in ast.walk(mark):
        node.lineno = node.end_lineno = line  # type: ignore[attr-defined]
        node.col_offset = node.end_col_offset = 0  # type: ignore[attr-defined]
    return mark


def _block(body: list[ast.stmt]) -> list[ast.stmt]:
    return [one for statement in body for one in _statement(statement)]


def _definition(body: list[ast.stmt]) -> list[ast.stmt]:
    """The body of a function or a class, whose docstring stays first."""
    head = body[:1] if body and _is_docstring(body[0], 0) else []
    return head + _block(body[len(head) :])


def _statement(node: ast.stmt) -> Iterator[ast.stmt]:
    yield _mark(node.lineno)
    for decorator in getattr(node, "decorator_list", []):
        yield _mark(decorator.lineno)
    if isinstance(node, Function | ast.ClassDef):
        if not _is_machine_code(node):
            node.body = _definition(node.body)
    elif isinstance(node, ast.If | Loop):
        node.body = [_mark(node.lineno, ENTERED), *_block(node.body)]
        node.orelse = [_mark(node.lineno, PASSED), *_block(node.orelse)]
    elif isinstance(node, ast.With | ast.AsyncWith):
        node.body = _block(node.body)
    elif isinstance(node, ast.Try | ast.TryStar):
        node.body, node.orelse, node.finalbody = _block(node.body), _block(node.orelse), _block(node.finalbody)
        _alternatives([(handler, handler.lineno) for handler in node.handlers])
    elif isinstance(node, ast.Match):
        _match(node)
    yield node


def _is_machine_code(node: Function | ast.ClassDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id.startswith(AS_MACHINE_CODE) for one in node.decorator_list)


def _match(node: ast.Match) -> None:
    _alternatives([(case, case.pattern.lineno) for case in node.cases])
    last = node.cases[-1]
    is_open = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None
    if not is_open:
        lines = [case.pattern.lineno for case in node.cases]
        none = [mark for line in lines for mark in (_mark(line), _mark(line, PASSED))]
        node.cases.append(ast.match_case(ast.MatchAs(), None, none))


def _alternatives(choices: list[tuple[ast.ExceptHandler | ast.match_case, int]]) -> None:
    """Cases and handlers are tried in order: who comes to the third has passed by two."""
    tried: list[int] = []
    for choice, line in choices:
        passed = [mark for earlier in tried for mark in (_mark(earlier), _mark(earlier, PASSED))]
        choice.body = [*passed, _mark(line), _mark(line, ENTERED), *_block(choice.body)]
        tried.append(line)
