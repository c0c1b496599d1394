"""How money, dates, instants and telephone numbers look in the reader's language, as Jinja filters."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from gecko import phones
from gecko.clock import local, now, today
from gecko.language import spoken
from gecko.money import format_ore

_RECENT = timedelta(hours=24)


def language() -> str:
    """The page's language: da or en."""
    found = spoken()
    return found.language if found else "da"


def ore(value: int | None) -> str:
    """`1.234,50 kr.` in Danish, `DKK 1,234.50` in English; empty for None."""
    return "" if value is None else format_ore(value, language()).replace(" ", "\N{NO-BREAK SPACE}")


def amount(value: int | None) -> str:
    """Money without its currency; empty for None."""
    return "" if value is None else format_ore(value, language(), currency=False)


def kroner(value: int) -> str:
    """Money in whole kroner, rounded, without its currency: for labels where room is short."""
    return number((value + 50) // 100)


def day(value: date | datetime | None) -> str:
    """`22-11-2026` in both languages; an instant is read on the Danish clock."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = local(value).date()
    return value.strftime("%d-%m-%Y")


def instant(value: datetime | None) -> str:
    """`22-11-2026 14:05`, Danish time."""
    return "" if value is None else local(value).strftime("%d-%m-%Y %H:%M")


def exact(value: datetime) -> str:
    """An instant to the second with its zone, for tooltips."""
    return local(value).strftime("%d-%m-%Y %H:%M:%S %Z")


def relative(value: datetime | None) -> str:
    """`5 minutes ago` within a day, `yesterday 14:05`, and otherwise date and time."""
    if value is None:
        return ""
    passed = now() - value
    if timedelta(0) <= passed < _RECENT:
        return _ago(int(passed.total_seconds()))
    if local(value).date() == today() - timedelta(days=1):
        return _("yesterday %(time)s", time=local(value).strftime("%H:%M"))
    return instant(value)


def _ago(seconds: int) -> str:
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return ngettext("%(num)d minute ago", "%(num)d minutes ago", seconds // 60)
    return ngettext("%(num)d hour ago", "%(num)d hours ago", seconds // 3600)


def time_tag(value: datetime | None) -> Markup:
    """An instant as `<time>`: relative to read, exact as its tooltip."""
    if value is None:
        return Markup("")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), exact(value), relative(value))


def number(value: int | None) -> str:
    """A whole number with the language's thousands mark."""
    if value is None:
        return ""
    return f"{value:,}".replace(",", "." if language() == "da" else ",")


def milli(value: int | None) -> str:
    """A quantity kept in thousandths: `2,5`."""
    if value is None:
        return ""
    whole, rest = divmod(abs(value), 1_000)
    decimals = f"{rest:03d}".rstrip("0")
    point = "," if language() == "da" else "."
    return ("-" if value < 0 else "") + number(whole) + (f"{point}{decimals}" if decimals else "")


def chance(value: float) -> str:
    """A probability in per cent; never rounded to certainty."""
    share = min(max(value, 0.0), 1.0) * 100
    if 0 < share < 0.1:
        return "< " + _percent(0.1)
    return _percent(99.9 if 99.9 < share < 100 else share)


def _percent(share: float) -> str:
    text = f"{share:.1f}".removesuffix(".0")
    return f"{text.replace('.', ',')}\N{NO-BREAK SPACE}%" if language() == "da" else f"{text}%"


def weight(bits: float) -> Markup:
    """A weight in bits with its sign, `+3,5`: green where it speaks for one person, red where it speaks against."""
    return _weight(bits, language())


@lru_cache(maxsize=1024)
def _weight(bits: float, language: str) -> Markup:
    text = f"{abs(bits):.1f}"
    is_less = bits < 0 and text != "0.0"
    figure = ("\N{MINUS SIGN}" if is_less else "+") + (text.replace(".", ",") if language == "da" else text)
    return Markup('<span class="g-weight {}">{}</span>').format("g-against" if is_less else "g-for", figure)


@lru_cache(maxsize=1024)
def weight_bar(bits: float) -> Markup:
    """The same as a bar, to the right of the middle for one person, to the left against; a case draws dozens."""
    width = min(3 * abs(bits), 50.0)
    colour, start = ("against", 50 - width) if bits < 0 else ("for", 50.0)
    return Markup(
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<line class="g-weight-zero" x1="50" x2="50" y1="0" y2="10"/>'
        '<rect class="g-weight-{}" x="{:.1f}" y="1.5" width="{:.1f}" height="7" rx="1"/></svg>'
    ).format(colour, start, width)


def init_app(app: Flask) -> None:
    """Make the filters known to the templates."""
    app.jinja_env.filters.update(
        ore=ore, amount=amount, day=day, instant=instant, relative=relative, time_tag=time_tag, number=number,
        phone=phones.display, milli=milli, chance=chance, weight=weight, weight_bar=weight_bar,
    )  # fmt: skip
