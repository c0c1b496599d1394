"""The menu by heading: short enough to be read at a glance, and nothing that one may not open."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from gecko.db import transaction
from gecko.modules import Feature, Module
from gecko.operations import settings

MOST = 10
_MONEY = ["Debitorer", "Fakturering", "Betalinger", "Rykkere", "Afslutning og bogføring"]


@pytest.fixture
def app(sqlite_app):
    with transaction():
        for key in (*(f"module.{one}" for one in Module), *(f"feature.{one}" for one in Feature)):
            settings.put(key, True)
    return sqlite_app


def headings(page: str) -> dict[str, list[str]]:
    """Heading -> its lines."""
    found = re.findall(r'g-section g-wide"[^>]*>([^<]+)</div>\s*<ul[^>]*>(.*?)</ul>', page, re.DOTALL)
    return {heading: re.findall(r'title="([^"]+)"', lines) for heading, lines in found}


def test_no_heading_has_more_lines_than_one_reads_at_a_glance(app, client_as: Callable[..., FlaskClient]) -> None:
    shown = headings(client_as("super").get("/").text)
    assert [heading for heading in shown if heading in _MONEY] == _MONEY
    assert {heading: len(lines) for heading, lines in shown.items() if len(lines) > MOST} == {}
    lines = [line for some in shown.values() for line in some]
    assert len(set(lines)) == len(lines)


def test_who_has_nothing_to_do_with_money_sees_none_of_its_headings(app, client_as: Callable[..., FlaskClient]) -> None:
    shown = headings(client_as("receptionist").get("/").text)
    assert not set(_MONEY) & shown.keys()
    assert "Kunder" in shown
