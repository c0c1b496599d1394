"""A form field that finds one of many records: searched in another grid, with that grid's own policy.

The browser gets a searching select; without JavaScript a text box takes a number, a name or an id and the server
looks it up: one match is taken, several are offered.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field
from wtforms.widgets import html_params

OFFERED = 20


def target_view(endpoint: str) -> Any:
    """The grid behind an endpoint; raises LookupError where no view has it."""
    for admin in current_app.extensions["admin"]:
        for view in admin._views:
            if view.endpoint == endpoint:
                return view
    raise LookupError(endpoint)


class LookupWidget:
    """The select with what is chosen, and the text box for browsers without JavaScript."""

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        """Draw both; the stylesheet and forms.js decide which is used."""
        attributes.setdefault("id", field.id)
        attributes["class"] = f"{attributes.get('class', '')} g-lookup".strip()
        attributes |= {
            "name": field.name,
            "data-lookup": url_for(f"{field.endpoint}.lookup_view"),
            "data-lookup-text": f"{field.id}-text",
            "data-placeholder": _("Search …"),
            "data-nothing": _("Nothing was found"),
        }
        options = [Markup('<option value="">{}</option>').format(_("None") if not field.flags.required else "")]
        for value, text in field.options():
            chosen = Markup(" selected") if value == field.data else ""
            options.append(Markup('<option value="{}"{}>{}</option>').format(value, chosen, text))
        return Markup(
            "<select {}>{}</select>"
            '<span class="g-lookup-plain"><input class="form-control" type="search" id="{}" name="{}" value="{}"'
            ' aria-label="{}" placeholder="{}"></span>'
        ).format(
            Markup(html_params(**attributes)),  # noqa: S704 (html_params escapes)
            Markup("").join(options),
            f"{field.id}-text",
            f"{field.name}-text",
            field.typed,
            _("Find another: %(label)s", label=field.label.text),
            _("Name, number or id"),
        )


class LookupField(Field):
    """The id of one record of the grid at `endpoint`, or None."""

    widget = LookupWidget()

    def __init__(self, label: Any = None, validators: Any = None, *, endpoint: str, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.endpoint = endpoint
        self.data: int | None = None
        self.typed = ""
        self.offered: list[Any] = []

    def process(self, formdata: Any, data: Any = ..., extra_filters: Any = None) -> None:
        """Read the select, and the text box where something was typed."""
        self.typed = (formdata.get(f"{self.name}-text", "") if formdata else "").strip()
        if data is ...:
            super().process(formdata, extra_filters=extra_filters)
        else:
            super().process(formdata, data, extra_filters)
        if self.typed and formdata is not None:
            self.raw_data = [self.typed]
            self._look_up(self.typed)

    def process_data(self, value: Any) -> None:
        """Take an id or a record."""
        self.data = value if value is None or isinstance(value, int) else int(value.id)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take a chosen id that the reader may see."""
        if not valuelist:
            return
        if not valuelist[0]:
            self.data = None
            return
        row = target_view(self.endpoint).get_one(valuelist[0])
        if row is None:
            self.data = None
            raise ValueError(self.gettext("Not a valid choice."))
        self.data = row.id

    def _look_up(self, typed: str) -> None:
        view = target_view(self.endpoint)
        self.offered = view.lookup_rows(typed, OFFERED)
        if not self.offered and (row := view.get_one(typed)) is not None:
            self.offered = [row]
        if len(self.offered) == 1:
            self.data, self.typed, self.process_errors = self.offered[0].id, "", []
            return
        self.data = None
        self.process_errors = [
            _("Several match “%(text)s”; choose one of them.", text=typed)
            if self.offered
            else _("Nothing matches “%(text)s”.", text=typed)
        ]

    def options(self) -> list[tuple[int, str]]:
        """What the select holds before anything is searched: what is chosen, or what matched several times."""
        view = target_view(self.endpoint)
        rows = self.offered
        if not rows and self.data is not None:
            chosen = view.get_one(self.data, with_deleted=True)
            rows = [] if chosen is None else [chosen]
        return [(row.id, view.lookup_text(row)) for row in rows]
