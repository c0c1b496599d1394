"""Every kind of job under its name: what runs, what people call it, and how long it may take."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from gecko.errors import NotFound
from gecko.language import _
from gecko.permissions import Permission

from .work import Work

Run = Callable[[Work], dict[str, Any] | None]
TIMEOUT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job."""

    name: str
    label: Any
    run: Run
    timeout: timedelta
    permission: Permission | None


KINDS: dict[str, Kind] = {}


def job(
    name: str, *, label: Any, timeout: timedelta = TIMEOUT, permission: Permission | None = None
) -> Callable[[Run], Run]:
    """Register the function below as the kind `name`.

    It returns small facts to show; `file` names its result in the exports folder, which is handed out only to the one
    who asked for the job, while they hold `permission`.
    """

    def register(run: Run) -> Run:
        known = KINDS.get(name)
        if known and (known.run.__module__, known.run.__qualname__) != (run.__module__, run.__qualname__):
            raise ValueError(f"two jobs are called {name}")
        KINDS[name] = Kind(name, label, run, timeout, permission)
        return run

    return register


@cache
def load() -> None:
    """Import every module of this package, so that all its jobs are known."""
    package = importlib.import_module(__package__ or "jobs")
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            importlib.import_module(f"{package.__name__}.{module.name}")


def find(name: str) -> Kind | None:
    """The kind of that name, if any part of this version knows it."""
    load()
    return KINDS.get(name)


def get(name: str) -> Kind:
    """The kind of that name; raises NotFound where no part of this version knows it."""
    kind = find(name)
    if kind is None:
        raise NotFound(_("No part of this version knows jobs of the kind %(kind)s."), kind=name)
    return kind


def label(name: str) -> Any:
    """What people call a kind; its name where it is unknown (a job of a former version)."""
    kind = find(name)
    return kind.label if kind else name
