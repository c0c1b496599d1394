"""Writing one e-mail or SMS to a customer: template or free text, preview, refusals that keep the text, sent once."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.address_failures import Channel
from gecko.models.messages import Message, MessageChannel, MessageKind, MessageState
from gecko.models.people import Role, RolePermission, StaffUser
from gecko.modules import Module
from gecko.operations import address_failures, message_templates, settings
from gecko.permissions import Permission
from tests import factories, pages


@pytest.fixture
def customer_id(app):
    return factories.customer(name="Mette Sørensen", email="mette@example.dk", mobile="+4520123456").id


@pytest.fixture
def client(app, client_as):
    switch_sms(on=True)
    return client_as("receptionist")


def switch_sms(*, on):
    with transaction():
        settings.put(f"module.{Module.SMS}", on)


def url(customer_id, rest=""):
    return f"/message_writing/{customer_id}/{rest}"


def form(client, customer_id, query="", **values):
    page = client.get(url(customer_id, query)).get_data(as_text=True)
    found = {name: value[0] for name, value in pages.form_values(page, having="once").items()}
    return {**found, "subject": "Hej [KUNDEFORNAVN]", "body": "Vi ses, [KUNDENAVN]!", "act": "send", **values}


def text(answer):
    return answer.get_data(as_text=True)


def messages():
    db.session.rollback()
    return db.session.scalars(select(Message).order_by(Message.id)).all()


def test_an_email_is_written_for_this_customer_and_followed_in_the_log(app, client, customer_id):
    answer = client.post(url(customer_id), data=form(client, customer_id))
    [message] = messages()
    assert answer.status_code == 303
    assert answer.location == f"/customers/{customer_id}/messages#message-{message.id}"
    assert (message.subject, message.body) == ("Hej Mette", "Vi ses, Mette Sørensen!")
    assert "Vi ses, Mette Sørensen!" in message.html
    assert (message.channel, message.kind, message.state) == (
        MessageChannel.EMAIL, MessageKind.MANUAL, MessageState.QUEUED,
    )  # fmt: skip
    assert message.created_by is not None
    page = text(client.get(answer.location))
    assert "Beskeden er på vej." in page
    assert 'hx-trigger="every 2s"' in page.split(f'id="message-{message.id}"')[1]


def test_the_profile_has_the_button_for_those_who_may_send(app, client, client_as, customer_id):
    assert url(customer_id) in text(client.get(f"/customers/{customer_id}/"))
    accountant = client_as("accountant")
    assert url(customer_id) not in text(accountant.get(f"/customers/{customer_id}/"))
    assert accountant.post(url(customer_id), data={"act": "send"}).status_code == 403
    assert messages() == []


def test_the_same_form_sent_twice_is_one_message(app, client, customer_id):
    typed = form(client, customer_id)
    client.post(url(customer_id), data=typed)
    answer = client.post(url(customer_id), data=typed)
    assert answer.status_code == 303
    assert len(messages()) == 1
    assert "den sendes ikke to gange" in text(client.get(answer.location))
    client.post(url(customer_id), data=form(client, customer_id))
    assert len(messages()) == 2, "a new form is a new message"


def test_a_form_without_its_number_is_not_sent(app, client, customer_id):
    answer = client.post(url(customer_id), data=form(client, customer_id, once=""))
    assert answer.status_code == 422
    assert messages() == []
    again = pages.form_values(text(answer), having="once")
    assert again["once"][0]
    assert again["body"][0].strip() == "Vi ses, [KUNDENAVN]!"


def test_an_sms_counts_its_parts_and_its_price(app, client, customer_id):
    with transaction():
        settings.put("message.sms_price_ore", 45)
    typed = form(client, customer_id, "?channel=sms", body="Hej [KUNDEFORNAVN]. " + "Vi ses i morgen. " * 12)
    shown = text(client.post(url(customer_id, "preview"), data=typed))
    assert "Hej Mette. Vi ses i morgen." in shown
    assert "2 SMS-dele" in shown
    assert "0,90" in shown
    assert client.post(url(customer_id), data=typed).status_code == 303
    [message] = messages()
    assert (message.channel, message.recipient, message.segments, message.price_ore, message.html) == (
        MessageChannel.SMS, "+4520123456", 2, 90, None,
    )  # fmt: skip


def test_dear_characters_are_named_and_written_plainly_by_a_button(app, client, customer_id):
    typed = form(client, customer_id, "?channel=sms", body="Vi ses – “måske”")
    shown = text(client.post(url(customer_id, "preview"), data=typed))
    assert "70 tegn i stedet for 160" in shown
    page = text(client.post(url(customer_id), data={**typed, "act": "plain"}))
    assert pages.form_values(page, having="once")["body"][0].strip() == 'Vi ses - "måske"'
    assert messages() == []


@pytest.mark.parametrize(
    ("body", "typed"),
    [("Dit nummer er [KUNDECPRNR]", "[KUNDECPRNR]"), ("Ring om 010203-1231", "010203-1231")],
)
def test_what_must_not_go_by_sms_is_refused_and_kept(app, client, customer_id, body, typed):
    answer = client.post(url(customer_id), data=form(client, customer_id, "?channel=sms", body=body))
    assert answer.status_code == 422
    assert f"“{typed}” må ikke sendes som SMS" in text(answer)
    assert pages.form_values(text(answer), having="once")["body"][0].strip() == body
    assert messages() == []


def test_a_number_that_a_value_brings_into_an_sms_is_refused_too(app, client):
    customer_id = factories.customer(name="Mette 010203-1231", mobile="+4520123457").id
    answer = client.post(url(customer_id), data=form(client, customer_id, "?channel=sms", body="Hej [KUNDENAVN]"))
    assert answer.status_code == 422
    assert messages() == []


@pytest.mark.parametrize(
    ("values", "field"), [({"subject": " "}, "subject"), ({"body": " \n"}, "body"), ({"body": "[KUNDENUMMER]"}, "body"),
                          ({"subject": "[KUNDENUMMER]"}, "subject")]
)  # fmt: skip
def test_nothing_to_say_is_refused_beside_its_field(app, client, customer_id, values, field):
    answer = client.post(url(customer_id), data=form(client, customer_id, **values))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text(answer)
    assert messages() == []


def test_without_an_address_it_says_so_and_sends_nothing(app, client):
    customer_id = factories.customer(email=None, mobile=None).id
    for channel, words in (("email", "Kunden har ingen e-mailadresse"), ("sms", "Kunden har intet mobilnummer")):
        typed = form(client, customer_id, f"?channel={channel}")
        assert words in text(client.get(url(customer_id, f"?channel={channel}")))
        answer = client.post(url(customer_id), data=typed)
        assert answer.status_code == 422
        assert f"{words}. Der er ikke sendt noget." in text(answer)
    assert messages() == []


def test_a_failed_address_has_its_mark_and_gets_nothing(app, client, customer_id):
    typed = form(client, customer_id, "?channel=email")
    with transaction():
        address_failures.mark(Channel.EMAIL, "mette@example.dk", reason="5.1.1 no such user")
    page = text(client.get(url(customer_id, "?channel=email")))
    assert 'class="g-failing"' in page
    assert "5.1.1 no such user" in page
    answer = client.post(url(customer_id), data=typed)
    assert answer.status_code == 422
    assert "5.1.1 no such user. Der er ikke sendt noget." in text(answer)
    assert messages() == []
    assert 'name="channel" type="hidden" value="sms"' in text(client.get(url(customer_id))), "the other way comes first"


def test_a_template_fills_the_form_and_the_channel_can_change_without_losing_the_text(app, client, customer_id):
    with transaction():
        template_id = message_templates.create(
            {
                "name": "Velkommen",
                "channel": "email",
                "language": "en",
                "subject": "Welcome",
                "body": "Dear [KUNDENAVN]",
            }
        ).id
    typed = form(client, customer_id, "?channel=email", template=str(template_id), act="template")
    page = text(client.post(url(customer_id), data=typed))
    filled = pages.form_values(page, having="once")
    assert (filled["subject"], filled["language"], filled["template"]) == (["Welcome"], ["en"], [str(template_id)])
    assert filled["body"][0].strip() == "Dear [KUNDENAVN]"
    assert filled["once"] == [typed["once"]]
    page = text(client.post(url(customer_id), data={**typed, "body": "Mit eget", "act": "sms"}))
    filled = pages.form_values(page, having="once")
    assert filled["channel"] == ["sms"]
    assert filled["body"][0].strip() == "Mit eget"
    assert "subject" not in filled
    assert client.post(url(customer_id), data={**typed, "template": "999999"}).status_code == 404
    assert messages() == []


def test_wrong_codes_are_marked_and_nothing_a_text_holds_runs(app, client, customer_id):
    typed = form(client, customer_id, body="Hej [KUNDENAVNN] <script>alert(1)</script><b>fed</b>")
    shown = text(client.post(url(customer_id, "preview"), data=typed))
    assert "<code>[KUNDENAVNN]</code>" in shown
    assert "mente du" in shown
    assert "KUNDENAVN" in shown
    assert "<script" not in shown
    assert "sandbox" in re.search(r"<iframe[^>]*>", shown)[0]
    client.post(url(customer_id), data=typed)
    assert "script" not in messages()[0].html


def test_files_go_with_an_email(app, client, customer_id):
    typed = form(client, customer_id, files=[(io.BytesIO(b"%PDF-1.7"), "Plan.pdf"), (io.BytesIO(b"GIF89a"), "x.gif")])
    assert client.post(url(customer_id), data=typed, content_type="multipart/form-data").status_code == 303
    [message] = messages()
    assert [(one.filename, one.content) for one in message.attachments] == [
        ("Plan.pdf", b"%PDF-1.7"), ("x.gif", b"GIF89a"),
    ]  # fmt: skip


def test_a_file_of_another_kind_is_refused_and_the_text_kept(app, client, customer_id):
    typed = form(client, customer_id, files=[(io.BytesIO(b"MZ"), "plan.pdf")])
    answer = client.post(url(customer_id), data=typed, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "indeholder ikke det, navnet siger" in text(answer)
    assert "Filer skal vælges igen." in text(answer)
    assert 'value="Hej [KUNDEFORNAVN]"' in text(answer)
    assert messages() == []


def test_without_the_module_there_is_no_sms(app, client, customer_id):
    typed = form(client, customer_id, "?channel=sms")
    switch_sms(on=False)
    page = text(client.get(url(customer_id, "?channel=sms")))
    assert 'name="channel" type="hidden" value="email"' in page
    assert 'value="sms"' not in page
    assert client.post(url(customer_id), data=typed).status_code == 404
    assert client.post(url(customer_id, "preview"), data=typed).status_code == 404
    assert messages() == []


def test_codes_about_a_booking_speak_of_that_booking(app, client, customer_id):
    begins = (now() + timedelta(days=3)).replace(second=0, microsecond=0)
    booking_id = factories.booking(customer_id=customer_id, start_at=begins, end_at=begins + timedelta(hours=1)).id
    assert url(customer_id, f"?booking={booking_id}") in text(client.get(f"/bookings/{booking_id}"))
    typed = form(client, customer_id, f"?booking={booking_id}", body="Kl. [KLOKKEN_FRATID]")
    client.post(url(customer_id), data=typed)
    assert re.fullmatch(r"Kl\. \d\d[:.]\d\d", messages()[0].body)
    stranger = factories.customer(email="anden@example.dk").id
    assert client.get(url(stranger, f"?booking={booking_id}")).status_code == 404
    assert client.post(url(stranger), data={**typed, "once": "other"}).status_code == 404
    assert len(messages()) == 1


def test_a_foreign_site_cannot_send(app, client_as, customer_id):
    assert client_as("office", csrf=True).post(url(customer_id), data={"act": "send", "once": "x"}).status_code == 400
    assert messages() == []


def test_codes_tell_only_what_the_writer_may_see(app, client_as):
    customer_id = factories.customer(email="mette@example.dk").id
    factories.booking(customer_id=customer_id, days=2)
    role = factories.save(Role(name="Skriver", permissions=[
        RolePermission(permission=str(one)) for one in (Permission.MESSAGE_SEND, Permission.CUSTOMER_VIEW)
    ]))  # fmt: skip
    with transaction() as session:
        writer = StaffUser(username="skriver", name="Skriver")
        writer.roles = [session.get(Role, role.id)]
        session.add(writer)
    app.config["WTF_CSRF_ENABLED"] = False
    typed = {"channel": "email", "once": "k1", "subject": "Tid", "body": "Næste: [CUSTOMERNEXTBOOKINGDATE]."}
    factories.signed_in(app, writer).post(url(customer_id), data=typed)
    client_as("receptionist").post(url(customer_id), data={**typed, "once": "k2"})
    assert messages()[0].body == "Næste: ."
    assert re.fullmatch(r"Næste: \d\d-\d\d-\d{4}\.", messages()[1].body)
