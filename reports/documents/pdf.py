"""An invoice or credit note as PDF: the buyer's address in the envelope's window, lines, VAT by rate, how to pay.

The same snapshot makes the same bytes. What stands here is never read back from today's settings or debtors.
"""

from __future__ import annotations

import html
import io
from functools import partial
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table, TableStyle

from gecko import phones
from gecko.models.documents import DocumentKind, SaleDocument

from ..letters import fonts, paging
from ..letters.flowing import printable
from . import facts, figures

_WIDE = paging.WIDE - 40 * mm
_WINDOW_LINES = 7
_LEFT, _FIRST_TOP, _NEXT_TOP, _BOTTOM = 20 * mm, 100 * mm, 25 * mm, 22 * mm
_TEXT = ParagraphStyle("document", fontName=fonts.FAMILY, fontSize=8.5, leading=11, splitLongWords=True)
_RIGHT = ParagraphStyle("document-right", parent=_TEXT, alignment=TA_RIGHT)
_SMALL = ParagraphStyle("document-small", parent=_TEXT, fontSize=7.5, leading=10, textColor=paging.GREY)
_PLAIN = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
_LINES = TableStyle([
    *_PLAIN,
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
    ("LINEBELOW", (0, 1), (-1, -1), 0.3, colors.lightgrey),
])  # fmt: skip
_SUMS = TableStyle([*_PLAIN, ("LINEABOVE", (0, -1), (-1, -1), 0.8, colors.black)])


def make(document: SaleDocument) -> bytes:
    """The PDF of an issued document, in the buyer's language."""
    fonts.register()
    language = facts.language_of(document)
    file = io.BytesIO()
    with force_locale(language):
        template = BaseDocTemplate(
            file, pagesize=A4, title=title(document), author=facts.name_of(document.seller), lang=language, invariant=1
        )
        first = Frame(_LEFT, _BOTTOM, _WIDE, paging.HIGH - _FIRST_TOP - _BOTTOM, 0, 0, 0, 0)
        later = Frame(_LEFT, _BOTTOM, _WIDE, paging.HIGH - _NEXT_TOP - _BOTTOM, 0, 0, 0, 0)
        template.addPageTemplates([
            PageTemplate("first", [first], onPage=partial(_draw_first, document), autoNextPageTemplate="later"),
            PageTemplate("later", [later], onPage=partial(_draw_foot, document)),
        ])  # fmt: skip
        template.build([*_lines(document), Spacer(0, 4 * mm), *_sums(document), *_below(document)])
    return file.getvalue()


def title(document: SaleDocument) -> str:
    """Kind and number, in the language that is spoken."""
    if facts.is_transcript(document):
        return str(_("Transcript of document %(number)s", number=document.number))
    kind = _("Credit note") if document.kind == DocumentKind.CREDIT_NOTE else _("Invoice")
    return f"{kind} {document.number}"


def _draw_first(document: SaleDocument, canvas: Any, template: Any) -> None:
    """Sender, window, and the facts of the document beside it."""
    seller, buyer = document.seller, document.buyer
    sender = [facts.name_of(seller), *facts.address_of(seller)]
    paging.line(canvas, _LEFT, 18 * mm, sender[0], size=14, wide=_WIDE, name=fonts.BOLD)
    contact = [
        phones.display(seller.get("phone")),
        seller.get("email"),
        f"{_('CVR no.')} {seller['cvr']}" if seller.get("cvr") else "",
    ]
    canvas.setFillColor(paging.GREY)
    paging.line(canvas, _LEFT, 24 * mm, " · ".join(filter(None, [*sender[1:], *contact])), size=8, wide=_WIDE)
    paging.line(canvas, _LEFT + 4 * mm, 53 * mm, " · ".join(filter(None, sender)), size=6.5, wide=82 * mm)
    canvas.setFillColor(colors.black)
    att = f"{_('Att.')} {buyer['att']}" if buyer.get("att") else ""
    person = buyer.get("name") if buyer.get("company_name") else ""
    window = [str(words) for words in (facts.name_of(buyer), person, att, *facts.address_of(buyer)) if words]
    for number, words in enumerate(window[:_WINDOW_LINES]):
        paging.line(canvas, _LEFT + 4 * mm, (60 + 5 * number) * mm, words, size=10.5, wide=82 * mm)
    left, wide = 118 * mm, paging.WIDE - _LEFT - 118 * mm
    paging.line(canvas, left, 45 * mm, title(document), size=13, wide=wide, name=fonts.BOLD)
    for number, (label, value) in enumerate(_facts(document)):
        paging.line(canvas, left, (53 + 5 * number) * mm, label, size=8.5, wide=30 * mm)
        paging.line(canvas, left + 32 * mm, (53 + 5 * number) * mm, value, size=8.5, wide=wide - 32 * mm)
    _draw_foot(document, canvas, template)


def _draw_foot(document: SaleDocument, canvas: Any, template: Any) -> None:
    canvas.setFillColor(paging.GREY)
    page = _("Page %(number)d", number=template.page)
    foot = f"{title(document)} · {page}"
    paging.line(canvas, _LEFT, paging.HIGH - 13 * mm, foot, size=7.5, wide=_WIDE)
    canvas.setFillColor(colors.black)


