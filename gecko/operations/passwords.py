"""Passwords: which are good enough, and how they are kept (Argon2id, at most a few hashed at a time)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..errors import GeckoError, Invalid
from ..language import _

SHORTEST, LONGEST = 8, 256
COMMON = Path(__file__).parent.parent / "data" / "common_passwords.txt"
_hasher = PasswordHasher()  # RFC 9106, low memory: 64 MiB a hash
_places = BoundedSemaphore(4)  # so that a burst of log-ins takes 256 MiB at most
_PATIENCE = 20.0  # seconds


class Busy(GeckoError):
    """So many log in at once that this one was not looked at."""

    message = _("Very many are logging in right now. Try again in a moment.")


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=_PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _places.release()


def _normal(password: str) -> str:
    """One spelling for letters that keyboards compose in different ways (å, é)."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    """What the database keeps. Slow on purpose: never call it inside a transaction."""
    with _place():
        return _hasher.hash(_normal(password))


@cache
def _nobody() -> str:
    return hash_password("nobody has this password")


def verify(stored: str | None, password: str) -> bool:
    """Whether `password` is the stored one. Takes the same time where there is no user or no password."""
    known = stored is not None
    candidate = _normal(password) if len(password) <= LONGEST else ""
    hashed = stored or _nobody()
    with _place():
        try:
            return _hasher.verify(hashed, candidate) and known
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").split("\n")) - {""}


def check(password: str, *, context: tuple[str | None, ...] = ()) -> None:
    """Refuse a new password that is short, endless, well known, or made of `context` (user name, name, e-mail).

    No rule asks for capitals or signs: length is what helps.
    """
    plain = _normal(password).casefold()
    if len(plain) < SHORTEST:
        raise Invalid(_("The password must have at least %(least)s characters."), field="password", least=SHORTEST)
    if len(plain) > LONGEST:
        raise Invalid(_("The password may have at most %(most)s characters."), field="password", most=LONGEST)
    if plain in _common() or len(set(plain)) < 3:
        raise Invalid(_("This password is one of the first that others try. Choose another."), field="password")
    if _is_made_of(plain, context):
        raise Invalid(_("The password may not be made from your name, user name or e-mail."), field="password")


def _is_made_of(plain: str, context: tuple[str | None, ...]) -> bool:
    """Whether so little is left without the known words that the words are the password."""
    words = {word for text in context if text for word in text.casefold().replace("@", " ").replace(".", " ").split()}
    rest = plain
    for word in sorted((word for word in words if len(word) >= 3), key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < min(len(plain), 5)
