"""Letters: how a template's are laid out, and the paper of those that were made"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "message_template", sa.Column("is_window_right", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("message_template", sa.Column("margin_mm", big, server_default="25", nullable=False))
    op.add_column("message_template", sa.Column("font_points", big, server_default="10", nullable=False))
    op.add_column(
        "message_template", sa.Column("is_dated", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.create_table(
        "message_letter",
        sa.Column("message_id", big, autoincrement=False, nullable=False),
        sa.Column("batch", sa.String(), nullable=True),
        sa.Column("sheet", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_letter_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_letter")),
    )
    op.create_index(op.f("ix_message_letter_batch"), "message_letter", ["batch"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("message_letter")
    if op.get_bind().dialect.name == "sqlite":  # which drops no column that a trigger names
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS gecko_audit_message_template_{event}")
    for name in ("is_dated", "font_points", "margin_mm", "is_window_right"):
        op.drop_column("message_template", name)
