"""Replies as real servers word them, each with the verdict the table demands; alone, and over a real connection."""

import tomllib
from pathlib import Path

import pytest

from gecko.gateways.email import replies
from gecko.gateways.email.replies import Stage
from gecko.gateways.outcomes import Fault, Later, Rejected, Verdict

from .mails import Gate, mail, to

CORPUS = Path(__file__).parent / "corpus" / "replies"


def cases():
    for path in sorted(CORPUS.glob("*.toml")):
        for number, (stage, reply, verdict) in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["cases"]):
            yield pytest.param(stage, reply, verdict, id=f"{path.stem}-{number}-{reply[:12]}")


CASES = list(cases())


def split(reply):
    """(code, text) as a client reads them off the wire."""
    lines = reply.split("\n")
    return int(lines[0][:3]), "\n".join(line[4:].strip() for line in lines)


def test_the_corpus_is_large_and_has_every_verdict_but_the_one_for_silence():
    assert len(CASES) >= 200
    assert {case.values[2] for case in CASES} == {str(one) for one in Verdict if one is not Verdict.UNKNOWN}


@pytest.mark.parametrize(("stage", "reply", "verdict"), CASES)
def test_a_reply_means_what_the_table_says(stage, reply, verdict):
    assert replies.classify(Stage(stage), *split(reply)) == verdict


def test_every_reply_comes_to_the_same_over_a_connection(sink):
    """What smtplib makes of the wire, and what the transport makes of the verdict."""
    with to(sink.port) as smtp:
        for number, case in enumerate(CASES):
            stage, reply, verdict = case.values
            if stage == "connect":
                continue
            recipient, return_path = f"kunde{number}@example.dk", f"info{number}@klinik.dk"
            where = return_path if stage == "mail" else recipient
            getattr(sink.answers, stage)[where] = reply.replace("\n", "\r\n")
            outcome = smtp.send(mail(recipient, return_path=return_path), Gate())
            assert (outcome.verdict, outcome.code) == (verdict, split(reply)[0]), reply
            assert isinstance(outcome, kind(stage, reply, verdict)), reply
    assert sink.ledger.taken == []


def kind(stage, reply, verdict):
    if stage == "mail" or verdict == "system":
        return Fault
    return Later if reply[0] == "4" else Rejected


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.MAIL])
def test_before_the_recipient_is_named_no_address_is_to_blame(stage):
    for case in CASES:
        assert replies.classify(stage, *split(case.values[1])) in (Verdict.SYSTEM, Verdict.CLOSING)


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA, Stage.DOT, Stage.REPORT])
def test_policy_never_touches_an_address(stage):
    for detail in range(700):
        text = f"5.7.{detail} User unknown, mailbox not found, no such user here, over quota"
        assert replies.classify(stage, 550, text) is Verdict.POLICY


def test_megabytes_of_reply_keep_nobody_busy():
    """Looked through whole, this one would take hours."""
    assert replies.classify(Stage.DOT, 550, "a-" * 1_000_000) is Verdict.REFUSED
    assert replies.classify(Stage.DOT, 550, "user " * 1_000_000) is Verdict.REFUSED


@pytest.mark.parametrize("code", [400, 421, 450, 451, 452, 454, 499])
@pytest.mark.parametrize("text", ["4.1.1 User unknown", "User unknown", "No such user here", "5.1.1 User unknown"])
def test_nothing_temporary_fails_an_address(code, text):
    assert replies.classify(Stage.RCPT, code, text) in (Verdict.RETRY, Verdict.CLOSING)


def test_only_five_codes_fail_an_address_at_once():
    details = [f"{subject}.{number}" for subject in range(8) for number in range(20)]
    failing = {one for one in details if replies.classify(Stage.RCPT, 550, f"5.{one}") is Verdict.ADDRESS}
    assert failing == {"1.1", "1.2", "1.3", "1.6", "1.10"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.1.1 User unknown", "5.1.1"),
        ("#5.1.0 Address rejected", "5.1.0"),
        ("sorry, no mailbox here by that name (#5.1.1 - chkuser)", "5.1.1"),
        ("failure (anna@firma.dk:550 5.1.1 User unknown)", "5.1.1"),
        ("User unknown", ""),
        ("[203.0.113.7] is blocked", ""),
        ("5.1.1.1 is an address", ""),
        ("version 5.1.1 of the server", ""),
    ],
)
def test_enhanced_codes_are_found_where_servers_put_them(text, code):
    assert replies.enhanced_code(text) == code
