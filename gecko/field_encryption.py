"""Encryption of single columns: AES-256-GCM bound to table, column and row, and a blind index for exact search.

A stored value is: version (1 byte), key id (4 bytes), nonce (12 bytes), ciphertext with tag. Moved to another row or
column it no longer opens. The blind index has a key of its own, so that it tells nothing without that one.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from .config import Secrets
from .errors import GeckoError

_VERSION = b"\x01"
_NONCE = 12
_HEAD = 1 + 4


class Unreadable(GeckoError):
    """The ciphertext was moved, altered, or made with a key this installation does not have."""

    message = "The encrypted value cannot be read."


def _secrets() -> Secrets:
    secrets: Secrets = current_app.config["GECKO_SECRETS"]
    return secrets


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key-id" + key).digest()[:4]


def _bound_to(table: str, column: str, row_id: int) -> bytes:
    return f"{table}|{column}|{row_id}".encode()


def encrypt(plain: str, *, table: str, column: str, row_id: int) -> bytes:
    """Encrypt `plain` for one column of one row."""
    key = bytes.fromhex(_secrets().field_key)
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(key).encrypt(nonce, plain.encode(), _bound_to(table, column, row_id))
    return _VERSION + _key_id(key) + nonce + sealed


def decrypt(stored: bytes, *, table: str, column: str, row_id: int) -> str:
    """Open what `encrypt` made for the same column of the same row; raises Unreadable otherwise."""
    key = bytes.fromhex(_secrets().field_key)
    if stored[:1] != _VERSION or stored[1:_HEAD] != _key_id(key):
        raise Unreadable
    nonce, sealed = stored[_HEAD : _HEAD + _NONCE], stored[_HEAD + _NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, _bound_to(table, column, row_id)).decode()
    except InvalidTag:
        raise Unreadable from None


def blind_index(plain: str, *, table: str, column: str) -> str:
    """A keyed digest that finds equal values without revealing them."""
    key = bytes.fromhex(_secrets().index_key)
    return hmac.new(key, f"{table}|{column}|{plain}".encode(), hashlib.sha256).hexdigest()
