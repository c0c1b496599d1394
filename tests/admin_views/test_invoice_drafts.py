"""Drafts of invoices in the browser: saved, changed, thrown away, and issued once."""

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.errors import Conflict, Invalid
from gecko.models.documents import SaleDocument
from gecko.models.invoice_drafts import InvoiceDraft, InvoiceDraftLine
from gecko.operations import debtors, drafting, invoicing, ledger, merging
from tests import factories, pages


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def form_of(client, draft_id, **changes):
    page = client.get(f"/invoice-drafts/{draft_id}").get_data(as_text=True)
    typed = {name: values[-1] for name, values in pages.form_values(page, having="once").items()}
    return {**typed, **changes}


@pytest.fixture
def office(app, client_as):
    return client_as("office")


def test_a_draft_is_saved_changed_and_issued_once(office):
    debtor_id, item_id = factories.debtor().id, factories.item(name="Klipning", price_ore=39_900).id
    typed = {"debtor_id": debtor_id, "once": "k1", "draft": "1", "lines-0-item_id": item_id, "lines-0-quantity": "2"}
    first = office.post("/invoices/new/", data=typed)
    assert first.status_code == 303
    assert office.post("/invoices/new/", data=typed).headers["Location"] == first.headers["Location"]
    assert (count(InvoiceDraft), count(SaleDocument), ledger.outstanding(debtor_id)) == (1, 0, 0)
    draft = db.session.scalars(select(InvoiceDraft)).one()
    draft_id = draft.id
    assert draft.total_ore == 79_800
    form = form_of(office, draft_id, **{"lines-1-text": "Porto", "lines-1-price_ore": "50"})
    assert office.post(f"/invoice-drafts/{draft_id}", data={**form, "draft": "1"}).status_code == 303
    form = form_of(office, draft_id)
    assert form["lines-1-text"] == "Porto"
    issued = [office.post(f"/invoice-drafts/{draft_id}", data=form) for _press in range(2)]
    assert [answer.status_code for answer in issued] == [303, 303]
    assert issued[0].headers["Location"] == issued[1].headers["Location"]
    assert (count(InvoiceDraft), count(InvoiceDraftLine), count(SaleDocument)) == (0, 0, 1)
    assert ledger.outstanding(debtor_id) == 84_800


def test_what_somebody_else_changed_is_neither_saved_nor_issued_nor_thrown_away(office):
    debtor_id = factories.debtor().id
    draft_id = factories.draft(debtor_id).id
    stale = form_of(office, draft_id)
    fresh = {**stale, "lines-0-text": "Changed", "draft": "1"}
    assert office.post(f"/invoice-drafts/{draft_id}", data=fresh).status_code == 303
    for button in ("draft", "discard", "issue"):
        answer = office.post(f"/invoice-drafts/{draft_id}", data={**stale, "lines-0-text": "Mine", button: "1"})
        assert answer.status_code == 422
        assert "Mine" in answer.get_data(as_text=True)
    assert (count(InvoiceDraft), count(SaleDocument)) == (1, 0)
    assert form_of(office, draft_id)["lines-0-text"] == "Changed"


def test_a_draft_is_thrown_away(office):
    draft_id = factories.draft(factories.debtor().id).id
    answer = office.post(f"/invoice-drafts/{draft_id}", data=form_of(office, draft_id, discard="1"))
    assert answer.status_code == 303
    assert (count(InvoiceDraft), count(InvoiceDraftLine)) == (0, 0)
    assert office.get(f"/invoice-drafts/{draft_id}").status_code == 404


def test_the_list_shows_what_is_not_issued(office):
    debtor = factories.debtor(company_name="Ærø Rejser ApS")
    factories.draft(debtor.id, 12_345)
    page = office.get("/invoice-drafts/").get_data(as_text=True)
    assert "Ærø Rejser ApS" in page
    assert "123,45" in page


def test_a_draft_that_could_not_be_issued_is_not_saved(sqlite_app):
    debtor_id, stranger_id = factories.debtor().id, factories.customer().id
    too_cheap, line = invoicing.Line(1_000, 100, "a", discount_ore=101), invoicing.Line(1_000, 100, "a")
    with pytest.raises(Invalid), transaction():
        drafting.create(drafting.Content(debtor_id, [too_cheap]), key="k")
    with pytest.raises(Invalid), transaction():
        drafting.create(drafting.Content(debtor_id, [line], customer_id=stranger_id), key="k")


def test_a_draft_that_was_thrown_away_is_not_issued(app):
    draft = factories.draft(factories.debtor().id)
    key, content = draft.key, drafting.Content(draft.debtor_id, [invoicing.Line(1_000, 100, "a")])
    with transaction():
        drafting.discard(key, seen=1)
    with pytest.raises(Conflict), transaction():
        drafting.issue(key, content, seen=1)
    assert count(SaleDocument) == 0


def test_a_debtor_with_drafts_is_not_deleted(sqlite_app):
    debtor_id = factories.debtor().id
    factories.draft(debtor_id)
    with pytest.raises(Invalid), transaction():
        debtors.delete(debtor_id)


def test_drafts_follow_a_merge_and_go_with_an_erasure(app):
    customer, debtor = factories.linked()
    customer_id, survivor_id = customer.id, factories.customer().id
    factories.draft(debtor.id, customer_id=customer_id)
    with transaction():
        merging.merge(survivor_id, [customer_id])
    assert db.session.scalars(select(InvoiceDraft.customer_id)).one() == survivor_id
    with transaction():
        merging.erase(survivor_id)
    assert count(InvoiceDraft) == 0
