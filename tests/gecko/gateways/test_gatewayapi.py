"""GatewayAPI over real HTTP against a fake whose ledger is the truth: what it has not taken, was not sent."""

import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from gecko.gateway_settings import GatewayApi
from gecko.gateways.outcomes import Aborted, Accepted, Fault, Later, Rejected, Unknown, Verdict
from gecko.gateways.sms import gatewayapi
from jobs.chaos.sms_fake import TOKEN, Mode, SmsFake

from . import certificates
from .mails import Gate, sms

HASTY = gatewayapi.Patience(answer=1.0)  # for a gateway that hangs; long enough for one that is busy


def provider(port, token=TOKEN, patience=None):
    account = GatewayApi("127.0.0.1", port, token, encrypted=False)
    return gatewayapi.GatewayApiProvider(account, patience)


@pytest.fixture
def gateway(fake):
    made = provider(fake.port)
    yield made
    made.close()


def test_a_text_arrives_as_the_service_wants_it(fake, gateway):
    expires = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    outcome = gateway.send(sms(text="Vi ses – “kl. 10” 😀", expires_at=expires), Gate())
    assert isinstance(outcome, Accepted)
    assert outcome.reference == fake.msg_ids["r-1"]
    assert fake.requests == [
        {
            "sender": "Klinikken",
            "message": "Vi ses – “kl. 10” 😀",
            "recipient": 4520123456,
            "reference": "r-1",
            "expiration": "2026-11-23T10:00:00Z",
        }
    ]


def test_one_connection_carries_several_texts(fake, gateway):
    gateway.send(sms(reference="r-1"), Gate())
    first = gateway._connection.sock
    gateway.send(sms(reference="r-2"), Gate())
    assert gateway._connection.sock is first
    assert fake.ledger.references() == ["r-1", "r-2"]


# -- the fence


def test_the_fence_is_asked_once_before_the_body_leaves(fake, gateway):
    seen = []

    def fence():
        time.sleep(0.05)  # the gateway has had time to take it, if it could
        seen.append(len(fake.ledger.taken))
        return True

    assert isinstance(gateway.send(sms(), fence), Accepted)
    assert seen == [0]


def test_no_means_nothing_leaves_and_the_next_text_does(fake, gateway):
    assert gateway.send(sms(), Gate(False)) == Aborted()
    assert isinstance(gateway.send(sms(reference="r-2"), Gate()), Accepted)
    assert fake.ledger.references() == ["r-2"]
    deadline = time.monotonic() + 5
    while not fake.broken and time.monotonic() < deadline:
        time.sleep(0.01)
    assert fake.broken == 1


def test_what_the_fence_raises_comes_through_with_nothing_sent(fake, gateway):
    def fence():
        raise LookupError("the database is gone")

    with pytest.raises(LookupError):
        gateway.send(sms(), fence)
    assert isinstance(gateway.send(sms(reference="r-2"), Gate()), Accepted)
    assert fake.ledger.references() == ["r-2"]


# -- answers


@pytest.mark.parametrize(
    ("mode", "kind", "copies"),
    [
        (Mode.OK, Accepted, 1),
        (Mode.ERROR_BEFORE, Unknown, 0),
        (Mode.ERROR_AFTER, Unknown, 1),
        (Mode.HANG, Unknown, 1),
        (Mode.RESET_BEFORE, Unknown, 0),
        (Mode.RESET_AFTER, Unknown, 1),
        (Mode.NONSENSE, Unknown, 1),
        (Mode.TOO_MANY, Later, 0),
        (Mode.BAD_NUMBER, Rejected, 0),
        (Mode.BAD_TEXT, Rejected, 0),
        (Mode.FORBIDDEN, Fault, 0),
    ],
)
def test_every_way_to_answer(fake, mode, kind, copies):
    """Never `Accepted` without a copy; never safe to send again with one."""
    gateway = provider(fake.port, patience=HASTY if mode is Mode.HANG else None)
    fake.mode = mode
    gate = Gate()
    outcome = gateway.send(sms(), gate)
    assert isinstance(outcome, kind)
    assert len(fake.ledger.taken) == copies
    assert gate.asked == 1
    fake.mode = Mode.OK
    assert isinstance(gateway.send(sms(reference="r-2"), Gate()), Accepted)
    gateway.close()


