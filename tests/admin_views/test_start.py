"""The start page's numbers lead to the rows behind them, and are those rows; a fresh installation gets first steps."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin_views import plots
from tests import factories


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    return sqlite_app


def figures(text: str) -> dict[str, tuple[str, str]]:
    """Label -> (value, address)."""
    found = re.findall(
        r'<a class="card g-figure[^"]*" href="([^"]+)">.*?g-figure-label">([^<]+)<.*?g-figure-value">([^<]+)<', text
    )
    return {label: (value.replace("\N{NO-BREAK SPACE}", " "), url) for url, label, value in found}


def test_numbers_are_the_rows_they_lead_to(client_as: Callable[..., FlaskClient]) -> None:
    payer = factories.debtor()
    factories.invoice(payer.id, 123_450)
    factories.customers([f"Kunde {n}" for n in range(3)])
    factories.customer(group_id=factories.group(is_active=False).id)
    client = client_as("office")
    shown = figures(client.get("/").text)
    assert shown["Kunder"][0] == shown["Nye denne måned"][0] == "3"
    assert shown["Debitorer med udestående"][0] == "1"
    assert shown["Udestående"][0] == "1.234,50 kr."
    for label, rows in (("Kunder", 3), ("Nye denne måned", 3)):
        page = client.get(shown[label][1])
        assert page.status_code == 200
        assert len(re.findall(r'<th scope="row"', page.text)) == rows, label
    for label in ("Udestående", "Debitorer med udestående", "Igangværende job"):
        assert client.get(shown[label][1]).status_code == 200


def test_each_bar_leads_to_its_months_postings(client_as: Callable[..., FlaskClient]) -> None:
    factories.invoice(factories.debtor().id, 500)
    client = client_as("accountant")
    text = client.get("/").text
    links = re.findall(r'<a href="(/postings/[^"]+)" aria-label="([^"]+)"', text)
    assert len(links) == 12
    assert links[-1][1].replace("\N{NO-BREAK SPACE}", " ").endswith(": 5,00 kr.")
    page = client.get(links[-1][0].replace("&amp;", "&"))
    assert page.status_code == 200
    assert len(re.findall(r'<th scope="row"', page.text)) == 1


def test_nobody_sees_numbers_of_what_they_may_not_open(client_as: Callable[..., FlaskClient]) -> None:
    factories.invoice(factories.debtor().id)
    shown = figures(client_as("receptionist").get("/").text)
    assert "Kunder" in shown
    assert "Udestående" not in shown
    assert "g-plot" not in client_as("receptionist").get("/").text
    assert "Kunder" not in figures(client_as().get("/").text)


def test_a_fresh_installation_begins_with_steps_that_the_reader_may_take(client_as: Callable[..., FlaskClient]) -> None:
    everything = client_as("super").get("/").text
    for title in ("Importér en fil", "Opret den første kunde", "Indstil virksomheden", "Luk dine kolleger ind"):
        assert title in everything
    some = client_as("receptionist").get("/").text
    assert "Opret den første kunde" in some
    assert "Importér en fil" not in some
    factories.customer()
    assert "Opret den første kunde" not in client_as("super").get("/").text


def test_bars_keep_their_proportions() -> None:
    plot = plots.bars(
        [plots.Bar("a", 100, "100"), plots.Bar("b", 50, "50"), plots.Bar("c", 0, "0"), plots.Bar("d", -100, "")]
    )
    heights = [one.height for one in plot.bars]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    assert heights[2] == 0
    assert plot.bars[3].y == plot.base
    assert all(one.x >= 0 and one.x + one.width <= plot.width for one in plot.bars)
    assert plots.bars([]).bars == []
