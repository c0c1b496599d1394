"""The house rules that a machine can hold: floors, sizes, names, and that no job or report goes untested."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import registry
from reports import REPORTS

ROOT = Path(__file__).parents[1]
FLOORS = ("app.py", "gecko", "admin_views", "jobs", "reports")
TOP_LEVEL = {
    *FLOORS, "tests", "instance", "docs", "pyproject.toml", "uv.lock", "Makefile", "README.md", "CHANGELOG.md",
    "CONTRIBUTING.md", "LICENSE",
}  # fmt: skip
BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "services"}
LONGEST_MODULE, LONGEST_FUNCTION = 400, 40


def modules(*places):
    for place in places:
        path = ROOT / place
        found = [path] if path.is_file() else sorted(path.rglob("*.py"))
        yield from (one for one in found if "versions" not in one.parts)


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return listed.stdout.split()


def lint_imports(folder):
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_floors_hold():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    for name in (*FLOORS, "pyproject.toml"):
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("static", "templates", "translations", "data", "__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    return folder


VIOLATIONS = [
    ("gecko/money.py", "import jobs.queue", "Floors"),
    ("jobs/queue.py", "import admin_views.base", "Floors"),
    ("reports/__init__.py", "import jobs.runner", "Floors"),
    ("jobs/beat.py", "import app", "Nobody imports app"),
    ("gecko/models/items.py", "from gecko.operations import items", "Inside the domain"),
    ("gecko/gateways/journal.py", "from gecko.models.items import Item", "Inside the domain"),
    ("gecko/operations/items.py", "import pandas", "The domain knows no framework"),
    ("gecko/audit.py", "import rq", "The domain knows no framework"),
    ("reports/__init__.py", "import flask_login", "A report runs anywhere"),
    ("gecko/models/items.py", "from gecko.models.customers import Customer", "A model names other models"),
]


@pytest.fixture(scope="module")
def told(copy):
    """What is said of all violations planted at once: to go through the whole house takes long."""
    for module, line, _contract in VIOLATIONS:
        path = copy / module
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    result = lint_imports(copy)
    assert result.returncode == 1
    return result.stdout


@pytest.mark.parametrize(("module", "line", "contract"), VIOLATIONS)
def test_a_planted_violation_turns_it_red(told, module, line, contract):
    assert re.search(rf"^{contract}.* BROKEN", told, re.MULTILINE), told
    importer = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    imported = re.sub(r"^import |^from | import [A-Z]\w+$", "", line).replace(" import ", ".")
    reasons = told[told.index("Broken contracts") :].partition(contract)[2]
    assert f"{importer} -> {imported} (l." in reasons, told


def test_modules_are_small_and_say_what_they_are():
    for path in modules(*FLOORS, "tests"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LONGEST_MODULE, f"{path.relative_to(ROOT)} is too long"
        if not text.strip():
            continue  # a package without a word of its own
        assert ast.get_docstring(ast.parse(text)), f"{path.relative_to(ROOT)} has no docstring"


def functions(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_functions_are_short():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules(*FLOORS)
        for node in functions(path)
        if node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_public_functions_have_a_docstring():
    missing = []
    for path in modules("gecko", "jobs", "reports"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            named = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if named and not ast.get_docstring(node):
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert missing == []


def test_no_module_is_a_drawer_for_anything():
    for path in modules(*FLOORS, "tests"):
        assert not {part.removesuffix(".py") for part in path.relative_to(ROOT).parts} & BANNED, path


def test_the_top_level_is_what_the_owner_laid_down():
    found = {name.split("/", 1)[0] for name in tracked()}
    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL


def test_nothing_in_the_domain_catches_everything():
    for path in modules("gecko"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                name = getattr(node.type, "id", None)
                raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
                assert node.type is not None, f"{path}:{node.lineno}"
                assert name not in {"Exception", "BaseException"} or raises, f"{path}:{node.lineno}"


def all_tests():
    return "\n".join(path.read_text(encoding="utf-8") for path in modules("tests"))


def test_every_job_is_tested():
    registry.load()
    text = all_tests()
    untested = [
        kind.name
        for kind in registry.KINDS.values()
        if not kind.name.startswith("test.") and kind.name not in text and kind.run.__name__ not in text
    ]
    assert untested == []


def test_every_report_is_tested():
    text = all_tests()
    assert [key for key in REPORTS if key not in text] == []