def _facts(document: SaleDocument) -> list[tuple[str, str]]:
    buyer, is_invoice = document.buyer, document.kind == DocumentKind.INVOICE
    credited = document.refers_to
    found = [
        (_("Date"), figures.day(document.document_date)),
        (_("Due date"), figures.day(document.due_on) if is_invoice else ""),
        (_("Payment term"), str(document.term.get("name") or "") if is_invoice else ""),
        (_("Credits"), f"{_('Invoice')} {credited.number}, {figures.day(credited.document_date)}" if credited else ""),
        (_("Debtor no."), str(buyer.get("number") or "")),
        (_("CVR no."), str(buyer.get("cvr") or "")),
        (_("EAN no."), str(buyer.get("ean") or "")),
        (_("Order reference"), str(buyer.get("order_reference") or "")),
        (_("Contact reference"), str(buyer.get("contact_reference") or "")),
    ]
    return [(label, value) for label, value in found if value]


def _lines(document: SaleDocument) -> list[Any]:
    """A table of the lines: quantity, price, discount and amount without VAT, the VAT, and the amount with it."""
    has_discount = any(line.discount_ore for line in document.lines)
    heads = [
        _("Text"),
        _("Quantity"),
        _("Unit price without VAT"),
        _("Discount"),
        _("Without VAT"),
        _("VAT"),
        _("With VAT"),
    ]
    rows = [[_set(heads[0]), *(_set(head, _RIGHT) for head in heads[1:])]]
    is_known = not facts.is_transcript(document) or document.vat_ore != 0
    for line in document.lines:
        vat = f"{figures.amount(line.vat_ore)} ({figures.percent(line.vat_bp)})" if line.vat_bp else _("exempt")
        cells = [
            figures.quantity(line.quantity_milli),
            figures.amount(facts.without_vat(line.unit_price_ore, line.vat_bp)),
            figures.amount(facts.without_vat(line.discount_ore, line.vat_bp)) if line.discount_ore else "",
            figures.amount(line.total_ore - line.vat_ore),
            vat if is_known else "",
            figures.amount(line.total_ore),
        ]
        text = f"{line.item_no} · {line.text}" if line.item_no else line.text
        rows.append([_set(text), *(_set(cell, _RIGHT) for cell in cells)])
    widths = [_WIDE - 322, 42, 54, 48, 58, 66, 54]
    if not has_discount:
        rows = [[cell for place, cell in enumerate(row) if place != 3] for row in rows]
        widths = [widths[0] + widths.pop(3), *widths[1:]]
    return [Table(rows, colWidths=widths, style=_LINES, repeatRows=1, hAlign="LEFT")] if document.lines else []


def _sums(document: SaleDocument) -> list[Any]:
    """VAT by rate, what is exempt on its own, and the total."""
    rows = []
    for rate in facts.rates(document) if not facts.is_transcript(document) else []:
        if rate.vat_bp:
            rows.append((_("Basis for %(rate)s VAT", rate=figures.percent(rate.vat_bp)), rate.net_ore))
            rows.append((_("%(rate)s VAT", rate=figures.percent(rate.vat_bp)), rate.vat_ore))
        else:
            rows.append((_("Exempt from VAT"), rate.net_ore))
    if facts.is_transcript(document) and document.vat_ore:
        rows += [(_("Without VAT"), document.net_ore), (_("VAT"), document.vat_ore)]
    rows.append((_("Total in DKK"), document.total_ore))
    cells = [[_set(label), _set(figures.amount(ore), _RIGHT)] for label, ore in rows]
    cells[-1] = [_set(label, is_bold=True) if n == 0 else _set(label, _RIGHT, is_bold=True) for n, label in
                 enumerate((rows[-1][0], figures.amount(rows[-1][1])))]  # fmt: skip
    return [Table(cells, colWidths=[150, 80], style=_SUMS, hAlign="RIGHT"), Spacer(0, 6 * mm)]


def _below(document: SaleDocument) -> list[Any]:
    """How to pay, what comes on top of a late payment, and what a transcript is."""
    if facts.is_transcript(document):
        words = _("Issued in another system. This is what was taken over from there; VAT stands here only if it was.")
        return [_set(words, _SMALL)]
    way = facts.payment_line(document)
    parts = []
    if way is not None and way.creditor:
        parts += [_set(_("Payment line"), is_bold=True), _set(way.printed)]
    elif way is not None:
        account = _("Reg. no. %(reg)s, account no. %(account)s", reg=way.bank_reg_no, account=way.bank_account_no)
        parts += [_set(_("To be paid to"), is_bold=True), _set(account)]
        parts.append(_set(_("Please state invoice number %(number)s.", number=document.number)))
    if document.kind == DocumentKind.INVOICE and document.term.get("late_text"):
        parts += [Spacer(0, 4 * mm), _set(str(document.term["late_text"]), _SMALL)]
    return [KeepTogether(parts)] if parts else []


def _set(words: str, style: ParagraphStyle = _TEXT, *, is_bold: bool = False) -> Paragraph:
    """Words as a paragraph; nothing in them is markup."""
    shown = html.escape(printable(words), quote=False).replace("\n", "<br/>")
    return Paragraph(f"<b>{shown}</b>" if is_bold else shown, style)
