"""What a mail server's reply means: a table of codes and words, and one reading of it.

The rules, strictest first:

- connecting, logging in and MAIL FROM are about us: a fault of the system, whatever the code says;
- 421 means that they hang up; any other 4xx that this mail may be tried again;
- only 5.1.1, 5.1.2, 5.1.3, 5.1.6 and 5.1.10 fail an address at once (RFC 3463: mailbox, domain, syntax, moved,
  null MX); a full or disabled mailbox and a dead route fail it only when they go on;
- 5.7.x, and words of blocking and spam whatever the code, are about the sender: never the address's fault;
- a server that gives no enhanced code is read by its words; where words and code disagree, the milder verdict counts.
"""

from __future__ import annotations

import re
from enum import StrEnum

from ..outcomes import Fault, Later, Rejected, Verdict
from . import words


class Stage(StrEnum):
    """Where in the conversation the reply came."""

    CONNECT = "connect"  # greeting, EHLO, STARTTLS, AUTH
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"
    REPORT = "report"  # told later, in a bounce


_OURS = frozenset({Stage.CONNECT, Stage.MAIL})

_CODES = {
    500: Verdict.SYSTEM, 502: Verdict.SYSTEM, 503: Verdict.SYSTEM, 504: Verdict.SYSTEM,  # we speak wrongly
    530: Verdict.SYSTEM, 534: Verdict.SYSTEM, 535: Verdict.SYSTEM, 538: Verdict.SYSTEM,  # we are not logged in
}  # fmt: skip

_ENHANCED = {
    "1.1": Verdict.ADDRESS, "1.2": Verdict.ADDRESS, "1.3": Verdict.ADDRESS, "1.6": Verdict.ADDRESS,
    "1.10": Verdict.ADDRESS,
    "1.7": Verdict.SYSTEM, "1.8": Verdict.SYSTEM,  # our sender's address
    "2.1": Verdict.SOFT,  # disabled: may come back
    "2.2": Verdict.SOFT,  # full
    "4.5": Verdict.REFUSED,  # too much at once
    "4.6": Verdict.REFUSED, "4.14": Verdict.REFUSED,  # loops
}  # fmt: skip
_SUBJECTS = {"4": Verdict.SOFT, "7": Verdict.POLICY}  # routes that lead nowhere; security and policy
_VAGUE = re.compile(r"[1-6]\.0|5\.\d+")  # x.0: "other"; 5.x: about the protocol, used for anything

_STATUS = r"([245])\.(\d{1,3}\.\d{1,3})(?![\d.]*\d)"
_AT_START = re.compile(rf"\s*(?:[245]\d\d[ -])?\s*#?{_STATUS}")
_MARKED = re.compile(rf"#\s?{_STATUS}|\b[245]\d\d[ -]{_STATUS}")


def enhanced_code(text: str) -> str:
    """The x.y.z of a reply's text: at its start, after a `#` as qmail writes it, or after a code; empty without one."""
    found = _AT_START.match(text) or _MARKED.search(text)
    return ".".join(part for part in found.groups() if part) if found else ""


def is_vague(detail: str) -> bool:
    """Whether the y.z of a code says no more than that something is wrong."""
    return detail == "0.0" or bool(_VAGUE.fullmatch(detail))


def classify(stage: Stage, code: int, text: str) -> Verdict:
    """What a 4xx or 5xx reply means. text: without the code, lines of a longer reply joined by line feeds."""
    if code == 421:
        return Verdict.CLOSING
    if stage in _OURS:
        return Verdict.SYSTEM
    detail = enhanced_code(text)[2:]
    said = words.without_names(text)
    if code // 100 == 4:
        return _for_now(detail, said)
    if code in _CODES and stage is not Stage.REPORT:
        return _CODES[code]
    verdict = _for_good(detail, said, code)
    return Verdict.REFUSED if stage is Stage.REPORT and verdict is Verdict.SYSTEM else verdict


def _for_now(detail: str, said: str) -> Verdict:
    is_full = detail == "2.2" or (not detail and words.FULL.search(said))
    return Verdict.SOFT if is_full else Verdict.RETRY


def _for_good(detail: str, said: str, code: int) -> Verdict:
    if not detail or detail == "0.0":
        return _by_words(said, gone=Verdict.ADDRESS, otherwise=Verdict.ADDRESS if code == 551 else Verdict.REFUSED)
    tabled = _ENHANCED.get(detail)
    if tabled is Verdict.ADDRESS:
        return _milder(tabled, said)
    if tabled is None and is_vague(detail):
        return _by_words(said, gone=Verdict.SOFT)
    return tabled or _SUBJECTS.get(detail.split(".")[0], Verdict.REFUSED)


def _milder(verdict: Verdict, said: str) -> Verdict:
    if words.POLICY.search(said):
        return Verdict.POLICY
    return Verdict.SOFT if words.FULL.search(said) else verdict


def _by_words(said: str, *, gone: Verdict, otherwise: Verdict = Verdict.REFUSED) -> Verdict:
    if words.POLICY.search(said):
        return Verdict.POLICY
    if words.FULL.search(said) or words.SHUT.search(said):
        return Verdict.SOFT
    if words.GONE.search(said):
        return gone
    return Verdict.SOFT if words.UNAVAILABLE.search(said) else otherwise


def outcome(stage: Stage, code: int, text: str) -> Rejected | Later | Fault:
    """What a refusal at RCPT, DATA or after the dot makes of the mail."""
    verdict = classify(stage, code, text)
    if verdict is Verdict.SYSTEM:
        return Fault(f"{code} {text}", verdict, code)
    if code // 100 == 5:
        return Rejected(text, verdict, code, enhanced_code(text))
    return Later(text, verdict, code, enhanced_code(text))
