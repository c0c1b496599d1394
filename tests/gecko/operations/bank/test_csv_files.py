"""csv files of Danish banks: columns are guessed, dates and amounts read as banks write them, bad rows named."""

from dataclasses import replace
from datetime import date

import pytest

from gecko.errors import Invalid
from gecko.operations.bank import csv_files
from gecko.operations.bank.statements import BadFile
from tests.gecko.operations.bank.files import written

# Headings as banks have them; names and amounts are made up.
DANSKE = (
    '"Dato";"Tekst";"Beløb";"Saldo";"Status";"Afstemt"\r\n'
    '"02.11.2026";"Åse Ærø faktura 1234";"1.234,50";"9.000,00";"Udført";"Nej"\r\n'
    '"03.11.2026";"Husleje";"-8.000,00";"1.000,00";"Udført";"Nej"\r\n'
    '"04.11.2026";"På vej";"10,00";"";"Venter";"Nej"\r\n'
)
NORDEA = (
    "Bogføringsdato;Beløb;Afsender;Modtager;Navn;Beskrivelse;Saldo;Valuta;Afstemt\n"
    "2026/11/02;500,00;Bo Bak;;;Indbetaling;1.500,00;DKK;\n"
    "2026/11/03;70,00;Jo;;;Euro;1.570,00;EUR;\n"
    "3. november;70,00;Jo;;;Dato;1.570,00;DKK;\n"
    "2026/11/03;halvfjerds;Jo;;;Beløb;1.570,00;DKK;\n"
)


def read(path, **changes):
    glance = csv_files.glance(path)
    mapping = csv_files.mapping_of({**csv_files.guess(glance), **changes}, glance.header)
    return csv_files.parse(path, mapping)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_columns_are_known_by_their_headings_and_only_booked_money_comes_in(tmp_path, encoding):
    found = read(written(tmp_path, DANSKE, encoding=encoding))
    [one] = found.entries
    assert (one.booked_on, one.amount_ore, one.text) == (date(2026, 11, 2), 123_450, "Åse Ærø faktura 1234")
    assert (one.line, found.passed_over, found.refused) == (2, 2, [])


def test_bad_rows_are_refused_with_line_and_reason(tmp_path):
    found = read(written(tmp_path, NORDEA))
    [one] = found.entries
    assert (one.amount_ore, one.counterparty) == (50_000, "Bo Bak")
    assert [(row.line, row.params) for row in found.refused] == [
        (3, {"currency": "EUR"}),
        (4, {"text": "3. november"}),
        (5, {"text": "halvfjerds"}),
    ]


def test_the_sign_before_the_oere_is_told_by_the_amounts(tmp_path):
    path = written(tmp_path, 'Date,Text,Amount\n02-11-26,Pay,"1,250.75"\n2026-11-03,Pay,3.00\n')
    assert csv_files.guess(csv_files.glance(path))["decimal"] == "."
    assert [one.amount_ore for one in read(path).entries] == [125_075, 300]


def test_a_mapping_names_columns_that_are_there(tmp_path):
    glance = csv_files.glance(written(tmp_path, DANSKE))
    guess = csv_files.guess(glance)
    for field, value in (("date", ""), ("amount", "Kroner"), ("decimal", ";")):
        with pytest.raises(Invalid) as error:
            csv_files.mapping_of({**guess, field: value}, glance.header)
        assert error.value.field == field
    mapping = csv_files.mapping_of(guess, glance.header)
    assert csv_files.mapping_of(mapping.stored(), glance.header) == replace(mapping)


def test_an_empty_file_is_refused(tmp_path):
    with pytest.raises(BadFile):
        csv_files.glance(written(tmp_path, ""))
