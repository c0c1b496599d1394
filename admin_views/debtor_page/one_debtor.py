"""What the pages beside a debtor's account have in common: whose they are, and doing something that may be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.errors import GeckoError, NotFound
from gecko.models.debtors import Debtor
from gecko.modules import Feature, Gate
from gecko.operations import visibility
from gecko.permissions import Permission

from .. import refusals
from ..guard import PageView, holds
from ..login import principal


class OneDebtorView(PageView):
    """A page of one debtor. A debtor the user may not see does not exist."""

    permission = Permission.DEBTOR_VIEW
    in_menu = False
    gate = Gate((Feature.INVOICES,))

    def debtor(self, debtor_id: int) -> Debtor:
        """The debtor as it stands; a deleted one is shown to those who may bring it back."""
        statement = select(Debtor).where(Debtor.id == debtor_id).execution_options(populate_existing=True)
        found: Debtor | None = db.session.scalar(visibility.debtors(statement, principal()))
        if found is None or (found.deleted_at and not holds(Permission.DEBTOR_EDIT)):
            abort(404)
        return found

    def did(self, form: Any, run: Callable[[Any], str]) -> bool:
        """Do it in a transaction and say so; a refusal stands beside its field, and what was typed is kept."""
        if not form.validate():
            return False
        try:
            with transaction():
                done = run(form)
        except NotFound:
            raise
        except GeckoError as error:
            refusals.tell(form, error)
            return False
        flash(done, "success")
        return True
