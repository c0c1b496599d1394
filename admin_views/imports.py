"""Imports in the browser: upload, map the columns, preview, run as a job, and the result with its rejects."""

from __future__ import annotations

import tomllib
from typing import Any

from flask import abort, flash, redirect, render_template, request, send_from_directory, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from sqlalchemy import select

import jobs.queue
from gecko.db import db, transaction
from gecko.errors import GeckoError, NotFound
from gecko.models.customer_groups import CustomerGroup
from gecko.models.jobs import JobRun, JobState
from gecko.modules import Feature, Gate, Module
from gecko.operations import customer_fields, job_runs
from gecko.operations.importing import mapping as mappings
from gecko.operations.importing import preview
from gecko.operations.importing.faults import BadMapping
from gecko.operations.importing.fields import KIND_LABELS, Kind
from gecko.operations.importing.rejects import explain
from gecko.operations.importing.writing import Context
from gecko.permissions import Permission
from jobs.imports import PERMISSIONS, exports

from . import import_form, uploads
from .guard import PageView, holds, message_of, require, require_gate, switched_on
from .login import principal

JOB = "imports.run"
GATES = {
    Kind.INVOICES: Gate((Feature.INVOICES,)),
    Kind.CUSTOMERS: Gate(),
    Kind.DEBTORS: Gate((Feature.INVOICES,)),
    Kind.ITEMS: Gate((Module.CASH_REGISTER,)),
}
RECENT = 25
LARGEST_MAPPING = 100_000


def _kinds() -> list[Kind]:
    """What the reader may import."""
    return [kind for kind in Kind if holds(PERMISSIONS[kind]) and GATES[kind].is_open(switched_on())]


def _sees_all() -> bool:
    """Whether the reader sees the imports of others: refused rows may be of any customer, so no limited user does."""
    return holds(Permission.JOB_VIEW) and principal().groups is None


