"""An ejected program changes nothing, makes the same on an empty cloud, and is open to change."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.e2e import plain
from tests.e2e.project import EXAMPLE, MLSTACK, mlstack
from tests.e2e.rehearsal.clouds import alike

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

TOKEN = "hf-canary-1c9ab2"
#: Folders whose stacks can be up on a target. Of the first about half are in a run, all are in the soak.
DRAWN = [("digits", "azure"), ("digits", "aws"), ("digits", "gcp")]
OTHERS = [
    (example, target)
    for target, examples in {
        "azure": ("blue-green", "batch", "kitchen-sink", "pulumi-program"),
        "aws": ("blue-green", "batch", "kitchen-sink"),
        "gcp": ("kitchen-sink",),
        "local": ("digits", "blue-green", "batch", "kitchen-sink", "pulumi-program"),
    }.items()
    for example in examples
]
CASES = [
    *(pytest.param(case, id="-".join(case), marks=pytest.mark.drawn(of=2)) for case in DRAWN),
    *(pytest.param(case, id="-".join(case), marks=pytest.mark.soak) for case in OTHERS),
]
#: One value of a target's programs, and another one; of an example's own where the usual one is not in it.
CHANGES = {
    "kitchen-sink-aws": ("max_capacity=5", "max_capacity=6"),
    "kitchen-sink-gcp": ("threshold_percent=0.8", "threshold_percent=0.7"),
    "azure": ("capacity=1", "capacity=2"),
    "local": ('"replicas": 1', '"replicas": 2'),
    "aws": ("noncurrent_days=30", "noncurrent_days=31"),
    "gcp": ("age=7", "age=8"),
}


@dataclass(frozen=True)
class Up:
    """A stack that is up: its folder and the folder of its ejected program."""

    root: Path
    folder: Path
    target: str

    @property
    def stack(self) -> str:
        return f"dev-{self.target}"

    @property
    def name(self) -> str:
        return str(YAML(typ="safe", pure=True).load(self.folder / "Pulumi.yaml")["name"])

    @property
    def backend(self) -> Path:
        rehearsed = self.root / ".mlstack" / "rehearsal" / self.stack
        return (rehearsed if self.target != "local" else self.root / ".mlstack") / "state"

    def plain(
        self, operation: str, *, root: Path | None = None, backend: Path | None = None
    ) -> dict[str, str]:
        """What Pulumi alone makes of each resource of the ejected program; with ``root``, another folder with
        the spec, in that one's cloud."""
        command = [sys.executable, plain.__file__, str(self.folder), self.stack, operation]
        variables = plain.environment(backend or self.backend, HF_TOKEN=TOKEN)
        if root is None:
            variables["MLSTACK_ROOT"] = str(self.root)
        done = run(self.served(command), root or self.root, variables)
        found: dict[str, str] = json.loads(done.splitlines()[-1])
        return found

    def served(self, command: list[str]) -> list[str]:
        """The command with the emulated cloud, where there is one."""
        serve = [str(MLSTACK), "rehearsal", "serve", "-s", self.stack, "--cloud", self.target, "--"]
        return command if self.target == "local" else [*serve, *command]

    def resources(self, backend: Path) -> dict[str, Mapping[str, Any]]:
        return plain.resources(backend, self.name, self.stack)


