"""What is open of debtors is read in statements whose size does not follow what they owe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from gecko.clock import today
from gecko.db import db
from gecko.operations.dunning import claims
from tests import factories

from .making import overdue, remind


@contextmanager
def values() -> Iterator[list[int]]:
    """How many values each statement inside the block takes."""
    found: list[int] = []

    def note(_connection: Any, _cursor: Any, _statement: str, parameters: Any, *_rest: Any) -> None:
        found.append(len(parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_debtor_of_many_open_invoices_is_asked_for_as_one_of_few(app: Flask) -> None:
    debtor_id = factories.debtor().id
    taken = []
    for _more in range(2):
        for _invoice in range(3):
            overdue(debtor_id)
        with values() as found:
            [account] = claims.of_debtors([debtor_id], today()).values()
        taken.append(found)
    assert len(account.debits) == 6
    assert taken[0] == taken[1]


def test_only_what_was_posted_by_the_day_and_is_owed_is_read(app: Flask) -> None:
    debtor_id, other = factories.debtor().id, factories.debtor().id
    posting_id = overdue(debtor_id)
    overdue(other)
    remind(debtor_id)
    [account] = claims.of_debtors([debtor_id], today()).values()
    assert [(one.posting_id, one.history.stage) for one in account.debits if one.history.stage] == [(posting_id, 1)]
