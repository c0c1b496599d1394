"""Payment reminders"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "reference_rate",
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("rate_bp", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("rate_bp BETWEEN -800 AND 5000", name=op.f("ck_reference_rate_rate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_rate")),
        sa.UniqueConstraint("starts_on", name=op.f("uq_reference_rate_starts_on")),
    )
    op.create_table(
        "dunning_run",
        sa.Column("stage", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("debtor_ids", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.CheckConstraint("stage > 0", name=op.f("ck_dunning_run_stage")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_dunning_run_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_run")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_dunning_run_idempotency_key")),
    )
    op.create_table(
        "dunning",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("debtor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("buyer", sa.JSON(), nullable=False),
        sa.Column("seller", sa.JSON(), nullable=False),
        sa.Column("wording", sa.JSON(), nullable=False),
        sa.Column("claims_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("earlier_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fee_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("interest_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("compensation_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("total_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fee_posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("interest_posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("compensation_posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("printed_at", gecko.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", gecko.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name=op.f("ck_dunning_cancelled")),
        sa.CheckConstraint("fee_ore BETWEEN 0 AND 25000", name=op.f("ck_dunning_fee")),
        sa.CheckConstraint(
            "total_ore = claims_ore + earlier_ore + fee_ore + interest_ore + compensation_ore",
            name=op.f("ck_dunning_sum"),
        ),
        sa.ForeignKeyConstraint(["cancelled_by_id"], ["staff_user.id"], name=op.f("fk_dunning_cancelled_by_id")),
        sa.ForeignKeyConstraint(
            ["compensation_posting_id"], ["debtor_posting.id"], name=op.f("fk_dunning_compensation_posting_id")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_dunning_created_by_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_dunning_debtor_id")),
        sa.ForeignKeyConstraint(["fee_posting_id"], ["debtor_posting.id"], name=op.f("fk_dunning_fee_posting_id")),
        sa.ForeignKeyConstraint(
            ["interest_posting_id"], ["debtor_posting.id"], name=op.f("fk_dunning_interest_posting_id")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_dunning_message_id")),
        sa.ForeignKeyConstraint(["run_id"], ["dunning_run.id"], name=op.f("fk_dunning_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning")),
        sa.UniqueConstraint("compensation_posting_id", name=op.f("uq_dunning_compensation_posting_id")),
        sa.UniqueConstraint("fee_posting_id", name=op.f("uq_dunning_fee_posting_id")),
        sa.UniqueConstraint("interest_posting_id", name=op.f("uq_dunning_interest_posting_id")),
        sa.UniqueConstraint("number", name=op.f("uq_dunning_number")),
        sa.UniqueConstraint("run_id", "debtor_id", name=op.f("uq_dunning_run_id_debtor_id")),
    )
    with op.batch_alter_table("dunning", schema=None) as batch_op:
        batch_op.create_index("ix_dunning_created", ["created_on", "id"], unique=False)
        batch_op.create_index("ix_dunning_debtor", ["debtor_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dunning_message_id"), ["message_id"], unique=False)

    op.create_table(
        "parked_claim",
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "row_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="1", nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_parked_claim_days")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_parked_claim_created_by_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["debtor_posting.id"], name=op.f("fk_parked_claim_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_claim")),
    )
    with op.batch_alter_table("parked_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parked_claim_posting_id"), ["posting_id"], unique=False)

    op.create_table(
        "dunning_line",
        sa.Column("dunning_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_claim", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("remaining_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "interest_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("interest_from", sa.Date(), nullable=True),
        sa.Column("interest_until", sa.Date(), nullable=True),
        sa.Column(
            "compensation_ore", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("remaining_ore > 0", name=op.f("ck_dunning_line_remaining")),
        sa.ForeignKeyConstraint(["dunning_id"], ["dunning.id"], name=op.f("fk_dunning_line_dunning_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["debtor_posting.id"], name=op.f("fk_dunning_line_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_line")),
        sa.UniqueConstraint("dunning_id", "posting_id", name=op.f("uq_dunning_line_dunning_id_posting_id")),
    )
    with op.batch_alter_table("dunning_line", schema=None) as batch_op:
        batch_op.create_index("ix_dunning_line_posting", ["posting_id", "dunning_id"], unique=False)

    op.create_table(
        "dunning_paper",
        sa.Column(
            "dunning_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["dunning_id"], ["dunning.id"], name=op.f("fk_dunning_paper_dunning_id")),
        sa.PrimaryKeyConstraint("dunning_id", name=op.f("pk_dunning_paper")),
    )
    op.add_column("debtor", sa.Column("reminder_block", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    """Take back; not where reminders were made, whose numbers and postings stand for good."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM dunning")):
        raise RuntimeError("there are payment reminders, which an older version does not know")
    if op.get_bind().dialect.name == "sqlite":
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS gecko_audit_debtor_{event}")
    op.drop_column("debtor", "reminder_block")
    op.execute(sa.text("DELETE FROM number_series WHERE code = 'dunning'"))
    for table in ("dunning_paper", "dunning_line", "parked_claim", "dunning", "dunning_run", "reference_rate"):
        op.drop_table(table)
