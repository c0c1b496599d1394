"""Encrypted columns open only where they were written."""

import pytest

from gecko import field_encryption

WHERE = {"table": "customer", "column": "cpr_encrypted"}


def test_round_trip_and_fresh_nonces(sqlite_app):
    first = field_encryption.encrypt("0102031234", row_id=7, **WHERE)
    second = field_encryption.encrypt("0102031234", row_id=7, **WHERE)
    assert first != second
    assert b"0102031234" not in first
    assert field_encryption.decrypt(first, row_id=7, **WHERE) == "0102031234"


@pytest.mark.parametrize("place", [{"row_id": 8}, {"column": "note"}, {"table": "contact"}])
def test_moved_ciphertext_does_not_open(sqlite_app, place):
    sealed = field_encryption.encrypt("0102031234", row_id=7, **WHERE)
    with pytest.raises(field_encryption.Unreadable):
        field_encryption.decrypt(sealed, **{"row_id": 7, **WHERE, **place})


@pytest.mark.parametrize("position", [0, 1, 6, -1])
def test_altered_ciphertext_does_not_open(sqlite_app, position):
    sealed = bytearray(field_encryption.encrypt("0102031234", row_id=7, **WHERE))
    sealed[position] ^= 1
    with pytest.raises(field_encryption.Unreadable):
        field_encryption.decrypt(bytes(sealed), row_id=7, **WHERE)


def test_blind_index_is_keyed_and_bound_to_its_column(sqlite_app):
    index = field_encryption.blind_index("0102031234", **WHERE)
    assert index == field_encryption.blind_index("0102031234", **WHERE)
    assert index != field_encryption.blind_index("0102031234", table="customer", column="number")
