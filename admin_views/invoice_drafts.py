"""Drafts of invoices: the list of them, and the page on which one is changed, issued or thrown away."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import select

from gecko.db import db
from gecko.errors import NotFound
from gecko.language import _
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor
from gecko.models.documents import SaleDocument
from gecko.models.invoice_drafts import InvoiceDraft
from gecko.modules import Feature, Gate
from gecko.operations import drafting, visibility
from gecko.permissions import Permission

from .base import GridView, principal
from .grid import filters
from .invoice_form import InvoiceForm
from .invoices import done


class InvoiceDraftsView(GridView):
    """What is being written and is not issued yet."""

    model = InvoiceDraft
    slug = "invoice-drafts"
    title = _("Drafts of invoices")
    icon = "pencil"
    permission = Permission.INVOICE_ISSUE
    gate = Gate((Feature.INVOICES,))
    column_list = ("id", "debtor", "customer", "document_date", "total_ore", "created_by", "changed_at")
    column_labels = {
        "id": _("No."),
        "debtor": _("Debtor"),
        "debtor_id": _("Debtor"),
        "customer": _("Customer"),
        "customer_id": _("Customer"),
        "document_date": _("Date"),
        "total_ore": _("Total"),
        "created_by": _("Created by"),
        "changed_at": _("Changed"),
    }
    column_sortable_list = ("id",)
    column_default_sort = ("id", True)
    column_filters = (
        filters.DateRange("document_date"),
        filters.Relation("debtor_id", target=Debtor, lookup="debtors"),
        filters.Relation("customer_id", target=Customer, lookup="customers"),
    )

    def scope(self, statement: Any) -> Any:
        """Drafts for customers and debtors the user may see."""
        return visibility.drafts(statement, principal())

    def title_of(self, row: Any) -> str:
        """By whom it is to be paid."""
        return gettext("Draft for %(name)s", name=row.debtor.display_name)

    def row_url(self, row: Any) -> str:
        """The draft's own page."""
        return str(self.get_url(".draft_view", id=row.id))

    @expose("/details/")
    def details_view(self) -> Any:
        """A draft has a page of its own."""
        return redirect(self.row_url(self.one_or_404()))

    @expose("/<int:id>", methods=("GET", "POST"))
    def draft_view(self, id: int) -> Any:  # noqa: A002
        """Change the draft, issue it or throw it away; nothing happens over another's change."""
        key = request.form.get("once", "")
        issued = self._issued(key)
        if issued is not None and request.form.get("discard") is None:
            return redirect(self.get_url("invoices.document_view", id=issued.id), 303)
        draft = self.one_or_404(id)
        form = InvoiceForm(request.form) if request.method == "POST" else InvoiceForm.of(draft)
        if request.form.get("more"):
            form.add_lines()
        if request.method == "GET" or request.form.get("more"):
            return self.render("invoices/new.html", form=form, grid=self, draft=draft)
        answer = self._act(id, draft.key, form)
        if answer is not None:
            return answer
        return self.render("invoices/new.html", form=form, grid=self, draft=self.one_or_404(id)), 422

    def _act(self, draft_id: int, key: str, form: InvoiceForm) -> Any:
        """What the pressed button says; None where it was refused."""
        seen = form.version.data or 0
        if key != form.once.data:  # the id was used again, for another draft
            raise NotFound
        if request.form.get("discard"):
            return self._gone(done(form, lambda: _discard(draft_id, key, seen)))
        if not form.validate():
            return None
        if request.form.get("draft"):
            if done(form, lambda: drafting.change(key, form.content(), seen=seen).id) is None:
                return None
            flash(gettext("The draft is saved."), "success")
            return redirect(self.get_url(".draft_view", id=draft_id), 303)
        document_id = done(form, lambda: drafting.issue(key, form.content(), seen=seen).id)
        if document_id is None:
            return None
        flash(gettext("The invoice is issued."), "success")
        return redirect(self.get_url("invoices.document_view", id=document_id), 303)

    def _gone(self, draft_id: int | None) -> Any:
        if draft_id is None:
            return None
        flash(gettext("The draft is thrown away."), "success")
        return redirect(self.get_url(".index_view"), 303)

    def _issued(self, key: str) -> SaleDocument | None:
        """What the draft became when the form was sent before, where the user may see it."""
        document = drafting.issued_from(key) if key else None
        if document is None:
            return None
        seen = visibility.documents(select(SaleDocument).where(SaleDocument.id == document.id), principal())
        return db.session.scalars(seen).one_or_none()


def _discard(draft_id: int, key: str, seen: int) -> int:
    drafting.discard(key, seen=seen)
    return draft_id
