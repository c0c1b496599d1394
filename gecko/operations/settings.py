"""Modules, features and the company's particulars: read, and changed by those who may."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import g, has_request_context
from sqlalchemy import JSON, ColumnElement, func, literal_column, select

from ..db import db, is_writing
from ..errors import Conflict
from ..models.settings import Setting
from ..modules import DEFAULT_ON, FEATURE_NEEDS, Feature, Module

_CACHE = "gecko_settings"
_TABLE: Any = Setting.__table__
_STORED = select(_TABLE.c.key, _TABLE.c.value)
"""Built once, and without the detour by the session: every request asks it."""
DEFAULTS: dict[str, Any] = {
    "session.idle_minutes": 30,
    "session.absolute_hours": 12,
    "message.quiet_from": "21:00",
    "message.quiet_until": "08:00",
    "message.daily_cap": 10,
    "message.email_per_minute": 6000,
    "message.sms_per_minute": 600,
    "message.sms_price_ore": 0,
    "confirmation.email": False,
    "confirmation.sms": False,
    "reminder.email_1": False,
    "reminder.email_1_hours": 24,
    "reminder.email_2": False,
    "reminder.email_2_hours": 2,
    "reminder.sms_1": False,
    "reminder.sms_1_hours": 24,
    "reminder.sms_2": False,
    "reminder.sms_2_hours": 2,
    "ledger.anchor_email": "",
    "bookkeeping.vat_code": "U25",
    "recall.show_icon": False,
    "recall.offset_days": 10,
    "invoice.late_text_da": (
        "Ved betaling efter forfaldsdagen lægges rente til efter renteloven, og for hver rykker kan der opkræves"
        " et gebyr på op til 100 kr. Erhvervsdrivende kan desuden opkræves et kompensationsbeløb på 310 kr."
    ),
    "invoice.late_text_en": (
        "If payment is made after the due date, interest is added under the Danish Interest Act (renteloven), and a fee"
        " of up to DKK 100 may be charged for each reminder. Businesses may also be charged compensation of DKK 310."
    ),
}


def stored() -> dict[str, Any]:
    """Every setting that was ever chosen; read once in a web request."""
    if not has_request_context() or is_writing():
        return _read()
    if _CACHE not in g:
        setattr(g, _CACHE, _read())
    return dict(getattr(g, _CACHE))


def gathered(dialect: str) -> ColumnElement[dict[str, Any]]:
    """Every setting in one value, for a statement that a request asks anyway; its result goes to `remember`."""
    if dialect == "sqlite":
        whole = func.json_group_object(_TABLE.c.key, func.json(_TABLE.c.value), type_=JSON)
    else:
        whole = func.coalesce(
            func.json_object_agg(_TABLE.c.key, _TABLE.c.value), literal_column("'{}'::json"), type_=JSON
        )
    return select(whole).scalar_subquery()


def remember(chosen: dict[str, Any]) -> None:
    """Spare the web request under way from reading the settings: `chosen` is all of them."""
    if has_request_context():
        setattr(g, _CACHE, chosen)


def _read() -> dict[str, Any]:
    return {row.key: row.value for row in db.session.connection().execute(_STORED)}


def chosen_on() -> frozenset[str]:
    """The modules and features that somebody switched on, or that start switched on."""
    chosen = stored()
    return frozenset(
        str(name)
        for kind, names in (("module", Module), ("feature", Feature))
        for name in names
        if chosen.get(f"{kind}.{name}", name in DEFAULT_ON)
    )


def switched_on() -> frozenset[str]:
    """The modules and features that are on; a feature whose module is off is off."""
    on = chosen_on()
    return on - {str(feature) for feature, module in FEATURE_NEEDS.items() if str(module) not in on}


def get(key: str, default: Any = None) -> Any:
    """One setting's value; where nobody chose one, `default` or else what the product starts with."""
    return stored().get(key, DEFAULTS.get(key) if default is None else default)


def put(key: str, value: Any) -> None:
    """Set one setting; the log's trigger keeps the old value."""
    row = db.session.get(Setting, key)
    if row is None:
        db.session.add(Setting(key=key, value=value))
    elif row.value != value:
        row.value = value
    if has_request_context():
        g.pop(_CACHE, None)


def fingerprint() -> str:
    """Changes whenever any setting does: a form carries the one it was filled in over."""
    rows = db.session.execute(select(Setting.key, Setting.row_version).order_by(Setting.key))
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()[:16]


def save(chosen: dict[str, Any], *, seen: str) -> list[str]:
    """Set several settings at once; returns the keys that changed. Raises Conflict where `seen` is out of date."""
    if fingerprint() != seen:
        raise Conflict
    before = stored()
    changed = [key for key, value in chosen.items() if before.get(key, _unset(key)) != value]
    for key in changed:
        put(key, chosen[key])
    return changed


def _unset(key: str) -> Any:
    """What a setting means that nobody chose yet."""
    kind, _dot, name = key.partition(".")
    return name in {str(on) for on in DEFAULT_ON} if kind in {"module", "feature"} else DEFAULTS.get(key, "")
