"""One trial: a fault hits a kind while it is created or updated; the same command again must converge."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.e2e.rehearsal import quick
from tests.e2e.rehearsal.faults.kinds import of, write
from tests.e2e.rehearsal.kills.cloud import Seen, emulated, stack
from tests.e2e.rehearsal.kills.trial import UID, differs, state

#: What a command says of a fault that it could not get over.
CATEGORIES = {
    "429": "transient",
    "5xx": "transient",
    "timeout": "transient",
    "lost": "transient",
    "quota": "quota",
    "capacity": "quota",
}


class Ground:
    """Projects of one cloud that a trial begins with, and what clean runs leave; each made when it is first
    asked for."""

    def __init__(self, cloud: str, scratch: Path) -> None:
        self.cloud = cloud
        self.stack = stack(cloud)
        self.own = Path(".mlstack") / "rehearsal" / self.stack
        self.scratch = scratch
        self.clean = cache(self._clean)

    def run(self, root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        words = () if arguments[0] == "preview" else ("--yes", "--confirm", self.stack)
        return quick.mlstack(self.cloud, root, *arguments, "--json", "--rehearse", *words, **variables)

    def _clean(self, spec: str, operation: str) -> Path:
        """A project in which nothing went wrong."""
        root = self.start(spec, operation, self.scratch / f"{spec}-{operation}")
        variables = write(root, self.cloud, spec, more=operation == "update")
        done = self.run(root, "up", **variables)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return root

    def start(self, spec: str, operation: str, root: Path) -> Path:
        if operation == "update":
            return Path(shutil.copytree(self.clean(spec, "create"), root))
        (root / self.own).mkdir(parents=True)
        (root / self.own / f"Pulumi.{self.stack}.yaml").write_text(f"config:\n  mlstack:uid: {UID}\n")
        return root

    def trial(self, kind: str, operation: str, fault: str, root: Path, *, whole: bool = False) -> str | None:
        """What is not as it should be; None where all is. ``whole``: up to the preview and the end. Without,
        the state that is that of a clean run says that a preview has nothing to do."""
        where = of(self.cloud).KINDS[kind]
        clean = self.clean(where.spec, operation)
        self.start(where.spec, operation, root)
        variables = write(root, self.cloud, where.spec, more=operation == "update")
        (root / "faults.yaml").write_text(json.dumps({"faults": [where.rule(fault)]}))
        faulty = {**variables, "MLSTACK_FAULTS": "faults.yaml"}

        first = self.run(root, "up", **faulty)
        if not self._hit(root):
            return "the fault hit nothing"
        if problem := _wrong(first.returncode, first.stdout, fault, retried=where.path is not None):
            return f"{problem}\n{first.stdout[-1500:]}\n{first.stderr[-1500:]}"
        again = self.run(root, "up", **faulty)
        if again.returncode != 0:
            return f"the rerun ends with {again.returncode}\n{again.stdout[-1500:]}\n{again.stderr[-1500:]}"
        seen, wanted = self._seen(root), self._seen(clean)
        much, little = seen.more_than(wanted), wanted.more_than(seen)
        if much or little:
            return f"the cloud differs: too much {much[:5]}, too little {little[:5]}"
        if problem := differs(state(root, self.cloud), state(clean, self.cloud)):
            return problem
        return (self._busy(root, variables) or self._gone(root, variables)) if whole else None

    def _hit(self, root: Path) -> bool:
        """Whether the fault's turn came: the rehearsal counts the calls that a rule matches."""
        with sqlite3.connect(root / self.own / "world.sqlite") as world:
            found = world.execute("select sum(number) from counts where key like 'fault %'").fetchone()[0]
        world.close()
        return bool(found)

    def _seen(self, root: Path) -> Seen:
        return Seen.of(emulated(self.cloud, root / self.own), self.cloud)

    def _busy(self, root: Path, variables: Mapping[str, str]) -> str | None:
        done = self.run(root, "preview", **variables)
        if done.returncode or {op for op, n in json.loads(done.stdout)["summary"].items() if n} != {"same"}:
            return f"the preview after it has something to do\n{done.stdout[-1500:]}"
        return None

    def _gone(self, root: Path, variables: Mapping[str, str]) -> str | None:
        """After `down` there is only what the platform keeps, with its reason."""
        done = self.run(root, "down", **variables)
        if done.returncode:
            return f"down ends with {done.returncode}\n{done.stdout[-1500:]}"
        left = [each for each in json.loads(done.stdout)["warnings"] if each["code"] == "left-over"]
        return f"down leaves {left}" if left else None


def _wrong(code: int, stdout: str, fault: str, *, retried: bool) -> str | None:
    """What of a command's answer to a fault is not as it should be."""
    if code == 0:
        return None if retried or fault == "slow" else f"it says that all went well, after {fault}"
    if fault == "slow":
        return f"it ends with {code}, though a call was merely slow"
    if retried and fault in ("429", "5xx"):
        return f"it ends with {code}, though it had only to try again"
    error: dict[str, Any] = json.loads(stdout)["error"]
    if (code, error["category"]) != (1, CATEGORIES[fault]):
        return f"{fault}: exit code {code}, category {error['category']}"
    return None if error["remedy"] else "the error has no remedy"
