"""Marks say which columns changed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("match_mark", sa.Column("changed", number, server_default="-1", nullable=False))


def downgrade() -> None:
    """Take back; the triggers, which name the column, are made anew by the next upgrade."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS gecko_match_customer_{event}")
    else:
        op.execute("DROP FUNCTION IF EXISTS gecko_match() CASCADE")
    op.drop_column("match_mark", "changed")
