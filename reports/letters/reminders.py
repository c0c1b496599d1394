"""Payment reminders as PDF: what is owed, what comes on top, when and how to pay. The same snapshot, the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import IO, Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from gecko.models.dunning import Dunning
from gecko.operations.letters.sheets import Letter

from . import accounts, fonts, paging
from .document import Printed

_WORDS = {
    "da": {
        "what": "Krav", "day": "Dato", "due": "Forfald", "open": "Beløb i kr.", "invoice": "Faktura {text}",
        "fee": "Rykkergebyr", "interest": "Rente efter renteloven § 5",
        "compensation": "Kompensation efter renteloven § 9 a", "total": "I alt at betale senest {due}",
        "number": "Rykkernummer {number} · debitornr. {debtor}",
        "fik": "Betal med betalingslinjen {line}",
        "bank": "Betal til reg.nr. {reg}, kontonr. {account}, og skriv rykkernummer {number} på betalingen.",
    },
    "en": {
        "what": "Claim", "day": "Date", "due": "Due", "open": "Amount in DKK", "invoice": "Invoice {text}",
        "fee": "Reminder fee", "interest": "Interest under the Danish Interest Act, section 5",
        "compensation": "Compensation under the Danish Interest Act, section 9 a", "total": "Total to pay by {due}",
        "number": "Reminder number {number} · debtor no. {debtor}",
        "fik": "Pay by the payment line {line}",
        "bank": "Pay to reg. no. {reg}, account no. {account}, and state reminder number {number}.",
    },
}  # fmt: skip


def make(dunning: Dunning) -> bytes:
    """The PDF of one reminder."""
    file = BytesIO()
    write(file, [dunning], title=f"{dunning.wording['heading']} · {dunning.number}")
    return file.getvalue()


def write(file: IO[bytes], dunnings: Iterable[Dunning], *, title: str) -> Printed:
    """Several reminders as one PDF, each beginning on a page of its own; there must be at least one."""
    fonts.register()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(title)
    letters = pages = 0
    for dunning in dunnings:
        letters += 1
        paper = accounts.paper(dunning.seller, dunning.buyer, dunning.language, dunning.created_on)
        pages += paging.draw_flow(canvas, paper, _flow(dunning, paper))
    canvas.save()
    return Printed(letters, pages)


def _flow(dunning: Dunning, paper: Letter) -> list[Any]:
    words = _WORDS[dunning.language]
    number = words["number"].format(number=dunning.number, debtor=dunning.buyer.get("number", ""))
    return [
        accounts.heading(str(dunning.wording["heading"])),
        *accounts.paragraphs(str(dunning.wording["text"])),
        accounts.gap(4),
        _claims(dunning, paging.text_wide(paper)),
        accounts.gap(),
        *accounts.paragraphs(_payment(dunning)),
        *accounts.paragraphs(number),
    ]


def _claims(dunning: Dunning, wide: float) -> Any:
    words, language = _WORDS[dunning.language], dunning.language
    rows = [[words[name] for name in ("what", "day", "due", "open")]]
    for line in dunning.lines:
        text = words["invoice"].format(text=line.text) if line.is_claim else line.text
        days = (accounts.day(line.posted_on), accounts.day(line.due_on))
        rows.append([text, *days, accounts.amount(line.remaining_ore, language)])
    for name in ("fee", "interest", "compensation"):
        if ore := getattr(dunning, f"{name}_ore"):
            rows.append([words[name], accounts.day(dunning.created_on), "", accounts.amount(ore, language)])
    due = words["total"].format(due=accounts.day(dunning.due_on))
    rows.append([due, "", "", accounts.amount(dunning.total_ore, language)])
    return accounts.table(rows, (wide - 210, 65, 65, 80), amounts=1, bold=(-1,))


def _payment(dunning: Dunning) -> str:
    words, way = _WORDS[dunning.language], dunning.wording["payment"]
    if way.get("creditor"):
        return words["fik"].format(line=f"+71<{way['reference']}+{way['creditor']}<")
    if way.get("bank_reg_no"):
        return words["bank"].format(reg=way["bank_reg_no"], account=way["bank_account_no"], number=way["state"])
    return ""
