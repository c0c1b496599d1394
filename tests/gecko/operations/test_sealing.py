"""The seal over the ledger: what was sealed is verified row by row, and every way to rewrite it is found and named."""

import json
import threading

import pytest
import sqlalchemy.exc
from sqlalchemy import select, text

from gecko.db import db, transaction
from gecko.errors import Invalid, NotFound
from gecko.models.messages import Message
from gecko.models.seals import LedgerSeal
from gecko.operations import ledger, prepaying, settings, settling
from gecko.operations.sealing import anchors, digesting, seals, verifying
from jobs.chaos import tampering
from tests import factories, invariants


@pytest.fixture
def trade(app):
    """Two debtors with invoices, payments and settlements."""
    for ore in (10_000, 25_000):
        debtor_id = factories.debtor().id
        factories.invoice(debtor_id, ore, 500)
        with transaction():
            ledger.record_payment(debtor_id, ore)
        with transaction():
            settling.write(debtor_id, settling.match(settling.open_of(debtor_id)), "manual")
    return app


def verdict():
    db.session.rollback()
    return verifying.verify()


def past_triggers(*statements):
    """As somebody with the database in hand writes: no trigger sees it."""
    with tampering.unguarded() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_everything_is_sealed_once_and_verified(trade):
    assert verdict().unsealed == 14
    assert seals.seal_all() == 14
    found = verdict()
    assert (found.seals, found.rows, found.unsealed, found.problems) == (1, 14, 0, [])
    assert seals.seal_all() == 0
    factories.invoice(factories.debtor().id)
    assert verdict().unsealed == 3
    seals.seal_all()
    assert (verdict().seals, verdict().rows, verdict().problems) == (2, 17, [])


def test_a_ledger_larger_than_one_seal_is_sealed_in_parts(trade, monkeypatch):
    monkeypatch.setattr(seals, "ROWS", 5)
    told = []
    assert seals.seal_all(told.append) == 14
    assert told == [5, 10, 14]
    assert (verdict().seals, verdict().rows, verdict().problems) == (3, 14, [])


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE debtor_posting SET amount_ore = amount_ore + 1 WHERE id = 1",
            "debtor_posting 1 is not what was sealed",
        ),
        ("UPDATE sale_document SET buyer_name = 'En anden' WHERE id = 2", "sale_document 2 is not what was sealed"),
        ("UPDATE settlement SET effective_on = '2020-01-01' WHERE id = 1", "settlement 1 is not what was sealed"),
        ("DELETE FROM settlement_line WHERE id = 2", "settlement_line 2 is missing"),
        ("UPDATE sale_line SET id = -5 WHERE id = 1", "sale_line 1 is missing"),
    ],
)
def test_what_was_changed_or_removed_is_named(trade, statement, named):
    seals.seal_all()
    past_triggers(statement)
    assert named in verdict().problems
    assert "seal" in [one.name for one in invariants.checked() if not one.is_ok]


def test_prepayments_are_sealed_as_well(trade):
    debtor_id = factories.debtor().id
    with transaction():
        prepaying.pay_in(debtor_id, 5_000)
    assert seals.seal_all() == 15
    past_triggers("UPDATE prepayment_entry SET amount_ore = 50000 WHERE id = 1")
    assert verdict().problems == ["prepayment_entry 1 is not what was sealed"]


def test_a_row_slipped_in_before_the_end_is_named(trade):
    seals.seal_all()
    columns = ", ".join(
        one.name for one in db.metadata.tables["sale_line"].columns if one.name not in {"id", "position"}
    )
    past_triggers(
        f"INSERT INTO sale_line (id, position, {columns}) SELECT -1, 99, {columns} FROM sale_line WHERE id = 1"
    )
    assert verdict().problems == ["sale_line -1 was slipped in after it was sealed"]


def test_a_document_that_a_merge_files_elsewhere_stays_sealed(trade):
    seals.seal_all()
    customer_id = factories.customer().id
    with transaction() as session:
        session.execute(text(f"UPDATE sale_document SET customer_id = {customer_id} WHERE id = 1"))
    assert verdict().problems == []


