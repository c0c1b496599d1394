"""The demo's payment reminders and statements of account: firms that were reminded twice, and what waits to be sent."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from ... import actor
from ...clock import from_local
from ...db import db, transaction
from ...models.debtors import Debtor, DebtorGroup
from ...models.dunning import Dunning, DunningRun, ParkedClaim
from ...models.jobs import JobRun, JobState
from ...models.postings import DebtorPosting
from ...models.settlements import OpenPosting
from ...permissions import Principal
from .. import settings, statements
from ..dunning import papers as letters
from ..dunning import planning, rates, running, sending
from ..statements import Form, Wanted
from . import moments
from .draw import ANCHOR, Dice
from .papers import Papers, sent
from .staff import ACCOUNTS

SEED_OF_REMINDERS = 20_261_126
FIRMS, PUBLIC = "Virksomheder", "Offentlige"
_RUNS = ((1, 42, FIRMS, True), (2, 21, FIRMS, True), (1, 1, PUBLIC, False))
"""Stage, days before the demo's last day, whom, and whether the letters went out."""
_RATES = (
    (date(2024, 7, 1), 350), (date(2025, 1, 1), 275), (date(2025, 7, 1), 175), (date(2026, 1, 1), 175),
    (date(2026, 7, 1), 175),
)  # fmt: skip
"""As a clinic would have entered them; the newest are made up like everything else here."""
_DISPUTE = "Kunden mener, at behandlingen blev aflyst i tide. Afventer svar fra behandleren."
_KIND = "statements.send"
"""The job that sends them, as the page knows it."""


def build(staff: dict[str, int], papers: Papers) -> None:
    """Choose the rules, remind in three runs, and send statements, all as the accountant."""
    dice, user_id = Dice(SEED_OF_REMINDERS), staff["accountant"]
    name = next(name for username, name, _role in ACCOUNTS if username == "accountant")
    who = Principal(user_id, None, "accountant", name)
    with actor.acting_as(actor.Actor(user_id=user_id, name=name)), transaction():
        _rules()
        _except(user_id)
        for stage, days, group, is_sent in _RUNS:
            _remind(dice, planning.Terms(stage, ANCHOR - timedelta(days=days), group_id=_group(group)), who, papers,
                    is_sent=is_sent)  # fmt: skip
        _send_statements(dice, who, papers)


def _rules() -> None:
    """Interest and compensation are asked for, at rates that are known."""
    settings.put("dunning.has_interest", True)
    settings.put("dunning.has_compensation", True)
    for day, rate in _RATES:
        rates.create({"starts_on": day, "rate_bp": rate})


def _group(name: str) -> int:
    return db.session.scalars(select(DebtorGroup.id).where(DebtorGroup.name == name)).one()


def _except(user_id: int) -> None:
    """Of the firms that owe most, one is never reminded, and one disputes its newest invoice."""
    owing = db.session.execute(
        select(OpenPosting.debtor_id, OpenPosting.posting_id)
        .join(Debtor, Debtor.id == OpenPosting.debtor_id)
        .join(DebtorPosting, DebtorPosting.id == OpenPosting.posting_id)
        .where(
            Debtor.group_id == _group(FIRMS), OpenPosting.remaining_ore > 0, DebtorPosting.document_id.is_not(None),
            OpenPosting.falls_on < ANCHOR,
        )
        .order_by(OpenPosting.posting_id.desc())
    ).all()  # fmt: skip
    newest = dict(reversed([(row.debtor_id, row.posting_id) for row in owing]))
    if len(newest) < 2:  # a demo so small that hardly anybody owes anything
        return
    blocked, disputing = sorted(newest)[:2]
    db.session.get_one(Debtor, blocked).reminder_block = True
    since = ANCHOR - timedelta(days=9)
    db.session.add(
        ParkedClaim(
            posting_id=newest[disputing],
            reason=_DISPUTE,
            from_on=since,
            created_at=from_local(datetime.combine(since, time(13, 20))),
            created_by_id=user_id,
        )
    )
    db.session.flush()


def _remind(dice: Dice, terms: planning.Terms, who: Principal, papers: Papers, *, is_sent: bool) -> None:
    """A run of all that there is to remind of, its letters, and their way out."""
    moment = from_local(datetime.combine(terms.to_date, time(10, 15)))
    found = planning.plans(terms, planning.candidates(terms, who))
    chosen = [plan.debtor.id for plan in found if plan.goes]
    with moments.at(moment):
        run = DunningRun(
            stage=terms.stage,
            to_date=terms.to_date,
            criteria={"group_id": terms.group_id},
            debtor_ids=chosen,
            idempotency_key=f"demo:{terms.to_date}",
            created_by_id=who.user_id,
        )
        db.session.add(run)
        db.session.flush()
        for debtor_id in chosen:
            dunning = running.write(run, debtor_id)
            if dunning is not None:
                letters.keep(dunning.id, papers.reminder(dunning))
                if is_sent:
                    _send(dice, dunning, moment + timedelta(minutes=20), who.user_id)


def _send(dice: Dice, dunning: Dunning, at: datetime, user_id: int) -> None:
    """By e-mail where there is an address, else on paper."""
    if dunning.debtor.email:
        dunning.message_id = sent(dice, sending.draft(dunning), at, user_id).id
    else:
        dunning.printed_at = at


def _send_statements(dice: Dice, who: Principal, papers: Papers) -> None:
    """Everybody of the public bodies who owed something at the end of the last month, by a job that is over."""
    day, group_id = (ANCHOR.replace(day=1) - timedelta(days=1)), _group(PUBLIC)
    moment = from_local(datetime.combine(ANCHOR.replace(day=3), time(9, 40)))
    wanted = Wanted(Form.ACTIVITY, day.replace(month=1, day=1), day)
    debtors = statements.candidates(day, who, group_id=group_id)
    run = JobRun(
        kind=_KIND,
        key="demo",
        parameters={"form": wanted.form.value, "since": wanted.since.isoformat(), "to": wanted.to.isoformat(),
                    "first_no": "", "last_no": "", "group_id": group_id},
        state=JobState.DONE,
        done=len(debtors),
        total=len(debtors),
        result={"statements": len(debtors)},
        attempt=1,
        created_at=moment,
        started_at=moment,
        finished_at=moment + timedelta(seconds=4),
        created_by_id=who.user_id,
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    for debtor_id in debtors:
        debtor = db.session.get_one(Debtor, debtor_id)
        draft = statements.draft(debtor, str(run.id), *papers.statement(statements.of(debtor, wanted)))
        statements.note(sent(dice, draft, moment, who.user_id).id, debtor_id, str(run.id))
