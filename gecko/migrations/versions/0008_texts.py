"""Texts and templates of messages, custom fields that stay out of text messages, and the right to change the texts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import gecko.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME_SORT = (
    "replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(repl"
    "ace(replace(replace(replace(replace(lower(name), 'Æ', '{'), 'æ', '{'), 'Ä', '{'), 'ä', '{'), 'Ø', '|"
    "'), 'ø', '|'), 'Ö', '|'), 'ö', '|'), 'Å', '}'), 'å', '}'), 'aa', '}'), 'É', 'e'), 'é', 'e'), 'È', 'e"
    "'), 'è', 'e'), 'Ü', 'y'), 'ü', 'y')"
)
ROLES = ("super", "office")


def upgrade() -> None:
    """Apply."""
    channel = sa.Enum(
        "email", "sms", "letter", name="messagechannel", native_enum=False, create_constraint=True, length=40
    )
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "message_template",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("channel", channel, nullable=False),
        sa.Column("language", sa.String(), server_default="da", nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column(
            "name_sort",
            sa.String().with_variant(sa.String(collation="C"), "postgresql"),
            sa.Computed(NAME_SORT, persisted=True),
            nullable=False,
        ),
        sa.Column("row_version", number, server_default="1", nullable=False),
        sa.Column("id", number, nullable=False),
        sa.Column("deleted_at", gecko.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", gecko.db.UtcDateTime(timezone=True), server_default=sa.text("CURRENT_TIMESTAMP"),
            nullable=False,
        ),
        sa.CheckConstraint("(subject IS NOT NULL) = (channel = 'email')", name=op.f("ck_message_template_subject")),
        sa.CheckConstraint("language IN ('da', 'en')", name=op.f("ck_message_template_language")),
        sa.CheckConstraint("trim(name) <> ''", name=op.f("ck_message_template_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template")),
    )  # fmt: skip
    op.create_index("ix_message_template_name", "message_template", ["name_sort", "id"])
    living = sa.text("deleted_at IS NULL")
    op.create_index(
        "uq_message_template_name", "message_template", ["name", "channel", "language"], unique=True,
        sqlite_where=living, postgresql_where=living,
    )  # fmt: skip
    op.create_table(
        "text_override",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", channel, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("row_version", number, server_default="1", nullable=False),
        sa.Column("id", number, nullable=False),
        sa.CheckConstraint("(subject IS NOT NULL) = (channel = 'email')", name=op.f("ck_text_override_subject")),
        sa.CheckConstraint("language IN ('da', 'en')", name=op.f("ck_text_override_language")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_override")),
        sa.UniqueConstraint("key", "channel", "language", name=op.f("uq_text_override_key_channel_language")),
    )
    op.add_column(
        "customer_field", sa.Column("is_sensitive", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    for role in ROLES:
        op.execute(
            sa.text(
                "INSERT INTO role_permission (role_id, permission) SELECT id, 'text.edit' FROM role WHERE key = :role"
            ).bindparams(role=role)
        )


def downgrade() -> None:
    """Take back."""
    op.execute(sa.text("DELETE FROM role_permission WHERE permission = 'text.edit'"))
    with op.batch_alter_table("customer_field") as batch:
        batch.drop_column("is_sensitive")
    op.drop_table("text_override")
    op.drop_table("message_template")
