"""Mails that come back, as real servers write them: what each makes of its message and its address."""

import tomllib
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.gateways.email.return_paths import ReturnPaths
from gecko.models.address_failures import AddressFailure
from gecko.models.messages import MessageReason, MessageState
from gecko.operations.messaging import bouncing, deciding, forgetting
from gecko.operations.messaging.bouncing import Taken
from tests.gecko.operations.messaging.outbox import (
    SMS,
    answer,
    claim,
    customer,
    draft,
    enqueue,
    fence,
    row,
    shift,
    steps,
)

CORPUS = Path(__file__).parents[2] / "gateways" / "corpus" / "bounces"
WHOLE = tomllib.loads((CORPUS / "whole.toml").read_text(encoding="utf-8"))["case"]
PATHS = ReturnPaths(("nøgle",), "bounces.klinik.dk")
BY_NAME = {case["name"]: case["mail"].lstrip() for case in WHOLE}
GONE = BY_NAME["Postfix"]
FULL = "From: MAILER-DAEMON@x.dk\nTo: {verp}\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: " \
       "message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; " \
       "552 5.2.2 Over quota\n\n--b--\n"  # fmt: skip
DELAYED = FULL.replace("failed", "delayed").replace("5.2.2", "4.2.2")
AWAY = "From: anna@example.dk\nTo: {verp}\nAuto-Submitted: auto-replied\nSubject: Ferie\n\nJeg er væk.\n"


_numbers = count()


def handed(person=None):
    [message_id] = enqueue(draft(f"k{next(_numbers)}", customer_id=person or customer()))
    claim()
    assert fence(message_id)
    return message_id


def sent(person=None):
    message_id = handed(person)
    assert answer("sent", message_id, reply="250 ok")
    return message_id


def unknown():
    message_id = handed()
    assert answer("unclear", message_id, detail="no answer after the final dot")
    return message_id


def come_back(mail, message_id, *, address=None, **values):
    text = mail.replace("{verp}", address or PATHS.make(message_id))
    with transaction():
        return bouncing.take(text.encode(), PATHS, **values)


def marks():
    return [(str(one.channel), one.address) for one in db.session.scalars(select(AddressFailure))]


@pytest.mark.parametrize("case", WHOLE, ids=[case["name"] for case in WHOLE])
def test_real_mails(sqlite_app, case):
    message_id = sent()
    is_bounce = case["kind"] == "bounce"
    assert come_back(case["mail"].lstrip(), message_id) is (Taken.FAILED if is_bounce else Taken.NOTHING_NEW)
    message = row(message_id)
    assert message.state == (MessageState.FAILED if is_bounce else MessageState.SENT)
    assert message.reason == (MessageReason.REJECTED if is_bounce else None)
    assert marks() == ([("email", "kunde@example.dk")] if case["verdict"] == "address" else [])


def test_a_bounce_marks_the_address_we_wrote_to_whatever_it_claims(app):
    person = customer()
    message_id = sent(person)
    [waiting] = enqueue(draft("later", customer_id=person))
    assert come_back(GONE, message_id) is Taken.FAILED
    message = row(message_id)
    assert message.reply.startswith("5.1.1 550 5.1.1 <anna@example.dk>")
    assert marks() == [("email", "kunde@example.dk")]
    assert row(waiting).reason == MessageReason.ADDRESS_FAILED
    before = steps(message_id)
    assert come_back(GONE, message_id) is Taken.NOTHING_NEW
    assert steps(message_id) == before


@pytest.mark.parametrize(
    ("mail", "taken", "state"),
    [(GONE, Taken.FAILED, "failed"), (FULL, Taken.FAILED, "failed"), (DELAYED, Taken.SETTLED, "sent"),
     (AWAY, Taken.SETTLED, "sent"), ("From: a@b.dk\nTo: {verp}\n\nHej\n", Taken.NOTHING_NEW, "unknown")],
)  # fmt: skip
def test_what_nobody_knew_is_settled(app, mail, taken, state):
    message_id = unknown()
    assert come_back(mail, message_id) is taken
    assert str(row(message_id).state) == state


@pytest.mark.parametrize("mail", [DELAYED, AWAY])
def test_replies_and_delays_change_nothing_of_what_was_sent(app, mail):
    message_id = sent()
    before = steps(message_id)
    assert come_back(mail, message_id) is Taken.NOTHING_NEW
    assert (steps(message_id), marks()) == (before, [])


def test_an_automatic_reply_keeps_the_second_copy_back(app):
    message_id = unknown()
    with transaction():
        deciding.send_again(message_id)
    assert come_back(AWAY, message_id) is Taken.SETTLED
    assert claim() == []


@pytest.mark.parametrize(
    "address",
    ["info@klinik.dk", "b+1.aaaaaaaaaaaaaaaa@bounces.klinik.dk", ReturnPaths(("gæt",), "bounces.klinik.dk").make(1),
     ReturnPaths(("nøgle",), "andet.dk").make(1)],
)  # fmt: skip
def test_forged_ones_change_nothing_and_are_named(app, address):
    message_id = sent()
    before = steps(message_id)
    assert come_back(GONE, message_id, address=address) is Taken.UNSIGNED
    assert (row(message_id).state, steps(message_id), marks()) == (MessageState.SENT, before, [])


def test_the_address_it_was_delivered_to_tells_where_the_mail_does_not(app):
    message_id = sent()
    assert come_back(GONE, message_id, address="x@y.dk", envelope_to=PATHS.make(message_id)) is Taken.FAILED


def test_messages_that_are_gone_or_no_mails(app):
    assert come_back(GONE, 4711) is Taken.NO_MESSAGE
    [text] = enqueue(draft("sms", channel=SMS, customer_id=customer()))
    assert come_back(GONE, text) is Taken.NO_MESSAGE
    assert row(text).state == MessageState.QUEUED


def test_a_full_box_marks_the_address_after_three_over_a_week(app):
    person = customer()
    for days in (9, 4, 0):
        message_id = sent(person)
        shift(message_id, created_at=-days * 24 * 3600)
        assert marks() == []
        come_back(FULL, message_id)
    assert marks() == [("email", "kunde@example.dk")]


def test_of_somebody_who_was_erased_nothing_is_written_down(app):
    person = customer()
    message_id = sent(person)
    with transaction():
        forgetting.forget([person])
    assert come_back(GONE, message_id) is Taken.FAILED
    assert (row(message_id).reply, marks()) == (None, [])


def test_signs_that_a_database_refuses_are_taken_out(app):
    message_id = sent()
    assert come_back(GONE.replace("User unknown", "User\x00\x01 unknown"), message_id) is Taken.FAILED
    assert row(message_id).reply.isprintable()
