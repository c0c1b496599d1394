"""Marketing triggers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "marketing_trigger",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "occasion",
            sa.Enum(
                "birthday",
                "birth_month",
                "not_seen",
                "first_visit",
                "chosen_date",
                name="occasion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("email_template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sms_template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("on_monday", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("on_tuesday", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("on_wednesday", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("on_thursday", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("on_friday", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("on_saturday", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("on_sunday", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column(
            "waiting_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="30", nullable=False
        ),
        sa.Column(
            "standby_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="7", nullable=False
        ),
        sa.Column("is_approved", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("approved_at", gecko.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
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
            "(days IS NOT NULL) = (occasion IN ('not_seen', 'first_visit'))", name=op.f("ck_marketing_trigger_days")
        ),
        sa.CheckConstraint(
            "(on_date IS NOT NULL) = (occasion = 'chosen_date')", name=op.f("ck_marketing_trigger_date")
        ),
        sa.CheckConstraint("trim(name) <> ''", name=op.f("ck_marketing_trigger_name")),
        sa.CheckConstraint(
            "email_template_id IS NOT NULL OR sms_template_id IS NOT NULL", name=op.f("ck_marketing_trigger_channel")
        ),
        sa.CheckConstraint("is_approved = (approved_at IS NOT NULL)", name=op.f("ck_marketing_trigger_approved")),
        sa.CheckConstraint("waiting_days >= 0 AND standby_days >= 0", name=op.f("ck_marketing_trigger_periods")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["staff_user.id"], name=op.f("fk_marketing_trigger_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["email_template_id"], ["message_template.id"], name=op.f("fk_marketing_trigger_email_template_id")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["customer_group.id"], name=op.f("fk_marketing_trigger_group_id")),
        sa.ForeignKeyConstraint(
            ["sms_template_id"], ["message_template.id"], name=op.f("fk_marketing_trigger_sms_template_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_trigger")),
    )
    with op.batch_alter_table("marketing_trigger", schema=None) as batch_op:
        batch_op.create_index("ix_marketing_trigger_name", ["name", "id"], unique=False)

    with op.batch_alter_table("ad_hoc_purchase", schema=None) as batch_op:
        batch_op.create_index("ix_ad_hoc_purchase_day", ["purchased_on", "customer_id"], unique=False)

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index("ix_customer_birth_date", ["birth_date"], unique=False)

    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        sa.text(
            f"ALTER TABLE message ADD COLUMN trigger_id {number}"
            " CONSTRAINT fk_message_trigger_id REFERENCES marketing_trigger (id)"
        )
    )
    op.create_index(
        "ix_message_trigger",
        "message",
        ["trigger_id", "state", "id"],
        unique=False,
        sqlite_where=sa.text("trigger_id IS NOT NULL"),
        postgresql_where=sa.text("trigger_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_message_trigger", "message")
    op.execute(sa.text("ALTER TABLE message DROP COLUMN trigger_id"))
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index("ix_customer_birth_date")

    with op.batch_alter_table("ad_hoc_purchase", schema=None) as batch_op:
        batch_op.drop_index("ix_ad_hoc_purchase_day")

    with op.batch_alter_table("marketing_trigger", schema=None) as batch_op:
        batch_op.drop_index("ix_marketing_trigger_name")

    op.drop_table("marketing_trigger")
