"""Making reminders: the run first, then one debtor at a time, each in a transaction and under the debtor's lock.

What was previewed is worked out anew under the lock, so that a payment that came meanwhile counts, and a run that is
made twice, or at the same time by two, reminds nobody twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from ... import actor
from ...db import db
from ...models.debtors import Debtor
from ...models.dunning import SERIES, Dunning, DunningLine, DunningRun
from ...models.postings import DebtorPosting, PostingKind
from ...permissions import Principal
from .. import invoicing, ledger, numbering, visibility
from . import paying, planning, wording
from .planning import Plan, Terms

_CHARGE_TEXTS = {
    "da": {"fee": "Rykkergebyr", "interest": "Rente", "compensation": "Kompensation", "of": "rykker {number}"},
    "en": {"fee": "Reminder fee", "interest": "Interest", "compensation": "Compensation", "of": "reminder {number}"},
}


def create(terms: Terms, debtor_ids: Iterable[int], *, key: str) -> DunningRun:
    """The run of these debtors; the one that stands where the same form was sent before."""
    known = db.session.scalars(select(DunningRun).where(DunningRun.idempotency_key == key)).one_or_none()
    if known is not None:
        return known
    wanted = terms.checked()
    run = DunningRun(
        stage=wanted.stage,
        to_date=wanted.to_date,
        criteria={name: value for name, value in asdict(wanted).items() if name not in ("stage", "to_date") and value},
        debtor_ids=list(debtor_ids),
        idempotency_key=key,
        created_by_id=actor.current().user_id,
    )
    db.session.add(run)
    db.session.flush()
    return run


def write(run: DunningRun, debtor_id: int) -> Dunning | None:
    """Remind one debtor of the run: number, postings and lines. None where there is nothing to remind of any more."""
    ledger.lock_debtor(debtor_id)
    if db.session.scalar(select(Dunning.id).where(Dunning.run_id == run.id, Dunning.debtor_id == debtor_id)):
        return None
    for plan in planning.plans(Terms(run.stage, run.to_date), [debtor_id]):
        if plan.goes:
            return _write(run, plan)
    return None


def waiting(run: DunningRun, who: Principal | None = None) -> list[int]:
    """Debtors of the run who have no reminder of it: they come next, or there is nothing to remind them of.

    Only those that `who` may see, where given: whoever goes on with another's run reminds nobody else.
    """
    done = set(db.session.scalars(select(Dunning.debtor_id).where(Dunning.run_id == run.id)))
    left = [debtor_id for debtor_id in run.debtor_ids if debtor_id not in done]
    if not left or who is None or who.groups is None:
        return left
    seen = set(db.session.scalars(visibility.debtors(select(Debtor.id), who)))
    return [debtor_id for debtor_id in left if debtor_id in seen]


def _write(run: DunningRun, plan: Plan) -> Dunning:
    number = numbering.draw(SERIES)
    charges = _post(run, plan, number)
    dunning = Dunning(
        run_id=run.id,
        debtor_id=plan.debtor.id,
        number=number,
        stage=run.stage,
        created_on=run.to_date,
        due_on=plan.due_on,
        language=plan.debtor.language,
        buyer=invoicing.buyer_snapshot(plan.debtor),
        seller=invoicing.seller_snapshot(),
        wording=_wording(run, plan, number),
        claims_ore=plan.claims_ore,
        earlier_ore=plan.earlier_ore,
        fee_ore=plan.fee_ore,
        interest_ore=plan.interest_ore,
        compensation_ore=plan.compensation_ore,
        total_ore=plan.total_ore,
        created_by_id=actor.current().user_id,
        lines=_lines(plan),
        **{f"{name}_posting_id": posting.id for name, posting in charges.items()},
    )
    db.session.add(dunning)
    db.session.flush()
    return dunning


def _post(run: DunningRun, plan: Plan, number: int) -> dict[str, DebtorPosting]:
    """The postings of what the reminder adds; nothing is posted where it adds nothing."""
    words, made = _CHARGE_TEXTS[plan.debtor.language], {}
    for name, kind, ore in (
        ("fee", PostingKind.REMINDER_FEE, plan.fee_ore),
        ("interest", PostingKind.INTEREST, plan.interest_ore),
        ("compensation", PostingKind.COMPENSATION, plan.compensation_ore),
    ):
        if ore:
            text = f"{words[name]}, {words['of'].format(number=number)}"
            made[name] = ledger.post(
                plan.debtor.id, kind, ore, posted_on=run.to_date, due_on=max(plan.due_on, run.to_date), text=text
            )
    return made


def _wording(run: DunningRun, plan: Plan, number: int) -> dict[str, Any]:
    language = plan.debtor.language
    facts = wording.Facts(plan.debtor.display_name, number, run.stage, run.to_date, plan.due_on, plan.total_ore)
    return {
        "heading": wording.heading(run.stage, language),
        "text": wording.filled(wording.text(run.stage, language), facts, language),
        "payment": paying.how(invoicing.seller_snapshot(), number, [one.debit.posting_id for one in plan.claims]),
    }


def _lines(plan: Plan) -> Sequence[DunningLine]:
    claimed = [
        DunningLine(
            is_claim=True,
            interest_ore=one.charge.ore if one.charge else 0,
            interest_from=one.charge.start if one.charge else None,
            interest_until=one.charge.end if one.charge else None,
            compensation_ore=one.compensation_ore,
            **_of_posting(one.debit),
        )
        for one in plan.claims
    ]
    listed = [DunningLine(is_claim=False, **_of_posting(debit)) for debit in plan.earlier]
    for position, line in enumerate([*claimed, *listed], start=1):
        line.position = position
    return [*claimed, *listed]


def _of_posting(debit: Any) -> dict[str, Any]:
    return {name: getattr(debit, name) for name in ("posting_id", "text", "posted_on", "due_on", "remaining_ore")}
