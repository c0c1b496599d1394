"""Statements of account: one debtor's as a file or by e-mail, and those of many by a job."""

from __future__ import annotations

import secrets
from datetime import date
from io import BytesIO
from typing import Any

from flask import redirect, request, send_file
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import select
from wtforms import Form, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from gecko.clock import today
from gecko.db import db, transaction
from gecko.errors import NotFound
from gecko.language import _
from gecko.models.debtors import Debtor, DebtorGroup
from gecko.models.messages import Message
from gecko.modules import Feature, Gate
from gecko.operations import job_listing, job_runs, statements, visibility
from gecko.operations.statements import Form as Shape
from gecko.operations.statements import Wanted
from gecko.permissions import Permission
from jobs import queue
from jobs.registry import job
from jobs.work import Work
from reports.letters import statements as letters

from .base import PageView, principal
from .fields import DanishDateField
from .grid.records import read_id
from .jobs import LIVE, STATES
from .messages import telling, words
from .on_behalf import asker

KIND = "statements.send"
SHAPES = [
    SelectChoice(Shape.ACTIVITY.value, _("Movements of a period")),
    SelectChoice(Shape.OPEN.value, _("Open items")),
]


class StatementForm(Form):
    """What the statements say, and of whom."""

    form = RadioField(_("Statement of"), choices=SHAPES)
    since = DanishDateField(_("From"), [InputRequired()])
    to = DanishDateField(_("To"), [InputRequired()])
    first_no = StringField(_("Debtor no. from"), [Length(max=40)], description=_("Empty: all debtors"))
    last_no = StringField(_("Debtor no. to"), [Length(max=40)])
    group_id = SelectField(_("Group"), coerce=int)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        groups = db.session.execute(select(DebtorGroup.id, DebtorGroup.name).order_by(DebtorGroup.name))
        self.group_id.choices = [
            SelectChoice(0, gettext("All groups")),
            *(SelectChoice(row.id, row.name) for row in groups),
        ]

    def validate_to(self, field: Any) -> None:
        """A period ends no earlier than it begins."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(gettext("The period ends before it begins."))

    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        return Wanted(Shape(self.form.data), self.since.data, self.to.data)


class StatementsView(PageView):
    """Statements of account."""

    permission = (Permission.REMINDER_SEND, Permission.DEBTOR_VIEW)
    gate = Gate((Feature.INVOICES,))
    slug = "statements"
    title = _("Statements of account")
    icon = "report-money"

    @expose("/")
    def index(self) -> Any:
        """Choose what and of whom; for one debtor, with `id`, the file and the e-mail are here, too."""
        return self._page(_usual())

    def _page(self, form: StatementForm) -> Any:
        debtor = _debtor(read_id(request.args["id"])) if request.args.get("id") else None
        rendered = self.render(
            "statements/index.html",
            form=form,
            debtor=debtor,
            runs=job_listing.own(principal(), kinds=[KIND]),
            states=STATES,
            once=secrets.token_urlsafe(12),
        )
        return rendered, (422 if form.errors else 200)

    @expose("/<int:debtor_id>/pdf")
    def pdf(self, debtor_id: int) -> Any:
        """One debtor's statement as the ledger stands."""
        debtor, form = _debtor(debtor_id), StatementForm(request.args) if request.args.get("form") else _usual()
        if "form" in request.args and not form.validate():
            return self._page(form)
        made = letters.attached(statements.of(debtor, form.wanted()))
        return send_file(BytesIO(made.content), mimetype=made.media_type, download_name=made.filename, max_age=0)

    @expose("/<int:debtor_id>/mail", methods=("POST",))
    def mail(self, debtor_id: int) -> Any:
        """Send one debtor's statement; the same form sent twice sends one."""
        debtor, form, once = _debtor(debtor_id), StatementForm(request.form), request.form.get("once", "")[:40]
        if not once or not form.validate():
            return self._page(form)
        with transaction():
            message = _send(debtor.id, form.wanted(), f"{principal().user_id}-{once}")
            reason = message.reason if message else None
        queue.wake_senders()
        telling.tell(gettext("The e-mail waits to be sent."), reason, is_new=message is not None)
        return redirect(self.get_url("debtors.details_view", id=debtor_id), 303)

    @expose("/start", methods=("POST",))
    def start(self) -> Any:
        """Send the statements of everybody within the terms who owes or is owed something; the form twice, one job."""
        form, once = StatementForm(request.form), request.form.get("once", "")[:40]
        if not once or not form.validate():
            return self._page(form)
        told = {
            "form": form.form.data,
            "since": form.since.data.isoformat(),
            "to": form.to.data.isoformat(),
            "first_no": (form.first_no.data or "").strip(),
            "last_no": (form.last_no.data or "").strip(),
            "group_id": form.group_id.data or None,
        }
        user_id = principal().user_id
        with transaction():
            run_id = job_listing.by_key(KIND, f"{user_id}:{once}")
            if run_id is None:
                run_id = job_runs.create(kind=KIND, key=f"{user_id}:{once}", parameters=told, user_id=user_id)
        queue.wake(run_id)
        return redirect(self.get_url(".show", run_id=run_id), 303)

    @expose("/sent/<int:run_id>")
    def show(self, run_id: int) -> Any:
        """What became of each debtor's statement."""
        run = job_listing.get(principal(), run_id)
        if run.kind != KIND:
            raise NotFound
        mails = statements.sent(str(run_id))
        seen = visibility.debtors(select(Debtor).where(Debtor.id.in_(mails)), principal()).order_by(Debtor.name_sort)
        return self.render(
            "statements/sent.html",
            run=run,
            rows=[(debtor, mails[debtor.id]) for debtor in db.session.scalars(seen)],
            states=STATES,
            is_live=run.state in LIVE,
            words=words,
        )


@job(KIND, label=_("Statements of account"), permission=Permission.REMINDER_SEND)
def send_many(work: Work) -> dict[str, Any]:
    """Put the statements into the outbox, a debtor a transaction; going on after a break sends none twice."""
    told = work.parameters
    with asker(work, Permission.REMINDER_SEND, Permission.DEBTOR_VIEW) as who:
        wanted = Wanted(Shape(told["form"]), date.fromisoformat(told["since"]), date.fromisoformat(told["to"]))
        chosen = {name: told[name] for name in ("first_no", "last_no", "group_id")}
        todo = statements.candidates(wanted.to, who, **chosen)
        db.session.rollback()
        for place, debtor_id in enumerate(todo, start=1):
            with transaction():
                _send(debtor_id, wanted, str(work.id))
            work.progress(place, len(todo), _("Sending statements"))
        return {"statements": len(statements.sent(str(work.id)))}


def _usual() -> StatementForm:
    """The movements of this year so far."""
    day = today()
    return StatementForm(
        data={"form": Shape.ACTIVITY.value, "since": day.replace(month=1, day=1), "to": day, "group_id": 0}
    )


def _debtor(debtor_id: int | None) -> Debtor:
    """A living debtor the user may see."""
    statement = select(Debtor).where(Debtor.id == debtor_id, Debtor.deleted_at.is_(None))
    found = db.session.scalars(visibility.debtors(statement, principal())).one_or_none()
    if found is None:
        raise NotFound
    return found


def _send(debtor_id: int, wanted: Wanted, batch: str) -> Message | None:
    debtor = db.session.get_one(Debtor, debtor_id)
    return statements.mail(debtor, batch, *letters.mailed(statements.of(debtor, wanted)))
