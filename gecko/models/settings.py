"""What an installation has chosen: modules, features and the company's own particulars."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class Setting(Base):
    """One choice. Keys: `module.<name>` and `feature.<name>` (true or false), `company.<field>`, and others."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    row_version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012
