"""One step of the duplicates benchmark, in a process of its own: `python -m jobs.benchmarks.duplicates.contest`.

build: a database with a made-up base, ready for the matcher, and what peers start from. febrl: a database with the two
files of FEBRL 4, through the importer. scan: the whole scan, from the database to pairs in clusters.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import configure_mappers

from gecko.db import db
from gecko.memory import peak_mb
from gecko.models.customers import Customer
from gecko.operations import matching
from gecko.operations.duplicates.clusters import PERSON
from gecko.operations.importing import mapping as mappings
from gecko.operations.importing.fields import Kind
from gecko.operations.importing.running import open_import
from gecko.operations.matching import candidates, filling, loading, normalising, preparing
from gecko.operations.matching.policy import Floats
from gecko.operations.matching.scanning import FoundPairs
from gecko.operations.matching.scoring import LANES
from jobs import imports
from reports.benchmarks import bare

from . import metrics, peers
from .base import FIELDS, generate
from .loading import load

TRUTH, PAIRS = "truth.npz", "product.npz"


def build(folder: Path, rows: str, seed: str, *styles: str) -> dict[str, Any]:
    """Make the base, write it into the database and fill the matcher's tables; truth and the peers' table are files."""
    facts: dict[str, Any] = {}
    bare.install()
    with _timed(facts, "generate_s"):
        base = generate(int(rows), int(seed))
    ids = np.arange(1, len(base.records) + 1)
    np.savez(folder / TRUTH, ids=ids, entity=base.entity, household=base.household)
    with _timed(facts, "load_s"):
        load(base)
    with _timed(facts, "fill_s"):
        filling.run()
    preparing.prepare()  # once after the program was changed
    if styles:
        given = (dict(zip(FIELDS, record, strict=False)) for record in base.records)
        peers.write(folder, map(normalising.normalise, given))
    return facts


def febrl(folder: Path, source: str) -> dict[str, Any]:
    """Import the two files of FEBRL 4 by the mapping beside them, as staff would."""
    bare.install()
    mapping = mappings.load(Path(source, "febrl.toml"), Kind.CUSTOMERS)
    for name in ("febrl4a.csv", "febrl4b.csv"):
        with open_import(Path(source, name), mapping) as run:
            imports.drive(run)
    with db.engine.connect() as connection:
        rows = connection.execute(select(Customer.id, Customer.number).order_by(Customer.id)).all()
    ids = np.array([row.id for row in rows])
    entity = np.array([int(str(row.number).split("-")[1]) for row in rows])  # rec-<entity>-org, rec-<entity>-dup-<n>
    np.savez(folder / TRUTH, ids=ids, entity=entity, household=np.arange(len(entity)))
    return {"customers": len(entity)}


def scan(folder: Path) -> dict[str, Any]:
    """The whole scan as a job runs it: read, pair, score, cluster."""
    facts: dict[str, Any] = {}
    found = Kept()
    configure_mappers()  # as in any process of the product that has answered a request or run a job
    preparing.prepare()  # as a server does before it serves
    with _timed(facts, "wall_s", "cpu_s"):
        for batch in matching.scan():
            found.add(batch)
        facts["clusters"] = metrics.clusters(*found.people())
    facts |= {"peak_mb": peak_mb(), "threshold": matching.thresholds().probable}
    found.write(folder / PAIRS)
    reading: dict[str, float] = {}
    with _timed(reading, "wall_s", "cpu_s"):
        base = loading.load(db.session.connection())
    return facts | {
        "without_load_s": facts["wall_s"] - reading["wall_s"],
        "without_load_cpu_s": facts["cpu_s"] - reading["cpu_s"],
        "blocking": _blocking(base, np.load(folder / TRUTH)["entity"]),
    }


def _blocking(base: loading.Base, entity: metrics.Ints) -> dict[str, Any]:
    """What is compared at all: candidate pairs, true ones among them, and what the caps left out."""
    found = candidates.candidates(base.signatures)
    a, b = found.rows(0, len(found.pairs))
    dropped = {kind: {"blocks": one.blocks, "pairs": one.pairs} for kind, one in found.dropped.items()}
    return {**metrics.blocking(a, b, entity), "dropped": dropped}


@dataclass(slots=True)
class Kept:
    """What is kept of found pairs, in little memory. lane: numbers in scoring.LANES."""

    a: list[metrics.Ints] = field(default_factory=list)
    b: list[metrics.Ints] = field(default_factory=list)
    probability: list[Floats] = field(default_factory=list)
    lane: list[NDArray[np.int8]] = field(default_factory=list)

    def add(self, batch: FoundPairs) -> None:
        """Keep a batch."""
        self.a.append(batch.a_ids)
        self.b.append(batch.b_ids)
        self.probability.append(batch.scores.probability)
        self.lane.append(batch.scores.lane)

    def people(self) -> tuple[metrics.Ints, metrics.Ints]:
        """Both ends of the pairs that may be one person."""
        chosen = np.isin(np.concatenate(self.lane), [LANES.index(lane) for lane in PERSON])
        return np.concatenate(self.a)[chosen], np.concatenate(self.b)[chosen]

    def write(self, path: Path) -> None:
        """Leave everything in a file."""
        names = np.array([str(lane or "") for lane in LANES])
        a, b, probability, lane = (np.concatenate(one) for one in (self.a, self.b, self.probability, self.lane))
        np.savez(path, a=a, b=b, probability=probability, lane=names[lane])


@contextmanager
def _timed(facts: dict[str, Any], wall: str, cpu: str = "") -> Iterator[None]:
    """Put what a block took into `facts`."""
    began, used = time.perf_counter(), time.process_time()
    yield
    facts[wall] = time.perf_counter() - began
    if cpu:
        facts[cpu] = time.process_time() - used


STEPS: dict[str, Callable[..., dict[str, Any]]] = {"build": build, "febrl": febrl, "scan": scan}


def main(step: str, url: str, folder: str, *more: str) -> None:
    """Do one step and print what it cost as JSON: the work alone, without starting Python and its modules."""
    with bare.at_work(url):
        facts = STEPS[step](Path(folder), *more)
    print(json.dumps(facts))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
