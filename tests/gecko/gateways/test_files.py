"""Trials: what would have been sent is read back as it was, and nothing is written without the fence's yes."""

import pytest

from gecko.config import Config, Secrets
from gecko.gateway_settings import GatewayApi, GatewaySettings, IntoFile, Security, Smtp
from gecko.gateways import opening
from gecko.gateways.email import Attachment
from gecko.gateways.email import file as email_file
from gecko.gateways.email.transport import SmtpTransport
from gecko.gateways.outcomes import Aborted, Accepted, Fault, Rejected, Unknown, Verdict
from gecko.gateways.sms import file as sms_file
from gecko.gateways.sms.gatewayapi import GatewayApiProvider

from .mails import Gate, mail, sms


def config(folder, **settings):
    return Config(folder, "sqlite://", "unix:///x", True, False, GatewaySettings(**settings))


@pytest.fixture
def trial(tmp_path):
    return config(tmp_path, email=IntoFile(), sms=IntoFile())


def test_texts_are_read_back_the_latest_first(trial):
    gateway = opening.sms(trial)
    outcomes = [gateway.send(sms(text=f"Tid {n} – æøå\nlinje", reference=f"r-{n}"), Gate()) for n in range(3)]
    assert all(isinstance(one, Accepted) for one in outcomes)
    assert len({one.reference for one in outcomes}) == 3
    found = sms_file.sent(trial.folder(opening.FOLDER), limit=2)
    assert [one.reference for one in found] == ["r-2", "r-1"]
    assert (found[0].text, found[0].sender, found[0].recipient) == ("Tid 2 – æøå\nlinje", "Klinikken", "+4520123456")
    (oldest,) = sms_file.sent(trial.folder(opening.FOLDER), before=found[-1].offset)
    assert oldest.reference == "r-0"


def test_mails_are_read_back_as_they_would_have_travelled(trial):
    gateway = opening.email(trial)
    attachment = Attachment("Prisliste.pdf", "application/pdf", b"%PDF")
    sent = mail(subject="Påmindelse", text="Kære Åse\n", html="<p>Kære Åse</p>", attachments=(attachment,))
    assert isinstance(gateway.send(sent, Gate()), Accepted)
    (found,) = email_file.sent(trial.folder(opening.FOLDER))
    assert (found.recipient, found.message_id) == ("anna@example.dk", "m-anna@klinik.dk")
    assert (found.subject, found.text, found.html.strip()) == ("Påmindelse", "Kære Åse\n", "<p>Kære Åse</p>")
    assert found.attachments == ("Prisliste.pdf",)


def test_no_means_nothing_is_written(trial):
    assert opening.sms(trial).send(sms(), Gate(False)) == Aborted()
    assert opening.email(trial).send(mail(), Gate(False)) == Aborted()
    assert sms_file.sent(trial.folder(opening.FOLDER)) == []
    assert email_file.sent(trial.folder(opening.FOLDER)) == []


def test_what_a_server_would_refuse_is_refused_in_a_trial_too(trial):
    gate = Gate()
    outcome = opening.email(trial).send(mail(subject="Hej\r\nBcc: eve@example.dk"), gate)
    assert isinstance(outcome, Rejected)
    assert outcome.verdict is Verdict.REFUSED
    assert gate.asked == 0


def test_a_file_that_cannot_be_written_is_unknown(tmp_path):
    """The line may be in the file or not: the same question as after a final dot."""
    assert isinstance(sms_file.FileProvider(tmp_path / "missing").send(sms(), Gate()), Unknown)
    assert isinstance(email_file.FileOutlet(tmp_path / "missing").send(mail(), Gate()), Unknown)


def test_where_nothing_is_set_everything_waits(tmp_path):
    bare = config(tmp_path)
    gate = Gate()
    for outcome in (opening.email(bare).send(mail(), gate), opening.sms(bare).send(sms(), gate)):
        assert isinstance(outcome, Fault)
        assert outcome.verdict is Verdict.SYSTEM
    assert gate.asked == 0


def test_settings_open_what_they_name(tmp_path):
    real = config(
        tmp_path, email=Smtp("mail.example.dk", 587, Security.STARTTLS), sms=GatewayApi("sms.example.dk", 443, "t")
    )
    assert isinstance(opening.email(real), SmtpTransport)
    assert isinstance(opening.sms(real), GatewayApiProvider)


def test_return_paths_are_signed_with_the_installations_key(tmp_path):
    keys = Secrets("a" * 64, "b" * 64, "c" * 64, "d" * 64, fallbacks=("e" * 64,))
    assert opening.return_paths(config(tmp_path), keys) is None
    paths = opening.return_paths(config(tmp_path, bounce_domain="bounces.klinik.dk"), keys)
    assert paths.read(paths.make(7)) == 7
    rotated = Secrets("f" * 64, "b" * 64, "c" * 64, "d" * 64, fallbacks=("a" * 64,))
    assert opening.return_paths(config(tmp_path, bounce_domain="bounces.klinik.dk"), rotated).read(paths.make(7)) == 7
