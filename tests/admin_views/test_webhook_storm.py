"""A storm of status reports against the real address: doubled, shuffled, late and forged, on both databases."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from gecko.db import db, transaction
from gecko.gateway_settings import GatewaySettings
from gecko.models.address_failures import AddressFailure
from gecko.models.messages import Message, MessageChannel, MessageKind, MessageState
from gecko.models.sms_reports import SmsReport
from gecko.operations.messaging import enqueuing
from jobs.chaos.sms_reports import signature, status_report

SECRET, AT = "aftalt", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ENDS = ["DELIVERED", "DELIVERED", "UNDELIVERABLE", "EXPIRED", None]
CALLS = {"sqlite": 1_000, "postgresql": 300}


def texts(count):
    """Texts of which one half counts as sent and the other is unknown; references by id."""
    drafts = [
        enqueuing.Draft(MessageChannel.SMS, MessageKind.MANUAL, f"k{n}", "Hej", recipient=f"+45{20_000_000 + n}")
        for n in range(count)
    ]
    with transaction() as session:
        ids = sorted(enqueuing.enqueue_all(drafts))
        for state, some in ((MessageState.SENT, ids[::2]), (MessageState.UNKNOWN, ids[1::2])):
            session.execute(update(Message).where(Message.id.in_(some)).values(state=state))
    return dict(db.session.execute(select(Message.id, Message.reference)).all())


def predicted(before, said):
    """The model: arrived if anybody says so, else failed if anybody does, else sent if anything is known of it."""
    if "DELIVERED" in said:
        return "delivered"
    if {"UNDELIVERABLE", "EXPIRED"} & set(said):
        return "failed"
    return "sent" if said else before


def test_a_storm_leaves_what_a_model_predicts(app):
    app.config["GECKO"] = replace(app.config["GECKO"], gateways=GatewaySettings(webhook_secret=SECRET))
    wanted = CALLS[db.engine.dialect.name]
    references, chance = texts(wanted // 5), random.Random(20261122)
    before = {one.id: str(one.state) for one in db.session.scalars(select(Message))}
    calls, said = [], {}
    for message_id, reference in references.items():
        end = chance.choice(ENDS)
        said[message_id] = [one for one in ("ACCEPTED", "ENROUTE", end) if one and chance.random() < 0.8]
        for place, status in enumerate(said[message_id]):
            error = "Unknown subscriber" if status == "UNDELIVERABLE" else None
            at = AT + timedelta(seconds=place)
            body = status_report(reference, status, msg_id=f"T{message_id}", at=at, error=error)
            calls += [(body, signature(SECRET, body), 204)] * chance.choice([1, 2, 3])
        lie = status_report(reference, "UNDELIVERABLE", msg_id="T", at=AT, error="Unknown subscriber")
        calls.append((lie, signature("gættet", lie), 403))
    while len(calls) < wanted:
        calls.append(chance.choice(calls))
    chance.shuffle(calls)
    client = app.test_client()
    for body, signed, status in calls:
        assert client.post("/hooks/sms", data=body, headers={"Signature": signed}).status_code == status
    found = {one.id: str(one.state) for one in db.session.scalars(select(Message))}
    assert found == {message_id: predicted(before[message_id], said[message_id]) for message_id in references}
    assert len(db.session.scalars(select(SmsReport.id)).all()) == sum(map(len, said.values()))
    dead = {f"+45{20_000_000 + n}" for n, one in enumerate(sorted(references)) if "UNDELIVERABLE" in said[one]}
    assert set(db.session.scalars(select(AddressFailure.address))) == dead
