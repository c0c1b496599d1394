"""The next number of invoices, credit notes and payment reminders: set once when a business moves in, forward only."""

from __future__ import annotations

from flask import flash, redirect
from flask_admin import expose
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from gecko.db import transaction
from gecko.errors import Invalid
from gecko.language import _ as lazy
from gecko.models.documents import Series
from gecko.models.dunning import SERIES
from gecko.modules import Feature, Gate
from gecko.operations import numbering
from gecko.permissions import Permission

from .base import PageView, message_of

LARGEST = 999_999_999
_RANGE = (InputRequired(), NumberRange(1, LARGEST))


class NumbersForm(FlaskForm):
    """The next number of each series that the product draws from."""

    invoice = IntegerField(lazy("Next invoice number"), _RANGE)
    credit_note = IntegerField(lazy("Next credit note number"), _RANGE)
    dunning = IntegerField(lazy("Next payment reminder number"), _RANGE)


class NumberSeriesView(PageView):
    """Where the series stand."""

    permission = Permission.SETTINGS_EDIT
    gate = Gate((Feature.INVOICES,))
    slug = "numbers"
    title = lazy("Document numbers")
    icon = "file-invoice"

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Response | str:
        """See and move the series forward; a number that is used or passed is refused and the form kept."""
        form = NumbersForm(data=numbering.upcoming())
        if not form.validate_on_submit():
            return self.render("settings/numbers.html", form=form)
        for series in (Series.INVOICE, Series.CREDIT_NOTE, SERIES):
            try:
                with transaction():
                    numbering.move_forward(series, form[series].data)
            except Invalid as error:
                form[series].errors = [*form[series].errors, message_of(error)]
        if form.errors:
            return self.render("settings/numbers.html", form=form)
        flash(_("The next numbers are set."), "success")
        return redirect(self.get_url(".index"), 303)
