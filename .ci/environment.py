"""Make .venv with the locked dependencies. Needs only Python 3.11 and a package index: no pip, no ensurepip.

uv does the work; its version and hashes stand in uv.lock. It is fetched with pip where there is one (which knows the
machine's mirrors), and otherwise straight from the index.
"""

from __future__ import annotations

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
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOOLS = VENV / "tools"


def say(text: str) -> None:
    """Tell the one who waits."""
    print(f"env: {text}", file=sys.stderr, flush=True)


def locked_uv() -> dict[str, Any]:
    """What uv.lock says about uv itself."""
    import tomllib

    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return next(package for package in lock["package"] if package["name"] == "uv")


def make_venv() -> None:
    """Make the virtual environment, anew where its Python does not run any more."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0:
        return
    say(f"making {VENV.name} with Python {platform.python_version()}")
    import venv

    venv.EnvBuilder(with_pip=False, symlinks=True, clear=True).create(VENV)


def uv() -> Path:
    """The pinned uv, fetched on first use."""
    package = locked_uv()
    target = TOOLS / f"uv-{package['version']}"
    if target.exists():
        return target
    TOOLS.mkdir(parents=True, exist_ok=True)
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


def install(tool: Path) -> None:
    """Install exactly what uv.lock names, and the product itself (editable)."""
    index = os.environ.get("PIP_INDEX_URL")
    env = {
        **({"UV_DEFAULT_INDEX": index} if index else {}),
        **({"UV_SYSTEM_CERTS": "true"} if Path("/etc/ssl/certs/ca-certificates.crt").exists() else {}),
        **os.environ,
        "UV_PROJECT_ENVIRONMENT": str(VENV),
        "UV_PYTHON": str(PYTHON),
        "UV_PYTHON_DOWNLOADS": "never",
        "VIRTUAL_ENV": str(VENV),
    }
    run: dict[str, Any] = {"cwd": ROOT, "env": env, "stdin": subprocess.DEVNULL}
    if subprocess.run([tool, "sync", "--frozen", "--quiet"], check=False, **run).returncode == 0:
        return
    say("the addresses in uv.lock cannot be reached; trying the configured index, with the same versions and hashes")
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{folder}/requirements.txt"
        subprocess.run([tool, "export", "--frozen", "--quiet", "--no-emit-project", "-o", wanted], check=True, **run)
        subprocess.run([tool, "pip", "install", "--quiet", "--require-hashes", "-r", wanted], check=True, **run)
        subprocess.run([tool, "pip", "install", "--quiet", "--no-deps", "-e", "."], check=True, **run)


def main() -> None:
    """Make or mend the environment."""
    if sys.version_info < (3, 11):
        raise SystemExit(f"env: Gecko needs Python 3.11 or newer; this is {platform.python_version()}.")
    make_venv()
    say("installing the locked dependencies")
    try:
        install(uv())
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"env: {error.cmd[0]} failed; see above.") from None
    say("ready")


if __name__ == "__main__":
    main()
