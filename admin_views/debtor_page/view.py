"""A debtor's postings: what is open, to be settled, written off or paid out; what was settled, to be undone."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext

from gecko.db import transaction
from gecko.errors import GeckoError, Invalid, NotFound
from gecko.language import _
from gecko.models.debtors import Debtor
from gecko.models.settlements import Settlement
from gecko.operations import closing_out, ledger, posting_words, prepayments, settling
from gecko.permissions import Permission

from ..guard import holds, message_of, require
from . import open_items, settled
from .one_debtor import OneDebtorView
from .settling_form import SettlingForm

_KEPT = ("open", "settled", "types", "owed_after", "paid_after", "before")


@dataclass(frozen=True, slots=True)
class Switches:
    """What the page shows. is_typed: with how each payment was made."""

    is_open: bool = True
    is_settled: bool = False
    is_typed: bool = False

    @classmethod
    def read(cls) -> Switches:
        """As the address says."""
        return cls(
            request.args.get("open") != "0", request.args.get("settled") == "1", request.args.get("types") == "1"
        )

    def query(self) -> dict[str, str]:
        """For an address; what is as usual is left out."""
        chosen = {"open": "" if self.is_open else "0", "settled": "1" if self.is_settled else "",
                  "types": "1" if self.is_typed else ""}  # fmt: skip
        return {name: value for name, value in chosen.items() if value}


class DebtorAccountView(OneDebtorView):
    """The open and settled postings of one debtor."""

    slug = "debtor_account"
    title = _("Postings")

    def __init__(self) -> None:
        super().__init__(url="/debtors/<int:id>/postings")

    @expose("/")
    def index(self, id: int) -> Any:  # noqa: A002
        """Open postings, settlements, or both."""
        return self._page(self.debtor(id), SettlingForm(once=secrets.token_urlsafe(12)))

    @expose("/settle", methods=("POST",))
    def settle(self, id: int) -> Any:  # noqa: A002
        """Settle what is ticked with each other."""
        require(Permission.DEBTOR_SETTLE)

        def run(form: SettlingForm) -> str:
            seen = form.chosen()
            settling.settle(id, seen, amount_ore=form.amount_ore.data, key=form.key("settle", id), seen=seen)
            return gettext("The postings are settled.")

        return self._do(id, run)

    @expose("/write-off", methods=("POST",))
    def write_off(self, id: int) -> Any:  # noqa: A002
        """Write off what is open of what is ticked."""
        require(Permission.DEBTOR_WRITE_OFF)

        def run(form: SettlingForm) -> str:
            seen, key = form.chosen(), form.key("write-off", id)
            closing_out.write_off(id, seen, reason=form.reason.data or "", key=key, seen=seen)
            return gettext("The amount is written off.")

        return self._do(id, run)

    @expose("/pay-out", methods=("POST",))
    def pay_out(self, id: int) -> Any:  # noqa: A002
        """Record that the credits that are ticked were paid to the debtor."""
        require(Permission.DEBTOR_WRITE_OFF)

        def run(form: SettlingForm) -> str:
            seen, key = form.chosen(), form.key("pay-out", id)
            facts = {name: form[name].data for name in ("paid_on", "payment_type_id")}
            closing_out.pay_out(id, seen, **facts, text=form.text.data or "", key=key, seen=seen)
            return gettext("The payout is recorded.")

        return self._do(id, run)

    @expose("/undo", methods=("POST",))
    def undo(self, id: int) -> Any:  # noqa: A002
        """Take back one of the debtor's settlements."""
        require(Permission.DEBTOR_SETTLE)
        self.debtor(id)
        wanted = request.form.get("settlement", type=int) or 0
        once, reason = request.form.get("once"), request.form.get("reason", "")[:200]
        try:
            with transaction() as session:
                row = session.get(Settlement, wanted)
                if row is None or row.debtor_id != id:
                    raise Invalid("The record was not found.")
                settling.undo(wanted, reason=reason, key=f"undo:{wanted}:{once}" if once else None)
        except NotFound:
            raise
        except GeckoError as error:
            flash(message_of(error), "danger")
        else:
            flash(gettext("The settlement is undone; its postings are open again."), "success")
        return redirect(self._here(), 303)

    def _do(self, debtor_id: int, run: Callable[[SettlingForm], str]) -> Any:
        """Do it; where it is refused, the ticks and what was typed are kept."""
        debtor, form = self.debtor(debtor_id), SettlingForm(request.form)
        if self.did(form, run):
            return redirect(self._here(), 303)
        return self._page(debtor, form), 422

    def _page(self, debtor: Debtor, form: SettlingForm) -> str:
        shown, args = Switches.read(), request.args
        cursors = {name: args.get(f"{name}_after") for name in (open_items.OWED, open_items.PAID)}
        lives = debtor.deleted_at is None
        sides = open_items.sides(debtor.id, cursors) if shown.is_open else []
        owed = sum(side.sum_ore for side in sides) if sides else ledger.outstanding(debtor.id)
        return str(
            self.render(
                "debtors/settling.html",
                debtor=debtor,
                outstanding=owed,
                prepayment=prepayments.balance(debtor.id),
                shown=shown,
                switches=self._switches(debtor.id, shown),
                sides=sides,
                settlements=settled.page(debtor.id, args.get("before")) if shown.is_settled else None,
                form=form,
                once=secrets.token_urlsafe(12),
                here=self._here,
                act=self._act,
                kind_words=posting_words.KINDS,
                method_words=posting_words.METHODS,
                may_settle=lives and holds(Permission.DEBTOR_SETTLE),
                may_write_off=lives and holds(Permission.DEBTOR_WRITE_OFF),
            )
        )

    def _switches(self, debtor_id: int, shown: Switches) -> list[tuple[str, bool, str]]:
        words = {
            "is_open": gettext("Show open"),
            "is_settled": gettext("Show settled"),
            "is_typed": gettext("Show payment types"),
        }
        return [
            (
                label,
                getattr(shown, name),
                url_for(".index", id=debtor_id, **replace(shown, **{name: not getattr(shown, name)}).query()),
            )
            for name, label in words.items()
        ]

    def _here(self, **changes: str | None) -> str:
        """This page's own address with other places in its lists; None takes one back to its start."""
        return self._at("index", {**request.args.to_dict(), **changes})

    def _act(self, name: str) -> str:
        """The address of something to do, which leads back to what the page shows now."""
        return self._at(name, request.args.to_dict())

    def _at(self, name: str, values: dict[str, Any]) -> str:
        kept = {key: value for key, value in values.items() if value and key in _KEPT}
        return url_for(f".{name}", id=(request.view_args or {})["id"], **kept)
