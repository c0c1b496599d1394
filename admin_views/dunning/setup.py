"""The rules of payment reminders, their texts, and the reference rates of interest."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from gecko.errors import Invalid
from gecko.language import LANGUAGES, _
from gecko.models.dunning import ReferenceRate
from gecko.modules import Feature, Gate
from gecko.operations.dunning import policy, rates, wording
from gecko.operations.dunning.policy import ClaimKind
from gecko.permissions import Permission

from ..base import GridView
from ..choices_page import ChoicesPage
from ..fields import MoneyField, QuantityField
from ..formats import milli

_DAYS = (InputRequired(), NumberRange(1, 365))
KINDS = [
    SelectChoice(ClaimKind.CIVIL.value, _("Civil claims")),
    SelectChoice(ClaimKind.PUBLIC.value, _("Public-law claims")),
]


class DunningPolicyForm(FlaskForm):
    """The rules; the texts are added below."""

    seen = HiddenField()
    claim_kind = SelectField(
        _("What is claimed"),
        choices=KINDS,
        description=_("It decides how high the fee may be: 100 kr. for civil claims, 250 kr. for public-law ones."),
    )
    fee_ore = MoneyField(_("Fee for a reminder"), [InputRequired()])
    fees_per_claim = IntegerField(_("Reminders of one claim that bear a fee"), [InputRequired(), NumberRange(0, 99)])
    days_between = IntegerField(_("Days from one reminder of a claim to the next"), _DAYS)
    days_to_pay = IntegerField(_("Days to pay"), _DAYS)
    is_due_by_term = BooleanField(
        _("Due by the debtor's payment term"), description=_("Instead of the days to pay: as many days as an invoice.")
    )
    has_interest = BooleanField(
        _("Charge interest"),
        description=_("Reference rate and 8 percentage points a year, from the due date (renteloven § 5)."),
    )
    has_compensation = BooleanField(
        _("Charge compensation"),
        description=_("310 kr. once for each claim on a firm with a CVR no. (renteloven § 9 a)."),
    )


def _name(stage: int, language: str) -> str:
    return f"text_{stage}_{language}"


_SPOKEN = {"da": _("Danish"), "en": _("English")}
_ORDINALS = {1: _("First reminder"), 2: _("Second reminder"), 3: _("Third and later reminders")}
for _stage in wording.STAGES:
    for _language in LANGUAGES:
        _area = TextAreaField(_SPOKEN[_language], [InputRequired(), Length(max=wording.LONGEST)], render_kw={"rows": 8})
        setattr(DunningPolicyForm, _name(_stage, _language), _area)


class DunningPolicyView(ChoicesPage):
    """What may be asked for, within the law, and what the letters say."""

    permission = Permission.DEBTOR_SETUP
    gate = Gate((Feature.INVOICES,))
    slug = "dunning_rules"
    title = _("Rules of payment reminders")
    icon = "adjustments"
    form_class = DunningPolicyForm
    template = "dunning/rules.html"

    def current(self) -> dict[str, Any]:
        """By field."""
        chosen = policy.read()
        texts = {
            _name(stage, language): wording.text(stage, language)
            for stage in wording.STAGES
            for language in LANGUAGES
        }  # fmt: skip
        return {**{name: getattr(chosen, name) for name in policy.NAMES}, "claim_kind": str(chosen.claim_kind), **texts}

    def chosen(self, form: Any) -> dict[str, Any]:
        """By setting; raises Invalid where a rule goes beyond the law or a text has a code that is none."""
        values = {name: form[name].data for name in policy.NAMES}
        rules = policy.choices(policy.Policy(**{**values, "claim_kind": ClaimKind(values["claim_kind"])}))
        texts = {(s, language): form[_name(s, language)].data for s in wording.STAGES for language in LANGUAGES}
        return {**rules, **wording.choices(texts)}

    def blamed(self, error: Invalid) -> str:
        """A text is blamed by its setting."""
        return (error.field or "seen").removeprefix("dunning.")

    def groups(self, form: Any) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """The rules first, then a text for each reminder."""
        texts = tuple(
            (_ORDINALS[stage], tuple(_name(stage, language) for language in LANGUAGES)) for stage in wording.STAGES
        )
        return (
            (gettext("Fee"), ("claim_kind", "fee_ore", "fees_per_claim", "days_between")),
            (gettext("Payment"), ("days_to_pay", "is_due_by_term", "has_interest", "has_compensation")),
            *texts,
        )

    def facts(self) -> dict[str, Any]:
        """The codes that a text may hold."""
        return {"codes": wording.CODES}


class ReferenceRatesView(GridView):
    """The lending rate of Danmarks Nationalbank, half-year by half-year."""

    model = ReferenceRate
    slug = "reference-rates"
    title = _("Reference rates of interest")
    icon = "percentage"
    permission = Permission.DEBTOR_VIEW
    create_permission = edit_permission = delete_permission = Permission.DEBTOR_SETUP
    gate = Gate((Feature.INVOICES,))
    column_list = ("starts_on", "percent_milli")
    column_labels = {"starts_on": _("Applies from"), "percent_milli": _("Rate in per cent")}
    column_needs = {"percent_milli": ("rate_bp",)}
    column_formatters = {"percent_milli": lambda _view, _context, row, _name: milli(row.percent_milli)}
    column_sortable_list = ("starts_on",)
    column_default_sort = ("starts_on", True)
    form_columns = ("starts_on", "percent_milli")
    form_extra_fields = {
        "percent_milli": QuantityField(
            _("Rate in per cent"), [InputRequired()], description=_("Without the supplement of 8 percentage points")
        ),
    }
    form_args = {"starts_on": {"description": _("1 January or 1 July")}}

    def perform_create(self, values: dict[str, Any]) -> Any:
        """Enter the rate of a half-year."""
        return rates.create(_rate(values))

    def perform_update(self, row: Any, values: dict[str, Any]) -> Any:
        """Correct a rate."""
        return rates.update(row.id, _rate(values))

    def perform_delete(self, row: Any) -> None:
        """Remove a rate."""
        rates.delete(row.id)


def _rate(values: dict[str, Any]) -> dict[str, Any]:
    """The form's thousandths as hundredths; raises Invalid on a third decimal."""
    thousandths = values["percent_milli"]
    if thousandths % 10:
        raise Invalid(_("A rate has two decimals."), field="percent_milli")
    return {"starts_on": values["starts_on"], "rate_bp": thousandths // 10}
