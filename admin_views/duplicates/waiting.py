"""The queue of cases and the history of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicateCase, DuplicateMember, DuplicatePair, PairState
from gecko.operations.duplicates import assigning, history, pace, queue, speaking
from gecko.operations.matching import explaining
from gecko.permissions import Permission

from ..grid.records import read_id
from ..guard import holds, return_url
from ..login import principal
from ..shell import address
from . import filtering, words

SIZE = 50
MOST_REASONS = 3
_BITS = {"email": "email", "mobile": "phone", "birth_date": "birth_date", "address": "address", "name": "name"}
_ORDER = list(_BITS)


@dataclass(frozen=True, slots=True)
class Line:
    """One case of the list."""

    case: DuplicateCase
    people: Sequence[Customer]
    household: float
    reasons: Sequence[Any]


class Waiting:
    """The list of cases, whose they are, and what was decided."""

    @expose("/")
    def index(self) -> Any:
        """The cases of a lane that the filters show."""
        filters = filtering.read(request.args)
        boxes, counts = filtering.boxes(filters), queue.counts(principal())
        ids = queue.page(principal(), filters.domain, after=read_id(request.args.get("after")), size=SIZE + 1)
        left = queue.count(principal(), filters.domain).number
        return self.render(  # type: ignore[attr-defined]
            "duplicates/queue.html",
            cases=lines(ids[:SIZE]),
            older=ids[SIZE - 1] if len(ids) > SIZE else None,
            filters=filters,
            boxes=boxes,
            chips=filtering.chips(filters, boxes),
            counts=counts,
            total=sum(count.number for count in counts.values()),
            lanes=words.LANES,
            progress=pace.of(principal().user_id, left=left),
            me=principal().user_id,
            scan_url=address("duplicate_scans.index") if holds(Permission.DUPLICATE_BATCH) else None,
            may_batch=holds((Permission.DUPLICATE_BATCH, Permission.DUPLICATE_MERGE)),
        )

    @expose("/<int:case_id>/take", methods=("POST",))
    def take(self, case_id: int) -> Any:
        """Make a case one's own."""
        with transaction():
            assigning.assign(
                case_id, principal().user_id, principal=principal(), seen=read_id(request.form.get("seen"))
            )
        flash(gettext("The case is yours."), "success")
        return redirect(_back(case_id), 303)

    @expose("/<int:case_id>/give", methods=("POST",))
    def give(self, case_id: int) -> Any:
        """Free a case, or hand it to a colleague."""
        to = read_id(request.form.get("to"))
        with transaction():
            assigning.assign(case_id, to, principal=principal(), seen=read_id(request.form.get("seen")))
        flash(gettext("The case is free.") if to is None else gettext("The case is handed on."), "success")
        return redirect(_back(case_id), 303)

    @expose("/history")
    def history(self) -> Any:
        """Every decision, newest first."""
        mine = request.args.get("mine") == "1"
        page = history.page(principal(), mine=mine, before=read_id(request.args.get("before")))
        return self.render(  # type: ignore[attr-defined]
            "duplicates/history.html",
            lines=page.lines,
            older=page.older,
            mine=mine,
            lanes=words.LANES,
            verdicts=words.VERDICTS,
            may_undo=holds(Permission.DUPLICATE_UNDO),
        )


def _back(case_id: int) -> str:
    filters = filtering.read(request.args)
    return return_url(url_for("duplicates.case", case_id=case_id, **filters.arguments()))


def lines(case_ids: Sequence[int]) -> list[Line]:
    """Cases as the list shows them, in the order of their ids."""
    statement = select(DuplicateCase).where(DuplicateCase.id.in_(case_ids))
    statement = statement.options(joinedload(DuplicateCase.assigned_to))
    found = {case.id: case for case in db.session.scalars(statement)}
    people, pairs = _people(case_ids), _strongest(case_ids)
    return [
        _line(found[case_id], people.get(case_id, []), pairs.get(case_id)) for case_id in case_ids if case_id in found
    ]


def _people(case_ids: Sequence[int]) -> dict[int, list[Customer]]:
    statement = (
        select(DuplicateMember.case_id, Customer)
        .join(Customer, Customer.id == DuplicateMember.customer_id)
        .where(DuplicateMember.case_id.in_(case_ids))
        .order_by(Customer.id)
    )
    found: dict[int, list[Customer]] = {}
    for case_id, customer in db.session.execute(statement):
        found.setdefault(case_id, []).append(customer)
    return found


def _strongest(case_ids: Sequence[int]) -> dict[int, DuplicatePair]:
    statement = select(DuplicatePair).where(DuplicatePair.case_id.in_(case_ids), DuplicatePair.state == PairState.OPEN)
    return {pair.case_id: pair for pair in db.session.scalars(statement.order_by(DuplicatePair.score)) if pair.case_id}


def _speaking_for(levels: str) -> list[Any]:
    """What speaks for one person, in words; what usually tells most comes first."""
    bits = speaking.bits([levels])
    found = [
        (_ORDER.index(field), text) for field, text in explaining.words(levels) if bits & speaking.bit(_BITS[field])
    ]
    return [text for _place, text in sorted(found, key=lambda one: one[0])]


def _line(case: DuplicateCase, people: Sequence[Customer], pair: DuplicatePair | None) -> Line:
    reasons = _speaking_for(pair.levels)[:MOST_REASONS] if pair else []
    return Line(case, people, pair.household if pair else 0.0, reasons)
