"""Reading bank files: upload, the columns of an account's csv files, and what came of each file."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext, ngettext
from sqlalchemy import select

from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.language import explain
from gecko.models.bank import BankAccount, BankFile, EntryState
from gecko.operations.bank import accounts, camt, csv_files, taking_in
from gecko.operations.bank.csv_files import Glance
from gecko.operations.bank.statements import Statement

from .. import uploads
from ..base import message_of, principal
from ..grid.records import read_id
from ..uploads import Upload
from . import words

RECENT = 50
_START = 200


class Files:
    """The part of the bank's pages that reads files."""

    def bank_accounts(self) -> list[BankAccount]:
        """The accounts that a file may be of."""
        return list(db.session.scalars(select(BankAccount).order_by(BankAccount.name)))

    @expose("/upload", methods=("POST",))
    def upload_view(self) -> Any:
        """Read a file; the columns of a csv file are asked for where the account does not know them yet."""
        account_id = read_id(request.form.get("account"))
        if account_id is None:
            raise Invalid(gettext("Choose the account that the file is of."))
        account = accounts.get(account_id)
        upload = uploads.receive(request.files.get("file"), "bank", principal().user_id)
        upload.reading = {"account": account.id}
        upload.save()
        with upload.path.open("rb") as file:
            is_xml = camt.is_xml(file.read(_START))
        if is_xml:
            return self._take_in(upload, camt.parse(upload.path))
        glance = csv_files.glance(upload.path)
        try:
            mapping = csv_files.mapping_of(account.csv_mapping or {}, glance.header)
        except Invalid:  # nobody has said yet which columns are which, or the bank writes others by now
            return redirect(self.get_url(".columns_of_view", token=upload.token), 303)  # type: ignore[attr-defined]
        return self._take_in(upload, csv_files.parse(upload.path, mapping))

    @expose("/columns/<token>", methods=("GET", "POST"))
    def columns_of_view(self, token: str) -> Any:
        """Which columns of the account's csv files hold what; remembered for the next file."""
        upload = uploads.find(token, principal().user_id)
        if upload.kind != "bank":
            raise NotFound
        glance = csv_files.glance(upload.path)
        if request.method != "POST":
            return self._columns_page(upload, glance, csv_files.guess(glance))
        try:
            mapping = csv_files.mapping_of(request.form, glance.header)
        except Invalid as error:
            return self._columns_page(upload, glance, dict(request.form), error), 422
        with transaction():
            accounts.keep_mapping(upload.reading["account"], mapping.stored())
        return self._take_in(upload, csv_files.parse(upload.path, mapping))

    def _columns_page(
        self, upload: Upload, glance: Glance, chosen: dict[str, str], error: Invalid | None = None
    ) -> Any:
        return self.render(  # type: ignore[attr-defined]
            "bank/columns.html",
            grid=self,
            upload=upload,
            account=accounts.get(upload.reading["account"]),
            glance=glance,
            chosen=chosen,
            needed=csv_files.NEEDED,
            wanted=csv_files.WANTED,
            error=error,
            said=message_of(error) if error else "",
        )

    def _take_in(self, upload: Upload, statement: Statement) -> Any:
        with transaction():
            sha256 = taking_in.digest(upload.path)
            file = taking_in.take_in(upload.reading["account"], upload.name, sha256, statement)
            new, known, refused, why = file.taken_in, file.known, len(file.refused), words.known(file.known_by)
        flash(ngettext("%(num)d new payment.", "%(num)d new payments.", new), "success" if new else "info")
        if known:
            said = ngettext("%(num)d was there already.", "%(num)d were there already.", known)
            flash(f"{said} {gettext('Known by %(why)s.', why=why)}", "info")
        if refused:
            flash(ngettext("%(num)d row was refused.", "%(num)d rows were refused.", refused), "warning")
            return redirect(self.get_url(".files_view"), 303)  # type: ignore[attr-defined]
        return redirect(self.get_url(".index_view", f_state=EntryState.OPEN), 303)  # type: ignore[attr-defined]

    @expose("/files")
    def files_view(self) -> Any:
        """The files of late, each with the rows that were refused."""
        rows = list(db.session.scalars(select(BankFile).order_by(BankFile.id.desc()).limit(RECENT)))
        return self.render("bank/files.html", grid=self, rows=rows, explain=explain, words=words)  # type: ignore[attr-defined]
