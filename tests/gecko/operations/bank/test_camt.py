"""camt.053: entries, payment slips collected in one entry, balances, and files that are refused."""

from datetime import date

import pytest

from gecko.operations.bank import camt
from gecko.operations.bank.statements import BadFile
from tests.gecko.operations.bank.files import balance, entry, transaction, written
from tests.gecko.operations.bank.files import camt as document


def parse(tmp_path, text):
    return camt.parse(written(tmp_path, text))


@pytest.mark.parametrize(("version", "names"), [("02", 2), ("08", 8)])
def test_a_payment_is_read_with_everything_that_tells_what_it_is(tmp_path, version, names):
    details = transaction(
        name="Åse Ærø", text="Faktura 1234", reference="000000000012344", version=names, end_to_end="E2E-7"
    )
    text = document(entry(12_345, details, ref="B-1", info="Overførsel"), version=version)
    if version == "08":
        text = text.replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>")
    found = parse(tmp_path, text)
    [one] = found.entries
    assert (one.booked_on, one.amount_ore, one.text) == (date(2026, 11, 2), 12_345, "Faktura 1234 · Overførsel")
    assert (one.reference, one.counterparty) == ("000000000012344", "Åse Ærø")
    assert (one.end_to_end, one.bank_reference) == ("E2E-7", "B-1")
    assert found.account == "30000123456789"


def test_slips_that_are_collected_in_one_entry_are_payments_of_their_own(tmp_path):
    slips = [transaction(ore, reference=f"slip {ore}") for ore in (1_000, 2_500)]
    found = parse(tmp_path, document(entry(3_500, *slips)))
    assert [(one.amount_ore, one.reference) for one in found.entries] == [(1_000, "slip 1000"), (2_500, "slip 2500")]
    found = parse(tmp_path, document(entry(4_000, *slips)))  # they do not add up to it: it stays one
    assert [one.amount_ore for one in found.entries] == [4_000]


def test_what_went_out_and_what_is_not_booked_is_passed_over_and_the_rest_must_add_up(tmp_path):
    parts = [entry(5_000), entry(2_000, sign="DBIT"), entry(900, status="PDNG")]
    found = parse(tmp_path, document(balance("OPBD", -1_000), balance("CLBD", 2_000), *parts))
    assert ([one.amount_ore for one in found.entries], found.passed_over) == ([5_000], 2)
    assert (found.opening_ore, found.closing_ore, found.moved_ore) == (-1_000, 2_000, 3_000)
    with pytest.raises(BadFile, match="add up"):
        parse(tmp_path, document(balance("OPBD", 0), balance("CLBD", 2_000), *parts))


def test_a_row_that_cannot_be_read_is_refused_with_its_place_and_the_others_come_in(tmp_path):
    rows = [entry(100, currency="EUR"), entry(200), entry(300, day="i går")]
    found = parse(tmp_path, document(balance("OPBD", 0), balance("CLBD", 999), *rows))
    assert [(one.line, one.params) for one in found.refused] == [(1, {"currency": "EUR"}), (3, {})]
    assert [one.line for one in found.entries] == [2]


@pytest.mark.parametrize("amount", ["1e999", "NaN", "Infinity", "99999999999999999999.00", "12,00", ""])
def test_an_amount_that_is_none_is_told_of_and_never_an_error(tmp_path, amount):
    def spoilt(text):
        return text.replace("66.00", amount)

    rows = parse(tmp_path, spoilt(document(entry(6_600), entry(100), entry(6_600, sign="DBIT"))))
    assert [one.amount_ore for one in rows.entries] == [100]
    assert [one.line for one in rows.refused] == [1, 3]
    slips = (transaction(6_600), transaction(100))
    assert [one.amount_ore for one in parse(tmp_path, spoilt(document(entry(6_700, *slips)))).entries] == [6_700]
    for code in ("OPBD", "CLBD"):
        with pytest.raises(BadFile, match="balance"):
            parse(tmp_path, spoilt(document(balance(code, 6_600), entry(100))))


BOMB = '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<Document",
        "<html><body/></html>",
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>',
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"/>',
        document(entry(100, info="&b;"), before=BOMB),
        document(entry(100), before='<!DOCTYPE Document SYSTEM "file:///etc/passwd">'),
        document(entry(100)).replace("</Stmt>", "<Acct><Id><Othr><Id>1234 99</Id></Othr></Id></Acct></Stmt>"),
    ],
    ids=["empty", "broken", "html", "other message", "no statement", "entities", "outside entity", "two accounts"],
)
def test_what_is_no_statement_of_one_account_is_refused(tmp_path, text):
    with pytest.raises(BadFile):
        parse(tmp_path, text)
