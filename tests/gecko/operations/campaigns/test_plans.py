"""What a claim reads: the line of single messages and those of running campaigns, never what a paused one holds."""

from gecko.clock import now
from gecko.db import db, transaction
from gecko.models.messages import Message, MessageChannel, MessageKind, MessageState
from gecko.operations.messaging import claiming
from tests import plans
from tests.gecko.operations.campaigns.mailings import EMAIL, awake, drafted, start, steer

HELD = 3000


def _fill(campaign_id, number, prefix):
    moment = now()
    rows = [
        {
            "channel": MessageChannel.EMAIL, "kind": MessageKind.CAMPAIGN, "language": "da", "body": "x",
            "recipient": f"{prefix}{one}@example.dk", "dedupe_key": f"{prefix}{one}", "reference": f"{prefix}{one}",
            "state": MessageState.QUEUED, "not_before": moment, "expires_at": moment.replace(year=moment.year + 1),
            "campaign_id": campaign_id,
        }
        for one in range(number)
    ]  # fmt: skip
    with transaction() as session:
        session.bulk_insert_mappings(Message, rows)


def test_a_claim_walks_past_nothing_that_is_held(app, statements):
    awake()
    paused, running = drafted(), drafted()
    start(paused)
    start(running)
    _fill(paused, HELD, "held")
    _fill(running, 50, "goes")
    _fill(None, 5, "one")
    steer("pause", paused)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(gecko_writing=True) as connection, connection.begin():
            connection.exec_driver_sql("ANALYZE message")
    with statements(app) as asked, transaction():
        claimed = claiming.claim(EMAIL, "a", limit=20)
    assert len(claimed) == 20
    taking = [(text, values) for text, values in asked if "UPDATE message SET" in text and "lease_owner" in text]
    assert len(taking) == 2  # the line of single messages, then that of the campaign that runs
    for text, values in taking:
        assert "ix_message_due" in plans.plan(text, values)
