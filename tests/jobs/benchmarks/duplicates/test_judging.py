"""Which bars hold."""

import pytest

from jobs.benchmarks.duplicates import judging


def report(rows=10_000, f1=0.97, sure=0.999, **more):
    quality = {"f1": f1, "sure": {"pairs": 10, "precision": sure}}
    return {"rows": rows, "product": {"quality": quality}, "ratios": {}, **more}


def test_everything_holds():
    good = {"wall": 0.2, "memory": 0.2}
    full = report(1_000_000, ratios={"same_keys": good}, febrl={"quality": {"f1": 0.9992}})
    assert judging.missed(full) == []


@pytest.mark.parametrize(
    ("rows", "bar"), [(300, 0.965), (10_000, 0.965), (50_000, 0.96), (10**6, 0.955), (10**7, 0.955)]
)
def test_larger_bases_have_a_lower_bar(rows, bar):
    assert judging.f1_bar(rows) == bar
    assert judging.missed(report(rows, f1=bar)) == []
    assert judging.missed(report(rows, f1=bar - 0.001)) == [f"F1 is {bar - 0.001}, not {bar}"]


def test_an_impure_sure_lane_misses_and_an_empty_one_does_not():
    assert judging.missed(report(sure=0.99)) == ["sure precision is 0.99, not 0.997"]
    empty = report()
    empty["product"]["quality"]["sure"] = {"pairs": 0, "precision": 0.0}
    assert judging.missed(empty) == []


def test_ratios_are_judged_where_the_base_is_large():
    slow = {"ratios": {"same_keys": {"wall": 0.31, "memory": 0.26}}}
    assert judging.missed(report(100_000, **slow)) == []
    assert len(judging.missed(report(1_000_000, **slow))) == 2


def test_febrl_has_a_bar_of_its_own():
    assert judging.missed(report(febrl={"quality": {"f1": 0.9989}})) == ["F1 of FEBRL is 0.9989, not 0.999"]


def test_ratios_leave_reading_and_training_out():
    product = {"wall_s": 5.0, "without_load_s": 3.0, "without_load_cpu_s": 4.0, "peak_mb": 400.0}
    peer = {"wall_s": 12.0, "cpu_s": 16.0, "training_s": 8.0, "peak_mb": 2000.0}
    assert judging.ratios(product, peer) == {
        "wall": 0.25, "wall_with_load": 0.417, "wall_of_trained": 0.15, "cpu": 0.25, "memory": 0.2,
    }  # fmt: skip
