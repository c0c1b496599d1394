"""The rights around messages, for the roles that an installation started with, and indexes for the list of messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

RIGHTS = {
    "super": ("view", "send", "decide"),
    "office": ("view", "send", "decide"),
    "accountant": ("view",),
    "reviewer": ("view",),
    "receptionist": ("view", "send"),
}


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_not_sent",
            ["reason", "state", "id"],
            unique=False,
            sqlite_where=sa.text("reason IS NOT NULL"),
            postgresql_where=sa.text("reason IS NOT NULL"),
        )
        batch_op.create_index("ix_message_written", ["created_at", "id"], unique=False)
    for role, names in RIGHTS.items():
        for name in names:
            op.execute(
                sa.text(
                    "INSERT INTO role_permission (role_id, permission)"
                    " SELECT id, :permission FROM role WHERE key = :role"
                ).bindparams(permission=f"message.{name}", role=role)
            )


def downgrade() -> None:
    """Take back."""
    op.execute(sa.text("DELETE FROM role_permission WHERE permission LIKE 'message.%'"))
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_written")
        batch_op.drop_index(
            "ix_message_not_sent",
            sqlite_where=sa.text("reason IS NOT NULL"),
            postgresql_where=sa.text("reason IS NOT NULL"),
        )
