"""Splink on the same customers, in a process of its own: `python -m jobs.benchmarks.duplicates.splink_peer`.

Needs Splink and numpy, nothing of what the product depends on. It reads a csv that `peers.write` made (the product's
own normalised values and blocking keys), and prints what training, predicting and clustering took; the pairs go into a
file. Loading is counted nowhere.

same_keys: candidates by the product's blocking keys, over its caps left out, and comparisons tuned to the columns.
tutorial: rules and comparisons as Splink's own tutorials choose them for such columns.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from gecko.memory import peak_mb

TABLE = "customers.csv"
U_PAIRS = 1e6
CLUSTER_AT = 0.95  # where Splink's examples cut
KEEP_FROM = 0.01
TUTORIAL_RULES = (
    ("email",), ("mobile",), ("first", "birth_date"), ("last", "birth_date"), ("first", "last", "postal_code"),
    ("last", "street", "postal_code"),
)  # fmt: skip


def _tuned(library: Any, levels: Any) -> list[Any]:
    """Comparisons for exactly these columns, with term frequencies where they tell."""
    made = {
        "first": _name("first", levels), "last": _name("last", levels), "email": _mailbox(levels),
        "phone": _phone(levels), "address": _address(levels),
    }  # fmt: skip
    return [
        *(
            library.CustomComparison(output_column_name=name, comparison_levels=[*steps, levels.ElseLevel()])
            for name, steps in made.items()
        ),
        library.DateOfBirthComparison("birth_date", input_is_string=True),
    ]


def _name(column: str, levels: Any) -> list[Any]:
    return [
        levels.NullLevel(column),
        levels.ExactMatchLevel(column, term_frequency_adjustments=True),
        levels.JaroWinklerLevel(column, 0.92),
        levels.JaroWinklerLevel(column, 0.82),
    ]


def _mailbox(levels: Any) -> list[Any]:
    return [
        levels.NullLevel("email"),
        levels.ExactMatchLevel("email", term_frequency_adjustments=True),
        levels.ExactMatchLevel("mailbox"),
        levels.JaroWinklerLevel("mailbox", 0.9),
    ]


def _phone(levels: Any) -> list[Any]:
    unknown = "coalesce(mobile_l, telephone_l) IS NULL OR coalesce(mobile_r, telephone_r) IS NULL"
    return [
        levels.CustomLevel(unknown).configure(is_null_level=True),
        levels.CustomLevel("mobile_l = mobile_r OR mobile_l = telephone_r OR telephone_l = mobile_r"),
        levels.CustomLevel("telephone_l = telephone_r"),
    ]


def _address(levels: Any) -> list[Any]:
    unknown = "(street_l IS NULL AND postal_code_l IS NULL) OR (street_r IS NULL AND postal_code_r IS NULL)"
    return [
        levels.CustomLevel(unknown).configure(is_null_level=True),
        levels.CustomLevel("street_l = street_r AND house_l = house_r AND postal_code_l = postal_code_r"),
        levels.CustomLevel("street_l = street_r AND postal_code_l = postal_code_r"),
        levels.ExactMatchLevel("postal_code"),
    ]


def _tutorial(library: Any) -> list[Any]:
    return [
        library.NameComparison("first"),
        library.NameComparison("last"),
        library.EmailComparison("email"),
        library.ExactMatch("mobile").configure(term_frequency_adjustments=True),
        library.LevenshteinAtThresholds("street", 2),
        library.ExactMatch("postal_code").configure(term_frequency_adjustments=True),
        library.DateOfBirthComparison("birth_date", input_is_string=True),
    ]


def _load(path: Path) -> Any:
    """The table in DuckDB's memory, as Splink wants it."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(
        """
        CREATE TABLE customers AS
        SELECT * REPLACE (unique_id::BIGINT AS unique_id, string_split(keys, ' ')::BIGINT[] AS keys)
          FROM read_csv($1, header=true, all_varchar=true, nullstr='')
        """,
        [str(path)],
    )
    return connection


def _linker(connection: Any, style: str) -> Any:
    import splink.comparison_level_library as levels
    import splink.comparison_library as library
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    tuned = style == "same_keys"
    by_key = block_on("keys", arrays_to_explode=["keys"])  # faster than a rule for each kind of key, and the same pairs
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=_tuned(library, levels) if tuned else _tutorial(library),
        blocking_rules_to_generate_predictions=[by_key] if tuned else [block_on(*rule) for rule in TUTORIAL_RULES],
        retain_matching_columns=False,
    )
    return Linker(DuckDBAPI(connection).register("customers"), settings)


def _train(linker: Any) -> None:
    from splink import block_on

    linker.training.estimate_probability_two_random_records_match(
        [block_on("email", "first"), block_on("first", "last", "birth_date")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=1)
    for rule in (("first", "last"), ("birth_date", "postal_code"), ("email",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))


def _timed(work: Any) -> tuple[Any, dict[str, float]]:
    wall, cpu = time.perf_counter(), time.process_time()
    made = work()
    return made, {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}


def run(folder: Path, style: str) -> dict[str, Any]:
    """Load, train, predict and cluster; the pairs go into a file beside the table."""
    import numpy as np

    connection = _load(folder / TABLE)
    linker = _linker(connection, style)
    _none, training = _timed(lambda: _train(linker))
    predicted, predicting = _timed(lambda: linker.inference.predict(threshold_match_probability=KEEP_FROM))
    clustered, clustering = _timed(
        lambda: linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, CLUSTER_AT)
    )
    peak = peak_mb()
    found = connection.execute(
        f"SELECT unique_id_l AS a, unique_id_r AS b, match_probability AS probability FROM {predicted.physical_name}"
    ).fetchnumpy()
    np.savez(folder / f"{style}.npz", a=found["a"], b=found["b"], probability=found["probability"])
    return {
        "training": training, "predict": predicting, "cluster": clustering, "peak_mb": peak,
        "wall_s": predicting["wall_s"] + clustering["wall_s"], "cpu_s": predicting["cpu_s"] + clustering["cpu_s"],
        "clusters": connection.execute(
            f"SELECT count(DISTINCT cluster_id) FROM {clustered.physical_name}").fetchone()[0],
    }  # fmt: skip


def main(folder: str, style: str) -> None:
    """Run once and print the figures."""
    warnings.simplefilter("ignore")
    logging.getLogger("splink").setLevel(logging.ERROR)
    print(json.dumps(run(Path(folder), style)))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:3])
