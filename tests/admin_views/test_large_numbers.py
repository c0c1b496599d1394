"""Numbers that no database holds, in addresses and forms: refused like any number that names nothing."""

from __future__ import annotations

import pytest

from tests import factories

HUGE = "9" * 30


@pytest.fixture
def office(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return factories.signed_in(app, factories.user("office"))


def test_an_address_with_a_huge_number_leads_nowhere(office):
    for path in (f"/customers/{HUGE}", f"/customers/{HUGE}/log", f"/jobs/{HUGE}", f"/imports/result/{HUGE}"):
        assert office.get(path).status_code == 404, path


def test_huge_numbers_in_an_address_are_passed_over(office):
    customer, debtor = factories.linked()
    for path in (
        f"/customers/{customer.id}/log?before={HUGE}",
        f"/invoices/new/?customer={HUGE}",
        f"/invoices/new/?debtor={HUGE}",
        f"/debtors/details/?id={debtor.id}&after=2026-01-01~{HUGE}",
    ):
        assert office.get(path).status_code == 200, path


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/customers/{customer}/information/put-marking", "marking_id"),
        ("/customers/{customer}/information/take-marking", "marking_id"),
        ("/customers/{customer}/contacts/unlink", "contact_id"),
        ("/customers/{customer}/purchases/undo", "purchase"),
        ("/debtors/{debtor}/unlink", "customer"),
        ("/debtors/{debtor}/reverse", "posting"),
        ("/account/sessions/end", "id"),
        ("/customers/columns", "size"),
    ],
)
def test_huge_numbers_in_a_form_name_nothing(office, path, name):
    customer, debtor = factories.linked()
    for value in (HUGE, "²", "9" * 5000):
        answer = office.post(path.format(customer=customer.id, debtor=debtor.id), data={name: value})
        assert answer.status_code in (303, 404), (path, value)
