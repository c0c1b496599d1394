"""A csv file and a camt file of the same days: what both say comes once, and the rest comes in."""

from datetime import date, timedelta

import pytest

from gecko.db import db
from gecko.models.bank import BankFile, BankFileKind
from gecko.operations import checking
from gecko.operations.bank.statements import Entry
from tests.gecko.operations.bank.making import account, entries, take_in

FIRST = date(2026, 10, 1)
INSIDE, LAST = FIRST + timedelta(days=1), FIRST + timedelta(days=2)


def entry(day, ore, said="", **values):
    return Entry(1, day, ore, said, **values)


def both(there, coming):
    """A camt file from FIRST to LAST, then the csv file; what is new, and why the rest is known."""
    account_id = account()
    take_in(entry(FIRST, 1, "Renter"), *there, entry(LAST, 2, "Renter"), account_id=account_id)
    file_id = take_in(*coming, account_id=account_id, sha256="csv", kind=BankFileKind.CSV)
    file = db.session.get(BankFile, file_id)
    assert file.taken_in + file.known == len(coming)
    return [one.text for one in entries() if one.file_id == file_id], file.known_by


@pytest.mark.parametrize(
    ("there", "coming", "new", "known"),
    [
        (
            [entry(LAST, 500, "Faktura 17", reference="000000000012344")],
            [entry(LAST, 500, "FI-kort", reference="+71<000000000012344+12345678<")],
            [], {"reference": 1},
        ),
        (
            [entry(INSIDE, 500, "Faktura", reference="000000000012344")],
            [entry(INSIDE, 500, "Faktura", reference="000000000099999")],
            ["Faktura"], {},
        ),
        (
            [entry(LAST, 500, "Overførsel", counterparty="Ærø Blomster ApS")],
            [entry(LAST, 500, "Overførsel fra Ærø Blomster"), entry(LAST, 500, "Overførsel fra Bo Hansen")],
            ["Overførsel fra Bo Hansen"], {"words": 1},
        ),
        ([entry(LAST, 500, "Overførsel A1")], [entry(LAST, 500, "Overførsel B2")], ["Overførsel B2"], {}),
        ([entry(INSIDE, 500, "Straks")], [entry(INSIDE, 500, "Ovf."), entry(INSIDE, 500, "Bo")], ["Bo"], {"amount": 1}),
        ([entry(INSIDE, 500, "Kim"), entry(INSIDE, 500, "Bo Dam")], [entry(INSIDE, 500, "Bo Dam")] * 2, [],
         {"same": 1, "amount": 1}),
        ([entry(LAST, 500, "Bo Dam")], [entry(LAST, 500, "Bo Dam")] * 2, ["Bo Dam"], {"same": 1}),
        ([entry(INSIDE, 500, "Te")], [entry(INSIDE, 501, "Te"), entry(LAST, 500, "Te")], ["Te", "Te"], {}),
    ],
)  # fmt: skip
def test_what_both_files_say_comes_once(sqlite_app, there, coming, new, known):
    assert both(there, coming) == (new, known)


def test_it_holds_the_other_way_round_and_again(app):
    account_id = account()
    rows = [entry(FIRST, 100, "Anna Bæk"), entry(INSIDE, 200, "Straks"), entry(LAST, 300, "Carl Dam")]
    said = [entry(FIRST, 100, "Fra Anna Bæk"), entry(INSIDE, 200, "Overførsel"), entry(LAST, 300, "Carl Dam, tak")]
    take_in(*rows, account_id=account_id, kind=BankFileKind.CSV)
    for sha256 in ("camt", "again"):
        file = db.session.get(BankFile, take_in(*said, account_id=account_id, sha256=sha256))
        assert (file.taken_in, file.known_by) == (0, {"words": 2, "amount": 1})
    take_in(*rows, entry(LAST, 900, "Ny"), account_id=account_id, sha256="csv", kind=BankFileKind.CSV)
    assert [one.amount_ore for one in entries()] == [100, 200, 300, 900]
    assert [one.name for one in checking.run() if not one.is_ok] == []
