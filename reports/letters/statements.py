"""Statements of account as PDF: the movements or the open items, the balance, and its ages."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from gecko.operations.messaging.enqueuing import Attachment
from gecko.operations.posting_words import KINDS
from gecko.operations.statements import Form, Statement

from . import accounts, fonts, paging


def make(statement: Statement) -> bytes:
    """The PDF, in the debtor's language."""
    fonts.register()
    file = BytesIO()
    with force_locale(statement.language):
        canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
        canvas.setTitle(title(statement))
        paper = accounts.paper(statement.seller, statement.buyer, statement.language, statement.wanted.to)
        paging.draw_flow(canvas, paper, _flow(statement, paging.text_wide(paper)))
        canvas.save()
    return file.getvalue()


def title(statement: Statement) -> str:
    """What it is and of which days, in the language that is spoken."""
    first, last = accounts.day(statement.wanted.since), accounts.day(statement.wanted.to)
    if statement.wanted.form == Form.ACTIVITY:
        return str(_("Statement of account %(first)s to %(last)s", first=first, last=last))
    return str(_("Statement of account: open items on %(day)s", day=last))


def mailed(statement: Statement) -> tuple[str, str, Attachment]:
    """Subject, text and file of the e-mail that carries it, in the debtor's language."""
    with force_locale(statement.language):
        text = _("Your statement of account is attached. Please contact us if anything in it is not as you expect.")
        return title(statement), str(text), attached(statement)


def attached(statement: Statement) -> Attachment:
    """The PDF under a name in the debtor's language."""
    with force_locale(statement.language):
        number, day = statement.buyer.get("number", ""), statement.wanted.to.isoformat()
        name = _("statement-%(no)s-%(day)s.pdf", no=number, day=day)
    return Attachment(name, "application/pdf", make(statement))


def _flow(statement: Statement, wide: float) -> list[Any]:
    number = _("Debtor no. %(no)s", no=statement.buyer.get("number", ""))
    return [
        accounts.heading(title(statement)),
        *accounts.paragraphs(number),
        _postings(statement, wide),
        accounts.gap(),
        _ages(statement, wide),
    ]


def _postings(statement: Statement, wide: float) -> Any:
    def amount(ore: int) -> str:
        return accounts.amount(ore, statement.language)

    is_activity = statement.wanted.form == Form.ACTIVITY
    heads = [_("Date"), _("Posting"), _("Due"), _("Amount") if is_activity else _("Open"), _("Balance")]
    rows = [heads]
    if is_activity:
        rows.append([accounts.day(statement.wanted.since), _("Opening balance"), "", "", amount(statement.opening_ore)])
    for row in statement.rows:
        due = accounts.day(row.due_on) if row.due_on else ""
        words = f"{KINDS[row.kind]} {row.text}".strip()
        rows.append([accounts.day(row.posted_on), words, due, amount(row.ore), amount(row.balance_ore)])
    rows.append([accounts.day(statement.wanted.to), _("Balance in DKK"), "", "", amount(statement.closing_ore)])
    return accounts.table(rows, (60, wide - 270, 60, 75, 75), amounts=2, bold=(-1,))


def _ages(statement: Statement, wide: float) -> Any:
    heads = [*(str(bucket.label) for bucket, _ore in statement.aged), _("Not placed")]
    sums = [*(ore for _bucket, ore in statement.aged), statement.credits_ore]
    cells = [accounts.amount(ore, statement.language) for ore in sums]
    return accounts.table([heads, cells], [wide / len(heads)] * len(heads), amounts=len(heads))
