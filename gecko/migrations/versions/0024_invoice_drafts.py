"""Drafts of invoices"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "invoice_draft",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("term_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("total_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_at", gecko.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_invoice_draft_created_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_invoice_draft_customer_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_invoice_draft_debtor_id")),
        sa.ForeignKeyConstraint(["term_id"], ["payment_term.id"], name=op.f("fk_invoice_draft_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_draft")),
        sa.UniqueConstraint("key", name=op.f("uq_invoice_draft_key")),
    )
    with op.batch_alter_table("invoice_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_draft_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_draft_debtor_id"), ["debtor_id"], unique=False)

    op.create_table(
        "invoice_draft_line",
        sa.Column("draft_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_vat_exempt", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("text", sa.String(), server_default="", nullable=False),
        sa.Column("quantity_milli", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_price_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "discount_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["invoice_draft.id"], name=op.f("fk_invoice_draft_line_draft_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_invoice_draft_line_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_draft_line")),
        sa.UniqueConstraint("draft_id", "position", name=op.f("uq_invoice_draft_line_draft_id_position")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("invoice_draft_line")
    with op.batch_alter_table("invoice_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_draft_debtor_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_draft_customer_id"))

    op.drop_table("invoice_draft")
