"""Closed periods"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "period_lock",
        sa.Column("closed_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_period_lock_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_lock")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_period_lock_idempotency_key")),
    )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "sqlite":
        for table in ("sale_document", "debtor_posting", "settlement", "settlement_line"):
            op.execute(f"DROP TRIGGER IF EXISTS gecko_period_{table}")
    else:
        op.execute("DROP FUNCTION IF EXISTS gecko_period() CASCADE")
        op.execute("DROP FUNCTION IF EXISTS gecko_period_until()")
    op.drop_table("period_lock")
