"""Set-up pages: groups, markings, customer fields, fields of the forms, contacts."""

import re

from sqlalchemy import select

from gecko.db import db
from gecko.models.contacts import Contact
from gecko.models.customer_fields import CustomerField
from gecko.models.customer_groups import CustomerGroup
from gecko.models.markings import Marking
from gecko.operations import field_policies
from tests import factories


def one(model, **values):
    db.session.expire_all()
    return db.session.scalars(select(model).filter_by(**values)).one_or_none()


def test_groups_are_made_made_primary_and_not_deleted_with_customers(app, client_as):
    client = client_as("office", language="en")
    client.post("/groups/new/", data={"name": "Firma A", "is_active": "y", "default_clips": "3"})
    group = one(CustomerGroup, name="Firma A")
    assert group.default_clips == 3
    factories.customer(group_id=group.id)
    group_id = one(CustomerGroup, name="Firma A").id
    refused = client.post(
        "/groups/delete/", data={"id": group_id, "row_version": 1, "url": "/groups/"}, follow_redirects=True
    )
    assert "cannot be deleted" in refused.get_data(as_text=True)
    assert client.post("/groups/primary", data={"id": group_id}).status_code == 303
    assert factories.primary_group().id == group_id
    kept = client.post(f"/groups/edit/?id={group_id}", data={"name": "Firma A", "default_clips": "3", "row_version": 2})
    assert kept.status_code == 422
    assert client_as("receptionist").post("/groups/new/", data={"name": "X"}).status_code == 403


def test_markings_are_made_from_known_colours(app, client_as):
    client = client_as("office")
    client.post("/markings/new/", data={"name": "VIP", "icon": "star", "colour": "green", "is_active": "y"})
    assert one(Marking, name="VIP").colour == "green"
    refused = client.post("/markings/new/", data={"name": "Bad", "icon": "star", "colour": "x", "is_active": "y"})
    assert refused.status_code == 422
    assert one(Marking, name="Bad") is None


def test_a_customer_fields_type_stays(app, client_as):
    client = client_as("office")
    client.post(
        "/customer-fields/new/",
        data={"name": "Glasses", "type": "choice", "choices": "Yes\nNo", "all_groups": "y", "show_profile": "y"},
    )
    field = one(CustomerField, name="Glasses")
    assert str(field.type) == "choice"
    client.post(
        f"/customer-fields/edit/?id={field.id}",
        data={
            "name": "Lenses",
            "type": "line",
            "choices": "Yes\nNo",
            "all_groups": "y",
            "position": "10",
            "row_version": 1,
        },
    )
    field = one(CustomerField, id=field.id)
    assert (field.name, str(field.type)) == ("Lenses", "choice")


def test_the_fields_of_the_forms_are_stored_and_read_back(app, client_as):
    client = client_as("office")
    client.post(
        "/field-policies/",
        data={"create-shown": ["mobile", "email"], "create-required": ["email"], "backend-shown": ["mobile"]},
    )
    create, backend = field_policies.get("create"), field_policies.get("backend")
    assert create.shows("email")
    assert create.required == {"email"}
    assert not create.shows("note")
    assert not backend.shows("email")
    assert not create.phone_required
    page = client.get("/field-policies/").get_data(as_text=True)
    assert re.search(r'name="create-required" value="email" checked', page)
    assert client_as("receptionist").get("/field-policies/").status_code == 403


def test_contacts_have_pages_of_their_own(app, client_as):
    client = client_as("receptionist", language="en")
    client.post("/contacts/new/", data={"name": "Mor", "mobile": "20 12 34 56", "receives_copy": "y"})
    contact = one(Contact, name="Mor")
    assert (contact.mobile, contact.receives_copy) == ("+4520123456", True)
    assert "Mor" in client.get("/contacts/?q=2012").get_data(as_text=True)
    assert client.get("/contacts/lookup?q=mor").get_json()[0]["text"].startswith("Mor")
