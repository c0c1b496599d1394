"""Invoices and credit notes: the overview, a document's own page, issuing and crediting."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.errors import GeckoError
from gecko.language import _
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor
from gecko.models.document_files import FileKind
from gecko.models.documents import DocumentKind, SaleDocument
from gecko.models.invoice_drafts import InvoiceDraft
from gecko.modules import Feature, Gate
from gecko.operations import crediting, debtor_links, document_mail, drafting, invoicing, visibility
from gecko.permissions import Permission

from . import document_files, refusals
from .base import GridView, holds, message_of, principal, require
from .debtor_page import prepaid
from .grid import filters
from .grid.records import read_id
from .invoice_form import CreditForm, InvoiceForm
from .messages import words
from .postings import lines_of

KINDS = ((DocumentKind.INVOICE, _("Invoice")), (DocumentKind.CREDIT_NOTE, _("Credit note")))


class InvoicesView(GridView):
    """What was issued; a row opens to its lines. Nothing here is ever changed."""

    model = SaleDocument
    slug = "invoices"
    title = _("Invoices")
    icon = "file-invoice"
    permission = Permission.INVOICE_VIEW
    create_permission = Permission.INVOICE_ISSUE
    export_permission = Permission.INVOICE_VIEW
    gate = Gate((Feature.INVOICES,))
    row_template = "invoices/row.html"
    column_list = (
        "number", "kind", "issued_at", "buyer_name", "customer", "document_date", "due_on", "vat_ore", "total_ore",
    )  # fmt: skip
    column_hidden = ("net_ore", "vat_free_ore", "debtor", "series")
    column_labels = {
        "number": _("No."),
        "kind": _("Kind"),
        "issued_at": _("Issued"),
        "buyer_name": _("Buyer"),
        "customer": _("Customer"),
        "customer_id": _("Customer"),
        "debtor": _("Debtor"),
        "debtor_id": _("Debtor"),
        "document_date": _("Date"),
        "due_on": _("Due"),
        "net_ore": _("Without VAT"),
        "vat_ore": _("VAT"),
        "vat_free_ore": _("Exempt from VAT"),
        "total_ore": _("Total"),
        "series": _("Series"),
    }
    column_needs = {"": ("number", "kind")}
    column_sortable_list = ("issued_at", "number")
    column_default_sort = ("issued_at", True)
    column_choices = {"kind": KINDS}
    column_filters = (
        filters.DateRange("issued_at", _("Period")),
        filters.Text("number"),
        filters.Choice("kind", choices=KINDS),
        filters.Relation("customer_id", target=Customer, lookup="customers"),
        filters.Relation("debtor_id", target=Debtor, lookup="debtors"),
        filters.MoneyRange("total_ore"),
    )

    def scope(self, statement: Any) -> Any:
        """Documents of customers the user may see."""
        return visibility.documents(statement, principal())

    def title_of(self, row: Any) -> str:
        """Kind and number."""
        word = gettext("Credit note") if row.kind == DocumentKind.CREDIT_NOTE else gettext("Invoice")
        return f"{word} {row.number}"

    def row_url(self, row: Any) -> str:
        """The document."""
        return str(self.get_url(".document_view", id=row.id))

    @expose("/details/")
    def details_view(self) -> Any:
        """A document has a page of its own."""
        return redirect(self.row_url(self.one_or_404()))

    @expose("/<int:id>")
    def document_view(self, id: int) -> Any:  # noqa: A002
        """A document as it was issued."""
        row = self.one_or_404(id)
        notes = db.session.scalars(
            self.scope(select(SaleDocument).where(SaleDocument.refers_to_id == row.id)).order_by(SaleDocument.id)
        ).all()
        may_credit = row.kind == DocumentKind.INVOICE and holds(Permission.INVOICE_ISSUE)
        return self.render(
            "invoices/document.html",
            row=row,
            grid=self,
            notes=notes,
            mails=document_mail.sent(row.id),
            standing=words.standing,
            offer=prepaid.offer(row.id) if holds(Permission.DEBTOR_SETTLE) else None,
            may_mail=holds(Permission.INVOICE_ISSUE),
            may_credit=may_credit and any(left.quantity_milli > 0 for left in crediting.remaining(row.id)),
        )

    @expose("/<int:id>/lines")
    def lines_view(self, id: int) -> Any:  # noqa: A002
        """The lines alone, for a row that is opened in a list."""
        row = self.one_or_404(id)
        return self.render("invoices/lines.html", lines=lines_of([row.id]).get(row.id, []))

    @expose("/<int:id>/pdf")
    def pdf_view(self, id: int) -> Any:  # noqa: A002
        """The document as PDF, the same bytes whenever it is asked for."""
        return document_files.answer(self.one_or_404(id), FileKind.PDF)

    @expose("/<int:id>/e-invoice")
    def e_invoice_view(self, id: int) -> Any:  # noqa: A002
        """The document as an e-invoice; back to its page with the reason where it lacks what that needs."""
        row = self.one_or_404(id)
        try:
            return document_files.answer(row, FileKind.UBL)
        except GeckoError as error:
            flash(message_of(error), "error")
            return redirect(self.get_url(".document_view", id=id), 303)

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        """Issue an invoice or save its draft; what was typed stays until it is one of them."""
        require(Permission.INVOICE_ISSUE)
        form = InvoiceForm(request.form) if request.method == "POST" else self._new_form()
        if request.method == "POST" and request.form.get("more"):
            form.add_lines()
        elif request.method == "POST" and form.validate():
            saves = bool(request.form.get("draft"))
            made_id = done(form, lambda: (_draft(form) if saves else _issue(form)).id)
            if made_id is not None:
                flash(gettext("The draft is saved.") if saves else gettext("The invoice is issued."), "success")
                page = "invoice-drafts.draft_view" if saves else ".document_view"
                return redirect(self.get_url(page, id=made_id), 303)
        refused = request.method == "POST" and not request.form.get("more")
        return self.render("invoices/new.html", form=form, grid=self, draft=None), (422 if refused else 200)

    def _new_form(self) -> InvoiceForm:
        """Start with the debtor or customer the link named, where the user may see them."""
        form = InvoiceForm.empty(once=self.once())
        debtor_id, customer_id = (request.args.get(name, type=read_id) for name in ("debtor", "customer"))
        if customer_id is not None and debtor_id is None:
            found = debtor_links.debtor_of(customer_id)
            debtor_id = found.id if found else None
        elif debtor_id is not None and customer_id is None:
            customer_id = debtor_links.sole_customer(debtor_id)
        form.debtor_id.data = self._visible_id(Debtor, debtor_id, visibility.debtors)
        form.customer_id.data = self._visible_id(Customer, customer_id, visibility.customers)
        return form

    def _visible_id(self, model: Any, row_id: int | None, rule: Any) -> int | None:
        statement = select(model.id).where(model.id == row_id, model.deleted_at.is_(None))
        return None if row_id is None else db.session.scalar(rule(statement, principal()))

    @expose("/<int:id>/credit", methods=("GET", "POST"))
    def credit_view(self, id: int) -> Any:  # noqa: A002
        """Credit an invoice, wholly or in part."""
        require(Permission.INVOICE_ISSUE)
        row = self.one_or_404(id)
        left = [line for line in crediting.remaining(row.id) if line.quantity_milli > 0]
        if row.kind != DocumentKind.INVOICE or not left:
            flash(gettext("There is nothing to credit."), "info")
            return redirect(self.row_url(row), 303)
        form = CreditForm.of(left, request.form if request.method == "POST" else None, once=self.once())
        if request.method == "POST" and form.validate():
            note_id = done(form, lambda: self._credit(id, form).id)
            if note_id is not None:
                flash(gettext("The credit note is issued."), "success")
                return redirect(self.get_url(".document_view", id=note_id), 303)
        rendered = self.render("invoices/credit.html", form=form, row=row, left=left, grid=self)
        return rendered, (422 if request.method == "POST" else 200)

    def _credit(self, document_id: int, form: CreditForm) -> SaleDocument:
        return crediting.issue(
            document_id,
            quantities=form.quantities(),
            document_date=form.document_date.data,
            key=f"credit:{form.once.data}" if form.once.data else None,
        )


def done(form: Any, work: Callable[[], int]) -> int | None:
    """Do `work` in a transaction; a refusal stands beside its field, and what was typed is kept."""
    try:
        with transaction():
            return work()
    except GeckoError as error:
        refusals.tell(form, error, but=("lines",))
        return None


def _issue(form: InvoiceForm) -> SaleDocument:
    said = form.content()
    return invoicing.issue(
        debtor_id=said.debtor_id,
        customer_id=said.customer_id,
        term_id=said.term_id,
        document_date=said.document_date,
        lines=said.lines,
        key=f"invoice:{form.once.data}" if form.once.data else None,
    )


def _draft(form: InvoiceForm) -> InvoiceDraft:
    return drafting.create(form.content(), key=form.once.data or secrets.token_hex(16))
