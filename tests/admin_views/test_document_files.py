"""Files of documents in the browser: made at the first request, and the same bytes whatever changes."""

import hashlib

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from gecko.db import db, transaction
from gecko.models.document_files import DocumentFile, FileKind
from gecko.operations import debtors, document_files, settings
from reports.letters import fonts
from tests import factories, invariants


def stored():
    return db.session.scalar(select(func.count()).select_from(DocumentFile))


def test_a_pdf_is_made_once_and_served_unchanged(app, client_as, monkeypatch):
    debtor_id = factories.debtor().id
    document_id = factories.invoice(debtor_id).id
    client = client_as("accountant")
    first = client.get(f"/invoices/{document_id}/pdf")
    assert first.status_code == 200
    assert first.mimetype == "application/pdf"
    assert first.data.startswith(b"%PDF-")
    assert "faktura-1.pdf" in first.headers["Content-Disposition"]
    assert first.headers["ETag"] == f'"{hashlib.sha256(first.data).hexdigest()}"'
    with transaction():
        settings.put("company.name", "Renamed ApS")
        debtors.update(debtor_id, {"company_name": "Another buyer"})
    monkeypatch.setattr(fonts, "FAMILY", fonts.BOLD)
    again = client.get(f"/invoices/{document_id}/pdf")
    assert again.data == first.data
    assert stored() == 1
    assert (
        client.get(f"/invoices/{document_id}/pdf", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    )


def test_whoever_is_slower_gets_the_file_that_stands(app):
    document_id = factories.invoice(factories.debtor().id).id
    with transaction():
        first = document_files.keep(document_id, FileKind.PDF, b"first").content
    with transaction():
        assert document_files.keep(document_id, FileKind.PDF, b"second").content == first == b"first"
    assert stored() == 1


def test_a_stored_file_is_never_changed_nor_removed(app):
    document_id = factories.invoice(factories.debtor().id).id
    with transaction():
        document_files.keep(document_id, FileKind.PDF, b"first")
    for statement in ("UPDATE document_file SET sha256 = 'x'", "DELETE FROM document_file"):
        with pytest.raises(DBAPIError), transaction() as session:
            session.execute(text(statement))


def test_a_file_changed_past_the_triggers_is_found_and_not_shown(app, client_as):
    document_id = factories.invoice(factories.debtor().id).id
    client = client_as("accountant")
    with transaction() as session:
        session.add(DocumentFile(document_id=document_id, kind=FileKind.PDF, sha256="0" * 64, content=b"%PDF-forged"))
    answer = client.get(f"/invoices/{document_id}/pdf")
    assert b"forged" not in answer.data
    assert answer.status_code != 200
    broken = {check.name: check.problems for check in invariants.checked() if not check.is_ok}
    assert list(broken) == ["document_files"]
    assert len(broken["document_files"]) == 1
