"""Pages are timed with a file beside them, which shows what the machine itself takes."""

from admin_views.benchmarks.duplicate_check.pages import WARMING_UP, timed


def test_each_page_is_timed_with_a_file_beside_it_once_it_is_warm():
    asked = []

    def ask(one, sample):
        asked.append(one)
        if sample is not None:
            sample.wall.append(float(one))

    found = timed(ask, lambda sample: sample.wall.append(0.5), range(1, 101))
    assert found == {"p50_ms": 51.0, "p95_ms": 96.0, "p99_ms": 100.0, "max_ms": 100.0, "floor_p99_ms": 0.5}
    assert asked == [*range(1, WARMING_UP + 1), *range(1, 101)]
