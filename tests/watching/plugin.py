"""The plugin of pytest: `PYTEST_PLUGINS=tests.watching.plugin pytest -n 2`, as `make unit` does.

It cannot be named by `-p`, as the workers of xdist would load it after the app.
"""

from __future__ import annotations

import os

import pytest

from tests.watching import loading, report
from tests.watching.marks import ROOT, Marks

_WHERE = "GECKO_TEST_MARKS"
_is_first = _WHERE not in os.environ  # the workers of xdist and whatever else is started from here find it there
_marks = Marks.make() if _is_first else Marks.shared(os.environ[_WHERE])
os.environ[_WHERE] = str(_marks.path)
loading.watch(_marks)


def pytest_configure(config: pytest.Config) -> None:
    """Let coverage measure the programs that tests start; the workers of xdist are none of them."""
    if "PYTEST_XDIST_WORKER" in os.environ or not getattr(config.option, "numprocesses", None):
        os.environ["COVERAGE_PROCESS_START"] = str(ROOT / "pyproject.toml")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Write what was seen, once all processes have ended."""
    if _is_first:
        report.write(_marks)
        _marks.path.unlink()
        del os.environ[_WHERE]
