"""The page of periods: a look, a closing, and a reopening by those who may."""

from datetime import timedelta

import pytest

from gecko.clock import today
from gecko.db import transaction
from gecko.operations import periods
from tests import factories, pages

DAY = today() - timedelta(days=30)


def shown(client, day=DAY):
    return client.get(f"/periods/?until={day:%d-%m-%Y}").get_data(as_text=True)


def form_of(html, having="once", **changes):
    values = pages.form_values(html, having=having)
    return {name: value for name, value in (values | changes).items() if value is not None}


def test_a_period_is_closed_after_a_look_and_opened_again(app, client_as):
    accountant = client_as("accountant")
    factories.invoice(factories.debtor().id, 123_400, document_date=DAY)
    html = shown(accountant)
    assert "1.234,00" in html
    form = form_of(html, reason="Oktober er afsluttet")
    for _twice in range(2):
        assert accountant.post("/periods/close", data=form).status_code == 303
    assert periods.closed_until() == DAY
    assert len(periods.history()) == 1
    html = accountant.get("/periods/").get_data(as_text=True)
    assert f"{DAY:%d-%m-%Y}" in html
    assert "Oktober er afsluttet" in html
    opening = form_of(html, having="reopen-once", **{"reopen-reason": "En bilag manglede"})
    assert accountant.post("/periods/reopen", data=opening).status_code == 303
    assert periods.closed_until() is None


def test_a_step_over_somebody_elses_is_refused_and_what_was_typed_is_kept(sqlite_app, client_as_sqlite):
    accountant = client_as_sqlite("accountant")
    form = form_of(shown(accountant), reason="Min grund")
    with transaction():
        periods.close(DAY - timedelta(days=5), reason="En anden", seen=0)
    answer = accountant.post("/periods/close", data=form)
    assert answer.status_code == 409
    html = answer.get_data(as_text=True)
    assert "Min grund" in html
    assert accountant.post("/periods/close", data=form_of(html)).status_code == 303
    assert periods.closed_until() == DAY


@pytest.mark.parametrize(
    "change", [{"reason": ""}, {"until": "i går"}, {"until": f"{today():%d-%m-%Y}"}, {"seen": "x"}]
)
def test_what_cannot_be_is_said_beside_its_field(sqlite_app, client_as_sqlite, change):
    accountant = client_as_sqlite("accountant")
    form = form_of(shown(accountant), **{"reason": "Grund", **change})
    assert accountant.post("/periods/close", data=form).status_code in {409, 422}
    assert periods.closed_until() is None


def test_an_office_manager_closes_and_does_not_reopen(sqlite_app, client_as_sqlite):
    office = client_as_sqlite("office")
    assert office.post("/periods/close", data=form_of(shown(office), reason="Slut")).status_code == 303
    html = office.get("/periods/").get_data(as_text=True)
    assert "/periods/reopen" not in html
    assert office.post("/periods/reopen", data={"reopen-reason": "Nej"}).status_code == 403
    assert periods.closed_until() == DAY


def test_a_day_that_is_none_shows_the_page(sqlite_app, client_as_sqlite):
    assert client_as_sqlite("accountant").get("/periods/?until=i%20gaar").status_code == 200


def test_what_would_be_left_behind_is_listed_with_links_and_agreed_to(sqlite_app, client_as_sqlite):
    accountant = client_as_sqlite("accountant")
    debtor_id = factories.debtor().id
    factories.draft(debtor_id, 7_000, document_date=DAY)
    html = shown(accountant)
    assert f"/invoice-drafts/?f_document_date_to={DAY:%d-%m-%Y}" in html
    assert accountant.get(f"/invoice-drafts/?f_document_date_to={DAY:%d-%m-%Y}").status_code == 200
    form = form_of(html, reason="Slut")
    answer = accountant.post("/periods/close", data=form)
    assert (answer.status_code, periods.closed_until()) == (422, None)
    factories.draft(debtor_id, 8_000, document_date=DAY)  # after the look
    answer = accountant.post("/periods/close", data=form | {"leave": "y"})
    assert (answer.status_code, periods.closed_until()) == (409, None)
    form = form_of(answer.get_data(as_text=True))
    assert "leave" not in form  # agreed to over another state: asked again
    assert accountant.post("/periods/close", data=form | {"leave": "y"}).status_code == 303
    assert periods.closed_until() == DAY
