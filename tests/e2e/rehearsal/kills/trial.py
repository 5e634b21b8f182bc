"""One trial: a command is killed at one boundary; what comes after must put everything right."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tests.e2e.project import EXAMPLE
from tests.e2e.rehearsal.clouds import alike, known
from tests.e2e.rehearsal.kills import plain
from tests.e2e.rehearsal.kills.cloud import Seen, copy, served, stack
from tests.e2e.rehearsal.quick import Started, run

#: The same in every trial, so that physical names are.
UID = "5ca1ab1e"
COMMANDS = {
    "up": ["up", "--yes", "--json"],
    "change": ["up", "--yes", "--json", "--confirm"],
    "down": ["down", "--yes", "--json", "--confirm"],
}


class Boundary(NamedTuple):
    """Before or after the so-many-th call of one method about one resource."""

    method: str
    resource: str
    side: str
    number: str


@dataclass
class Base:
    """A project with its cloud, from which copies are made: ``folder`` has both."""

    folder: Path
    cloud: str

    @property
    def root(self) -> Path:
        return self.folder / "project"

    @property
    def world(self) -> Path:
        return self.folder / "cloud"

    def copied(self, target: Path) -> Base:
        shutil.copytree(self.root, target / "project", symlinks=True)
        copy(self.world, target / "cloud")
        return Base(target, self.cloud)


@dataclass(frozen=True)
class Clean:
    """What an undisturbed run leaves, and the boundaries that it passes."""

    boundaries: list[Boundary]
    seen: Seen
    state: Mapping[str, str]


def fresh(folder: Path, cloud: str) -> Base:
    """A project that has never been up."""
    base = Base(folder, cloud)
    ignored = shutil.ignore_patterns(".mlstack", "Pulumi.*.yaml", "__pycache__")
    shutil.copytree(EXAMPLE, base.root, ignore=ignored)
    with (base.root / "mlstack.yaml").open("a") as stream:
        stream.write(f"\ncloud: {cloud}\nregion: {known(cloud).REGION}\n{plain.of(cloud).SPEC}")
    (base.root / f"Pulumi.{stack(cloud)}.yaml").write_text(f"config:\n  mlstack:uid: {UID}\n")
    with served(cloud, base.world, base.root):
        pass
    return base


def change(base: Base) -> None:
    file = base.root / "mlstack.yaml"
    text = file.read_text()
    for old, new in plain.of(base.cloud).CHANGES:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)


def state(root: Path, cloud: str) -> dict[str, str]:
    """What the state holds by URN: ids and inputs, so that the same state leaves a preview nothing to do.
    What is pending is in it as well, and what the engine means to look at first."""
    (file,) = root.glob(".mlstack/**/stacks/*/dev-*.json")
    latest = json.loads(file.read_text())["checkpoint"]["latest"]
    held = {
        each["urn"]: alike(
            cloud, json.dumps([each.get("id"), each.get("refreshBeforeUpdate"), _compared(each)])
        )
        for each in latest.get("resources") or []
        if not each["type"].startswith("pulumi:")
    }
    pending = latest.get("pending_operations") or []
    return held | {f"{each['resource']['urn']} {each['type']}": "pending" for each in pending}


def _compared(resource: Mapping[str, Any]) -> Any:
    """The inputs, without those whose changes are ignored: they are what was read last, if anything was."""
    inputs = _plain(resource.get("inputs"))
    for path in resource.get("ignoreChanges") or ():
        *above, last = path.split(".")
        within = inputs
        for key in above:
            within = within.get(key, {})
        within.pop(last, None)
    return inputs


def _plain(value: Any) -> Any:
    """Without what encryption makes of a secret, which is another each time."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in sorted(value.items()) if key != "ciphertext"}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def differs(held: Mapping[str, str], clean: Mapping[str, str]) -> str | None:
    """How a state is another than that of a clean run; None where it is not."""
    apart = sorted(held.items() ^ clean.items())
    return f"the state differs: {str(apart[:4])[:2000]}" if apart else None


@contextmanager
def trapped(
    base: Base, scratch: Path, environment: Mapping[str, str], *trap: str
) -> Iterator[dict[str, str]]:
    """The environment that leads to the cloud through a trap."""
    ports = scratch / "ports"
    ports.unlink(missing_ok=True)
    command = [str(Path(__file__).with_name("trap.py")), str(ports), str(scratch / "calls"), *trap]
    variables = {**os.environ, **environment, "MLSTACK_ROOT": str(base.root)}
    process = Started(base.cloud, command, base.root, variables)
    try:
        while not ports.exists():
            assert process.runs, "the trap did not start"
            time.sleep(0.02)
        yield {**os.environ, **environment, "PULUMI_DEBUG_PROVIDERS": ports.read_text()}
    finally:
        process.kill()


def enumerated(command: list[str], base: Base, scratch: Path) -> tuple[list[Boundary], Seen]:
    """The boundaries of a command that nobody disturbs, and the cloud after it."""
    with (
        served(base.cloud, base.world, base.root) as (emulated, environment),
        trapped(base, scratch, environment) as variables,
    ):
        done = run(base.cloud, command, base.root, variables)
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        passed = [Boundary(*line.split()) for line in (scratch / "calls").read_text().splitlines()]
        return passed, Seen.of(emulated, base.cloud)


@contextmanager
def killed(
    command: list[str],
    base: Base,
    scratch: Path,
    environment: Mapping[str, str],
    boundary: Boundary,
    victim: str,
) -> Iterator[int]:
    """Run the command with the victim killed at the boundary. Yields while the trap is still there, as a real
    provider would be: an engine whose command died ends by itself what it has begun."""
    victim_file = scratch / "victim"
    with trapped(base, scratch, environment, *boundary, str(victim_file)) as variables:
        process = Started(base.cloud, command, base.root, variables)
        victim_file.write_text(f"{victim} {process.pid}")
        code = process.ended(400).returncode
        passed = (scratch / "calls").read_text().split("\n")
        assert " ".join(boundary) in passed, "the boundary was never reached"
        assert code != 0, f"it says that it succeeded, with its {victim} killed"
        yield code


def engines(root: Path) -> list[psutil.Process]:
    """Engines that still work for a folder."""
    found = []
    for process in psutil.process_iter(["name", "cmdline", "environ"]):
        if process.info["name"] == "pulumi" and str(root) in json.dumps(
            [process.info["cmdline"], process.info["environ"]]
        ):
            found.append(process)
    return found
