"""An invoice or credit note by e-mail: a text to look at and change, the PDF attached, sent once."""

from __future__ import annotations

import secrets
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose
from flask_babel import force_locale, gettext
from sqlalchemy import select
from wtforms import Form, HiddenField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length

from gecko.db import db, transaction
from gecko.errors import GeckoError, NotFound
from gecko.language import _
from gecko.models.document_files import FileKind
from gecko.models.documents import DocumentKind, SaleDocument
from gecko.modules import Feature, Gate
from gecko.money import format_ore
from gecko.operations import company, document_mail, visibility
from gecko.operations.messaging.enqueuing import Attachment
from gecko.permissions import Permission
from jobs import queue
from reports import documents

from . import document_files
from .base import PageView, message_of, principal
from .formats import day
from .messages import telling


class MailForm(Form):
    """What is written to whom. `once` makes a second submit find the first one's message."""

    recipient = StringField(_("To"), [InputRequired(), Email(), Length(max=254)])
    subject = StringField(_("Subject"), [InputRequired(), Length(max=200)])
    body = TextAreaField(_("Text"), [InputRequired(), Length(max=5_000)], render_kw={"rows": 12})
    once = HiddenField()


class InvoiceMailView(PageView):
    """One document to who pays."""

    permission = Permission.INVOICE_ISSUE
    gate = Gate((Feature.INVOICES,))
    slug = "invoice_mail"
    title = _("Send by e-mail")
    icon = "mail"
    in_menu = False

    def __init__(self) -> None:
        super().__init__(url="/invoices/<int:document_id>/mail")

    @expose("/", methods=("GET", "POST"))
    def index(self, document_id: int) -> Any:
        """Look at the mail, change it and send it."""
        row = _find(document_id)
        form = MailForm(request.form) if request.method == "POST" else _prefilled(row, secrets.token_urlsafe(12))
        if request.method == "POST" and form.validate():
            try:
                return self._send(row, form)
            except GeckoError as error:
                form.form_errors.append(message_of(error))
        name = document_files.name_of(_find(document_id), FileKind.PDF)
        page = self.render("invoices/mail.html", form=form, row=_find(document_id), name=name)
        return page, (422 if request.method == "POST" else 200)

    def _send(self, row: SaleDocument, form: MailForm) -> Any:
        document_id, name = row.id, document_files.name_of(row, FileKind.PDF)
        language = documents.language_of(row)
        content = document_files.ready(row, FileKind.PDF).content
        attachment = Attachment(name, document_files.MEDIA_TYPES[FileKind.PDF], content)
        mail = document_mail.Mail(form.recipient.data, form.subject.data, form.body.data, language)
        with transaction():
            message = document_mail.send(document_id, mail, attachment, nonce=form.once.data or "")
            reason = message.reason if message else None
        queue.wake_senders()
        said = gettext("The e-mail is on its way. The document below follows it.")
        telling.tell(said, reason, is_new=message is not None)
        return redirect(url_for("invoices.document_view", id=document_id, _anchor="mails"), 303)


def _find(document_id: int) -> SaleDocument:
    """The document, where the user may see it."""
    statement = visibility.documents(select(SaleDocument).where(SaleDocument.id == document_id), principal())
    found = db.session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def _prefilled(row: SaleDocument, once: str) -> MailForm:
    """A mail in the buyer's language."""
    language, seller = documents.language_of(row), company.read().name
    with force_locale(language):
        is_note = row.kind == DocumentKind.CREDIT_NOTE
        kind = gettext("Credit note") if is_note else gettext("Invoice")
        facts = {"number": row.number, "amount": format_ore(abs(row.total_ore), language), "seller": seller}
        if is_note:
            body = gettext("Attached is credit note %(number)s of %(amount)s.\n\nKind regards\n%(seller)s", **facts)
        else:
            facts["due"] = day(row.due_on)
            body = gettext(
                "Attached is invoice %(number)s of %(amount)s, due on %(due)s.\n\nKind regards\n%(seller)s", **facts
            )
        subject = " ".join(filter(None, [kind, row.number, f"– {seller}" if seller else ""]))
    return MailForm(recipient=document_mail.recipient_of(row), subject=subject, body=body, once=once)
