"""Triggers that write a row whenever a customer's answer to marketing changes, on SQLite and PostgreSQL.

They see forms, grids, imports, merges and raw SQL alike, and take who acted from where the log's triggers do. A wording
is noted where people were asked under one: by staff, or by the link in a message.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import tombstones

FUNCTION = "gecko_consent"
COLUMNS = {"email": "accepts_marketing_email", "sms": "accepts_marketing_sms"}
"""The column of a customer that holds the present answer, by channel."""
_SOURCE = f"""CASE
    WHEN EXISTS (SELECT 1 FROM merge WHERE is_running AND undone_at IS NULL) THEN 'merge'
    WHEN {tombstones.MERGING} THEN 'undo'
    WHEN {tombstones.ERASING} THEN 'erasure'
    WHEN c.source IS NULL THEN 'outside'
    WHEN c.source IN ('import', 'link') THEN c.source
    WHEN c.user_id IS NOT NULL THEN 'staff'
    ELSE 'system' END"""
_IN_FORCE = "SELECT max(t.id) FROM consent_text t WHERE t.channel = a.channel AND t.language = NEW.language"


def _statement(*, has_old: bool, at: str, context: str) -> str:
    """What is written: a row for each channel whose answer differs. context: the one who acts, as a table `c`."""
    answers = " UNION ALL ".join(
        f"SELECT '{channel}' AS channel, NEW.{column} AS given, {f'OLD.{column}' if has_old else 'false'} AS before"
        for channel, column in COLUMNS.items()
    )
    return (
        "INSERT INTO consent (customer_id, channel, is_given, source, text_id, at, user_id, name, ip)"
        " SELECT NEW.id, a.channel, a.given, c.source,"
        f" CASE WHEN a.given AND c.source IN ('staff', 'link') THEN ({_IN_FORCE}) END,"
        f" {at}, c.user_id, c.name, CASE WHEN c.source = 'link' THEN c.ip END"
        f" FROM ({answers}) a CROSS JOIN (SELECT {_SOURCE} AS source, c.user_id, c.name, c.ip FROM {context}) c"
        " WHERE a.given <> a.before;"
    )


def _given(row: str) -> str:
    return " OR ".join(f"{row}.{column}" for column in COLUMNS.values())


def sqlite_statements() -> Iterable[str]:
    """The triggers of SQLite."""
    at, context = "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'", "(SELECT 1) LEFT JOIN audit_context c ON c.id = 1"
    differs = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in COLUMNS.values())
    for event, clause, when in (
        ("insert", "INSERT", _given("NEW")),
        ("update", f"UPDATE OF {', '.join(COLUMNS.values())}", differs),
    ):
        body = _statement(has_old=event == "update", at=at, context=context)
        yield f"CREATE TRIGGER {FUNCTION}_{event} AFTER {clause} ON customer WHEN {when} BEGIN {body} END"


_WHO = ", ".join(f"who ->> '{name}' AS {name}" for name in ("name", "source", "ip"))
_POSTGRES_CONTEXT = f"(SELECT (who ->> 'user_id')::bigint AS user_id, {_WHO}) c"
POSTGRES_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        who jsonb := coalesce(nullif(current_setting('gecko.actor', true), ''), '{{}}')::jsonb;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            {_statement(has_old=False, at="clock_timestamp()", context=_POSTGRES_CONTEXT)}
        ELSE
            {_statement(has_old=True, at="clock_timestamp()", context=_POSTGRES_CONTEXT)}
        END IF;
        RETURN NULL;
    END $$
    """


def postgres_statements() -> Iterable[str]:
    """The triggers of PostgreSQL; most customers who come in say yes to nothing, and cost no call."""
    yield (
        f"CREATE OR REPLACE TRIGGER {FUNCTION}_insert AFTER INSERT ON customer"
        f" FOR EACH ROW WHEN ({_given('NEW')}) EXECUTE FUNCTION {FUNCTION}()"
    )
    yield (
        f"CREATE OR REPLACE TRIGGER {FUNCTION}_update AFTER UPDATE OF {', '.join(COLUMNS.values())} ON customer"
        f" FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()"
    )
