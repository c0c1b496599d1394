"""Prepayments"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db
from gecko.migrations import widening

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MEANS = ("bank", "cash", "card", "mobile", "other")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "prepayment_entry",
        sa.Column("debtor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "paid_in",
                "used",
                "paid_out",
                "reversal",
                name="prepaymentkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("payment_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(kind = 'paid_in' AND amount_ore > 0) OR (kind IN ('used', 'paid_out') AND amount_ore < 0)"
            " OR (kind = 'reversal' AND amount_ore <> 0)",
            name=op.f("ck_prepayment_entry_amount"),
        ),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_prepayment_entry_reversal")
        ),
        sa.CheckConstraint(
            "kind = 'reversal' OR (kind = 'used') = (posting_id IS NOT NULL)", name=op.f("ck_prepayment_entry_posting")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_prepayment_entry_created_by_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_prepayment_entry_debtor_id")),
        sa.ForeignKeyConstraint(
            ["payment_type_id"], ["payment_type.id"], name=op.f("fk_prepayment_entry_payment_type_id")
        ),
        sa.ForeignKeyConstraint(["posting_id"], ["debtor_posting.id"], name=op.f("fk_prepayment_entry_posting_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["prepayment_entry.id"], name=op.f("fk_prepayment_entry_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepayment_entry")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_prepayment_entry_idempotency_key")),
        sa.UniqueConstraint("posting_id", name=op.f("uq_prepayment_entry_posting_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_prepayment_entry_reverses_id")),
    )
    with op.batch_alter_table("prepayment_entry", schema=None) as batch_op:
        batch_op.create_index(
            "ix_prepayment_entry_debtor", ["debtor_id", "posted_on", "id", "amount_ore"], unique=False
        )
        batch_op.create_index("ix_prepayment_entry_posted", ["posted_on", "id"], unique=False)
    widening.allow("payment_type", "means", "ck_payment_type_paymentmeans", (*MEANS, "prepayment"))


def downgrade() -> None:
    """Take back; not where anybody prepaid, which nothing may remove."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM prepayment_entry")):
        raise RuntimeError("the ledger holds prepayments that an older version does not know")
    op.execute("DELETE FROM payment_type WHERE means = 'prepayment'")
    widening.allow("payment_type", "means", "ck_payment_type_paymentmeans", MEANS)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION IF EXISTS gecko_prepayment() CASCADE")
    op.drop_table("prepayment_entry")
