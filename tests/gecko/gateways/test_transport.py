"""E-mail against a real mail server whose ledger is the truth: what it has not taken, was not sent."""

import socket
import time
from email import message_from_string
from email.policy import default

import pytest

from gecko.gateways.email import transport
from gecko.gateways.outcomes import Aborted, Accepted, Fault, Later, Rejected, Unknown, Verdict
from jobs.chaos import sink as sinks

from .mails import HASTY, Gate, mail, to


def test_a_mail_arrives_whole_with_its_envelope(sink):
    with to(sink.port) as smtp:
        assert smtp.send(mail(text="Kære Anna\n.\n..\n.slut\n"), Gate()) == Accepted("OK")
    (taken,) = sink.ledger.taken
    assert (taken.recipient, taken.sender) == ("anna@example.dk", "b+7.abcdefghijklmnop@bounces.klinik.dk")
    assert taken.reference == "m-anna"
    arrived = message_from_string(taken.content, policy=default)
    assert arrived.get_content().splitlines() == ["Kære Anna", ".", "..", ".slut"]
    assert "\n" not in taken.content.replace("\r\n", "")


def test_one_connection_carries_several_mails_with_one_recipient_each(sink):
    with to(sink.port) as smtp:
        for name in ("anna", "bo", "carl"):
            assert isinstance(smtp.send(mail(f"{name}@example.dk"), Gate()), Accepted)
    assert sink.connections == 1
    assert [one.recipient for one in sink.ledger.taken] == ["anna@example.dk", "bo@example.dk", "carl@example.dk"]


def test_a_connection_ends_after_so_many_mails(sink, monkeypatch):
    monkeypatch.setattr(transport, "MAILS_A_CONNECTION", 2)
    with to(sink.port) as smtp:
        for number in range(5):
            assert isinstance(smtp.send(mail(f"k{number}@example.dk"), Gate()), Accepted)
    assert sink.connections == 3


def test_a_connection_that_rested_too_long_is_opened_anew(sink, monkeypatch):
    with to(sink.port) as smtp:
        smtp.send(mail(), Gate())
        monkeypatch.setattr(transport, "IDLE_SECONDS", -1.0)
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)
    assert sink.connections == 2


def test_the_dot_does_not_wait_for_an_acknowledgement(sink):
    with to(sink.port) as smtp:
        smtp.send(mail(), Gate())
        assert smtp._smtp.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


# -- the fence


def test_the_fence_is_asked_once_when_all_but_the_dot_is_written(sink):
    seen = []

    def fence():
        time.sleep(0.05)  # the server has had time to take it, if it could
        seen.append(len(sink.ledger.taken))
        return True

    with to(sink.port) as smtp:
        smtp.send(mail(), fence)
    assert seen == [0]
    assert len(sink.ledger.taken) == 1


def test_no_means_nothing_leaves_and_the_next_mail_does(sink):
    with to(sink.port) as smtp:
        assert smtp.send(mail(), Gate(False)) == Aborted()
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)
    assert [one.recipient for one in sink.ledger.taken] == ["bo@example.dk"]


def test_what_the_fence_raises_comes_through_with_nothing_sent(sink):
    def fence():
        raise LookupError("the database is gone")

    with to(sink.port) as smtp:
        with pytest.raises(LookupError):
            smtp.send(mail(), fence)
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)
    assert [one.recipient for one in sink.ledger.taken] == ["bo@example.dk"]


def test_the_fence_is_not_asked_where_the_mail_is_refused_before(sink):
    sink.answers.rcpt["anna@example.dk"] = "550 5.1.1 User unknown"
    gate = Gate()
    with to(sink.port) as smtp:
        smtp.send(mail(), gate)
    assert gate.asked == 0


# -- answers


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
def test_a_refusal_touches_this_mail_only(sink, stage):
    getattr(sink.answers, stage)["anna@example.dk"] = "550 5.1.1 User unknown"
    with to(sink.port) as smtp:
        refused = smtp.send(mail(), Gate())
        assert refused == Rejected("5.1.1 User unknown", Verdict.ADDRESS, 550, "5.1.1")
        assert refused.permanent
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)
    assert sink.connections == 1
    assert [one.recipient for one in sink.ledger.taken] == ["bo@example.dk"]


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
def test_a_temporary_refusal_may_be_tried_again(sink, stage):
    getattr(sink.answers, stage)["anna@example.dk"] = "451 4.7.1 Greylisted"
    with to(sink.port) as smtp:
        assert smtp.send(mail(), Gate()) == Later("4.7.1 Greylisted", Verdict.RETRY, 451, "4.7.1")
    assert sink.ledger.taken == []


