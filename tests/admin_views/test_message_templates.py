"""The grid of templates: made, tried, changed over what was seen, hidden and brought back."""

from html import unescape

import pytest
from sqlalchemy import select

from gecko.db import db
from gecko.models.texts import MessageTemplate
from tests import factories

VALUES = {
    "name": "Fødselsdag",
    "channel": "email",
    "language": "da",
    "subject": "Tillykke",
    "body": "Hej [KUNDEFORNAVN]",
}


@pytest.fixture
def client(client_as_sqlite):
    return client_as_sqlite("office")


def rows():
    return list(db.session.scalars(select(MessageTemplate).order_by(MessageTemplate.id)))


def text_of(response):
    return unescape(response.get_data(as_text=True))


def make(client, **values):
    answer = client.post("/message-templates/new/", data=VALUES | values)
    assert answer.status_code == 303, text_of(answer)
    return rows()[-1]


def test_a_template_is_made_listed_and_changed(client):
    row = make(client)
    assert (row.name, row.channel, row.subject, row.body) == ("Fødselsdag", "email", "Tillykke", "Hej [KUNDEFORNAVN]")
    assert "Fødselsdag" in text_of(client.get("/message-templates/?f.channel=email"))
    path = f"/message-templates/edit/?id={row.id}"
    assert "Hej [KUNDEFORNAVN]</textarea>" in text_of(client.get(path))
    answer = client.post(path, data=VALUES | {"channel": "sms", "row_version": row.row_version})
    assert answer.status_code == 303
    (row,) = rows()
    assert (row.channel, row.subject) == ("sms", None)
    assert text_of(client.post(path, data=VALUES | {"body": "Anden", "row_version": 1})).count("Fødselsdag") > 0
    assert rows()[0].body == "Hej [KUNDEFORNAVN]"


def test_the_preview_button_saves_nothing(client):
    answer = client.post("/message-templates/new/", data=VALUES | {"body": "Hej [KUNDNAVN]", "_preview": "1"})
    assert answer.status_code == 200
    assert "Mente du <code>[KUNDENAVN]</code>" in text_of(answer)
    assert rows() == []
    row = make(client)
    who = factories.customer(name="Bo Ib").id
    data = VALUES | {"body": "Kære [KUNDENAVN]", "row_version": row.row_version, "_preview": "1", "customer_id": who}
    answer = client.post(f"/message-templates/edit/?id={row.id}", data=data)
    assert "Kære Bo Ib" in text_of(answer)
    assert rows()[0].body == "Hej [KUNDEFORNAVN]"


def test_what_is_wrong_is_marked_on_save(client):
    answer = client.post("/message-templates/new/", data=VALUES | {"body": "Hej [KUNDNAVN]"})
    assert "koder, der ikke skrives noget for" in text_of(client.get(answer.location))
    answer = client.post("/message-templates/new/", data=VALUES | {"channel": "sms", "body": "[KUNDECPRNR]"})
    assert answer.location == f"/message-templates/edit/?id={rows()[-1].id}"
    assert "sendes ikke pr. SMS, som den står" in text_of(client.get(answer.location))


@pytest.mark.parametrize(
    ("values", "field"), [({"subject": ""}, "subject"), ({"body": ""}, "body"), ({"name": " "}, "name")]
)
def test_what_is_missing_is_said_beside_its_field(client, values, field):
    answer = client.post("/message-templates/new/", data=VALUES | values)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text_of(answer)


def test_the_codes_stand_in_the_template_s_language(client):
    assert 'data-insert="[KUNDENAVN]"' in text_of(client.get("/message-templates/new/"))
    row = make(client, language="en")
    assert 'data-insert="[CUSTOMERNAME]"' in text_of(client.get(f"/message-templates/edit/?id={row.id}"))


def test_a_language_that_is_none_is_refused_beside_its_field(client):
    answer = client.post("/message-templates/new/", data=VALUES | {"language": "999", "channel": "due"})
    assert answer.status_code == 422
    assert 'id="language-error"' in text_of(answer)
    assert 'id="channel-error"' in text_of(answer)
    assert 'data-insert="[KUNDENAVN]"' in text_of(answer)


def test_a_template_is_hidden_and_brought_back(client):
    row = make(client)
    seen = {"id": row.id, "row_version": row.row_version}
    assert client.post("/message-templates/delete/", data=seen).status_code == 303
    assert rows()[0].deleted_at is not None
    assert client.get(f"/message-templates/edit/?id={row.id}").status_code == 404
    assert client.post("/message-templates/restore/", data={"id": row.id}).status_code == 303
    assert rows()[0].deleted_at is None
