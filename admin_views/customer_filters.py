"""Filters that only customers have: markings, important notes, missing information."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from gecko.models.customers import Customer
from gecko.models.markings import CustomerMarking

from .grid import filters


class HasMarking(filters.Relation):
    """Customers that carry a marking."""

    def read(self, chosen: str) -> tuple[ColumnElement[bool], str]:
        """One marking."""
        condition, words = super().read(chosen)
        return Customer.id.in_(select(CustomerMarking.customer_id).where(condition)), words

    def equality(self, *given: str) -> str | None:
        """No column of the customer."""
        return None


class HasImportantNote(filters.Choice):
    """With or without an important note."""

    def __init__(self, name: str, label: object = None, *, column: object = None) -> None:
        super().__init__(name, label, column=column, choices=lambda: (("1", _("Yes")), ("0", _("No"))))

    def read(self, chosen: str) -> tuple[ColumnElement[bool], str]:
        """Filled in or not."""
        _condition, words = super().read(chosen)
        return (Customer.important_note.is_not(None) if chosen == "1" else Customer.important_note.is_(None)), words

    def equality(self, *given: str) -> str | None:
        """Not one value."""
        return None


class Missing(filters.Choice):
    """Customers whose particulars lack something."""

    def __init__(self, name: str, label: object = None, *, column: object = None) -> None:
        super().__init__(name, label, column=column, choices=self._offered)

    @staticmethod
    def _offered() -> tuple[tuple[str, str], ...]:
        return (
            ("any", _("Anything")),
            ("phone", _("Mobile and telephone")),
            ("email", _("E-mail")),
            ("address", _("Address")),
            ("birth_date", _("Date of birth")),
        )

    def read(self, chosen: str) -> tuple[ColumnElement[bool], str]:
        """What is missing."""
        _condition, words = super().read(chosen)
        lacks = {
            "phone": and_(Customer.mobile.is_(None), Customer.telephone.is_(None)),
            "email": Customer.email.is_(None),
            "address": or_(Customer.address.is_(None), Customer.postal_code.is_(None), Customer.city.is_(None)),
            "birth_date": Customer.birth_date.is_(None),
        }
        return (or_(*lacks.values()) if chosen == "any" else lacks[chosen]), words

    def equality(self, *given: str) -> str | None:
        """Not one value."""
        return None
