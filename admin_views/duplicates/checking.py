"""Who is like one customer, at once: what "Find duplicates" on the profile shows in place, and as a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext, ngettext
from sqlalchemy import BigInteger, Select, bindparam, case, select

from gecko.db import db, transaction
from gecko.errors import NotFound
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicatePair, PairState
from gecko.operations import customers, matching, visibility
from gecko.operations.duplicates import deciding, many, recording
from gecko.permissions import Permission

from ..grid.records import read_id
from ..guard import holds, require
from ..login import principal
from . import words

PART = "g-duplicates-part"
"""The element that shows the matches without the frame."""
_ME = bindparam("me", type_=BigInteger)
_DECIDED = (
    select(DuplicatePair.evidence)
    .where(
        DuplicatePair.a_id == case((Customer.id < _ME, Customer.id), else_=_ME),
        DuplicatePair.b_id == case((Customer.id < _ME, _ME), else_=Customer.id),
        DuplicatePair.state == PairState.DIFFERENT,
    )
    .correlate(Customer)
    .scalar_subquery()
)
"""The evidence on which somebody and the customer in question were called different people."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A customer who may be the same person, with the evidence."""

    id: int
    name: str
    facts: list[str]
    lane_label: Any
    lane_colour: str
    verdict: str
    probability: float
    household: float
    reasons: Sequence[Any]
    is_different: bool


class Checking:
    """The check of one customer."""

    @expose("/check/<int:customer_id>")
    def check(self, customer_id: int) -> Any:
        """Everybody who may be the same person, best first."""
        return self._checked(customer_id)

    @expose("/check/<int:customer_id>/compare", methods=("POST",))
    def compare(self, customer_id: int) -> Any:
        """Put the two side by side as a case of the queue."""
        require(Permission.DUPLICATE_MERGE)
        pair_id = _record(customer_id)
        case_id = db.session.scalar(select(DuplicatePair.case_id).where(DuplicatePair.id == pair_id))
        if case_id is None:
            raise NotFound
        return redirect(url_for(".case", case_id=case_id), 303)

    @expose("/check/<int:customer_id>/differ", methods=("POST",))
    def differ(self, customer_id: int) -> Any:
        """Remember that the two are different people."""
        pair_id = _record(customer_id)
        with transaction():
            deciding.different([pair_id], principal=principal())
        said = gettext("Remembered: they are different people.")
        if _is_part():
            return self._checked(customer_id, said)
        flash(said, "success")
        return redirect(url_for(".check", customer_id=customer_id), 303)

    def _checked(self, customer_id: int, said: str = "") -> Any:
        """The page; without its frame where the profile shows it in place. said: what was done just now."""
        found = matching.check_with_reasons(customer_id, groups=principal().groups)
        if found is None:
            raise NotFound
        if not found and _is_part():  # names nobody, so nobody is read
            return render_template("duplicates/found.html", is_part=True, matches=[], said=said or _counted([]))
        people = _people(customer_id, [_other(pair, customer_id) for pair, _reasons in found])
        customer = people.get(customer_id)
        if customer is None:  # deleted just now
            raise NotFound
        matches = [
            _likeness(people[other], pair, reasons)
            for pair, reasons in found
            if (other := _other(pair, customer_id)) in people
        ]
        values = {
            "customer": customer,
            "matches": matches,
            "said": said or _counted(matches),
            "may_merge": holds(Permission.DUPLICATE_MERGE),
        }
        if _is_part():
            return render_template("duplicates/found.html", is_part=True, **values)
        facts = " · ".join(words.facts(customer))
        return self.render("duplicates/check.html", facts=facts, **values)  # type: ignore[attr-defined]


def _is_part() -> bool:
    return request.headers.get("HX-Target") == PART


def _counted(matches: Sequence[Likeness]) -> str:
    """What stands above the matches, and is read out when they arrive."""
    if not matches:
        return gettext("Nobody is enough like this customer.")
    return ngettext("%(num)d customer is alike", "%(num)d customers are alike", len(matches))


def _people(customer_id: int, others: Iterable[int]) -> dict[int, Any]:
    """The customer and those of the others whom the user may see, with what tells them apart."""
    connection = db.session.connection()
    statement = visibility.customers(_people_statement(connection.dialect.name), principal())
    rows = connection.execute(statement, {"me": customer_id, "ids": many.listed([customer_id, *others])})
    return {row.id: row for row in rows}


@cache
def _people_statement(dialect: str) -> Select[Any]:
    columns = [getattr(Customer, name) for name in ("id", "name", *words.FACTS)]
    statement = select(*columns, _DECIDED.label("decided"))
    return statement.where(many.named(Customer.id, "ids", dialect), Customer.deleted_at.is_(None))


def _likeness(person: Any, pair: matching.Found, reasons: Sequence[matching.Reason]) -> Likeness:
    label, colour, _help = words.LANES[pair.lane]
    return Likeness(
        id=person.id,
        name=person.name,
        facts=words.facts(person),
        lane_label=label,
        lane_colour=colour,
        verdict=words.sentence(pair.lane),
        probability=pair.probability,
        household=pair.household,
        reasons=reasons,
        is_different=person.decided == pair.evidence,
    )


def _other(pair: Any, customer_id: int) -> int:
    return pair.b_id if pair.a_id == customer_id else pair.a_id


def _record(customer_id: int) -> int:
    """Store the pair that the form names, as it scores now; returns its id."""
    other_id = read_id(request.form.get("other"))
    if other_id is None:
        abort(404)
    for one in (customer_id, other_id):
        customers.find(one, principal())
    alike = matching.check(customer_id, groups=principal().groups)
    found = [pair for pair in alike if _other(pair, customer_id) == other_id]
    if not found:
        raise NotFound
    with transaction():
        recording.record(found)
    return db.session.scalars(
        select(DuplicatePair.id).where(DuplicatePair.a_id == found[0].a_id, DuplicatePair.b_id == found[0].b_id)
    ).one()
