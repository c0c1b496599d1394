"""The profile: header, tabs, saving, two people at once, what a right or gate opens."""

import json
import re

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.address_failures import AddressFailure
from gecko.models.audit import AuditEntry
from gecko.models.contacts import CustomerContact
from gecko.models.customer_fields import FormContext
from gecko.models.customers import Customer
from gecko.models.debtors import CustomerDebtorLink
from gecko.operations import contacts, customer_fields, customers, field_policies, markings, settings
from tests import factories


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def hidden(answer, name):
    """The value of a hidden field, as a browser would send it back."""
    from html import unescape

    return unescape(re.search(rf'name="{name}" value="([^"]*)"', answer.get_data(as_text=True))[1])


def fresh(customer_id):
    db.session.expire_all()
    return db.session.get(Customer, customer_id)


@pytest.fixture
def aase(app):
    return factories.customer(name="Åse Ørsted", number="17", mobile="+4520123456", email="a@b.dk", city="Ry").id


def save(client, customer_id, opened=None, **changes):
    customer = fresh(customer_id)
    typed = {
        "name": customer.name, "number": customer.number or "", "mobile": customer.mobile or "",
        "email": customer.email or "", "city": customer.city or "", "language": customer.language,
        "gender": str(customer.gender), "remind_sms": "y", "remind_email": "y", "clips_left": "0",
        "row_version": hidden(opened, "row_version") if opened else str(customer.row_version),
        "original": hidden(opened, "original") if opened else "",
    }  # fmt: skip
    return client.post(f"/customers/{customer_id}/information/save", data=typed | changes)


def test_information_opens_first_and_saves_with_update(app, client_as, aase):
    client = client_as("office", language="en")
    page = client.get(f"/customers/{aase}/")
    assert "Update" in text(page)
    answer = save(client, aase, city="Aarhus", important_note="Latex", birth_date="28-02-1990", telephone="86 12 34 56")
    assert answer.location.endswith(f"/customers/{aase}/")
    customer = fresh(aase)
    assert (customer.city, customer.telephone, f"{customer.birth_date}") == ("Aarhus", "+4586123456", "1990-02-28")
    page = text(client.get(f"/customers/{aase}/"))
    assert "Important note: Latex" in page
    assert "is updated" in page


def test_what_was_typed_is_kept_when_a_value_is_refused(app, client_as, aase):
    client = client_as("office", language="en")
    answer = save(client, aase, city="Aarhus", email="not an address")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'value="Aarhus"' in page
    assert 'value="not an address"' in page
    assert "is not an e-mail address" in page
    assert fresh(aase).city == "Ry"


def test_two_people_saving_one_customer_meet_on_the_conflict_page(app, client_as, aase):
    first, second = client_as("office", language="en", name="First"), client_as("office", language="en", name="Second")
    opened_by_both = second.get(f"/customers/{aase}/")
    save(first, aase, city="Aarhus")
    answer = save(second, aase, opened_by_both, city="Odense", number="18")
    assert answer.status_code == 409
    assert fresh(aase).city == "Aarhus"
    page = text(answer)
    assert "Last saved by First" in page
    assert "Odense" in page
    assert "Aarhus" in page
    chosen = {
        "row_version": hidden(answer, "row_version"), "original": hidden(answer, "original"),
        "choice-city": "theirs", "mine-city": "Odense", "choice-number": "mine", "mine-number": "18",
    }  # fmt: skip
    resolved = second.post(f"/customers/{aase}/information/resolve", data=chosen)
    assert resolved.status_code == 303
    customer = fresh(aase)
    assert (customer.city, customer.number, customer.name, customer.mobile) == (
        "Aarhus",
        "18",
        "Åse Ørsted",
        "+4520123456",
    )
    assert (customer.remind_sms, customer.language) == (True, "da")


