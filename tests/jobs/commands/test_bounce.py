"""`gecko bounce` as a mail server runs it: its exit codes decide whether the mail is kept."""

import os
import subprocess
import sys
from pathlib import Path

from gecko.config import load_secrets
from gecko.db import db, transaction
from gecko.gateways.email.return_paths import ReturnPaths
from gecko.models.messages import Message, MessageState
from tests import factories
from tests.gecko.operations.messaging.outbox import row

ROOT = Path(__file__).parents[3]
MAIL = (
    "From: MAILER-DAEMON@x.dk\nTo: {to}\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: "
    "message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
)


def pipe(instance, to, *arguments, url=None, domain="bounces.klinik.dk"):
    environment = os.environ | {
        "GECKO_INSTANCE": str(instance), "DATABASE_URL": url or f"sqlite:///{instance / 'gecko.db'}",
        "BOUNCE_DOMAIN": domain, "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "app", "bounce", *arguments], input=MAIL.replace("{to}", to) + "x" * 1_500_000,
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_is_piped_is_taken_or_kept_for_later(sqlite_app):
    instance = sqlite_app.config["GECKO"].instance
    message_id = factories.message(recipient="anna@example.dk", attachments=())
    with transaction() as session:
        session.get(Message, message_id).state = MessageState.SENT
    path = ReturnPaths((load_secrets(instance).secret_key,), "bounces.klinik.dk").make(message_id)
    db.session.rollback()

    away = pipe(instance, path, url="postgresql://nobody@127.0.0.1:1/nothing")
    assert (away.returncode, row(message_id).state) == (75, MessageState.SENT)
    unset = pipe(instance, path, domain="")
    assert (unset.returncode, unset.stderr) == (75, "BOUNCE_DOMAIN is not set.\n")
    forged = pipe(instance, "info@klinik.dk")
    assert (forged.returncode, "nothing is believed" in forged.stdout) == (0, True)
    assert row(message_id).state == MessageState.SENT
    taken = pipe(instance, "x@y.dk", "--to", path)
    assert (taken.returncode, taken.stdout) == (0, "the message failed\n")
    assert row(message_id).state == MessageState.FAILED
