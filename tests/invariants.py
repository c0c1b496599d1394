"""What `gecko check` looks at in the rows that a test has made."""

from __future__ import annotations

from gecko.operations import checking
from gecko.operations.checking import Check, database


def checked() -> list[Check]:
    """The results of all checks but that of the schema: no row can change it, and to read it takes longer than all
    others on the few rows of a test."""
    return checking.run(check for check in checking.CHECKS if check is not database.migrations)
