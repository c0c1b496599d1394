"""What senders hold is found by its id: passing a fence changes no index"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_HELD = sa.text("state = 'sending'")


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_message_held", "message", ["id"], sqlite_where=_HELD, postgresql_where=_HELD)
    op.drop_index("ix_message_leased", "message")


def downgrade() -> None:
    """Take back."""
    op.create_index("ix_message_leased", "message", ["lease_until"], sqlite_where=_HELD, postgresql_where=_HELD)
    op.drop_index("ix_message_held", "message")
