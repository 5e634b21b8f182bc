"""Every code fence of every page does what the page says."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mlstack.errors import SpecError
from mlstack.spec.load import load
from tests.docs.fences import ROOT, Fence, commands, fences, name, pages, runs_in
from tests.docs.setups import LAST, SETUPS, control_plane, copy_example
from tests.docs.shell import Shell, difference
from tests.testbed import BUILD_SECONDS

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

#: Fences that no test runs, over all pages.
MOST_SKIPPED = 4
#: Pages that every run has; the others are drawn.
ALWAYS = ("README.md", "docs/local.md", "serving/README.md")
PAGES = sorted((page for page in pages() if any(fences(page))), key=lambda page: name(page) == LAST)
BASE = ROOT / "examples" / "digits" / "mlstack.yaml"


def marks(page: Path) -> list[pytest.MarkDecorator]:
    some_days = [] if name(page) in ALWAYS else [pytest.mark.drawn(of=3)]
    builds = SETUPS.get(name(page)) is control_plane
    return [*some_days, *([pytest.mark.timeout(BUILD_SECONDS)] if builds else [])]


@pytest.mark.parametrize("page", [pytest.param(page, marks=marks(page), id=name(page)) for page in PAGES])
def test_page(page: Path, request: pytest.FixtureRequest, environment: dict[str, str]) -> None:
    folder: Path = request.getfixturevalue("digits" if name(page) == LAST else runs_in(page) or "own")
    if page.parent.parent == ROOT / "examples" and name(page) != LAST:
        copy_example(page.parent, folder)
    if setup := SETUPS.get(name(page)):
        setup(folder)
    shell = Shell(folder, environment)
    try:
        for fence in fences(page):
            if "skip" not in fence.options:
                check(fence, folder, shell, environment)
    finally:
        shell.close()


def test_few_fences_are_skipped_and_each_says_why() -> None:
    skipped = [fence for page in PAGES for fence in fences(page) if "skip" in fence.options]
    assert len(skipped) <= MOST_SKIPPED, [fence.place for fence in skipped]
    assert all(len(fence.options["skip"].split()) > 2 for fence in skipped)


def check(fence: Fence, folder: Path, shell: Shell, environment: Mapping[str, str]) -> None:
    if "from" in fence.options:
        held = (ROOT / fence.options["from"]).read_text()
        assert fence.text.strip() in held, f"{fence.place}: {fence.options['from']} does not hold this"
    elif "file" in fence.options:
        target = folder / fence.options["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(fence.text)
    else:
        known = [CHECKS[fence.language]] if fence.language in CHECKS else []
        assert known, f"{fence.place}: nothing here runs {fence.language!r}"
        known[0](fence, folder, shell, environment)


def check_console(fence: Fence, _folder: Path, shell: Shell, _environment: Mapping[str, str]) -> None:
    ports = {each: str(free_port()) for each in fence.options.get("port", "").split(",") if each}
    steps = list(commands(fence))
    for number, (command, shown) in enumerate(steps, start=1):
        for port, free in ports.items():
            command, shown = command.replace(port, free), shown.replace(port, free)
        if "asks" in fence.words:
            command = re.sub(r"^(mlstack (?:up|down)\b.*)$", r"\1 --yes", command, flags=re.MULTILINE)
        code, printed = shell.run(command)
        expected = int(fence.options.get("exit", 0)) if number == len(steps) else 0
        assert code == expected, f"{fence.place}: `{command}` ended with {code}\n{printed}"
        wrong = difference(shown, printed, ordered="unordered" not in fence.words)
        assert wrong is None, f"{fence.place}: `{command}`\n{wrong}"


def check_python(fence: Fence, folder: Path, _shell: Shell, environment: Mapping[str, str]) -> None:
    if "program" not in fence.words:
        run([sys.executable, "-c", fence.text], folder, environment, fence)
        return
    where = folder / f"program-{fence.line}"
    where.mkdir()
    (where / "Pulumi.yaml").write_text("name: docs\nruntime: python\n")
    (where / "__main__.py").write_text(fence.text)
    for given in ("data", "src", "digits.yaml"):
        if (folder / given).exists():
            (where / given).symlink_to(folder / given)
    run([str(Path(sys.executable).parent / "mlstack"), "preview"], where, environment, fence)


def check_yaml(fence: Fence, folder: Path, _shell: Shell, _environment: Mapping[str, str]) -> None:
    tree = YAML(typ="safe", pure=True).load(fence.text)
    assert isinstance(tree, dict), fence.place
    if "fragment" in fence.words:
        tree = merged(YAML(typ="safe", pure=True).load(BASE), tree)
    elif not re.match(r"(version|name):", fence.text):
        raise AssertionError(f"{fence.place}: a spec begins with version or name; else say `yaml fragment`")
    file = folder / f"fence-{fence.line}.yaml"
    YAML(typ="safe", pure=True).dump(tree, file)
    try:
        load(file)
    except SpecError as error:
        wrong = [each for each in error.problems if each.code not in ("missing-path", "wrong-path-type")]
        assert not wrong, f"{fence.place}: {wrong}"


def check_json(fence: Fence, _folder: Path, _shell: Shell, _environment: Mapping[str, str]) -> None:
    json.loads(fence.text)


def check_text(*_: Any) -> None:
    """Nothing to run."""


CHECKS: dict[str, Callable[[Fence, Path, Shell, Mapping[str, str]], None]] = {
    "console": check_console,
    "sh": check_console,
    "python": check_python,
    "yaml": check_yaml,
    "json": check_json,
    "text": check_text,
}


def run(arguments: list[str], folder: Path, environment: Mapping[str, str], fence: Fence) -> None:
    ran = subprocess.run(
        arguments,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, f"{fence.place}\n{ran.stdout}\n{ran.stderr}"


def merged(base: Any, over: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return base | {key: merged(base.get(key), value) for key, value in over.items()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