def test_hidden_fields_cannot_be_posted(app, client_as, aase):
    with transaction():
        field_policies.put(FormContext.BACKEND, shown={"mobile", "city", "email"}, required=set())
    client = client_as("office")
    assert 'name="note"' not in client.get(f"/customers/{aase}/").get_data(as_text=True)
    save(client, aase, note="smuggled", password="smuggled words", city="Odense", deleted_at="2020-01-01")
    customer = fresh(aase)
    assert (customer.note, customer.password_hash, customer.deleted_at, customer.city) == (None, None, None, "Odense")
    assert customer.number == "17"


def test_custom_fields_are_saved_and_shown(app, client_as, aase):
    with transaction():
        field_id = customer_fields.create({"name": "Seen on", "type": "date", "is_required": True}).id
    client = client_as("office", language="en")
    assert save(client, aase).status_code == 422
    assert save(client, aase, **{f"custom_{field_id}": "24-12-2025"}).status_code == 303
    assert 'value="24-12-2025"' in client.get(f"/customers/{aase}/").get_data(as_text=True)


def test_markings_are_put_on_and_taken_off_in_the_header(app, client_as, aase):
    with transaction():
        marking_id = markings.create({"name": "VIP", "icon": "star", "colour": "green"}).id
    client = client_as("receptionist", language="en")
    client.post(f"/customers/{aase}/information/put-marking", data={"marking_id": marking_id, "value": "gold"})
    assert "VIP: gold" in text(client.get(f"/customers/{aase}/"))
    client.post(f"/customers/{aase}/information/take-marking", data={"marking_id": marking_id})
    assert "VIP: gold" not in text(client.get(f"/customers/{aase}/"))


def test_an_address_is_marked_and_checked(app, client_as, aase):
    client = client_as("office", language="en")
    where = {"channel": "email", "address": "a@b.dk"}
    client.post(f"/customers/{aase}/information/mark-address", data={**where, "reason": "No such box"})
    assert "No such box" in client.get(f"/customers/{aase}/log").get_data(as_text=True)
    client.post(f"/customers/{aase}/information/check-address", data=where)
    assert db.session.scalars(select(AddressFailure)).all() == []
    assert "failing address checked" in text(client.get(f"/customers/{aase}/log"))


def test_the_cpr_is_masked_and_each_full_look_logged(app, client_as, aase):
    with transaction():
        settings.put("feature.cpr", True)
    with transaction():
        customers.update(aase, {"cpr": "010190-1234"}, row_version=1)
    office, reception = client_as("office"), client_as("receptionist")
    page = office.get(f"/customers/{aase}/").get_data(as_text=True)
    assert "010190-****" in page
    assert "1234</" not in page
    assert reception.post(f"/customers/{aase}/information/cpr").status_code == 403
    shown = office.post(f"/customers/{aase}/information/cpr", headers={"HX-Request": "true"})
    assert "010190-1234" in shown.get_data(as_text=True)
    seen = select(AuditEntry).where(AuditEntry.action == "customer.cpr_seen")
    assert [entry.customer_id for entry in db.session.scalars(seen)] == [aase]
    assert save(office, aase).status_code == 303
    assert fresh(aase).cpr_encrypted is not None


def test_contacts_are_made_linked_and_unlinked(app, client_as, aase):
    client = client_as("receptionist", language="en")
    other = factories.customer().id
    with transaction():
        father = contacts.create({"name": "Far Hansen"}).id
    client.post(f"/customers/{aase}/contacts/create", data={"name": "Mor Hansen", "relation": "mother"})
    client.post(f"/customers/{aase}/contacts/link", data={"contact_id": father, "relation": "father"})
    page = text(client.get(f"/customers/{aase}/contacts"))
    assert "Mor Hansen" in page
    assert "Far Hansen" in page
    client.post(f"/customers/{other}/contacts/link", data={"contact_id": father})
    client.post(f"/customers/{aase}/contacts/unlink", data={"contact_id": father})
    rows = db.session.scalars(select(CustomerContact.customer_id).where(CustomerContact.contact_id == father)).all()
    assert rows == [other]
    refused = client.post(f"/customers/{aase}/contacts/create", data={"name": "", "mobile": "20 12"})
    assert refused.status_code == 422
    assert 'value="20 12"' in refused.get_data(as_text=True)


