"""The customers' list and create form as people meet them."""

import re

import pytest
from sqlalchemy import event, select

from gecko.db import db, transaction
from gecko.models.customer_fields import FormContext
from gecko.models.customers import Customer
from gecko.operations import address_failures, customer_fields, customers, field_policies, markings, settings
from tests import factories


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def by_name(name):
    return db.session.scalar(select(Customer).where(Customer.name == name))


def test_aase_is_found_however_it_is_typed(app, client_as):
    factories.customer(name="Åse Ørsted")
    factories.customer(name="Bo Bang")
    client = client_as("office")
    for typed in ("åse", "ÅSE", "aase", "ørsted åse"):
        shown = text(client.get("/customers/", query_string={"q": typed}))
        assert "Åse Ørsted" in shown
        assert "Bo Bang" not in shown


def test_the_list_shows_failures_notes_and_markings(app, client_as):
    customer_id = factories.customer(name="Åse", email="a@b.dk", important_note="Latex").id
    with transaction():
        marking_id = markings.create({"name": "VIP", "icon": "star", "colour": "green"}).id
        address_failures.mark("email", "a@b.dk", reason="No such box")
    with transaction():
        markings.put_on(customer_id, marking_id, value="gold")
    other_id = factories.customer(name="Bo").id
    client = client_as("office", language="en")
    page = client.get("/customers/").get_data(as_text=True)
    assert "No such box" in page
    assert "Important note: Latex" in page
    assert "VIP: gold" in page
    assert f'href="/customers/{customer_id}/"' in page
    marked = client.get(f"/customers/?f_marking={marking_id}").get_data(as_text=True)
    assert f'href="/customers/{customer_id}/"' in marked
    assert f'href="/customers/{other_id}/"' not in marked
    assert "Åse" in text(client.get("/customers/?f_important=1"))
    assert "a@b.dk" not in text(client.get("/customers/?f_missing=email"))


def test_customers_of_inactive_groups_show_only_when_their_group_is_asked_for(app, client_as):
    inactive = factories.group(is_active=False).id
    factories.customer(name="Hidden One", group_id=inactive)
    client = client_as("office")
    assert "Hidden One" not in text(client.get("/customers/"))
    assert "Hidden One" not in text(client.get("/customers/?q=hidden"))
    assert "Hidden One" in text(client.get(f"/customers/?f_group_id={inactive}"))


def test_the_whole_cpr_finds_its_customer_and_a_part_does_not(app, client_as):
    with transaction():
        settings.put("feature.cpr", True)
    with transaction():
        customers.create({"name": "Åse", "cpr": "010190-1234"})
    factories.customer(name="Bo")
    client = client_as("office")
    found = text(client.get("/customers/?q=0101901234"))
    assert "Åse" in found
    assert " Bo " not in found
    assert "Åse" not in text(client.get("/customers/?q=010190"))


def test_creating_obeys_the_policy_and_ignores_hidden_fields(app, client_as):
    with transaction():
        field_policies.put(FormContext.CREATE, shown={"mobile", "email"}, required={"email"})
    client = client_as("receptionist", language="en")
    page = client.get("/customers/new/").get_data(as_text=True)
    assert 'name="note"' not in page
    refused = client.post("/customers/new/", data={"name": "Bo", "mobile": "20123456"})
    assert refused.status_code == 422
    assert "This field must be filled in" in text(refused)
    typed = {
        "name": "Bo",
        "mobile": "20123456",
        "email": "B@X.dk",
        "note": "smuggled",
        "password_hash": "x",
        "id": "77",
    }
    answer = client.post("/customers/new/", data=typed)
    bo = by_name("Bo")
    assert answer.location.endswith(f"/customers/{bo.id}/")
    assert (bo.note, bo.password_hash, bo.email) == (None, None, "b@x.dk")


def test_a_new_customer_who_is_known_already_is_made_with_a_warning(app, client_as):
    known = factories.customer(name="Åse Ørsted", email="ase@x.dk").id
    client = client_as("receptionist", language="en")
    typed = {"name": "Aase", "mobile": "20123456", "email": "ASE@x.dk"}
    warned = client.post("/customers/new/matches", data=typed).get_data(as_text=True)
    assert f'href="/customers/{known}/"' in warned
    assert "same e-mail" in warned
    page = client.post("/customers/new/", data=typed, follow_redirects=True).get_data(as_text=True)
    assert by_name("Aase") is not None
    assert "The same person may be registered already" in page


def test_custom_fields_follow_the_chosen_group(app, client_as):
    other = factories.group(name="Firma").id
    with transaction():
        own = customer_fields.create({"name": "Badge", "type": "line", "all_groups": False, "group_ids": [other]}).id
    client = client_as("receptionist", language="en")
    assert "Badge" not in client.get("/customers/new/").get_data(as_text=True)
    assert "Badge" in client.post("/customers/new/fields", data={"group_id": other}).get_data(as_text=True)
    client.post("/customers/new/", data={"name": "Bo", "mobile": "20123456", "group_id": other, f"custom_{own}": "17"})
    assert "17" in client.get(f"/customers/{by_name('Bo').id}/").get_data(as_text=True)


def test_a_limited_user_meets_own_groups_only(app, client_as):
    mine, other = factories.group(), factories.group()
    own = factories.customer(name="Own One", group_id=mine.id).id
    foreign = factories.customer(name="Foreign One", group_id=other.id).id
    other_id = other.id
    client = client_as("office", is_limited=True, groups=[mine])
    shown = text(client.get("/customers/"))
    assert "Own One" in shown
    assert "Foreign One" not in shown
    assert client.get(f"/customers/{own}/").status_code == 200
    for path in ("", "log", "contacts"):
        assert client.get(f"/customers/{foreign}/{path}").status_code == 404
    assert client.get(f"/customers/details/?id={foreign}").status_code == 404
    assert client.post(f"/customers/{foreign}/information/save", data={"name": "X"}).status_code == 404
    refused = client.post("/customers/new/", data={"name": "Bo", "mobile": "20123456", "group_id": other_id})
    assert refused.status_code == 422


@pytest.mark.parametrize("path", ["/customers/", "/customers/{id}/", "/customers/{id}/contacts", "/customers/{id}/log"])
def test_few_queries_a_page(app, client_as, path):
    customer_id = factories.customer(email="a@b.dk", mobile="+4520123456").id
    for _n in range(30):
        factories.customer(email="a@b.dk")
    client = client_as("office")
    client.get(path.format(id=customer_id))
    statements = []
    listen = (db.engine, "before_cursor_execute", lambda _c, _cur, sql, *_rest: statements.append(sql))
    event.listen(*listen)
    try:
        assert client.get(path.format(id=customer_id)).status_code == 200
    finally:
        event.remove(*listen)
    assert len([one for one in statements if one.startswith("SELECT")]) <= 16, statements


def test_a_bulk_change_offers_the_languages_by_name(app, client_as):
    customer_id = factories.customer(language="da").id
    data = {"ids": customer_id, "action": "set:language"}
    shown = client_as("office", language="en").post("/customers/bulk", data=data).get_data(as_text=True)
    assert re.search(r'<select[^>]* name="language"', shown)
    assert re.search(r'<option[^>]*value="en"[^>]*>English</option>', shown)


def test_the_bulk_bar_names_fields_as_people_know_them(client_as):
    factories.customer()
    bar = client_as("office").get("/customers/").text
    assert "Ret Gruppe" in bar
    assert "group_id" not in bar.split("data-bulk", 1)[1].split("</select>")[0].replace("set:group_id", "")
