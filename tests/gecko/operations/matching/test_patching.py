"""A signature that is patched is the one that would have been made of all."""

from __future__ import annotations

import random
from datetime import date
from itertools import combinations

import pytest
from sqlalchemy import text

from gecko.db import db, transaction
from gecko.models.customers import Customer
from gecko.models.matching import COMPARED, MatchMark, MatchSignature
from gecko.operations.matching import patching
from gecko.operations.matching.normalising import FIELDS, normalise_row
from gecko.operations.matching.placeholders import NOTHING_LEARNED, Learned
from gecko.operations.matching.signature import SIZE, pack
from tests import factories
from tests.gecko.operations.matching.test_keeping import ANNE, expected, is_kept, outside, stored

VALUES = {
    "name": ["Anne Holm", "Bo Skov 20203040", None, "Jensen, Carla Maria"],
    "address": ["Nygade 4, 2. tv", "Havnevej 7 tlf 30 40 50 60", None, "c/o Holm, Skovvej 12B"],
    "postal_code": ["8000", "SW1A 1AA", None], "city": ["Aarhus C", "London", None],
    "telephone": ["86121314", "+45 2020 3040", None], "mobile": ["20203040", "12345678", None],
    "email": ["anne.holm@gmail.com", "info@holm.dk", "desk@holm.dk", None],
    "birth_date": ["1980-02-03", date(1975, 12, 1), None],
}  # fmt: skip
LEARNED = Learned(emails=frozenset({"desk@holm.dk"}), phones=frozenset({86121314}))


def bits(*columns: str) -> int:
    return sum(1 << COMPARED.index(column) for column in columns)


def drawn(lot: random.Random) -> list[object]:
    return [lot.choice(VALUES[field]) for field in FIELDS]


@pytest.mark.parametrize("learned", [NOTHING_LEARNED, LEARNED], ids=["nothing", "learned"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_it_is_as_if_everything_was_read(count, learned):
    lot, patched = random.Random(count), 0
    for columns in combinations(FIELDS, count):
        for _try in range(30):
            before, row = drawn(lot), drawn(lot)
            row = [new if field in columns else old for field, old, new in zip(FIELDS, before, row, strict=True)]
            wanted = pack(normalise_row(row, learned))
            found = patching.patched(pack(normalise_row(before, learned)), bits(*columns), row, learned)
            assert found in (None, wanted), (columns, before, row)
            patched += found is not None
    assert patched > 100


def test_what_little_changed_is_not_read_in_full():
    row = ["Anne Holm", "Nygade 4", "8000", "Aarhus", None, "20203040", "anne@holm.dk", None]
    before = pack(normalise_row(row))
    for column in (*FIELDS, "group_id", "deleted_at"):
        assert patching.patched(before, bits(column), row, NOTHING_LEARNED) == before
    assert patching.patched(before, bits(*FIELDS), row, NOTHING_LEARNED) == before
    assert patching.patched(before, -1, row, NOTHING_LEARNED) is None


@pytest.mark.parametrize("column", ["name", "address", "telephone", "mobile"])
def test_where_a_number_stands_among_other_things_all_is_read(column):
    row = ["Anne Holm 86121314", "Nygade 4", "8000", "Aarhus", None, "20203040", "anne@holm.dk", None]
    before = pack(normalise_row(row))
    assert patching.patched(before, bits(column), row, NOTHING_LEARNED) is None
    assert patching.patched(before, bits("email"), row, NOTHING_LEARNED) == before


def mark(customer_id: int) -> MatchMark:
    db.session.rollback()
    return db.session.get_one(MatchMark, customer_id)


def test_the_mark_says_what_changed(app):
    customer_id = factories.customer(**ANNE).id
    assert mark(customer_id).changed == -1
    for column, value in (("email", "a@holm.dk"), ("birth_date", None), ("name", "Anne Holm"), ("mobile", None)):
        with transaction():
            setattr(db.session.get_one(Customer, customer_id), column, value)
        assert mark(customer_id).changed == bits(column)
        assert is_kept(customer_id)


def test_what_other_tools_changed_is_remembered_until_it_is_kept(app):
    customer_id = factories.customer(**ANNE).id
    outside(f"UPDATE customer SET email = 'anne@holm.dk' WHERE id = {customer_id}")
    outside(f"UPDATE customer SET city = 'Odense', group_id = group_id WHERE id = {customer_id}")
    assert mark(customer_id).changed == bits("email", "city")
    with transaction():
        db.session.get_one(Customer, customer_id).mobile = "20304050"
    assert mark(customer_id).changed == bits("email", "city", "mobile")
    assert is_kept(customer_id)


def test_a_signature_of_another_version_is_not_patched(app):
    customer_id = factories.customer(**ANNE).id
    with transaction() as session:
        session.execute(text("UPDATE match_state SET signatures = 0"))
        session.get_one(MatchSignature, customer_id).signature = b"\x07" * SIZE
        session.get_one(Customer, customer_id).mobile = "20304050"
    signature, _keys = stored(customer_id)
    assert signature == expected(db.session.get_one(Customer, customer_id))[0]
