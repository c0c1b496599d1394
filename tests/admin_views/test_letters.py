"""A letter to one customer: merged, seen, made once, logged with what it says, printed and fetched as PDF again."""

from html import unescape

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.models.messages import (
    Message,
    MessageBooking,
    MessageChannel,
    MessageEvent,
    MessageKind,
    MessageLetter,
    MessageState,
)
from gecko.operations import company, customers, merging, message_templates, settings
from tests import factories, pages
from tests.reports.letters import reader

LOOP = "[customerFutureBookingsBegin_skipToday]- [DATO]\n[customerFutureBookingsEnd]"
BODY = f"<h2>Velkommen</h2>\nKære [KUNDEFORNAVN]\n{LOOP}"


@pytest.fixture
def customer_id(app):
    with transaction():
        for name, value in company.choices(company.Company("Klinik Å", "Vej 1", "2200", "København N")).items():
            settings.put(name, value)
    place = {"address": "Åboulevarden 12, 2. th.", "postal_code": "2200", "city": "København N"}
    return factories.customer(name="Mette Sørensen", **place).id


@pytest.fixture
def client(client_as):
    return client_as("receptionist")


def template(**values):
    with transaction():
        wanted = {"name": "Velkomst", "channel": "letter", "language": "da", "body": BODY, **values}
        return message_templates.create(wanted).id


def url(customer_id, rest=""):
    return f"/letter_writing/{customer_id}/{rest}"


def form(client, customer_id, **values):
    page = client.get(url(customer_id)).get_data(as_text=True)
    found = {name: value[0] for name, value in pages.form_values(page, having="once").items()}
    return {**found, "act": "make", **values}


def text(answer):
    return unescape(answer.get_data(as_text=True))


def messages():
    db.session.rollback()
    return db.session.scalars(select(Message).order_by(Message.id)).all()


def test_a_template_is_merged_edited_and_made_once(client, customer_id):
    booking = factories.booking(customer_id, days=2)
    template_id = template()
    filled = text(client.post(url(customer_id), data=form(client, customer_id, act="template", template=template_id)))
    assert BODY.split("\n")[1] in filled
    assert "Kære Mette" in filled
    sent = form(client, customer_id, paper=template_id, body=BODY.replace("Velkommen", "Goddag & velkommen"))
    answers = [client.post(url(customer_id), data=sent) for _time in range(2)]
    [message] = messages()
    assert [answer.location for answer in answers] == [f"/letters/{message.id}/"] * 2
    assert (message.channel, message.kind, message.state) == (
        MessageChannel.LETTER, MessageKind.MANUAL, MessageState.SENT,
    )  # fmt: skip
    assert message.recipient == "Mette Sørensen\nÅboulevarden 12, 2. th.\n2200 København N"
    assert "Goddag & velkommen" in message.body
    assert message.sent_at is not None
    assert message.created_by is not None
    told = db.session.scalars(select(MessageBooking)).one()
    assert (told.booking_id, told.starts_at) == (booking.id, booking.start_at)
    assert [event.state for event in db.session.scalars(select(MessageEvent))] == [MessageState.SENT]


def test_the_sheet_and_the_pdf_stay_as_they_were_made(client, customer_id):
    made = form(client, customer_id, paper=template(is_window_right=True, margin_mm=35, font_points=12))
    made["body"] = f"{BODY}\nSe <a href='https://x.dk/a'>her</a>"
    path = client.post(url(customer_id), data=made).location
    before, pdf = text(client.get(path)), client.get(f"{path}pdf")
    assert pdf.mimetype == "application/pdf"
    [page] = reader.pages(pdf.data)
    for words in (
        "Klinik Å",
        "Mette Sørensen",
        "Åboulevarden 12, 2. th.",
        "2200 København N",
        "Kære Mette",
        "(https://x.dk/a)",
    ):
        assert words in page
        assert words in before
    assert "l-m35 l-f12 l-right" in before
    with transaction():
        settings.put("company.name", "Et andet navn")
        row = customers.find(customer_id)
        customers.update(customer_id, {"address": "Ny vej 1"}, row_version=row.row_version)
        message_templates.update(message_templates.listed(MessageChannel.LETTER)[0].id, {"margin_mm": 15})
    assert client.get(f"{path}pdf").data == pdf.data
    assert text(client.get(path)) == before


def test_without_an_address_or_words_nothing_is_made(client, customer_id):
    with transaction():
        row = customers.find(customer_id)
        customers.update(customer_id, {"address": ""}, row_version=row.row_version)
    sent = form(client, customer_id, body="Kære [KUNDEFORNAVN]")
    answer = client.post(url(customer_id), data=sent)
    assert answer.status_code == 422
    assert "Kunden har ingen postadresse" in text(answer)
    assert "Kære [KUNDEFORNAVN]" in text(answer)
    answer = client.post(url(customer_id), data={**sent, "body": "[KUNDETELEFON]"})
    assert "er teksten tom" in text(answer)
    assert client.post(url(customer_id), data={**sent, "once": ""}).status_code == 422
    assert messages() == []


def test_the_preview_shows_paper_and_wrong_codes_and_keeps_nothing(client, customer_id):
    template_id = template()
    data = {"body": "Kære [KUNDENAVN]\n[KUNDNAVN]", "language": "da", "paper": template_id}
    shown = text(client.post(url(customer_id, "preview"), data=data))
    assert "Klinik Å · Vej 1 · 2200 København N" in shown
    assert "Kære Mette Sørensen" in shown
    assert "mente du [KUNDENAVN]?" in shown
    assert messages() == []


def test_an_sms_template_is_no_paper(client, customer_id):
    template_id = template(channel="sms", body="Hej")
    answer = client.post(url(customer_id), data=form(client, customer_id, act="template", template=template_id))
    assert answer.status_code == 404


def test_the_profile_leads_there_and_the_log_leads_to_the_paper(client, client_as, customer_id):
    letter_id = factories.letter(customer_id)
    for path in ("", "bookings"):
        assert url(customer_id) in text(client.get(f"/customers/{customer_id}/{path}"))
    assert url(customer_id) not in text(client_as("accountant").get(f"/customers/{customer_id}/"))
    page = text(client.get(f"/messages/{letter_id}"))
    assert f"/letters/{letter_id}/pdf" in page
    assert "Åboulevarden 12, 2. th., 2200 København N" in page
    assert f"/letters/{factories.message(customer_id=customer_id, recipient='a@b.dk')}/" not in page


def test_what_is_erased_is_no_longer_printed(client, customer_id):
    letter_id = factories.letter(customer_id)
    assert client.get(f"/letters/{letter_id}/").status_code == 200
    with transaction():
        merging.erase(customer_id, row_version=customers.find(customer_id).row_version)
    for rest in ("", "pdf"):
        assert client.get(f"/letters/{letter_id}/{rest}").status_code == 404
    sheet = db.session.scalars(select(MessageLetter.sheet)).one()
    assert "Mette" not in str(sheet)


def test_letters_of_other_groups_are_not_there(client_as, customer_id):
    letter_id = factories.letter(customer_id)
    assert client_as("receptionist").get(f"/letters/{letter_id + 1}/").status_code == 404
    limited = client_as("receptionist", is_limited=True, groups=[factories.group(name="Andre")])
    assert limited.get(f"/letters/{letter_id}/pdf").status_code == 404
    assert limited.get(url(customer_id)).status_code == 404
