"""The file of a trial: whole lines in the order they were written, whatever happened to the one before."""

import multiprocessing

from gecko.gateways import journal


def values(entries):
    return [entry.values["n"] for entry in entries]


def test_the_latest_first_and_on_from_there(tmp_path):
    path = tmp_path / "sent.jsonl"
    assert journal.newest(path, limit=5) == []
    for n in range(7):
        journal.append(path, {"n": n, "text": "æøå\nto linjer"})
    first = journal.newest(path, limit=3)
    assert values(first) == [6, 5, 4]
    assert values(journal.newest(path, limit=10, before=first[-1].offset)) == [3, 2, 1, 0]
    assert journal.newest(path, limit=10, before=0) == []
    assert values(journal.newest(path, limit=1, before=10_000)) == [6]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_torn_line_is_left_out_and_spoils_no_other(tmp_path):
    path = tmp_path / "sent.jsonl"
    journal.append(path, {"n": 1})
    with path.open("ab") as file:
        file.write(b'{"n": 2, "te')
    assert values(journal.newest(path, limit=10)) == [1]
    offset = journal.append(path, {"n": 3})
    found = journal.newest(path, limit=10)
    assert values(found) == [3, 1]
    assert found[0].offset == offset


def _write(path, first):
    for n in range(first, first + 50):
        journal.append(path, {"n": n, "text": "x" * 3000})


def test_several_processes_may_write(tmp_path):
    path = tmp_path / "sent.jsonl"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(path, start)) for start in (0, 50)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(values(journal.newest(path, limit=200))) == list(range(100))
