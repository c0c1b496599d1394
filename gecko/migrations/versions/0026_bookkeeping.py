"""Batches for the bookkeeping"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "ledger_batch",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "format",
            sa.Enum("economic", "plain", name="batchformat", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.Column("postings", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lines", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("debit_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owed_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_ledger_batch_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_batch")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_batch_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_ledger_batch_number")),
    )
    op.create_table(
        "ledger_batch_item",
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "format",
            sa.Enum("economic", "plain", name="batchformat", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["ledger_batch.id"], name=op.f("fk_ledger_batch_item_batch_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["debtor_posting.id"], name=op.f("fk_ledger_batch_item_posting_id")),
        sa.PrimaryKeyConstraint("batch_id", "posting_id", name=op.f("pk_ledger_batch_item")),
    )
    with op.batch_alter_table("ledger_batch_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_batch_item_once",
            ["posting_id", "format"],
            unique=True,
            sqlite_where=sa.text("NOT is_repeat"),
            postgresql_where=sa.text("NOT is_repeat"),
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("ledger_batch_item", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ledger_batch_item_once",
            sqlite_where=sa.text("NOT is_repeat"),
            postgresql_where=sa.text("NOT is_repeat"),
        )

    op.drop_table("ledger_batch_item")
    op.drop_table("ledger_batch")
