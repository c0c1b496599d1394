"""Customers counted by the beginning of their names"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "customer_name_count",
        sa.Column("prefix", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("part", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("customers", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "part", name=op.f("pk_customer_name_count")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO customer_name_count (prefix, part, customers)"
        " SELECT substr(name_sort, 1, 5), 0, count(*) FROM customer WHERE deleted_at IS NULL GROUP BY 1"
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("customer_name_count")
