"""The filters of a report as a form in its address, and how the file shall be."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from gecko.clock import today
from gecko.db import db
from gecko.language import _
from gecko.models.payment_types import PaymentType
from gecko.modules import Feature, Gate
from gecko.operations import group_names
from gecko.operations.ageing import BASES, BOUNDS, Ageing, Basis
from gecko.permissions import Permission
from reports.filters import STEPS, UNSTATED, Field, Filters, Step
from reports.report import Report

from ..base import holds, principal, switched_on
from ..fields import DanishDateField, LookupField, ParsedField
from . import addresses

LANGUAGE_NAMES = [SelectChoice("da", "Dansk"), SelectChoice("en", "English")]
FORMATS = [
    SelectChoice("xlsx", _("Excel workbook (xlsx)")),
    SelectChoice("csv", _("Text with separators (csv)")),
]
HOW = ("format", "language")


def _whole(value: Any) -> int | None:
    return int(value) if value not in ("", None) else None


class DaysField(ParsedField):
    """Numbers of days, typed as `30, 60, 90`."""

    def parse(self, text: str) -> tuple[int, ...]:
        """Whole numbers that rise; raises Invalid otherwise."""
        typed = text.split(",")
        return Ageing(today(), bounds=tuple(int(part) if part.strip().isdecimal() else 0 for part in typed)).bounds

    def shown(self, value: tuple[int, ...]) -> str:
        """As it is typed."""
        return ", ".join(map(str, value))


class ReportForm(FlaskForm):
    """The names are those of the address: a grid links here with its own filters. Fields a report ignores are gone."""

    as_of = DanishDateField(_("As of"), default=today)
    starts_on = DanishDateField(_("From"))
    ends_on = DanishDateField(_("To"))
    basis = SelectField(_("Age by"), choices=[SelectChoice(*one) for one in BASES.items()], default=str(Basis.DUE))
    buckets = DaysField(_("Buckets end after, days"), default=BOUNDS)
    bucket = SelectField(_("Age"), coerce=_whole, validate_choice=False)
    step = SelectField(
        _("A line for each"), choices=[SelectChoice(*one) for one in STEPS.items()], default=str(Step.MONTH)
    )
    debtor = LookupField(_("Debtor"), endpoint="debtors")
    debtor_from = StringField(_("Debtor no. from"), [Length(max=40)])
    debtor_to = StringField(_("Debtor no. to"), [Length(max=40)])
    customer = LookupField(_("Customer"), endpoint="customers")
    group = SelectField(coerce=_whole)
    kind = SelectField(_("Kind"), default="")
    payment_type = SelectField(_("Payment type"), coerce=_whole)
    everybody = BooleanField(_("Also debtors of whom nothing is open"))
    format = SelectField(_("File"), [DataRequired()], choices=FORMATS, default="xlsx")
    language = SelectField(_("Language of the file"), [DataRequired()], choices=LANGUAGE_NAMES)

    def __init__(self, report: Report, given: Any) -> None:
        super().__init__(formdata=given, meta={"csrf": False}, data={"language": principal().language})
        self.report = report
        wanted = {*addresses.names(report), *HOW}
        if not holds(Permission.DEBTOR_VIEW) or not _has_debtors():
            wanted.discard("debtor")
        for name in [field.name for field in self if field.name not in wanted]:
            del self[name]
        for name, choices in self._choices():
            if name in self:
                self[name].choices = [SelectChoice("", _("All")), *(SelectChoice(*one) for one in choices())]
        if "group" in self:
            is_of_customers = Field.CUSTOMER_GROUP in report.fields
            self.group.label.text = _("Customer group") if is_of_customers else _("Debtor group")

    def _choices(self) -> Any:
        yield "group", self._groups
        yield "kind", lambda: self.report.kinds.items()
        yield "payment_type", _payment_types
        yield "bucket", lambda: [(number, bucket.label) for number, bucket in enumerate(self._ageing().buckets)]

    def _groups(self) -> list[tuple[int, str]]:
        if Field.CUSTOMER_GROUP in self.report.fields:
            return group_names.customers(principal())
        return group_names.debtor_groups()

    def _ageing(self) -> Ageing:
        basis = self.basis.data if self.basis.data in BASES else Basis.DUE
        return Ageing(self.as_of.data or today(), Basis(basis), self.buckets.data or BOUNDS)

    def filters(self) -> Filters:
        """What was chosen; raises Invalid where it contradicts itself."""
        places = addresses.names(self.report)
        chosen = {places[field.name]: field.data or None for field in self if field.name in places}
        for name, place in (("bucket", "bucket"), ("payment_type", "payment_type_id")):
            if name in self:
                chosen[place] = self[name].data  # 0 is a choice of its own
        if "as_of" in self:
            chosen["as_of"] = self.as_of.data or today()
        return Filters(**chosen, locale=self.language.data)


def _payment_types() -> list[tuple[int, Any]]:
    statement = select(PaymentType.id, PaymentType.name).order_by(PaymentType.name)
    return [(UNSTATED, _("Not stated")), *((row.id, row.name) for row in db.session.execute(statement))]


def _has_debtors() -> bool:
    """Whether there is a list of debtors to choose from."""
    return "debtors" in current_app.blueprints and Gate((Feature.INVOICES,)).is_open(switched_on())
