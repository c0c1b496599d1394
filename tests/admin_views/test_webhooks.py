"""The addresses that machines of others call: believed by signature alone, and answered so that nothing is repeated."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.gateway_settings import GatewaySettings
from gecko.gateways import opening
from gecko.gateways.sms import webhooks
from gecko.models.address_failures import AddressFailure
from gecko.models.audit import AuditEntry
from gecko.models.messages import Message, MessageState
from gecko.models.sms_reports import SmsReport
from gecko.operations.messaging import claiming, fencing, recording
from jobs.chaos.sms_reports import signature, status_report
from tests import factories
from tests.gecko.operations.messaging.outbox import SMS, row

SECRET = "en hemmelighed, som kun gatewayen kender"
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def let_in(app, **ways):
    app.config["GECKO"] = replace(app.config["GECKO"], gateways=GatewaySettings(**ways))
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


@pytest.fixture
def caller(app):
    return let_in(app, webhook_secret=SECRET)


def text_message():
    message_id = factories.message(channel=SMS, recipient="+4520123456", attachments=())
    with transaction():
        claiming.claim(SMS, "a", limit=10)
    with transaction():
        fencing.pass_fence(message_id, "a")
    with transaction():
        recording.sent(message_id, "a", provider_ref="T1")
    return message_id


def body_about(message_id, status="DELIVERED", **values):
    return status_report(row(message_id).reference, status, **({"msg_id": "T1", "at": AT} | values))


def post(client, body, key=SECRET, **headers):
    headers = {"Signature": signature(key, body), "Content-Type": "application/json"} | headers
    return client.post("/hooks/sms", data=body, headers=headers)


def reports():
    return len(db.session.scalars(select(SmsReport)).all())


def test_a_signed_report_is_taken_without_log_in_cookie_or_token(app, caller):
    message_id = text_message()
    answer = post(caller, body_about(message_id))
    assert (answer.status_code, answer.data, "Set-Cookie" in answer.headers) == (204, b"", False)
    assert row(message_id).state == MessageState.DELIVERED
    assert post(caller, body_about(message_id, "UNDELIVERABLE")).status_code == 204
    assert row(message_id).state == MessageState.DELIVERED


@pytest.mark.parametrize("forged", [{"Signature": ""}, {"Signature": "v1=" + "0" * 64}, {"Signature": "v1=æ"}])
def test_a_forged_report_is_refused_before_the_database_is_asked(app, caller, forged, statements):
    message_id = text_message()
    body = body_about(message_id, "UNDELIVERABLE")
    db.session.rollback()
    with statements(app) as seen:
        assert post(caller, body, **forged).status_code == 403
        assert post(caller, body, key="gættet").status_code == 403
    assert seen == []
    assert row(message_id).state == MessageState.SENT
    assert reports() == 0


def test_one_changed_byte_is_a_forgery(app, caller):
    message_id = text_message()
    body = body_about(message_id, "UNDELIVERABLE")
    changed = body.replace(b"UNDELIVERABLE", b"DELIVERED")
    answer = caller.post("/hooks/sms", data=changed, headers={"Signature": signature(SECRET, body)})
    assert answer.status_code == 403
    assert row(message_id).state == MessageState.SENT


def test_without_a_secret_there_is_no_address(app):
    client = let_in(app)
    body = body_about(text_message())
    assert post(client, body, key="").status_code == 404
    assert reports() == 0


def test_looking_is_no_way_in(app, caller):
    message_id = text_message()
    body = body_about(message_id)
    answer = caller.get("/hooks/sms", data=body, headers={"Signature": signature(SECRET, body)})
    assert answer.status_code in (303, 405)
    assert row(message_id).state == MessageState.SENT


def test_what_is_too_long_is_refused(app, caller):
    body = body_about(text_message()) + b" " * webhooks.LONGEST_BODY
    assert post(caller, body).status_code == 413
    assert reports() == 0


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain", ""])
def test_genuine_calls_that_are_no_status_report_are_answered_and_left_alone(app, caller, content_type):
    bodies = [
        b"{}", b"[]", b"null", b'{"event_type": "message.status.rcs"}',
        *(json.dumps(json.loads(body_about(text_message())) | change).encode()
          for change in ({"event_id": "\x00"}, {"event_id": "x" * 4000}, {"event_id": "\ud800"},
                         {"timestamp": "0001-01-01T00:00:00+14:00", "event": {"status_at": None}})),
    ]  # fmt: skip
    is_form = "form" in content_type
    for body in bodies:
        status = post(caller, body, **{"Content-Type": content_type}).status_code
        assert status == 204 or (is_form and status in (400, 403))
    assert reports() == 0


def test_odd_words_in_a_genuine_report_are_kept_clean(app, caller):
    message_id = text_message()
    body = body_about(message_id, "UNDELIVERABLE", error="Unknown\x00 subscriber \ud800 \u202e" + "x" * 900)
    assert post(caller, body).status_code == 204
    message = row(message_id)
    assert message.state == MessageState.FAILED
    assert message.reply.startswith("0x00 Unknown subscriber")
    assert message.reply.isprintable()


def test_a_report_about_nothing_of_ours_is_answered_so_that_it_is_not_repeated(app, caller):
    body = status_report("somebody-elses", "DELIVERED", msg_id="X", at=AT)
    assert post(caller, body).status_code == 204
    assert post(caller, body).status_code == 204
    assert reports() == 1
    assert db.session.scalar(select(Message.id)) is None


def test_the_log_says_who_marked_the_number(app, caller):
    message_id = text_message()
    post(caller, body_about(message_id, "UNDELIVERABLE", error="Unknown subscriber"))
    assert db.session.scalars(select(AddressFailure.address)).all() == ["+4520123456"]
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "address_failure")).all()
    assert [(one.name, one.source, one.user_id, one.ip) for one in noted] == [("SMS gateway", "web", None, "127.0.0.1")]


# -- bounces

WAYS = {"bounce_secret": SECRET, "bounce_domain": "bounces.klinik.dk"}
GONE = (
    "From: MAILER-DAEMON@x.dk\nTo: {to}\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: "
    "message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
)


def mail_message():
    message_id = factories.message(recipient="anna@example.dk", attachments=())
    with transaction() as session:
        session.get(Message, message_id).state = MessageState.SENT
    return message_id


def return_path(app, message_id):
    return opening.return_paths(app.config["GECKO"], app.config["GECKO_SECRETS"]).make(message_id)


def bring(client, to, *, secret=SECRET, **headers):
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "message/rfc822"} | headers
    return client.post("/hooks/bounce", data=GONE.replace("{to}", to), headers=headers)


def test_a_bounce_is_taken_and_the_answer_says_what_it_came_to(app):
    client, message_id = let_in(app, **WAYS), mail_message()
    answer = bring(client, "x@y.dk", **{"X-Original-To": return_path(app, message_id)})
    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/plain", "the message failed\n")
    assert row(message_id).state == MessageState.FAILED
    assert db.session.scalars(select(AddressFailure.address)).all() == ["anna@example.dk"]
    assert bring(client, return_path(app, message_id)).text == "nothing new\n"
    assert "nothing is believed" in bring(client, "info@klinik.dk").text


@pytest.mark.parametrize("values", [{"secret": "gættet"}, {"secret": ""}, {"Authorization": ""}])
def test_a_bounce_without_the_secret_is_refused(app, values):
    client, message_id = let_in(app, **WAYS), mail_message()
    assert bring(client, return_path(app, message_id), **values).status_code == 403
    assert row(message_id).state == MessageState.SENT


@pytest.mark.parametrize("missing", WAYS)
def test_without_its_setting_there_is_no_address_for_bounces(app, missing):
    client = let_in(app, **(WAYS | {missing: ""}))
    assert bring(client, "x@y.dk", secret="").status_code == 404


def test_only_mails_are_taken(app):
    client = let_in(app, **WAYS)
    assert bring(client, "x@y.dk", **{"Content-Type": "application/x-www-form-urlencoded"}).status_code == 415
    assert bring(client, "x" * 2_000_000).status_code == 413
