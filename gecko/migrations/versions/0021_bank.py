"""Payments from the bank"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "bank_account",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("registration_no", sa.String(), nullable=False),
        sa.Column("account_no", sa.String(), nullable=False),
        sa.Column("csv_mapping", sa.JSON(), nullable=True),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("name", name=op.f("uq_bank_account_name")),
        sa.UniqueConstraint("registration_no", "account_no", name=op.f("uq_bank_account_registration_no_account_no")),
    )
    op.create_table(
        "bank_file",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("camt", "csv", name="bankfilekind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("opening_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closing_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("taken_in", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("known", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("passed_over", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name=op.f("fk_bank_file_account_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_bank_file_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_bank_file_sha256")),
    )
    with op.batch_alter_table("bank_file", schema=None) as batch_op:
        batch_op.create_index("ix_bank_file_account", ["account_id", "first_on"], unique=False)

    op.create_table(
        "bank_entry",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("counterparty", sa.String(), nullable=True),
        sa.Column("end_to_end", sa.String(), nullable=True),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "accepted", "ignored", name="entrystate", native_enum=False, create_constraint=True, length=40
            ),
            server_default="open",
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.CheckConstraint("amount_ore > 0", name=op.f("ck_bank_entry_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name=op.f("fk_bank_entry_account_id")),
        sa.ForeignKeyConstraint(["file_id"], ["bank_file.id"], name=op.f("fk_bank_entry_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_entry")),
        sa.UniqueConstraint("account_id", "identity", name=op.f("uq_bank_entry_account_id_identity")),
    )
    with op.batch_alter_table("bank_entry", schema=None) as batch_op:
        batch_op.create_index("ix_bank_entry_booked", ["booked_on", "id"], unique=False)
        batch_op.create_index("ix_bank_entry_file", ["file_id", "line"], unique=False)
        batch_op.create_index("ix_bank_entry_state", ["state", "booked_on", "id"], unique=False)

    op.create_table(
        "bank_decision",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "accept", "ignore", "reopen", name="decisionkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.CheckConstraint("(kind = 'accept') = (posting_id IS NOT NULL)", name=op.f("ck_bank_decision_posting")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_bank_decision_created_by_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["bank_entry.id"], name=op.f("fk_bank_decision_entry_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["debtor_posting.id"], name=op.f("fk_bank_decision_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_decision")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_bank_decision_idempotency_key")),
        sa.UniqueConstraint("posting_id", name=op.f("uq_bank_decision_posting_id")),
    )
    with op.batch_alter_table("bank_decision", schema=None) as batch_op:
        batch_op.create_index("ix_bank_decision_entry", ["entry_id", "id"], unique=False)

    is_debit = sa.text("remaining_ore > 0")
    op.create_index(
        "ix_open_posting_amount", "open_posting", ["remaining_ore"], sqlite_where=is_debit, postgresql_where=is_debit
    )


def downgrade() -> None:
    """Take back; what is in the ledger stays there."""
    op.drop_index("ix_open_posting_amount", "open_posting")
    for table in ("bank_decision", "bank_entry", "bank_file", "bank_account"):
        op.drop_table(table)
