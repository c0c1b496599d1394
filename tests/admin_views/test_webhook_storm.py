"""A storm of status reports against the real address: doubled, shuffled, late and forged, on both databases."""

import json
from dataclasses import replace

from click.testing import CliRunner
from sqlalchemy import update

from admin_views.commands.chaos import chaos
from gecko.db import db, transaction
from gecko.gateway_settings import GatewaySettings
from gecko.models.messages import Message, MessageState
from jobs.chaos import storm

SECRET = "aftalt"
CALLS = {"sqlite": 1_000, "postgresql": 300}


def caller(app):
    """Makes one call, and returns the status of its answer."""
    app.config["GECKO"] = replace(app.config["GECKO"], gateways=GatewaySettings(webhook_secret=SECRET))
    client = app.test_client()

    def post(call):
        with app.app_context():
            return client.post("/hooks/sms", data=call.body, headers={"Signature": call.signature}).status_code

    return post


def test_a_storm_leaves_what_a_model_predicts(app):
    calls = CALLS[db.engine.dialect.name]
    found = storm.run(caller(app), secret=SECRET, calls=calls, callers=1)
    assert calls <= found.calls < calls * 1.1
    assert found.forged >= found.texts == calls // storm.CALLS_A_TEXT
    assert found.is_clean


def test_the_reckoning_sees_a_state_that_is_not_the_models(sqlite_app):
    post, count = caller(sqlite_app), []

    def meddling(call):
        answer = post(call)
        count.append(call)
        if len(count) == 100:
            with sqlite_app.app_context(), transaction() as session:
                session.execute(update(Message).values(state=MessageState.CANCELLED))
        return answer if call.answer == 204 else 204

    found = storm.run(meddling, secret=SECRET, calls=100, callers=1)
    assert found.misanswered == found.forged > 0
    assert found.astray == found.texts
    assert not found.is_clean


def test_the_command_makes_its_calls_over_real_connections():
    done = CliRunner().invoke(chaos, ["webhooks", "--webhooks", "60", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["calls"] >= 60, told["texts"], told["misanswered"]) == (True, 10, 0)
