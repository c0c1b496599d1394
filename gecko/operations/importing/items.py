"""Writing items: the same one is the same item number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...models.items import Item, ItemGroup, ItemKind
from .. import customer_values
from .debtors import by_number
from .faults import Refused
from .parsing import Parsed
from .records import Names, Present, RecordWriter, Wanted
from .writing import Batch

_KINDS = {"product": ItemKind.PRODUCT, "vare": ItemKind.PRODUCT, "produkt": ItemKind.PRODUCT, "p": ItemKind.PRODUCT,
          "service": ItemKind.SERVICE, "ydelse": ItemKind.SERVICE, "s": ItemKind.SERVICE}  # fmt: skip


class ItemWriter(RecordWriter):
    """Items with their group by name."""

    table: Any = Item.__table__
    required_defaults = {  # noqa: RUF012
        "kind": ItemKind.PRODUCT, "price_ore": 0, "is_vat_exempt": False, "is_active": True,
    }  # fmt: skip
    _groups: Names

    def prepare(self, batch: Batch) -> None:
        """Look the groups up."""
        self._groups = Names(ItemGroup, batch, "item_groups", is_dry=self.context.is_dry)

    def want(self, row: Parsed, batch: Batch) -> Wanted:
        """The item a row asks for."""
        found = row.values
        number = found["number"]
        columns: dict[str, Any] = {"item_no": number, "name": customer_values.line(found.get("name"))}
        wanted = Wanted(row, number, columns, fallback={"name": number})
        if not columns["name"]:
            wanted.remarks.append("The row has no name; the item is named by its number.")
        for name, column in (("price", "price_ore"), ("cost", "cost_ore")):
            if name in found:
                columns[column] = _not_negative(found[name])
        if "kind" in found:
            columns["kind"] = _kind(found["kind"])
        if "barcode" in found:
            columns["barcode"] = customer_values.line(found["barcode"])
        columns |= {name: found[name] for name in ("is_vat_exempt", "is_active") if name in found}
        group = found.get("group") or self.mapping.group
        if group or "group" in self.mapping.columns:
            columns["group_id"] = self._groups.find_or_make(group) if group else None
        if columns.get("price_ore") is None:
            wanted.remarks.append("The row has no price.")
        return wanted

    def known(self, wanted: Sequence[Wanted]) -> dict[str, Present]:
        """The items with these numbers, deleted ones too."""
        return by_number(self.table, self.table.c.item_no, wanted)


def _not_negative(ore: int | None) -> int | None:
    if ore is not None and ore < 0:
        raise Refused("A price cannot be negative.")
    return ore


def _kind(text: str | None) -> ItemKind | None:
    if not text:
        return None
    try:
        return _KINDS[text.casefold()]
    except KeyError:
        raise Refused("“%(text)s” is neither a product nor a service.", text=text) from None