def test_a_seal_made_anew_lacks_the_signature(trade):
    seals.seal_all()
    past_triggers("UPDATE debtor_posting SET amount_ore = 1 WHERE id = 1")
    seal = db.session.scalars(select(LedgerSeal)).one()
    made = digesting.chain(seal.previous_hash, seals.said(seal.created_at, seal.rows), seal.layout, seal.covers)
    prints = b"".join(made.fingerprints[table] for table in digesting.TABLES)
    with tampering.unguarded() as connection:
        statement = text("UPDATE ledger_seal SET hash = :hash, fingerprints = :prints")
        connection.execute(statement, {"hash": made.hash, "prints": prints})
    assert verdict().problems == ["seal 1 does not bear the signature of this installation"]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE ledger_seal SET rows = rows + 1 WHERE id = 1", "seal 1 was itself changed"),
        ("DELETE FROM ledger_seal WHERE id = 1", "seal 2 does not follow the one before it"),
        ("UPDATE ledger_seal SET covers = '{}' WHERE id = 2", "seal 2 does not say what it covers"),
    ],
)
def test_a_seal_that_was_changed_or_removed_is_named(trade, monkeypatch, statement, named):
    monkeypatch.setattr(seals, "ROWS", 6)
    seals.seal_all()
    past_triggers(statement)
    assert named in verdict().problems


def test_the_whole_chain_made_anew_with_the_key_is_seen_only_by_an_anchor(trade):
    seals.seal_all()
    kept = anchors.written(anchors.anchor())
    assert anchors.differences(kept) == []
    past_triggers("DELETE FROM ledger_seal")
    assert "is gone" in anchors.differences(kept)[0]
    past_triggers("UPDATE debtor_posting SET text = 'skrevet om' WHERE id = 1")
    seals.seal_all()  # as whoever has the key can
    assert verdict().problems == []
    newer = json.loads(kept) | {"seal": seals.newest().id}
    assert "made anew" in anchors.differences(json.dumps(newer).encode())[0]
    assert anchors.differences(anchors.written(anchors.anchor())) == []


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b'{"seal": 1}', b'{"format": "x", "seal": 1, "hash": "", "rows": 1}']
)
def test_a_file_that_is_no_anchor_is_refused(sqlite_app, content):
    with pytest.raises(Invalid):
        anchors.differences(content)
    with pytest.raises(NotFound):
        anchors.anchor()


def test_the_head_is_mailed_once_for_each_seal(trade):
    assert seals.seal_all() == 14
    for address, mails in (("", 0), ("revisor@example.dk", 1), ("revisor@example.dk", 1)):
        with transaction():
            settings.put(anchors.ADDRESS, address)
        with transaction():
            anchors.send()
        sent = db.session.scalars(select(Message)).all()
        assert len(sent) == mails
    assert seals.newest().hash in sent[0].body
    assert anchors.differences(sent[0].attachments[0].content) == []


def test_seals_never_change(trade):
    seals.seal_all()
    for statement in ("UPDATE ledger_seal SET rows = 1", "DELETE FROM ledger_seal"):
        with pytest.raises(sqlalchemy.exc.IntegrityError), transaction() as session:
            session.execute(text(statement))


def test_a_column_added_later_leaves_old_seals_whole(trade, monkeypatch):
    known = digesting.layout()
    monkeypatch.setattr(digesting, "layout", lambda: known | {"sale_line": ["id", "text"]})
    seals.seal_all()
    monkeypatch.undo()
    factories.invoice(factories.debtor().id)
    seals.seal_all()
    assert verdict().problems == []


def test_a_row_whose_id_was_drawn_before_the_seal_is_in_the_next_one(trade):
    """PostgreSQL: a transaction that ends after a later one is not taken for a row slipped in."""
    debtor_id, written, may_end = factories.debtor().id, threading.Event(), threading.Event()
    app = trade

    def late():
        with app.app_context(), transaction():
            ledger.record_payment(debtor_id, 700)
            written.set()
            may_end.wait(20)

    writing = threading.Thread(target=late)
    writing.start()
    written.wait()
    sealing = threading.Thread(target=lambda: _seal_in(app))
    sealing.start()
    may_end.set()
    writing.join()
    sealing.join()
    seals.seal_all()
    assert (verdict().rows, verdict().problems) == (15, [])


def _seal_in(app):
    with app.app_context():
        seals.seal_all()