def test_only_a_refused_number_is_to_blame(fake, gateway):
    fake.mode = Mode.BAD_NUMBER
    number = gateway.send(sms(), Gate())
    fake.mode = Mode.BAD_TEXT
    text = gateway.send(sms(), Gate())
    assert (number.verdict, number.permanent) == (Verdict.ADDRESS, True)
    assert (text.verdict, text.permanent) == (Verdict.REFUSED, False)


def test_too_many_says_how_long_to_wait(fake, gateway):
    fake.mode = Mode.TOO_MANY
    assert gateway.send(sms(), Gate()).after == timedelta(seconds=17)


def test_a_wrong_token_is_a_fault_of_the_system(fake):
    gateway = provider(fake.port, token="forkert")
    outcome = gateway.send(sms(), Gate())
    gateway.close()
    assert isinstance(outcome, Fault)
    assert outcome.code == 403
    assert fake.ledger.taken == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [(302, Fault), (400, Rejected), (402, Fault), (404, Fault), (408, Later), (413, Rejected), (502, Unknown),
     (503, Unknown)],
)  # fmt: skip
def test_other_statuses(status, kind):
    assert isinstance(gatewayapi._outcome(status, "", None), kind)


@pytest.mark.parametrize(
    "number", ["", "20123456", "+45 20 12 34 56", "+0123456789", "+45abc", "+" + "9" * 20, "+4520123456\n"]
)
def test_what_is_no_number_is_not_asked_about(fake, gateway, number):
    gate = Gate()
    outcome = gateway.send(sms(number), gate)
    assert isinstance(outcome, Rejected)
    assert (outcome.verdict, gate.asked, fake.ledger.taken) == (Verdict.REFUSED, 0, [])


# -- before the body: safe to try again


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    gate = Gate()
    assert isinstance(provider(port).send(sms(), gate), Fault)
    assert gate.asked == 0


def test_who_does_not_speak_tls_gets_nothing(fake):
    gateway = gatewayapi.GatewayApiProvider(GatewayApi("127.0.0.1", fake.port, TOKEN))
    gate = Gate()
    assert isinstance(gateway.send(sms(), gate), Fault)
    assert (gate.asked, fake.ledger.taken) == (0, [])


def test_over_tls_the_service_is_verified_and_the_connection_used_again(tmp_path, monkeypatch):
    """As in production, where the system's authorities count; here they are one of our own."""
    ca_file, context = certificates.make(tmp_path, "127.0.0.1")
    with SmsFake(tls=context) as fake:
        account = GatewayApi("127.0.0.1", fake.port, TOKEN)
        stranger = gatewayapi.GatewayApiProvider(account)
        outcome = stranger.send(sms(), Gate())
        assert isinstance(outcome, Fault)
        assert "CERTIFICATE_VERIFY_FAILED" in outcome.text
        monkeypatch.setenv("SSL_CERT_FILE", ca_file)
        gateway = gatewayapi.GatewayApiProvider(account)
        assert isinstance(gateway.send(sms(reference="r-1"), Gate()), Accepted)
        first = gateway._connection.sock
        assert isinstance(gateway.send(sms(reference="r-2"), Gate()), Accepted)
        assert gateway._connection.sock is first
        assert gateway.send(sms(reference="r-3"), Gate(False)) == Aborted()
        assert isinstance(gateway.send(sms(reference="r-4"), Gate()), Accepted)
        gateway.close()
    assert fake.ledger.references() == ["r-1", "r-2", "r-4"]


def test_an_old_connection_that_died_is_replaced_before_the_fence(fake, gateway):
    """A dead connection found only after the fence would make an unknown of a text that never left."""
    gateway.send(sms(reference="r-1"), Gate())
    gateway._connection.sock.shutdown(socket.SHUT_RD)
    assert isinstance(gateway.send(sms(reference="r-2"), Gate()), Accepted)
    assert fake.ledger.references() == ["r-1", "r-2"]


def test_a_connection_that_rested_too_long_is_opened_anew(fake, gateway, monkeypatch):
    gateway.send(sms(reference="r-1"), Gate())
    first = gateway._connection.sock
    monkeypatch.setattr(gatewayapi, "IDLE_SECONDS", -1.0)
    assert isinstance(gateway.send(sms(reference="r-2"), Gate()), Accepted)
    assert gateway._connection.sock is not first
