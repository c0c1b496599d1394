"""The demo's items: treatments (some exempt from VAT as health care), products and fees."""

from __future__ import annotations

from ...db import transaction
from ...models.items import Item, ItemGroup, ItemKind
from .draw import ANCHOR, YEARS, Dice

_GROUPS = (
    ("Behandlinger", "1010", ItemKind.SERVICE, False, (
        ("Klipning, dame", 449), ("Klipning, herre", 349), ("Klipning, barn", 249), ("Farvning", 799),
        ("Striber, hel hætte", 1_095), ("Ansigtsbehandling", 595), ("Vipper og bryn", 275), ("Manicure", 375),
        ("Pedicure", 425), ("Massage, 30 min.", 375), ("Massage, 60 min.", 625), ("Voksning, ben", 345),
    )),
    ("Sundhed", "1020", ItemKind.SERVICE, True, (
        ("Fysioterapi, første konsultation", 525), ("Fysioterapi, opfølgning", 345), ("Akupunktur", 450),
        ("Fodbehandling", 410), ("Indlæg, tilpasning", 890), ("Holdtræning, måned", 395),
    )),
    ("Produkter", "1030", ItemKind.PRODUCT, False, (
        ("Shampoo, 250 ml", 149), ("Balsam, 250 ml", 159), ("Hårvoks", 129), ("Fodcreme", 98), ("Ansigtscreme", 249.5),
        ("Solcreme, faktor 30", 139.95), ("Neglefil", 29.5), ("Træningselastik", 119), ("Massageolie", 179),
        ("Håndcreme", 79.95), ("Tørshampoo", 135), ("Krøllecreme", 169),
    )),
    ("Gebyrer", "1090", ItemKind.SERVICE, False, (("Udeblivelse", 200), ("Kørsel, pr. gang", 125))),
)  # fmt: skip


def build(dice: Dice) -> list[int]:
    """Make the groups and items; returns the ids of what is for sale. One item is no longer sold."""
    created = dice.instant(ANCHOR - YEARS)
    with transaction() as session:
        made = []
        for number, (name, account_no, kind, exempt, items) in enumerate(_GROUPS, start=1):
            group = ItemGroup(name=name, account_no=account_no)
            session.add(group)
            session.flush()
            for position, (text, kroner) in enumerate(items, start=1):
                price = round(kroner * 100)
                is_product = kind == ItemKind.PRODUCT
                made.append(
                    Item(
                        item_no=f"{number}{position:03d}",
                        name=text,
                        kind=kind,
                        price_ore=price,
                        cost_ore=price * 2 // 5 if is_product else None,
                        barcode=dice.ean() if is_product else None,
                        is_vat_exempt=exempt,
                        group_id=group.id,
                        created_at=created,
                    )
                )
        made.append(
            Item(item_no="9001", name="Gammel voks", kind=ItemKind.PRODUCT, price_ore=9_900, is_active=False,
                 created_at=created)
        )  # fmt: skip
        session.add_all(made)
        session.flush()
        return [item.id for item in made if item.is_active]
