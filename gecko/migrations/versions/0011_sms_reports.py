"""Status reports of the SMS gateway"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sms_report",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("provider_ref", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "UNKNOWN",
                "ACCEPTED",
                "ENROUTE",
                "DELETED",
                "EXPIRED",
                "REJECTED",
                "UNDELIVERABLE",
                "DELIVERED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received_at", gecko.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_sms_report_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_report")),
        sa.UniqueConstraint("event_id", name=op.f("uq_sms_report_event_id")),
    )
    with op.batch_alter_table("sms_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sms_report_received_at"), ["received_at"], unique=False)
        batch_op.create_index("ix_sms_report_text", ["message_id", "provider_ref"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("sms_report", schema=None) as batch_op:
        batch_op.drop_index("ix_sms_report_text")
        batch_op.drop_index(batch_op.f("ix_sms_report_received_at"))

    op.drop_table("sms_report")
