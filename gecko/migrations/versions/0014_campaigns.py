"""Campaigns"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db
from gecko.migrations import widening

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

REASONS = (
    "no_address", "address_failed", "opted_out", "no_consent", "customer_gone", "booking_changed", "withdrawn",
    "rejected", "gave_up",
)  # fmt: skip
NEW = ("group_inactive", "address_shared", "text_unfit")


def _number() -> str:
    return "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "campaign",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_marketing", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("service_reason", sa.String(), nullable=True),
        sa.Column("audience_query", sa.String(), nullable=True),
        sa.Column("audience_ids", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("send_at", gecko.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "running",
                "paused",
                "done",
                "stopped",
                name="campaignstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("pause_note", sa.String(), nullable=True),
        sa.Column("is_written", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("started_at", gecko.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", gecko.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("job_run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deleted_at", gecko.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "is_marketing OR (service_reason IS NOT NULL AND trim(service_reason) <> '')",
            name=op.f("ck_campaign_reason"),
        ),
        sa.CheckConstraint("state = 'draft' OR started_at IS NOT NULL", name=op.f("ck_campaign_started")),
        sa.CheckConstraint("trim(name) <> ''", name=op.f("ck_campaign_name")),
        sa.CheckConstraint("(audience_query IS NULL) <> (audience_ids IS NULL)", name=op.f("ck_campaign_audience")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["staff_user.id"], name=op.f("fk_campaign_approved_by_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_campaign_created_by_id")),
        sa.ForeignKeyConstraint(["job_run_id"], ["job_run.id"], name=op.f("fk_campaign_job_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_campaign_idempotency_key")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_created", ["created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_campaign_running",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )

    op.create_table(
        "campaign_text",
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email", "sms", "letter", name="messagechannel", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("(subject IS NOT NULL) = (channel = 'email')", name=op.f("ck_campaign_text_subject")),
        sa.CheckConstraint("language IN ('da', 'en')", name=op.f("ck_campaign_text_language")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_text_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_text")),
        sa.UniqueConstraint(
            "campaign_id", "channel", "language", name=op.f("uq_campaign_text_campaign_id_channel_language")
        ),
    )
    op.execute(
        sa.text(
            f"ALTER TABLE message ADD COLUMN campaign_id {_number()}"
            " CONSTRAINT fk_message_campaign_id REFERENCES campaign (id)"
        )
    )
    op.add_column("message", sa.Column("opened_at", gecko.db.UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_due"), sqlite_where=sa.text("state = 'queued'"))
        batch_op.create_index(
            "ix_message_due",
            ["channel", "campaign_id", "not_before", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index(
            "ix_message_campaign",
            ["campaign_id", "channel", "state", "id"],
            unique=False,
            sqlite_where=sa.text("campaign_id IS NOT NULL"),
            postgresql_where=sa.text("campaign_id IS NOT NULL"),
        )
    for table in ("message", "message_event"):
        widening.allow(table, "reason", f"ck_{table}_messagereason", (*REASONS, *NEW))


def downgrade() -> None:
    """Take back; what was held back for a reason that was unknown before stays held back, for lack of consent."""
    for table in ("message", "message_event"):
        op.execute(sa.text(f"UPDATE {table} SET reason = 'no_consent' WHERE reason IN {NEW}"))
        widening.allow(table, "reason", f"ck_{table}_messagereason", REASONS)
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_campaign",
            sqlite_where=sa.text("campaign_id IS NOT NULL"),
            postgresql_where=sa.text("campaign_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_message_due", sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'")
        )
        batch_op.create_index(
            batch_op.f("ix_message_due"),
            ["channel", "not_before", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
        )
    for column in ("opened_at", "campaign_id"):
        op.execute(sa.text(f"ALTER TABLE message DROP COLUMN {column}"))

    op.drop_table("campaign_text")
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_campaign_running",
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )
        batch_op.drop_index("ix_campaign_created")

    op.drop_table("campaign")