def run(command: list[str], folder: Path, variables: Mapping[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def copied(example: str, folder: Path) -> Path:
    ignored = shutil.ignore_patterns(".mlstack", "Pulumi.dev-*.yaml", "__pycache__")
    return Path(shutil.copytree(EXAMPLE.parent / example, folder / example, ignore=ignored))


@pytest.fixture(scope="module", params=CASES)
def up(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    example, target = request.param
    folder = tmp_path_factory.mktemp(example)
    root = copied(example, folder)
    options = ("--cloud", target) if target == "local" else ("--cloud", target, "--rehearse")
    try:
        made = mlstack(root, "up", "--yes", "--json", *options, HF_TOKEN=TOKEN)
        assert made.returncode == 0, f"{made.stdout}\n{made.stderr}"
        plain = folder / "plain"
        done = mlstack(root, "eject", str(plain), "--json", *options, HF_TOKEN=TOKEN)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        (plain / ".venv").symlink_to(sys.prefix)  # what `pulumi install` would make
        yield Up(root, plain, target)
    finally:
        mlstack(root, "down", "--yes", "--json", *options, HF_TOKEN=TOKEN)


def test_nothing_changes(up: Up) -> None:
    seen = up.plain("preview")

    assert {urn: op for urn, op in seen.items() if op != "same"} == {}
    assert seen.keys() == up.resources(up.backend).keys()


def test_a_change_of_one_value_is_one_update(up: Up) -> None:
    program = up.folder / "__main__.py"
    old, new = CHANGES.get(f"{up.root.name}-{up.target}") or CHANGES[up.target]
    text = program.read_text()
    if up.root.name == "batch" and up.target == "azure":
        pytest.skip("a batch endpoint has no capacity of its own")
    assert old in text
    try:
        program.write_text(text.replace(old, new, 1))
        changed = {urn: op for urn, op in up.plain("preview").items() if op != "same"}
    finally:
        program.write_text(text)

    assert list(changed.values()) == ["update"], changed


@pytest.mark.drawn(of=3)
def test_it_makes_the_same_on_an_empty_cloud(up: Up, tmp_path: Path) -> None:
    if up.target == "local":
        pytest.skip("there is one such machine")
    if (up.root.name, up.target) == ("kitchen-sink", "gcp"):
        pytest.skip("a batch endpoint's settings name a version, which another project counts anew")
    fresh = copied(up.root.name, tmp_path)
    before = up.resources(up.backend)

    made = up.plain("up", root=fresh, backend=tmp_path / "state")

    assert set(made.values()) == {"create"}
    assert made.keys() == before.keys()
    after = up.resources(tmp_path / "state")
    for urn, resource in before.items():
        assert settled(up.target, after[urn]) == settled(up.target, resource), urn
        assert options(after[urn]) == options(resource), urn


def test_it_reads_well(up: Up) -> None:
    program = up.folder / "__main__.py"
    for words in (("check",), ("format", "--check")):
        run([sys.executable, "-m", "ruff", *words, "--isolated", str(program)], up.folder, {})
    text = program.read_text()
    ours = [line.split()[1] for line in text.splitlines() if re.match(r"(import|from) mlstack", line)]
    assert ours == (["mlstack.gap"] if "GapResource(" in text else [])
    assert ("mlstack==" in (up.folder / "requirements.txt").read_text()) == bool(ours)


def test_no_secret_is_in_it(up: Up) -> None:
    files = [each for each in up.folder.rglob("*") if each.is_file() and ".venv" not in each.parts]
    assert not [each for each in files if TOKEN.encode() in each.read_bytes()]
    keys = [each for each in secrets(up) if len(each) > 5]
    assert not [each for each in files for key in keys if key.encode() in each.read_bytes()]


@pytest.mark.drawn(of=3)
@pytest.mark.skipif(
    shutil.which("pulumi-language-python") is None, reason="no pulumi-language-python on PATH"
)
def test_the_command_line_of_pulumi_runs_it(up: Up) -> None:
    command = ["pulumi", "--cwd", str(up.folder), "preview", "--stack", up.stack, "--expect-no-changes"]
    run(up.served(command), up.root, plain.environment(up.backend, MLSTACK_ROOT=str(up.root), HF_TOKEN=TOKEN))


def secrets(up: Up) -> list[str]:
    """The values that the stack exports as secrets."""
    options = ("--cloud", up.target) if up.target == "local" else ("--cloud", up.target, "--rehearse")
    shown, masked = (
        json.loads(mlstack(up.root, "outputs", "--json", *more, *options, HF_TOKEN=TOKEN).stdout)
        for more in (("--show-secrets",), ())
    )
    return list(hidden(shown, masked))


def hidden(shown: Any, masked: Any) -> Iterator[str]:
    if masked == "[secret]":
        yield str(shown)
    elif isinstance(shown, dict):
        for key in shown:
            yield from hidden(shown[key], masked[key])


def settled(target: str, resource: Mapping[str, Any]) -> str:
    """Its inputs without what a cloud chooses as things come: a suffix, the number of a version."""
    text = alike(target, json.dumps(inputs(resource), sort_keys=True))
    return re.sub(r"(/models/[^\"@]+@)\d+", r"\1N", text)


def inputs(resource: Mapping[str, Any]) -> Any:
    """What a resource was asked to be; secrets, each encrypted anew, aside."""
    return without_secrets(resource.get("inputs"))


def without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        if "ciphertext" in value:
            return "a secret"
        return {key: without_secrets(item) for key, item in value.items()}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def options(resource: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("parent", "protect", "retainOnDelete", "ignoreChanges", "deletedWith", "customTimeouts")
    return {key: resource.get(key) for key in kept}
