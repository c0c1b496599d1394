"""E-mails with documents, reminders and statements are of kinds of their own; a statement's knows its debtor"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gecko.migrations import widening

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

KINDS = ("manual", "appointment_card", "confirmation", "reminder", "recall", "campaign")
NEW = ("document", "dunning", "statement")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "statement_message",
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("debtor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_statement_message_debtor_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_statement_message_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_statement_message")),
    )
    op.create_index(op.f("ix_statement_message_debtor_id"), "statement_message", ["debtor_id"])
    op.create_index("ix_statement_message_batch", "statement_message", ["batch", "debtor_id"])
    widening.allow("message", "kind", "ck_message_messagekind", (*KINDS, *NEW))


def downgrade() -> None:
    """Take back."""
    op.execute(sa.text("UPDATE message SET kind = 'manual' WHERE kind IN ('document', 'dunning', 'statement')"))
    widening.allow("message", "kind", "ck_message_messagekind", KINDS)
    op.drop_table("statement_message")
