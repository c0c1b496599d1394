"""The other sides' ledgers are the truth: complete even when their process is killed at any moment."""

import os
import signal
import smtplib
import subprocess
import sys
from contextlib import contextmanager

from gecko.gateway_settings import GatewayApi, Security, Smtp
from gecko.gateways.email.transport import SmtpTransport
from gecko.gateways.outcomes import Accepted, Later, Unknown
from gecko.gateways.sms.gatewayapi import GatewayApiProvider
from jobs.chaos import sink, sms_fake, truth
from tests.gecko.gateways.mails import Gate, mail, sms


@contextmanager
def process(module, ledger, *options):
    """A server as a process of its own; yields it with its port."""
    command = [sys.executable, "-m", f"jobs.chaos.{module}", "--ledger", str(ledger), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": "."}) as server:
        try:
            yield server, int(server.stdout.readline())
        finally:
            server.kill()


def test_a_killed_mail_server_has_noted_every_mail_it_said_yes_to(tmp_path):
    ledger = tmp_path / "mails.jsonl"
    with process("sink", ledger) as (server, port), SmtpTransport(Smtp("127.0.0.1", port, Security.NONE)) as smtp:
        for number in range(20):
            assert isinstance(smtp.send(mail(f"k{number}@example.dk"), Gate()), Accepted)
        server.send_signal(signal.SIGKILL)
        server.wait()
    assert [one.reference for one in truth.read(ledger)] == [f"m-k{number}" for number in range(20)]


def test_a_killed_gateway_has_noted_every_text_it_said_yes_to(tmp_path):
    ledger = tmp_path / "texts.jsonl"
    with process("sms_fake", ledger) as (server, port):
        gateway = GatewayApiProvider(GatewayApi("127.0.0.1", port, sms_fake.TOKEN, encrypted=False))
        for number in range(20):
            assert isinstance(gateway.send(sms(reference=f"r-{number}"), Gate()), Accepted)
        server.send_signal(signal.SIGKILL)
        server.wait()
        gateway.close()
    assert [one.reference for one in truth.read(ledger)] == [f"r-{number}" for number in range(20)]


def test_a_gateway_is_told_how_to_misbehave_on_the_command_line(tmp_path):
    ledger = tmp_path / "texts.jsonl"
    with process("sms_fake", ledger, "--mode", "500 after") as (server, port):
        gateway = GatewayApiProvider(GatewayApi("127.0.0.1", port, sms_fake.TOKEN, encrypted=False))
        assert isinstance(gateway.send(sms(), Gate()), Unknown)
        gateway.close()
        server.terminate()
        assert server.wait(timeout=20) == 0
    assert len(truth.read(ledger)) == 1


def test_a_mail_server_ends_when_asked(tmp_path):
    with process("sink", tmp_path / "mails.jsonl") as (server, _port):
        server.terminate()
        assert server.wait(timeout=20) == 0
    assert truth.read(tmp_path / "mails.jsonl") == []


def test_a_mail_counts_from_its_final_dot_on():
    with sink.Sink() as server:
        client = smtplib.SMTP("127.0.0.1", server.port)
        client.ehlo()
        client.mail("a@klinik.dk")
        client.rcpt("b@example.dk")
        client.docmd("DATA")
        client.send(b"Message-ID: <m-1@klinik.dk>\r\n\r\nHej\r\n")
        assert server.ledger.taken == []
        client.send(b".\r\n")
        assert client.getreply()[0] == 250
        assert server.ledger.references() == ["m-1"]
        client.quit()


def test_a_ledger_counts_what_came_twice_twice(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledger = truth.Ledger(path)
    taken = truth.Taken("anna@example.dk", "m-1", "b@klinik.dk", "Subject: æøå\r\n\r\n")
    ledger.note(taken)
    ledger.note(taken)
    assert ledger.references() == ["m-1", "m-1"]
    assert truth.read(path) == [taken, taken]


def test_a_mode_for_one_number_leaves_the_others():
    with sms_fake.SmsFake() as fake:
        fake.modes["4520123456"] = sms_fake.Mode.TOO_MANY
        gateway = GatewayApiProvider(GatewayApi("127.0.0.1", fake.port, sms_fake.TOKEN, encrypted=False))
        assert isinstance(gateway.send(sms(), Gate()), Later)
        assert isinstance(gateway.send(sms("+4520123457", reference="r-2"), Gate()), Accepted)
        gateway.close()
    assert fake.ledger.references() == ["r-2"]
