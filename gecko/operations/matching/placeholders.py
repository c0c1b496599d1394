"""Values that stand in for a value: they say nothing about who somebody is, so they count as unknown."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from .word_lists import words


class Learned(NamedTuple):
    """Placeholders that were found in this very base, normalised: many different people bear them."""

    emails: frozenset[str] = frozenset()
    phones: frozenset[int] = frozenset()
    birth_dates: frozenset[date] = frozenset()


NOTHING_LEARNED = Learned()

_ROLES = words(
    """
    info information kontakt contact mail post postmaster admin administration administrator kontor office salg
    sales support service kundeservice booking bookings bestilling reception webmaster hello hej faktura invoice
    regnskab bogholderi finance job jobs hr ordre order orders shop butik team skole klinik klinikken noreply no-
    reply donotreply hallo kundecenter marketing presse press abuse
    """
)
_DUMMIES = words(
    """
    test tester testing none nomail noemail no-mail no-email ingen ingenmail ingen-mail ingenemail ukendt unknown
    na n/a null asdf asd qwerty abc xx xxx xxxx aaa abcd dummy fake example eksempel nej no mangler mangleremail
    harikke
    """
)
_DUMMY_DOMAINS = words(
    """
    test.dk test.com example.com example.org example.net example.dk eksempel.dk ingen.dk ingenmail.dk nomail.dk
    nomail.com noemail.com mail.invalid none.dk none.com no.dk no.com nej.dk a.dk a.com aa.dk x.dk xx.dk xxx.dk
    asdf.dk asdf.com abc.dk ukendt.dk invalid.invalid localhost
    """
)
_DUMMY_DAYS = frozenset(
    {date(1, 1, 1), date(1753, 1, 1), date(1800, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1),
     date(1900, 12, 31), date(1901, 1, 1), date(1970, 1, 1), date(2000, 1, 1), date(9999, 12, 31)}
)  # fmt: skip
_NOBODYS = _ROLES | _DUMMIES
_UPWARDS, _DOWNWARDS = "01234567890123456789", "98765432109876543210"


def is_nobodys_mailbox(local: str, domain: str) -> bool:
    """Whether a mailbox is that of a function, or somebody typed it only because an address was asked for."""
    return local in _NOBODYS or domain in _DUMMY_DOMAINS or _is_one_sign(local)


def is_dummy_phone(digits: str) -> bool:
    """Whether the digits are one digit again and again, or a run such as 12345678."""
    return digits in _UPWARDS or digits in _DOWNWARDS or _is_one_sign(digits)


def _is_one_sign(text: str) -> bool:
    return text[:1] * len(text) == text


def is_dummy_birth_date(day: date) -> bool:
    """Whether a program or a person without the date would have entered this one."""
    return day in _DUMMY_DAYS
