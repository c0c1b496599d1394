"""The page that decides which fields each customer form shows and demands."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext

from gecko.db import transaction
from gecko.language import _
from gecko.models.customer_fields import FormContext
from gecko.operations import field_policies
from gecko.operations.audit_words import CHOICES
from gecko.permissions import Permission

from .base import PageView


class FieldPoliciesView(PageView):
    """A table of fields and forms: shown, required; and the rule about telephones."""

    permission = Permission.CUSTOMER_SETUP
    slug = "field_policies"
    title = _("Fields of the forms")
    icon = "list-check"

    def __init__(self) -> None:
        super().__init__(url="/field-policies")

    @expose("/")
    def index(self) -> Any:
        """The table as stored."""
        return self.render(
            "field_policies/page.html",
            labels=field_policies.LABELS,
            demandable=field_policies.DEMANDABLE,
            contexts=[(str(context), CHOICES[context], field_policies.get(context)) for context in FormContext],
            phone_rule=field_policies.phone_rule(),
        )

    @expose("/", methods=("POST",))
    def save(self) -> Any:
        """Store the whole table."""
        chosen = {
            context: (set(request.form.getlist(f"{context}-shown")), set(request.form.getlist(f"{context}-required")))
            for context in FormContext
        }
        with transaction():
            for context, (shown, required) in chosen.items():
                field_policies.put(context, shown=shown, required=required)
            field_policies.put_phone_rule(bool(request.form.get("phone_rule")))
        flash(gettext("The fields of the forms are saved."), "success")
        return redirect(url_for("field_policies.index"), 303)