@pytest.mark.parametrize("stage", ["rcpt", "data", "dot"])
def test_421_closes_the_connection(sink, stage):
    getattr(sink.answers, stage)["anna@example.dk"] = "421 4.3.2 Shutting down"
    with to(sink.port) as smtp:
        assert smtp.send(mail(), Gate()) == Later("4.3.2 Shutting down", Verdict.CLOSING, 421, "4.3.2")
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)
    assert sink.connections == 2


@pytest.mark.parametrize("stage", ["rcpt", "data"])
@pytest.mark.parametrize("silence", [sinks.HANG, sinks.CLOSE])
def test_silence_before_the_dot_is_known_not_accepted(sink, stage, silence):
    getattr(sink.answers, stage)["anna@example.dk"] = silence
    with to(sink.port, HASTY) as smtp:
        outcome = smtp.send(mail(), Gate())
        assert isinstance(outcome, Later)
        assert outcome.verdict is Verdict.CLOSING
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)
    assert [one.recipient for one in sink.ledger.taken] == ["bo@example.dk"]


@pytest.mark.parametrize(
    ("answer", "copies"), [(sinks.HANG, 0), (sinks.CLOSE, 0), (sinks.TAKE_AND_HANG, 1), (sinks.TAKE_AND_CLOSE, 1)]
)
def test_silence_after_the_dot_is_unknown_whether_or_not_it_was_taken(sink, answer, copies):
    sink.answers.dot["anna@example.dk"] = answer
    with to(sink.port, HASTY) as smtp:
        assert isinstance(smtp.send(mail(), Gate()), Unknown)
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)
    assert [one.recipient for one in sink.ledger.taken] == ["anna@example.dk"] * copies + ["bo@example.dk"]


def test_an_answer_after_the_dot_that_is_no_yes_or_no_is_unknown(sink):
    sink.answers.dot["anna@example.dk"] = "354 More?"
    with to(sink.port) as smtp:
        assert isinstance(smtp.send(mail(), Gate()), Unknown)


# -- faults of the system: no address and no mail is to blame


@pytest.mark.parametrize("answer", ["550 5.1.1 User unknown", "451 4.3.0 Try later", "553 5.1.8 Bad sender"])
def test_whatever_mail_from_is_answered_is_our_fault(sink, answer):
    sink.answers.mail["info@klinik.dk"] = answer
    gate = Gate()
    with to(sink.port) as smtp:
        outcome = smtp.send(mail(return_path="info@klinik.dk"), gate)
    assert isinstance(outcome, Fault)
    assert outcome.verdict is Verdict.SYSTEM
    assert gate.asked == 0


def test_a_fault_at_the_recipient_is_our_fault_too(sink):
    sink.answers.rcpt["anna@example.dk"] = "530 5.7.0 Authentication required"
    with to(sink.port) as smtp:
        assert isinstance(smtp.send(mail(), Gate()), Fault)


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with to(port) as smtp:
        assert isinstance(smtp.send(mail(), Gate()), Fault)


def test_an_old_connection_that_died_is_replaced_without_a_word(sink):
    """A server that hangs up on resting clients costs nobody a mail."""
    with to(sink.port) as smtp:
        smtp.send(mail(), Gate())
        smtp._smtp.sock.shutdown(socket.SHUT_RDWR)
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)
    assert sink.connections == 2


# -- what cannot be sent


@pytest.mark.parametrize(
    "values",
    [
        {"recipient": "anna@example.dk>\r\nRCPT TO:<eve@example.dk"},
        {"recipient": "anna example.dk"},
        {"recipient": "åse@example.dk"},
    ],
)
def test_an_envelope_cannot_be_broken_out_of(sink, values):
    gate = Gate()
    with to(sink.port) as smtp:
        outcome = smtp.send(mail(**values), gate)
    assert isinstance(outcome, Rejected)
    assert outcome.verdict is Verdict.REFUSED
    assert (gate.asked, sink.connections) == (0, 0)


@pytest.mark.parametrize("name", ["return_path", "sender"])
def test_a_senders_address_that_is_none_is_our_fault_not_each_mails(sink, name):
    gate = Gate()
    with to(sink.port) as smtp:
        assert isinstance(smtp.send(mail(**{name: "info@klinik.dk> SIZE=1"}), gate), Fault)
    assert (gate.asked, sink.connections) == (0, 0)


def test_no_content_smuggles_a_second_mail(sink):
    """A lone CR or LF around a dot would end the mail for some servers."""
    attack = "Hej\n.\r.\n\r.\rMAIL FROM:<eve@example.dk>\r\n.\r\nRCPT TO:<bo@example.dk>\n.\n"
    with to(sink.port) as smtp:
        smtp.send(mail(text=attack), Gate())
    assert len(sink.ledger.taken) == 1
    assert "\r" not in sink.ledger.taken[0].content.replace("\r\n", "")
