"""Files in every shape people send: encodings, delimiters, quotes, ragged rows, workbooks, bombs."""

from __future__ import annotations

import zipfile
from datetime import datetime

import openpyxl
import pytest

from gecko.operations.importing import readers, workbooks
from gecko.operations.importing.faults import Unreadable


def read(tmp_path, content: bytes, name: str = "file.csv", **options):
    path = tmp_path / name
    path.write_bytes(content)
    with readers.open_table(path, **options) as table:
        return table.header, [(row.line, row.cells, row.fault and row.fault.message, row.warning) for row in table.rows]


def cells(found):
    return [row[1] for row in found[1]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encoding_delimiter_and_line_ends_are_found_out(tmp_path, encoding, delimiter, end):
    rows = [["nr", "navn", "by"], ["1", "Åse Ærø", "Øster Å"], ["2", "Bo", "Køge"]]
    text = end.join(delimiter.join(row) for row in rows) + end
    header, found = read(tmp_path, text.encode(encoding))
    assert header == rows[0]
    assert [(line, row) for line, row, _fault, _warning in found] == [(2, rows[1]), (3, rows[2])]


def test_a_byte_order_mark_wins_over_what_is_stated(tmp_path):
    assert read(tmp_path, "å,b\n1,2\n".encode("utf-16"), encoding="utf-8")[0] == ["å", "b"]
    assert read(tmp_path, "å,b\n1,2\n".encode("utf-8-sig"), encoding="cp1252")[0] == ["å", "b"]


def test_a_row_in_another_encoding_is_read_with_a_warning_or_refused_where_one_was_stated(tmp_path):
    content = "nr,navn\n1,Åse\n".encode() + "2,Søren\n".encode("cp1252") + b"3,Bo\n"
    assert cells(read(tmp_path, content)) == [["1", "Åse"], ["2", "Søren"], ["3", "Bo"]]
    assert read(tmp_path, content)[1][1][3] is not None
    assert [row[2] is None for row in read(tmp_path, content, encoding="utf-8")[1]] == [True, False, True]


def test_lines_are_those_of_the_file(tmp_path):
    content = b'\n\na,b\n1,"x\ny"\n\n2,z\n   \n3,"q ""q"" q"\n,\n\n\n'
    header, found = read(tmp_path, content)
    assert header == ["a", "b"]
    assert [(row[0], row[1]) for row in found] == [
        (4, ["1", "x\ny"]), (7, ["2", "z"]), (9, ["3", 'q "q" q']), (10, ["", ""]),
    ]  # fmt: skip


def test_ragged_and_broken_rows_are_refused_one_by_one(tmp_path):
    content = b'a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n"x"y,2,3\n1,\x00,3\n1,\x0b2,3\n4,5,6\n7,"8,9\n'
    found = read(tmp_path, content)[1]
    assert [(row[0], row[2] is None) for row in found] == [
        (2, False), (3, False), (4, True), (5, False), (6, False), (7, True), (8, True), (9, False),
    ]  # fmt: skip
    assert found[5][1] == ["1", "2", "3"]
    assert found[5][3] == "Control signs were left out."


def test_blanks_after_a_delimiter(tmp_path):
    content = b'a, b\n1, "x, y"\n'
    assert read(tmp_path, content, skip_initial_space=True, delimiter=",") == (
        ["a", "b"],
        [(2, ["1", "x, y"], None, None)],
    )


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"  \r\n \t\n"])
def test_an_empty_file_says_so(tmp_path, content):
    with pytest.raises(Unreadable, match="empty"):
        read(tmp_path, content)


def test_a_header_alone_is_no_fault(tmp_path):
    assert read(tmp_path, b"a;b") == (["a", "b"], [])


def test_a_file_of_one_endless_line_is_no_csv_file(tmp_path):
    with pytest.raises(Unreadable, match="line breaks"):
        read(tmp_path, b"x" * (readers.LONGEST_LINE + 200_000))


def test_a_quote_that_never_closes_does_not_swallow_the_memory(tmp_path):
    content = b'a,b\n1,"x\n' + b"2,3\n" * 200_000
    found = read(tmp_path, content)[1]
    assert "never closed" in found[0][2]
    assert found[-1][1] == ["2", "3"]


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(Unreadable, match="cannot be read"):
        readers.open_table(tmp_path / "none.csv")


def workbook(path, rows, sheet="Ark1"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    book.close()


def test_a_workbook_keeps_its_types_and_row_numbers(tmp_path):
    path = tmp_path / "file.xlsx"
    workbook(
        path,
        [[], ["nr", "navn", "dato", "beløb"], [13085, "Åse", datetime(2025, 1, 2, 3, 4), 12.5], [], ["x", "", None, 1]],
    )
    with readers.open_table(path) as table:
        assert table.header == ["nr", "navn", "dato", "beløb"]
        rows = list(table.rows)
    assert rows[0].line == 3
    assert rows[0].cells == [13085.0, "Åse", datetime(2025, 1, 2, 3, 4), 12.5]
    with pytest.raises(Unreadable, match="no sheet"):
        readers.open_table(path, sheet="Ark2")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 3_000_000)
    monkeypatch.setattr(workbooks, "SMALL", 1_000_000)
    with pytest.raises(Unreadable, match="more than can be read"):
        readers.open_table(path)


@pytest.mark.parametrize("content", [b"PK\x03\x04garbage", b"\xd0\xcf\x11\xe0old"])
def test_what_is_no_workbook_says_so(tmp_path, content):
    with pytest.raises(Unreadable):
        read(tmp_path, content, "file.xlsx")
