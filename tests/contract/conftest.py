"""A small project made from nothing, the real command line in it, and the stack that it brings up."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

MLSTACK = Path(sys.executable).parent / "mlstack"
STACK = "dev-local"
CHANGES = {"create", "update", "replace", "delete"}
OPS = CHANGES | {"same", "read", "import", "refresh"}
CATEGORIES = {"user", "quota", "transient", "permission", "conflict", "engine", "bug"}

TRAIN = """\
import argparse
import pathlib

import joblib
import pandas
from sklearn.linear_model import LogisticRegression

parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--out", type=pathlib.Path)
args = parser.parse_args()

rows = pandas.read_csv(args.data)
model = LogisticRegression(max_iter=1000).fit(rows[["x", "y"]].to_numpy(), rows["label"])
args.out.mkdir(parents=True, exist_ok=True)
joblib.dump(model, args.out / "model.joblib")
print(f"trained on {len(rows)} rows")
"""

WITHOUT_ENDPOINT = f"""\
version: 1
name: contract
environments:
  sk: {{python: "{sys.version_info.major}.{sys.version_info.minor}", packages: [scikit-learn, pandas]}}
data:
  points: {{path: ./points.csv, type: file}}
jobs:
  train:
    command: python train.py --data ${{{{inputs.points}}}} --out ${{{{outputs.model}}}}
    code: ./src
    environment: sk
    inputs: {{points: data.points}}
    outputs: {{model: {{type: folder}}}}
models:
  clf: {{from: jobs.train.model}}
"""

SPEC = f"""\
{WITHOUT_ENDPOINT}endpoints:
  scores:
    auth: key
    deployments:
      main: {{model: clf, environment: sk, cpus: 1, traffic: 100}}
"""


def points() -> str:
    """Sixty rows in three clusters that a line parts cleanly: label 0 at (0, 0), 1 at (5, 0), 2 at (0, 5)."""
    rows = ["x,y,label"]
    for label, (x, y) in enumerate([(0, 0), (5, 0), (0, 5)]):
        rows += [f"{x + (n % 5) / 5},{y + (n // 5) / 4},{label}" for n in range(20)]
    return "\n".join(rows) + "\n"


@dataclass(frozen=True)
class Ran:
    """One run of the command line."""

    args: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        """Standard output, which with ``--json`` is one object and nothing else."""
        answer = json.loads(self.stdout)
        assert isinstance(answer, dict)
        return answer

    @property
    def change(self) -> dict[str, Any]:
        """The answer of ``preview``, ``up``, ``down`` or ``refresh``, in its shape."""
        assert self.code == 0, self
        answer = self.json
        assert set(answer) == {"stack", "cloud", "summary", "resources", "cost", "warnings", "outputs"}
        assert (answer["stack"], answer["cloud"]) == (STACK, "local")
        assert set(answer["summary"]) == CHANGES | {"same"}
        assert all(type(count) is int for count in answer["summary"].values())
        for resource in answer["resources"]:
            assert set(resource) == {"urn", "type", "name", "kind", "op", "diff", "inputs"}
            assert resource["urn"].startswith(f"urn:pulumi:{STACK}::contract::")
            assert resource["op"] in OPS
            for change in resource["diff"]:
                assert set(change) == {"path", "kind", "replace"}
                assert change["kind"] in {"add", "update", "delete"}
                assert type(change["replace"]) is bool
        for warning in answer["warnings"]:
            assert set(warning) == {"code", "resource", "field", "message"}
        assert isinstance(answer["outputs"], dict)
        return answer

    @property
    def changed(self) -> dict[str, int]:
        """How much of each op but ``same``, nothings left out."""
        return {op: count for op, count in self.change["summary"].items() if count and op != "same"}

    @property
    def error(self) -> dict[str, Any]:
        """The failure, in its shape."""
        assert set(self.json) == {"error"}, self
        error: dict[str, Any] = self.json["error"]
        assert set(error) == {"code", "category", "message", "where", "remedy"}
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", error["code"])
        assert error["category"] in CATEGORIES
        assert error["message"]
        assert error["remedy"]
        return error

    @property
    def states(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The rows of ``status`` by kind and name."""
        assert self.code == 0, self
        assert set(self.json) == {"stack", "cloud", "resources"}
        for row in self.json["resources"]:
            assert set(row) == {"kind", "name", "state", "detail", "url"}
        return {(row["kind"].lower().rstrip("s"), row["name"]): row for row in self.json["resources"]}

    def __str__(self) -> str:
        return f"{self.args} -> {self.code}\n{self.stdout[-3000:]}\n{self.stderr[-3000:]}"


@dataclass
class Project:
    """A folder in which mlstack is run; it remembers everything that was said."""

    folder: Path
    ran: list[Ran] = field(default_factory=list)
    up: Ran | None = None
    failed: Ran | None = None

    def write(self, spec: str) -> None:
        (self.folder / "src").mkdir(parents=True, exist_ok=True)
        (self.folder / "src" / "train.py").write_text(TRAIN)
        (self.folder / "points.csv").write_text(points())
        (self.folder / "mlstack.yaml").write_text(spec)

    def run(self, *args: str, stdin: str | None = None, timeout: float = 120) -> Ran:
        """``mlstack ARGS`` in the folder; with ``stdin`` None, nobody is there to answer."""
        with subprocess.Popen(
            [MLSTACK, *args],
            cwd=self.folder,
            env=environment(),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            process_group=0,
        ) as process:
            try:
                stdout, stderr = process.communicate(stdin, timeout=timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        self.ran.append(Ran(args, process.returncode, stdout, stderr))
        assert "Traceback" not in stderr, self.ran[-1]
        return self.ran[-1]

    def bring_up(self) -> None:
        self.write(SPEC)
        if self.failed is None:
            up = self.run("up", "--cloud", "local", "--yes", "--json", timeout=300)
            self.up, self.failed = (up, None) if up.code == 0 else (None, up)
        assert self.failed is None, f"one failed up is enough for all tests: {self.failed}"

    def take_down(self) -> Ran:
        self.up = None
        return self.run("down", "--yes", "--json")

    def outputs(self, *args: str) -> dict[str, Any]:
        ran = self.run("outputs", "--json", *args)
        assert ran.code == 0, ran
        return ran.json

    def endpoint(self) -> tuple[str, str]:
        """The POST address and the key."""
        shown = self.outputs("--show-secrets")["endpoints"]["scores"]
        return shown["url"], shown["key"]


def environment() -> dict[str, str]:
    """This one, less what would lead to another backend, keyring or way of printing."""
    elsewhere = {"PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_STACK"}
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in elsewhere and not key.startswith("PULUMI_CONFIG_PASSPHRASE")
    }
    plain = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "300"}
    return kept | plain | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    """A folder with nothing in it."""
    return Project(tmp_path)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Project]:
    """The project before its first ``up``."""
    project = Project(tmp_path / "fresh")
    project.write(SPEC)
    yield project
    if (project.folder / ".mlstack").exists():
        project.take_down()


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("contract") / "project")
    yield project
    if (project.folder / ".mlstack").exists():
        down = project.take_down()
        assert down.code == 0, down


@pytest.fixture
def served(project: Project) -> Project:
    """The project with its endpoint up; a test that takes it away sets ``up`` to None."""
    if project.up is None:
        project.bring_up()
    return project
