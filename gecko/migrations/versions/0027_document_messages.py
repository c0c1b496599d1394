"""Which messages carried which document"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "document_message",
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["sale_document.id"], name=op.f("fk_document_message_document_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_document_message_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_document_message")),
    )
    with op.batch_alter_table("document_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_message_document_id"), ["document_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("document_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_message_document_id"))

    op.drop_table("document_message")
