"""Nothing that belongs to a customer can be forgotten: every foreign key, unique rule and column has its rule."""

import pytest
from sqlalchemy import Column, ForeignKey, Integer, Table, UniqueConstraint

from gecko.db import Base
from gecko.models.customers import Customer
from gecko.operations.merging import rules


def test_the_table_is_complete():
    rules.check()


@pytest.fixture
def planted():
    """A table that somebody adds and forgets."""
    made = []

    def plant(*columns):
        made.append(Table("planted", Base.metadata, Column("id", Integer, primary_key=True), *columns))

    yield plant
    for table in made:
        Base.metadata.remove(table)


def test_a_new_foreign_key_stops_the_start(planted):
    planted(Column("owner_id", ForeignKey("customer.id")))
    with pytest.raises(RuntimeError, match=r"planted\.owner_id"):
        rules.check()


def test_a_key_without_an_index_stops_the_start(planted, monkeypatch):
    planted(Column("owner_id", ForeignKey("customer.id")))
    key = ("planted", "owner_id")
    monkeypatch.setitem(rules.MOVED, key, rules.Moved("planted"))
    monkeypatch.setattr(rules, "GUARDED", (*rules.GUARDED, key))
    with pytest.raises(RuntimeError, match=r"planted\.owner_id without an index"):
        rules.check()


def test_a_unique_rule_without_a_policy_stops_the_start(planted, monkeypatch):
    planted(
        Column("owner_id", ForeignKey("customer.id")), Column("kind", Integer), UniqueConstraint("owner_id", "kind")
    )
    key = ("planted", "owner_id")
    monkeypatch.setitem(rules.MOVED, key, rules.Moved("planted"))
    monkeypatch.setattr(rules, "GUARDED", (*rules.GUARDED, key))
    with pytest.raises(RuntimeError, match=r"the unique rule of planted\.owner_id"):
        rules.check()


@pytest.mark.parametrize("table", [rules.COLUMNS, rules.MOVED, rules.STAYS])
def test_a_missing_rule_stops_the_start(table, monkeypatch):
    monkeypatch.delitem(table, next(iter(table)))
    with pytest.raises(RuntimeError):
        rules.check()


def test_every_column_has_one_rule():
    names = [*rules.COLUMNS, *rules.FOLLOWING, *rules.OWN]
    assert sorted(names) == sorted(column.name for column in Customer.__table__.columns)
