"""The profile's tabs Debtor postings and Purchases."""

from datetime import date, timedelta

import pytest

from gecko.clock import today
from gecko.db import transaction
from gecko.operations import ad_hoc, debtor_links, purchases, settings
from tests import factories


@pytest.fixture
def office(sqlite_app):
    sqlite_app.config["WTF_CSRF_ENABLED"] = False
    return factories.signed_in(sqlite_app, factories.user("office"))


def text(answer):
    return answer.get_data(as_text=True)


def postings(client, customer_id):
    return text(client.get(f"/customers/{customer_id}/debtor-postings"))


def test_postings_are_hidden_on_both_profiles_while_the_debtor_is_shared(app, client_as):
    one, debtor = factories.linked()
    one_id, debtor_id, other_id = one.id, debtor.id, factories.customer().id
    factories.invoice(debtor_id, 12_345)
    client = client_as("office")
    assert "123,45" in postings(client, one_id)
    assert "Ingen debitor" in postings(client, other_id)
    with transaction():
        debtor_links.link(other_id, debtor_id)
    for customer_id in (one_id, other_id):
        page = postings(client, customer_id)
        assert 'id="posting-' not in page
        assert "Debitoren har 2 kunder tilknyttet" in page
        assert f"/debtors/details/?id={debtor_id}" in page
    with transaction():
        debtor_links.unlink(other_id)
    assert 'id="posting-' in postings(client, one_id)
    assert 'id="posting-' not in postings(client, other_id)


def test_the_postings_tab_needs_right_and_gate(sqlite_app, office):
    customer_id = factories.customer().id
    receptionist = factories.signed_in(sqlite_app, factories.user("receptionist"))
    assert receptionist.get(f"/customers/{customer_id}/debtor-postings").status_code == 403
    assert "debtor-postings" not in text(receptionist.get(f"/customers/{customer_id}/"))
    with transaction():
        settings.put("feature.invoices", False)
    assert office.get(f"/customers/{customer_id}/debtor-postings").status_code == 404
    assert office.get(f"/customers/{customer_id}/purchases").status_code == 200
    with transaction():
        settings.put("module.cash_register", False)
    assert office.get(f"/customers/{customer_id}/purchases").status_code == 404


def form(item_id, **values):
    return {"item_id": item_id, "purchased_on": "01-05-2025", "source_text": "Webshop", "once": "k", **values}


def test_an_ad_hoc_purchase_is_entered_once_and_undone(app, client_as):
    customer_id, item_id = factories.customer().id, factories.item(name="Creme", price_ore=19_950).id
    client = client_as("receptionist")
    url = f"/customers/{customer_id}/purchases"
    for _turn in range(2):
        assert client.post(f"{url}/create", data=form(item_id, quantity="2")).status_code == 303
    page = text(client.get(url))
    assert "399,00" in page
    assert "2 × Creme" in page
    assert purchases.count(customer_id) == 1
    purchase_id = purchases.page(customer_id).rows[0].ad_hoc.id
    assert client.post(f"{url}/undo", data={"purchase": purchase_id}).status_code == 303
    assert purchases.totals(customer_id).count == 0
    stranger = factories.customer().id
    assert client.post(f"/customers/{stranger}/purchases/undo", data={"purchase": purchase_id}).status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [({"item_id": ""}, "item_id"), ({"item_id": "999"}, "item_id"), ({"quantity": "0"}, "quantity"),
     ({"quantity": "x"}, "quantity"), ({"purchased_on": "01-01-2099"}, "purchased_on"),
     ({"price_ore": "-1"}, "price_ore")],
)  # fmt: skip
def test_a_refused_purchase_keeps_what_was_typed(office, values, field):
    customer_id, item_id = factories.customer().id, factories.item().id
    answer = office.post(f"/customers/{customer_id}/purchases/create", data={**form(item_id), **values})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text(answer)
    assert 'value="Webshop"' in text(answer)
    assert purchases.count(customer_id) == 0


def test_the_date_search_includes_both_days_and_refuses_a_wrong_order(office):
    customer_id, item_id = factories.customer().id, factories.item(name="Creme").id
    for day in range(1, 5):
        with transaction():
            ad_hoc.create(customer_id, [ad_hoc.AdHocItem(item_id)], purchased_on=date(2026, 5, day))
    url = f"/customers/{customer_id}/purchases"
    assert text(office.get(f"{url}?search_date=1&from=02-05-2026&to=03-05-2026")).count("1 × Creme") == 2
    assert text(office.get(f"{url}?from=02-05-2026&to=03-05-2026")).count("1 × Creme") == 4  # not ticked
    assert text(office.get(f"{url}?search_date=1&from=03-05-2026&to=03-05-2026")).count("1 × Creme") == 1
    page = text(office.get(f"{url}?search_date=1&from=03-05-2026&to=02-05-2026"))
    assert "Den første dag må ikke ligge efter den sidste." in page
    assert 'value="03-05-2026"' in page
    assert "1 × Creme" not in page
    assert "er ikke en dato" in text(office.get(f"{url}?search_date=1&from=i+g%C3%A5r"))


def test_pages_of_purchases_go_on_and_keep_the_search(office):
    customer_id, item_id = factories.customer().id, factories.item(name="Creme").id
    for n in range(53):
        with transaction():
            ad_hoc.create(customer_id, [ad_hoc.AdHocItem(item_id)], purchased_on=today() - timedelta(days=n))
    url = f"/customers/{customer_id}/purchases?search_date=1&from=01-01-2020&to="
    page = text(office.get(url))
    assert page.count("1 × Creme") == 50
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "search_date=1" in older
    assert text(office.get(older)).count("1 × Creme") == 3


def test_invoices_are_linked_only_for_those_who_may_see_them(sqlite_app, office):
    customer, debtor = factories.linked()
    customer_id = customer.id
    invoice_id = factories.invoice(debtor.id, 10_000, customer_id=customer_id).id
    url = f"/customers/{customer_id}/purchases"
    assert f'href="/invoices/{invoice_id}"' in text(office.get(url))
    receptionist = factories.signed_in(sqlite_app, factories.user("receptionist"))
    page = text(receptionist.get(url))
    assert f'href="/invoices/{invoice_id}"' not in page
    assert "100,00" in page
