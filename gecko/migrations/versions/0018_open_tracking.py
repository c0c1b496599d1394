"""Whether a customer allows us to see that newsletters are opened"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "customer", sa.Column("allows_open_tracking", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    """Take back; the log's triggers, which name the column, are made anew by the next upgrade."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS gecko_audit_customer_{event}")
    op.drop_column("customer", "allows_open_tracking")
