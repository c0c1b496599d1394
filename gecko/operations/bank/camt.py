"""Statements as ISO 20022 camt.053, versions 2 to 8: read entry by entry, with nothing fetched and nothing expanded.

What differs between the versions is looked for in either place: later ones have a `Pty` between `Dbtr` and its name,
and a `Cd` in the status, which was a text.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lxml import etree

from ...errors import Invalid
from ...language import _
from ...models.bank import BankFileKind
from ...money import LARGEST_ORE, to_ore
from ..importing.faults import Refused
from . import accounts, statements
from .statements import BadFile, Entry, RefusedRow, Statement

_NAMESPACE = "{urn:iso:std:iso:20022:tech:xsd:camt.053."
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_NOTHING = frozenset({"NOTPROVIDED", "NONREF", ""})


def is_xml(start: bytes) -> bool:
    """Whether a file that begins so is XML; another kind of XML is refused when it is read."""
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def parse(path: Path) -> Statement:
    """Read a file; raises BadFile where it is no camt.053, of several accounts, or its sums do not add up."""
    found = Statement(BankFileKind.CAMT)
    try:
        with path.open("rb") as file:
            for event, element in etree.iterparse(file, ("start", "end"), resolve_entities=False, no_network=True):
                if event == "start" and element.getparent() is None:
                    _require_camt(element)
                elif event == "end":
                    _take(element, found)
    except etree.XMLSyntaxError as error:
        raise BadFile(_("The file is not valid XML: %(error)s"), error=str(error)) from None
    if found.account is None:
        raise BadFile(_("The file holds no statement of an account."))
    _require_sums(found)
    return found


def _require_camt(root: Any) -> None:
    if root.getroottree().docinfo.doctype:
        raise BadFile(_("A bank's file declares no entities of its own; this one does and is not read."))
    if not root.tag.startswith(_NAMESPACE):
        raise BadFile(_("The file is XML, but no statement (camt.053)."))


def _require_sums(found: Statement) -> None:
    if found.opening_ore is None or found.closing_ore is None or found.refused:
        return
    if found.opening_ore + found.moved_ore != found.closing_ore:
        raise BadFile(_("The entries do not add up to the balances of the file. Fetch it from the bank again."))


def _take(element: Any, found: Statement) -> None:
    """What a closed element says; an entry is forgotten once it is read, so that a file of any size takes little."""
    parent = element.getparent()
    if parent is None or _name(parent) != "Stmt":
        return
    match _name(element):
        case "Acct":
            number = accounts.digits(_text(element, "Id", "IBAN") or _text(element, "Id", "Othr", "Id") or "")
            if found.account not in (None, number):
                raise BadFile(_("The file holds statements of several accounts; fetch one for each."))
            found.account = number
        case "Bal":
            _note_balance(element, found)
        case "Ntry":
            found.rows += 1
            try:
                _read(element, found)
            except Refused as error:
                found.refused.append(RefusedRow.of(found.rows, error))
            element.clear()


def _note_balance(balance: Any, found: Statement) -> None:
    code = _text(balance, "Tp", "CdOrPrtry", "Cd")
    try:
        if code in _OPENING and found.opening_ore is None:
            found.opening_ore = _amount(balance)
        elif code in _CLOSING:
            found.closing_ore = _amount(balance)
    except ValueError:
        raise BadFile(_("A balance of the file cannot be read. Fetch it from the bank again.")) from None


def _read(entry: Any, found: Statement) -> None:
    """Take one entry in; raises Refused where it cannot be."""
    if (_text(entry, "Sts", "Cd") or _text(entry, "Sts")) != "BOOK":
        found.passed_over += 1
        return
    try:
        booked_on = date.fromisoformat((_text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm") or "")[:10])
        amount = _amount(entry)
    except ValueError:
        raise Refused("The date or the amount cannot be read.") from None
    statements.require_dkk(_currency(entry))
    found.moved_ore += amount
    if amount > 0:
        found.entries += _payments(entry, found.rows, booked_on, amount)
    else:
        found.passed_over += 1


def _payments(entry: Any, place: int, booked_on: date, amount: int) -> list[Entry]:
    """An entry's payments: one for each of its transactions where these add up to it, as payment slips do."""
    parts = [part for details in _children(entry, "NtryDtls") for part in _children(details, "TxDtls")]
    amounts = [_part_amount(part) for part in parts]
    if len(parts) > 1 and all(amounts) and sum(one or 0 for one in amounts) == amount:
        return [_payment(entry, [part], place, booked_on, ore) for part, ore in zip(parts, amounts, strict=True) if ore]
    return [_payment(entry, parts, place, booked_on, amount)]


def _payment(entry: Any, parts: list[Any], place: int, booked_on: date, amount: int) -> Entry:
    texts = [text for part in parts for text in _texts(part)]
    first = parts[0] if parts else None
    return Entry(
        line=place,
        booked_on=booked_on,
        amount_ore=amount,
        text=statements.one_line([*texts, _text(entry, "AddtlNtryInf")]),
        reference=_first(parts, ("RmtInf", "Strd", "CdtrRefInf", "Ref")),
        counterparty=_first(parts, ("RltdPties", "Dbtr", "Nm"), ("RltdPties", "Dbtr", "Pty", "Nm")),
        end_to_end=_known(_text(first, "Refs", "EndToEndId")),
        bank_reference=_known(_text(first, "Refs", "AcctSvcrRef")) or _known(_text(entry, "AcctSvcrRef")),
    )


def _texts(part: Any) -> list[str]:
    info = _child(part, "RmtInf")
    free = [element.text or "" for element in _children(info, "Ustrd")]
    return [*free, _text(part, "AddtlTxInf") or ""]


def _part_amount(part: Any) -> int | None:
    """A transaction's own amount, øre; None where it has none that can be read, or is no DKK."""
    holder = part if _child(part, "Amt") is not None else _child(_child(part, "AmtDtls"), "TxAmt")
    if holder is None or _currency(holder) != "DKK":
        return None
    try:
        ore = _ore(holder)
    except ValueError:
        return None
    return ore if _text(part, "CdtDbtInd") in (None, "CRDT") else None


def _amount(holder: Any) -> int:
    """The signed amount of an entry or a balance, øre: what came in or is there is above zero; ValueError for none."""
    ore = _ore(holder)
    return ore if _text(holder, "CdtDbtInd") == "CRDT" else -ore


def _ore(holder: Any) -> int:
    """An amount without its sign, øre; raises ValueError for what is none, or more than books can hold."""
    try:
        ore = to_ore(Decimal(_text(holder, "Amt") or ""))
    except (InvalidOperation, Invalid) as error:
        raise ValueError from error
    if abs(ore) > LARGEST_ORE:
        raise ValueError(ore)
    return ore


def _currency(holder: Any) -> str:
    amount = _child(holder, "Amt")
    return str(amount.get("Ccy", "")) if amount is not None else ""


def _known(text: str | None) -> str | None:
    return None if text is None or text.upper() in _NOTHING else text


def _first(parts: list[Any], *ways: tuple[str, ...]) -> str | None:
    return next((text for part in parts for way in ways if (text := _text(part, *way))), None)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Any, name: str) -> list[Any]:
    return [] if element is None else [child for child in element if _name(child) == name]


def _child(element: Any, name: str) -> Any:
    return next(iter(_children(element, name)), None)


def _text(element: Any, *way: str) -> str | None:
    """The text at the end of a way of names, trimmed; None where there is none."""
    for name in way:
        element = _child(element, name)
    text = None if element is None else (element.text or "").strip()
    return text or None
