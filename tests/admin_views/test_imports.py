"""Imports in the browser: upload, columns, preview, run and result; only for those who may."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.documents import SaleDocument
from gecko.models.jobs import JobRun, JobState
from gecko.models.postings import DebtorPosting
from gecko.operations import settings
from gecko.operations.importing import likeness, running
from jobs import runner
from tests import factories

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)  # the dialects part below the pages
INVOICES = (
    "Fakturanr;Fakturadato;Kundenr;Antal;Beløb\n"
    "1001;24-12-2025;77;2;1.234,50\n"
    "1002;25-12-2025;;1;10,00\n"
    "1003;26-12-2025;78;1;abc\n"
)


def fresh():
    """The test's session, past what it had read before."""
    db.session.rollback()
    return db.session


def upload(client, text: str | bytes, kind: str = "invoices", name: str = "faktura.csv", **more):
    content = text.encode() if isinstance(text, str) else text
    data = {"kind": kind, "file": (io.BytesIO(content), name), **more}
    return client.post("/imports/upload", data=data, content_type="multipart/form-data")


def token_of(answer) -> str:
    assert answer.status_code == 303, answer.get_data(as_text=True)[:500]
    return re.search(r"/imports/([\w-]{22})/", answer.location)[1]


COLUMNS = {
    "column-number": "Fakturanr", "column-issued_at": "Fakturadato", "column-customer_number": "Kundenr",
    "column-quantity": "Antal", "column-total": "Beløb", "format-issued_at": "%d-%m-%Y", "decimal": ",", "round": "1",
    "create_missing": ["customer", "debtor"],
}  # fmt: skip


def test_a_file_goes_from_upload_to_ledger(client_as):
    client = client_as("office", language="en")
    token = token_of(upload(client, INVOICES))

    page = client.get(f"/imports/{token}/columns").get_data(as_text=True)
    assert re.search(r'name="column-total".*?<option value="Beløb" selected>', page, re.S)
    assert 'value="%d-%m-%Y"' in page

    answer = client.post(f"/imports/{token}/columns", data=COLUMNS)
    assert answer.location.endswith(f"/imports/{token}/preview")
    page = client.get(f"/imports/{token}/preview").get_data(as_text=True)
    assert "The row has no customer number." in page
    assert "“abc” is not a number." in page
    assert fresh().scalar(select(func.count()).select_from(SaleDocument)) == 0

    answer = client.post(f"/imports/{token}/run")
    run_id = fresh().scalars(select(JobRun.id)).one()
    assert answer.location.endswith(f"/imports/result/{run_id}")
    assert "every 2s" in client.get(answer.location).get_data(as_text=True)
    assert db.session.get(JobRun, run_id).kind == "imports.run"
    assert runner.execute(run_id) == JobState.DONE

    assert fresh().scalars(select(DebtorPosting.amount_ore)).all() == [123_450]
    result = fresh().get(JobRun, run_id).result
    assert (result["read"], result["imported"], result["existing"], result["refused"]) == (3, 1, 0, 2)
    page = client.get(f"/imports/result/{run_id}").get_data(as_text=True)
    assert "every 2s" not in page
    with client.get(f"/imports/result/{run_id}/rejects.csv") as rejects:
        assert rejects.mimetype == "text/csv"
        text = rejects.get_data().decode("utf-8-sig")
    assert text.splitlines()[1] == "1002;25-12-2025;;1;10,00;3;The row has no customer number."
    assert client.get(f"/imports/result/{run_id}/warnings.csv").status_code == 404


def test_the_check_of_a_whole_file_writes_nothing_and_can_be_followed_by_the_import(client_as):
    client = client_as("accountant")
    token = token_of(upload(client, INVOICES))
    client.post(f"/imports/{token}/columns", data=COLUMNS)
    client.post(f"/imports/{token}/run", data={"dry": "1"})
    run_id = fresh().scalars(select(JobRun.id)).one()
    runner.execute(run_id)
    assert fresh().get(JobRun, run_id).result["imported"] == 1
    assert fresh().scalar(select(func.count()).select_from(Customer)) == 0
    page = client.get(f"/imports/result/{run_id}").get_data(as_text=True)
    assert f"/imports/{token}/run" in page
    client.post(f"/imports/{token}/run")
    second = fresh().scalars(select(JobRun.id).order_by(JobRun.id.desc())).first()
    assert second != run_id
    runner.execute(second)
    assert fresh().scalar(select(func.count()).select_from(SaleDocument)) == 1


def test_a_doubled_click_starts_one_import(client_as):
    client = client_as("office")
    token = token_of(upload(client, INVOICES))
    client.post(f"/imports/{token}/columns", data=COLUMNS)
    first, second = (client.post(f"/imports/{token}/run").location for _ in range(2))
    assert first == second


