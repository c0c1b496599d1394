"""The rights around duplicates, for the roles that an installation started with"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RIGHTS = {
    "super": ("review", "merge", "batch", "undo"),
    "office": ("review", "merge", "batch", "undo"),
    "reviewer": ("review", "merge", "undo"),
}


def upgrade() -> None:
    """Apply."""
    for role, names in RIGHTS.items():
        for name in names:
            op.execute(
                sa.text(
                    "INSERT INTO role_permission (role_id, permission)"
                    " SELECT id, :permission FROM role WHERE key = :role"
                ).bindparams(permission=f"duplicate.{name}", role=role)
            )


def downgrade() -> None:
    """Take back."""
    op.execute(sa.text("DELETE FROM role_permission WHERE permission LIKE 'duplicate.%'"))
