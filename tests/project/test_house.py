"""What holds for the repository as a whole, whoever works in it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.running.places import ROOT

PROGRAMS = Path(sys.executable).parent
PACKAGES = ("config", "readings", "watcher")
LOCKS = {"requirements.txt": [], "requirements-test.txt": ["test"]}
# Each with a class of one character, so that this file does not find itself.
PLACES_OF_ONE_MACHINE = re.compile(
    rb"(?<![\w.-])/(?:hom[e]|User[s])/\w|(?<![\w.-])/(?:roo[t]|wor[k])/\w"
    rb"|pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(?:org|com)|yarnpk[g]\.com|unpk[g]\.com"
)


def test_imports_only_go_down() -> None:
    run_silently("lint-imports", "--no-cache")


def test_ruff_has_nothing_to_say() -> None:
    run_silently("ruff", "check", ".")


def test_the_code_is_formatted() -> None:
    run_silently("ruff", "format", "--check", ".")


def test_mypy_has_nothing_to_say() -> None:
    run_silently("mypy")


def test_no_module_is_longer_than_250_lines() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in modules()}
    assert {short(path): length for path, length in lengths.items() if length > 250} == {}


def test_no_function_is_longer_than_45_lines() -> None:
    assert {name: length for name, length in functions() if length > 45} == {}


def test_nineteen_functions_of_twenty_have_at_most_30_lines() -> None:
    every = list(functions())
    long = [(name, length) for name, length in every if length > 30]
    assert len(long) <= len(every) / 20, long


def test_every_module_is_named_for_what_it_is_about() -> None:
    says_nothing = {"utils", "helpers", "services", "manager", "managers", "exceptions"}
    assert [short(path) for path in modules() if says_nothing & {path.stem, path.parent.name}] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_what_setup_cfg_asks_for(lock: str) -> None:
    pins = pinned(lock)
    for requirement in required(LOCKS[lock]):
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{lock} lacks {requirement}"
        for version in versions:
            assert requirement.specifier.contains(version), f"{lock} has {version}: {requirement}"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_for_every_package(lock: str) -> None:
    packages = re.split(r"\n(?=\w)", (ROOT / lock).read_text())[1:]
    assert packages
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_what_is_tested_is_what_runs() -> None:
    tested = pinned("requirements-test.txt")
    assert {name: tested.get(name) for name in pinned("requirements.txt")} == pinned("requirements.txt")


def test_no_file_names_a_place_of_one_machine() -> None:
    found = []
    for path in files_of_the_repository():
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if PLACES_OF_ONE_MACHINE.search(line):
                found.append(f"{short(path)}:{number}")
    assert found == []


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
def test_git_leaves_out_what_the_program_makes(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize("folder", ["inbox", "archive", "rejected"])
def test_git_keeps_the_three_folders(folder: str) -> None:
    assert (ROOT / folder / ".gitkeep").exists()
    assert not is_ignored(f"{folder}/.gitkeep")


def run_silently(program: str, *arguments: str) -> None:
    ended = subprocess.run([PROGRAMS / program, *arguments], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"


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
    # Whoever runs the tests need not be the one who owns the checkout.
    ended = subprocess.run(
        ["git", "-c", "safe.directory=*", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert ended.returncode in (0, 1), ended.stderr
    return ended
