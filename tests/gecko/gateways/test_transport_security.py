"""Who is at the other end is verified, and nothing goes in the clear where it must not."""

import pytest

from gecko.gateway_settings import Security
from gecko.gateways.outcomes import Accepted, Fault, Verdict
from jobs.chaos.sink import Access, Sink

from . import certificates
from .mails import Gate, mail, to


@pytest.fixture
def ours(tmp_path):
    return certificates.make(tmp_path, "127.0.0.1")


@pytest.fixture
def strangers(tmp_path):
    folder = tmp_path / "stranger"
    folder.mkdir()
    return certificates.make(folder, "mail.example.dk")


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_an_encrypted_mail_arrives_after_logging_in(ours, security):
    ca_file, context = ours
    way = {"starttls": context} if security is Security.STARTTLS else {"tls": context}
    with Sink(access=Access(user="klinik", password="hem@meligt", **way)) as sink:
        with to(sink.port, security=security, user="klinik", password="hem@meligt", ca_file=ca_file) as smtp:
            assert isinstance(smtp.send(mail(), Gate()), Accepted)
            assert isinstance(smtp.send(mail("bo@example.dk"), Gate()), Accepted)
            assert smtp._smtp.sock.version().startswith("TLSv1.")
        assert len(sink.ledger.taken) == 2


def test_a_wrong_password_is_a_fault_of_the_system(ours):
    ca_file, context = ours
    with (
        Sink(access=Access(user="klinik", password="rigtig", starttls=context)) as sink,
        to(sink.port, security=Security.STARTTLS, user="klinik", password="forkert", ca_file=ca_file) as smtp,
    ):
        outcome = smtp.send(mail(), Gate())
    assert isinstance(outcome, Fault)
    assert (outcome.code, outcome.verdict) == (535, Verdict.SYSTEM)
    assert "forkert" not in outcome.text


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_an_authority_nobody_trusts_gets_nothing(ours, security):
    _ca_file, context = ours
    with (
        Sink(access=Access(**{str(security): context})) as sink,
        to(sink.port, security=security) as smtp,
    ):
        outcome = smtp.send(mail(), Gate())
    assert isinstance(outcome, Fault)
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.text
    assert sink.ledger.taken == []


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_for_another_name_gets_nothing(strangers, security):
    ca_file, context = strangers
    with (
        Sink(access=Access(**{str(security): context})) as sink,
        to(sink.port, security=security, ca_file=ca_file) as smtp,
    ):
        outcome = smtp.send(mail(), Gate())
    assert isinstance(outcome, Fault)
    assert "IP address mismatch" in outcome.text
    assert sink.ledger.taken == []


def test_a_server_without_starttls_gets_nothing(sink):
    """Somebody on the way may have cut the offer out: better nothing than in the clear."""
    with to(sink.port, security=Security.STARTTLS) as smtp:
        outcome = smtp.send(mail(), Gate())
    assert isinstance(outcome, Fault)
    assert "STARTTLS" in outcome.text
    assert sink.ledger.taken == []


def test_an_authority_file_that_is_not_there_is_a_fault(ours):
    _ca_file, context = ours
    with (
        Sink(access=Access(starttls=context)) as sink,
        to(sink.port, security=Security.STARTTLS, ca_file="/nowhere/ca.pem") as smtp,
    ):
        assert isinstance(smtp.send(mail(), Gate()), Fault)


def test_a_server_that_wants_a_log_in_takes_nothing_without(ours):
    ca_file, context = ours
    with (
        Sink(access=Access(user="klinik", password="rigtig", starttls=context)) as sink,
        to(sink.port, security=Security.STARTTLS, ca_file=ca_file) as smtp,
    ):
        outcome = smtp.send(mail(), Gate())
    assert isinstance(outcome, Fault)
    assert outcome.code == 530
