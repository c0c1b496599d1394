"""What can be wrong with an import: with one row, with one value of it, or with the whole file."""

from __future__ import annotations

from ...errors import GeckoError


class Refused(GeckoError):
    """This row does not come in; the message says why."""


class Dropped(GeckoError):
    """This value is left out with a warning; its row comes in without it."""


class Unreadable(GeckoError):
    """The file as a whole cannot be read."""


class BadMapping(GeckoError):
    """The mapping says something that cannot be done."""
