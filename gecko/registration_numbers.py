"""Numbers that public registers give out: CVR of firms, EAN (GLN) of public bodies."""

from __future__ import annotations

from stdnum import ean
from stdnum.dk import cvr
from stdnum.exceptions import ValidationError

from .errors import Invalid
from .language import _

_EAN_DIGITS = 13


def normalise_cvr(text: str) -> str:
    """Eight digits with a valid check; `DK` in front and spaces are dropped."""
    try:
        return str(cvr.validate(text))
    except ValidationError:
        raise Invalid(_("“%(text)s” is not a CVR number."), field="cvr", text=text) from None


def normalise_ean(text: str) -> str:
    """Thirteen digits with a valid check digit, as e-invoices to public bodies are addressed."""
    digits = ean.compact(text)
    if len(digits) != _EAN_DIGITS or not ean.is_valid(digits):
        raise Invalid(_("“%(text)s” is not an EAN number of 13 digits."), field="ean", text=text)
    return str(digits)
