"""Work in short transactions lets people write in between."""

import threading
import time

from gecko import chunks
from gecko.db import db, transaction
from gecko.operations import settings


def test_everything_is_written_in_several_transactions(app):
    said = []

    def write(n):
        settings.put(f"n{n}", n)
        db.session.flush()
        time.sleep(0.01)

    assert chunks.write_in_chunks(range(30), write, after=said.append, budget=0.05, pause=0) == 30
    assert said[-1] == 30
    assert len(said) > 3
    assert settings.get("n29") == 29
    assert chunks.write_in_chunks([], write) == 0


def test_a_long_job_does_not_lock_people_out(sqlite_app):
    waits, errors, over = [], [], threading.Event()

    def edit():
        while not over.is_set():
            start = time.monotonic()
            try:
                with sqlite_app.app_context(), transaction():
                    settings.put("edited", start)
            except Exception as error:
                errors.append(error)
            waits.append(time.monotonic() - start)
            time.sleep(0.02)

    people = threading.Thread(target=edit)
    people.start()
    chunks.write_in_chunks(range(200), lambda n: (settings.put(f"n{n}", n), db.session.flush(), time.sleep(0.01)))
    over.set()
    people.join()
    assert errors == []
    assert len(waits) >= 5
    assert max(waits) < 2
