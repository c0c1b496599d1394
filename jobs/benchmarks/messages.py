"""`gecko bench messages`: how fast messages are written and sent, beside a bare smtplib loop at the same server."""

from __future__ import annotations

import json
import platform
import resource
import smtplib
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import click
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.messages import Message, MessageChannel, MessageKind, MessageState
from gecko.operations.messaging import enqueuing

from .. import processes, queue
from ..chaos.messages import prepare
from ..chaos.stage import Stage, stage
from ..messages import draining

RINGS = 50


@click.command("messages")
@click.option("--messages", default=10_000, show_default=True, type=click.IntRange(min=1))
@click.option("--senders", default=4, show_default=True, type=click.IntRange(min=1))
@click.option("--db", "dialect", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def messages(messages: int, senders: int, dialect: str, as_json: bool) -> None:
    """Write messages to as many customers and send them with several senders; then the same with smtplib alone.

    The mail server is a real one (aiosmtpd) on this machine, one process for all; a PostgreSQL of its own waits for the
    disk as it does by default. The peer is one smtplib loop over one connection that writes nothing down. Also: what a
    request pays for the bell while no queue server answers.
    """
    prepare()
    found: dict[str, Any] = {"benchmark": "messages", "db": dialect, "python": platform.python_version()}
    with stage(dialect) as made:
        found |= {"messages": messages, "senders": senders, **_run(made, messages, senders)}
    click.echo(json.dumps(found) if as_json else "\n".join(f"{key}: {value}" for key, value in found.items()))
    if found["sent"] != messages or found["arrived"] != messages:
        raise SystemExit(1)


def _run(made: Stage, count: int, senders: int) -> dict[str, Any]:
    people = _people(count)
    writing = _seconds(lambda: _write(people))
    bare, bare_cpu = _measured(lambda: _bare(made.mail.port, count))
    before = len(made.mail.ledger.read_bytes().splitlines())
    sending, sending_cpu = _measured(lambda: _send(senders))
    sent = db.session.scalar(select(func.count()).where(Message.state == MessageState.SENT))
    return {
        "enqueue_seconds": round(writing, 2),
        "mails_per_second": round(count / sending, 1),
        "smtplib_per_second": round(count / bare, 1),
        "ratio": round(bare / sending, 3),
        "sender_cpu_ms": round(1000 * sending_cpu / count, 2),
        "smtplib_cpu_ms": round(1000 * bare_cpu / count, 2),
        "sent": sent,
        "arrived": len(made.mail.ledger.read_bytes().splitlines()) - before,
        "bell_without_queue_ms": round(1000 * _seconds(_ring) / RINGS, 2),
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of processor in this process and in those it ended; not in mail server or database."""
    before = _processor()
    return _seconds(work), _processor() - before


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _people(count: int) -> list[int]:
    with transaction() as session:
        group_id = session.scalars(select(CustomerGroup.id).where(CustomerGroup.is_primary)).one()
        people = [Customer(group_id=group_id, name=f"Kunde {n}", email=f"{n}@example.dk") for n in range(count)]
        session.add_all(people)
        session.flush()
        return [one.id for one in people]


def _write(people: list[int]) -> None:
    with transaction():
        enqueuing.enqueue_all(
            enqueuing.Draft(
                channel=MessageChannel.EMAIL,
                kind=MessageKind.MANUAL,
                dedupe_key=f"bench:{customer_id}",
                customer_id=customer_id,
                subject="Din tid hos os",
                body=_TEXT,
            )
            for customer_id in people
        )


_TEXT = "Hej\n\nVi minder om din tid på tirsdag kl. 10.15. Meld afbud senest dagen før.\n\nVenlig hilsen\nKlinikken\n"


def _send(senders: int) -> None:
    db.session.remove()
    db.engine.dispose()
    children = [processes.spawn(_drain) for _sender in range(senders)]
    while children:
        children = [pid for pid in children if not processes.reaped(pid)]
        time.sleep(0.01)


def _drain() -> None:
    while draining.drain_all():
        pass


def _bare(port: int, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(count):
            mail = EmailMessage(policy=SMTP)
            mail["From"], mail["To"], mail["Subject"] = "trial@example.dk", f"{number}@example.dk", "Din tid hos os"
            mail["Message-ID"] = f"<bare-{number}@example.dk>"
            mail.set_content(_TEXT)
            server.send_message(mail)


def _ring() -> None:
    for _ring in range(RINGS):
        queue.wake_senders()
