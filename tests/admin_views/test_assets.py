"""Static files: small, hashed, cached for ever, compressed; and exactly what the lock says."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from flask import Flask, url_for

import admin_views
from admin_views import assets, vendoring

ROOT = Path(admin_views.ROOT)
USED_ICON = re.compile(r"""(?:\bicon\(|icon = |icon_name=|"icon": )\s*["']([a-z0-9-]+)["']""")


def test_templates_ask_for_assets_by_their_own_word() -> None:
    """`asset` makes an address once; `url_for` would make it for each icon again."""
    spelled = re.compile(r"""url_for\(\s*["']static["']""")
    templates = list((ROOT / "templates").rglob("*.html"))
    assert templates
    assert not [path.name for path in templates if spelled.search(path.read_text(encoding="utf-8"))]


def sprite() -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (vendoring.VENDOR / vendoring.SPRITE).read_text(encoding="utf-8")))


def test_vendored_files_are_what_the_lock_says() -> None:
    lock = json.loads(vendoring.LOCK.read_text(encoding="utf-8"))
    asked = vendoring.wanted()["packages"]
    locked = {name: (one["version"], one["integrity"], one["license"]) for name, one in lock.items()}
    assert locked == {name: (one["version"], one["integrity"], one["license"]) for name, one in asked.items()}
    named = {"vendor.toml", "vendor.lock.json"}
    for package in lock.values():
        for name, digest in package["files"].items():
            assert hashlib.sha256((vendoring.VENDOR / name).read_bytes()).hexdigest() == digest, name
            named.add(name)
    assert {path.name for path in vendoring.VENDOR.iterdir()} == named, "a file that the lock does not know"


def test_every_icon_that_a_page_uses_is_in_the_sprite() -> None:
    used: dict[str, str] = {}
    for path in ROOT.rglob("*"):
        if path.suffix in (".py", ".html"):
            used |= {name: str(path.relative_to(ROOT)) for name in USED_ICON.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 20
    assert {name: place for name, place in used.items() if name not in sprite()} == {}
    assert sprite() == set(vendoring.icon_names())


def test_a_first_page_is_at_most_200_kb(sqlite_app: Flask) -> None:
    client = sqlite_app.test_client()
    page = client.get("/login").text
    links = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page)) | {"/static/vendor/icons.svg"}
    assert len(links) >= 7
    sizes = {link: len(client.get(link, headers={"Accept-Encoding": "gzip"}).data) for link in links}
    assert sum(sizes.values()) + len(page) <= 200_000, sizes


def test_a_hashed_address_is_cached_for_ever_and_changes_with_the_content(
    sqlite_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_app.test_request_context():
        address = url_for("static", filename="gecko/gecko.css")
    client = sqlite_app.test_client()
    for asked, is_for_ever in ((address, True), (address.split("?")[0], False), (f"{address}0", False)):
        with client.get(asked) as answer:
            assert ("max-age=31536000, immutable" in answer.headers["Cache-Control"]) is is_for_ever
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    (tmp_path / "x.css").write_text("a {}", encoding="utf-8")
    before = assets.version("x.css")
    (tmp_path / "x.css").write_text("b { }", encoding="utf-8")
    assert before != assets.version("x.css")
    assert assets.version("none.css") is None


def test_text_is_compressed_for_who_takes_it(sqlite_app: Flask) -> None:
    client = sqlite_app.test_client()
    with client.get("/static/gecko/gecko.js") as answer:
        plain = answer.data
    packed = client.get("/static/gecko/gecko.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == plain
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain)
    with client.get("/static/gecko/gecko.js", headers={"If-None-Match": packed.headers["ETag"]}) as again:
        assert again.status_code == 304


def test_nothing_outside_the_folder_is_served(sqlite_app: Flask) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/base.py", "/static/none", "/static/gecko/"):
        assert sqlite_app.test_client().get(path, headers={"Accept-Encoding": "gzip"}).status_code == 404


def test_an_icon_is_drawn_and_what_it_says_is_escaped(app):
    with app.test_request_context():
        at = assets.asset("vendor/icons.svg")
        assert assets.icon("plus") == f'<svg class="icon " aria-hidden="true"><use href="{at}#plus"/></svg>'
        said = assets.icon("note", '"><b>', **{"class": "g-x"})
    assert said.startswith('<svg class="icon g-x" role="img" aria-label="&#34;&gt;&lt;b&gt;">')
