"""Items and their groups."""

import pytest

from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.models.items import Item, ItemGroup, ItemKind
from gecko.operations import items
from tests import factories

GOOD = {"item_no": "K1", "name": "Klipning", "kind": ItemKind.SERVICE, "price_ore": 39_900}


def create(**values):
    with transaction():
        return items.create({**GOOD, **values}).id


def test_an_item_is_changed_hidden_and_brought_back(app):
    item_id = create(barcode=" 5701234567899 ")
    with transaction():
        items.update(item_id, {"price_ore": 42_000})
    assert (db.session.get(Item, item_id).price_ore, db.session.get(Item, item_id).barcode) == (42_000, "5701234567899")
    with transaction():
        items.delete(item_id)
    with pytest.raises(NotFound), transaction():
        items.update(item_id, {"name": "x"})
    with transaction():
        items.restore(item_id)
    assert db.session.get(Item, item_id).deleted_at is None


@pytest.mark.parametrize(
    ("values", "field"),
    [({"item_no": " "}, "item_no"), ({"name": ""}, "name"), ({"price_ore": -1}, "price_ore"),
     ({"price_ore": None}, "price_ore"), ({"cost_ore": -1}, "cost_ore"), ({"group_id": 9}, "group_id"),
     ({"item_no": "TAKEN"}, "item_no"), ({"barcode": "123"}, "barcode")],
)  # fmt: skip
def test_impossible_items_are_refused(sqlite_app, values, field):
    factories.item(item_no="TAKEN", barcode="123")
    with pytest.raises(Invalid) as error:
        create(**values)
    assert error.value.field == field


def test_a_group_with_items_stays(sqlite_app):
    with transaction():
        group_id = items.create_group({"name": "Behandling", "account_no": "1010"}).id
    create(group_id=group_id)
    with pytest.raises(Invalid), transaction():
        items.delete_group(group_id)
    with transaction():
        items.update_group(group_id, {"name": "Behandlinger", "account_no": "1020"})
        empty = items.create_group({"name": "Tom"}).id
        items.delete_group(empty)
    assert (db.session.get(ItemGroup, group_id).account_no, db.session.get(ItemGroup, empty)) == ("1020", None)
    with pytest.raises(Invalid), transaction():
        items.create_group({"name": "behandlinger"})


def test_what_does_not_exist_is_not_found(sqlite_app):
    for work in (items.delete, items.restore, items.delete_group):
        with pytest.raises(NotFound), transaction():
            work(99)
    with pytest.raises(NotFound), transaction():
        items.update_group(99, {})