def test_a_debtor_is_made_of_the_customer_and_parted(app, client_as, aase):
    client = client_as("office", language="en")
    client.post(f"/customers/{aase}/information/create-debtor")
    link = db.session.scalars(select(CustomerDebtorLink).where(CustomerDebtorLink.customer_id == aase)).one()
    assert link.unlinked_at is None
    page = text(client.get(f"/customers/{aase}/"))
    assert "Remove link" in page
    assert "Balance" in page
    client.post(f"/customers/{aase}/information/unlink-debtor")
    assert "No debtor pays for this customer" in text(client.get(f"/customers/{aase}/"))
    assert client_as("receptionist").post(f"/customers/{aase}/information/create-debtor").status_code == 403


def test_gates_and_rights_hide_a_tab_and_refuse_its_address(app, client_as, aase):
    reception = client_as("receptionist", language="en")
    assert "/log" not in re.findall(
        rf'href="/customers/{aase}(/[a-z]*)"', reception.get(f"/customers/{aase}/").get_data(as_text=True)
    )
    assert reception.get(f"/customers/{aase}/log").status_code == 403
    with transaction():
        settings.put("feature.contacts", False)
    office = client_as("office")
    assert f"/customers/{aase}/contacts" not in office.get(f"/customers/{aase}/").get_data(as_text=True)
    assert office.get(f"/customers/{aase}/contacts").status_code == 404
    assert office.post(f"/customers/{aase}/contacts/create", data={"name": "X"}).status_code == 404
    assert office.get(f"/customers/{aase}/documents").status_code == 404


def test_those_who_may_only_look_get_no_form_to_send(app, client_as, aase):
    accountant = client_as("accountant", language="en")
    assert '<fieldset class="g-bare-fieldset" disabled>' in accountant.get(f"/customers/{aase}/").get_data(as_text=True)
    assert save(accountant, aase, city="Odense").status_code == 403
    assert fresh(aase).city == "Ry"


def test_the_log_tab_reads_what_happened(app, client_as, aase):
    client = client_as("office", language="da", name="Mette Holm")
    save(client, aase, city="Aarhus", remind_sms="")
    page = text(client.get(f"/customers/{aase}/log"))
    assert "Mette Holm" in page
    assert re.search(r"By Ry Aarhus", page)
    assert re.search(r"SMS-påmindelser Ja Nej", page)
    assert "Intet i loggen" in text(client.get(f"/customers/{aase}/log?to=01-01-2000"))
    assert "er ikke en dato" in text(client.get(f"/customers/{aase}/log?from=31-02-2000"))
    assert client.get("/log/").status_code == 200
    assert client_as("accountant").get("/log/").status_code == 403


def test_a_tab_alone_is_sent_to_htmx(app, client_as, aase):
    client = client_as("office")
    partial = client.get(f"/customers/{aase}/log", headers={"HX-Request": "true", "HX-Target": "g-tab"})
    assert partial.get_data(as_text=True).lstrip().startswith('<section id="g-tab"')


def test_a_deleted_customer_is_gone_and_comes_back(app, client_as, aase):
    client = client_as("office", language="en")
    answer = client.post(f"/customers/{aase}/information/delete", follow_redirects=True)
    assert "is deleted" in text(answer)
    assert client.get(f"/customers/{aase}/").status_code == 404
    client.post("/customers/restore/", data={"id": aase})
    assert client.get(f"/customers/{aase}/").status_code == 200


def test_the_snapshot_a_form_carries_holds_no_secret(app, client_as, aase):
    opened = json.loads(hidden(client_as("office").get(f"/customers/{aase}/"), "original"))
    assert opened["city"] == "Ry"
    assert not {"password", "cpr"} & opened.keys()
