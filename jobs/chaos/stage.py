"""Where a trial plays: an installation of its own, the other sides of the wire as processes, and a queue server."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from gecko.config import Config, Secrets
from gecko.db import db, transaction
from gecko.gateway_settings import GatewayApi, GatewaySettings, Security, Smtp
from gecko.operations import settings
from reports.benchmarks import bare, postgres

from .. import embedded
from .sms_fake import TOKEN
from .truth import Taken, read

ROOT = Path(__file__).parents[2]


@dataclass
class Side:
    """A server of the other side in a process of its own, at one port for as long as the trial lasts."""

    module: str
    ledger: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, at the port it had before."""
        self.process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", self.module, "--port", str(self.port), "--ledger", str(self.ledger)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        said = self.process.stdout.readline() if self.process.stdout else ""
        if not said.strip():
            raise RuntimeError(f"{self.module} did not start")
        self.port = int(said)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()


@dataclass
class Stage:
    """The installation and its surroundings."""

    app: Flask
    config: Config
    mail: Side
    texts: Side
    queue: subprocess.Popen[bytes] | None = None

    def taken(self) -> list[Taken]:
        """What really reached the other sides."""
        return [*read(self.mail.ledger), *read(self.texts.ledger)]

    def start_queue(self) -> None:
        """Start the queue server; it brings back what it kept on disk."""
        embedded.prepare(self.config)
        self.queue = subprocess.Popen(embedded.arguments(self.config), stdout=subprocess.DEVNULL)  # noqa: S603

    def kill_queue(self) -> None:
        """End the queue server as a power cut would."""
        if self.queue is not None:
            self.queue.send_signal(signal.SIGKILL)
            self.queue.wait()
            self.queue = None


@contextmanager
def stage(dialect: str) -> Iterator[Stage]:
    """An empty installation on SQLite or PostgreSQL whose ways out lead to this machine."""
    with tempfile.TemporaryDirectory(prefix="gecko-chaos-") as name:
        folder = Path(name)
        mail = Side("jobs.chaos.sink", folder / "mails.jsonl")
        texts = Side("jobs.chaos.sms_fake", folder / "texts.jsonl")
        try:
            mail.start()
            texts.start()
            if dialect == "postgresql":
                with postgres.database(os.environ.get("DATABASE_URL", "")) as url:
                    yield from _played(folder, url, mail, texts)
            else:
                yield from _played(folder, f"sqlite:///{folder / 'gecko.db'}", mail, texts)
        finally:
            mail.kill()
            texts.kill()


def _played(folder: Path, url: str, mail: Side, texts: Side) -> Iterator[Stage]:
    config = Config(
        instance=folder,
        database_url=url,
        redis_url=f"unix://{folder / 'queue.sock'}",
        embedded_queue=True,
        secure=False,
        gateways=GatewaySettings(
            email=Smtp("127.0.0.1", mail.port, Security.NONE),
            sms=GatewayApi("127.0.0.1", texts.port, TOKEN, encrypted=False),
        ),
    )
    app = bare.app(url)
    app.config["GECKO"] = config
    app.config["GECKO_SECRETS"] = Secrets(*(secrets.token_hex(32),) * 4)
    made = Stage(app, config, mail, texts)
    with app.app_context():
        bare.install()
        with transaction():
            settings.put("company.email", "trial@example.dk")
            settings.put("message.daily_cap", 1_000_000)
            settings.put("message.email_per_minute", 1_000_000)
            settings.put("message.sms_per_minute", 1_000_000)
        try:
            yield made
        finally:
            db.session.remove()
            db.engine.dispose()
            made.kill_queue()
