"""The web server settles before it answers."""

from __future__ import annotations

import gc

from jobs import web


def test_the_loaded_program_stays_out_of_the_collectors_rounds(monkeypatch):
    settled = []
    monkeypatch.setattr(web.waitress, "serve", lambda *_app, **_options: settled.append(gc.get_freeze_count()))
    monkeypatch.setattr(web.signal, "signal", lambda *_signal: None)
    before = gc.get_freeze_count()
    try:
        web.serve(None, None)
    finally:
        gc.unfreeze()
    assert settled[0] > before + 10_000
