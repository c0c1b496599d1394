"""What a peer is given, and which Python it runs in."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

import gecko
from gecko.operations.matching import keys, normalising, signature

from .splink_peer import TABLE

ROOT = Path(gecko.__file__).resolve().parent.parent
COLUMNS = (
    "unique_id", "first", "last", "email", "mailbox", "mobile", "telephone", "street", "house", "postal_code",
    "birth_date", "keys",
)  # fmt: skip
STYLES = ("same_keys", "tutorial")


def write(folder: Path, profiles: Iterable[normalising.Profile]) -> None:
    """Customers as the product normalises them, with its blocking keys: what a peer starts from.

    `keys` are parted by blanks; those that one customer alone has, or more than the cap of their kind, are left out, as
    the product leaves them out.
    """
    kept = list(profiles)
    used = np.stack([*_used_keys(signature.unpack(b"".join(map(signature.pack, kept))))], axis=1).tolist()
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for place, (profile, own) in enumerate(zip(kept, used, strict=True)):
            writer.writerow([place, *_values(profile), " ".join(str(key) for key in sorted({*own} - {0}))])


def _values(profile: normalising.Profile) -> Iterator[object]:
    yield profile.first.text if profile.first else ""
    yield profile.last.text if profile.last else ""
    yield profile.email
    yield profile.local
    yield profile.mobile or ""
    yield profile.telephone or ""
    yield profile.place.street
    yield profile.place.house or ""
    yield profile.place.postal_code
    yield profile.birth_date or ""


def _used_keys(signatures: signature.Signatures) -> Iterator[NDArray[np.int64]]:
    """An array for each formula of each kind of key; 0 where there is none, or none that anybody is compared by."""
    caps = keys.caps(len(signatures))
    for number, columns in keys.columns(signatures):
        customers = np.tile(np.arange(len(signatures)), len(columns))
        every = np.concatenate(columns)
        distinct, at = np.unique(every, return_inverse=True)
        owners = np.unique(np.stack((at, customers)), axis=1)[0]  # a key counts once a customer
        holders = np.bincount(owners, minlength=len(distinct))
        used = (distinct != 0) & (holders > 1) & (holders <= caps[number])
        yield from np.where(used[at], every, np.uint64(0)).view(np.int64).reshape(len(columns), -1)


def run(python: Path, style: str, folder: Path) -> dict[str, Any]:
    """Let Splink do its work in a process of its own, from the table in the folder; returns what it cost."""
    command = [str(python), "-m", "jobs.benchmarks.duplicates.splink_peer", str(folder), style]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)  # noqa: S603
    if done.returncode:
        raise click.ClickException(f"Splink failed:\n{done.stderr[-2000:]}")
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def interpreter() -> Path:
    """A Python that has Splink: GECKO_BENCH_PYTHON, this one, or one in .venv-bench, made on first use."""
    named = os.environ.get("GECKO_BENCH_PYTHON")
    if named:
        if _has_splink(Path(named)):
            return Path(named)
        raise click.ClickException(f"GECKO_BENCH_PYTHON names {named}, which does not have Splink 5.")
    for candidate in (Path(sys.executable), _own()):
        if candidate.exists() and _has_splink(candidate):
            return candidate
    maker = ROOT / ".ci" / "environment.py"
    if not maker.exists():
        raise click.ClickException(
            "Splink is not installed. Install the product's extra: pip install 'gecko-customers[bench]'"
        )
    command = [sys.executable, str(maker), "--folder", ".venv-bench", "--extra", "bench"]
    if subprocess.run(command, check=False).returncode or not _has_splink(_own()):  # noqa: S603 (our own program)
        raise click.ClickException(
            "Splink could not be installed into .venv-bench: no Python package index can be reached from this machine."
            " Run without --peer, or name a Python that has Splink 5 in GECKO_BENCH_PYTHON."
        )
    return _own()


def _own() -> Path:
    return ROOT / ".venv-bench" / "bin" / "python"


def _has_splink(python: Path) -> bool:
    command = [str(python), "-c", "import splink, duckdb, sys; sys.exit(not splink.__version__.startswith('5.'))"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603
