"""Disputed claims: invoices of which nobody is reminded for a while."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import Form, HiddenField, StringField
from wtforms.validators import InputRequired, Length, Optional

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import GeckoError, NotFound
from gecko.language import _
from gecko.models.dunning import ParkedClaim
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.modules import Feature, Gate
from gecko.operations import visibility
from gecko.operations.dunning import parking
from gecko.permissions import Permission

from ..base import PageView, message_of, principal
from ..fields import DanishDateField
from ..grid.records import read_id


class DisputeForm(Form):
    """Why a claim is disputed, and until when it rests."""

    posting = HiddenField()
    reason = StringField(_("Reason"), [InputRequired(), Length(max=parking.LONGEST)])
    until_on = DanishDateField(_("Until"), [Optional()], description=_("Empty: until it is released"))


class DisputesView(PageView):
    """What is disputed now; a claim is chosen in the preview of a run."""

    permission = (Permission.REMINDER_SEND, Permission.DEBTOR_VIEW)
    gate = Gate((Feature.INVOICES,))
    slug = "disputed_claims"
    title = _("Disputed claims")
    icon = "ban"

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """See what is disputed, and park one more."""
        form = (
            DisputeForm(request.form) if request.method == "POST" else DisputeForm(posting=request.args.get("posting"))
        )
        posting = _posting(read_id(form.posting.data))
        if request.method == "POST":
            if posting is None:
                raise NotFound
            if form.validate() and _parked(form, posting.id):
                flash(gettext("Nobody is reminded of the claim for now."), "success")
                return redirect(self.get_url(".index"), 303)
        rendered = self.render("dunning/disputes.html", form=form, posting=posting, rows=_standing())
        return rendered, (422 if form.errors else 200)

    @expose("/release", methods=("POST",))
    def release(self) -> Any:
        """Let a claim be reminded again."""
        wanted = read_id(request.form.get("id"))
        if wanted not in {row.id for row in _standing()}:
            raise NotFound
        with transaction():
            parking.release(int(wanted or 0))
        flash(gettext("The claim can be reminded again."), "success")
        return redirect(self.get_url(".index"), 303)


def _posting(posting_id: int | None) -> DebtorPosting | None:
    """An invoice's posting that the one who looks may see."""
    statement = select(DebtorPosting).where(DebtorPosting.id == posting_id, DebtorPosting.kind == PostingKind.INVOICE)
    return db.session.scalars(visibility.postings(statement, principal())).one_or_none()


def _standing() -> list[ParkedClaim]:
    seen = visibility.postings(select(DebtorPosting.id), principal())
    row = ParkedClaim
    statement = (
        select(row)
        .where(row.posting_id.in_(seen), (row.until_on.is_(None)) | (row.until_on >= today()))
        .options(joinedload(row.posting).joinedload(DebtorPosting.debtor))
        .order_by(row.id.desc())
    )
    return list(db.session.scalars(statement))


def _parked(form: DisputeForm, posting_id: int) -> bool:
    try:
        with transaction():
            parking.park(posting_id, reason=form.reason.data or "", until_on=form.until_on.data)
    except GeckoError as error:
        field = getattr(error, "field", None) or "reason"
        form[field].errors = [*form[field].errors, message_of(error)]
        return False
    return True
