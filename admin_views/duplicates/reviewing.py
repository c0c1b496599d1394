"""The page of one case, and what a reviewer decides there."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext

from gecko.db import db, transaction
from gecko.errors import Conflict, GeckoError, Invalid, NotFound
from gecko.language import _
from gecko.models.customers import Customer
from gecko.models.duplicates import DuplicateDecision
from gecko.operations.duplicates import assigning, cases, deciding, locking, pace
from gecko.operations.merging import reading
from gecko.permissions import Permission

from ..grid.records import read_id
from ..guard import holds, message_of, require
from ..login import principal
from . import filtering, showing, words
from .filtering import Asked
from .posting import Posted


class Reviewing:
    """The pages of single cases."""

    @expose("/start")
    def start(self) -> Any:
        """The first case that the filters show."""
        filters = filtering.read(request.args)
        return go_on(cases.next(principal(), filters.domain), filters)

    @expose("/<int:case_id>")
    def case(self, case_id: int) -> Any:
        """One case; where it was decided meanwhile, the next."""
        shown, filters = cases.get(case_id, principal()), filtering.read(request.args)
        if not shown.is_open:
            flash(gettext("That case is decided already."), "info")
            return go_on(_following(case_id, filters), filters)
        return self._case_page(shown, filters, Posted.of_address(request.args))

    def _case_page(self, shown: cases.Shown, filters: Asked, posted: Posted) -> Any:
        is_part = request.headers.get("HX-Target") == "g-case"
        return self.render(  # type: ignore[attr-defined]
            "duplicates/side_by_side.html" if is_part else "duplicates/case.html",
            case=shown.case,
            view=showing.view(shown, filters, posted),
            filters=filters,
            progress=pace.of(principal().user_id, left=cases.count(principal(), filters.domain).number),
            is_mine=shown.case.assigned_to_id == principal().user_id,
            colleagues=() if is_part else assigning.colleagues(shown, principal()),
            last=deciding.last_of(principal().user_id) if holds(Permission.DUPLICATE_UNDO) else None,
            lanes=words.LANES,
            may_merge=holds(Permission.DUPLICATE_MERGE),
        )

    @expose("/<int:case_id>/decide", methods=("POST",))
    def decide(self, case_id: int) -> Any:
        """Merge, part or put off; then the next case."""
        filters, posted = filtering.read(request.args), Posted.of_form(request.form)
        act = _ACTS.get(request.form.get("decision", ""))
        if act is None:
            raise Invalid(gettext("Choose a decision."))
        if act is _merge:
            require(Permission.DUPLICATE_MERGE)
        behind = cases.next(principal(), filters.domain, after=case_id)
        try:
            with transaction():
                said = act(case_id, posted)
        except (Conflict, Invalid) as error:
            return self._as_it_stands(case_id, filters, posted, error)
        flash(said, "success")
        if act is not _put_off and cases.get(case_id, principal()).is_open:
            return go_on(case_id, filters)  # some were left out: they are next
        following = behind if behind is not None else cases.next(principal(), filters.domain)
        return go_on(following if following != case_id else None, filters)

    def _as_it_stands(self, case_id: int, filters: Asked, posted: Posted, error: GeckoError) -> Any:
        """Nothing was done: the case as it is now, with what was chosen; the next where nothing is left of it."""
        shown = cases.get(case_id, principal())
        flash(message_of(error) + " " + gettext("Nothing was done."), "warning")
        if not shown.is_open:
            return go_on(_following(case_id, filters), filters)
        return self._case_page(shown, filters, posted), 409 if isinstance(error, Conflict) else 422

    @expose("/undo", methods=("POST",))
    def undo(self) -> Any:
        """Take the named decision back, and show its case again."""
        require(Permission.DUPLICATE_UNDO)
        decision = db.session.get(DuplicateDecision, read_id(request.form.get("decision_id")) or 0)
        if decision is None:
            raise NotFound
        decision_id, merge_id, ends = decision.id, decision.merge_id, (decision.a_id, decision.b_id)
        with transaction():
            if merge_id is None:
                deciding.undo(decision_id, principal=principal())
            else:
                deciding.undo_merge(merge_id, principal=principal())
        flash(gettext("Taken back. The case is open again."), "success")
        again = [case_id for end in ends for case_id in cases.of_customer(end, principal())]
        return go_on(again[0] if again else None, filtering.read(request.args))


def _following(case_id: int, filters: Asked) -> int | None:
    """The case behind this one, else the first."""
    behind = cases.next(principal(), filters.domain, after=case_id)
    return behind if behind is not None else cases.next(principal(), filters.domain)


def go_on(case_id: int | None, filters: Asked) -> Any:
    """To a case, or to the queue where none is left."""
    if case_id is None:
        return redirect(url_for("duplicates.index", **filters.arguments()), 303)
    return redirect(url_for("duplicates.case", case_id=case_id, **filters.arguments()), 303)


def _merge(case_id: int, posted: Posted) -> str:
    locking.only_one()
    shown = cases.get(case_id, principal())
    ids = {customer.id for customer in shown.customers} & set(posted.members)
    survivor_id = posted.survivor
    if survivor_id is None or survivor_id not in ids or len(ids) < 2:
        raise Conflict
    if not reading.is_done(posted.key):
        _demand_undecided(shown, posted)
    merge = deciding.merge(
        survivor_id,
        sorted(ids - {survivor_id}),
        principal=principal(),
        look=posted.look,
        choices=posted.choices,
        answers=posted.answers,
        versions=posted.versions,
        idempotency_key=posted.key,
    )
    names = ", ".join(one.customer.name for one in merge.absorbed)
    return gettext("Merged: %(names)s into %(name)s.", names=names, name=merge.survivor.name)


def _demand_undecided(shown: cases.Shown, posted: Posted) -> None:
    """Raise Conflict where one of the pairs that the page showed was decided, or scored anew, meanwhile."""
    now_open = {pair.id: pair.evidence for pair in shown.open_pairs}
    if any(now_open.get(pair_id) != evidence for pair_id, evidence in posted.pairs.items()):
        raise Conflict(_("Somebody else has decided about these customers meanwhile."))


def _part(case_id: int, posted: Posted) -> str:
    shown = cases.get(case_id, principal())
    if any(posted.versions.get(person.id) != person.row_version for person in _shown_to(shown, posted)):
        raise Conflict
    deciding.different(list(posted.pairs), principal=principal(), look=posted.look, evidence=posted.pairs)
    return gettext("Remembered: they are different people.")


def _shown_to(shown: cases.Shown, posted: Posted) -> list[Customer]:
    return [person for person in shown.customers if person.id in posted.members]


def _put_off(case_id: int, posted: Posted) -> str:
    deciding.later(case_id, principal=principal())
    return gettext("Put off: the case comes again at the end.")


_ACTS = {"merge": _merge, "different": _part, "later": _put_off}
