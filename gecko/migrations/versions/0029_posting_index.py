"""Balances and ages are read from one index of the postings"""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "ix_debtor_posting_account", "debtor_posting", ["debtor_id", "posted_on", "id", "due_on", "amount_ore"]
    )
    op.drop_index("ix_debtor_posting_debtor", "debtor_posting")
    op.drop_index("ix_debtor_posting_balance", "debtor_posting")


def downgrade() -> None:
    """Take back."""
    op.create_index("ix_debtor_posting_balance", "debtor_posting", ["debtor_id", "amount_ore"])
    op.create_index("ix_debtor_posting_debtor", "debtor_posting", ["debtor_id", "posted_on", "id"])
    op.drop_index("ix_debtor_posting_account", "debtor_posting")
