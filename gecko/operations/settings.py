"""Modules, features and the company's particulars: read, and changed by those who may."""

from __future__ import annotations

from typing import Any

from flask import g, has_request_context
from sqlalchemy import select

from ..db import db, is_writing
from ..models.settings import Setting
from ..modules import DEFAULT_ON, FEATURE_NEEDS, Feature, Module

_CACHE = "gecko_settings"


def stored() -> dict[str, Any]:
    """Every setting that was ever chosen; read once in a web request."""
    if not has_request_context() or is_writing():
        return _read()
    if _CACHE not in g:
        setattr(g, _CACHE, _read())
    return dict(getattr(g, _CACHE))


def _read() -> dict[str, Any]:
    return {row.key: row.value for row in db.session.execute(select(Setting.key, Setting.value))}


def switched_on() -> frozenset[str]:
    """The modules and features that are on; a feature whose module is off is off."""
    chosen = stored()
    modules = {module for module in Module if chosen.get(f"module.{module}", module in DEFAULT_ON)}
    features = {
        feature
        for feature in Feature
        if chosen.get(f"feature.{feature}", feature in DEFAULT_ON)
        and (FEATURE_NEEDS.get(feature) is None or FEATURE_NEEDS[feature] in modules)
    }
    return frozenset(str(name) for name in modules | features)


def get(key: str, default: Any = None) -> Any:
    """One setting's value."""
    return stored().get(key, default)


def put(key: str, value: Any) -> None:
    """Set one setting; the log's trigger keeps the old value."""
    row = db.session.get(Setting, key)
    if row is None:
        db.session.add(Setting(key=key, value=value))
    elif row.value != value:
        row.value = value
    if has_request_context():
        g.pop(_CACHE, None)
