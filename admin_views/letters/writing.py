"""Mail merge for one customer: a template merged with what is known of them, edited, then logged and printed."""

from __future__ import annotations

import secrets
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose

from gecko.db import transaction
from gecko.errors import Invalid
from gecko.language import _
from gecko.models.customers import Customer
from gecko.operations import customers
from gecko.operations.letters import writing
from gecko.operations.texts import documenting
from gecko.permissions import Permission

from ..base import PageView, holds, message_of, principal
from ..formats import language as page_language
from .writing_form import LetterForm


class LetterWritingView(PageView):
    """The page behind Mail merge on the profile."""

    permission = (Permission.MESSAGE_SEND, Permission.CUSTOMER_VIEW)
    slug = "letter_writing"
    title = _("Mail merge")
    icon = "file-text"
    in_menu = False

    def __init__(self) -> None:
        super().__init__(url="/letter_writing/<int:customer_id>")

    @expose("/", methods=("GET", "POST"))
    def index(self, customer_id: int) -> Any:
        """Write; buttons take a template, show the letter, or make it."""
        customer = customers.find(customer_id, principal())
        if request.method == "GET":
            return self._page(customer, LetterForm.empty(customer, once=secrets.token_urlsafe(12)))
        form = LetterForm(request.form)
        act = request.form.get("act", "make")
        if act == "template" and form.template.data:
            form.use_template()
        form.offer_templates()
        return self._make(customer, form) if act == "make" else self._page(customer, form)

    def _make(self, customer: Customer, form: LetterForm) -> Any:
        customer_id = customer.id
        try:
            wanted = form.writing()
            if not form.once.data:
                raise Invalid(_("The form had no number of its own. Look at it once more and send it again."))
            with transaction():
                fresh = customers.find(customer_id, principal())
                message_id = writing.make(fresh, wanted, nonce=form.once.data, principal=principal())
        except Invalid as error:
            form.body.errors = [*form.body.errors, message_of(error)]
            return self._page(customers.find(customer_id, principal()), form), 422
        return redirect(url_for("letters.index", letter_id=message_id), 303)

    @expose("/preview", methods=("POST",))
    def preview(self, customer_id: int) -> Any:
        """The letter as it stands in the form, as a part; nothing is kept."""
        customer = customers.find(customer_id, principal())
        form = LetterForm(request.form)
        return self.render("letters/preview.html", customer=customer, shown=self._shown(customer, form))

    def _shown(self, customer: Customer, form: LetterForm) -> writing.Preview:
        return writing.preview(customer, form.writing(), principal=principal())

    def _page(self, customer: Customer, form: LetterForm) -> str:
        if not form.once.data:
            form.once.data = secrets.token_urlsafe(12)
        return self.render(
            "letters/writing.html",
            customer=customer,
            form=form,
            shown=self._shown(customer, form),
            chapters=documenting.chapters(page_language()),
            may_edit_templates=holds(Permission.TEXT_EDIT),
            error=any(field.errors for field in form),
        )
