"""What the marks tell is what coverage's own tracer tells."""

import ast
import builtins

import pytest
from coverage import Coverage, CoverageData

from tests.watching import probes, report
from tests.watching.marks import slot

SOURCE = '''\
"""A module with every kind of branch."""

from __future__ import annotations

import contextlib

BOUND = 3


def kept(function):
    return function


@kept
@contextlib.contextmanager
def around():
    """A docstring is no statement."""
    try:
        yield
    finally:
        pass


class Counted:
    """One with a body."""

    if BOUND:
        limit = BOUND
    else:
        limit = 0

    def count(self, numbers):
        total = 0
        for number in numbers:
            if number < 0:
                continue
            elif number > self.limit:
                break
            total += number
        else:
            return total
        while total:
            total -= 1
        return (
            total
            + 1
        )


def told(value):
    with around():
        match value:
            case 0:
                return "nothing"
            case int() if value > 5:
                return "much"
            case str():
                return "text"
    return "else"


def mended(value):
    try:
        return 10 // value
    except ZeroDivisionError:
        return None
    except TypeError:
        if value is None:
            value = 1
    finally:
        BOUND
    return value


def guarded(value):
    with around():
        if value:
            value = [one for one in range(3) if one]
    return value
'''
CALLS = [
    (),
    ("Counted().count([1, 2])",),
    ("Counted().count([-1, 9])", "told(0)", "mended(0)", "guarded(1)"),
    ("Counted().count([2, 9])", "told(9)", "told('x')", "mended('x')", "guarded(0)"),
    ("Counted().count([])", "told(1)", "mended(2)", "mended(None)", "guarded(0)", "guarded(1)"),
]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "watched_module.py"
    path.write_text(SOURCE)
    return path


def told_by(data, path):
    """What coverage reports of a file: lines it lacks, and of each branch where it did not go."""
    coverage = Coverage(data_file=None, branch=True, config_file=False)
    coverage._init_data(None)
    coverage._data.update(data)
    analysis = coverage._analyze(str(path))
    return sorted(analysis.missing), {line: sorted(ends) for line, ends in analysis.missing_branch_arcs().items()}


def traced(path, calls):
    coverage = Coverage(data_file=None, branch=True, config_file=False, include=[str(path)])
    coverage.start()
    try:
        run(compile(SOURCE, path, "exec"), path, calls)
    finally:
        coverage.stop()
    return coverage.get_data()


def marked(path, calls, monkeypatch):
    seen = bytearray(slot(SOURCE.count("\n") + 2, 0))
    monkeypatch.setattr(builtins, probes.OPENER, lambda _path: seen, raising=False)
    run(compile(probes.insert(ast.parse(SOURCE)), path, "exec"), path, calls)
    data = CoverageData(no_disk=True)
    data.add_arcs({str(path): set(report.steps(SOURCE.encode(), seen))})
    return data


def run(code, path, calls):
    names = {"__name__": "watched", "__file__": str(path)}
    exec(code, names)
    for call in calls:
        eval(call, names)


@pytest.mark.parametrize("calls", CALLS)
def test_marks_tell_what_the_tracer_tells(path, calls, monkeypatch):
    assert told_by(marked(path, calls, monkeypatch), path) == told_by(traced(path, calls), path)
