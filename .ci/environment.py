"""Make .venv with the locked dependencies. Needs only Python 3.11 and a package index: no pip, no ensurepip.

With `--folder .venv-bench --extra bench` an environment of its own with the product's extra and without the developers'
tools: what the benchmarks' peers bring would change how the product's own libraries behave.

uv does the work; its version and hashes stand in uv.lock. It is fetched with pip where there is one (which knows the
machine's mirrors), and otherwise straight from the index.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def say(text: str) -> None:
    """Tell the one who waits."""
    print(f"env: {text}", file=sys.stderr, flush=True)


def locked_uv() -> dict[str, Any]:
    """What uv.lock says about uv itself."""
    import tomllib

    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return next(package for package in lock["package"] if package["name"] == "uv")


def make_venv(folder: Path) -> None:
    """Make the virtual environment, anew where its Python does not run any more."""
    python = folder / "bin" / "python"
    if python.exists() and subprocess.run([python, "-c", ""], check=False).returncode == 0:
        return
    say(f"making {folder.name} with Python {platform.python_version()}")
    import venv

    venv.EnvBuilder(with_pip=False, symlinks=True, clear=True).create(folder)


def uv(folder: Path) -> Path:
    """The pinned uv, fetched into the environment on first use."""
    package = locked_uv()
    target = folder / "tools" / f"uv-{package['version']}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    for fetch in (_with_pip, _from_index):
        try:
            fetch(package, target)
            return target
        except (OSError, subprocess.CalledProcessError, LookupError) as error:
            say(f"{fetch.__doc__} did not work: {error}")
    found = shutil.which("uv")
    if found:
        return Path(found)
    raise SystemExit("env: uv could not be fetched. Is a Python package index reachable from this machine?")


def _with_pip(package: dict[str, Any], target: Path) -> None:
    """pip"""
    hashes = " ".join(f"--hash={wheel['hash']}" for wheel in package["wheels"])
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "uv.txt")
        wanted.write_text(f"uv=={package['version']} {hashes}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--target", f"{folder}/uv", "-r", wanted], check=True, stdin=subprocess.DEVNULL)
        shutil.move(Path(folder, "uv", "bin", "uv"), target)


def _from_index(package: dict[str, Any], target: Path) -> None:
    """a plain download"""
    wheel = _wheel_for_this_machine(package)
    with urllib.request.urlopen(wheel["url"], timeout=120) as answer:
        content = answer.read()
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != wheel["hash"]:
        raise LookupError("the file is not the one that uv.lock names")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        target.write_bytes(archive.read(member))
    target.chmod(0o755)


def _wheel_for_this_machine(package: dict[str, Any]) -> dict[str, Any]:
    system = "macosx" if sys.platform == "darwin" else "manylinux"
    machine = {"arm64": "arm64" if system == "macosx" else "aarch64"}.get(platform.machine(), platform.machine())
    for wheel in package["wheels"]:
        name = wheel["url"].rsplit("/", 1)[1]
        if system in name and f"{machine}.whl" in name:
            return wheel
    raise LookupError(f"uv has no wheel for {sys.platform} on {platform.machine()}")


def install(tool: Path, folder: Path, extra: str | None) -> None:
    """Install exactly what uv.lock names, and the product itself (editable)."""
    choice = ["--no-default-groups", "--extra", extra] if extra else []
    index = os.environ.get("PIP_INDEX_URL")
    env = {
        **({"UV_DEFAULT_INDEX": index} if index else {}),
        **({"UV_SYSTEM_CERTS": "true"} if Path("/etc/ssl/certs/ca-certificates.crt").exists() else {}),
        "UV_COMPILE_BYTECODE": "1",  # otherwise each process compiles what it imports where nobody may write it down
        **os.environ,
        "UV_PROJECT_ENVIRONMENT": str(folder),
        "UV_PYTHON": str(folder / "bin" / "python"),
        "UV_PYTHON_DOWNLOADS": "never",
        "VIRTUAL_ENV": str(folder),
    }
    run: dict[str, Any] = {"cwd": ROOT, "env": env, "stdin": subprocess.DEVNULL}
    if subprocess.run([tool, "sync", "--frozen", "--quiet", *choice], check=False, **run).returncode == 0:
        return
    say("the addresses in uv.lock cannot be reached; trying the configured index, with the same versions and hashes")
    with tempfile.TemporaryDirectory() as exported:
        wanted = f"{exported}/requirements.txt"
        export = [tool, "export", "--frozen", "--quiet", "--no-emit-project", *choice, "-o", wanted]
        subprocess.run(export, check=True, **run)
        subprocess.run([tool, "pip", "install", "--quiet", "--require-hashes", "-r", wanted], check=True, **run)
        subprocess.run([tool, "pip", "install", "--quiet", "--no-deps", "-e", "."], check=True, **run)


def main() -> None:
    """Make or mend the environment."""
    if sys.version_info < (3, 11):
        raise SystemExit(f"env: Gecko needs Python 3.11 or newer; this is {platform.python_version()}.")
    parser = argparse.ArgumentParser(description="Make or mend the environment.")
    parser.add_argument("--folder", default=".venv", help="where it is made, within the repository")
    parser.add_argument("--extra", help="an extra of the product to install instead of the developers' tools")
    asked = parser.parse_args()
    folder = ROOT / asked.folder
    make_venv(folder)
    say("installing the locked dependencies")
    try:
        install(uv(folder), folder, asked.extra)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"env: {error.cmd[0]} failed; see above.") from None
    say("ready")


if __name__ == "__main__":
    main()
