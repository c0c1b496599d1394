"""Who acts: carried through a request, a job or a command down to the audit triggers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The one on whose account a change is written.

    source: web, job, cli, import or system. on_behalf_of: a customer id while staff act as that customer.
    """

    user_id: int | None = None
    name: str = "system"
    source: str = "system"
    ip: str | None = None
    request_id: str | None = None
    on_behalf_of: int | None = None


SYSTEM = Actor()
_current: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def current() -> Actor:
    """The one who acts now; the system where nobody said otherwise."""
    return _current.get()


def become(actor: Actor) -> None:
    """Act as `actor` for the rest of this context (a request sets it once)."""
    _current.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Act as `actor` inside the block."""
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)
