"""Errors that people may read: a translatable message with named parameters."""

from __future__ import annotations

from typing import Any, TypeAlias

from .language import _

Message: TypeAlias = Any  # a str, or a text marked with `_`


class GeckoError(Exception):
    """A rule said no. `message` is an English msgid with %(name)s places; views translate it."""

    message: Message = _("This could not be done.")

    def __init__(self, message: Message | None = None, **params: Any) -> None:
        self.message = message or type(self).message
        self.params = params
        super().__init__(str(self.message) % params if params else str(self.message))


class NotFound(GeckoError):
    """The record does not exist, or the one who asks may not see it."""

    message = _("The record was not found.")


class NotAllowed(GeckoError):
    """The one who asks lacks the right."""

    message = _("You do not have the right to do this.")


class Conflict(GeckoError):
    """Somebody else changed the record meanwhile."""

    message = _("Somebody else changed this record meanwhile.")


class NotYet(GeckoError):
    """Something stands in the way that is over in a moment."""


class Invalid(GeckoError):
    """A value breaks a rule; `field` names the form field where one is to blame."""

    def __init__(self, message: Message, *, field: str | None = None, **params: Any) -> None:
        self.field = field
        super().__init__(message, **params)


class ConfigError(GeckoError):
    """The installation is set up in a way that is not safe to run."""


class Closed(GeckoError):
    """The module or feature is switched off."""

    message = _("This part of the system is not switched on.")