class ImportsView(PageView):
    """`/imports/`; open to whoever may import anything, each kind to whoever may import it."""

    permission = tuple(PERMISSIONS.values())
    slug = "imports"
    title = lazy("Import")
    icon = "file-import"
    _default_view = "index"

    def is_accessible(self) -> bool:
        """One of the rights is enough; every step asks for the one its kind needs."""
        return any(holds(permission) for permission in PERMISSIONS.values())

    @expose("/")
    def index(self) -> Any:
        """Choose a file; and the imports of late."""
        readable = [str(kind) for kind, needed in PERMISSIONS.items() if holds(needed)]
        is_readable = JobRun.parameters["mapping"]["kind"].as_string().in_(readable)
        statement = select(JobRun).where(JobRun.kind == JOB, is_readable).order_by(JobRun.id.desc()).limit(RECENT)
        if not _sees_all():
            statement = statement.where(JobRun.created_by_id == principal().user_id)
        wanted = request.args.get("kind")
        return self.render(
            "imports/index.html",
            kinds=_kinds(),
            wanted=wanted,
            labels=KIND_LABELS,
            runs=list(db.session.scalars(statement)),
        )

    @expose("/upload", methods=("POST",))
    def upload(self) -> Any:
        """Take a file in, and a mapping file if there is one."""
        kind = self._kind(request.form.get("kind", ""))
        upload = uploads.receive(request.files.get("file"), kind, principal().user_id)
        given = self._mapping_file(kind)
        upload.reading = {name: given[name] for name in (*_READING, "skip_initial_space") if name in given}
        upload.mapping = given
        preview.glance(upload.path, upload.reading, 1)  # a file that cannot be read is refused here
        upload.save()
        return redirect(url_for(".columns", token=upload.token), 303)

    def _mapping_file(self, kind: Kind) -> dict[str, Any]:
        file = request.files.get("mapping")
        if file is None or not file.filename:
            return {}
        try:
            given = tomllib.loads(file.read(LARGEST_MAPPING).decode("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadMapping("The mapping is not valid TOML: %(error)s", error=str(error)) from None
        mappings.parse(given, kind)
        return given

    @expose("/<token>/columns")
    def columns(self, token: str) -> Any:
        """Map the file's columns; starts from a guess."""
        upload, kind = self._upload(token)
        glance = preview.glance(upload.path, upload.reading)
        chosen = upload.mapping or import_form.suggestion(kind, glance)
        return self.render(
            "imports/columns.html",
            upload=upload,
            kind=kind,
            label=KIND_LABELS[kind],
            glance=glance,
            lines=import_form.lines(kind, chosen, glance),
            chosen=chosen,
            parts=import_form.PARTS,
            encodings=import_form.ENCODINGS,
            delimiters=import_form.delimiter_choices(),
            delimiter=import_form.DELIMITERS.get(upload.reading.get("delimiter", ""), ""),
            cleaning=mappings.CLEANING,
            groups=self._groups(),
            custom=customer_fields.active() if kind == Kind.CUSTOMERS else [],
        )

    def _groups(self) -> list[str]:
        statement = select(CustomerGroup.name).order_by(CustomerGroup.name)
        if (groups := principal().groups) is not None:
            statement = statement.where(CustomerGroup.id.in_(sorted(groups)))
        return list(db.session.scalars(statement))

    @expose("/<token>/reading", methods=("POST",))
    def reading(self, token: str) -> Any:
        """Read the file in another way and guess anew."""
        upload, _kind = self._upload(token)
        upload.reading, upload.mapping = import_form.reading(request.form), {}
        preview.glance(upload.path, upload.reading, 1)
        upload.save()
        return redirect(url_for(".columns", token=token), 303)

    @expose("/<token>/columns", methods=("POST",))
    def save_columns(self, token: str) -> Any:
        """Keep the mapping and show what it would do."""
        upload, kind = self._upload(token)
        upload.mapping = import_form.mapping(request.form, kind, upload.reading)
        upload.save()
        try:
            mappings.parse(upload.mapping, kind)
        except BadMapping as error:
            flash(message_of(error), "danger")
            return redirect(url_for(".columns", token=token), 303)
        return redirect(url_for(".preview", token=token), 303)

    @expose("/<token>/preview")
    def preview(self, token: str) -> Any:
        """What the first rows would become; nothing is written."""
        upload, kind = self._upload(token)
        try:
            parsed = mappings.parse(upload.mapping, kind)
            context = Context(user_id=principal().user_id, groups=principal().groups, is_dry=True)
            rows = preview.verdicts(upload.path, parsed, context)
            glance = preview.glance(upload.path, upload.reading, 1)
        except NotFound:
            raise
        except GeckoError as error:
            flash(message_of(error), "danger")
            return redirect(url_for(".columns", token=token), 303)
        counts = {name: sum(row.outcome == name for row in rows) for name in _OUTCOMES}
        return self.render(
            "imports/preview.html", upload=upload, kind=kind, label=KIND_LABELS[kind], rows=rows, counts=counts,
            glance=glance, message_of=message_of, explain=explain, outcomes=outcome_labels(), colours=_OUTCOMES,
        )  # fmt: skip

    @expose("/<token>/run", methods=("POST",))
    def run(self, token: str) -> Any:
        """Start the import, or the check of the whole file, as a job."""
        upload, kind = self._upload(token)
        mappings.parse(upload.mapping, kind)
        is_dry = request.form.get("dry") == "1"
        parameters = {"file": upload.path.name, "name": upload.name, "mapping": upload.mapping, "is_dry": is_dry}
        user_id = principal().user_id
        with transaction():
            run_id = job_runs.create(kind=JOB, key=token, parameters=parameters, user_id=user_id)
        jobs.queue.wake(run_id)
        return redirect(url_for(".result", run_id=run_id), 303)

    @expose("/result/<int:run_id>")
    def result(self, run_id: int) -> Any:
        """How far an import is, and what came of it."""
        return self.render("imports/result.html", **self._shown(run_id))

    @expose("/result/<int:run_id>/progress")
    def progress(self, run_id: int) -> Any:
        """The moving part of the result page."""
        return render_template("imports/progress.html", **self._shown(run_id))

    def _shown(self, run_id: int) -> dict[str, Any]:
        run = self._run(run_id)
        kind = Kind(run.parameters["mapping"]["kind"])
        is_over = run.state not in job_runs.LIVE
        token = run.parameters["file"].removesuffix(".data")
        goes_on = (
            run.state == JobState.DONE and run.parameters.get("is_dry") and run.created_by_id == principal().user_id
        )
        return {
            "run": run, "result": run.result or {}, "kind": kind, "label": KIND_LABELS[kind], "is_over": is_over,
            "token": token if goes_on else None, "outcomes": outcome_labels(),
        }  # fmt: skip

    @expose("/result/<int:run_id>/<any(rejects, warnings):which>.csv")
    def download(self, run_id: int, which: str) -> Any:
        """The refused rows, or the warnings."""
        run = self._run(run_id)
        name = (run.result or {}).get("file" if which == "rejects" else "warnings_file")
        if not name:
            raise NotFound
        return send_from_directory(exports(), name, as_attachment=True, mimetype="text/csv")

    def _run(self, run_id: int) -> JobRun:
        run = db.session.get(JobRun, run_id)
        if run is None or run.kind != JOB:
            raise NotFound
        if run.created_by_id != principal().user_id and not _sees_all():
            raise NotFound
        require(PERMISSIONS[Kind(run.parameters["mapping"]["kind"])])
        return run

    def _kind(self, name: str) -> Kind:
        if name not in tuple(Kind):
            abort(400)
        kind = Kind(name)
        require(PERMISSIONS[kind])
        require_gate(GATES[kind])
        return kind

    def _upload(self, token: str) -> tuple[uploads.Upload, Kind]:
        upload = uploads.find(token, principal().user_id)
        return upload, self._kind(upload.kind)


_READING = ("encoding", "delimiter", "sheet")
_OUTCOMES = {"imported": "green", "updated": "blue", "existing": "secondary", "refused": "orange"}


def outcome_labels() -> dict[str, str]:
    """What the outcomes of rows are called."""
    return {
        "imported": _("Imported"),
        "updated": _("Updated"),
        "existing": _("Already there"),
        "refused": _("Refused"),
        "warnings": _("Warnings"),
        "read": _("Rows read"),
    }
