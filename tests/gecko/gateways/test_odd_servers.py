"""Servers that hardly speak SMTP, line by line on a plain socket."""

import socket
import threading
from contextlib import contextmanager

import pytest

from gecko.gateways.outcomes import Accepted, Fault, Later, Rejected, Unknown, Verdict

from .mails import Gate, mail, to

HELLO = [b"220 odd", b"250 odd"]
MANY = [b"220 odd", b"250-odd\r\n250 PIPELINING"]
END, LATER = "end", b"later"


@contextmanager
def server(*connections):
    """Each connection is a list of replies: one to greet, then one a command or mail; END hangs up, LATER says nothing
    yet."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=_serve, args=(listener, connections))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join()


def _serve(listener, connections):
    for replies in connections:
        connection, _address = listener.accept()
        with connection, connection.makefile("rb") as lines:
            for place, reply in enumerate(replies):
                if place:
                    _command(lines, after_354=replies[place - 1].startswith(b"354"))
                if reply is END:
                    break
                if reply is not LATER:
                    connection.sendall(reply + b"\r\n")


def _command(lines, *, after_354):
    while (line := lines.readline()) not in (b"", b".\r\n") and after_354:
        pass
    return line


GOOD = [*HELLO, b"250 ok", b"250 ok", b"354 go on", b"250 taken", b"221 bye"]


@pytest.mark.parametrize(
    "greeting",
    [b"554 5.7.1 Your host is blocked", b"421 4.7.0 Too many connections", b"450 busy", b"SSH-2.0-OpenSSH_9", b"", END],
)
def test_a_greeting_that_is_none_is_a_fault(greeting):
    with server([greeting, END]) as port, to(port) as smtp:
        outcome = smtp.send(mail(), Gate())
    assert isinstance(outcome, Fault)
    assert outcome.verdict in (Verdict.SYSTEM, Verdict.CLOSING)


def test_a_421_to_a_connection_that_was_used_is_answered_with_a_new_one():
    used = [*GOOD[:-1], b"421 4.4.2 Idle for too long", END]
    with server(used, GOOD) as port, to(port) as smtp:
        assert isinstance(smtp.send(mail(), Gate()), Accepted)
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)


def test_a_421_to_a_fresh_connection_is_a_fault():
    with server([*HELLO, b"421 4.3.2 Shutting down", END]) as port, to(port) as smtp:
        outcome = smtp.send(mail(), Gate())
    assert isinstance(outcome, Fault)
    assert outcome.verdict is Verdict.CLOSING


@pytest.mark.parametrize("reply", [b"what?", b"99 no", b"220 hello again"])
def test_nonsense_at_the_recipient_is_known_not_accepted(reply):
    with server([*HELLO, b"250 ok", reply, END]) as port, to(port) as smtp:
        outcome = smtp.send(mail(), Gate())
    assert isinstance(outcome, Later)
    assert outcome.verdict is Verdict.CLOSING


@pytest.mark.parametrize("reply", [b"what?", b"150 thinking", b"250" + b"x" * 9000, END])
def test_nonsense_after_the_dot_is_unknown(reply):
    with server([*HELLO, b"250 ok", b"250 ok", b"354 go on", reply, END]) as port, to(port) as smtp:
        assert isinstance(smtp.send(mail(), Gate()), Unknown)


def test_several_lines_are_one_reply():
    many = b"550-5.1.1 The account\r\n550 5.1.1 does not exist"
    with server([*HELLO, b"250 ok", many, b"250 reset", b"221 bye"]) as port, to(port) as smtp:
        outcome = smtp.send(mail(), Gate())
    assert (outcome.text, outcome.enhanced) == ("5.1.1 The account\n5.1.1 does not exist", "5.1.1")


def test_a_server_that_knows_helo_only():
    replies = [b"220 old", b"502 what is EHLO", b"250 old", *GOOD[2:]]
    with server(replies) as port, to(port) as smtp:
        assert isinstance(smtp.send(mail(), Gate()), Accepted)


def test_where_the_server_takes_several_commands_they_go_together_and_the_mail_does_not():
    together = [*MANY, LATER, LATER, b"250 ok\r\n250 ok\r\n354 go on", b"250 taken", b"221 bye"]
    with server(together) as port, to(port) as smtp:
        assert isinstance(smtp.send(mail(), Gate()), Accepted)


REFUSED = b"550 5.1.1 no"


@pytest.mark.parametrize(
    ("replies", "verdict"),
    [
        ([REFUSED, END], Verdict.SYSTEM),
        ([b"250 ok", REFUSED, REFUSED, b"250 reset", b"221 bye"], Verdict.ADDRESS),
        ([b"250 ok", b"250 ok", REFUSED, b"250 reset", b"221 bye"], Verdict.ADDRESS),
    ],
)
def test_commands_that_went_together_are_answered_in_their_order(replies, verdict):
    gate = Gate()
    with server([*MANY, *replies]) as port, to(port) as smtp:
        assert smtp.send(mail(), gate).verdict is verdict
    assert gate.asked == 0


def test_a_connection_goes_on_after_a_refusal_of_commands_that_went_together():
    refused = [b"250 ok", REFUSED, b"554 5.5.1 no valid recipients", b"250 reset"]
    with server([*MANY, *refused, *GOOD[2:]]) as port, to(port) as smtp:
        assert isinstance(smtp.send(mail(), Gate()), Rejected)
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)


def test_a_server_that_asks_for_a_mail_to_nobody_gets_neither_mail_nor_dot():
    with server([*MANY, b"250 ok", REFUSED, b"354 go on", END], GOOD) as port, to(port) as smtp:
        assert smtp.send(mail(), Gate()).verdict is Verdict.ADDRESS
        assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)


def test_a_connection_that_breaks_between_replies_is_known_not_accepted():
    with server([*MANY, b"250 ok", END]) as port, to(port) as smtp:
        assert isinstance(smtp.send(mail(), Gate()), Later)
