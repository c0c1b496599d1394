"""An invoice by e-mail: the PDF attached, one message a press, and the document tells how it fared."""

import pytest
from sqlalchemy import select

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.address_failures import AddressFailure, Channel
from gecko.models.messages import Message, MessageAttachment, MessageState
from gecko.operations import settings
from tests import factories, pages


@pytest.fixture
def accountant(app, client_as):
    with transaction():
        settings.put("company.name", "Salon Ågård ApS")
    return client_as("accountant")


def form_of(client, document_id):
    page = client.get(f"/invoices/{document_id}/mail/").get_data(as_text=True)
    return {name: values[-1] for name, values in pages.form_values(page, having="once").items()}


def messages():
    return db.session.scalars(select(Message).order_by(Message.id)).all()


def test_the_pdf_goes_once_with_a_text_in_the_buyers_language(accountant):
    document_id = factories.invoice(factories.debtor(email="Regning@Firma.dk", language="en").id).id
    form = form_of(accountant, document_id)
    assert form["subject"] == "Invoice 1 – Salon Ågård ApS"
    assert "of DKK 100.00, due on" in form["body"]
    for _press in range(2):
        assert accountant.post(f"/invoices/{document_id}/mail/", data=form).status_code == 303
    [message] = messages()
    assert (message.recipient, message.language, message.state) == ("regning@firma.dk", "en", MessageState.QUEUED)
    attached = db.session.scalars(select(MessageAttachment)).one()
    assert attached.filename == "invoice-1.pdf"
    assert attached.content == accountant.get(f"/invoices/{document_id}/pdf").data
    assert "regning@firma.dk" in accountant.get(f"/invoices/{document_id}").get_data(as_text=True)


def test_a_further_press_on_a_fresh_form_sends_again(accountant):
    document_id = factories.invoice(factories.debtor().id).id
    for _turn in range(2):
        form = form_of(accountant, document_id)
        assert accountant.post(f"/invoices/{document_id}/mail/", data=form).status_code == 303
    assert len(messages()) == 2


def test_nothing_goes_to_no_address_and_what_was_typed_stays(accountant):
    document_id = factories.invoice(factories.debtor().id).id
    answer = accountant.post(
        f"/invoices/{document_id}/mail/", data={**form_of(accountant, document_id), "recipient": "x"}
    )
    assert answer.status_code == 422
    assert messages() == []


def test_an_address_that_failed_is_told(accountant):
    document_id = factories.invoice(factories.debtor(email="gone@firma.dk").id).id
    factories.save(AddressFailure(channel=Channel.EMAIL, address="gone@firma.dk", reason="unknown", failed_at=now()))
    assert accountant.post(f"/invoices/{document_id}/mail/", data=form_of(accountant, document_id)).status_code == 303
    assert messages()[0].state == MessageState.SUPPRESSED
    assert "gone@firma.dk" in accountant.get(f"/invoices/{document_id}").get_data(as_text=True)


def test_mailing_needs_the_right_to_issue(client_as):
    document_id = factories.invoice(factories.debtor().id).id
    assert client_as("receptionist").get(f"/invoices/{document_id}/mail/").status_code == 403
