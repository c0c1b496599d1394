"""Why entries of a bank file were known"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("bank_file", sa.Column("known_by", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":  # it names every column; the next upgrade makes it anew
        op.execute("DROP TRIGGER IF EXISTS gecko_immutable ON bank_file")
    op.execute("ALTER TABLE bank_file DROP COLUMN known_by")
