"""Modules, features and the company's particulars: read, and changed by those who may."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ..db import db
from ..models.settings import Setting
from ..modules import DEFAULT_ON, FEATURE_NEEDS, Feature, Module


def switched_on() -> frozenset[str]:
    """The modules and features that are on; a feature whose module is off is off."""
    stored: dict[str, Any] = dict(db.session.execute(select(Setting.key, Setting.value)).tuples().all())
    modules = {module for module in Module if stored.get(f"module.{module}", module in DEFAULT_ON)}
    features = {
        feature
        for feature in Feature
        if stored.get(f"feature.{feature}", feature in DEFAULT_ON)
        and (FEATURE_NEEDS.get(feature) is None or FEATURE_NEEDS[feature] in modules)
    }
    return frozenset(str(name) for name in modules | features)


def get(key: str, default: Any = None) -> Any:
    """One setting's value."""
    stored = db.session.get(Setting, key)
    return default if stored is None else stored.value


def put(key: str, value: Any) -> None:
    """Set one setting; the log's trigger keeps the old value."""
    stored = db.session.get(Setting, key)
    if stored is None:
        db.session.add(Setting(key=key, value=value))
    elif stored.value != value:
        stored.value = value
