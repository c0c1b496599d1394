"""Fetch the pages' third-party files from npm, pinned: `python -m admin_views.vendoring` (needs npm and network).

The fetched files are committed, so only a change of `static/vendor/vendor.toml` needs this.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).parent / "static" / "vendor"
LOCK = VENDOR / "vendor.lock.json"
SPRITE = "icons.svg"
_SYMBOL_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_BACKGROUND = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


def wanted() -> dict[str, Any]:
    """What vendor.toml asks for."""
    return tomllib.loads((VENDOR / "vendor.toml").read_text(encoding="utf-8"))


def icon_names() -> list[str]:
    """The icons in the sprite."""
    return sorted(set(wanted()["icons"]["used"].split()))


def symbol(name: str, svg: str) -> str:
    """One icon as a symbol of the sprite."""
    found = _SYMBOL_BODY.search(svg)
    if found is None:
        raise ValueError(f"icon {name} is not an svg")
    body = re.sub(r">\s+<", "><", _BACKGROUND.sub("", found[1]).strip())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{re.sub(r" />", "/>", body)}</symbol>'


def _fetch(name: str, package: dict[str, Any], folder: Path) -> tarfile.TarFile:
    command = ["npm", "pack", "--silent", "--ignore-scripts", f"{name}@{package['version']}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    path = folder / f"{name.removeprefix('@').replace('/', '-')}-{package['version']}.tgz"
    digest = "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if digest != package["integrity"]:
        raise ValueError(f"{name}: {digest} is not the integrity in vendor.toml")
    return tarfile.open(path)


def _read(archive: tarfile.TarFile, inner: str) -> bytes:
    member = archive.extractfile(f"package/{inner}")
    if member is None:
        raise ValueError(f"{inner} is not a file")
    return re.sub(rb"\n?/[*/]# sourceMappingURL=[^\n]*", b"", member.read())


def _sprite(archive: tarfile.TarFile, folder: str) -> bytes:
    symbols = (symbol(name, _read(archive, f"{folder}/{name}.svg").decode()) for name in icon_names())
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def fetch() -> dict[str, Any]:
    """Write every file and the lock; returns the lock."""
    lock: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, package in wanted()["packages"].items():
            with _fetch(name, package, Path(folder)) as archive:
                files = {target: _read(archive, inner) for target, inner in package["files"].items()}
                if "sprite" in package:
                    files[SPRITE] = _sprite(archive, package["sprite"])
            for target, data in files.items():
                (VENDOR / target).write_bytes(data)
            lock[name] = {
                "version": package["version"],
                "license": package["license"],
                "integrity": package["integrity"],
                "files": {target: hashlib.sha256(data).hexdigest() for target, data in sorted(files.items())},
            }
    LOCK.write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return lock


if __name__ == "__main__":
    sys.stdout.write(json.dumps(fetch(), indent=2) + "\n")
