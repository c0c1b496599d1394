"""Customers, debtors and items: identified by number, changed only where the mapping says so."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from gecko.db import db, transaction
from gecko.models.audit import AuditEntry
from gecko.models.customer_fields import CustomerField, CustomerFieldValue, FieldType
from gecko.models.customers import Customer
from gecko.models.debtors import Debtor
from gecko.models.items import Item
from gecko.operations.importing.faults import BadMapping
from tests import factories

from .files import bring_in, four

FEBRL = {
    "kind": "customers", "encoding": "utf-8", "delimiter": ",", "skip_initial_space": True, "group": "FEBRL",
    "columns": {"number": "rec_id", "name": ["given_name", "surname"], "address": ["street_number", "address_1"],
                "city": "suburb", "postal_code": "postcode", "birth_date": "date_of_birth"},
    "format": {"birth_date": "%Y%m%d"},
}  # fmt: skip
HEAD = "rec_id, given_name, surname, street_number, address_1, suburb, postcode, date_of_birth\n"


def found(statement):
    db.session.rollback()
    return [tuple(row) for row in db.session.execute(statement)]


def test_customers_come_in_with_what_can_be_used(app, tmp_path):
    text = HEAD + (
        "rec-1, elton, , 3, light street, windermere, 3212, 19651013\n"
        "rec-2, , , , x, y, 2135, 19151340\n"
        "rec-3, anna, berg, 1, a, b, 2135, 29151212\n"
        "rec-1, elton, other, 3, light street, windermere, 3212, 19651013\n"
        ", , , , , , 1, \n"
    )
    facts = bring_in(tmp_path, text, FEBRL)
    assert four(facts) == (5, 3, 1, 1)
    assert facts["warnings"] == 3  # two impossible birth dates, one row without a name
    columns = (Customer.number, Customer.name, Customer.address, Customer.birth_date)
    assert [
        (no, name, address, str(day)) for no, name, address, day in found(select(*columns).order_by(Customer.id))
    ] == [
        ("rec-1", "elton", "3 light street", "1965-10-13"),
        ("rec-2", "rec-2", "x", "None"),
        ("rec-3", "anna berg", "1 a", "None"),
    ]
    assert four(bring_in(tmp_path, text, FEBRL)) == (5, 0, 4, 1)


def test_an_update_changes_what_differs_and_never_empties(app, tmp_path):
    mapping = {"kind": "customers", "columns": {"number": "nr", "name": "navn", "city": "by"}}
    bring_in(tmp_path, "nr,navn,by\n1,Åse,Køge\n2,Bo,Køge\n", mapping)
    changed = "nr,navn,by\n1,Åse Holm,\n2,Bo,Køge\n3,Ny,Ribe\n3,Ny,Esbjerg\n"
    assert four(bring_in(tmp_path, changed, mapping)) == (4, 1, 3, 0)
    assert found(select(Customer.name).where(Customer.number == "1")) == [("Åse",)]
    facts = bring_in(tmp_path, changed, {**mapping, "update": True})
    assert (four(facts), facts["updated"]) == ((4, 2, 2, 0), 2)
    assert found(select(Customer.name, Customer.city, Customer.row_version).order_by(Customer.id)) == [
        ("Åse Holm", "Køge", 2), ("Bo", "Køge", 1), ("Ny", "Esbjerg", 2),
    ]  # fmt: skip
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "update").order_by(AuditEntry.id)).first()
    assert entry.changes == {"name": ["Åse", "Åse Holm"]}


def test_without_a_number_the_same_particulars_are_the_same_customer(app, tmp_path):
    mapping = {"kind": "customers", "columns": {"name": "navn", "mobile": "mobil"}}
    text = "navn,mobil\nÅse,20123456\nÅse,20123457\nÅse,+45 20 12 34 56\n"
    assert four(bring_in(tmp_path, text, mapping)) == (3, 2, 1, 0)
    assert four(bring_in(tmp_path, text, mapping)) == (3, 0, 3, 0)


def test_values_follow_the_rules_of_the_forms(app, tmp_path):
    mapping = {"kind": "customers", "columns": {"number": "nr", "name": "navn", "email": "mail", "gender": "køn",
                                                "remind_sms": "sms"}}  # fmt: skip
    text = "nr,navn,mail,køn,sms\n1,Åse,AASE@example.com,kvinde,nej\n2,Bo,bo@,m,ja\n3,Bo,,hest,ja\n4,Bo,,,måske\n"
    facts = bring_in(tmp_path, text, mapping)
    assert four(facts) == (4, 1, 0, 3)
    assert found(select(Customer.email, Customer.gender, Customer.remind_sms)) == [
        ("aase@example.com", "female", False)
    ]


def test_custom_fields_are_mapped_by_name(app, tmp_path):
    with transaction() as session:
        session.add(CustomerField(name="Sko", type=FieldType.NUMBER))
        session.add(CustomerField(name="Siden", type=FieldType.DATE))
    mapping = {"kind": "customers", "decimal": ",", "date_format": "%d/%m/%Y", "update": True,
               "columns": {"number": "nr", "name": "navn"}, "fields": {"Sko": "sko", "Siden": "siden"}}  # fmt: skip
    text = "nr;navn;sko;siden\n1;Åse;38,5;1/2/2020\n2;Bo;stor;\n"
    assert four(bring_in(tmp_path, text, mapping)) == (2, 1, 0, 1)
    assert sorted(value for (value,) in found(select(CustomerFieldValue.value))) == ["2020-02-01", "38.5"]
    facts = bring_in(tmp_path, text.replace("38,5", "39"), mapping)
    assert (facts["updated"], facts["existing"]) == (1, 0)
    assert sorted(value for (value,) in found(select(CustomerFieldValue.value))) == ["2020-02-01", "39"]
    with pytest.raises(BadMapping, match="Hat"):
        bring_in(tmp_path, "nr,navn,hat\n1,Åse,1\n", {**mapping, "delimiter": ",", "fields": {"Hat": "hat"}})


def test_debtors(app, tmp_path):
    mapping = {"kind": "debtors", "columns": {"number": "nr", "company_name": "firma", "cvr": "cvr", "group": "gruppe",
                                              "term": "vilkår", "country": "land"}}  # fmt: skip
    text = (
        "nr,firma,cvr,gruppe,vilkår,land\n1,Å ApS,13585628,Kommuner,netto 8 dage,Danmark\n2,B,12345678,,,\n"
        "3,C,,Kommuner,Netto 99,\n4,,,,,SE\n"
    )
    facts = bring_in(tmp_path, text, mapping)
    assert four(facts) == (4, 2, 0, 2)
    assert (facts["made_debtor_groups"], facts["warnings"]) == (1, 1)
    rows = found(select(Debtor.number, Debtor.company_name, Debtor.name, Debtor.country, Debtor.term_id.is_not(None)))
    assert sorted(rows) == [("1", "Å ApS", None, "DK", True), ("4", None, "4", "SE", False)]
    with transaction() as session:
        from gecko.clock import now

        session.scalars(select(Debtor).where(Debtor.number == "4")).one().deleted_at = now()
    facts = bring_in(tmp_path, text, mapping)
    assert four(facts) == (4, 0, 1, 3)
    assert "deleted" in facts["reasons"][-1]


def test_items(app, tmp_path):
    mapping = {"kind": "items", "decimal": ",", "group": "Pleje", "columns": {
        "number": "nr", "name": "navn", "price": "pris", "kind": "type", "is_vat_exempt": "fri"}}  # fmt: skip
    text = (
        "nr;navn;pris;type;fri\nA1;Creme;1.234,50;vare;nej\nA2;Massage;500;ydelse;ja\nA3;;;;\nA4;X;-1;;\nA5;X;1;bil;\n"
    )
    facts = bring_in(tmp_path, text, mapping)
    assert four(facts) == (5, 3, 0, 2)
    assert facts["warnings"] == 2
    columns = (Item.item_no, Item.name, Item.kind, Item.price_ore, Item.is_vat_exempt)
    assert found(select(*columns).order_by(Item.id)) == [
        ("A1", "Creme", "product", 123_450, False), ("A2", "Massage", "service", 50_000, True),
        ("A3", "A3", "product", 0, False),
    ]  # fmt: skip
    facts = bring_in(tmp_path, text.replace("500", "600"), {**mapping, "update": True})
    assert (facts["updated"], facts["existing"]) == (1, 2)


@pytest.mark.parametrize("kind", ["customers", "debtors", "items"])
def test_a_dry_run_counts_as_the_run_does(app, tmp_path, kind):
    mapping = {"kind": kind, "update": True, "columns": {"number": "nr", "name": "navn"}}
    text = "nr,navn\n1,A\n1,A\n1,B\n2,C\n,D\n"
    dry = bring_in(tmp_path, text, mapping, is_dry=True)
    models = {"customers": Customer, "debtors": Debtor, "items": Item}
    assert found(select(func.count()).select_from(models[kind])) == [(0,)]
    wet = bring_in(tmp_path, text, mapping)
    dry["made_item_groups"] = wet.get("made_item_groups")
    assert four(dry) == four(wet)
    assert dry["updated"] == wet["updated"] == 1


def test_a_limited_user_touches_only_their_groups(app, tmp_path):
    mine = factories.group(name="Mine")
    other = factories.customer(number="1", name="Hidden").id
    mapping = {"kind": "customers", "group": "Mine", "update": True, "columns": {"number": "nr", "name": "navn"}}
    groups = frozenset({mine.id})
    assert four(bring_in(tmp_path, "nr,navn\n1,Mine too\n", mapping, groups=groups)) == (1, 1, 0, 0)
    assert found(select(Customer.name).where(Customer.id == other)) == [("Hidden",)]
    with pytest.raises(BadMapping, match="may not import"):
        bring_in(tmp_path, "nr,navn\n1,x\n", {**mapping, "group": "Kunder"}, groups=groups)
