"""Rules for the whole repository."""

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from readings.formats.recognition import FORMATS, OTHERS
from tests.running.places import ROOT

PACKAGES = ("config", "readings", "watcher")
LOCKS = {"requirements.txt": [], "requirements-test.txt": ["test"]}
# Each pattern has a class of one character, so that this file does not match itself.
PLACES_OF_ONE_MACHINE = re.compile(
    rb"(?<![\w.-])/(?:hom[e]|User[s])/\w|(?<![\w.-])/(?:roo[t]|wor[k])/\w"
    rb"|pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(?:org|com)|yarnpk[g]\.com|unpk[g]\.com"
)


def test_no_module_is_longer_than_250_lines() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in modules()}
    assert {short(path): length for path, length in lengths.items() if length > 250} == {}


def test_no_function_is_longer_than_45_lines() -> None:
    assert {name: length for name, length in functions() if length > 45} == {}


def test_95_percent_of_functions_have_at_most_22_lines() -> None:
    every = list(functions())
    long = [(name, length) for name, length in every if length > 22]
    assert len(long) <= len(every) / 20, long


def test_no_room_has_more_than_12_modules() -> None:
    rooms = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert {short(room): number for room, number in rooms.items() if number > 12} == {}


def test_every_parsing_module_of_a_standard_is_registered() -> None:
    standards = ("dtc", "mdff", "consumption")
    parsing = {
        module.name
        for standard in standards
        for module in iter_modules([str(ROOT / "readings" / "formats" / standard)], f"readings.formats.{standard}.")
        if hasattr(import_module(module.name), "parse")
    }
    assert parsing == {getattr(module, "__name__", "") for module in (*FORMATS, *OTHERS)}


def test_only_query_sets_select_valid_statements() -> None:
    judges = re.compile(r"(superseded_by|withdrawn_by)(=None|__isnull)|reading_type=WITHDRAWN")
    allowed = (ROOT / "readings" / "models", ROOT / "readings" / "imports" / "loading")
    violations = [
        f"{short(path)}:{number}"
        for path in modules()
        if not any(place in path.parents for place in allowed)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if judges.search(line)
    ]
    assert violations == []


def test_tests_mirror_the_rooms() -> None:
    of_their_own = {"benchmarks", "making", "project", "proofs", "running", "samples"}
    places = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    rooms = {path.parent.relative_to(ROOT) for path in modules()}
    rooms |= {path.relative_to("readings") for path in rooms if path.parts[0] == "readings"}
    assert {place for place in places if place.parts[0] not in of_their_own} <= rooms
    assert Path() not in places


def test_no_test_module_imports_another() -> None:
    violations = [
        f"{short(path)}: {name}"
        for path in (ROOT / "tests").rglob("*.py")
        for name in imported(path)
        if name.startswith("tests.") and ".test_" in name
    ]
    assert violations == []


def test_no_string_in_a_test_names_a_module() -> None:
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in modules()}
    violations = [
        f"{short(path)}:{node.lineno}"
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in re.findall(r"\b(?:readings|watcher|config)\.[\w.]+", node.value)
        if word in names - {"config.settings"}  # the name that Django requires
    ]
    assert violations == []


def test_no_module_has_a_generic_name() -> None:
    says_nothing = {"utils", "helpers", "services", "manager", "managers", "exceptions"}
    assert [short(path) for path in modules() if says_nothing & {path.stem, path.parent.name}] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_satisfies_the_requirements_of_setup_cfg(lock: str) -> None:
    pins = pinned(lock)
    for requirement in required(LOCKS[lock]):
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{lock} lacks {requirement}"
        for version in versions:
            assert requirement.specifier.contains(version), f"{lock} has {version}: {requirement}"


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_hashes_for_every_package(lock: str) -> None:
    packages = re.split(r"\n(?=\w)", (ROOT / lock).read_text())[1:]
    assert packages
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_test_lock_has_the_same_versions_as_the_runtime_lock() -> None:
    tested = pinned("requirements-test.txt")
    assert {name: tested.get(name) for name in pinned("requirements.txt")} == pinned("requirements.txt")


def test_no_file_contains_a_path_of_one_machine() -> None:
    violations = []
    for path in files_of_the_repository():
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if PLACES_OF_ONE_MACHINE.search(line):
                violations.append(f"{short(path)}:{number}")
    assert violations == []


@pytest.mark.parametrize(
    "name",
    [
        "db.sqlite3",
        "db.sqlite3-wal",
        ".secret_key",
        "inbox/d0010.uff",
        "inbox/folder/d0010.uff",
        "archive/2026/01/31/d0010.uff.0123456789ab",
        "rejected/2026/01/31/d0010.uff.0123456789ab.report.json",
        "staticfiles/admin/base.css",
        ".venv/bin/python",
    ],
)
def test_git_ignores_files_of_the_program(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize("folder", ["inbox", "archive", "rejected"])
def test_git_keeps_the_three_folders(folder: str) -> None:
    assert (ROOT / folder / ".gitkeep").exists()
    assert not is_ignored(f"{folder}/.gitkeep")


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def functions() -> Iterator[tuple[str, int]]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno
                yield f"{short(path)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def required(extras: list[str]) -> list[Requirement]:
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    texts = [config["options"]["install_requires"]]
    texts += [config["options.extras_require"][extra] for extra in extras]
    return [Requirement(line) for text in texts for line in text.split("\n") if line.strip()]


def pinned(lock: str) -> dict[str, list[str]]:
    pins: dict[str, list[str]] = {}
    for name, version in re.findall(r"(?m)^([\w.-]+)==([\w.!+-]+)", (ROOT / lock).read_text()):
        pins.setdefault(canonicalize_name(name), []).append(version)
    return pins


def files_of_the_repository() -> list[Path]:
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    assert paths
    return [path for path in paths if path.is_file()]


def is_ignored(name: str) -> bool:
    return git("check-ignore", "--quiet", "--no-index", name).returncode == 0


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout")
    # The account that runs the tests may not own the checkout.
    ended = subprocess.run(
        ["git", "-c", "safe.directory=*", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert ended.returncode in (0, 1), ended.stderr
    return ended
