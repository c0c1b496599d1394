"""Automatic settlement: which debtors have something to settle, how much, and settling those that are ticked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext, ngettext
from sqlalchemy import func, select
from wtforms import BooleanField, Form, StringField
from wtforms.validators import Length

from gecko.db import db, transaction
from gecko.errors import NotFound
from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.modules import Feature, Gate
from gecko.operations import automatic_settling, debtor_numbers, ledger, visibility
from gecko.operations.automatic_settling import Choice
from gecko.permissions import Permission
from jobs import queue, settling

from .base import PageView, principal
from .grid.records import read_id

PAGE = 100
AT_ONCE = 500
"""So many lines are settled while the page waits; more are a job."""


class ChoiceForm(Form):
    """Which debtors, and what of theirs."""

    low = StringField(_("Debtor no. from"), [Length(max=40)])
    high = StringField(_("Debtor no. to"), [Length(max=40)])
    zero = BooleanField(_("Only those who owe nothing in all"))
    equal = BooleanField(_("Only equal amounts"))

    def choice(self) -> Choice:
        """As the domain reads it."""
        return Choice(
            low=(self.low.data or "").strip(),
            high=(self.high.data or "").strip(),
            only_zero=bool(self.zero.data),
            only_equal=bool(self.equal.data),
        )

    def query(self) -> dict[str, str]:
        """For an address; empty choices are left out."""
        choice = self.choice()
        flags = {"zero": choice.only_zero, "equal": choice.only_equal}
        texts = {"low": choice.low, "high": choice.high}
        return {name: text for name, text in texts.items() if text} | {name: "1" for name, on in flags.items() if on}


@dataclass(frozen=True, slots=True)
class Line:
    """A debtor, what would be settled, in how many lines, and what they owe in all; amounts in øre."""

    debtor: Debtor
    amount_ore: int
    count: int
    outstanding_ore: int


class AutomaticSettlementView(PageView):
    """The preview reckons with the function that then settles; what was settled meanwhile is not settled again."""

    permission = Permission.DEBTOR_SETTLE
    slug = "settling"
    title = _("Automatic settlement")
    icon = "checks"
    gate = Gate((Feature.INVOICES,))

    @expose("/")
    def index(self) -> Any:
        """The choice, and once it is made the debtors it finds, a page at a time."""
        form = ChoiceForm(request.args)
        shows = request.args.get("show") == "1" and form.validate()
        choice = form.choice()
        total = db.session.scalar(select(func.count()).select_from(self._found(choice).subquery())) if shows else 0
        ids, next_cursor = self._ids(choice, request.args.get("after", "")[:40]) if shows else ([], None)
        return self.render(
            "debtors/automatic.html",
            form=form,
            shows=shows,
            lines=self._lines(ids, choice),
            total=total,
            next_url=url_for(".index", show=1, after=next_cursor, **form.query()) if next_cursor else None,
            settle_url=url_for(".settle", **form.query()),
            once=secrets.token_urlsafe(12),
        )

    def _found(self, choice: Choice) -> Any:
        return visibility.debtors(automatic_settling.candidates(choice), principal())

    def _ids(self, choice: Choice, after: str) -> tuple[list[int], str | None]:
        """One page of the debtors found, by number, and where the next one begins."""
        statement = self._found(choice).add_columns(Debtor.number).order_by(*debtor_numbers.order())
        if after:
            statement = statement.where(debtor_numbers.after(after))
        rows = db.session.execute(statement.limit(PAGE + 1)).all()
        return [row.id for row in rows[:PAGE]], rows[PAGE - 1].number if len(rows) > PAGE else None

    def _lines(self, ids: list[int], choice: Choice) -> list[Line]:
        if not ids:
            return []
        plans, owed = automatic_settling.planned(ids, choice), ledger.outstanding_many(ids)
        debtors = {row.id: row for row in db.session.scalars(select(Debtor).where(Debtor.id.in_(ids)))}
        return [
            Line(debtors[one], sum(match.amount_ore for match in plans[one]), len(plans[one]), owed[one])
            for one in ids
            if plans.get(one)
        ]

    @expose("/settle", methods=("POST",))
    def settle(self) -> Any:
        """Settle the debtors that are ticked, or all that the choice finds; more than a little becomes a job."""
        form = ChoiceForm(request.args)
        if not form.validate():
            return redirect(url_for(".index"), 303)
        choice = form.choice()
        is_all = request.form.get("all") == "1"
        ticked = {wanted for one in request.form.getlist("debtor") if (wanted := read_id(one))}
        if not is_all and not ticked:
            flash(gettext("Tick at least one debtor."), "info")
            return self._back(form)
        if is_all or len(ticked) > PAGE:
            return self._start(choice, None if is_all else sorted(ticked))
        ids = sorted(db.session.scalars(self._found(choice).where(Debtor.id.in_(ticked))))
        if sum(len(matches) for matches in automatic_settling.planned(ids, choice).values()) > AT_ONCE:
            return self._start(choice, ids)
        count = sum(self._settle(debtor_id, choice) for debtor_id in ids)
        if count:
            flash(ngettext("%(num)s debtor is settled.", "%(num)s debtors are settled.", count), "success")
        else:
            flash(gettext("There was nothing left to settle."), "info")
        return self._back(form)

    def _settle(self, debtor_id: int, choice: Choice) -> bool:
        """Settle all there is of a debtor; whether there was anything."""
        is_settled = False
        while True:
            try:
                with transaction():
                    made = automatic_settling.settle(debtor_id, choice)
            except NotFound:  # deleted meanwhile
                return is_settled
            if made is None:
                return is_settled
            is_settled = True

    def _start(self, choice: Choice, debtor_ids: list[int] | None) -> Any:
        with transaction():
            key = request.form.get("once") or secrets.token_urlsafe(12)
            run_id = settling.start(choice, debtor_ids, key=key[:40], user_id=principal().user_id)
        queue.wake(run_id)
        return redirect(url_for("jobs.show", run_id=run_id), 303)

    def _back(self, form: ChoiceForm) -> Any:
        return redirect(url_for(".index", show=1, **form.query()), 303)
