"""Settlements, what is open of each posting, payment types"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db
from gecko.migrations import widening

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KINDS = ("invoice", "credit_note", "payment", "reversal")
NEW = ("payout", "write_off", "reminder_fee", "interest", "compensation")
_ALL = ("debtor.settle", "debtor.write_off", "reminder.send", "ledger.export", "ledger.close")
RIGHTS = {"super": (*_ALL, "ledger.reopen"), "office": _ALL, "accountant": (*_ALL, "ledger.reopen")}
_OPEN = """
    INSERT INTO open_posting (posting_id, debtor_id, amount_ore, remaining_ore, posted_on, falls_on)
    SELECT id, debtor_id, amount_ore, amount_ore, posted_on, coalesce(due_on, posted_on)
      FROM debtor_posting WHERE amount_ore <> 0
"""
_REVERSED = "FROM debtor_posting r JOIN debtor_posting o ON o.id = r.reverses_id AND o.amount_ore <> 0"
_SETTLEMENTS = f"""
    INSERT INTO settlement (debtor_id, effective_on, method, idempotency_key, created_at, created_by_id)
    SELECT r.debtor_id, CASE WHEN o.posted_on > r.posted_on THEN o.posted_on ELSE r.posted_on END, 'reversal',
           'reversal:' || r.id, r.created_at, r.created_by_id {_REVERSED}
"""
"""A posting and the one that took it back are settled with each other, as they will be from now on."""
_LINES = f"""
    INSERT INTO settlement_line (settlement_id, debit_posting_id, credit_posting_id, amount_ore, effective_on)
    SELECT s.id, CASE WHEN r.amount_ore > 0 THEN r.id ELSE o.id END,
           CASE WHEN r.amount_ore > 0 THEN o.id ELSE r.id END, abs(r.amount_ore), s.effective_on
      {_REVERSED} JOIN settlement s ON s.idempotency_key = 'reversal:' || r.id
"""
_CLOSED = """
    DELETE FROM open_posting WHERE posting_id IN (SELECT debit_posting_id FROM settlement_line)
        OR posting_id IN (SELECT credit_posting_id FROM settlement_line)
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "payment_type",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "means",
            sa.Enum(
                "bank",
                "cash",
                "card",
                "mobile",
                "other",
                name="paymentmeans",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account_no", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_type")),
        sa.UniqueConstraint("name", name=op.f("uq_payment_type_name")),
    )
    op.create_table(
        "settlement",
        sa.Column("debtor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "manual",
                "automatic",
                "reversal",
                "undo",
                name="settlementmethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("undoes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.CheckConstraint("(method = 'undo') = (undoes_id IS NOT NULL)", name=op.f("ck_settlement_undo")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_settlement_created_by_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_settlement_debtor_id")),
        sa.ForeignKeyConstraint(["undoes_id"], ["settlement.id"], name=op.f("fk_settlement_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_settlement_idempotency_key")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_settlement_undoes_id")),
    )
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        batch_op.create_index("ix_settlement_debtor", ["debtor_id", "effective_on", "id"], unique=False)
        batch_op.create_index("ix_settlement_effective", ["effective_on", "id"], unique=False)

    op.create_table(
        "open_posting",
        sa.Column(
            "posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("debtor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("remaining_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("falls_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "(amount_ore > 0 AND remaining_ore BETWEEN 0 AND amount_ore)"
            " OR (amount_ore < 0 AND remaining_ore BETWEEN amount_ore AND 0)",
            name=op.f("ck_open_posting_remaining"),
        ),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_open_posting_debtor_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["debtor_posting.id"], name=op.f("fk_open_posting_posting_id")),
        sa.PrimaryKeyConstraint("posting_id", name=op.f("pk_open_posting")),
    )
    with op.batch_alter_table("open_posting", schema=None) as batch_op:
        batch_op.create_index(
            "ix_open_posting_credit",
            ["debtor_id", "remaining_ore"],
            unique=False,
            sqlite_where=sa.text("remaining_ore < 0"),
            postgresql_where=sa.text("remaining_ore < 0"),
        )
        batch_op.create_index(
            "ix_open_posting_debit",
            ["debtor_id", "remaining_ore"],
            unique=False,
            sqlite_where=sa.text("remaining_ore > 0"),
            postgresql_where=sa.text("remaining_ore > 0"),
        )
        batch_op.create_index(
            "ix_open_posting_debtor",
            ["debtor_id", "falls_on", "posted_on", "posting_id", "remaining_ore"],
            unique=False,
        )

    op.create_table(
        "settlement_line",
        sa.Column("settlement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("debit_posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credit_posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_ore <> 0", name=op.f("ck_settlement_line_amount")),
        sa.ForeignKeyConstraint(
            ["credit_posting_id"], ["debtor_posting.id"], name=op.f("fk_settlement_line_credit_posting_id")
        ),
        sa.ForeignKeyConstraint(
            ["debit_posting_id"], ["debtor_posting.id"], name=op.f("fk_settlement_line_debit_posting_id")
        ),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_line_settlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_line")),
    )
    with op.batch_alter_table("settlement_line", schema=None) as batch_op:
        batch_op.create_index(
            "ix_settlement_line_credit", ["credit_posting_id", "effective_on", "amount_ore"], unique=False
        )
        batch_op.create_index(
            "ix_settlement_line_debit", ["debit_posting_id", "effective_on", "amount_ore"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_settlement_line_settlement_id"), ["settlement_id"], unique=False)

    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        sa.text(
            f"ALTER TABLE debtor_posting ADD COLUMN payment_type_id {number}"
            " CONSTRAINT fk_debtor_posting_payment_type_id REFERENCES payment_type (id)"
        )
    )
    widening.allow("debtor_posting", "kind", "ck_debtor_posting_postingkind", (*KINDS, *NEW))
    for statement in (_OPEN, _SETTLEMENTS, _LINES, _CLOSED):
        op.execute(sa.text(statement))
    for role, names in RIGHTS.items():
        for name in names:
            op.execute(
                sa.text(
                    "INSERT INTO role_permission (role_id, permission)"
                    " SELECT id, :permission FROM role WHERE key = :role"
                ).bindparams(permission=name, role=role)
            )


def downgrade() -> None:
    """Take back; not where postings of the new kinds stand, which nothing may remove."""
    if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM debtor_posting WHERE kind IN {NEW}")):
        raise RuntimeError("the ledger holds postings that an older version does not know")
    for name in sorted({name for names in RIGHTS.values() for name in names}):
        op.execute(sa.text("DELETE FROM role_permission WHERE permission = :name").bindparams(name=name))
    _drop_triggers()
    widening.allow("debtor_posting", "kind", "ck_debtor_posting_postingkind", KINDS)
    op.execute(sa.text("ALTER TABLE debtor_posting DROP COLUMN payment_type_id"))
    for table in ("settlement_line", "open_posting", "settlement", "payment_type"):
        op.drop_table(table)


def _drop_triggers() -> None:
    """Those that name what goes; what stays is guarded again by the next upgrade."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("open_debtor_posting", "open_settlement_line", "immutable_debtor_posting_update"):
            op.execute(f"DROP TRIGGER IF EXISTS gecko_{name}")
    else:
        op.execute("DROP FUNCTION IF EXISTS gecko_open() CASCADE")
        op.execute("DROP TRIGGER IF EXISTS gecko_immutable ON debtor_posting")
