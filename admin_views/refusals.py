"""A form that was refused: why stands beside its field, and what was typed is kept.

A day that is closed by now is the exception: the first open one is filled in, as that is what would be typed next.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import gettext

from gecko.errors import GeckoError
from gecko.operations.periods import ClosedDay

from .guard import message_of

_DATES = ("paid_on", "document_date")


def tell(form: Any, error: GeckoError, *, but: Collection[str] = ()) -> None:
    """Put the refusal beside the field that is to blame, or above the form. but: fields that have no place for it."""
    message, name = message_of(error), getattr(error, "field", None)
    if isinstance(error, ClosedDay):
        name = next((one for one in _DATES if one in form), None)
        if name is not None:
            form[name].raw_data, form[name].data = None, error.first_open
            message = f"{message} {gettext('It is filled in now; what else you typed is kept.')}"
    if name in form and name not in but:
        form[name].errors = [*form[name].errors, message]
    else:
        form.form_errors.append(message)
