"""Servers that hardly speak SMTP, line by line on a plain socket."""

import socket
import threading
from contextlib import contextmanager

import pytest

from gecko.gateways.outcomes import Accepted, Fault, Later, Unknown, Verdict

from .mails import Gate, mail, to

HELLO = [b"220 odd", b"250 odd"]
END = "end"


@contextmanager
def server(*connections):
    """Each connection is a list of replies: one to greet, then one a command or mail; END hangs up."""
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
