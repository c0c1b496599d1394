"""Answers to marketing as rows, the wordings people agree to, and a row for everybody who had said yes before"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WORDINGS = {
    (
        "email",
        "da",
    ): "Ja tak, send mig nyheder og tilbud på e-mail. Jeg kan altid sige nej igen, gratis og med ét klik.",
    ("sms", "da"): "Ja tak, send mig nyheder og tilbud på sms. Jeg kan altid sige nej igen, gratis.",
    ("email", "en"): "Yes please, send me news and offers by e-mail. I can say no again at any time, free of charge and"
    " with one click.",
    ("sms", "en"): "Yes please, send me news and offers by SMS. I can say no again at any time, free of charge.",
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "consent_text",
        sa.Column(
            "channel",
            sa.Enum("email", "sms", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "created_at",
            gecko.db.UtcDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.CheckConstraint("language IN ('da', 'en')", name=op.f("ck_consent_text_language")),
        sa.ForeignKeyConstraint(["created_by_id"], ["staff_user.id"], name=op.f("fk_consent_text_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
    )
    with op.batch_alter_table("consent_text", schema=None) as batch_op:
        batch_op.create_index("ix_consent_text_in_force", ["channel", "language", "id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("email", "sms", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "registered",
                "staff",
                "import",
                "link",
                "merge",
                "undo",
                "erasure",
                "system",
                "outside",
                name="consentsource",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "at", gecko.db.UtcDateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("ip", sa.String(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("is_given OR text_id IS NULL", name=op.f("ck_consent_wording")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_consent_customer_id")),
        sa.ForeignKeyConstraint(["text_id"], ["consent_text.id"], name=op.f("fk_consent_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("ix_consent_customer", ["customer_id", "id"], unique=False)
    for (channel, language), wording in WORDINGS.items():
        op.execute(
            sa.text(
                "INSERT INTO consent_text (channel, language, text) VALUES (:channel, :language, :wording)"
            ).bindparams(channel=channel, language=language, wording=wording)
        )
    for channel in ("email", "sms"):
        op.execute(
            "INSERT INTO consent (customer_id, channel, is_given, source)"
            f" SELECT id, '{channel}', true, 'registered' FROM customer WHERE accepts_marketing_{channel} ORDER BY id"
        )


def downgrade() -> None:
    """Take back. SQLite changes no table while triggers name tables that are gone."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("insert", "update"):
            op.execute(f"DROP TRIGGER IF EXISTS gecko_consent_{event}")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_customer")

    op.drop_table("consent")
    with op.batch_alter_table("consent_text", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_text_in_force")

    op.drop_table("consent_text")
