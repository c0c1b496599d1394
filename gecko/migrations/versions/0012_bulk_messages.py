"""The right to send messages to many customers at once, for the roles that manage"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RIGHT = "message.bulk"
ROLES = ("super", "office")


def upgrade() -> None:
    """Apply."""
    for role in ROLES:
        op.execute(
            sa.text(
                "INSERT INTO role_permission (role_id, permission) SELECT id, :permission FROM role WHERE key = :role"
            ).bindparams(permission=RIGHT, role=role)
        )


def downgrade() -> None:
    """Take back."""
    op.execute(sa.text("DELETE FROM role_permission WHERE permission = :permission").bindparams(permission=RIGHT))
