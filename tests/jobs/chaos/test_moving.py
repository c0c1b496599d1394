"""Bookings change while real senders remind of them over a real mail server: nobody is told a time that is over."""

from dataclasses import replace

import pytest
from sqlalchemy import false

from gecko.db import transaction
from gecko.gateway_settings import GatewaySettings, Security, Smtp
from gecko.operations import settings
from gecko.operations.messaging import claiming, fencing, speaking, withdrawing
from jobs.chaos import moving
from jobs.chaos.sink import Sink
from jobs.messages import sender


@pytest.fixture
def ledger(app, tmp_path, monkeypatch):
    for module, name in ((claiming, "LEASE"), (sender, "SWEEP_EVERY")):
        monkeypatch.setattr(module, name, getattr(module, name))  # a trial shortens them
    path = tmp_path / "mails.jsonl"
    with Sink(ledger=path) as sink:
        ways = GatewaySettings(email=Smtp("127.0.0.1", sink.port, Security.NONE))
        app.config["GECKO"] = replace(app.config["GECKO"], gateways=ways)
        with transaction():
            settings.put("company.email", "klinik@example.dk")
        yield path


def test_nobody_is_told_a_time_that_is_over(app, ledger):
    found = moving.run(app, ledger, count=30, kills=1, senders=2)
    assert found.is_clean, found
    assert found.changes >= 30
    assert found.told > 0


def test_the_trial_sees_it_where_nothing_is_withdrawn(app, ledger, monkeypatch):
    monkeypatch.setattr(withdrawing, "withdraw_for", lambda _booking_id: 0)
    monkeypatch.setattr(speaking, "is_untrue", false)
    monkeypatch.setattr(fencing, "_pass", fencing._pass.__wrapped__)  # not the one that was built before
    found = moving.run(app, ledger, count=30, senders=2)
    assert found.untrue > 0
    assert not found.is_clean