def test_a_mapping_file_takes_the_place_of_the_guess(client_as):
    client = client_as("office")
    toml = 'kind = "customers"\ngroup = "Fra fil"\n[columns]\nnumber = "b"\nname = ["a", "c"]\n'
    answer = upload(client, "a,b,c\nÅse,1,Holm\n", "customers", mapping=(io.BytesIO(toml.encode()), "m.toml"))
    page = client.get(f"/imports/{token_of(answer)}/columns").get_data(as_text=True)
    assert 'value="Fra fil"' in page
    assert re.search(r'id="column-name-1".*?<option value="c" selected>', page, re.S)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "The file is empty."), (b"PK\x03\x04nonsense", "cannot be read"), (b"\xd0\xcf\x11\xe0", "save it as .xlsx")],
)
def test_a_file_that_cannot_be_read_says_why(client_as, content, words):
    client = client_as("office", language="en")
    answer = upload(client, content)
    assert answer.status_code == 303
    assert words in client.get("/imports/").get_data(as_text=True)


def test_each_kind_asks_for_its_own_right_and_gate(client_as):
    accountant, reviewer = client_as("accountant"), client_as("reviewer")
    assert reviewer.get("/imports/").status_code == 403
    assert 'value="customers"' not in accountant.get("/imports/").get_data(as_text=True)
    assert upload(accountant, "a\n1\n", "customers").status_code == 403
    with transaction():
        settings.put("feature.invoices", False)
    assert upload(accountant, INVOICES).status_code == 404


def test_nobody_sees_the_upload_or_result_of_another(client_as):
    mine, other = client_as("office"), client_as("office")
    token = token_of(upload(mine, INVOICES))
    mine.post(f"/imports/{token}/columns", data=COLUMNS)
    for page in ("columns", "preview"):
        assert other.get(f"/imports/{token}/{page}").status_code == 404
    assert mine.get("/imports/../../etc/columns").status_code == 404
    mine.post(f"/imports/{token}/run")
    run_id = fresh().scalars(select(JobRun.id)).one()
    with transaction() as session:
        session.get(JobRun, run_id).created_by_id = None
    assert client_as("receptionist").get(f"/imports/result/{run_id}").status_code == 403
    assert client_as("office").get(f"/imports/result/{run_id}").status_code == 200  # sees everybody's jobs


def test_a_limited_user_imports_only_into_their_groups(client_as):
    group = factories.group(name="Firma").id
    client = client_as("office", language="en", is_limited=True)
    token = token_of(upload(client, "number,name\n1,Bo\n", "customers"))
    data = {"column-number": "number", "column-name": "name", "group": "Firma"}
    client.post(f"/imports/{token}/columns", data=data)
    answer = client.get(f"/imports/{token}/preview")
    assert answer.status_code == 303
    assert "You may not import into this customer group." in client.get(answer.location).get_data(as_text=True)
    assert group


def test_recent_imports_lead_only_to_results_the_reader_may_open(client_as):
    office, accountant = client_as("office"), client_as("accountant")
    limited = client_as("office", is_limited=True)
    customers = imported(office, "Navn;Mobil\nBo;20 12 34 56\n", "customers", {"column-name": "Navn"})
    invoices = imported(office, INVOICES, "invoices", COLUMNS)
    for client, seen in ((office, {customers, invoices}), (accountant, {invoices}), (limited, set())):
        shown = client.get("/imports/").get_data(as_text=True)
        assert {int(found) for found in re.findall(r"/imports/result/(\d+)", shown)} == seen
        for run_id in (customers, invoices):
            assert (client.get(f"/imports/result/{run_id}").status_code == 200) is (run_id in seen)
    for page in (f"/imports/result/{invoices}/rejects.csv", f"/imports/result/{invoices}/progress"):
        assert limited.get(page).status_code == 404


def imported(client, text: str, kind: str, columns: dict) -> int:
    """The number of a finished import."""
    token = token_of(upload(client, text, kind))
    assert client.post(f"/imports/{token}/columns", data=columns).status_code == 303
    run_id = int(client.post(f"/imports/{token}/run").location.rsplit("/", 1)[1])
    assert runner.execute(run_id) is JobState.DONE
    return run_id


def test_what_a_long_file_is_compared_with_is_said(client_as, monkeypatch):
    monkeypatch.setattr(likeness, "REMEMBERED", 1)
    for size in ("SMALLEST", "FIRST", "LARGEST"):
        monkeypatch.setattr(running, size, 1)
    client = client_as("office", language="en")
    text = "Kundenr;Navn\n" + "".join(f"{n};Person Nr{n}\n" for n in range(71, 75))
    columns = {"column-number": "Kundenr", "column-name": "Navn"}
    run_id = imported(client, text, "customers", columns)
    page = client.get(f"/imports/result/{run_id}").text
    assert re.search(r"Compared with the latest rows before them only</dt><dd>2<", page)
    assert "The search for duplicates after an import compares everybody" in page
