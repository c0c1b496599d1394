"""Where a report's page is, and how its filters stand in the address: so numbers lead to what is behind them."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import url_for

from reports import REPORTS
from reports.filters import Field, Filters
from reports.report import Behind, Report

from ..formats import day

# Which values of an address belong to a filter, and where they stand in Filters.
NAMES: dict[Field, dict[str, str]] = {
    Field.PERIOD: {"starts_on": "starts_on", "ends_on": "ends_on"},
    Field.AS_OF: {"as_of": "as_of"},
    Field.BASIS: {"basis": "basis"},
    Field.BUCKETS: {"buckets": "buckets"},
    Field.BUCKET: {"bucket": "bucket"},
    Field.DEBTOR: {"debtor": "debtor_id"},
    Field.DEBTORS: {"debtor_from": "debtor_from", "debtor_to": "debtor_to"},
    Field.DEBTOR_GROUP: {"group": "group_id"},
    Field.CUSTOMER: {"customer": "customer_id"},
    Field.CUSTOMER_GROUP: {"group": "group_id"},
    Field.KIND: {"kind": "kind"},
    Field.PAYMENT_TYPE: {"payment_type": "payment_type_id"},
    Field.EVERYBODY: {"everybody": "everybody"},
    Field.STEP: {"step": "step"},
}


def endpoint(report: Report) -> str:
    """The endpoint of a report's own page."""
    return "report_" + report.key.replace("-", "_")


def names(report: Report) -> dict[str, str]:
    """The values that the report's address can hold, with their places in Filters."""
    return {name: place for field in Field if field in report.fields for name, place in NAMES[field].items()}


def query(report: Report, filters: Filters) -> dict[str, str]:
    """The filters as the report's address holds them; those that it does not read are left out."""
    values = {name: getattr(filters, place) for name, place in names(report).items()}
    return {name: _text(value) for name, value in values.items() if value is not None}


def of(behind: Behind) -> str:
    """The address of what is behind a number."""
    report = REPORTS[behind.report]
    return url_for(f"{endpoint(report)}.index", **query(report, behind.filters))


def _text(value: Any) -> str:
    if isinstance(value, date):
        return day(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "y" if value is True else str(value)
